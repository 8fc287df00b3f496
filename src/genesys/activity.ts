/** How much goes on in queues at this moment, as the analytics service observes it. */
import type { Models } from 'purecloud-platform-client-v2';
import { AppError } from '../domain/errors.js';
import type { DiagnosticCode } from '../domain/codes.js';
import type { QueueId } from '../domain/ids.js';
import type { Interacting } from '../domain/state.js';
import { anyOf, askByQueues, isSpoilt, lacksPermission } from './by-queues.js';
import { PlatformRefusal, platformText } from './errors.js';
import { arrayOf, isObject, numberOf, textOf } from './json.js';
import { answerOf } from './sdk.js';
import type { SdkApis } from './sdk.js';

/** After these nothing else would be answered either: they end the run, and hold no queue. */
const OF_THE_RUN: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  'cli.interrupted',
  'genesys.unauthorized',
  'genesys.login-failed',
]);

const PERMISSION = 'analytics:queueObservation:view';

type Answer = readonly [QueueId, Interacting];

/**
 * Interactions by queue, or why the platform does not tell. One queue outside the token's divisions spoils
 * a whole query: it is found by halving, and the others are answered all the same. A service that fails,
 * after all repetitions, leaves the queues of that query unanswered and no others.
 *
 * @throws AppError where the run is stopped, or the credentials are not accepted any more
 */
export const readInteracting = async (
  analytics: SdkApis['analytics'],
  queues: readonly QueueId[],
): Promise<ReadonlyMap<QueueId, Interacting>> => {
  const ask = async (asked: readonly QueueId[]): Promise<readonly Answer[]> => {
    try {
      const query = observationQuery(asked);
      const { body } = await answerOf(analytics.postAnalyticsQueuesObservationsQuery(query));
      const counts = countInteractions(body);
      return asked.map((queue) => [queue, { kind: 'counted', count: counts.get(queue) ?? 0 }]);
    } catch (error) {
      if (!(error instanceof AppError) || OF_THE_RUN.has(error.code) || isSpoilt(error))
        throw error;
      return asked.map((queue) => [queue, unread(error)]);
    }
  };
  return new Map(
    await askByQueues(queues, {
      ask,
      mayHalve: isSpoilt,
      alone: (queue, error): Answer => [queue, unread(error)],
    }),
  );
};

const unread = (error: AppError): Interacting => ({
  kind: 'unread',
  reason: whyUnread(error),
  correlationId: error.correlationId,
});

/** Short, and without what differs from request to request: queues that are held alike are told together. */
const whyUnread = (error: AppError): string => {
  if (error.code === 'genesys.forbidden')
    return lacksPermission(error)
      ? `the OAuth client lacks the permission ${PERMISSION}; grant it, or set \`activity.onBusy: ignore\``
      : `the permission ${PERMISSION} does not reach its division; extend it, or set \`activity.onBusy: ignore\``;
  const { cause } = error;
  return cause instanceof PlatformRefusal
    ? `Genesys Cloud answered ${platformText(cause.message)}; try again later`
    : `${error.message.replace(/\.$/, '')}; try again later`;
};

const observationQuery = (queues: readonly QueueId[]): Models.QueueObservationQuery => ({
  filter: anyOf(queues),
  metrics: ['oInteracting'],
});

/** Sums over the media types; a queue in which nothing goes on may be missing. */
const countInteractions = (body: unknown): ReadonlyMap<string, number> => {
  if (!isObject(body)) throw notUnderstood();
  const counts = new Map<string, number>();
  for (const result of arrayOf(body, 'results')) {
    const queue = textOf(isObject(result) ? result['group'] : null, 'queueId') ?? '';
    const counted = arrayOf(result, 'data')
      .filter((data) => textOf(data, 'metric') === 'oInteracting')
      .map((data) => countIn(isObject(data) ? data['stats'] : null));
    counts.set(
      queue,
      counted.reduce((sum, count) => sum + count, counts.get(queue) ?? 0),
    );
  }
  return counts;
};

/** A count that is not there is none; one that cannot be read may be any. */
const countIn = (stats: unknown): number => {
  const count = numberOf(stats, 'count');
  if (count === null && isObject(stats) && Object.hasOwn(stats, 'count')) throw notUnderstood();
  return count ?? 0;
};

const notUnderstood = (): AppError =>
  new AppError('genesys.not-genesys', 'the answer to a query of observations cannot be understood');
