/** How much goes on in queues at this moment, as the analytics service observes it. */
import type { Models } from 'purecloud-platform-client-v2';
import { AppError } from '../domain/errors.js';
import type { QueueId } from '../domain/ids.js';
import { platformCodeOf } from './errors.js';
import { arrayOf, isObject, numberOf, textOf } from './json.js';
import { answerOf } from './sdk.js';
import type { SdkApis } from './sdk.js';

/** The most queues that one query may safely name (facts page). */
const QUEUES_PER_QUERY = 100;

/** Refusals that speak of the client and not of a queue: to ask about fewer queues would not help. */
const OF_ALL_QUEUES: ReadonlySet<string | null> = new Set([
  'missing.permissions',
  'missing.any.permissions',
  'app.not.authorized.for.scope',
]);

type Interacting = readonly (readonly [QueueId, number | null])[];

/**
 * Interactions by queue; null for a queue that the platform refuses to tell about. One queue outside the
 * token's divisions spoils a whole query: it is found by halving, and the others are answered all the same.
 */
export const readInteracting = async (
  analytics: SdkApis['analytics'],
  queues: readonly QueueId[],
): Promise<ReadonlyMap<QueueId, number | null>> => {
  const ask = async (asked: readonly QueueId[]): Promise<Interacting> => {
    try {
      const query = observationQuery(asked);
      const { body } = await answerOf(analytics.postAnalyticsQueuesObservationsQuery(query));
      const counts = countInteractions(body);
      return asked.map((queue) => [queue, counts.get(queue) ?? 0]);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'genesys.forbidden')) throw error;
      if (asked.length === 1 || OF_ALL_QUEUES.has(platformCodeOf(error)))
        return asked.map((queue) => [queue, null]);
      return askInParts(asked, Math.ceil(asked.length / 2));
    }
  };
  const askInParts = async (asked: readonly QueueId[], size: number): Promise<Interacting> => {
    const parts = Array.from({ length: Math.ceil(asked.length / size) }, (_, at) =>
      ask(asked.slice(at * size, (at + 1) * size)),
    );
    return (await Promise.all(parts)).flat();
  };
  return new Map(await askInParts(queues, QUEUES_PER_QUERY));
};

const observationQuery = (queues: readonly QueueId[]): Models.QueueObservationQuery => ({
  filter: {
    type: 'or',
    predicates: queues.map((value) => ({
      type: 'dimension',
      dimension: 'queueId',
      operator: 'matches',
      value,
    })),
  },
  metrics: ['oInteracting'],
});

/** Sums over the media types; a queue in which nothing goes on may be missing. */
const countInteractions = (body: unknown): ReadonlyMap<string, number> => {
  if (!isObject(body))
    throw new AppError(
      'genesys.not-genesys',
      'The answer to a query of observations is no object.',
    );
  const counts = new Map<string, number>();
  for (const result of arrayOf(body, 'results')) {
    const queue = textOf(isObject(result) ? result['group'] : null, 'queueId') ?? '';
    const counted = arrayOf(result, 'data')
      .filter((data) => textOf(data, 'metric') === 'oInteracting')
      .map((data) => numberOf(isObject(data) ? data['stats'] : null, 'count') ?? 0);
    counts.set(
      queue,
      counted.reduce((sum, count) => sum + count, counts.get(queue) ?? 0),
    );
  }
  return counts;
};
