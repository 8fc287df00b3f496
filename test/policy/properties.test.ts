import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { hasErrors } from '../../src/domain/diagnostics.js';
import { findInvisible } from '../../src/domain/text.js';
import { parseSettings } from '../../src/policy/parse-settings.js';
import { NOW, catalog, check, codes, policy } from './written.js';

/** Texts that look like YAML, so that the parser is led into its corners. */
const yamlish = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '- ',
        ': ',
        '\n',
        '  ',
        '\t',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '#',
        '&a ',
        '*a ',
        '! ',
        '|\n',
        '>\n',
        '? ',
        '---\n',
        '...\n',
        '<<: ',
        '%YAML 1.1\n',
        '\r',
        '\r\n',
        '\uFEFF',
        '\u00A0',
        '__proto__',
        'kind: QueuePolicy\n',
        'apiVersion: wrapkeeper/v1\n',
        'spec:\n',
        'null',
        '~',
        '0x1',
        '\\',
      ),
      fc.string({ maxLength: 6, unit: 'binary' }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

const VALID = [
  policy(
    '  afterCallWork: { prompt: MANDATORY_TIMEOUT, timeout: 45s }\n  wrapupCodes:\n    unlisted: remove\n    codes:\n      - Resolved\n      - { name: Escalated, required: false }\n    forbidden: [Test]',
  ),
  catalog('{ name: Resolved, division: "*" }', '{ name: Call back, previously: Callback }'),
  'apiVersion: wrapkeeper/v1\nkind: Settings\nwebhooks:\n  - { name: a, url: "https://example.com", secrets: [{ env: A }] }\n',
];

/** A valid document with a few pieces cut out or put in. */
const mutated = fc
  .record({
    text: fc.constantFrom(...VALID),
    edits: fc.array(
      fc.record({
        at: fc.nat(600),
        cut: fc.nat(12),
        put: fc.oneof(fc.string({ maxLength: 5 }), yamlish),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ text, edits }) =>
    edits.reduce((edited, { at, cut, put }) => {
      const from = at % (edited.length + 1);
      return edited.slice(0, from) + put + edited.slice(from + cut);
    }, text),
  );

const inside = (text: string): void => {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const { set, diagnostics } = check([text]);
  for (const { span, message, remedy } of diagnostics) {
    expect(message).not.toBe('');
    expect(message).not.toContain('Invalid input');
    expect(remedy).not.toBe('');
    if (span === null) continue;
    expect(span.line).toBeGreaterThanOrEqual(1);
    expect(span.line).toBeLessThanOrEqual(lines.length);
    expect(span.column).toBeGreaterThanOrEqual(1);
    expect(span.column).toBeLessThanOrEqual((lines[span.line - 1]?.length ?? 0) + 1);
    expect(span.endLine * 1e6 + span.endColumn).toBeGreaterThanOrEqual(
      span.line * 1e6 + span.column,
    );
  }
  const documents = set.policies.length + set.catalogs.length + set.allowances.length;
  expect(documents > 0 || hasErrors(diagnostics)).toBe(true);
  expect(
    parseSettings({ path: 'w.yaml', text }, { now: NOW, ci: false }).settings.policies,
  ).not.toEqual([]);
};

describe('any text', () => {
  it('is read without throwing, and every finding has a place inside it', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), yamlish), inside), {
      numRuns: 400,
    });
  });

  it('is read so after edits of a valid one', () => {
    fc.assert(fc.property(mutated, inside), { numRuns: 400 });
  });
});

describe('any name', () => {
  /** Names that a person could give a code: visible, and without blanks at their ends. */
  const visible = fc
    .string({ minLength: 1, maxLength: 30, unit: 'grapheme' })
    .map((text) => text.normalize('NFC'))
    .filter((text) => text.trim() === text && text !== '' && findInvisible(text) === null);

  it('is kept when a YAML library has written it, or is told to need quotes', () => {
    fc.assert(
      fc.property(visible, (name) => {
        const quoted = check([codes(`- ${JSON.stringify(name)}`)]);
        expect(quoted.diagnostics).toEqual([]);
        expect(quoted.set.policies[0]?.wrapupCodes).toMatchObject({ codes: [{ name }] });

        const plain = stringify([name], { lineWidth: 0 }).trimEnd();
        const written = check([codes(plain)]);
        const isTold = written.diagnostics.some(({ code }) => code === 'yaml.not-text');
        if (!isTold)
          expect(written.set.policies[0]?.wrapupCodes).toMatchObject({ codes: [{ name }] });
      }),
    );
  });

  it('means the same in any order of the list', () => {
    fc.assert(
      fc.property(fc.uniqueArray(visible, { minLength: 1, maxLength: 6 }), (names) => {
        const read = (list: readonly string[]): unknown[] => {
          const [first] = check([codes(...list.map((name) => `- ${JSON.stringify(name)}`))]).set
            .policies;
          const section = first?.wrapupCodes;
          return section && 'codes' in section ? section.codes.map(({ name }) => name) : [];
        };
        expect(read(names.toReversed())).toEqual(read(names).toReversed());
      }),
    );
  });
});
