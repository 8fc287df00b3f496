import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visible } from '../../src/report/visible.js';
import { hostileName } from '../support/texts.js';

describe('visible', () => {
  it.each([
    ['Billing EN', 'Billing EN'],
    ['Réclamations – niveau 2', 'Réclamations – niveau 2'],
    ['Sale\u202eX', 'Sale<U+202E RIGHT-TO-LEFT OVERRIDE>X'],
    ['\u001b[31mred', '<U+001B>[31mred'],
    ['\u009b2J', '<U+009B>2J'],
    ['a\nb', 'a<U+000A LINE FEED>b'],
    ['::error::x', '<U+003A>:error::x'],
    ['a ::error::x', 'a <U+003A>:error::x'],
    ['C::D', 'C::D'],
    ['##[error]x', '<U+0023>#[error]x'],
  ])('%j → %s', (text, expected) => {
    expect(visible(text)).toBe(expected);
  });

  it('never lets a terminal or a runner see a command', () => {
    fc.assert(
      fc.property(hostileName(), (name) => {
        const shown = visible(name);
        expect(shown).not.toMatch(/(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(shown).not.toMatch(/(^|\s)::/);
        expect(shown).not.toContain('##[');
      }),
    );
  });
});
