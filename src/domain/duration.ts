/** Durations as people write them, `<integer>(ms|s|m|h|d)`, in milliseconds inside. */

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

const UNIT_MS: ReadonlyMap<string, number> = new Map(UNITS);

/** The form of a duration. */
export const DURATION = /^(\d{1,15})(ms|s|m|h|d)$/;

/**
 * Milliseconds, or null where the text is no duration (or one that a number cannot hold exactly).
 *
 * @example parseDuration('45s') // 45000
 */
export const parseDuration = (text: string): number | null => {
  const [, count, unit] = DURATION.exec(text) ?? [];
  const ms = Number(count) * (UNIT_MS.get(unit ?? '') ?? NaN);
  return Number.isSafeInteger(ms) ? ms : null;
};

/**
 * The shortest exact way to write a duration: the largest unit that divides it.
 *
 * @example formatDuration(90_000) // '90s'
 */
export const formatDuration = (ms: number): string => {
  if (ms === 0) return '0s';
  const [unit, size] = UNITS.find(([, unitMs]) => ms % unitMs === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
};
