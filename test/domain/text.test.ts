import { describe, expect, it } from 'vitest';
import {
  closestName,
  findInvisible,
  normaliseName,
  oneLine,
  quote,
  quoteFew,
  spellInvisible,
} from '../../src/domain/text.js';

describe('names', () => {
  it('are equal in either way of writing an accent', () => {
    expect(normaliseName('Re\u0301clamation')).toBe('R\u00E9clamation');
  });
});

describe('spellInvisible', () => {
  it.each([
    ['plain', 'plain'],
    ['Wrong\u00A0number', 'Wrong<U+00A0 NO-BREAK SPACE>number'],
    ['zero\u200Bwidth', 'zero<U+200B ZERO WIDTH SPACE>width'],
    [' ends ', '<U+0020 SPACE>ends<U+0020 SPACE>'],
    ['tab\there', 'tab<U+0009 CHARACTER TABULATION>here'],
    ['family 👨‍👩‍👧', 'family 👨‍👩‍👧'],
    ['left\u202Eright', 'left<U+202E RIGHT-TO-LEFT OVERRIDE>right'],
  ])('%j becomes %s', (text, spelt) => {
    expect(spellInvisible(text)).toBe(spelt);
  });

  it('agrees with findInvisible about where', () => {
    expect(findInvisible('Wrong\u00A0number')).toEqual({ index: 5, character: '\u00A0' });
    expect(findInvisible('fine')).toBeNull();
  });
});

describe('closestName', () => {
  it.each([
    ['Resolved', ['Escalated', 'Resolved'], 'Resolved'],
    ['resolved', ['Escalated', 'Resolved'], 'Resolved'],
    ['Wrong number', ['Wrong\u00A0number'], 'Wrong\u00A0number'],
    ['Reslved', ['Escalated', 'Resolved'], 'Resolved'],
    ['Billing', ['Sales', 'Support'], null],
    ['Billing', [], null],
    ['ab', ['xy'], null],
  ])('of %j among %j is %j', (name, candidates, closest) => {
    expect(closestName(name, candidates)).toBe(closest);
  });
});

describe('quote', () => {
  it('cuts what is long and spells what cannot be seen', () => {
    expect(quote('a\u00A0b')).toBe('"a<U+00A0 NO-BREAK SPACE>b"');
    expect(quote('x'.repeat(80))).toBe(`"${'x'.repeat(59)}…"`);
  });
});

describe('quoteFew', () => {
  it.each([
    [['A', 'B'], '"A", "B"'],
    [['A', 'B', 'C'], '"A", "B", "C"'],
    [['A', 'B', 'C', 'D', 'E'], '"A", "B", "C" and 2 more'],
  ])('%j is %s', (names, text) => {
    expect(quoteFew(names)).toBe(text);
  });
});

describe('oneLine', () => {
  it.each([
    ['a\r\n  b', 10, 'a b'],
    ['\u001B[31mred\u202E\u200B', 10, '[31mred'],
    ['lone \uD83D half', 20, 'lone half'],
    ['0123456789', 10, '0123456789'],
    ['0123456789x', 10, '0123456789…'],
    ['012345678😀', 10, '012345678…'],
    [' \n ', 10, ''],
  ])('%j in %d is %j', (text, most, line) => {
    expect(oneLine(text, most)).toBe(line);
  });
});
