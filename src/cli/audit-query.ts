/** The options of `audit list`, as people write them, as a question to the journal. */
import { AUDIT_TYPES, RECORD_KINDS, shortType } from '../domain/audit.js';
import { AppError } from '../domain/errors.js';
import { closestName, quote } from '../domain/text.js';
import type { AuditQuery } from '../journal/query.js';
import { compilePattern } from '../resolve/pattern.js';
import type { Format } from './session.js';
import { spanOf } from './times.js';

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
    since: since === undefined ? null : spanOf('--since', since, now).first,
    until: until === undefined ? null : spanOf('--until', until, now).last,
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

/** A pattern for types, which has to mean one at least; or a kind of record by its whole name. */
const typePattern = (text: string): string => {
  if (RECORD_KINDS.includes(text)) return text;
  const names = AUDIT_TYPES.map(shortType);
  const bookkeeping = RECORD_KINDS.filter((kind) => !names.includes(kind));
  const pattern = compilePattern(text);
  if ([...AUDIT_TYPES, ...names].some((name) => pattern.matches(name))) return text;
  const near = closestName(shortType(text), [...names, ...RECORD_KINDS]);
  throw new AppError(
    'cli.usage',
    `--type ${quote(text)} is no type of event, and no kind of record.`,
    {
      remedy: `${near === null ? '' : `Did you mean \`${near}\`? `}The types are ${names.join(', ')}; \`*\` stands for any characters. Bookkeeping is listed by the whole name of its kind: ${bookkeeping.join(', ')}.`,
    },
  );
};
