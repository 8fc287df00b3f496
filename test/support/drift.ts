/** From policies and queues to drift, without an organization to read: for tests of the pure layers. */
import { detectDrift } from '../../src/diff/detect-drift.js';
import type { QueueDrift } from '../../src/diff/detect-drift.js';
import type { QueueId } from '../../src/domain/ids.js';
import type { LiveQueue, LiveQueueCodes } from '../../src/domain/state.js';
import type { PolicySet } from '../../src/policy/model.js';
import type { Settings } from '../../src/policy/settings.js';
import type { DesiredState } from '../../src/resolve/model.js';
import { resolveDesired } from '../../src/resolve/resolve.js';
import { NOW } from './fake-clock.js';
import { liveCode, liveCodes } from './live.js';
import { settings } from './policy-set.js';

export interface LiveOrg {
  /** Each queue with its codes, or their names; null where nobody reads them. */
  readonly queues: readonly (readonly [LiveQueue, LiveQueueCodes | readonly string[] | null])[];
  /** Codes of the organization that no queue has. */
  readonly codes?: readonly string[];
}

const resolveOver = (
  set: PolicySet,
  { queues, codes = [] }: LiveOrg,
  rest: Partial<Settings> = {},
): DesiredState =>
  resolveDesired({
    policySet: set,
    inventory: {
      queues: queues.map(([queue]) => queue),
      codes: [...new Set([...codes, ...queues.flatMap(([, read]) => namesOf(read))])].map((name) =>
        liveCode(name),
      ),
      divisions: [...new Map(queues.map(([{ division }]) => [division.id, division])).values()],
    },
    settings: settings(rest),
    now: NOW,
  });

const namesOf = (codes: LiveQueueCodes | readonly string[] | null): readonly string[] => {
  if (codes === null) return [];
  return 'codes' in codes ? codes.codes.map(({ name }) => name) : codes;
};

export const driftOver = (
  set: PolicySet,
  org: LiveOrg,
  rest: Partial<Settings> = {},
): { readonly desired: DesiredState; readonly drifts: readonly QueueDrift[] } => {
  const desired = resolveOver(set, org, rest);
  const codes = new Map<QueueId, LiveQueueCodes>(
    org.queues.flatMap(([queue, read]) =>
      read === null
        ? []
        : [[queue.id, 'codes' in read ? read : liveCodes(...namesOf(read))] as const],
    ),
  );
  return { desired, drifts: detectDrift(desired, codes) };
};
