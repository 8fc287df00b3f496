import { describe, expect, it } from 'vitest';
import { brief, check, codes, policy } from './written.js';

/** What stands at line 9, column 7, in a list of codes; the one finding; and what it says. */
const TRAPS: readonly (readonly [line: string, finding: string, says: string])[] = [
  // no text to YAML
  ['- 404', 'yaml.not-text 9:9', 'reads "404" as a number'],
  ['- 0x1F', 'yaml.not-text 9:9', 'as a number'],
  ['- 0o17', 'yaml.not-text 9:9', 'as a number'],
  ['- 1e3', 'yaml.not-text 9:9', 'as a number'],
  ['- .5', 'yaml.not-text 9:9', 'as a number'],
  ['- true', 'yaml.not-text 9:9', 'as a boolean'],
  ['- ~', 'yaml.not-text 9:9', 'as nothing'],
  ['- null', 'yaml.not-text 9:9', 'as nothing'],
  ['-', 'yaml.not-text 9:8', 'Nothing stands here'],
  ['- name:', 'yaml.not-text 9:14', 'Nothing stands here'],
  ['- name: 404', 'yaml.not-text 9:15', 'as a number'],
  // no text to tools of YAML 1.1
  ['- No', 'yaml.not-text 9:9', 'read "No" as a boolean'],
  ['- yes', 'yaml.not-text 9:9', 'as a boolean'],
  ['- off', 'yaml.not-text 9:9', 'as a boolean'],
  ['- On', 'yaml.not-text 9:9', 'as a boolean'],
  ['- y', 'yaml.not-text 9:9', 'as a boolean'],
  ['- N', 'yaml.not-text 9:9', 'as a boolean'],
  ['- 2026-01-01', 'yaml.not-text 9:9', 'as a date'],
  ['- 12:30', 'yaml.not-text 9:9', 'as a number'],
  ['- 1_000', 'yaml.not-text 9:9', 'as a number'],
  // tags, anchors, aliases, merge keys
  ['- ! urgent', 'yaml.tag 9:9', '"! urgent" as a tag'],
  ['- !urgent', 'yaml.tag 9:9', 'as a tag'],
  ['- !!str 5', 'yaml.tag 9:9', '"!!str 5" as a tag'],
  ['- *Sandbox', 'yaml.alias 9:9', 'reads "*Sandbox" as an alias'],
  ['- * Sandbox', 'yaml.alias 9:9', 'reads "* Sandbox" as an alias'],
  ['- & urgent', 'yaml.alias 9:9', 'as an anchor'],
  ['- &a urgent', 'yaml.alias 9:9', 'as an anchor'],
  ['- <<: { name: x }', 'yaml.alias 9:9', '`<<` merges'],
  ['- &a name: x', 'yaml.alias 9:9', 'as an anchor'],
  // comments
  ['- Order #123', 'yaml.comment-in-text 9:9', 'reads "Order" here, without "#123"'],
  ['- #urgent', 'yaml.comment-in-text 9:9', 'reads nothing here, without "#urgent"'],
  ['- name: Order #123', 'yaml.comment-in-text 9:15', 'without "#123"'],
  ['- "Order"#123', 'yaml.syntax 9:16', 'A comment needs a space'],
  // colons
  ['- Réclamation : doublon', 'yaml.text-as-map 9:9', 'makes a map of this text'],
  ['- Sale: closed', 'yaml.text-as-map 9:9', 'makes a map of this text'],
  ['- Resolved:', 'yaml.text-as-map 9:9', 'makes a map of this text'],
  ['- name: Sale: closed', 'yaml.text-as-map 9:15', 'where a text has begun already'],
  ['- __proto__: 1', 'yaml.text-as-map 9:9', 'makes a map of this text'],
  // what cannot be seen
  ['- Wrong\u00A0number', 'yaml.invisible 9:14', 'holds U+00A0 NO-BREAK SPACE'],
  ['- "Wrong\u00A0number"', 'yaml.invisible 9:15', 'Wrong<U+00A0 NO-BREAK SPACE>number'],
  ['- Wrong\u200Bnumber', 'yaml.invisible 9:14', 'U+200B ZERO WIDTH SPACE'],
  ['- abc\u202Exyz', 'yaml.invisible 9:12', 'U+202E RIGHT-TO-LEFT OVERRIDE'],
  ['- a\tb', 'yaml.invisible 9:10', 'U+0009 CHARACTER TABULATION.'],
  ['- " Resolved"', 'yaml.invisible 9:10', 'U+0020 SPACE at its beginning or end'],
  ["- 'Resolved '", 'yaml.invisible 9:18', 'U+0020 SPACE at its beginning or end'],
  ['- "half \\uD800"', 'yaml.invisible 9:9', 'half of a character'],
  ['- { "na\u200Bme": x }', 'yaml.invisible 9:11', 'The key'],
  // lines and quotes
  ['- |\n        Resolved', 'yaml.invisible 9:9', 'joins several lines'],
  ['- Resolved\n        Escalated', 'yaml.invisible 9:9', 'joins several lines'],
  ['- "unclosed', 'yaml.syntax 9:9', 'has no closing quote'],
  ["- it's 'fine' x'\n      - 'it's'", 'yaml.syntax 10:13', 'The value has ended'],
  ['- "a" b', 'yaml.syntax 9:13', 'The value has ended'],
  ['- [a, b', 'yaml.syntax 9:9', 'The bracket that opens here is not closed'],
  ['- a]\n      - ]', 'yaml.syntax 10:9', 'A bracket is closed that was not opened'],
  ['- @team', 'yaml.syntax 9:9', 'cannot begin with this character'],
  ['- `x`', 'yaml.syntax 9:9', 'cannot begin with this character'],
  ['- %x', 'yaml.syntax 9:9', 'cannot begin with this character'],
  ['- "Billing \\*"', 'yaml.syntax 9:18', 'a backslash begins an escape'],
  ['- {name: Sale: closed}', 'yaml.syntax 9:16', 'a text with a colon lacks its quotes'],
  // keys and columns
  ['- name: a\n        name: b', 'yaml.duplicate-key 10:9', '"name" stands twice'],
  ['\t- a', 'yaml.tab 9:7', 'spaces alone'],
  ['- a\n     - b', 'yaml.syntax 10:6', 'indented differently'],
  ['- a\n      b', 'yaml.syntax 10:7', 'indented differently'],
  ['- { ? [a] : b }', 'yaml.syntax 9:13', 'A key must be a text'],
];

