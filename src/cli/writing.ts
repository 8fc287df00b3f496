/** What a run that writes owes to others: one at a time, no plan twice, and a journal of all of it. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Plan } from '../domain/change.js';
import { problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import type { JournalHead } from '../domain/journal.js';
import type { RunJournal } from '../apply/ports.js';
import { BranchLease, mustBeFree } from '../journal/branch-lease.js';
import { Journal } from '../journal/journal.js';
import { acquireLease } from '../journal/lease.js';
import { runJournalOf } from '../journal/run-journal.js';
import { copyBranch } from './branch-journal.js';
import type { Io } from './io.js';
import type { Workspace } from './workspace.js';

/** The right to write, for one run, and the journal that it writes down. */
export interface WritingRun {
  readonly journal: RunJournal;
  /** To be asked before each write. */
  readonly mustBeHeld: () => Promise<void>;
  /** Aborts when another run has taken over. */
  readonly lost: AbortSignal;
  /** The last record that is safe where the journal is kept. */
  readonly kept: () => JournalHead;
  /** Gives everything back; called once. Tells what was found on the way, and throws nothing. */
  readonly end: () => Promise<readonly Diagnostic[]>;
}

type Writer = Pick<Io, 'clock' | 'env'>;

/**
 * Begins a run that writes: takes the lease of the journal, opens it, and refuses a saved plan that is
 * spent.
 *
 * @throws AppError `lease.held`, `journal.*` or `plan.spent`
 */
export const beginWriting = async (
  workspace: Workspace,
  io: Writer,
  run: string,
  saved: Plan | null,
): Promise<WritingRun> => {
  const { store } = workspace.settings.journal;
  return 'branch' in store
    ? beginOnBranch(workspace, io, run, saved, store.branch)
    : beginInFolder(workspace, io, run, saved, store.folder);
};

const beginInFolder = async (
  { root, settings }: Workspace,
  { clock }: Writer,
  run: string,
  saved: Plan | null,
  place: string,
): Promise<WritingRun> => {
  const folder = resolve(root, place);
  const lease = await acquireLease({ folder, run, clock });
  try {
    const { keepMs } = settings.journal;
    const { journal, diagnostics } = await Journal.open({ folder, keepMs, clock });
    mustBeUnspent(journal, saved);
    return {
      journal: runJournalOf(journal),
      mustBeHeld: lease.mustBeHeld,
      lost: lease.lost,
      kept: () => journal.state.head,
      end: async () => {
        const failures = await failuresOf(() => journal.close());
        await lease.release();
        return [...diagnostics, ...lostLease(lease), ...failures];
      },
    };
  } catch (error) {
    await lease.release();
    throw error;
  }
};

const beginOnBranch = async (
  workspace: Workspace,
  io: Writer,
  run: string,
  saved: Plan | null,
  branch: string,
): Promise<WritingRun> => {
  const { clock } = io;
  const copy = await copyBranch(workspace, io, branch, 'end');
  try {
    const { folder } = copy;
    const { keepMs } = workspace.settings.journal;
    const { journal, diagnostics } = await Journal.open({ folder, keepMs, clock });
    mustBeFree(journal.state.lease, { branch, run, clock });
    mustBeUnspent(journal, saved);
    const push = (): Promise<void> => copy.push(`Run ${run}`);
    const lease = new BranchLease({ branch, journal, run, holder: hostname(), clock, push });
    return {
      journal: runJournalOf(journal, lease),
      mustBeHeld: lease.mustBeHeld,
      lost: lease.lost,
      kept: () => lease.kept,
      end: async () => {
        try {
          const failures = await failuresOf(() => lease.finish());
          return [...diagnostics, ...lostLease(lease), ...failures];
        } finally {
          await copy.remove();
        }
      },
    };
  } catch (error) {
    await copy.remove();
    throw error;
  }
};

const mustBeUnspent = ({ state }: Journal, plan: Plan | null): void => {
  const spent = plan === null ? null : state.spent(plan.seal);
  if (plan === null || spent === null) return;
  throw new AppError(
    'plan.spent',
    `The plan of ${plan.createdAt} was applied to its end at ${spent.at}, by the run ${spent.run}.`,
  );
};

const lostLease = ({ lost }: { readonly lost: AbortSignal }): readonly Diagnostic[] =>
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
