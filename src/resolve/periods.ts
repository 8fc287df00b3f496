/** What the clock has to say about a policy. */
import type { QueuePolicy } from '../policy/model.js';
import type { Settings } from '../policy/settings.js';

/** `absent`: as if it did not exist. `ended`: only its codes count, as leftovers to be removed. */
export type Phase = 'absent' | 'active' | 'ended';

/** The phase of a policy at an instant (milliseconds). `from` is inside the period, `until` is not. */
export const phaseAt = (policy: Pick<QueuePolicy, 'active'>, now: number): Phase => {
  const { active } = policy;
  if (active === null) return 'active';
  if (active.from !== null && now < active.from) return 'absent';
  if (active.until !== null && now >= active.until)
    return active.afterwards === 'remove' ? 'ended' : 'absent';
  return 'active';
};

/** The next instant at which a period or a suspension begins or ends, or null: a plan does not outlive it. */
export const nextBoundary = (
  policies: readonly QueuePolicy[],
  settings: Pick<Settings, 'suspend'>,
  now: number,
): number | null => {
  const instants = [
    settings.suspend?.until,
    ...policies.flatMap((policy) => [
      policy.active?.from,
      policy.active?.until,
      policy.suspend?.until,
    ]),
  ];
  const ahead = instants.filter((at): at is number => at !== null && at !== undefined && at > now);
  return ahead.length === 0 ? null : ahead.reduce((a, b) => Math.min(a, b));
};
