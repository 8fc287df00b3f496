/** The options of `audit list`, as people write them, as a question to the journal. */
import { AUDIT_TYPES, shortType } from '../domain/audit.js';
import { parseDuration } from '../domain/duration.js';
import { AppError } from '../domain/errors.js';
import { closestName, quote } from '../domain/text.js';
import type { AuditQuery } from '../journal/query.js';
import { compilePattern } from '../resolve/pattern.js';
import type { Format } from './session.js';

export interface AuditListOptions {
  readonly since?: string;
  readonly until?: string;
  readonly queue?: readonly string[];
  readonly type?: readonly string[];
  readonly run?: string;
  readonly undelivered?: boolean;
  readonly limit?: number;
}

/** So much fits a screen or two. */
const TEXT_LIMIT = 50;

/** @throws AppError `cli.usage` */
export const auditQueryOf = (
  { since, until, queue, type, run, undelivered, limit }: AuditListOptions,
  format: Format,
  now: number,
): AuditQuery => {
  const query: AuditQuery = {
    since: since === undefined ? null : instantOf('--since', since, now).first,
    until: until === undefined ? null : instantOf('--until', until, now).last,
    queues: queue ?? [],
    types: (type ?? []).map(typePattern),
    run: run ?? null,
    undelivered: undelivered === true,
    limit: limit ?? (format === 'text' ? TEXT_LIMIT : null),
  };
  if (query.since !== null && query.until !== null && query.since > query.until)
    throw new AppError('cli.usage', '--since is later than --until: nothing can be in between.', {
      remedy: 'Exchange them.',
    });
  return query;
};

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

/** Both ends of what somebody calls a time, in milliseconds since the epoch. */
interface Span {
  readonly first: number;
  readonly last: number;
}

/**
 * | written                        | means |
 * |--------------------------------|-------|
 * | `2026-11-23T09:00:00Z`         | that instant |
 * | `2026-11-23`                   | that day, UTC |
 * | `7d`, `12h`                    | so long before now |
 */
const instantOf = (option: string, text: string, now: number): Span => {
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

/** A pattern for types, which has to mean one at least. */
const typePattern = (text: string): string => {
  const names = AUDIT_TYPES.map(shortType);
  const pattern = compilePattern(text);
  if ([...AUDIT_TYPES, ...names].some((name) => pattern.matches(name))) return text;
  const near = closestName(shortType(text), names);
  throw new AppError('cli.usage', `--type ${quote(text)} is no type of event.`, {
    remedy: `${near === null ? '' : `Did you mean \`${near}\`? `}The types are ${names.join(', ')}; \`*\` stands for any characters.`,
  });
};
