import { describe, expect, it } from 'vitest';
import { brief, catalog, check, codes, findings, policy } from './written.js';

/** Specs of policies a.yaml, b.yaml, …, and all that is found. */
const CASES: readonly (readonly [
  name: string,
  specs: readonly string[],
  found: readonly string[],
])[] = [
  ['nothing managed', [''], ['error policy.nothing-managed a.yaml:3:19']],
  [
    'one name twice',
    ['  afterCallWork: { prompt: MANDATORY }', '  afterCallWork: { prompt: OPTIONAL }'],
    ['error policy.duplicate-name b.yaml:3:19'],
  ],
  [
    'a code twice',
    ['  wrapupCodes: { unlisted: keep, codes: [A, B, A] }'],
    ['error policy.duplicate-code a.yaml:6:48'],
  ],
  [
    'a code twice, written in two ways',
    ['  wrapupCodes: { unlisted: keep, codes: [Re\u0301clamation, R\u00E9clamation] }'],
    ['error policy.duplicate-code a.yaml:6:56'],
  ],
  [
    'a code twice by id',
    [
      '  wrapupCodes: { unlisted: keep, codes: [{ id: 7fb334b0-0e9e-11e4-9191-0800200c9a66 }, { id: 7FB334B0-0E9E-11E4-9191-0800200C9A66 }] }',
    ],
    ['error policy.duplicate-code a.yaml:6:88'],
  ],
  [
    'forbidden twice',
    ['  wrapupCodes: { unlisted: keep, forbidden: [A, A] }'],
    ['error policy.duplicate-code a.yaml:6:49'],
  ],
  [
    'listed and forbidden',
    ['  wrapupCodes: { unlisted: keep, codes: [A], forbidden: [B, { name: A }] }'],
    ['error policy.listed-and-forbidden a.yaml:6:42'],
  ],
  [
    'listed and forbidden by id',
    [
      '  wrapupCodes: { unlisted: keep, codes: [{ name: A, id: 7fb334b0-0e9e-11e4-9191-0800200c9a66 }], forbidden: [{ id: 7fb334b0-0e9e-11e4-9191-0800200c9a66 }] }',
    ],
    ['error policy.listed-and-forbidden a.yaml:6:42'],
  ],
  [
    'an empty list that prunes',
    ['  wrapupCodes: { unlisted: remove, codes: [] }'],
    ['error policy.empty-codes a.yaml:6:16'],
  ],
  [
    'an empty list that is meant',
    ['  wrapupCodes: { unlisted: remove, codes: [], allowEmpty: true }'],
    [],
  ],
  ['an empty list that keeps', ['  wrapupCodes: { unlisted: keep, codes: [] }'], []],
  ['no list at all', ['  wrapupCodes: { unlisted: remove, forbidden: [Test] }'], []],
  [
    'mandatory without a code',
    ['  afterCallWork: { prompt: MANDATORY }\n  wrapupCodes: { unlisted: keep, codes: [] }'],
    ['error policy.mandatory-without-code a.yaml:7:16'],
  ],
  [
    'mandatory without a code, however it is meant',
    [
      '  afterCallWork: { prompt: MANDATORY_FORCED_TIMEOUT, timeout: 1m }\n  wrapupCodes: { unlisted: remove, codes: [], allowEmpty: true }',
    ],
    ['error policy.mandatory-without-code a.yaml:7:16'],
  ],
  [
    'optional without a code',
    ['  afterCallWork: { prompt: OPTIONAL }\n  wrapupCodes: { unlisted: keep, codes: [] }'],
    [],
  ],
  [
    'a timer beside OPTIONAL',
    ['  afterCallWork: { prompt: OPTIONAL, timeout: 45s }'],
    ['error policy.timer-without-timed-prompt a.yaml:6:47'],
  ],
  [
    'a timer beside MANDATORY',
    ['  afterCallWork: { prompt: MANDATORY, timeout: 45s }'],
    ['error policy.timer-without-timed-prompt a.yaml:6:48'],
  ],
  [
    'a timer beside AGENT_REQUESTED',
    ['  afterCallWork: { prompt: AGENT_REQUESTED, timeout: 45s }'],
    [],
  ],
  ['the least timer', ['  afterCallWork: { prompt: MANDATORY_TIMEOUT, timeout: 1s }'], []],
  ['the most timer', ['  afterCallWork: { prompt: MANDATORY_TIMEOUT, timeout: 1h }'], []],
  [
    'less than the least',
    ['  afterCallWork: { prompt: MANDATORY_TIMEOUT, timeout: 999ms }'],
    ['error policy.timer-out-of-bounds a.yaml:6:56'],
  ],
  [
    'more than the most',
    ['  afterCallWork: { prompt: MANDATORY_TIMEOUT, timeout: 61m }'],
    ['error policy.timer-out-of-bounds a.yaml:6:56'],
  ],
  ['no timer', ['  afterCallWork: { prompt: MANDATORY_TIMEOUT }'], []],
  [
    'unmanaged with merge',
    ['  afterCallWork: unmanaged\n  wrapupCodes: unmanaged'],
    [
      'error policy.unmanaged-needs-replace a.yaml:6:18',
      'error policy.unmanaged-needs-replace a.yaml:7:16',
    ],
  ],
  ['unmanaged with replace', ['  combine: replace\n  afterCallWork: unmanaged'], []],
  [
    'a period that never is',
    [
      '  active: { from: 2027-01-01T00:00:00Z, until: 2027-01-01T00:00:00Z }\n  afterCallWork: { prompt: OPTIONAL }',
    ],
    ['error policy.active-never a.yaml:6:48'],
  ],
  [
    'a period to come',
    [
      '  active: { from: 2027-01-01T00:00:00Z, until: 2027-01-02T00:00:00Z }\n  afterCallWork: { prompt: OPTIONAL }',
    ],
    [],
  ],
  [
    'a period that ended',
    ['  active: { until: 2026-11-01T00:00:00Z }\n  afterCallWork: { prompt: OPTIONAL }'],
    ['warning policy.expired a.yaml:6:20'],
  ],
  [
    'a suspension that ended',
    [
      '  suspend: { reason: a, by: b, until: 2026-10-31T23:59:59Z }\n  afterCallWork: { prompt: OPTIONAL }',
    ],
    ['warning policy.expired a.yaml:6:39'],
  ],
  [
    'a suspension that lasts',
    [
      '  suspend: { reason: a, by: b, until: 2026-11-01T00:00:01Z }\n  afterCallWork: { prompt: OPTIONAL }',
    ],
    [],
  ],
  [
    'required under MANDATORY',
    [
      '  afterCallWork: { prompt: MANDATORY }\n  wrapupCodes: { unlisted: keep, required: true, codes: [A] }',
    ],
    [],
  ],
  [
    'required under OPTIONAL',
    [
      '  afterCallWork: { prompt: OPTIONAL }\n  wrapupCodes: { unlisted: keep, required: true, codes: [A] }',
    ],
    ['error policy.required-not-enforceable a.yaml:7:58'],
  ],
  [
    'required under AGENT_REQUESTED',
    [
      '  afterCallWork: { prompt: AGENT_REQUESTED }\n  wrapupCodes: { unlisted: keep, codes: [A, { name: B, required: true }] }',
    ],
    ['error policy.required-not-enforceable a.yaml:7:45'],
  ],
  [
    'required under a timer',
    [
      '  afterCallWork: { prompt: MANDATORY_TIMEOUT }\n  wrapupCodes: { unlisted: keep, required: true, codes: [A, B] }',
    ],
    ['warning policy.required-advisory a.yaml:7:58'],
  ],
  [
    'required, and nobody manages the prompt',
    ['  wrapupCodes: { unlisted: keep, required: true, codes: [A] }'],
    ['warning policy.required-advisory a.yaml:6:58'],
  ],
  [
    'required, and the row takes it back',
    [
      '  afterCallWork: { prompt: OPTIONAL }\n  wrapupCodes: { unlisted: keep, required: true, codes: [{ name: A, required: false }] }',
    ],
    [],
  ],
  [
    'bypass',
    [
      '  wrapupCodes: { unlisted: keep, bypass: { transfer: true }, codes: [A, B, C, { name: D, bypass: { wrapup: true } }] }',
    ],
    ['warning policy.bypass-advisory a.yaml:6:70'],
  ],
  [
    'bypass that is taken back',
    [
      '  wrapupCodes: { unlisted: keep, bypass: { transfer: true }, codes: [{ name: A, bypass: { transfer: false } }] }',
    ],
    [],
  ],
];

