/**
 * Who changed a queue, as the audit service tells it. Its filters cannot OR, and a broad query drowns in
 * changes of members: so one narrow query an action.
 */
import type { Models } from 'purecloud-platform-client-v2';
import type { LastChange, OrgReader } from '../apply/ports.js';
import type { DiagnosticCode } from '../domain/codes.js';
import { AppError } from '../domain/errors.js';
import type { QueueId } from '../domain/ids.js';
import { platformText } from './errors.js';
import { arrayOf, numberOf, textOf } from './json.js';
import { changesIn, lastOf, TOO_LATE, whyNot } from './last-change.js';
import type { Found } from './last-change.js';
import type { Waiting } from './retry.js';
import { inScope } from './scope.js';
import { answerOf } from './sdk.js';
import type { SdkApis } from './sdk.js';

/** The actions that change what policies manage, or end the queue. */
const ACTIONS = ['Update', 'WrapupCodeAdd', 'WrapupCodeRemove', 'Delete'] as const;
/** More changes than that in the time between a plan and its apply are not told one by one. */
const RECORDS = 100;
/** An interval spans at most 30 days (facts page). */
const LONGEST_MS = 30 * 86_400_000;
const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 2_000;

/** Answers to a realtime query after which the other kind is tried. */
const NOT_SERVED: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  'genesys.rejected',
  'genesys.not-found',
]);

/**
 * Asks who changed queues. `ownClientId` tells our own writes apart; null where only a token was given.
 * Whether the realtime query serves queues is not documented: it is tried, and once refused, no more.
 */
export const createAudits = (
  audit: SdkApis['audit'],
  waiting: Waiting,
  ownClientId: string | null,
): OrgReader['lastChange'] => {
  let servesRealtime = true;

  const find = async (query: AuditQuery, signal: AbortSignal): Promise<Found> => {
    if (servesRealtime) {
      try {
        return await askRealtime(query);
      } catch (error) {
        if (!(error instanceof AppError && NOT_SERVED.has(error.code))) throw error;
        servesRealtime = false;
      }
    }
    return askAndPoll(query, signal);
  };

  const askRealtime = async (query: AuditQuery): Promise<Found> => {
    const { body } = await answerOf(
      audit.postAuditsQueryRealtime(
        { ...query, pageNumber: 1, pageSize: RECORDS },
        { expand: ['user'] },
      ),
    );
    const total = numberOf(body, 'total') ?? 0;
    return {
      changes: changesIn(body, ownClientId),
      isComplete: total <= arrayOf(body, 'entities').length,
    };
  };

  const askAndPoll = async (query: AuditQuery, signal: AbortSignal): Promise<Found> => {
    let { body } = await answerOf(audit.postAuditsQuery(query));
    const id = textOf(body, 'id') ?? '';
    for (let waitMs = FIRST_POLL_MS; isUnderWay(body);) {
      await waiting.clock.sleep(waitMs, signal);
      ({ body } = await answerOf(audit.getAuditsQueryTransactionId(id)));
      waitMs = Math.min(waitMs * 2, LONGEST_POLL_MS);
    }
    const state = textOf(body, 'state') ?? 'without a state';
    if (state !== 'Succeeded')
      throw new AppError('genesys.unavailable', `the query ended as ${platformText(state)}`);
    const results = await answerOf(
      audit.getAuditsQueryTransactionIdResults(id, { pageSize: RECORDS, expand: ['user'] }),
    );
    return {
      changes: changesIn(results.body, ownClientId),
      isComplete: textOf(results.body, 'cursor') === null,
    };
  };

  return (queue, { since, until, withinMs, signal: stop }) =>
    withTimeLimit(
      withinMs,
      waiting.signal === undefined ? [stop] : [stop, waiting.signal],
      async (signal) => {
        const from = Math.max(since, until - LONGEST_MS);
        const finds = await Promise.allSettled(
          ACTIONS.map((action) => find(queryOf(queue, action, from, until), signal)),
        );
        return lastOf(finds, signal);
      },
    );
};

type AuditQuery = Required<Models.AuditQueryRequest>;

const queryOf = (
  queue: QueueId,
  action: (typeof ACTIONS)[number],
  since: number,
  until: number,
): AuditQuery => ({
  // Whole seconds, outwards: the form that the contract shows.
  interval: `${second(Math.floor(since / 1000))}/${second(Math.ceil(until / 1000))}`,
  serviceName: 'ContactCenter',
  filters: [
    { property: 'EntityType', value: 'Queue' },
    { property: 'EntityId', value: queue },
    { property: 'Action', value: action },
  ],
  sort: [{ name: 'Timestamp', sortOrder: 'descending' }],
});

const second = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

const isUnderWay = (status: unknown): boolean =>
  ['Queued', 'Running'].includes(textOf(status, 'state') ?? '');

/** As for a socket, time is real time here. Whatever goes wrong is an answer. */
const withTimeLimit = async (
  ms: number,
  stops: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<LastChange>,
): Promise<LastChange> => {
  if (ms <= 0 || stops.some(({ aborted }) => aborted)) return { by: 'unknown', why: TOO_LATE };
  const limit = new AbortController();
  const end = (): void => limit.abort();
  const timer = setTimeout(end, ms);
  for (const stop of stops) stop.addEventListener('abort', end);
  try {
    const { signal } = limit;
    return await inScope({ signal }, () => work(signal));
  } catch (error) {
    return { by: 'unknown', why: whyNot(error) };
  } finally {
    clearTimeout(timer);
    for (const stop of stops) stop.removeEventListener('abort', end);
  }
};
