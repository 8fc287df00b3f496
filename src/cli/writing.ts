/** What a run that writes owes to others: one at a time, no plan twice, a journal and events of all of it. */
import type { Plan } from '../domain/change.js';
import { problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import type { AppliedCommit, JournalHead } from '../domain/journal.js';
import type { RunJournal } from '../apply/ports.js';
import type { Journal } from '../journal/journal.js';
import { runJournalOf } from '../journal/run-journal.js';
import { openDelivery, toldOf } from './delivery.js';
import type { Delivery } from './delivery.js';
import { holdJournal } from './held-journal.js';
import type { HeldJournal, Holder } from './held-journal.js';
import type { Io } from './io.js';

/** So long may delivering events take after the last write. */
const DELIVERY_MS = 30_000;

/** The right to write, for one run, and the journal that it writes down. */
export interface WritingRun {
  readonly journal: RunJournal;
  /** The commits that earlier runs applied, the last one first. */
  readonly applied: readonly AppliedCommit[];
  /** To be asked before each write. */
  readonly mustBeHeld: () => Promise<void>;
  /** Aborts when another run has taken over. */
  readonly lost: AbortSignal;
  /** The last record that is safe where the journal is kept. */
  readonly kept: () => JournalHead;
  /**
   * Sends the events, where somebody has time for that, and gives everything back; called once. Tells what was
   * found on the way, and throws nothing.
   */
  readonly end: (hasTime: boolean) => Promise<readonly Diagnostic[]>;
}

/**
 * Begins a run that writes: takes the lease of the journal, opens it, and refuses a saved plan that is
 * spent.
 *
 * @throws AppError `lease.held`, `journal.*` or `plan.spent`
 */
export const beginWriting = async (
  workspace: Holder,
  io: Pick<Io, 'clock' | 'random' | 'env' | 'signal'>,
  run: string,
  saved: Plan | null,
): Promise<WritingRun> => {
  const held = await holdJournal(workspace, io, run);
  const { journal, sharing, mustBeHeld, lost, kept } = held;
  try {
    mustBeUnspent(journal, saved);
    const delivery = await openDelivery(workspace, io, journal);
    return {
      // Nobody is told of a record that is not pushed yet: he might look for it in vain.
      journal: runJournalOf(journal, sharing, sharing.isShared ? undefined : delivery.notify),
      applied: journal.state.applied,
      mustBeHeld,
      lost,
      kept,
      end: (hasTime) => endOf(held, delivery, hasTime),
    };
  } catch (error) {
    await held.close();
    throw error;
  }
};

const endOf = async (
  held: HeldJournal,
  delivery: Delivery,
  hasTime: boolean,
): Promise<readonly Diagnostic[]> => {
  // What somebody is told of must be there for others first.
  const delivers = hasTime && delivery.isAwaited();
  const unshared = delivers ? await failuresOf(held.share) : [];
  if (delivers && unshared.length === 0) await delivery.drain(DELIVERY_MS);
  await delivery.stop();
  const unclosed = await failuresOf(held.close);
  return [
    ...held.diagnostics,
    ...lostLease(held),
    ...(unclosed.length > 0 ? unclosed : unshared),
    ...delivery.findings,
    ...toldOf(delivery.left()),
  ];
};

const mustBeUnspent = ({ state }: Journal, plan: Plan | null): void => {
  const spent = plan === null ? null : state.spent(plan.seal);
  if (plan === null || spent === null) return;
  throw new AppError(
    'plan.spent',
    `The plan of ${plan.createdAt} was applied to its end at ${spent.at}, by the run ${spent.run}.`,
  );
};

const lostLease = ({ lost }: Pick<HeldJournal, 'lost'>): readonly Diagnostic[] =>
  lost.aborted && lost.reason instanceof AppError
    ? [problem({ code: lost.reason.code, message: lost.reason.message })]
    : [];

/** What is done is done: that not all of it could be kept is told. */
const failuresOf = async (does: () => Promise<void>): Promise<readonly Diagnostic[]> => {
  try {
    await does();
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [
      problem({
        code: error.code,
        message: `The end of this run could not be kept in the journal: ${error.message}`,
        remedy: 'The next run settles what is missing by reading the organization.',
      }),
    ];
  }
};