describe('policies', () => {
  it.each(CASES)('%s', (_name, specs, found) => {
    expect(findings(specs.map((spec) => policy(spec)))).toEqual(found);
  });

  it('leave the prompt to another policy that says MANDATORY', () => {
    const required = policy('  wrapupCodes: { unlisted: keep, required: true, codes: [A] }', 'a');
    expect(findings([required, policy('  afterCallWork: { prompt: MANDATORY }', 'b')])).toEqual([]);
  });

  it.each([
    [1, []],
    [0, ['error policy.required-not-enforceable billing.yaml:7:58']],
  ])(
    'leave the prompt to another policy of priority %d, if that is a stronger one',
    (priority, found) => {
      const weak = policy(
        '  afterCallWork: { prompt: OPTIONAL }\n  wrapupCodes: { unlisted: keep, required: true, codes: [A] }',
      );
      const other = policy(
        `  priority: ${priority}\n  afterCallWork: { prompt: MANDATORY }`,
        'other',
      );
      const errors = findings([weak, other]).map((line) =>
        line.replace(/\S+\.yaml/, 'billing.yaml'),
      );
      expect(errors).toEqual(found);
    },
  );

  it('are free in their requirements behind a gateway that writes them', () => {
    const spec =
      '  afterCallWork: { prompt: OPTIONAL }\n  wrapupCodes: { unlisted: keep, required: true, bypass: { transfer: true }, codes: [A] }';
    expect(findings([policy(spec)], { api: 'wrapupcodes-put' })).toEqual([]);
  });

  it('are told about bypass in one warning that names flags and rows', () => {
    const [finding] = check([
      policy(
        '  wrapupCodes: { unlisted: keep, bypass: { transfer: true }, codes: [A, B, C, { name: D, bypass: { wrapup: true } }] }',
      ),
    ]).diagnostics;
    expect(finding?.message).toBe(
      'The public API has no setting for `bypass.transfer` of all its codes; `bypass.wrapup` of "D": checked and reported, not enforced.',
    );
  });

  it('show the other side', () => {
    const [finding] = check([
      policy('  wrapupCodes: { unlisted: keep, codes: [A], forbidden: [A] }'),
    ]).diagnostics;
    expect(finding?.related).toMatchObject([
      { message: 'It is forbidden here', span: { line: 6, column: 58 } },
    ]);
  });

  it('are unique by name within a kind alone', () => {
    const text = catalog('{ name: A }').replace('name: catalog', 'name: billing');
    expect(findings([policy('  afterCallWork: { prompt: OPTIONAL }'), text])).toEqual([]);
    expect(findings([text, text])).toEqual([
      'error policy.duplicate-name b.yaml:3:19',
      'error catalog.duplicate b.yaml:6:7',
    ]);
  });

  it('warn of allowances that ended', () => {
    const text =
      'apiVersion: wrapkeeper/v1\nkind: GuardAllowance\nmetadata: { name: a }\nspec: { queuesChanged: 1, reason: x, until: 2026-10-01T00:00:00Z }\n';
    expect(findings([text])).toEqual(['warning policy.expired a.yaml:4:45']);
  });
});

