/** Small questions whose answer is that they were answered: whether a token may ask them, and how. */
import { AppError } from '../domain/errors.js';
import type { QueueId } from '../domain/ids.js';
import type { Organization } from '../domain/state.js';
import { queryOf } from './audit-query.js';
import { liveOrganization } from './live-state.js';
import { answerOf } from './sdk.js';
import type { SdkApis } from './sdk.js';
import type { ServerClock } from './server-clock.js';

/** What the first answer tells. */
export interface Identity {
  readonly organization: Organization;
  /** What the platform lets a token do in a minute, where its headers say so (deprecated: a hint at best). */
  readonly requestsPerMinute: number | null;
  /** How far the platform's clock is ahead of ours, in milliseconds; it tells whole seconds. */
  readonly clockAheadMs: number;
}

/** Each sends one request, or two, that change nothing, and throws AppError `genesys.*` where it is refused. */
export interface Probes {
  readonly identify: () => Promise<Identity>;
  /** How the audit log can be asked: at once, or by queries that run for a while. */
  readonly audits: () => Promise<'realtime' | 'asynchronous'>;
  readonly observations: (queue: QueueId) => Promise<void>;
  readonly aggregates: (queue: QueueId) => Promise<void>;
}

const HOUR_MS = 3_600_000;

/** Asks through the SDK, like everybody else. */
export const createProbes = (
  { organization, audit, analytics }: SdkApis,
  serverClock: ServerClock,
  clock: { readonly now: () => number },
): Probes => {
  const lastHour = () => ({ since: serverClock.now() - HOUR_MS, until: serverClock.now() });
  return {
    identify: async () => {
      const { body, headers } = await answerOf(organization.getOrganizationsMe());
      return {
        organization: liveOrganization(body),
        requestsPerMinute: allowedOf(headers['inin-ratelimit-allowed']),
        clockAheadMs: serverClock.now() - clock.now(),
      };
    },
    audits: async () => {
      const query = queryOf({ entityType: 'Queue', entityId: null, action: 'Update' }, lastHour());
      try {
        await answerOf(audit.postAuditsQueryRealtime({ ...query, pageNumber: 1, pageSize: 25 }));
        return 'realtime';
      } catch (error) {
        if (!isNotServed(error)) throw error;
        await answerOf(audit.postAuditsQuery(query));
        return 'asynchronous';
      }
    },
    observations: async (queue) => {
      await answerOf(
        analytics.postAnalyticsQueuesObservationsQuery({
          filter: { type: 'or', predicates: [ofQueue(queue)] },
          metrics: ['oInteracting'],
        }),
      );
    },
    aggregates: async (queue) => {
      const { since, until } = lastHour();
      await answerOf(
        analytics.postAnalyticsConversationsAggregatesQuery({
          interval: `${new Date(since).toISOString()}/${new Date(until).toISOString()}`,
          groupBy: ['queueId', 'wrapUpCode'],
          filter: { type: 'or', predicates: [ofQueue(queue)] },
          metrics: ['tAcw'],
        }),
      );
    },
  };
};

const ofQueue = (value: QueueId) =>
  ({ type: 'dimension', dimension: 'queueId', operator: 'matches', value }) as const;

/** Whether the realtime service serves queues is not documented: a refusal of that kind is an answer. */
const isNotServed = (error: unknown): boolean =>
  error instanceof AppError &&
  (error.code === 'genesys.rejected' || error.code === 'genesys.not-found');

const allowedOf = (header: string | undefined): number | null =>
  header !== undefined && /^\d{1,7}$/.test(header.trim()) ? Number(header) : null;
