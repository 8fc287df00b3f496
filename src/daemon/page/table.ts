/**
 * Tables that become cards on a phone. The roles are said, because browsers forget them where a table is laid out as
 * something else; the heads of the columns stand in `data-label` too, for the cards.
 */
import type { Markup } from './markup.js';
import { markup } from './markup.js';

/** A column: its head, and what stands in it. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => Markup;
  /** The column that names the row. */
  readonly isName?: true;
}

/** A whole table; `keyOf` tells one row from another while the page renews itself. */
export const tableMarkup = <Row>({
  caption,
  columns,
  rows,
  keyOf,
}: {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}): Markup => markup`<table role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map(
  ({ head }) => markup`<th scope="col" role="columnheader">${head}</th>`,
)}</tr></thead>
<tbody role="rowgroup">
${rows.map(
  (row) => markup`<tr role="row" data-key="${keyOf(row)}">${columns.map((column) =>
    cellMarkup(column, row),
  )}</tr>
`,
)}</tbody>
</table>
`;

const cellMarkup = <Row>({ head, cell, isName }: Column<Row>, row: Row): Markup =>
  isName === true
    ? markup`<th scope="row" role="rowheader">${cell(row)}</th>`
    : markup`<td role="cell" data-label="${head}">${cell(row)}</td>`;
