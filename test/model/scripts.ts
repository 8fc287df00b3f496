/** Cases: worlds under storms, on every kind of platform, under every kind of rule. */
import * as fc from 'fast-check';
import { NOW } from '../support/fake-clock.js';
import { DEFAULT_GUARDS, OPEN_GUARDS } from '../support/policy-set.js';
import type { Guards } from '../../src/policy/settings.js';
import { isCatalogClosed, isQueueClosed } from './calendar.js';
import type { HostileRun, Platform, Rules, Script, ScriptedWindow } from './script.js';
import { edits, troubles } from './troubles.js';
import { FIRST, worlds } from './world.js';

const constant = <const Value>(value: Value): fc.Arbitrary<Value> => fc.constant(value);

const platforms = (queues: readonly string[], isCrowded: boolean): fc.Arbitrary<Platform> =>
  fc.record({
    onPresent: fc.constantFrom('ok' as const, 'refuse' as const, 'conflict' as const),
    onAbsent: fc.constantFrom('ok' as const, 'not-found' as const),
    movesDateModified: fc.boolean(),
    pages: fc.oneof(
      { weight: 3, arbitrary: constant({ max: 500, over: 'clamp' }) },
      {
        weight: 3,
        arbitrary: fc.record({
          // A list that takes minutes to read is too old to write upon, however often it is read.
          max: isCrowded ? constant(30) : fc.constantFrom(2, 3, 4),
          over: constant('clamp'),
        }),
      },
      // 25 is the platform's default page: nothing smaller can be refused.
      {
        weight: 1,
        arbitrary: fc.record({ max: fc.constantFrom(25, 60, 499), over: constant('refuse') }),
      },
    ),
    tokenTtlSeconds: fc.constantFrom(86_400, 86_400, 70, 25),
    queueRequestsPerOrg: fc.constantFrom(null, null, null, 25, 60),
    staleQueues: fc.oneof(
      { weight: 6, arbitrary: constant([]) },
      { weight: 1, arbitrary: fc.subarray([...queues], { minLength: 1, maxLength: 1 }) },
    ),
  });

/** Limits that a plan for a handful of queues may break, or not. */
const tightGuards: fc.Arbitrary<Guards> = fc.record({
  queuesChanged: fc.record({
    percent: fc.constantFrom(0, 30, 50, 100),
    count: fc.constantFrom(1, 2, 4, 100),
    floor: fc.constantFrom(0, 1, 3),
  }),
  codesRemoved: fc.record({
    percent: fc.constantFrom(0, 10, 25, 50, 100),
    count: fc.constantFrom(1, 3, 8, 200),
    floor: fc.constantFrom(0, 1, 3),
  }),
  codesRemovedPerQueue: fc.record({
    percent: fc.constantFrom(0, 34, 50, 100),
    floor: fc.constantFrom(0, 1, 3),
  }),
  codesPerQueue: fc.constantFrom(1, 3, 5, 50, 1_000),
});

const windows: fc.Arbitrary<readonly ScriptedWindow[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('allow' as const, 'allow' as const, 'deny' as const),
    everyMinutes: fc.constantFrom(1, 2, 3, 5),
    durationMs: fc.constantFrom(20_000, 45_000, 60_000, 90_000, 170_000),
    queues: fc.constantFrom('', '', 'Billing ', 'S'),
  }),
  { minLength: 1, maxLength: 3 },
);

/** The windows of an hour are those of every other; none closes or opens within a step. */
const INSTANTS = Array.from({ length: 720 }, (_, index) => NOW + 5_000 * index);

/** Whether there is a chance for everything: one that never comes is looked for years ahead, and long. */
const opens = (found: readonly ScriptedWindow[], queues: readonly string[]): boolean =>
  queues.every((name) => INSTANTS.some((at) => !isQueueClosed(found, name, at))) &&
  INSTANTS.some((at) => !isCatalogClosed(found, queues, at));

const rules = (queues: readonly string[]): fc.Arbitrary<Rules> =>
  fc.record({
    guards: fc.oneof(
      { weight: 5, arbitrary: fc.constant(OPEN_GUARDS) },
      { weight: 1, arbitrary: fc.constant(DEFAULT_GUARDS) },
      { weight: 2, arbitrary: tightGuards },
    ),
    allows: fc.oneof(
      { weight: 3, arbitrary: constant({}) },
      {
        weight: 1,
        arbitrary: fc.record({
          queuesChanged: fc.constantFrom(1, 3, 100),
          codesRemoved: fc.constantFrom(1, 3, 100),
        }),
      },
    ),
    windows: fc.oneof(
      { weight: 3, arbitrary: constant([]) },
      { weight: 2, arbitrary: windows.filter((found) => opens(found, queues)) },
    ),
    activity: fc.oneof(
      { weight: 2, arbitrary: constant({ maxInteracting: 0, onBusy: 'ignore' }) },
      {
        weight: 1,
        arbitrary: fc.record({
          maxInteracting: fc.constantFrom(0, 2),
          onBusy: constant('hold'),
        }),
      },
    ),
  });

const runs = (queues: readonly string[]): fc.Arbitrary<HostileRun> =>
  fc.record({
    pauseMs: fc.constantFrom(0, 0, 1_000, 90_000),
    edits: fc.array(edits(queues), { maxLength: 3 }),
    troubles: troubles(queues),
    accept: fc.constantFrom('none', 'none', 'last', 'other'),
  });

/** Cases in which anything goes wrong. */
export const scripts: fc.Arbitrary<Script> = worlds.chain((world) => {
  const queues = world.seed.queues.map(({ name }) => name);
  return fc.record({
    world: fc.constant(world),
    platform: platforms(queues, (world.seed.codes?.length ?? 0) > 100),
    limits: fc.record({
      requestsPerMinute: fc.constantFrom(300, 300, 300, 20, 7),
      concurrency: fc.constantFrom(1, 2, 8),
    }),
    rules: rules([...queues, FIRST]),
    runs: fc.array(runs(queues), { minLength: 1, maxLength: 3 }),
  });
});
