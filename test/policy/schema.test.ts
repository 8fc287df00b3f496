import { describe, expect, it } from 'vitest';
import { validatePolicies } from '../../src/policy/rules.js';
import { NOW, brief, catalog, check, codes, findings, policy } from './written.js';

/** A spec (line 6 onwards), the finding, what it says, and what to do. */
const FAULTS: readonly (readonly [
  spec: string,
  finding: string,
  says: string,
  remedy: string | null,
])[] = [
  // keys
  [
    '  prioritty: 1',
    'schema.unknown-key 6:3',
    '"prioritty" is no key of `spec`',
    'Did you mean `priority`?',
  ],
  [
    '  colour: red',
    'schema.unknown-key 6:3',
    '"colour" is no key of `spec`',
    'The keys are `priority`,',
  ],
  // a key that is indented like the wrong neighbour
  [
    '  prompt: MANDATORY',
    'schema.unknown-key 6:3',
    '"prompt" is no key of `spec`',
    'It is a key of `spec.afterCallWork`: check its indentation.',
  ],
  [
    '  wrapupCodes: { unlisted: keep, codes: [A], enforcement: report }',
    'schema.unknown-key 6:46',
    '`spec.wrapupCodes`',
    'It is a key of `spec`: check its indentation.',
  ],
  [
    '  afterCallWork: { prompt: OPTIONAL, metadata: x }',
    'schema.unknown-key 6:38',
    '`spec.afterCallWork`',
    'It is a key of the document: check its indentation.',
  ],
  [
    '  afterCallWork: { Prompt: MANDATORY }',
    'schema.unknown-key 6:20',
    '`spec.afterCallWork`',
    'Did you mean `prompt`?',
  ],
  [
    '  afterCallWork: { timeout: 45s }',
    'schema.missing-key 6:18',
    'The key `prompt` is missing in `spec.afterCallWork`: one of OPTIONAL,',
    'Add `prompt`.',
  ],
  [
    '  active: {}',
    'schema.missing-key 6:11',
    '`spec.active` needs at least one of `from`, `until`',
    'Add one',
  ],
  [
    '  suspend: { reason: a, by: b }',
    'schema.missing-key 6:12',
    '`until` is missing',
    'Add `until`.',
  ],
  [
    '  wrapupCodes: { codes: [A] }',
    'schema.missing-key 6:16',
    '`unlisted` is missing in `spec.wrapupCodes`: one of remove, keep',
    'Add',
  ],
  // types
  [
    '  priority: high',
    'schema.wrong-type 6:13',
    '`spec.priority` is "high"; expected is a whole number',
    null,
  ],
  ['  priority: 1.5', 'schema.invalid-value 6:13', 'is the number 1.5', null],
  ['  priority: 1e400', 'schema.invalid-value 6:13', 'is the number 1e400', null],
  [
    '  afterCallWork: { prompt: MANDATORY_TIMEOUT, timeout: 45 }',
    'schema.wrong-type 6:56',
    'is the number 45; expected is a duration such as 45s',
    null,
  ],
  [
    '  afterCallWork: MANDATORY',
    'schema.invalid-value 6:18',
    'a map with `prompt`, `timeout`, or the word `unmanaged`',
    null,
  ],
  ['  afterCallWork:', 'schema.wrong-type 6:17', '`spec.afterCallWork` is empty', null],
  [
    '  wrapupCodes: { unlisted: keep, codes: }',
    'schema.wrong-type 6:41',
    'is empty; expected is a list',
    'Write `[]`',
  ],
  [
    '  wrapupCodes: { unlisted: keep, codes: Resolved }',
    'schema.wrong-type 6:41',
    'is "Resolved"; expected is a list',
    'Write a list',
  ],
  [
    '  wrapupCodes: { unlisted: keep, codes: [[A]] }',
    'schema.wrong-type 6:42',
    'is a list; expected is a text, or a map',
    null,
  ],
  [
    '  wrapupCodes: { unlisted: keep, required: yes }',
    'schema.wrong-type 6:44',
    'is "yes"; expected is `true` or `false`',
    'Write `true`.',
  ],
  [
    '  wrapupCodes: { unlisted: keep, required: Off }',
    'schema.wrong-type 6:44',
    'is "Off"',
    'Write `false`.',
  ],
  // values
  [
    '  combine: mrege',
    'schema.invalid-value 6:12',
    '"mrege"; expected is one of merge, replace',
    'Did you mean `merge`?',
  ],
  [
    '  afterCallWork: { prompt: mandatory }',
    'schema.invalid-value 6:28',
    'is "mandatory"',
    'Did you mean `MANDATORY`?',
  ],
  [
    '  afterCallWork: unmanged',
    'schema.invalid-value 6:18',
    'is "unmanged"',
    'Did you mean `unmanaged`?',
  ],
  [
    '  afterCallWork: { prompt: MANDATORY_TIMEOUT, timeout: 45 s }',
    'schema.invalid-value 6:56',
    'is "45 s"',
    null,
  ],
  [
    '  active: { until: 2026-12-01T00:00:00 }',
    'schema.invalid-value 6:20',
    'an instant with its offset',
    null,
  ],
  [
    '  active: { until: 2026-02-30T00:00:00Z }',
    'schema.invalid-value 6:20',
    'is "2026-02-30T00:00:00Z"',
    null,
  ],
  [
    '  active: { until: 2026-12-01 }',
    'schema.invalid-value 6:20',
    'an instant with its offset',
    null,
  ],
  [
    '  wrapupCodes: { unlisted: keep, codes: [""] }',
    'schema.invalid-value 6:42',
    'is an empty text',
    null,
  ],
  [
    '  wrapupCodes: { unlisted: keep, codes: [{}] }',
    'schema.missing-key 6:42',
    'needs at least one of `name`, `id`',
    null,
  ],
  [
    '  wrapupCodes: { unlisted: keep, codes: [{ id: 12 }] }',
    'schema.wrong-type 6:48',
    'an id such as',
    null,
  ],
  [
    '  wrapupCodes: { unlisted: keep, codes: [{ id: abc }] }',
    'schema.invalid-value 6:48',
    'is "abc"',
    null,
  ],
  [
    '  wrapupCodes: { unlisted: keep, codes: [{ nmae: A }] }',
    'schema.unknown-key 6:44',
    '"nmae"',
    'Did you mean `name`?',
  ],
  [
    '  wrapupCodes: { unlisted: keep, codes: [{ name: A, bypass: { transfr: true } }] }',
    'schema.unknown-key 6:63',
    '`spec.wrapupCodes.codes[0].bypass`',
    'Did you mean `transfer`?',
  ],
];

