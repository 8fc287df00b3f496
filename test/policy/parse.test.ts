import { describe, expect, it } from 'vitest';
import { parsePolicies } from '../../src/policy/parse.js';
import { catalog, codes, policy } from './written.js';

const parse = (text: string) => parsePolicies([{ path: 'policies/a.yaml', text }]);

describe('a policy', () => {
  it('is read with every key, in NFC, with instants and durations in milliseconds', () => {
    const { set, diagnostics } = parse(`apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata: { name: Re\u0301clamations, owner: ops, description: Why }
spec:
  priority: 7
  combine: replace
  enforcement: report
  suspend: { reason: Audit, by: j.doe, until: 2026-12-31T19:00:00+01:00 }
  active: { from: 2026-12-01T00:00:00Z, until: 2027-01-15T00:00:00.5Z, afterwards: remove }
  queues:
    include:
      - { name: "Billing *", division: Retail }
      - id: 5C3F7E2A-0000-4000-8000-000000000001
    exclude: [{ name: "* Sandbox" }]
  afterCallWork: { prompt: MANDATORY_TIMEOUT, timeout: 45s }
  wrapupCodes:
    unlisted: remove
    required: true
    bypass: { transfer: true, supervisorAssignment: true }
    codes:
      - Resolved
      - id: 7FB334B0-0E9E-11E4-9191-0800200C9A66
      - { name: Escalated, required: false, bypass: { transfer: false } }
    forbidden: [Test]
    allowEmpty: true
`);
    expect(diagnostics).toEqual([]);
    const [billing] = set.policies;
    expect(billing).toMatchObject({
      kind: 'QueuePolicy',
      name: 'R\u00E9clamations',
      owner: 'ops',
      description: 'Why',
      priority: 7,
      combine: 'replace',
      enforcement: 'report',
      suspend: { reason: 'Audit', by: 'j.doe', until: Date.UTC(2026, 11, 31, 18) },
      active: {
        from: Date.UTC(2026, 11, 1),
        until: Date.UTC(2027, 0, 15) + 500,
        afterwards: 'remove',
      },
      include: [
        { name: 'Billing *', division: 'Retail', id: null },
        { name: null, division: null, id: '5c3f7e2a-0000-4000-8000-000000000001' },
      ],
      exclude: [{ name: '* Sandbox' }],
      afterCallWork: { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 },
      wrapupCodes: {
        unlisted: 'remove',
        codesWritten: true,
        allowEmpty: true,
        forbidden: [{ name: 'Test' }],
      },
    });
  });

  it('gives each code the row of the policy, and its own exceptions', () => {
    const text = policy(
      '  wrapupCodes:\n    unlisted: keep\n    required: true\n    bypass: { transfer: true, wrapup: true }\n    codes:\n      - A\n      - { name: B, required: false, bypass: { transfer: false } }',
    );
    const none = {
      selfAssignment: false,
      supervisorAssignment: false,
      agentAssignment: false,
      postCallWork: false,
    };
    expect(parse(text).set.policies[0]?.wrapupCodes).toMatchObject({
      codes: [
        {
          name: 'A',
          requirement: { required: true, bypass: { ...none, transfer: true, wrapup: true } },
        },
        {
          name: 'B',
          requirement: { required: false, bypass: { ...none, transfer: false, wrapup: true } },
        },
      ],
    });
  });

  it('has the defaults of the reference', () => {
    expect(parse(policy('  wrapupCodes: { unlisted: keep }')).set.policies[0]).toMatchObject({
      owner: null,
      description: null,
      priority: 0,
      combine: 'merge',
      enforcement: 'enforce',
      suspend: null,
      active: null,
      exclude: [],
      afterCallWork: null,
      wrapupCodes: { codes: [], codesWritten: false, forbidden: [], allowEmpty: false },
    });
    expect(
      parse(policy('  afterCallWork: { prompt: AGENT_REQUESTED }')).set.policies[0],
    ).toMatchObject({
      afterCallWork: { prompt: 'AGENT_REQUESTED', timeoutMs: null },
      wrapupCodes: null,
    });
    expect(
      parse(policy('  combine: replace\n  afterCallWork: unmanaged')).set.policies[0],
    ).toMatchObject({
      afterCallWork: { unmanaged: true },
    });
  });

  it('knows where each value stands', () => {
    const [billing] = parse(codes('- Resolved', '- { name: Escalated }')).set.policies;
    const place = { file: 'policies/a.yaml' };
    expect(billing?.from).toEqual({
      policy: 'billing',
      span: { ...place, line: 3, column: 19, endLine: 3, endColumn: 26 },
    });
    expect(billing?.include[0]?.from.span).toMatchObject({ line: 5, column: 23, endColumn: 36 });
    expect(billing?.wrapupCodes).toMatchObject({
      from: {
        policy: 'billing',
        span: { ...place, line: 7, column: 5, endLine: 10, endColumn: 28 },
      },
      codes: [
        {
          from: {
            policy: 'billing',
            span: { ...place, line: 9, column: 9, endLine: 9, endColumn: 17 },
          },
        },
        {
          from: {
            policy: 'billing',
            span: { ...place, line: 10, column: 9, endLine: 10, endColumn: 28 },
          },
        },
      ],
    });
  });

  it('is plain data', () => {
    const { set } = parse(codes('- Resolved'));
    expect(JSON.parse(JSON.stringify(set))).toEqual(set);
  });
});

