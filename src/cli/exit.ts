/** What the process ends with. The same in every format. */
import type { ApplyReport, Plan } from '../domain/change.js';
import { EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';

/** A signal decides whatever else happened; null where none came. */
export const exitOfSignal = ({ aborted, reason }: AbortSignal): ExitCode | null => {
  if (!aborted) return null;
  return reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
};

/** With `--detailed-exitcode`, a plan with anything in it is told apart. */
export const exitOfPlan = (
  { queues, held, catalog }: Pick<Plan, 'queues' | 'held' | 'catalog'>,
  detailed: boolean,
): ExitCode => {
  const found = queues.length + held.length + catalog.create.length + catalog.rename.length;
  return detailed && found > 0 ? EXIT.changes : EXIT.done;
};

/**
 * With w rows in which any write took effect, and f, s, n rows that failed, were stale, or were not
 * attempted: f+s+n = 0 → 0; else w > 0 → 3; else f+n > 0 → 1; else 5. The outcome of a report is drawn
 * from the same table.
 */
const OF_OUTCOME: Readonly<Record<ApplyReport['outcome'], ExitCode>> = {
  applied: EXIT.done,
  nothing: EXIT.done,
  held: EXIT.done,
  partial: EXIT.partial,
  failed: EXIT.error,
  refused: EXIT.refused,
  stale: EXIT.stale,
};

export const exitOfReport = ({ outcome }: Pick<ApplyReport, 'outcome'>): ExitCode =>
  OF_OUTCOME[outcome];
