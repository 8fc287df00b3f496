/** The place in a file that a diagnostic speaks of, drawn with carets below it. */
import type { SourceSpan } from '../domain/diagnostics.js';
import { spellInvisible } from '../domain/text.js';
import { graphemes, widthOf } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';

const TAB = 4;

/** One character as it is drawn: its UTF-16 units in the line, and its columns, all from 0, ends exclusive. */
interface Cell {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** Columns from 0, the end exclusive. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * The line of the span with the one before it, and carets under the span; under its first line where
 * it has several. Long lines are cut around the carets. Empty where the text has no such line.
 */
export const renderSnippet = (
  source: string,
  span: SourceSpan,
  { width, color }: TextOptions,
): string[] => {
  const lines = source.split(/\r?\n/);
  const line = lines[span.line - 1];
  if (line === undefined) return [];
  const before = draw(lines[span.line - 2] ?? '');
  const cells = draw(line);
  const end = span.endLine > span.line ? line.trimEnd().length : span.endColumn - 1;
  const carets = columnsOf(cells, span.column - 1, end);
  const gutter = String(span.line).length;
  const shown = frame(
    Math.max(widthOfLine(before), widthOfLine(cells)),
    carets,
    Math.max(width - gutter - 5, 20),
  );
  const above = slice(before, shown);
  const marks =
    ' '.repeat(carets.from - shown.from) + '^'.repeat(Math.min(carets.to, shown.to) - carets.from);
  const paint = painter(color);
  const row = (label: string, text: string): string =>
    `${paint('quiet', `  ${label.padStart(gutter)} |`)} ${text}`;
  return [
    ...(above === '' || above === '…' ? [] : [row(String(span.line - 1), above)]),
    row(String(span.line), slice(cells, shown)),
    row('', paint('error', marks)),
  ];
};

/** Tabs run to the next stop and what must not be printed is spelt out, so that every column is known. */
const draw = (line: string): readonly Cell[] => {
  let column = 0;
  return graphemes(line.trimEnd()).map(({ text: written, index }) => {
    const text = line.startsWith('##[', index) ? '<U+0023>' : drawOne(written, column);
    const from = column;
    column += widthOf(text);
    return { text, start: index, end: index + written.length, from, to: column };
  });
};

const drawOne = (written: string, column: number): string => {
  if (written === '\t') return ' '.repeat(TAB - (column % TAB));
  return written === ' ' ? written : spellInvisible(written);
};

const widthOfLine = (cells: readonly Cell[]): number => cells.at(-1)?.to ?? 0;

/** The columns of UTF-16 units, at least one; behind the line where the units are past its end. */
const columnsOf = (cells: readonly Cell[], start: number, end: number): Stretch => {
  const behind = widthOfLine(cells);
  const from = cells.find((cell) => cell.end > start)?.from ?? behind;
  const to = cells.find((cell) => cell.start >= end)?.from ?? behind;
  return { from, to: Math.max(to, from + 1) };
};

/** The part of the lines that is shown: all, or as much as there is room for, the carets in its first third. */
const frame = (widest: number, carets: Stretch, room: number): Stretch => {
  const needed = Math.max(widest, carets.from + 1);
  if (needed <= room) return { from: 0, to: needed };
  const from = Math.min(Math.max(carets.from - Math.floor(room / 3), 0), needed - room);
  return { from, to: from + room };
};

const slice = (cells: readonly Cell[], shown: Stretch): string => {
  const left = shown.from > 0 ? '…' : '';
  const right = widthOfLine(cells) > shown.to ? '…' : '';
  const from = shown.from + left.length;
  const inside = cells.filter((cell) => cell.from >= from && cell.to <= shown.to - right.length);
  const gap = (inside[0]?.from ?? from) - from;
  return left + ' '.repeat(gap) + inside.map((cell) => cell.text).join('') + right;
};