describe('what does not fit the schema', () => {
  it.each(FAULTS)('%j is %s', (spec, finding, says, remedy) => {
    const { diagnostics } = check([policy(spec)]);
    const [code, place] = finding.split(' ');
    const found = diagnostics.filter((diagnostic) => diagnostic.code.startsWith('schema.'));
    expect(found.map(brief)).toEqual([`error ${code} a.yaml:${place}`]);
    expect(found[0]?.message).toContain(says);
    expect(found[0]?.message).not.toContain('Invalid input');
    if (remedy !== null) expect(found[0]?.remedy).toContain(remedy);
  });

  it('asks for a map where a queue is only named', () => {
    const text = policy('  afterCallWork: { prompt: MANDATORY }').replace(
      '{ name: "*" }',
      '"Billing *"',
    );
    const [finding] = check([text]).diagnostics;
    expect(finding).toMatchObject({ code: 'schema.wrong-type', remedy: 'Write `name: …`.' });
  });

  it('ends a place with the value, not with the lines after it', () => {
    const [finding] = check([codes('- - x', '- y')]).diagnostics;
    expect(finding?.span).toEqual({
      file: 'a.yaml',
      line: 9,
      column: 9,
      endLine: 9,
      endColumn: 12,
    });
  });
});

describe('what a document is', () => {
  it.each([
    [
      'kind: Settings\napiVersion: wrapkeeper/v1',
      'schema.unknown-kind 1:7',
      'wrapkeeper.yaml at the root',
    ],
    [
      'kind: QueuPolicy\napiVersion: wrapkeeper/v1',
      'schema.unknown-kind 1:7',
      'Did you mean `QueuePolicy`?',
    ],
    [
      'kind: Deployment\napiVersion: apps/v1',
      'schema.unknown-kind 1:7',
      'The kinds are QueuePolicy,',
    ],
    ['kind: [QueuePolicy]', 'schema.unknown-kind 1:7', 'The kinds are'],
    ['kind: 1', 'schema.unknown-kind 1:7', 'The kinds are'],
    ['apiVersion: wrapkeeper/v1', 'schema.missing-key 1:1', 'Add `kind: QueuePolicy`'],
    [
      'kind: QueuePolicy\napiVersion: wrapkeeper/v2',
      'schema.unknown-kind 2:13',
      'Write `apiVersion: wrapkeeper/v1`.',
    ],
    ['- kind: QueuePolicy', 'schema.wrong-type 1:1', 'Begin with'],
  ])('%j', (text, finding, remedy) => {
    const { diagnostics } = check([text]);
    const [code, place] = finding.split(' ');
    expect(diagnostics.map(brief)).toEqual([`error ${code} a.yaml:${place}`]);
    expect(diagnostics[0]?.remedy).toContain(remedy);
  });

  it('names every key that is missing', () => {
    expect(findings(['kind: QueuePolicy\n'])).toEqual([
      'error schema.missing-key a.yaml:1:1',
      'error schema.missing-key a.yaml:1:1',
      'error schema.missing-key a.yaml:1:1',
    ]);
  });

  it('asks an allowance for a measure', () => {
    const text =
      'apiVersion: wrapkeeper/v1\nkind: GuardAllowance\nmetadata: { name: a }\nspec: { reason: x, until: 2027-01-01T00:00:00Z }\n';
    const [finding] = check([text]).diagnostics;
    expect(finding?.message).toBe(
      '`spec` needs at least one of `queuesChanged`, `codesRemoved`, `codesRemovedPerQueue`, `codesPerQueue`.',
    );
  });
});