describe('a trap of YAML in a list of codes', () => {
  it.each(TRAPS)('%j is %s', (line, finding, says) => {
    const { diagnostics } = check([codes(line)]);
    const [code, place] = finding.split(' ');
    expect(diagnostics.map(brief)).toEqual([`error ${code} a.yaml:${place}`]);
    expect(diagnostics[0]?.message).toContain(says);
    expect(diagnostics[0]?.remedy).not.toBeNull();
  });

  it('is mended by the remedy', () => {
    for (const [line] of TRAPS) {
      const remedy = check([codes(line)]).diagnostics[0]?.remedy ?? '';
      const quoted = /quotes: ('.*')[.:]/.exec(remedy)?.[1];
      if (quoted === undefined || line.includes('\n')) continue;
      expect(check([codes(`- ${quoted}`)]).diagnostics, line).toEqual([]);
    }
  });

  it('is told for every line at once', () => {
    const lines = ['- 404', '- Order #1', '- ! x', '- No', '- Sale: y', '- *z', '- ok'];
    expect(check([codes(...lines)]).diagnostics.map(brief)).toEqual([
      'error yaml.not-text a.yaml:9:9',
      'error yaml.comment-in-text a.yaml:10:9',
      'error yaml.tag a.yaml:11:9',
      'error yaml.not-text a.yaml:12:9',
      'error yaml.text-as-map a.yaml:13:9',
      'error yaml.alias a.yaml:14:9',
    ]);
  });
});

describe('what is no trap', () => {
  it.each([
    ['- Resolved # the usual', 'Resolved'],
    ['- Order # 123', 'Order'],
    ['- Order#123', 'Order#123'],
    ['- "Order #123"', 'Order #123'],
    ["- 'No'", 'No'],
    ['- "404"', '404'],
    ['- No answer', 'No answer'],
    ['- 3 calls', '3 calls'],
    ['- Sale:closed', 'Sale:closed'],
    ["- Don't know", "Don't know"],
    ['- Sale, lost', 'Sale, lost'],
    ['- A & B', 'A & B'],
    ['- Why?!', 'Why?!'],
    ['- "Wrong\\u00A0number"', 'Wrong\u00A0number'],
    ['- "\\x20Resolved"', ' Resolved'],
    ['- 👨‍👩‍👧 family', '👨‍👩‍👧 family'],
    ['- 営業\u3000東京', '営業\u3000東京'],
    ['- Re\u0301clamation', 'R\u00E9clamation'],
    ['- __proto__', '__proto__'],
    ["- '* Sandbox'", '* Sandbox'],
  ])('%j is a name', (line, name) => {
    const { set, diagnostics } = check([codes(line)]);
    expect(diagnostics).toEqual([]);
    const [first] = set.policies;
    expect(first?.wrapupCodes).toMatchObject({ codes: [{ name }] });
  });

  it('is a text that nobody has to tell from others', () => {
    const text = policy(
      '  afterCallWork: { prompt: MANDATORY }\n  suspend: { reason: no, by: on, until: 2027-01-01T00:00:00Z }',
    );
    expect(check([text]).diagnostics).toEqual([]);
  });
});

