/** Groups in the order of their first members; every group has at least one. */
export const groupBy = <Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => unknown,
): readonly (readonly [Row, ...Row[]])[] => {
  const groups = new Map<string, [Row, ...Row[]]>();
  for (const row of rows) {
    const key = JSON.stringify(keyOf(row));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
};
