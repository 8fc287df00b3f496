/** Orders that are the same on every machine, whatever its language. */

/** By UTF-16 code units. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

interface Named {
  readonly name: string;
  readonly id: string;
}

/** By name, then by id. */
export const byName = (a: Named, b: Named): number =>
  compareText(a.name, b.name) || compareText(a.id, b.id);
