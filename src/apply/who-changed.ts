/** Who changed the queues that were found stale. */
import type { QueueRow } from '../domain/change.js';
import type { Clock } from '../domain/clock.js';
import { warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { Author, LastChange, OrgReader } from './ports.js';

/** For all queues together: the report is ready, and somebody waits for it. */
const WITHIN_MS = 5_000;
/** A plan is a little younger than what it was made from, and two clocks are never the same. */
const OVERLAP_MS = 60_000;

export interface WhoChangedOptions {
  readonly reader: Pick<OrgReader, 'lastChanges'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** When the plan was made, in milliseconds since the epoch. */
  readonly plannedAt: number;
}

export interface ToldRows {
  readonly rows: readonly QueueRow[];
  /** A warning where the platform could not be asked. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Rows that ended `stale`, with who changed the queue since it was planned, as far as the platform tells
 * within a few seconds. A run that was stopped asks nobody.
 */
export const withWhoChanged = async (
  rows: readonly QueueRow[],
  { reader, clock, signal, plannedAt }: WhoChangedOptions,
): Promise<ToldRows> => {
  const stale = rows.filter(({ outcome }) => outcome === 'stale').map(({ id }) => id);
  if (stale.length === 0 || signal.aborted) return { rows, diagnostics: [] };
  const changes = await reader.lastChanges(stale, {
    since: plannedAt - OVERLAP_MS,
    until: clock.now(),
    withinMs: WITHIN_MS,
    signal,
  });
  return {
    rows: rows.map((row) => {
      const change = changes.get(row.id);
      const told = change === undefined ? null : describe(change, row, plannedAt);
      return told === null ? row : { ...row, reason: `${row.reason ?? ''}; ${told}` };
    }),
    diagnostics: notTold([...changes.values()]),
  };
};

const describe = (change: LastChange, { steps }: QueueRow, plannedAt: number): string | null => {
  if (change.by === 'unknown') return null;
  const { author, at } = change;
  // What this run has written itself, or one before the plan, made nothing stale.
  if (author.isOurs && (at < plannedAt || steps.some(({ result }) => result !== 'failed')))
    return null;
  const when = new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
  return change.by === 'exact'
    ? `changed by ${nameOf(author)} at ${when}`
    : `last changed by ${nameOf(author)} at ${when}, and perhaps by others`;
};

const nameOf = ({ kind, id, name, isOurs }: Author): string => {
  if (isOurs) return `another run of this OAuth client (${id})`;
  return name ?? (kind === 'user' ? `the user ${id}` : `the OAuth client ${id}`);
};

/** Told once, and not for every queue: it is the same for all. */
const notTold = (changes: readonly LastChange[]): readonly Diagnostic[] => {
  const [why] = changes.flatMap((change) => (change.by === 'unknown' ? (change.why ?? []) : []));
  return why === undefined
    ? []
    : [
        warning({
          code: 'apply.changed-by-unknown',
          message: `Who changed the stale queues could not be found out for all of them: ${why}.`,
        }),
      ];
};
