/** What an import writes, as people read it. */
import { describe, expect, it } from 'vitest';
import { readForImport } from '../../src/apply/read-import.js';
import { importQueues } from '../../src/plan/import-org.js';
import type { PolicySet } from '../../src/policy/model.js';
import { validatePolicies } from '../../src/policy/rules.js';
import { renderPolicyFiles } from '../../src/report/policy-yaml.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { MemoryOrg, uuid } from '../support/memory-org.js';
import type { Behaviour, OrgSeed } from '../support/memory-org.js';
import { catalog, policySet, settings } from '../support/policy-set.js';

const filesOf = async (
  seed: OrgSeed,
  {
    set = policySet(),
    behaviour = {},
  }: { readonly set?: PolicySet; readonly behaviour?: Partial<Behaviour> } = {},
) => {
  const org = new MemoryOrg(seed, new FakeClock(), behaviour);
  const read = await readForImport({
    reader: org.reader,
    organization: org.organization,
    policySet: set,
    settings: settings(),
    choose: (queues) => queues,
    beforeCodes: () => Promise.resolve(),
    now: NOW,
  });
  return renderPolicyFiles(importQueues(read), {
    organization: org.organization.name,
    schema: '../schemas/policy.schema.json',
  });
};

/** The documents of the only file, introduction and schema lines left out. */
const documentsOf = async (...args: Parameters<typeof filesOf>): Promise<string> => {
  const [file, ...others] = await filesOf(...args);
  expect(others).toEqual([]);
  return (file?.text ?? '').replace(/^#(?! No | Like |.*Not managed| - ).*\n/gm, '');
};

describe('a file', () => {
  it('begins with the schema and says what it is', async () => {
    const [file] = await filesOf({
      queues: [{ name: 'Support', division: 'Öffentlicher Sektor', codes: ['A'] }],
    });
    expect(file).toMatchObject({ name: 'offentlicher-sektor.yaml', policies: 1, queues: 1 });
    expect(file?.text).toBe(`# yaml-language-server: $schema=../schemas/policy.schema.json
#
# The queues of the division "Öffentlicher Sektor" as they were in "Acme" when
# \`wrapkeeper import\` read them. Queues with equal rules share one document; a list of names may
# become a pattern such as \`Billing *\`. What is nearly like a larger document says so: it may have drifted.
#
# \`enforcement: report\` plans and reports, and writes nothing. Once a document says what you want,
# change it to \`enforce\`: from then on its queues are kept like that.
apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata:
  name: 'offentlicher-sektor-support'
spec:
  enforcement: report
  queues:
    include:
      - name: 'Support'
  afterCallWork:
    prompt: OPTIONAL # "Optional", agents may skip it
  wrapupCodes:
    unlisted: remove # other codes would be taken off
    codes:
      - 'A'
`);
  });

  describe('of queues that are nearly like many others', () => {
    const three = ['EN', 'DE', 'FR'].map((line) => ({
      name: `Billing ${line}`,
      codes: ['A', 'B', 'C', 'D'],
    }));
    const likeness = async (...others: OrgSeed['queues']): Promise<readonly string[]> =>
      (await documentsOf({ queues: [...three, ...others] })).match(/^# Like .*$/gm) ?? [];

    it('says in what they differ', async () => {
      expect(await likeness({ name: 'Billing ES', codes: ['A', 'B', 'D'] })).toEqual([
        '# Like home-billing (3 queues), but without "C".',
      ]);
      expect(await likeness({ name: 'Billing ES', codes: ['A', 'B', 'D', 'E', 'C'] })).toEqual([
        '# Like home-billing (3 queues), but with "E" besides.',
      ]);
      expect(
        await likeness({ name: 'Billing ES', codes: ['A', 'B', 'C'], prompt: 'MANDATORY' }),
      ).toEqual([
        '# Like home-billing (3 queues), but without "D", and with other after-call work.',
      ]);
    });

    it.each<[string, NonNullable<OrgSeed['queues']>]>([
      ['three differences', [{ name: 'X', codes: ['A', 'B', 'C', 'D', 'E', 'F', 'G'] }]],
      [
        'hardly a code in common',
        [
          ...['1', '2', '3'].map((line) => ({ name: `Sales ${line}`, codes: ['P', 'Q'] })),
          { name: 'X', codes: ['P', 'R'] },
        ],
      ],
      ['no codes that could be written', [{ name: 'X', codes: [], prompt: 'MANDATORY' }]],
      ['half as many queues or more', ['X', 'Y'].map((name) => ({ name, codes: ['A', 'B', 'C'] }))],
      ['another division', [{ name: 'X', codes: ['A', 'B', 'C'], division: 'Retail' }]],
    ])('says nothing of %s', async (_what, queues) => {
      const files = await filesOf({ queues: [...three, ...queues] });
      expect(files.map(({ text }) => text).join('')).not.toContain('# Like ');
    });
  });

  it('has one document for all queues with equal rules, named after what they have in common', async () => {
    const text = await documentsOf({
      queues: [
        { name: 'Billing EN', prompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000, codes: ['B', 'A'] },
        { name: 'Sales', codes: ['A'] },
        { name: 'Billing DE', prompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000, codes: ['A', 'B'] },
      ],
    });
    expect(text).toContain(`  name: 'home-billing'
spec:
  enforcement: report
  queues:
    include:
      - name: 'Billing DE'
      - name: 'Billing EN'
  afterCallWork:
    prompt: MANDATORY_TIMEOUT # "Mandatory, Time-boxed", until the timer ends or the agent finishes it earlier
    timeout: 45s
  wrapupCodes:
    unlisted: remove # other codes would be taken off
    codes:
      - 'A'
      - 'B'
`);
    expect(text.match(/^---$/gm)).toHaveLength(1);
    expect(text).toContain("name: 'home-sales'");
  });

  it('is one for each division, under names that differ', async () => {
    const files = await filesOf({
      queues: ['Con', 'Zürich', 'Zurich', '!', '日本'].map((division, at) => ({
        name: `Queue ${at}`,
        division,
        codes: ['A'],
      })),
    });
    expect(files.map(({ name }) => name)).toEqual([
      'division.yaml',
      'division-con.yaml',
      'zurich.yaml',
      'zurich-2.yaml',
      '日本.yaml',
    ]);
  });

  it('stays below the limit of files, however many queues a division has', async () => {
    const codes = Array.from({ length: 60 }, (_, at) => `Code ${at} ${'x'.repeat(60)}`);
    const files = await filesOf({
      codes,
      queues: Array.from({ length: 5_000 }, (_, at) => ({
        name: `Queue ${String(at).padStart(4, '0')}`,
        codes:
          at < 2_500
            ? codes.slice(0, 1)
            : codes.filter((_name, code) => code < 8 || code === at % 60 || code === (at * 7) % 59),
      })),
    });
    expect(files.length).toBeGreaterThan(1);
    expect(files.reduce((sum, { queues }) => sum + queues, 0)).toBe(5_000);
    for (const { text } of files) expect(Buffer.byteLength(text)).toBeLessThan(600_000);
    expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
    const { set, diagnostics } = validatePolicies(
      files.map(({ name, text }) => ({ path: name, text })),
      { now: NOW, api: 'public' },
    );
    expect(diagnostics).toEqual([]);
    expect(set.policies.flatMap(({ include }) => include)).toHaveLength(5_000);
  });
});

describe('what a name alone does not say', () => {
  it('stars are escaped, quotes and traps of YAML stand in quotes', async () => {
    const text = await documentsOf({
      queues: ['Test*', 'yes', '1e3', ': #', "Joe's", 'Say "hi"', `both ' and "`].map((name) => ({
        name,
        codes: ['no', 'Sale: closed'],
      })),
    });
    expect(text).toContain(`    include:
      - name: '1e3'
      - name: ': #'
      - name: "Joe's"
      - name: 'Say "hi"'
      - name: 'Test\\*'
      - name: 'both '' and "'
      - name: 'yes'
`);
    expect(text).toContain("      - 'Sale: closed'\n      - 'no'\n");
  });

  it('is said by division, by id, or by both, with the reason', async () => {
    const files = await filesOf({
      queues: [
        { name: 'Support', division: 'Home', id: uuid(1, 1) },
        { name: 'Support', division: 'Retail', id: uuid(1, 2) },
        { name: 'Twin', division: 'Retail', id: uuid(1, 3) },
        { name: 'Twin', division: 'Retail', id: uuid(1, 4) },
        { name: 'no\u00A0break', division: 'Retail', id: uuid(1, 5) },
      ],
    });
    expect(files[0]?.text).toContain("      - name: 'Support'\n        division: 'Home'\n");
    expect(files[1]?.text).toContain(`    include:
      - name: 'Support'
        division: 'Retail'
      - name: 'Twin'
        id: ${uuid(1, 3)} # another queue of this division has the same name
      - name: 'Twin'
        id: ${uuid(1, 4)} # another queue of this division has the same name
      - id: ${uuid(1, 5)} # "no<U+00A0 NO-BREAK SPACE>break": a name that cannot be written as it is seen
`);
  });

  it('holds for codes, too', async () => {
    const text = await documentsOf({
      codes: [
        { name: 'Zürich', id: uuid(2, 1) },
        { name: 'Zu\u0308rich', id: uuid(2, 2) },
      ],
      queues: [{ name: 'Support', codes: ['Zürich', 'a\u200Bb'] }],
    });
    expect(text).toContain(`- id: ${uuid(2, 1)} # "Zürich": this name alone is not sure`);
    expect(text).toContain(
      `- id: ${uuid(2, 3)} # "a<U+200B ZERO WIDTH SPACE>b": this name alone is not sure`,
    );
  });
});

describe('what the language cannot say', () => {
  it('a timer out of bounds stays as it is', async () => {
    const text = await documentsOf({
      queues: [
        { name: 'A', prompt: 'MANDATORY_TIMEOUT', timeoutMs: 4_000_000, codes: ['X'] },
        { name: 'B', prompt: 'MANDATORY_TIMEOUT', timeoutMs: null, codes: ['X'] },
      ],
    });
    expect(text).toContain(
      "- name: 'A' # no `timeout`: 4000s is outside what the platform accepts, 1s to 60m\n",
    );
    expect(text).toContain("- name: 'B' # no `timeout`: MANDATORY_TIMEOUT has no timer\n");
    expect(text).not.toContain('timeout: ');
  });

  it('an unknown prompt leaves the codes, and no codes leave the prompt', async () => {
    const unknown = await documentsOf({
      queues: [{ name: 'A', prompt: 'NEW\n: #', codes: ['X'] }],
    });
    expect(unknown).toContain(
      '# No `afterCallWork`: the prompt "NEW<U+000A LINE FEED>: #" is none that the language knows.\napiVersion',
    );
    expect(unknown).toContain('wrapupCodes:');
    const none = await documentsOf({ queues: [{ name: 'A', prompt: 'MANDATORY' }] });
    expect(none).toContain(
      '# No `wrapupCodes`: MANDATORY needs a code to choose, and the queue has none.\napiVersion',
    );
    expect(none).not.toContain('wrapupCodes:');
  });

  it('a queue without codes that needs none has an empty list that is meant', async () => {
    expect(await documentsOf({ queues: [{ name: 'A', prompt: 'OPTIONAL' }] })).toContain(
      `    unlisted: remove # any code would be taken off
    codes: []
    allowEmpty: true # these queues have none
`,
    );
  });

  it('a queue of which nothing can be said is told at the end; a division of such has no file', async () => {
    const nothing = { name: 'Odd', prompt: 'MANDATORY_SOMETIME', id: uuid(1, 9) };
    expect(await filesOf({ queues: [nothing] })).toEqual([]);
    const [file] = await filesOf({ queues: [nothing, { name: 'Support', codes: ['X'] }] });
    expect(file?.text.trimEnd().split('\n').slice(-2)).toEqual([
      '# Not managed by any document here:',
      `# - "Odd" (${uuid(1, 9)}): the prompt "MANDATORY_SOMETIME" is none that the language knows; MANDATORY_SOMETIME needs a code to choose, and the queue has none`,
    ]);
  });

  it('codes that the catalog retires are not listed', async () => {
    const set = policySet(catalog([{ name: 'Old reason', retired: true }]));
    const text = await documentsOf(
      { queues: [{ name: 'A', codes: ['Old reason', 'X'] }] },
      { set },
    );
    expect(text).toContain('# No `wrapupCodes`: the catalog retires "Old reason".\n');
  });

  it('codes that the catalog renames are listed under their new names', async () => {
    const set = policySet(catalog([{ name: 'Call back', previously: 'Callback' }]));
    const text = await documentsOf({ queues: [{ name: 'A', codes: ['Callback'] }] }, { set });
    expect(text).toContain("      - 'Call back'\n");
  });

  it('codes that slip from one page to the next are found by a second look', async () => {
    const codes = Array.from({ length: 4 }, (_, at) => ({ name: `C${at}`, id: uuid(2, at + 1) }));
    const text = await documentsOf(
      { codes, queues: [{ name: 'A', codes: codes.map(({ name }) => name) }] },
      {
        behaviour: {
          codesPerPage: 2,
          codesPerQueuePage: 2,
          slips: (list, id, nth) =>
            (list === 'codes' && id === uuid(2, 1) && nth === 1) ||
            (list === 'queueCodes' && id === uuid(2, 2) && nth === 1),
        },
      },
    );
    expect(text).toContain("      - 'C0'\n      - 'C1'\n      - 'C2'\n      - 'C3'\n");
  });
});

describe('rows of a gateway', () => {
  it('the most frequent row stands once, others beside their codes', async () => {
    const text = await documentsOf({
      api: 'wrapupcodes-put',
      queues: [
        {
          name: 'A',
          prompt: 'MANDATORY',
          codes: [
            { name: 'X', required: true, bypass: { transfer: true } },
            { name: 'Y', required: true, bypass: { transfer: true } },
            { name: 'Z' },
          ],
        },
      ],
    });
    expect(text).toContain(`    unlisted: remove # other codes would be taken off
    required: true
    bypass:
      transfer: true
    codes:
      - 'X'
      - 'Y'
      - name: 'Z'
        required: false
        bypass:
          transfer: false
`);
  });
});
