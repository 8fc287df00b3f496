/**
 * After-call work: what is wanted against what is there.
 *
 * | wanted prompt | wanted timer | live                         | answer                                 |
 * |---------------|--------------|------------------------------|----------------------------------------|
 * | untimed       | –            | same prompt                  | in sync, whatever the live timer says  |
 * | untimed       | –            | other prompt                 | change, without a timer                |
 * | timed         | T            | same prompt, T               | in sync                                |
 * | timed         | T            | anything else                | change to T                            |
 * | timed         | not said     | same prompt                  | in sync: the live timer is left alone  |
 * | timed         | not said     | other prompt, legal timer    | change, leaving the live timer alone   |
 * | timed         | not said     | other prompt, no legal timer | unsafe: asks for one                   |
 *
 * The platform looks at the timer only under a timed prompt (its contract), and a live queue may hold
 * one that it would not accept any more.
 */
import type { AfterCallWorkChange } from '../domain/change.js';
import { formatDuration } from '../domain/duration.js';
import { isLegalTimeout, isTimed, TIMEOUT_MS } from '../domain/state.js';
import type { LiveAfterCallWork } from '../domain/state.js';
import type { DesiredAfterCallWork } from '../resolve/model.js';

export interface AfterCallWorkDrift {
  readonly change: AfterCallWorkChange;
  /** Why it must not be sent, or null. */
  readonly unsafe: string | null;
}

/** Live after-call work as it is compared: with a timer only where it means something. */
export const effectiveAfterCallWork = (live: LiveAfterCallWork): LiveAfterCallWork => ({
  prompt: live.prompt,
  timeoutMs: isTimed(live.prompt) ? live.timeoutMs : null,
});

/** Whether two states of after-call work are the same; compare {@link effectiveAfterCallWork} of live ones. */
export const sameAfterCallWork = (a: LiveAfterCallWork, b: LiveAfterCallWork): boolean =>
  a.prompt === b.prompt && a.timeoutMs === b.timeoutMs;

/** After-call work for people: `MANDATORY_TIMEOUT 45s`. */
export const describeAfterCallWork = ({ prompt, timeoutMs }: LiveAfterCallWork): string =>
  timeoutMs === null
    ? (prompt ?? 'not set')
    : `${prompt ?? 'not set'} ${formatDuration(timeoutMs)}`;

/** The change that after-call work needs, or null where it is in sync or unmanaged. */
export const diffAfterCallWork = (
  desired: DesiredAfterCallWork | null,
  live: LiveAfterCallWork,
): AfterCallWorkDrift | null => {
  if (desired === null) return null;
  const timed = isTimed(desired.prompt);
  const timerAsWanted =
    !timed || desired.timeoutMs === null || desired.timeoutMs === live.timeoutMs;
  if (live.prompt === desired.prompt && timerAsWanted) return null;
  if (!timed)
    return {
      change: { from: live, to: { prompt: desired.prompt, timeoutMs: null } },
      unsafe: null,
    };

  const timeoutMs = desired.timeoutMs ?? live.timeoutMs;
  const legal = isLegalTimeout(timeoutMs);
  return {
    change: { from: live, to: { prompt: desired.prompt, timeoutMs: legal ? timeoutMs : null } },
    unsafe: legal
      ? null
      : `${desired.prompt} needs a timer of ${formatDuration(TIMEOUT_MS.min)} to 60m, the policy names none and the queue has ${live.timeoutMs === null ? 'none' : formatDuration(live.timeoutMs)}; write \`timeout:\``,
  };
};
