/**
 * Texts that YAML, or typography, made into something else than the person sees. Each trap is judged
 * where the schema expects a text of free choice, and each is mended by quotes.
 */
import { Schema, isMap } from 'yaml';
import type { Node, Scalar } from 'yaml';
import type { DiagnosticCode } from '../domain/codes.js';
import { closestName, findInvisible, quote, spellCharacter } from '../domain/text.js';
import { keyText } from './locate.js';

/** A trap that a text fell into, between two offsets of the file. */
export interface Trap {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly remedy: string;
  readonly start: number;
  readonly end: number;
}

/** What YAML 1.1 takes for no text when it is not quoted: many editors and linters still do. */
const YAML_1_1 = new Schema({ schema: 'yaml-1.1' }).tags.flatMap((tag) =>
  'test' in tag && tag.test instanceof RegExp ? { tag: tag.tag, test: tag.test } : [],
);

const READINGS: Readonly<Record<string, string>> = {
  'tag:yaml.org,2002:bool': 'a boolean',
  'tag:yaml.org,2002:int': 'a number',
  'tag:yaml.org,2002:float': 'a number',
  'tag:yaml.org,2002:null': 'nothing',
  'tag:yaml.org,2002:timestamp': 'a date',
};

/** Looks for the first trap that a scalar fell into. `name`s are held to more than `prose`. */
export const findTextTrap = (node: Scalar, kind: 'name' | 'prose', text: string): Trap | null => {
  if (!node.range) return null;
  const [start, end] = node.range;
  const raw = text.slice(start, end);
  return (
    (node.type === 'PLAIN' ? plainTrap(node, kind, raw, start, text) : null) ??
    (kind === 'name' ? invisibleTrap(raw, node.type !== 'PLAIN', start) : null) ??
    halfCharacterTrap(node, start, end)
  );
};

const plainTrap = (
  node: Scalar,
  kind: 'name' | 'prose',
  raw: string,
  start: number,
  text: string,
): Trap | null => {
  const end = start + raw.length;
  const comment = /^[ \t]*#[^\s#][^\r\n]*/.exec(text.slice(end, end + 200))?.[0] ?? '';
  if (comment !== '' && (raw === '' || /^\s/.test(comment))) {
    return {
      code: 'yaml.comment-in-text',
      message: `A space and \`#\` begin a comment: YAML reads ${raw === '' ? 'nothing' : quote(raw)} here, without ${quote(comment.trim())}.`,
      remedy: `If it is one text, put it in quotes: ${inQuotes(raw + comment)}. A comment has a space after its \`#\`.`,
      start: raw === '' ? end + comment.search('#') : start,
      end: end + comment.length,
    };
  }
  const reading = readingOf(node, kind, raw);
  if (reading === null) return null;
  return {
    code: 'yaml.not-text',
    message:
      raw === ''
        ? 'Nothing stands here, where a text is expected.'
        : `${reading}, where a text is expected.`,
    remedy:
      raw === '' ? 'Write the text, or delete the entry.' : `Put it in quotes: ${inQuotes(raw)}.`,
    start,
    end,
  };
};

/** What somebody's YAML makes of an unquoted text, or null where all agree that it is text. */
const readingOf = (node: Scalar, kind: 'name' | 'prose', raw: string): string | null => {
  if (typeof node.value !== 'string') {
    const type = node.value === null ? 'nothing' : `a ${typeof node.value}`;
    return `YAML reads ${quote(raw)} as ${type}`;
  }
  const tag = kind === 'name' ? YAML_1_1.find(({ test }) => test.test(raw))?.tag : undefined;
  return tag === undefined
    ? null
    : `Tools of YAML 1.1 read ${quote(raw)} as ${READINGS[tag] ?? 'something else'}`;
};

/** Only characters that stand in the file as they are: an escape in double quotes is meant. */
const invisibleTrap = (raw: string, quoted: boolean, start: number): Trap | null => {
  const lineBreak = raw.search(/\r?\n/);
  if (lineBreak !== -1) {
    return {
      code: 'yaml.invisible',
      message: 'YAML joins several lines into one text here.',
      remedy:
        'Write the name on one line, in quotes where it needs them; check for a missing dash before a list item.',
      start,
      end: start + lineBreak,
    };
  }
  const blank = quoted ? blankAtEnd(raw) : null;
  const found = findInvisible(raw) ?? blank;
  if (found === null) return null;
  const at = start + found.index;
  return {
    code: 'yaml.invisible',
    message: `The name ${quote(quoted ? raw.slice(1, -1) : raw)} holds ${spellCharacter(found.character)}${found === blank ? ' at its beginning or end' : ''}.`,
    remedy: `Delete it; if it is meant, write it as an escape in double quotes: ${escapeOf(found.character)}.`,
    start: at,
    end: at + found.character.length,
  };
};

/** Half of a surrogate pair: it cannot be written as UTF-8, and so not be sent. */
const halfCharacterTrap = (node: Scalar, start: number, end: number): Trap | null =>
  typeof node.value !== 'string' || !/\p{Cs}/u.test(node.value)
    ? null
    : {
        code: 'yaml.invisible',
        message: 'This text holds half of a character (a lone surrogate).',
        remedy: 'Write the whole character, or delete the escape.',
        start,
        end,
      };

const blankAtEnd = (raw: string): { readonly index: number; readonly character: string } | null => {
  const index = /^["'][ \u3000]/u.test(raw) ? 1 : /[ \u3000]["']$/u.test(raw) ? raw.length - 2 : -1;
  return index === -1 ? null : { index, character: raw.charAt(index) };
};

const escapeOf = (character: string): string => {
  const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  if (point.length <= 2) return `\\x${point.padStart(2, '0')}`;
  return point.length <= 4 ? `\\u${point.padStart(4, '0')}` : `\\U${point.padStart(8, '0')}`;
};

/** A text as it can be pasted: in single quotes, in which only the quote itself is doubled. */
const inQuotes = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Whether a map is one text that a colon split: `- Sale: closed`. A key that nearly is one of the
 * language's own is a misspelt key instead.
 */
export const findSplitText = (node: Node, keys: readonly string[], text: string): Trap | null => {
  if (!isMap(node) || !node.range || node.items.length !== 1) return null;
  const [start, valueEnd] = node.range;
  const key = keyText(node.items[0]?.key);
  if (key === null || key === '<<' || text.charAt(start) === '{' || closestName(key, keys) !== null)
    return null;
  const raw = text.slice(start, valueEnd).trimEnd();
  if (raw.includes('\n')) return null;
  return {
    code: 'yaml.text-as-map',
    message: 'A colon followed by a space, or at the end of a line, makes a map of this text.',
    remedy: `Put it in quotes: ${inQuotes(raw)}.`,
    start,
    end: start + raw.length,
  };
};
