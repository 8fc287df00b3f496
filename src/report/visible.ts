import { spellInvisible } from '../domain/text.js';

/**
 * A text of somebody else's (a name, a reason, a message) that is safe to print and true to read: what
 * cannot be seen, or would steer a terminal, is spelt out, and so is the beginning of what a GitHub
 * runner takes for a command (`::` at the start of a word, `##[` anywhere). One line comes out.
 *
 * @example visible('Sale\u202eX') // 'Sale<U+202E RIGHT-TO-LEFT OVERRIDE>X'
 */
export const visible = (text: string): string =>
  spellInvisible(text)
    .replace(/(?<=^|\s)::/g, '<U+003A>:')
    .replaceAll('##[', '<U+0023>#[');
