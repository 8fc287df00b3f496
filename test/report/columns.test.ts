import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnLines } from '../../src/report/columns.js';
import { widthOf } from '../../src/report/layout.js';

test('cells stand below each other, and the last text is wrapped where it stands', () => {
  const rows = [
    { cells: ['+ 請求', 'two'], rest: 'a text that is long enough to be broken once' },
    { cells: ['- Resolved', ''], rest: 'short' },
  ];
  expect(columnLines(rows, { width: 44, indent: '  ' })).toEqual([
    '  + 請求      two  a text that is long',
    '                   enough to be broken once',
    '  - Resolved       short',
  ]);
});

test('where cells leave no room, the text goes below them', () => {
  const rows = [{ cells: ['a name that takes most of it'], rest: 'what is said of it' }];
  expect(columnLines(rows, { width: 40 })).toEqual([
    'a name that takes most of it',
    '    what is said of it',
  ]);
});

test('an empty column takes no room, and a row without a text has no blanks at its end', () => {
  expect(columnLines([{ cells: ['', 'x'], rest: '' }], { width: 80 })).toEqual(['x']);
});

test('no line is wider than asked, unless a word is', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 9 });
  const row = fc.record({
    cells: fc.array(word, { minLength: 2, maxLength: 2 }),
    rest: fc.array(word, { maxLength: 20 }).map((words) => words.join(' ')),
  });
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 6 }),
      fc.integer({ min: 40, max: 120 }),
      (rows, width) => {
        for (const line of columnLines(rows, { width, indent: '  ' }))
          expect(widthOf(line)).toBeLessThanOrEqual(width);
      },
    ),
  );
});
