/** What a run that writes owes to others on this machine: one at a time, and no plan twice. */
import { resolve } from 'node:path';
import type { ApplyReport, Plan, RowOutcome } from '../domain/change.js';
import { problem, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import { acquireLease } from '../journal/lease.js';
import type { Lease } from '../journal/lease.js';
import { findSpent, markSpent } from '../journal/spent-plans.js';
import { changesToJudge } from '../plan/forecast.js';
import type { Io } from './io.js';
import type { Workspace } from './workspace.js';

/** The right to write, for one run. */
export interface WritingRun {
  /** To be asked before each write. */
  readonly mustBeHeld: () => Promise<void>;
  /** Aborts when another run has taken over. */
  readonly lost: AbortSignal;
  /** Notes a saved plan that was applied to its end. Tells what could not be noted, and throws nothing. */
  readonly conclude: (saved: Plan | null, report: ApplyReport) => Promise<readonly Diagnostic[]>;
  readonly end: () => Promise<void>;
}

/**
 * Begins a run that writes: takes the lease of the journal folder, and refuses a saved plan that is spent.
 *
 * @throws AppError `lease.held`, `plan.spent` or `journal.unwritable`
 */
export const beginWriting = async (
  { settings, root }: Workspace,
  io: Pick<Io, 'clock'>,
  run: string,
  saved: Plan | null,
): Promise<WritingRun> => {
  const { store } = settings.journal;
  // A branch takes the place of both, with a version that keeps one.
  if ('branch' in store) return UNGUARDED;
  const folder = resolve(root, store.folder);
  const lease = await acquireLease({ folder, run, clock: io.clock });
  try {
    if (saved !== null) await mustBeUnspent(folder, saved);
  } catch (error) {
    await lease.release();
    throw error;
  }
  return {
    mustBeHeld: lease.mustBeHeld,
    lost: lease.lost,
    end: lease.release,
    conclude: async (plan, report) => [
      ...lostLease(lease),
      ...(plan === null || !isSpentBy(plan, report) ? [] : await note(folder, plan, run, io)),
    ],
  };
};

const UNGUARDED: WritingRun = {
  mustBeHeld: () => Promise.resolve(),
  lost: new AbortController().signal,
  conclude: () => Promise.resolve([]),
  end: () => Promise.resolve(),
};

const mustBeUnspent = async (folder: string, { seal, createdAt }: Plan): Promise<void> => {
  const spent = await findSpent(folder, seal);
  if (spent === null) return;
  throw new AppError(
    'plan.spent',
    `The plan of ${createdAt} was applied to its end at ${spent.at}, by the run ${spent.run}.`,
  );
};

/** A plan is spent once everything that it could write is there: by this run, or already. */
const isSpentBy = (plan: Plan, report: ApplyReport): boolean => {
  const isThere = ({ outcome }: { readonly outcome: RowOutcome }): boolean =>
    outcome === 'applied' || outcome === 'in-sync';
  const queues = new Set(report.queues.filter(isThere).map(({ id }) => id));
  const codes = new Set(report.catalog.filter(isThere).map(({ name }) => name));
  const { create, rename } = plan.catalog;
  return (
    changesToJudge(plan).every(({ id }) => queues.has(id)) &&
    [...create.map(({ name }) => name), ...rename.map(({ to }) => to)].every((name) =>
      codes.has(name),
    )
  );
};

const note = async (
  folder: string,
  { seal, expiresAt }: Plan,
  run: string,
  { clock }: Pick<Io, 'clock'>,
): Promise<readonly Diagnostic[]> => {
  try {
    await markSpent(folder, { seal, run, at: new Date(clock.now()).toISOString(), expiresAt });
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [
      warning({
        code: error.code,
        message: `That the plan is spent could not be noted: ${error.message}`,
      }),
    ];
  }
};

const lostLease = ({ lost }: Lease): readonly Diagnostic[] =>
  lost.aborted && lost.reason instanceof AppError
    ? [problem({ code: lost.reason.code, message: lost.reason.message })]
    : [];
