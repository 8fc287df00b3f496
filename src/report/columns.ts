/** Rows whose parts stand below each other. */
import { fill, widthOf, wrapProse } from './layout.js';

/** A row: texts that are aligned and never broken, and something at the end that is wrapped where it stands. */
export interface ColumnRow {
  /** Empty ones keep their place. */
  readonly cells: readonly string[];
  /** Prose, or tokens that are broken nowhere but between each other. */
  readonly rest: string | readonly string[];
}

/** The least room for the last text beside the others; with less it goes below them. */
const LEAST_REST = 24;
const GAP = '  ';

/**
 * Lays rows out in columns. Cells may be made visible and painted before: their width is that of what is seen.
 * Where cells leave too little room for the text at the end, that stands in lines of its own.
 */
export const columnLines = (
  rows: readonly ColumnRow[],
  { width, indent = '' }: { readonly width: number; readonly indent?: string },
): string[] => {
  const count = Math.max(0, ...rows.map(({ cells }) => cells.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(0, ...rows.map(({ cells }) => widthOf(cells[column] ?? ''))),
  );
  const left = widths.reduce((sum, each) => sum + (each === 0 ? 0 : each + GAP.length), 0);
  const isNarrow = width - widthOf(indent) - left < LEAST_REST;
  return rows.flatMap(({ cells, rest }) => {
    const padded = widths
      .map((each, column) => {
        const cell = cells[column] ?? '';
        return each === 0 ? '' : cell + ' '.repeat(each - widthOf(cell)) + GAP;
      })
      .join('');
    if (rest.length === 0) return [`${indent}${padded}`.trimEnd()];
    if (!isNarrow) return wrap(rest, width, indent + padded, indent + ' '.repeat(left));
    const words = cells.filter((cell) => cell !== '');
    return [
      ...fill(words, width, indent, `${indent}${GAP}`),
      ...wrap(rest, width, `${indent}${GAP}${GAP}`),
    ];
  });
};

const wrap = (rest: ColumnRow['rest'], width: number, first: string, others = first): string[] =>
  typeof rest === 'string'
    ? wrapProse(rest, width, first, others)
    : fill(rest, width, first, others);
