/** The trace tells the way to what the merge gives: where the two differ, one of them lies. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PolicySet, QueuePolicy, WrapupCodeCatalog } from '../../src/policy/model.js';
import { findingsAbout } from '../../src/resolve/findings-about.js';
import { resolveDesired } from '../../src/resolve/resolve.js';
import { traceQueue } from '../../src/resolve/trace-queue.js';
import type { QueueTrace } from '../../src/resolve/trace-queue.js';
import { world } from '../support/arbitraries.js';
import { NOW } from '../support/fake-clock.js';
import { division, liveCode, liveQueue } from '../support/live.js';
import { catalog, policy, policySet, settings } from '../support/policy-set.js';

const QUEUE = liveQueue('Billing EN');
const INVENTORY = {
  codes: ['A', 'B', 'C', 'Old'].map((name) => liveCode(name)),
  divisions: [division('Home'), division('Retail')],
};

const trace = (...documents: readonly (QueuePolicy | WrapupCodeCatalog)[]): QueueTrace =>
  traceQueue({ queue: QUEUE, policySet: policySet(...documents), inventory: INVENTORY, now: NOW });

const kinds = (
  wishes: readonly { from: { policy: string }; standing: { kind: string } }[],
): readonly string[] => wishes.map(({ from, standing }) => `${from.policy}: ${standing.kind}`);

describe('what becomes of a wish', () => {
  const HIGH = policy('high', { priority: 5, work: 'OPTIONAL', codes: { codes: ['A'] } });

  test.each([
    [
      'lower priority',
      [HIGH, policy('low', { work: 'MANDATORY' })],
      ['high: counts', 'low: lower-priority'],
    ],
    [
      'equal and agreeing',
      [policy('a', { work: 'OPTIONAL' }), policy('b', { work: 'OPTIONAL' })],
      ['a: counts', 'b: counts'],
    ],
    [
      'replaced',
      [
        policy('top', { priority: 5, combine: 'replace', work: 'OPTIONAL' }),
        policy('low', { work: 'MANDATORY' }),
      ],
      ['top: counts', 'low: replaced'],
    ],
    [
      'handed off',
      [
        policy('top', { priority: 5, combine: 'replace', work: 'unmanaged' }),
        policy('low', { work: 'MANDATORY' }),
      ],
      ['top: counts', 'low: replaced'],
    ],
    [
      'report mode',
      [
        policy('pilot', { priority: 9, enforcement: 'report', work: 'OPTIONAL' }),
        policy('low', { work: 'MANDATORY' }),
      ],
      ['pilot: reports', 'low: counts'],
    ],
    ['excluded', [policy('x', { exclude: ['* EN'], work: 'OPTIONAL' })], ['x: excluded']],
    [
      'not yet',
      [
        policy('x', {
          active: { from: NOW + 1, until: null, afterwards: 'keep' },
          work: 'OPTIONAL',
        }),
      ],
      ['x: not-yet'],
    ],
    [
      'over',
      [policy('x', { active: { from: null, until: NOW, afterwards: 'remove' }, work: 'OPTIONAL' })],
      ['x: over'],
    ],
    ['another queue', [policy('x', { include: ['Sales *'], work: 'OPTIONAL' })], []],
  ])('%s', (_what, policies, expected) => {
    expect(kinds(trace(...policies).afterCallWork)).toEqual(expected);
  });

  test.each([
    [
      'forbidden by another',
      [HIGH, policy('low', { codes: { codes: ['B'], forbidden: ['A'] } })],
      'A',
      ['high: forbidden', 'low: counts'],
    ],
    [
      'retired',
      [policy('a', { codes: { codes: ['Old'] } }), catalog([{ name: 'Old', retired: true }])],
      'Old',
      ['a: retired', 'catalog: counts'],
    ],
    [
      'its row is outdone',
      [HIGH, policy('low', { codes: { codes: [{ name: 'A', required: true }] } })],
      'A',
      ['high: counts', 'low: lower-priority'],
    ],
    [
      'the same row',
      [HIGH, policy('low', { codes: { codes: ['A'] } })],
      'A',
      ['high: counts', 'low: counts'],
    ],
  ])('a code that is %s', (_what, documents, name, expected) => {
    expect(kinds(trace(...documents).codes.filter((wish) => wish.name === name))).toEqual(expected);
  });

  test('an entry that has an old name, or a division that is not its own, nearly means the queue', () => {
    const renamed = policy('a', { include: [{ id: QUEUE.id, name: 'Billing UK' }] });
    const elsewhere = policy('b', { include: [{ name: 'Billing EN', division: 'Retail' }] });
    expect(trace(renamed, elsewhere).policies).toMatchObject([
      { standing: { kind: 'nearly', why: expect.stringContaining('Billing EN') as string } },
      { standing: { kind: 'nearly', why: expect.stringContaining('Retail') as string } },
    ]);
  });
});

test('what counts in the trace is what the merge is made of', () => {
  fc.assert(
    fc.property(world, ({ seed, set }) => {
      const queues = (seed.queues ?? []).map(({ id = '', name, division: home = 'Home' }) =>
        liveQueue(name, { id, division: home }),
      );
      const inventory = {
        queues,
        codes: (seed.codes ?? []).map((code) =>
          typeof code === 'string'
            ? liveCode(code)
            : liveCode(code.name, code.id ?? `id of ${code.name}`),
        ),
        divisions: [division('Home'), division('Retail')],
      };
      const desired = resolveDesired({ policySet: set, inventory, settings: settings(), now: NOW });
      for (const queue of queues) {
        const traced = traceQueue({ queue, policySet: set, inventory, now: NOW });
        const wanted = desired.queues.find((each) => each.queue === queue)?.enforced;
        const work = traced.afterCallWork.filter(
          ({ standing, says }) => standing.kind === 'counts' && says !== 'unmanaged',
        );
        expect(work.map(({ from }) => from)).toEqual(wanted?.afterCallWork?.from ?? []);
        const listing = traced.codes.filter(
          ({ says, standing, from }) =>
            says === 'list' &&
            isEnforced(set, from.policy) &&
            (standing.kind === 'counts' || standing.kind === 'lower-priority'),
        );
        const expected = [...(wanted?.wrapupCodes?.listed ?? [])].flatMap(([key, { from }]) =>
          from.map((place) => [key, place]),
        );
        expect(new Set(listing.map(({ key, from }) => JSON.stringify([key, from])))).toEqual(
          new Set(expected.map((pair) => JSON.stringify(pair))),
        );
      }
    }),
  );
});

const isEnforced = ({ policies }: PolicySet, name: string): boolean =>
  policies.find((each) => each.name === name)?.enforcement === 'enforce';

test('findings about a queue leave out what is about others', () => {
  const set = policySet(
    policy('a', { include: ['Billing *', 'Nowhere *'], codes: { codes: ['Missing', 'A'] } }),
    policy('b', { include: ['Sales'], codes: { codes: [{ name: 'A', required: true }] } }),
  );
  const inventory = { ...INVENTORY, queues: [QUEUE, liveQueue('Sales')] };
  const { diagnostics } = resolveDesired({
    policySet: set,
    inventory,
    settings: settings(),
    now: NOW,
  });
  const traced = traceQueue({ queue: QUEUE, policySet: set, inventory, now: NOW });
  expect(findingsAbout(QUEUE, traced, set, diagnostics).map(({ code }) => code)).toEqual([
    'reference.unknown-code',
  ]);
  expect(diagnostics.length).toBeGreaterThan(1);
});
