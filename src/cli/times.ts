/** Times as people write them in options. */
import { parseDuration } from '../domain/duration.js';
import { AppError } from '../domain/errors.js';
import { quote } from '../domain/text.js';

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** A day of UTC. */
export const DAY_MS = 86_400_000;

/** Both ends of what somebody calls a time, in milliseconds since the epoch. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/**
 * | written                        | means |
 * |--------------------------------|-------|
 * | `2026-11-23T09:00:00Z`         | that instant |
 * | `2026-11-23`                   | that day, UTC |
 * | `7d`, `12h`                    | so long before now |
 *
 * @throws AppError `cli.usage`
 */
export const spanOf = (option: string, text: string, now: number): Span => {
  const ms = parseDuration(text);
  if (ms !== null && ms <= now) return { first: now - ms, last: now - ms };
  const at = Date.parse(text);
  if (DATE.test(text) && isoDay(at) === text) return { first: at, last: at + DAY_MS - 1 };
  if (INSTANT.test(text) && !Number.isNaN(at)) return { first: at, last: at };
  throw new AppError('cli.usage', `${option} ${quote(text)} is no time.`, {
    remedy: /^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(text)
      ? `Add the offset: ${quote(`${text}Z`)} is UTC.`
      : 'Write an instant with offset (2026-11-23T09:00:00Z), a date (2026-11-23, UTC), or how long ago (7d, 12h, 30m).',
  });
};

/** Days that no month has are moved on to the next month by some; they are none. */
const isoDay = (at: number): string =>
  Number.isNaN(at) ? '' : new Date(at).toISOString().slice(0, 10);
