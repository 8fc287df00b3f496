/** Markdown for GitHub: names cannot break out of where they stand, and texts stay within a limit. */
import { visible } from './visible.js';
import { count } from './words.js';

/**
 * What Markdown, HTML or GitHub's own syntax (`@name`, `#1`, `:sign:`, links) could act on, wherever it
 * stands; and what acts at the beginning of a line only.
 */
const ACTIVE = /[!#$&*<>@[\\\]^_`{|}~]|(?<=www)\.|:(?=\S)|^[-+=]|(?<=^\d{1,9})[.)]/gi;

const reference = (character: string): string => `&#${character.codePointAt(0) ?? 0};`;

/**
 * A name as code: literal everywhere, in a table, a summary and a paragraph. Character references in
 * place of a fence, because a fence shows `<!--` to whoever searches the text for it.
 *
 * @example code('a|b') // '<code>a&#124;b</code>'
 */
export const code = (name: string): string =>
  `<code>${visible(name).replace(ACTIVE, reference)}</code>`;

/** Code is what stands between backticks; in everything else GitHub looks for people and issues to link. */
const INLINE_CODE = /`([^`]*)`/;

/** A sentence of somebody else's: literal, but for its `code`; nobody is mentioned and nothing linked. */
export const prose = (text: string): string =>
  visible(text)
    .split(INLINE_CODE)
    .map((part, index) => (index % 2 === 1 ? code(part) : literal(part)))
    .join('');

/** A mention or an issue is found in a run of text; an element around its sign cuts the run. */
const literal = (text: string): string =>
  text.replace(ACTIVE, (character) =>
    character === '@' || character === '#'
      ? `<span>${reference(character)}</span>`
      : reference(character),
  );

/** Names as code, one after the other; beyond `most` they are counted. */
export const codeList = (names: readonly string[], most = Infinity): string => {
  const shown = names.slice(0, most).map(code).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
};

/** A table of cells that are Markdown already, numbers to the right. */
export const table = (columns: readonly string[], rows: readonly (readonly string[])[]): string => {
  const numeric = (column: number): boolean =>
    rows.every((row) => /^[\d.]*%?$/.test(row[column] ?? ''));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns),
    line(columns.map((_, column) => (numeric(column) ? '---:' : '---'))),
    ...rows.map(line),
  ].join('\n');
};

/** A part that opens on a click. The blank lines make its body Markdown again. */
export const details = (summary: string, body: string): string =>
  `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;

/** What GitHub takes for a comment is 65,536 characters; the rest is for markers around it. */
export const COMMENT_LIMIT = 65_000;

const LEFT_OUT = '_What does not fit here is left out; `--format json` has it all._';

/** Blocks in order while they fit; the first that does not, and all after it, give way to a note. */
export const assemble = (blocks: readonly string[], limit = COMMENT_LIMIT): string => {
  const wanted = blocks.filter((block) => block !== '');
  const whole = `${wanted.join('\n\n')}\n`;
  if (whole.length <= limit) return whole;
  const kept: string[] = [];
  let room = limit - LEFT_OUT.length - 1;
  for (const block of wanted) {
    room -= block.length + 2;
    if (room < 0) break;
    kept.push(block);
  }
  return `${[...kept, LEFT_OUT].join('\n\n')}\n`;
};

/** @example '30 queues', or the name of the only one */
export const queuesOrName = (names: readonly string[]): string =>
  names.length === 1 && names[0] !== undefined ? code(names[0]) : count(names.length, 'queue');
