/**
 * Tables that become cards on a phone. The roles are said, because browsers forget them where a table is laid out as
 * something else; the heads of the columns stand in `data-label` too, for the cards.
 */
import type { Markup } from './markup.js';
import { markup } from './markup.js';

/** A column: its head, and what stands in it. */
export interface Column<Row> {
  readonly head: string;
  /** null where there is nothing to tell; a card then leaves it out. */
  readonly cell: (row: Row) => Markup | null;
  /** What stands there instead of nothing. */
  readonly nothing?: string;
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

const cellMarkup = <Row>(
  { head, cell, nothing = 'none', isName }: Column<Row>,
  row: Row,
): Markup => {
  const inside = cell(row);
  if (isName === true) return markup`<th scope="row" role="rowheader">${inside}</th>`;
  // One element inside, because a card is a grid of the label and of what stands behind it.
  return inside === null
    ? markup`<td role="cell" class="none"><div>${nothing}</div></td>`
    : markup`<td role="cell" data-label="${head}"><div>${inside}</div></td>`;
};
