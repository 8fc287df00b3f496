import { describe, expect, it } from 'vitest';
import type { CatalogChanges, QueueChange } from '../../src/domain/change.js';
import { codeId, queueId } from '../../src/domain/ids.js';
import { REQUIREMENT_FLAGS, requirementOf } from '../../src/domain/requirement.js';
import { digestOf, liveDigest, planDigest, policiesDigest, sealOf } from '../../src/plan/digest.js';
import type { PolicySet } from '../../src/policy/model.js';
import { NOW } from '../support/fake-clock.js';
import { liveCode, liveRows } from '../support/live.js';
import { allowance, catalog, policy, policySet, requirement } from '../support/policy-set.js';

describe('digestOf', () => {
  it('is the SHA-256 of the RFC 8785 JSON', () => {
    // printf '{"a":1,"b":[true,null,"é"]}' | sha256sum
    expect(digestOf({ b: [true, null, 'é'], a: 1 })).toBe(
      'sha256:9488dd13ca33d3291f5a91a1833dfa164811755ffba538c2b340780f8c31a0cb',
    );
  });

  it('does not depend on the order of keys', () => {
    expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }));
  });
});

describe('liveDigest', () => {
  const live = ['A', 'B', 'X'].map((name) => liveCode(name));
  const scope = new Set([codeId('id of A'), codeId('id of B')]);
  const digest = (codes: readonly string[], scoped: boolean): string =>
    liveDigest({
      afterCallWork: null,
      codes: { live: codes.map((name) => liveCode(name)), scope: scoped ? scope : 'all' },
    });

  it('covers managed codes alone, in any order', () => {
    expect(digest(['A', 'B', 'X'], true)).toBe(digest(['B', 'A'], true));
    expect(digest(['A', 'B'], true)).not.toBe(digest(['A'], true));
    expect(digest(['A', 'B', 'X'], false)).not.toBe(digest(['A', 'B'], false));
  });

  it('covers after-call work with a timer only where one counts', () => {
    const work = (prompt: string, timeoutMs: number | null): string =>
      liveDigest({ afterCallWork: { prompt, timeoutMs }, codes: null });
    expect(work('OPTIONAL', 5)).toBe(work('OPTIONAL', null));
    expect(work('MANDATORY_TIMEOUT', 5)).not.toBe(work('MANDATORY_TIMEOUT', 6));
    expect(work('OPTIONAL', null)).not.toBe(liveDigest({ afterCallWork: null, codes: null }));
  });

  it('does not know names of codes', () => {
    const renamed = live.map(({ id }) => ({ id, name: 'other' }));
    expect(liveDigest({ afterCallWork: null, codes: { live: renamed, scope: 'all' } })).toBe(
      digest(['A', 'B', 'X'], false),
    );
  });
});

describe('liveDigest of rows', () => {
  const digest = (rows: Parameters<typeof liveRows>[0], scope?: readonly string[]): string =>
    liveDigest({
      afterCallWork: null,
      codes: {
        live: liveRows(rows).codes,
        scope: scope === undefined ? 'all' : new Set(scope.map((name) => codeId(`id of ${name}`))),
      },
    });
  const [open, required] = [requirement(false), requirement(true)];

  it.each(REQUIREMENT_FLAGS)('covers %s of a managed code', (flag) => {
    expect(digest({ A: requirementOf((name) => name === flag) })).not.toBe(digest({ A: open }));
  });

  it('covers managed codes alone, in any order', () => {
    expect(digest({ A: open, B: required, X: open }, ['A', 'B'])).toBe(
      digest({ X: required, B: required, A: open }, ['A', 'B']),
    );
    expect(digest({ A: open, B: required })).not.toBe(digest({ A: required, B: open }));
    expect(digest({ A: null })).not.toBe(digest({ A: open }));
  });
});

