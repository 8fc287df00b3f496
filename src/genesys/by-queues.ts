/** Queries of analytics that name queues: as many in each as is safe, and fewer where that helps. */
import { AppError } from '../domain/errors.js';
import type { QueueId } from '../domain/ids.js';
import { platformCodeOf } from './errors.js';

/** The most queues that one query may safely name (facts page). */
const QUEUES_PER_QUERY = 100;

/** Refusals that speak of the client and not of a queue: to ask about fewer queues would not help. */
const OF_ALL_QUEUES: ReadonlySet<string | null> = new Set([
  'missing.permissions',
  'missing.any.permissions',
  'app.not.authorized.for.scope',
]);

/** Whether a query was refused because the client lacks a permission everywhere. */
export const lacksPermission = (error: AppError): boolean =>
  error.code === 'genesys.forbidden' && OF_ALL_QUEUES.has(platformCodeOf(error));

/** Whether one queue outside the token's divisions may have spoilt the whole query. */
export const isSpoilt = (error: AppError): boolean =>
  error.code === 'genesys.forbidden' && !lacksPermission(error);

/**
 * Asks about queues, a hundred at a time, and about half as many where `mayHalve` says that an error could
 * come from their number or from one of them. `alone` answers for a single queue that is still refused.
 *
 * @throws whatever `ask` throws besides
 */
export const askByQueues = async <Answer>(
  queues: readonly QueueId[],
  {
    ask,
    mayHalve,
    alone,
  }: {
    readonly ask: (queues: readonly QueueId[]) => Promise<readonly Answer[]>;
    readonly mayHalve: (error: AppError) => boolean;
    readonly alone: (queue: QueueId, error: AppError) => Answer;
  },
): Promise<readonly Answer[]> => {
  const askAll = async (asked: readonly QueueId[]): Promise<readonly Answer[]> => {
    try {
      return await ask(asked);
    } catch (error) {
      const [first] = asked;
      if (!(error instanceof AppError) || !mayHalve(error) || first === undefined) throw error;
      return asked.length === 1
        ? [alone(first, error)]
        : askInParts(asked, Math.ceil(asked.length / 2));
    }
  };
  const askInParts = async (
    asked: readonly QueueId[],
    size: number,
  ): Promise<readonly Answer[]> => {
    const parts = Array.from({ length: Math.ceil(asked.length / size) }, (_, at) =>
      askAll(asked.slice(at * size, (at + 1) * size)),
    );
    return (await Promise.all(parts)).flat();
  };
  return askInParts(queues, QUEUES_PER_QUERY);
};

/** The filter of such a query: any of these queues. */
export const anyOf = (queues: readonly QueueId[]) => ({
  type: 'or' as const,
  predicates: queues.map((value) => ({
    type: 'dimension' as const,
    dimension: 'queueId' as const,
    operator: 'matches' as const,
    value,
  })),
});
