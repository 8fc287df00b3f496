/** What a run that writes owes to others: one at a time, no plan twice, and a journal of all of it. */
import { resolve } from 'node:path';
import type { Plan } from '../domain/change.js';
import { problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import type { RunJournal } from '../apply/ports.js';
import { Journal } from '../journal/journal.js';
import { acquireLease } from '../journal/lease.js';
import type { Lease } from '../journal/lease.js';
import { runJournalOf } from '../journal/run-journal.js';
import type { Io } from './io.js';
import type { Workspace } from './workspace.js';

/** The right to write, for one run, and the journal that it writes down. */
export interface WritingRun {
  readonly journal: RunJournal;
  /** To be asked before each write. */
  readonly mustBeHeld: () => Promise<void>;
  /** Aborts when another run has taken over. */
  readonly lost: AbortSignal;
  /** What was found on the way. */
  readonly findings: () => readonly Diagnostic[];
  readonly end: () => Promise<void>;
}

/**
 * Begins a run that writes: takes the lease of the journal, opens it, and refuses a saved plan that is
 * spent.
 *
 * @throws AppError `lease.held`, `journal.*` or `plan.spent`
 */
export const beginWriting = async (
  { settings, root }: Workspace,
  io: Pick<Io, 'clock'>,
  run: string,
  saved: Plan | null,
): Promise<WritingRun> => {
  const { store, keepMs } = settings.journal;
  const folder = resolve(root, 'folder' in store ? store.folder : '.wrapkeeper');
  const lease = await acquireLease({ folder, run, clock: io.clock });
  try {
    const { journal, diagnostics } = await Journal.open({ folder, keepMs, clock: io.clock });
    if (saved !== null) mustBeUnspent(journal, saved);
    return {
      journal: runJournalOf(journal),
      mustBeHeld: lease.mustBeHeld,
      lost: lease.lost,
      findings: () => [...diagnostics, ...lostLease(lease)],
      end: async () => {
        await journal.close();
        await lease.release();
      },
    };
  } catch (error) {
    await lease.release();
    throw error;
  }
};

const mustBeUnspent = ({ state }: Journal, { seal, createdAt }: Plan): void => {
  const spent = state.spent(seal);
  if (spent === null) return;
  throw new AppError(
    'plan.spent',
    `The plan of ${createdAt} was applied to its end at ${spent.at}, by the run ${spent.run}.`,
  );
};

const lostLease = ({ lost }: Lease): readonly Diagnostic[] =>
  lost.aborted && lost.reason instanceof AppError
    ? [problem({ code: lost.reason.code, message: lost.reason.message })]
    : [];
