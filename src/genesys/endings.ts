/** How interactions ended, from aggregates of conversations. */
import type { Models } from 'purecloud-platform-client-v2';
import type { EndingsReader } from '../apply/ports.js';
import type { EndingCount, Period, QueueEndings } from '../domain/compliance.js';
import { AppError } from '../domain/errors.js';
import type { QueueId } from '../domain/ids.js';
import { anyOf, askByQueues, isSpoilt, lacksPermission } from './by-queues.js';
import { platformCodeOf } from './errors.js';
import { arrayOf, isObject, numberOf, textOf } from './json.js';
import { answerOf } from './sdk.js';
import type { SdkApis } from './sdk.js';

/** Nobody documents how long an interval may be; a month is what reports of the platform's own span. */
const QUERY_MS = 31 * 86_400_000;
/** Shorter than this an answer that is too large does not get much smaller. */
const LEAST_MS = 60_000;

const PERMISSION = 'analytics:conversationAggregate:view';

type Answer = readonly [QueueId, QueueEndings];
type Counts = ReadonlyMap<string, readonly EndingCount[]>;

/** The port on the SDK. */
export const createEndingsReader = (analytics: SdkApis['analytics']): EndingsReader => {
  /** Halves the period where the answer is too large, though it is of one queue. */
  const query = async (queues: readonly QueueId[], period: Period): Promise<readonly Counts[]> => {
    try {
      const body = aggregateQuery(queues, period);
      return [
        countEndings(
          (await answerOf(analytics.postAnalyticsConversationsAggregatesQuery(body))).body,
        ),
      ];
    } catch (error) {
      const lengthMs = period.until - period.from;
      if (!isTooLarge(error) || queues.length > 1 || lengthMs < 2 * LEAST_MS) throw error;
      const middle = period.from + Math.floor(lengthMs / 2);
      return [
        ...(await query(queues, { from: period.from, until: middle })),
        ...(await query(queues, { from: middle, until: period.until })),
      ];
    }
  };

  return {
    endingsOf: async (queues, period) => {
      const ask = async (asked: readonly QueueId[]): Promise<readonly Answer[]> => {
        const counts: Counts[] = [];
        // One after the other: what refuses the first part of the period refuses them all.
        for (const part of partsOf(period)) counts.push(...(await query(asked, part)));
        return asked.map((queue) => [
          queue,
          { kind: 'counted', endings: added(counts.flatMap((each) => each.get(queue) ?? [])) },
        ]);
      };
      try {
        return new Map(
          await askByQueues(queues, {
            ask,
            mayHalve: (error) => isSpoilt(error) || isTooLarge(error),
            alone: (queue, error): Answer => {
              if (!isSpoilt(error)) throw error;
              const reason = `the permission ${PERMISSION} does not reach its division`;
              return [queue, { kind: 'unread', reason, correlationId: error.correlationId }];
            },
          }),
        );
      } catch (error) {
        throw error instanceof AppError && lacksPermission(error) ? withRemedy(error) : error;
      }
    },
  };
};

/** The platform's words say which permission; what to do about it is ours to say. */
const withRemedy = (error: AppError): AppError =>
  new AppError('genesys.forbidden', error.message, {
    remedy: `Give the role of the OAuth client the permission ${PERMISSION}, for the divisions of the governed queues.`,
    correlationId: error.correlationId,
    cause: error.cause,
  });

const isTooLarge = (error: unknown): boolean =>
  platformCodeOf(error) === 'response.entity.too.large';

/** The period in parts that one query may span. */
const partsOf = ({ from, until }: Period): readonly Period[] =>
  Array.from({ length: Math.ceil((until - from) / QUERY_MS) }, (_, at) => ({
    from: from + at * QUERY_MS,
    until: Math.min(until, from + (at + 1) * QUERY_MS),
  }));

/**
 * `tAcw` is counted once for every agent's part of an interaction that had after-call work, and so it has one
 * wrap-up code; n-metrics count other things (facts page).
 */
const aggregateQuery = (
  queues: readonly QueueId[],
  { from, until }: Period,
): Models.ConversationAggregationQuery => ({
  interval: `${new Date(from).toISOString()}/${new Date(until).toISOString()}`,
  groupBy: ['queueId', 'mediaType', 'wrapUpCode'],
  filter: anyOf(queues),
  metrics: ['tAcw'],
});

/** Groups of an answer by queue; where nothing ended, a queue is missing. */
const countEndings = (body: unknown): Counts => {
  if (!isObject(body)) throw notUnderstood();
  const counts = new Map<string, EndingCount[]>();
  for (const result of arrayOf(body, 'results')) {
    const group = isObject(result) ? result['group'] : null;
    const queue = textOf(group, 'queueId') ?? '';
    const ending = {
      mediaType: textOf(group, 'mediaType') || null,
      wrapUpCode: textOf(group, 'wrapUpCode') || null,
      count: countIn(result),
    };
    const known = counts.get(queue);
    if (known === undefined) counts.set(queue, [ending]);
    else known.push(ending);
  }
  return counts;
};

const countIn = (result: unknown): number =>
  arrayOf(result, 'data')
    .flatMap((data) => arrayOf(data, 'metrics'))
    .filter((metric) => textOf(metric, 'metric') === 'tAcw')
    .map((metric) => {
      const stats = isObject(metric) ? metric['stats'] : null;
      const count = numberOf(stats, 'count');
      if (count === null ? hasCount(stats) : !Number.isSafeInteger(count) || count < 0)
        throw notUnderstood();
      return count ?? 0;
    })
    .reduce((sum, count) => sum + count, 0);

const hasCount = (stats: unknown): boolean => isObject(stats) && Object.hasOwn(stats, 'count');

/** Groups that are the same, from several parts of a period, as one; empty ones are left out. */
const added = (endings: readonly EndingCount[]): readonly EndingCount[] => {
  const sums = new Map<string, EndingCount>();
  for (const ending of endings) {
    const key = JSON.stringify([ending.mediaType, ending.wrapUpCode]);
    sums.set(key, { ...ending, count: ending.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()].filter(({ count }) => count > 0);
};

const notUnderstood = (): AppError =>
  new AppError(
    'genesys.not-genesys',
    'The answer to a query of conversation aggregates cannot be understood.',
  );