describe('everything at once', () => {
  it('holds what could be read of a broken document against the rules', () => {
    const text = policy(
      '  combine: mrege\n  wrapupCodes:\n    unlisted: keep\n    codez: []\n    codes: [A, B, A]\n    forbidden: [B, { nam: C }]',
    );
    expect(findings([text])).toEqual([
      'error schema.invalid-value a.yaml:6:12',
      'error schema.unknown-key a.yaml:9:5',
      'error policy.duplicate-code a.yaml:10:19',
      'error schema.unknown-key a.yaml:11:22',
    ]);
  });

  it('says nothing about what is missing while a document is broken', () => {
    const broken = catalog('{ name: Escalated }', '{ nome: Other }').replace('catalog }', 'more }');
    expect(findings([codes('- Escalated'), catalog('{ name: Resolved }'), broken])).toEqual([
      'error schema.unknown-key c.yaml:7:9',
    ]);
    expect(
      findings([policy('  wrapupCodes: { unlisted: remove, codes: [], allowempty: true }')]),
    ).toEqual(['error schema.unknown-key a.yaml:6:47']);
  });

  it('sorts by file, line and column, whatever the order of the files', () => {
    const files = [
      { path: 'b.yaml', text: policy('  combine: x\n  enforcement: y', 'b') },
      { path: 'a.yaml', text: codes('- A', '- A') },
    ];
    const context = { now: NOW, api: 'public' } as const;
    const sorted = [
      'error policy.duplicate-code a.yaml:10:9',
      'error schema.invalid-value b.yaml:6:12',
      'error schema.invalid-value b.yaml:7:16',
    ];
    expect(validatePolicies(files, context).diagnostics.map(brief)).toEqual(sorted);
    expect(validatePolicies(files.toReversed(), context).diagnostics.map(brief)).toEqual(sorted);
  });
});
