import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourceSpan } from '../../src/domain/diagnostics.js';
import { widthOf } from '../../src/report/layout.js';
import { renderSnippet } from '../../src/report/snippet.js';

const span = (line: number, column: number, endColumn: number, endLine = line): SourceSpan => ({
  file: 'policies/a.yaml',
  line,
  column,
  endLine,
  endColumn,
});

const draw = (source: string, place: SourceSpan, width = 80): string =>
  `\n${renderSnippet(source, place, { width, color: false }).join('\n')}\n`;

describe('renderSnippet', () => {
  it('shows the line before, the line, and carets below the place', () => {
    expect(draw('spec:\n  prompt: OPTIONAL\n', span(2, 11, 19))).toBe(`
  1 | spec:
  2 |   prompt: OPTIONAL
    |           ^^^^^^^^
`);
  });

  it('leaves out a blank line before, and shows a caret for an empty place', () => {
    expect(draw('\na: b', span(2, 3, 3))).toBe(`
  2 | a: b
    |   ^
`);
  });

  it('aligns line numbers', () => {
    expect(draw(`${'\n'.repeat(8)}nine\nten`, span(10, 1, 4))).toBe(`
   9 | nine
  10 | ten
     | ^^^
`);
  });

  it('runs tabs to their stops', () => {
    expect(draw('\ta\tb: c', span(1, 4, 5))).toBe(`
  1 |     a   b: c
    |         ^
`);
  });

  it('counts wide characters as two columns', () => {
    expect(draw('名前: 請求 x', span(1, 5, 7))).toBe(`
  1 | 名前: 請求 x
    |       ^^^^
`);
  });

  it('counts combining characters as none, and an emoji of several code points once', () => {
    expect(draw('cafe\u0301 👩‍💻 x', span(1, 13, 14))).toBe(`
  1 | cafe\u0301 👩‍💻 x
    |         ^
`);
  });

  it('spells out what cannot be seen', () => {
    expect(draw('a: b\u200bc', span(1, 5, 6))).toBe(`
  1 | a: b<U+200B ZERO WIDTH SPACE>c
    |     ^^^^^^^^^^^^^^^^^^^^^^^^^
`);
  });

  it('underlines a place of several lines to the end of its first', () => {
    expect(draw('a:\n  - b  \n  - c\n', span(2, 3, 6, 3))).toBe(`
  1 | a:
  2 |   - b
    |   ^^^
`);
  });

  it('puts the caret behind the line where the place is past its end', () => {
    expect(draw('a: b', span(1, 20, 21))).toBe(`
  1 | a: b
    |     ^
`);
  });

  it('cuts a long line around the carets, and the line before at the same columns', () => {
    const words = Array.from(
      { length: 30 },
      (_, index) => `word${String(index).padStart(2, '0')}`,
    ).join(' ');
    expect(draw(`${words}\n${words}`, span(2, 106, 112), 50)).toBe(`
  1 | …ord13 word14 word15 word16 word17 word18 w…
  2 | …ord13 word14 word15 word16 word17 word18 w…
    |               ^^^^^^
`);
  });

  it('is empty for a line that the text does not have', () => {
    expect(renderSnippet('a', span(7, 1, 2), { width: 80, color: false })).toEqual([]);
  });

  it('never draws wider than asked, and always draws a caret', () => {
    const line = fc
      .string({ unit: 'grapheme', maxLength: 120 })
      .map((text) => text.replace(/[\r\n]/g, ' '));
    fc.assert(
      fc.property(
        line,
        line,
        fc.nat(140),
        fc.nat(60),
        fc.integer({ min: 30, max: 120 }),
        (before, text, start, length, width) => {
          const rows = renderSnippet(`${before}\n${text}`, span(2, start + 1, start + 1 + length), {
            width,
            color: false,
          });
          for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(width);
          expect(rows.at(-1)).toMatch(/^ {4}\| *\^+$/);
        },
      ),
    );
  });

  it('draws the carets exactly below the place', () => {
    const part = fc.string({
      unit: fc.constantFrom('a', 'é', 'e\u0301', '請', '\t', '\u00a0'),
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(part, part, part, (before, place, after) => {
        const column = before.length + 1;
        const [row = '', marks = ''] = renderSnippet(
          `x${before}|${place}|${after}x`,
          span(1, column + 2, column + 2 + place.length),
          { width: 500, color: false },
        );
        const shown = row.slice(row.indexOf('x'));
        const from = widthOf(shown.slice(0, shown.indexOf('|') + 1));
        const to = widthOf(shown.slice(0, shown.lastIndexOf('|')));
        expect(marks.slice(6)).toBe(' '.repeat(from) + '^'.repeat(to - from));
      }),
    );
  });
});