describe('planDigest', () => {
  const row: QueueChange = {
    id: queueId('q1'),
    name: 'Billing',
    division: 'Home',
    policies: ['billing'],
    liveDigest: 'sha256:1',
    cause: 'unknown',
    wrapupCodes: { add: [{ id: codeId('a'), name: 'A' }], remove: [], unchanged: 2 },
  };
  const nothing: CatalogChanges = { create: [], rename: [] };
  const digest = (
    changes: readonly QueueChange[],
    rest: Partial<Parameters<typeof planDigest>[0]> = {},
  ): string =>
    planDigest({ organizationId: 'o', api: 'public', catalog: nothing, changes, ...rest });

  it.each<[string, Partial<QueueChange>]>([
    ['the names of policies', { policies: ['renamed', 'another'] }],
    ['the cause', { cause: 'drift' }],
    ['the name of the queue', { name: 'Rechnung' }],
    ['the division', { division: 'Retail' }],
  ])('does not know %s', (_what, rest) => {
    expect(digest([{ ...row, ...rest }])).toBe(digest([row]));
  });

  it('does not know the order of rows', () => {
    const other = { ...row, id: queueId('q0'), name: 'Zebra' };
    expect(digest([row, other])).toBe(digest([other, row]));
  });

  it.each<[string, () => string]>([
    ['the queue', () => digest([{ ...row, id: queueId('q2') }])],
    ['the live state', () => digest([{ ...row, liveDigest: 'sha256:2' }])],
    [
      'the codes',
      () =>
        digest([
          {
            ...row,
            wrapupCodes: { add: [], remove: [{ id: codeId('a'), name: 'A' }], unchanged: 2 },
          },
        ]),
    ],
    [
      'the row of an added code',
      () =>
        digest([
          {
            ...row,
            wrapupCodes: {
              add: [{ id: codeId('a'), name: 'A', requirement: requirement(true) }],
              remove: [],
              unchanged: 2,
            },
          },
        ]),
    ],
    [
      'another row of a code',
      () =>
        digest([
          {
            ...row,
            wrapupCodes: {
              add: [{ id: codeId('a'), name: 'A' }],
              update: [
                { id: codeId('b'), name: 'B', from: requirement(true), to: requirement(false) },
              ],
              remove: [],
              unchanged: 2,
            },
          },
        ]),
    ],
    [
      'after-call work',
      () =>
        digest([
          {
            ...row,
            afterCallWork: {
              from: { prompt: null, timeoutMs: null },
              to: { prompt: 'OPTIONAL', timeoutMs: null },
            },
          },
        ]),
    ],
    ['a row less', () => digest([])],
    ['the organization', () => digest([row], { organizationId: 'p' })],
    ['the api', () => digest([row], { api: 'wrapupcodes-put' })],
    [
      'a creation',
      () =>
        digest([row], {
          catalog: { ...nothing, create: [{ name: 'N', description: null, divisionId: null }] },
        }),
    ],
    [
      'a rename',
      () =>
        digest([row], {
          catalog: { ...nothing, rename: [{ id: codeId('c'), from: 'O', to: 'P' }] },
        }),
    ],
  ])('knows %s', (_what, changed) => {
    expect(changed()).not.toBe(digest([row]));
  });
});

describe('policiesDigest', () => {
  const documents = () =>
    [
      policy('billing', {
        work: 'OPTIONAL',
        codes: { codes: ['A'] },
        active: { from: 5, until: null, afterwards: 'keep' },
      }),
      policy('sales', { codes: { codes: ['B'] } }),
      catalog(['A', 'B']),
      allowance({ codesRemoved: 5 }, NOW),
    ] as const;

  it('knows neither files and lines nor the order of documents', () => {
    const moved = JSON.parse(
      JSON.stringify(policySet(...documents().toReversed()))
        .replaceAll('.yaml', '.yml')
        .replaceAll('"line":', '"endLine":'),
    ) as PolicySet;
    expect(policiesDigest(moved)).toBe(policiesDigest(policySet(...documents())));
  });

  it.each<[string, PolicySet]>([
    ['a code', policySet(policy('billing', { codes: { codes: ['B'] } }))],
    ['a priority', policySet(policy('billing', { priority: 1, codes: { codes: ['A'] } }))],
    [
      'an end',
      policySet(
        policy('billing', {
          codes: { codes: ['A'] },
          active: { from: 6, until: null, afterwards: 'keep' },
        }),
      ),
    ],
    [
      'an allowance',
      policySet(
        policy('billing', { codes: { codes: ['A'] } }),
        allowance({ codesRemoved: 1 }, NOW),
      ),
    ],
  ])('knows %s', (_what, changed) => {
    expect(policiesDigest(changed)).not.toBe(
      policiesDigest(policySet(policy('billing', { codes: { codes: ['A'] } }))),
    );
  });
});

describe('sealOf', () => {
  it('is broken by any edit', () => {
    const plan = { expiresAt: '2026-11-24T09:00:00.000Z', queues: [] } as unknown as Parameters<
      typeof sealOf
    >[0];
    const stretched = { ...plan, expiresAt: '2027-11-24T09:00:00.000Z' };
    expect(sealOf(stretched)).not.toBe(sealOf(plan));
  });
});
