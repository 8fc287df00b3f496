/** Text in columns: widths as a terminal draws them, and lines that break where a reader expects it. */
import stringWidth from 'string-width';
import { visible } from './visible.js';

/** How a text is laid out for people: so many columns, with or without colour. */
export interface TextOptions {
  readonly width: number;
  readonly color: boolean;
}

/** Columns that a text takes: two for wide characters, none for combining ones. */
export const widthOf = (text: string): number => stringWidth(text);

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** What a reader counts as characters, each with its place in the text (UTF-16 units). */
export const graphemes = (
  text: string,
): readonly { readonly text: string; readonly index: number }[] =>
  Array.from(segmenter.segment(text), ({ segment, index }) => ({ text: segment, index }));

/**
 * Joins tokens by spaces into lines of at most `width` columns. No token is ever broken: one that is
 * wider than a line gets a line for itself. `first` stands before the first line, `rest` before others.
 */
export const fill = (
  tokens: readonly string[],
  width: number,
  first = '',
  rest = first,
): string[] => {
  const lines: string[] = [];
  let line = first;
  let fresh = true;
  for (const token of tokens) {
    const longer = fresh ? line + token : `${line} ${token}`;
    if (fresh || widthOf(longer) <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = rest + token;
    }
    fresh = false;
  }
  return fresh ? [] : [...lines, line];
};

/** Quotes and code stay together with what touches them: names are written in quotes. */
const TOKEN = /(?:"[^"\n]*"|`[^`\n]*`|\S)+/g;

/** Sentences of somebody else's, made visible and wrapped; a line break in them stays one. */
export const wrapProse = (prose: string, width: number, first = '', rest = first): string[] => {
  const room = width - widthOf(rest);
  return prose.split(/\r?\n/).flatMap((paragraph, index) => {
    const tokens = visible(paragraph).match(TOKEN) ?? [];
    const whole = tokens.flatMap((token) => (widthOf(token) > room ? token.split(' ') : [token]));
    return fill(whole, width, index === 0 ? first : rest, rest);
  });
};

/** The text, or as much of it as fits with an ellipsis. */
export const truncate = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text;
  let kept = '';
  for (const grapheme of graphemes(text)) {
    if (widthOf(kept + grapheme.text) > width - 1) break;
    kept += grapheme.text;
  }
  return width < 1 ? '' : `${kept}…`;
};

/** Blocks of lines as one text: a blank line between blocks, empty blocks left out, a newline at the end. */
export const joinBlocks = (blocks: readonly (readonly string[])[]): string =>
  `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
