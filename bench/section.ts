/** What a benchmark has to say: a table, and what it is held against. */

/** A figure and the most that it may be. */
export interface Target {
  readonly what: string;
  readonly measured: number;
  readonly limit: number;
  readonly unit: 'ms' | 'MB' | '×' | 'requests' | '';
}

export interface Section {
  readonly title: string;
  /** How it was measured, in Markdown. */
  readonly text: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly targets: readonly Target[];
}

const isMet = ({ measured, limit }: Target): boolean => measured <= limit;

/** Milliseconds in the unit that a reader compares in. */
export const duration = (ms: number): string =>
  ms < 10_000 ? `${whole(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
export const megabytes = (bytes: number): number => bytes / 1024 / 1024;
export const whole = (value: number): string => Math.round(value).toLocaleString('en');
export const ratio = (value: number): string => `${value.toFixed(2)} ×`;

/** A Markdown table whose columns stand under each other in a terminal too; all but the first are numbers. */
export const renderTable = ({ columns, rows }: Pick<Section, 'columns' | 'rows'>): string => {
  const widths = columns.map((name, column) =>
    Math.max(...[name, ...rows.map((row) => row[column] ?? '')].map((cell) => cell.length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(columns), line(rule), ...rows.map(line)].join('\n');
};

/** Every target with its verdict. */
export const renderTargets = (targets: readonly Target[]): string =>
  renderTable({
    columns: ['target', 'measured', 'at most', 'met'],
    rows: targets.map((target) => [
      target.what,
      withUnit(target.measured, target),
      withUnit(target.limit, target),
      isMet(target) ? 'yes' : 'no',
    ]),
  });

const withUnit = (value: number, { unit }: Target): string =>
  unit === '×' || unit === '' ? `${value.toFixed(2)} ${unit}`.trim() : `${whole(value)} ${unit}`;