describe('a text as a whole', () => {
  const WORK = policy('  afterCallWork: { prompt: MANDATORY }');
  const wrong = policy('  afterCallWork: { promt: MANDATORY }');

  it.each([
    ['empty', '', ['warning yaml.empty a.yaml:1:1', 'error file.no-policies -']],
    ['only comments', '# nothing\n', ['warning yaml.empty a.yaml:1:1', 'error file.no-policies -']],
    ['empty documents', `---\n---\n${WORK}`, ['warning yaml.empty a.yaml:1:1']],
    ['a trailing marker', `${WORK}---\n`, ['warning yaml.empty a.yaml:7:1']],
    [
      'two documents',
      `${WORK}...\n---\n${policy('  afterCallWork: unmanaged\n  combine: replace', 'b')}`,
      [],
    ],
    ['a byte order mark', `\uFEFF${WORK}`, []],
    [
      'a byte order mark before a mistake',
      `\uFEFFkind: x\n`,
      ['error schema.unknown-kind a.yaml:1:7'],
    ],
    ['CRLF', WORK.replaceAll('\n', '\r\n'), []],
    [
      'CRLF and a mistake',
      wrong.replaceAll('\n', '\r\n'),
      ['error schema.unknown-key a.yaml:6:20'],
    ],
    ['a lone CR', WORK.replace('spec:\n', 'spec:\r'), ['error yaml.syntax a.yaml:4:6']],
    ['only CR', WORK.replaceAll('\n', '\r'), ['error yaml.syntax a.yaml:1:26']],
    ['a directive', `%YAML 1.1\n---\n${WORK}`, ['error yaml.syntax a.yaml:1:1']],
    ['the directive of its own version', `%YAML 1.2\n---\n${WORK}`, []],
    ['a scalar', 'hello\n', ['error schema.wrong-type a.yaml:1:1']],
    ['too large', `#${'x'.repeat(1_048_576)}`, ['error file.too-large a.yaml:1:1']],
    ['too large in bytes alone', `#${'é'.repeat(600_000)}`, ['error file.too-large a.yaml:1:1']],
    ['deep brackets', '['.repeat(500_000), ['error yaml.syntax a.yaml:1:65']],
    ['deep dashes', '- '.repeat(500_000), ['error yaml.syntax a.yaml:1:128']],
    [
      'a key of the prototype',
      `__proto__: { a: 1 }\n${WORK}`,
      ['error schema.unknown-key a.yaml:1:1'],
    ],
    ['a duplicate key', `${WORK}kind: QueuePolicy\n`, ['error yaml.duplicate-key a.yaml:7:1']],
    [
      'two mistakes far apart',
      `a: "b" c\nd: 1\ne: 2\nf: "g" h\n`,
      ['error yaml.syntax a.yaml:1:8', 'error yaml.syntax a.yaml:4:8'],
    ],
  ])('%s', (_name, text, expected) => {
    expect(check([text]).diagnostics.map(brief)).toEqual(expected);
  });

  it.each([
    ['a line', '  afterCallWork:\n    prompt: MANDATORY_TIMEOUT\n      timeout: 45s', '8:7-8:14'],
    [
      'a line of an entry',
      '  queues:\n    include:\n      - name: A\n         division: B',
      '9:10-9:18',
    ],
    ['the third line', '  suspend:\n    reason: long\n      words\n      by: me', '9:7-9:9'],
  ])('%s that is indented too deep is shown, not the text that it continues', (_name, spec, at) => {
    const [finding, ...others] = check([policy(spec)]).diagnostics.filter(
      ({ code }) => code !== 'file.no-policies',
    );
    expect(others).toEqual([]);
    expect(finding?.code).toBe('yaml.syntax');
    expect(finding?.message).toContain('indented deeper than the key above it');
    const { line, column, endLine, endColumn } = finding?.span ?? {};
    expect(`${line}:${column}-${endLine}:${endColumn}`).toBe(at);
  });

  it('says how large it may be', () => {
    const [finding] = check([`#${'x'.repeat(2_000_000)}`]).diagnostics;
    expect(finding?.message).toBe('The file has 2,000,001 bytes; the limit is 1,048,576 (1 MiB).');
  });

  it('costs little, however its aliases explode', () => {
    const levels = 'abcdefghi'.split('').map((name, index, all) => {
      const items = index === 0 ? 'lol' : `*${all[index - 1] ?? ''}`;
      return `${name}: &${name} [${Array.from({ length: 9 }, () => items).join(', ')}]`;
    });
    const { diagnostics } = check([`${policy('')}${levels.join('\n')}`]);
    expect(diagnostics.filter(({ code }) => code === 'yaml.alias')).toHaveLength(9 + 8 * 9);
  });

  it('shows the first hundred findings and counts the rest', () => {
    const { diagnostics } = check([
      codes(...Array.from({ length: 250 }, (_, index) => `- ${index}`)),
    ]);
    expect(diagnostics).toHaveLength(101);
    expect(diagnostics.at(-1)?.message).toBe('150 more findings in this file are not shown.');
    const keys = Array.from({ length: 250 }, (_, index) => `k${index}: 1`).join('\n');
    const unknown = check([
      `${keys}\n${policy('  afterCallWork: { prompt: MANDATORY }')}`,
    ]).diagnostics;
    expect(unknown.at(-1)?.message).toBe('150 more findings in this file are not shown.');
  });
});
