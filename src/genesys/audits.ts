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
import type { AuditLog } from './audit-log.js';
import { isTooLong, queryOf, TOO_LONG } from './audit-query.js';
import { onlyDated, together } from './audit-records.js';
import type { DatedChange, Found } from './audit-records.js';
import { lastOf } from './last-change.js';
import { withTimeLimit } from './time-limit.js';

/** The actions that change what policies manage. */
const WRITES = ['Update', 'WrapupCodeAdd', 'WrapupCodeRemove'] as const;
/** And the one that ends the queue. */
const CHANGES = [...WRITES, 'Delete'] as const;
type Action = (typeof CHANGES)[number];

/**
 * Asks who changed queues. `ownClientId` tells our own writes apart; null where only a token was given.
 * `connection` is the signal that ends it as a whole.
 */
export const createAudits = (
  log: AuditLog,
  connection: AbortSignal | undefined,
  ownClientId: string | null,
): Pick<OrgReader, 'lastChanges' | 'ownChanges'> => {
  const findAll = async (
    actions: readonly Action[],
    queue: QueueId | null,
    period: ChangePeriod,
    signal: AbortSignal,
  ): Promise<Found<DatedChange>> => {
    const found = together(
      await Promise.all(
        actions.map((action) =>
          log(queryOf({ entityType: 'Queue', entityId: queue, action }, period), signal),
        ),
      ),
    );
    return onlyDated({ ...found, missing: found.missing ?? (isTooLong(period) ? TOO_LONG : null) });
  };

  /** What was found of each queue. */
  const findEach = async (
    queues: readonly QueueId[],
    period: ChangePeriod,
    signal: AbortSignal,
  ): Promise<readonly (readonly [QueueId, Found<DatedChange>])[]> => {
    if (queues.length <= QUEUES_ASKED_ONE_BY_ONE)
      return Promise.all(
        queues.map(
          async (queue) => [queue, await findAll(CHANGES, queue, period, signal)] as const,
        ),
      );
    const found = await findAll(CHANGES, null, period, signal);
    const byQueue = groupByEntity(found.changes);
    return queues.map((queue) => [queue, { ...found, changes: byQueue.get(queue) ?? [] }]);
  };

  return {
    lastChanges: (asked, period) => {
      const queues = [...new Set(asked)];
      return withTimeLimit<ReadonlyMap<QueueId, LastChange>>(
        period,
        connection,
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
        connection,
        async (signal) =>
          ownClientId === null
            ? { kind: 'unknown', why: NO_CLIENT }
            : ownOf(await findAll(WRITES, queue, period, signal)),
        (why) => ({ kind: 'unknown', why }),
      ),
  };
};

const NO_CLIENT = 'an access token does not tell which OAuth client is ours';

/** What others did in that part of the log that could not be read might be what matters: then nothing is said. */
const ownOf = ({ changes, missing }: Found<DatedChange>): OwnChanges => {
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

const groupByEntity = (
  changes: readonly DatedChange[],
): ReadonlyMap<string, readonly DatedChange[]> => {
  const groups = new Map<string, DatedChange[]>();
  for (const change of changes) {
    if (change.entity === null) continue;
    const group = groups.get(change.entity);
    if (group === undefined) groups.set(change.entity, [change]);
    else group.push(change);
  }
  return groups;
};