describe('a catalog', () => {
  it('is read with its defaults', () => {
    const { set } = parse(
      catalog(
        '{ name: Resolved, description: Done, division: "*" }',
        '{ name: Old, retired: true }',
        '{ name: New, previously: Former }',
      ).replace('spec:', 'spec:\n  create: true'),
    );
    expect(set.catalogs).toMatchObject([
      {
        kind: 'WrapupCodeCatalog',
        name: 'catalog',
        create: true,
        codes: [
          {
            name: 'Resolved',
            description: 'Done',
            division: '*',
            previously: null,
            retired: false,
            create: true,
          },
          {
            name: 'Old',
            description: null,
            division: null,
            previously: null,
            retired: true,
            create: false,
          },
          { name: 'New', previously: 'Former', create: true },
        ],
      },
    ]);
    expect(parse(catalog('{ name: A }')).set.catalogs[0]?.create).toBe(false);
  });
});

describe('an allowance', () => {
  it('names measures alone that it allows', () => {
    const { set } = parse(
      'apiVersion: wrapkeeper/v1\nkind: GuardAllowance\nmetadata: { name: a }\nspec: { queuesChanged: 145, codesPerQueue: 0, reason: x, until: 2026-11-30T00:00:00Z }\n',
    );
    expect(set.allowances).toMatchObject([
      {
        name: 'a',
        allows: { queuesChanged: 145, codesPerQueue: 0 },
        reason: 'x',
        until: Date.UTC(2026, 10, 30),
      },
    ]);
    expect(Object.keys(set.allowances[0]?.allows ?? {})).toEqual([
      'queuesChanged',
      'codesPerQueue',
    ]);
  });
});

describe('several files', () => {
  it('give the same set in any order', () => {
    const files = [
      { path: 'policies/b.yaml', text: policy('  afterCallWork: { prompt: MANDATORY }', 'b') },
      {
        path: 'policies/a.yaml',
        text: `${policy('  afterCallWork: { prompt: OPTIONAL }', 'a2')}---\n${policy('  afterCallWork: { prompt: OPTIONAL }', 'a1')}`,
      },
    ];
    const set = parsePolicies(files).set;
    expect(set.policies.map(({ name }) => name)).toEqual(['a2', 'a1', 'b']);
    expect(parsePolicies(files.toReversed()).set).toEqual(set);
  });

  it('leave out the documents that are broken, and no others', () => {
    const text = `${policy('  afterCallWork: { prompt: MANDATORY }', 'a')}---\n${policy('  combine: x', 'b')}---\na: "b" c\n---\n${policy('  afterCallWork: { prompt: OPTIONAL }', 'c')}`;
    const { set, drafts, complete } = parse(text);
    expect(set.policies.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(drafts.policies.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(complete).toBe(false);
  });
});
