/**
 * What changed in the organization, as the audit service tells it. Each action on queues is a query of its own
 * (as in `audits.ts`); codes change so seldom that one query asks for whatever was done to them.
 *
 * The first query is asked alone: where the service does not answer, the others are not sent.
 */
import type { ChangeFeed, ChangePeriod, OrgChange, OrgChanges } from '../apply/ports.js';
import type { AuditLog } from './audit-log.js';
import { isTooLong, queryOf, TOO_LONG } from './audit-query.js';
import type { AuditSubject } from './audit-query.js';
import { together } from './audit-records.js';
import type { Change, Found } from './audit-records.js';
import type { ServerClock } from './server-clock.js';
import { withTimeLimit } from './time-limit.js';

const FIRST: AuditSubject = { entityType: 'Queue', entityId: null, action: 'Update' };
const OTHERS: readonly AuditSubject[] = [
  ...['Create', 'Delete', 'WrapupCodeAdd', 'WrapupCodeRemove'].map((action) => ({
    ...FIRST,
    action,
  })),
  { entityType: 'WrapupCode', entityId: null, action: null },
];

/** What is not seen here, a daemon finds only when it reads everything: more is read than for one answer. */
const MOST_PAGES = 10;

/** Asks what changed. `connection` is the signal that ends it as a whole. */
export const createChangeFeed = (
  log: AuditLog,
  serverClock: ServerClock,
  connection: AbortSignal | undefined,
): ChangeFeed => ({
  serverNow: () => serverClock.now(),
  changesIn: (period) => {
    // An interval that ends before it begins, or has no end, can only be refused.
    if (!(period.since <= period.until)) return Promise.resolve(nothing(NO_PERIOD));
    return withTimeLimit<OrgChanges>(
      period,
      connection,
      async (signal) => {
        const ask = async (subject: AuditSubject): Promise<Found> =>
          ofKind(subject, await log(queryOf(subject, period), signal, MOST_PAGES));
        const first = await ask(FIRST);
        const others = first.hasFailed ? [] : await Promise.all(OTHERS.map(ask));
        const { changes, missing } = together([first, ...others]);
        return {
          changes: orgChanges(changes, period),
          missing: missing ?? (isTooLong(period) ? TOO_LONG : null),
        };
      },
      nothing,
    );
  },
});

/** A record that does not say what kind of thing was changed is of the kind that was asked about. */
const ofKind = ({ entityType }: AuditSubject, found: Found): Found => ({
  ...found,
  changes: found.changes.map((change) => ({
    ...change,
    entityType: change.entityType ?? entityType,
  })),
});

const nothing = (missing: string): OrgChanges => ({ changes: [], missing });

const NO_PERIOD = 'the period to ask about ends before it begins';

/** Each once, the oldest first: pages overlap where something comes in between two of them. */
const orgChanges = (changes: readonly Change[], period: ChangePeriod): readonly OrgChange[] =>
  [
    ...new Map(
      changes.flatMap((change) => {
        const told = orgChange(change, period);
        return told === null ? [] : [[told.record, told] as const];
      }),
    ).values(),
  ].sort((a, b) => a.at - b.at);

/** Null for what is neither queue nor code: nobody asked about it. */
const orgChange = (
  { record, entityType, entity, author, at, action }: Change,
  { since, until }: ChangePeriod,
): OrgChange | null => {
  if (entityType !== 'Queue' && entityType !== 'WrapupCode') return null;
  return {
    record,
    entity: entityType === 'Queue' ? 'queue' : 'code',
    id: entity,
    action,
    // It was found in that period, whatever date it bears.
    at: Math.min(Math.max(at ?? until, since), until),
    author,
  };
};
