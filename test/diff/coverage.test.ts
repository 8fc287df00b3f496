import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completeCoverage, outlineCoverage } from '../../src/diff/coverage.js';
import type { Coverage, CoverageOutline } from '../../src/diff/coverage.js';
import type { QueueId } from '../../src/domain/ids.js';
import type { LiveQueue, LiveQueueCodes } from '../../src/domain/state.js';
import type { PolicySet } from '../../src/policy/model.js';
import { resolveDesired } from '../../src/resolve/resolve.js';
import { NOW } from '../support/fake-clock.js';
import { division, liveCode, liveCodes, liveQueue } from '../support/live.js';
import { catalog, policy, policySet, settings } from '../support/policy-set.js';

const QUEUES = [
  liveQueue('Billing DE'),
  liveQueue('Billing EN'),
  liveQueue('Sales', { division: 'Retail' }),
];

const outline = (
  set: PolicySet,
  codes: readonly string[],
  queues: readonly LiveQueue[] = QUEUES,
): CoverageOutline => {
  const inventory = {
    queues,
    codes: codes.map((name) => liveCode(name)),
    divisions: [division('Home'), division('Retail')],
  };
  const desired = resolveDesired({ policySet: set, inventory, settings: settings(), now: NOW });
  return outlineCoverage({ policySet: set, inventory, desired, selects: () => true, now: NOW });
};

const complete = (
  set: PolicySet,
  on: Readonly<Record<string, readonly string[]>>,
  codes: readonly string[],
): Coverage => {
  const found = outline(set, codes);
  const read = new Map<QueueId, LiveQueueCodes>(
    found.toRead.map(({ id, name }) => [id, liveCodes(...(on[name] ?? []))]),
  );
  return completeCoverage(found, read, true);
};

const names = (items: readonly { readonly name: string }[] | null): readonly string[] | null =>
  items?.map(({ name }) => name) ?? null;

describe('codes', () => {
  const BILLING = policy('billing', {
    include: ['Billing *'],
    codes: { codes: ['A'], unlisted: 'keep' },
  });

  test.each([
    ['listed', 'A', {}, 'nothing'],
    ['listed by nobody, on no queue', 'B', {}, 'unused'],
    ['listed by nobody, on a governed queue', 'B', { 'Billing EN': ['B'] }, 'unlisted'],
    ['listed by nobody, on an ungoverned queue', 'B', { Sales: ['B'] }, 'unlisted'],
    ['out of sight, on a queue', 'Hidden', { Sales: ['B', 'Hidden'] }, 'unlisted'],
    ['retired, on an ungoverned queue', 'Old', { Sales: ['Old'] }, 'retired'],
    [
      'retired, on a queue whose next apply removes it',
      'Old',
      { 'Billing EN': ['Old'] },
      'nothing',
    ],
    ['retired, on no queue', 'Old', {}, 'nothing'],
  ])('%s', (_what, code, on, expected) => {
    const set = policySet(BILLING, catalog([{ name: 'Old', retired: true }, 'A']));
    const { codes } = complete(set, on, ['A', 'B', 'Old']);
    const found = (['unused', 'unlisted', 'retired'] as const).filter((list) =>
      names(codes[list])?.includes(code),
    );
    expect(found).toEqual(expected === 'nothing' ? [] : [expected]);
  });

  test('a policy without codes, or in report mode, leaves a retired code where it is', () => {
    const set = policySet(
      policy('work', { include: ['Billing DE'], work: 'OPTIONAL' }),
      policy('pilot', { include: ['Billing EN'], enforcement: 'report', codes: { codes: ['A'] } }),
      catalog([{ name: 'Old', retired: true }]),
    );
    const { codes } = complete(set, { 'Billing DE': ['Old'], 'Billing EN': ['Old'] }, ['A', 'Old']);
    expect(names(codes.retired?.[0]?.queues ?? [])).toEqual(['Billing DE', 'Billing EN']);
  });

  test('what nobody read is not known', () => {
    const found = outline(policySet(BILLING, catalog([{ name: 'Old', retired: true }])), [
      'A',
      'B',
      'Old',
    ]);
    expect(completeCoverage(found, null, true).codes).toEqual({
      unused: null,
      unlisted: null,
      retired: null,
    });
  });
});

describe('policies', () => {
  test.each([
    ['no entry matches', { include: ['Chat *'] }, 'selects-nothing'],
    ['all are excluded', { include: ['Sales'], exclude: ['S*'] }, 'all-excluded'],
    [
      'before its period',
      { active: { from: NOW + 1, until: null, afterwards: 'keep' } },
      'not-yet',
    ],
    ['after its period', { active: { from: null, until: NOW, afterwards: 'keep' } }, 'over'],
  ] as const)('%s', (_what, spec, why) => {
    const set = policySet(policy('idle', { ...spec, work: 'OPTIONAL' }));
    expect(outline(set, []).idlePolicies).toMatchObject([{ policy: { name: 'idle' }, why }]);
  });

  test('an entry of one that reaches others is told by itself', () => {
    const set = policySet(
      policy('a', { include: ['Sales', 'Chat *'], exclude: ['Nobody *'], work: 'OPTIONAL' }),
    );
    const { idlePolicies, idleEntries } = outline(set, []);
    expect(idlePolicies).toEqual([]);
    expect(idleEntries).toMatchObject([
      { list: 'include', entry: { name: 'Chat *' } },
      { list: 'exclude', entry: { name: 'Nobody *' } },
    ]);
  });
});

test('every queue is governed or not, and never both', () => {
  fc.assert(
    fc.property(fc.subarray(['Billing *', 'Sales', '* EN']), (include) => {
      const set = policySet(
        ...(include.length === 0 ? [] : [policy('a', { include, work: 'OPTIONAL' })]),
      );
      const { queues, governed, ungoverned } = outline(set, []);
      expect(ungoverned.every(({ id }) => !governed.has(id))).toBe(true);
      expect(governed.size + ungoverned.length).toBe(queues.length);
    }),
  );
});
