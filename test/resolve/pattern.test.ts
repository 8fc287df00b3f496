import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, escapePattern } from '../../src/resolve/pattern.js';

describe('compilePattern', () => {
  it.each([
    // pattern, name, matches
    ['Billing', 'Billing', true],
    ['Billing', 'billing', false],
    ['Billing', 'Billing EN', false],
    ['Billing *', 'Billing EN', true],
    ['Billing *', 'Billing ', true],
    ['Billing *', 'Billing', false],
    ['* Sandbox', 'Billing Sandbox', true],
    ['*', '', true],
    ['*', 'anything', true],
    ['**', 'anything', true],
    ['A*B', 'AB', true],
    ['A*B', 'AxB', true],
    ['A*B', 'A', false],
    ['AB*BC', 'ABC', false], // the two ends must not share a letter
    ['*a*a*', 'a', false],
    ['*a*a*', 'banana', true],
    ['a*b*c', 'axxbxxc', true],
    ['a*b*c', 'axxcxxb', false],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['5\\* Hotels*', '5* Hotels EN', true],
    ['5\\* Hotels*', '5 star Hotels', false],
    ['a.b', 'axb', false],
    ['(x)*', '(x) y', true],
  ])('%j and %j: %s', (pattern, name, matches) => {
    expect(compilePattern(pattern).matches(name)).toBe(matches);
  });

  it('knows a literal by its text, escapes undone', () => {
    expect(compilePattern('5\\* Hotels').literal).toBe('5* Hotels');
    expect(compilePattern('Billing *').literal).toBeNull();
  });

  it('agrees with a regular expression', () => {
    const letters = fc.constantFrom('a', 'b', '*', '\\*');
    fc.assert(
      fc.property(
        fc.array(letters),
        fc.string({ unit: fc.constantFrom('a', 'b', '*') }),
        (parts, name) => {
          const regex = parts.map((part) => (part === '*' ? '.*' : part)).join('');
          expect(compilePattern(parts.join('')).matches(name)).toBe(
            new RegExp(`^(?:${regex})$`, 'su').test(name),
          );
        },
      ),
    );
  });

  it('is linear: a hundred stars cost nothing', () => {
    const pattern = compilePattern(`${'a*'.repeat(100)}b`);
    expect(pattern.matches('a'.repeat(50_000))).toBe(false);
  });
});

describe('escapePattern', () => {
  it('lets every name without a backslash select itself', () => {
    fc.assert(
      fc.property(
        fc.string().filter((name) => !name.includes('\\')),
        (name) => {
          const pattern = compilePattern(escapePattern(name));
          expect(pattern.literal).toBe(name);
          expect(pattern.matches(name)).toBe(true);
        },
      ),
    );
  });
});