describe('catalogs', () => {
  it.each<[string, string[], string[], string[]]>([
    ['list what policies list', ['Resolved'], ['{ name: Resolved }'], []],
    [
      'list a code twice',
      [],
      ['{ name: A }', '{ name: A }'],
      ['error catalog.duplicate b.yaml:7:7'],
    ],
    [
      'list a code twice, in two ways',
      [],
      ['{ name: R\u00E9 }', '{ name: Re\u0301 }'],
      ['error catalog.duplicate b.yaml:7:7'],
    ],
    [
      'rename one code to two',
      [],
      ['{ name: A, previously: C }', '{ name: B, previously: C }'],
      ['error catalog.duplicate b.yaml:7:7'],
    ],
    [
      'rename a code and list it',
      [],
      ['{ name: A }', '{ name: B, previously: A }'],
      ['error catalog.duplicate b.yaml:7:7'],
    ],
    [
      'rename a code to itself',
      [],
      ['{ name: A, previously: A }'],
      ['error catalog.same-name b.yaml:6:7'],
    ],
    [
      'retire what a policy lists',
      ['Old'],
      ['{ name: Old, retired: true }'],
      ['error catalog.retired-listed a.yaml:9:9'],
    ],
    [
      'rename what a policy lists',
      ['Callback'],
      ['{ name: Call back, previously: Callback }'],
      ['error catalog.renamed-listed a.yaml:9:9'],
    ],
    [
      'do not know what a policy lists',
      ['Reslved'],
      ['{ name: Resolved }'],
      ['warning catalog.not-listed a.yaml:9:9'],
    ],
  ])('%s', (_name, listed, entries, found) => {
    const text =
      listed.length === 0
        ? policy('  afterCallWork: { prompt: OPTIONAL }')
        : codes(...listed.map((name) => `- ${name}`));
    expect(findings([text, catalog(...entries)])).toEqual(found);
  });

  it('are read as one', () => {
    const more = catalog('{ name: Escalated }').replace('name: catalog', 'name: more');
    expect(
      findings([codes('- Resolved', '- Escalated'), catalog('{ name: Resolved }'), more]),
    ).toEqual([]);
    expect(findings([catalog('{ name: Escalated }'), more])).toEqual([
      'error catalog.duplicate b.yaml:6:7',
    ]);
  });

  it('suggest what was meant', () => {
    const [finding] = check([codes('- Reslved'), catalog('{ name: Resolved }')]).diagnostics;
    expect(finding?.remedy).toBe('Did you mean "Resolved"? Otherwise add it to the catalog.');
  });

  it('hold for forbidden codes where they are renamed', () => {
    const text = policy('  wrapupCodes: { unlisted: keep, forbidden: [Callback, Unheard] }');
    expect(findings([text, catalog('{ name: Call back, previously: Callback }')])).toEqual([
      'error catalog.renamed-listed a.yaml:6:46',
    ]);
  });
});

describe('no files', () => {
  it('are told by who looked for them', () => {
    expect(check([]).diagnostics.map(brief)).toEqual([]);
  });
});
