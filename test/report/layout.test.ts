import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fill, joinBlocks, truncate, widthOf, wrapProse } from '../../src/report/layout.js';

describe('fill', () => {
  it('breaks between tokens, and indents the lines that follow', () => {
    expect(fill(['Billing EN,', 'Billing DE,', 'Sales'], 20, '~ ', '  ')).toEqual([
      '~ Billing EN,',
      '  Billing DE, Sales',
    ]);
  });

  it('gives a token that is wider than the line a line of its own, unbroken', () => {
    expect(fill(['a', 'a very long name indeed', 'b'], 10)).toEqual([
      'a',
      'a very long name indeed',
      'b',
    ]);
  });

  it('counts wide characters as two columns', () => {
    expect(fill(['請求', '請求', '請求'], 9)).toEqual(['請求 請求', '請求']);
  });

  it('makes no line of nothing', () => {
    expect(fill([], 80, '~ ')).toEqual([]);
  });

  it('keeps every token, in order, and no line wider than asked unless a token is', () => {
    const token = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((text) => !/\s/.test(text) && widthOf(text) > 0);
    fc.assert(
      fc.property(fc.array(token), fc.integer({ min: 10, max: 60 }), (tokens, width) => {
        const lines = fill(tokens, width, '~ ', '    ');
        expect(lines.flatMap((line) => line.replace(/^(?:~ | {4})/, '').split(' '))).toEqual(
          tokens,
        );
        const widest = Math.max(0, ...tokens.map(widthOf));
        for (const line of lines)
          expect(widthOf(line)).toBeLessThanOrEqual(Math.max(width, widest + 4));
      }),
    );
  });
});

describe('wrapProse', () => {
  it('keeps a name in quotes together', () => {
    expect(wrapProse('The queue "Billing EN second line" is unknown.', 32)).toEqual([
      'The queue',
      '"Billing EN second line" is',
      'unknown.',
    ]);
  });

  it('breaks a quotation that is wider than the line', () => {
    expect(wrapProse('see "one two three four"', 12)).toEqual(['see "one two', 'three four"']);
  });

  it('keeps line breaks', () => {
    expect(wrapProse('one\ntwo', 80, '- ', '  ')).toEqual(['- one', '  two']);
  });
});

describe('truncate', () => {
  it.each([
    ['Billing', 7, 'Billing'],
    ['Billing', 6, 'Billi…'],
    ['請求請求', 6, '請求…'],
    ['請求請求', 5, '請求…'],
    ['Billing', 1, '…'],
    ['Billing', 0, ''],
  ])('%s in %d columns: %s', (text, width, expected) => {
    expect(truncate(text, width)).toBe(expected);
  });
});

describe('joinBlocks', () => {
  it('leaves out empty blocks and ends with a newline', () => {
    expect(joinBlocks([['a', 'b'], [], ['c']])).toBe('a\nb\n\nc\n');
  });
});
