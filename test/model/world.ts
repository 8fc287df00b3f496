/** Organizations and policies of the property tests, as the simulator takes them and as time may pass over them. */
import * as fc from 'fast-check';
import type { QueuePolicy } from '../../src/policy/model.js';
import { parseJson } from '../../src/simulator/body.js';
import type { SimulatorSeed } from '../../src/simulator/seed.js';
import { world } from '../support/arbitraries.js';
import type { World } from '../support/arbitraries.js';
import { NOW } from '../support/fake-clock.js';
import { nameOf, uuid } from '../support/memory-org.js';
import type { QueueSeed } from '../support/memory-org.js';
import { catalog, policy, policySet } from '../support/policy-set.js';
import type { PolicySpec } from '../support/policy-set.js';

/** A queue before and a code before all others: what leaves a list while it is read, so that others slip. */
export const FIRST = '!First';
/** What comes into the list instead. */
export const LAST = '~Last';

/** More codes than one request takes, so that they are added in several. */
const CROWD = Array.from({ length: 104 }, (_, index) => `X${String(index + 1).padStart(3, '0')}`);
/** Past the end of every case. */
export const FAR_FUTURE = NOW + 10 * 365 * 86_400_000;

/** A world in which no period begins or ends while a case lasts: what policies want stays the same. */
const unhurried = ({ seed, set }: World): World => ({
  seed,
  set: { ...set, policies: set.policies.map(untroubledByTime) },
});

const untroubledByTime = (given: QueuePolicy): QueuePolicy => {
  const later = (instant: number | null): number | null =>
    instant !== null && instant > NOW ? FAR_FUTURE : instant;
  const { suspend, active } = given;
  return {
    ...given,
    suspend: suspend === null ? null : { ...suspend, until: FAR_FUTURE },
    active:
      active === null ? null : { ...active, from: later(active.from), until: later(active.until) },
  };
};

/** The same with more than a hundred codes on the queues of one more policy. */
const crowded = ({ seed, set }: World): World => ({
  seed: {
    ...seed,
    codes: [
      ...(seed.codes ?? []),
      ...CROWD.map((name, index) => ({ name, id: uuid(2, 1_001 + index) })),
    ],
  },
  set: {
    ...set,
    policies: [
      ...set.policies,
      policy('crowd', {
        include: ['Billing *', 'Support'],
        codes: { unlisted: 'keep', codes: CROWD },
      }),
    ],
  },
});

/** A world in which nearly every queue has something to be done, and little is in dispute. */
const busy: fc.Arbitrary<World> = fc
  .record({
    seed: world.map(({ seed }) => seed),
    work: fc.constantFrom<PolicySpec['work'][]>(
      ['MANDATORY_TIMEOUT', 45_000],
      'MANDATORY',
      ['MANDATORY_FORCED_TIMEOUT', 9_000],
      'OPTIONAL',
      ['AGENT_REQUESTED', 30_000],
      undefined,
    ),
    unlisted: fc.constantFrom('remove' as const, 'keep' as const),
    codes: fc.subarray(['A', 'B', 'C', 'D', 'N', 'D2'], { minLength: 1 }),
    forbidden: fc.subarray(['E', 'F']),
    isRenamed: fc.boolean(),
  })
  .map(({ seed, work, unlisted, codes, forbidden, isRenamed }) => ({
    seed,
    set: policySet(
      policy('work', work === undefined ? {} : { work }),
      policy('codes', {
        codes: {
          unlisted,
          codes: codes.filter((name) => name !== (isRenamed ? 'D' : 'D2')),
          forbidden,
          allowEmpty: true,
        },
      }),
      catalog(['N', ...(isRenamed ? [{ name: 'D2', previously: 'D' }] : [])]),
    ),
  }));

/** Of both kinds, and now and then with many codes. */
export const worlds: fc.Arbitrary<World> = fc
  .record({
    found: fc.oneof(busy, world),
    isCrowded: fc.oneof({ weight: 19, arbitrary: fc.constant(false) }, fc.constant(true)),
  })
  .map(({ found, isCrowded }) => unhurried(isCrowded ? crowded(found) : found));

/** The organization as the simulator starts with it. */
export const simulatorSeed = ({ seed }: World, staleQueues: readonly string[]): SimulatorSeed => ({
  organization: { id: uuid(9, 1), name: 'Acme' },
  divisions: (seed.divisions ?? ['Home']).map((name, index) => ({
    id: uuid(3, index + 1),
    name,
    home: name === 'Home',
  })),
  codes: [{ name: FIRST, id: uuid(2, 900) }, ...(seed.codes ?? [])],
  queues: [
    { name: FIRST, id: uuid(1, 900), division: 'Home' },
    ...seed.queues.map((queue) => simulatorQueue(queue, staleQueues.includes(queue.name))),
  ],
});

const simulatorQueue = (
  { id, name, division, prompt, timeoutMs, codes, unsafeNumber }: QueueSeed,
  isStale: boolean,
): NonNullable<SimulatorSeed['queues']>[number] => ({
  id: id ?? '',
  name,
  division: division ?? 'Home',
  codes: (codes ?? []).map(nameOf),
  acwSettings: {
    wrapupPrompt: prompt ?? 'OPTIONAL',
    ...((timeoutMs ?? null) === null ? {} : { timeoutMs: timeoutMs ?? 0 }),
  },
  ...(isStale ? { staleReference: 'queueFlow' } : {}),
  fields: {
    ...(prompt === null ? { acwSettings: null } : {}),
    ...((unsafeNumber ?? null) === null
      ? {}
      : (parseJson('{"outboundId":12345678901234567890}') as Record<string, unknown>)),
  },
});

export const queueIdOf = ({ seed }: World, name: string): string | null =>
  seed.queues.find((queue) => queue.name === name)?.id ?? null;

export type { World };
