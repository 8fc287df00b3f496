/** Names as people write and misread them: normal form, characters that cannot be seen, near misses. */
import { distance } from 'fastest-levenshtein';

/** The form in which names are compared: composed (NFC), so that two ways to write `é` are one. */
export const normaliseName = (text: string): string => text.normalize('NFC');

/**
 * One character that cannot be seen, or that looks like a plain space and is none. The joiners are
 * meant inside emoji and in scripts that need them; the ideographic space is wide enough to be seen.
 */
const INVISIBLE =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u115F\u1160\u2800\u3164\uFFA0]|\u034F|\u17B4|\u17B5|(?![ \u3000])\p{Zs}|(?![\u200C\u200D])\p{Cf}|(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\p{M}\p{Script=Arabic}])[\u200C\u200D]/u;
const EVERY_INVISIBLE = new RegExp(INVISIBLE, 'gu');

const CHARACTER_NAMES: Readonly<Record<string, string>> = {
  '\u0000': 'NULL',
  '\u0009': 'CHARACTER TABULATION',
  '\u000A': 'LINE FEED',
  '\u000D': 'CARRIAGE RETURN',
  '\u0020': 'SPACE',
  '\u00A0': 'NO-BREAK SPACE',
  '\u00AD': 'SOFT HYPHEN',
  '\u034F': 'COMBINING GRAPHEME JOINER',
  '\u061C': 'ARABIC LETTER MARK',
  '\u180E': 'MONGOLIAN VOWEL SEPARATOR',
  '\u2002': 'EN SPACE',
  '\u2003': 'EM SPACE',
  '\u2007': 'FIGURE SPACE',
  '\u2009': 'THIN SPACE',
  '\u200A': 'HAIR SPACE',
  '\u200B': 'ZERO WIDTH SPACE',
  '\u200C': 'ZERO WIDTH NON-JOINER',
  '\u200D': 'ZERO WIDTH JOINER',
  '\u200E': 'LEFT-TO-RIGHT MARK',
  '\u200F': 'RIGHT-TO-LEFT MARK',
  '\u2028': 'LINE SEPARATOR',
  '\u2029': 'PARAGRAPH SEPARATOR',
  '\u202A': 'LEFT-TO-RIGHT EMBEDDING',
  '\u202B': 'RIGHT-TO-LEFT EMBEDDING',
  '\u202C': 'POP DIRECTIONAL FORMATTING',
  '\u202D': 'LEFT-TO-RIGHT OVERRIDE',
  '\u202E': 'RIGHT-TO-LEFT OVERRIDE',
  '\u202F': 'NARROW NO-BREAK SPACE',
  '\u2060': 'WORD JOINER',
  '\u2066': 'LEFT-TO-RIGHT ISOLATE',
  '\u2067': 'RIGHT-TO-LEFT ISOLATE',
  '\u2068': 'FIRST STRONG ISOLATE',
  '\u2069': 'POP DIRECTIONAL ISOLATE',
  '\u2800': 'BRAILLE PATTERN BLANK',
  '\u3000': 'IDEOGRAPHIC SPACE',
  '\u3164': 'HANGUL FILLER',
  '\uFEFF': 'ZERO WIDTH NO-BREAK SPACE',
};

/** A character by number and name: `U+00A0 NO-BREAK SPACE`; the rarer ones by number alone. */
export const spellCharacter = (character: string): string => {
  const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const name = CHARACTER_NAMES[character];
  return name === undefined ? `U+${point}` : `U+${point} ${name}`;
};

/** Where the first character stands that cannot be seen, and which one; null where all can be seen. */
export const findInvisible = (
  text: string,
): { readonly index: number; readonly character: string } | null => {
  const match = INVISIBLE.exec(text);
  return match === null ? null : { index: match.index, character: match[0] };
};

/**
 * The text with every character spelt out that cannot be seen, blanks at its ends included.
 *
 * @example spellInvisible('Wrong\u00A0number') // 'Wrong<U+00A0 NO-BREAK SPACE>number'
 */
export const spellInvisible = (text: string): string => {
  const spell = (characters: string): string =>
    Array.from(characters, (character) => `<${spellCharacter(character)}>`).join('');
  return text.replace(EVERY_INVISIBLE, spell).replace(/^[ \u3000]+|[ \u3000]+$/gu, spell);
};

/** What is left of a name when case, blanks and everything that cannot be seen are set aside. */
const skeleton = (text: string): string =>
  text.normalize('NFKC').replace(EVERY_INVISIBLE, ' ').replace(/\s+/gu, ' ').trim().toLowerCase();

const letters = (text: string): string => Array.from(text).sort().join('');

/** Whether two words differ in the order of their letters alone: a slip of the fingers, however many letters move. */
const isAnagram = (a: string, b: string): boolean =>
  a !== b && a.length === b.length && letters(a) === letters(b);

/**
 * The candidate that was probably meant, or null where none is near: the same apart from case, blanks
 * and invisible characters, or at most a third of its letters away.
 */
export const closestName = (name: string, candidates: Iterable<string>): string | null => {
  const wanted = skeleton(name);
  let best: string | null = null;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const other = skeleton(candidate);
    if (Math.abs(other.length - wanted.length) >= least) continue;
    const steps = isAnagram(wanted, other) ? 1 : distance(wanted, other);
    if (steps < least) [best, least] = [candidate, steps];
    if (steps === 0) break;
  }
  return best;
};

/**
 * A text from outside in one line: without control or invisible formatting characters, and at most so long
 * (in UTF-16 units, the ellipsis apart).
 *
 * @example oneLine('Fix\r\n\u202Ethe queue', 300) // 'Fix the queue'
 */
export const oneLine = (text: string, most: number): string => {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  return line.length <= most ? line : `${line.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')}…`;
};

/** What moves the cursor, or turns the direction of the text around it; and halves of characters. */
const CONTROLS = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** The text with its control characters spelt out, and nothing else: a name that other programs compare. */
export const spellControls = (text: string): string =>
  text.replace(CONTROLS, (character) => `<${spellCharacter(character)}>`);

/** At most so many characters; where some are left out, the last one is `…`. */
export const cut = (text: string, most: number): string => {
  if (text.length <= most) return text;
  // No more of it is looked at than can be needed: it may be long.
  const points = Array.from(text.slice(0, 2 * most + 2));
  return points.length > most ? `${points.slice(0, most - 1).join('')}…` : points.join('');
};

/** A value for a message: in quotes, one line, invisible characters spelt out, at most 60 characters. */
export const quote = (text: string): string => `"${cut(spellInvisible(text), 60)}"`;

/** A piece of text from outside within a sentence: one line, at most 200 characters. */
export const piece = (text: string): string => cut(spellInvisible(cut(text, PIECE)), PIECE);

const PIECE = 200;

/**
 * Names for a message: the first three, and how many there are besides.
 *
 * @example quoteFew(['A', 'B', 'C', 'D']) // '"A", "B", "C" and 1 more'
 */
export const quoteFew = (names: readonly string[]): string => {
  const shown = names.slice(0, 3).map(quote).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
};
