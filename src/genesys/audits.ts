/**
 * Who changed queues, as the audit service tells it. Its filters cannot OR, and one query for all actions
 * drowns in changes of members (facts page): so each action is a query of its own.
 *
 * | asked about | queries                           | what other queues do to the answer               |
 * |-------------|-----------------------------------|--------------------------------------------------|
 * | few queues  | one an action and queue           | nothing                                          |
 * | more        | one an action, whatever the queue | where they change too often, it is not complete  |
 */
import type { ChangePeriod, LastChange, OrgReader, OwnChanges } from '../apply/ports.js';
import type { QueueId } from '../domain/ids.js';
import { QUEUES_ASKED_ONE_BY_ONE } from '../plan/cost.js';
import { createAuditLog, TOO_LATE, whyNot } from './audit-log.js';
import type { AuditQuery } from './audit-log.js';
import { together } from './audit-records.js';
import type { Change, Found } from './audit-records.js';
import { lastOf } from './last-change.js';
import type { Waiting } from './retry.js';
import { inScope } from './scope.js';
import type { SdkApis } from './sdk.js';

/** The actions that change what policies manage. */
const WRITES = ['Update', 'WrapupCodeAdd', 'WrapupCodeRemove'] as const;
/** And the one that ends the queue. */
const CHANGES = [...WRITES, 'Delete'] as const;
type Action = (typeof CHANGES)[number];

/** An interval spans at most 30 days (facts page). */
const LONGEST_MS = 30 * 86_400_000;

/** Asks who changed queues. `ownClientId` tells our own writes apart; null where only a token was given. */
export const createAudits = (
  audit: SdkApis['audit'],
  waiting: Waiting,
  ownClientId: string | null,
): Pick<OrgReader, 'lastChanges' | 'ownChanges'> => {
  const find = createAuditLog(audit, waiting, ownClientId);

  const findAll = async (
    actions: readonly Action[],
    queue: QueueId | null,
    { since, until }: ChangePeriod,
    signal: AbortSignal,
  ): Promise<Found> => {
    const from = Math.max(since, until - LONGEST_MS);
    const { changes, missing } = together(
      await Promise.all(actions.map((action) => find(queryOf(queue, action, from, until), signal))),
    );
    return { changes, missing: missing ?? (from > since ? TOO_LONG : null) };
  };

  /** What was found of each queue. */
  const findEach = async (
    queues: readonly QueueId[],
    period: ChangePeriod,
    signal: AbortSignal,
  ): Promise<readonly (readonly [QueueId, Found])[]> => {
    if (queues.length <= QUEUES_ASKED_ONE_BY_ONE)
      return Promise.all(
        queues.map(
          async (queue) => [queue, await findAll(CHANGES, queue, period, signal)] as const,
        ),
      );
    const { changes, missing } = await findAll(CHANGES, null, period, signal);
    const byQueue = groupByEntity(changes);
    return queues.map((queue) => [queue, { changes: byQueue.get(queue) ?? [], missing }]);
  };

  return {
    lastChanges: (asked, period) => {
      const queues = [...new Set(asked)];
      return withTimeLimit<ReadonlyMap<QueueId, LastChange>>(
        period,
        waiting.signal,
        async (signal) => {
          const each = await findEach(queues, period, signal);
          return new Map(each.map(([queue, found]) => [queue, lastOf(found)]));
        },
        (why) => new Map(queues.map((queue) => [queue, { by: 'unknown', why }])),
      );
    },
    ownChanges: (queue, period) =>
      withTimeLimit<OwnChanges>(
        period,
        waiting.signal,
        async (signal) =>
          ownClientId === null
            ? { kind: 'unknown', why: NO_CLIENT }
            : ownOf(await findAll(WRITES, queue, period, signal)),
        (why) => ({ kind: 'unknown', why }),
      ),
  };
};

const TOO_LONG = 'the audit service answers for 30 days at a time';
const NO_CLIENT = 'an access token does not tell which OAuth client is ours';

/** What others did in that part of the log that could not be read might be what matters: then nothing is said. */
const ownOf = ({ changes, missing }: Found): OwnChanges => {
  if (missing !== null) return { kind: 'unknown', why: missing };
  const actionsOf = (areOurs: boolean): readonly string[] => [
    ...new Set(
      changes
        .filter(({ author }) => (author?.isOurs === true) === areOurs)
        .map(({ action }) => action),
    ),
  ];
  return { kind: 'known', ours: actionsOf(true), others: actionsOf(false) };
};

const groupByEntity = (changes: readonly Change[]): ReadonlyMap<string, readonly Change[]> => {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    if (change.entity === null) continue;
    const group = groups.get(change.entity);
    if (group === undefined) groups.set(change.entity, [change]);
    else group.push(change);
  }
  return groups;
};

/** A question about one queue, or about all where none is named. */
const queryOf = (
  queue: QueueId | null,
  action: Action,
  since: number,
  until: number,
): AuditQuery => ({
  // Whole seconds, outwards: the form that the contract shows.
  interval: `${second(Math.floor(since / 1000))}/${second(Math.ceil(until / 1000))}`,
  serviceName: 'ContactCenter',
  filters: [
    { property: 'EntityType', value: 'Queue' },
    ...(queue === null ? [] : [{ property: 'EntityId', value: queue }]),
    { property: 'Action', value: action },
  ],
  sort: [{ name: 'Timestamp', sortOrder: 'descending' }],
});

const second = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/** As for a socket, time is real time here. Whatever goes wrong is an answer. */
const withTimeLimit = async <Answer>(
  { withinMs, signal: stop }: ChangePeriod,
  connection: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Answer>,
  unknown: (why: string) => Answer,
): Promise<Answer> => {
  const stops = connection === undefined ? [stop] : [stop, connection];
  if (withinMs <= 0 || stops.some(({ aborted }) => aborted)) return unknown(TOO_LATE);
  const limit = new AbortController();
  const end = (): void => limit.abort();
  const timer = setTimeout(end, withinMs);
  for (const one of stops) one.addEventListener('abort', end);
  try {
    const { signal } = limit;
    return await inScope({ signal }, () => work(signal));
  } catch (error) {
    return unknown(whyNot(error));
  } finally {
    clearTimeout(timer);
    for (const one of stops) one.removeEventListener('abort', end);
  }
};
