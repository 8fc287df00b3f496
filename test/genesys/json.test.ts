import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrayOf, lossyNumbers, numberOf, textOf } from '../../src/genesys/json.js';

describe('numbers that a double does not hold', () => {
  it.each([
    ['{"a":12345678901234567890}', ['a']],
    ['{"a":{"b":[1,{"c":0.12345678901234567890}]}}', ['a', 'b', '1', 'c']],
    ['{"a": -9007199254740993}', ['a']],
    ['{"a":1e400}', ['a']],
    ['{"a":1e-400}', ['a']],
    ['[ 3.14159265358979323846 ]', ['0']],
    ['{"__proto__":{"a":12345678901234567890}}', ['__proto__', 'a']],
  ])('are found in %s', (text, path) => {
    expect(lossyNumbers(text)).toEqual([path]);
  });

  it.each([
    '{"a":9007199254740991,"b":9007199254740992,"c":1.50,"d":1E5,"e":0.1,"f":-0,"g":1e21}',
    '{"a":"12345678901234567890","b":"9e4","c":[true,null,"1e400"]}',
    '{"id":"0e12345e-1234-4321-9999-123456789012"}',
    '{"total":12345678901234567890, "total":5}',
    '',
  ])('are not found in %s', (text) => {
    expect(lossyNumbers(text)).toEqual([]);
  });

  it('are exactly those that come out of JSON.parse changed', () => {
    const digits = fc.stringMatching(/^-?(?:0|[1-9]\d{0,24})(?:\.\d{1,24})?(?:[eE][+-]?\d{1,3})?$/);
    fc.assert(
      fc.property(fc.array(digits, { minLength: 1, maxLength: 4 }), (numbers) => {
        const text = `{"numbers":[${numbers.join(',')}]}`;
        const changed = numbers.flatMap((written, index) =>
          exactly(written) === exactly(JSON.stringify(Number(written)))
            ? []
            : [['numbers', `${index}`]],
        );
        expect(lossyNumbers(text)).toEqual(changed);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** A decimal number as sign, digits and exponent without needless zeros: equal texts are equal numbers. */
const exactly = (written: string): string => {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(written);
  if (parts === null) return written;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${power}`;
};

describe('fields', () => {
  it('are taken from the object itself, and only in the type asked for', () => {
    const noTexts = [
      textOf({ a: 1 }, 'a'),
      textOf({}, 'toString'),
      textOf(null, 'a'),
      textOf([], 'length'),
    ];
    expect(textOf({ a: 'x' }, 'a')).toBe('x');
    expect(noTexts).toEqual([null, null, null, null]);
    expect([numberOf({ a: 1 }, 'a'), numberOf({ a: '1' }, 'a')]).toEqual([1, null]);
    const arrays = [arrayOf({ a: [1] }, 'a'), arrayOf({ a: {} }, 'a'), arrayOf(undefined, 'a')];
    expect(arrays).toEqual([[1], [], []]);
  });
});
