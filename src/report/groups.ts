/** Rows that read alike, told once: a plan of 145 queues is rarely more than a handful of changes. */
import { HOLDS } from '../domain/change.js';
import type { HeldChange, Hold, QueueChange } from '../domain/change.js';
import { groupBy } from '../domain/group-by.js';

/** Queues to which the same happens for the sake of the same policies; largest groups come first. */
export type ChangeGroup = readonly [QueueChange, ...QueueChange[]];

/** @example two queues that both gain `Escalated` by policy `billing` are one group */
export const groupChanges = (changes: readonly QueueChange[]): readonly ChangeGroup[] =>
  groupBy(changes, (change) => [
    change.policies,
    change.afterCallWork ?? null,
    change.wrapupCodes?.add ?? [],
    change.wrapupCodes?.update ?? [],
    change.wrapupCodes?.remove ?? [],
  ]).toSorted((a, b) => b.length - a.length);

/** How many queues of a group somebody changed by hand, in words; empty where none or nobody knows. */
export const driftText = (group: ChangeGroup): string => {
  const drifted = group.filter(({ cause }) => cause === 'drift').length;
  if (drifted === 0) return '';
  return drifted === group.length ? 'drifted' : `${drifted} of ${group.length} drifted`;
};

/** Held changes with one hold, reason and end in common. */
export interface HeldGroup {
  readonly by: Hold;
  readonly reason: string;
  readonly until: string | null;
  readonly groups: readonly ChangeGroup[];
}

/** Held changes hold by hold, in the order in which holds are listed. */
export const groupHeld = (held: readonly HeldChange[]): readonly HeldGroup[] =>
  groupBy(held, ({ by, reason, until }) => [by, reason, until])
    .map((rows) => ({
      by: rows[0].by,
      reason: rows[0].reason,
      until: rows[0].until,
      groups: groupChanges(rows),
    }))
    .toSorted((a, b) => HOLDS.indexOf(a.by) - HOLDS.indexOf(b.by));
