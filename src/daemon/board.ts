/** Where each governed queue stands, from one pass to the next. Pure. */
import { isInSync } from '../apply/ledger-entries.js';
import type { HeldChange, Plan, ApplyReport } from '../domain/change.js';
import type { QueueId } from '../domain/ids.js';
import type { QueueDrift } from '../diff/detect-drift.js';
import { isForecast } from '../plan/forecast.js';
import type { Correction, QueueStatus } from './status.js';

export type Board = ReadonlyMap<QueueId, QueueStatus>;

/** A pass that came to its end. */
export interface EndedPass {
  readonly plan: Plan;
  readonly report: ApplyReport | null;
  readonly drifts: readonly QueueDrift[];
}

export interface BoardContext {
  readonly correctionOf: (id: QueueId) => Correction | null;
  /** When a queue whose correction failed is tried again (milliseconds), or null. */
  readonly waitsUntil: (id: QueueId) => number | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

type Standing = Pick<QueueStatus, 'state' | 'heldBy' | 'reason' | 'until'>;

const IN_SYNC: Standing = { state: 'in-sync', heldBy: null, reason: null, until: null };

/**
 * | of a queue                                              | state      |
 * |---------------------------------------------------------|------------|
 * | its write failed, or it waits to be tried again         | `failing`  |
 * | a guard refused the plan it stands in                   | `held`     |
 * | held by something else than `report`                    | `held`     |
 * | held by `report`; changed meanwhile; not attempted      | `drifting` |
 * | no difference, or brought to where it should be         | `in-sync`  |
 */
export const nextBoard = (before: Board, pass: EndedPass, context: BoardContext): Board => {
  const standing = standingIn(pass, context);
  const nowAt = new Date(context.now).toISOString();
  return new Map(
    pass.drifts.map((drift) => {
      const { queue, policies } = drift.desired;
      const old = before.get(queue.id);
      const { state, ...rest } = standing(drift, old);
      return [
        queue.id,
        {
          id: queue.id,
          name: queue.name,
          division: queue.division.name,
          policies: [...policies].sort(),
          state,
          ...rest,
          since: old?.state === state ? old.since : nowAt,
          lastCorrection: context.correctionOf(queue.id),
        },
      ];
    }),
  );
};

const standingIn = (
  { plan, report }: EndedPass,
  { waitsUntil }: BoardContext,
): ((drift: QueueDrift, old: QueueStatus | undefined) => Standing) => {
  const heldOf = new Map<QueueId, HeldChange>();
  // What is held by something else than its own policies is what people should look at.
  for (const held of plan.held) {
    const other = heldOf.get(held.id);
    if (other === undefined || other.by === 'report') heldOf.set(held.id, held);
  }
  const rowOf = new Map(report?.queues.map((row) => [row.id, row]));
  const wasRefused = report?.outcome === 'refused';
  return (drift, old) => {
    const { id } = drift.desired.queue;
    const row = rowOf.get(id);
    const held = heldOf.get(id);
    const until = isoOrNull(waitsUntil(id));
    if (row?.outcome === 'failed')
      return { ...IN_SYNC, state: 'failing', reason: row.reason, until };
    // What the plan only expected to be held may have been written after all.
    if (held !== undefined && !(row?.outcome === 'applied' && isForecast(held.by)))
      return {
        state: held.by === 'report' ? 'drifting' : 'held',
        heldBy: held.by,
        reason: held.reason,
        until: held.until,
      };
    switch (row?.outcome) {
      case 'applied':
      case 'in-sync':
        return IN_SYNC;
      case 'held':
        return { ...IN_SYNC, state: 'held', reason: row.reason };
      case 'stale':
      case 'not-attempted':
        return { ...IN_SYNC, state: wasRefused ? 'held' : 'drifting', reason: row.reason };
      case undefined:
      default:
        if (isInSync(drift)) return IN_SYNC;
        // It was left out of the plan: it waits to be tried again.
        if (old?.state === 'failing')
          return { ...IN_SYNC, state: 'failing', reason: old.reason, until };
        return { ...IN_SYNC, state: 'drifting' };
    }
  };
};

const isoOrNull = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();
