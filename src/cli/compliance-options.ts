/** The options of `compliance`, as people write them, as a period. */
import type { Period } from '../domain/compliance.js';
import { AppError } from '../domain/errors.js';
import { DAY_MS, spanOf } from './times.js';

export interface ComplianceOptions {
  readonly since?: string;
  readonly until?: string;
  /** In milliseconds. */
  readonly interval?: number;
  readonly queue?: readonly string[];
  readonly division?: readonly string[];
  readonly region?: string;
  /** In percent. */
  readonly failUnder?: number;
}

const DEFAULT_MS = 7 * DAY_MS;
const MOST_DAYS = 366;

/**
 * | given                  | from                  | until                                   |
 * |------------------------|-----------------------|-----------------------------------------|
 * | nothing                | 7 days before         | the last midnight, UTC                  |
 * | `--interval`           | so long before        | the last midnight if of days, else now  |
 * | `--since`              | there                 | now                                     |
 * | `--until` besides      | as above, before that | there, or the end of that day, or now   |
 *
 * @throws AppError `cli.usage` where nothing is in between, or more than a year
 */
export const periodOf = (
  { since, until, interval }: Pick<ComplianceOptions, 'since' | 'until' | 'interval'>,
  now: number,
): Period => {
  const lengthMs = interval ?? DEFAULT_MS;
  const wantsWholeDays = since === undefined && lengthMs % DAY_MS === 0;
  const end =
    until === undefined
      ? wantsWholeDays
        ? now - (now % DAY_MS)
        : now
      : Math.min(now, endOf(until, now));
  const from = since === undefined ? end - lengthMs : spanOf('--since', since, now).first;
  if (from >= end)
    throw new AppError(
      'cli.usage',
      `Nothing is between ${iso(from)}, where the report is to begin, and ${iso(end)}, its end.`,
      { remedy: 'Let --since be earlier than --until, and than now.' },
    );
  if (end - from > MOST_DAYS * DAY_MS)
    throw new AppError(
      'cli.usage',
      `The report is to span ${Math.ceil((end - from) / DAY_MS)} days; ${MOST_DAYS} are the most.`,
      { remedy: 'Ask for less at one time.' },
    );
  return { from, until: end };
};

/** The end of a day is the beginning of the next one; an instant is its own. */
const endOf = (text: string, now: number): number => {
  const { first, last } = spanOf('--until', text, now);
  return first === last ? last : last + 1;
};

const iso = (at: number): string => new Date(at).toISOString();
