/** `/api/v2/analytics`: what goes on in queues now, and how interactions ended. */
import { requireIn } from './access.js';
import { parseInterval } from './audit-request.js';
import { isoInstant } from './clock.js';
import { dimensionFilter, predicatesOf } from './dimension-filter.js';
import { PlatformError } from './errors.js';
import type { InteractionGroup, QueueActivity } from './org.js';
import { asText, bodyObject, type Exchange, type Route } from './routing.js';

const OBSERVATIONS = 'analytics:queueObservation:view';
const AGGREGATES = 'analytics:conversationAggregate:view';

/** Observations of queues and aggregates of conversations. */
export const analyticsRoutes = (options: AggregateOptions): Route[] => [
  {
    method: 'POST',
    path: '/api/v2/analytics/queues/observations/query',
    access: [OBSERVATIONS],
    handle: observations,
  },
  {
    method: 'POST',
    path: '/api/v2/analytics/conversations/aggregates/query',
    access: [AGGREGATES],
    handle: (exchange) => aggregates(exchange, options),
  },
];

/** The metrics that are simulated: some count per media type, users by routing status. */
const OBSERVED: Readonly<
  Record<string, (activity: QueueActivity) => { qualifier?: string; count: number; media: boolean }>
> = {
  oInteracting: ({ interacting }) => ({ count: interacting, media: true }),
  oWaiting: ({ waiting }) => ({ count: waiting, media: true }),
  oOnQueueUsers: ({ onQueueUsers }) => ({ qualifier: 'IDLE', count: onQueueUsers, media: false }),
};

const observations = ({ body, view, client }: Exchange) => {
  const { filter, metrics } = bodyObject(body);
  const wanted = strings(metrics, 'metrics');
  refuseForeignQueues(filter, view.queues, client, OBSERVATIONS);
  const fits = dimensionFilter(filter);
  const results = [...view.queues.values()]
    .filter(({ document }) => fits({ queueId: document.id ?? '', mediaType: 'voice' }))
    .flatMap(({ document, activity }) =>
      [true, false].map((media) => ({
        group: { queueId: document.id ?? '', ...(media ? { mediaType: 'voice' } : {}) },
        data: wanted.flatMap((metric) => {
          const observed = OBSERVED[metric]?.(activity);
          if (observed?.media !== media) return [];
          const { qualifier, count } = observed;
          return [{ metric, ...(qualifier === undefined ? {} : { qualifier }), stats: { count } }];
        }),
      })),
    )
    .filter(({ data }) => data.length > 0);
  return { body: { systemToOrganizationMappings: {}, results } };
};

/** Undefined: the group has no such dimension. */
const GROUPED: Readonly<Record<string, (group: InteractionGroup) => string | undefined>> = {
  queueId: ({ queueId }) => queueId,
  wrapUpCode: ({ wrapUpCode }) => wrapUpCode ?? undefined,
  mediaType: ({ mediaType }) => mediaType,
};

const DAY_MS = 86_400_000;

/** What nobody documents of aggregates; each default is the first answer. */
export interface AggregateOptions {
  /** The longest interval that a query may span, in days. Default: any. */
  readonly maxIntervalDays?: number;
  /** The most groups in an answer; more is refused as too large. Default: any. */
  readonly maxResults?: number;
}

const aggregates = (
  { body, view, client }: Exchange,
  { maxIntervalDays = Infinity, maxResults = Infinity }: AggregateOptions,
) => {
  const query = bodyObject(body);
  const { startMs, endMs } = parseInterval(query['interval']);
  if (endMs - startMs > maxIntervalDays * DAY_MS) {
    const reason = `The interval spans more than ${maxIntervalDays} days`;
    throw new PlatformError('constraint.validation', { reason });
  }
  const stepMs = granularityMs(query['granularity']) ?? endMs - startMs;
  const wantsAcw = strings(query['metrics'], 'metrics').includes('tAcw');
  const groupBy = strings(query['groupBy'] ?? [], 'groupBy');
  refuseForeignQueues(query['filter'], view.queues, client, AGGREGATES);
  const fits = dimensionFilter(query['filter']);
  const dimensions = (group: InteractionGroup, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, dimension(name)(group)]));

  const rows = groupedBy(
    view.interactions.filter(
      (group) =>
        wantsAcw &&
        group.at >= startMs &&
        group.at < endMs &&
        fits(dimensions(group, Object.keys(GROUPED))),
    ),
    (group) => JSON.stringify(dimensions(group, groupBy)),
  );
  if (rows.size > maxResults)
    throw new PlatformError('response.entity.too.large', { limit: String(maxResults) });
  const results = [...rows].map(([key, groups]) => ({
    group: JSON.parse(key) as Record<string, string>,
    data: [...groupedBy(groups, ({ at }) => Math.floor((at - startMs) / stepMs))]
      .sort(([one], [other]) => one - other)
      .map(([step, inStep]) => ({
        interval: `${isoInstant(startMs + step * stepMs)}/${isoInstant(
          Math.min(endMs, startMs + (step + 1) * stepMs),
        )}`,
        metrics: [{ metric: 'tAcw', stats: acwStats(inStep) }],
      })),
  }));
  return { body: { results } };
};

const groupedBy = <Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): Map<Key, Item[]> => {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
};

const acwStats = (groups: readonly InteractionGroup[]) => ({
  max: Math.max(...groups.map(({ acwMs }) => acwMs)),
  min: Math.min(...groups.map(({ acwMs }) => acwMs)),
  count: groups.reduce((sum, { count }) => sum + count, 0),
  sum: groups.reduce((sum, { count, acwMs }) => sum + count * acwMs, 0),
});

const dimension = (name: string): ((group: InteractionGroup) => string | undefined) => {
  const read = GROUPED[name];
  if (read === undefined) {
    throw new PlatformError('invalid.value', {
      value: name,
      field: 'groupBy',
      allowed: Object.keys(GROUPED).join(', '),
    });
  }
  return read;
};

/** One queue that the client may not see spoils the whole query. */
const refuseForeignQueues = (
  filter: unknown,
  queues: Exchange['view']['queues'],
  client: Exchange['client'],
  permission: string,
): void => {
  for (const { dimension: name, value } of predicatesOf(filter)) {
    const record = name === 'queueId' ? queues.get(String(value)) : undefined;
    if (record !== undefined) requireIn(client, permission, record.document.division);
  }
};

const strings = (value: unknown, field: string): readonly string[] => {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new PlatformError('invalid.property', { value: asText(value), object: field });
};

/** A period such as `P1D` or `PT30M` in milliseconds, or null where none is asked for. */
const granularityMs = (value: unknown): number | null => {
  if (value === undefined || value === null) return null;
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(asText(value));
  const [days = 0, hours = 0, minutes = 0] = (parts ?? [])
    .slice(1)
    .map((part) => Number(part ?? 0));
  const ms = ((days * 24 + hours) * 60 + minutes) * 60_000;
  if (ms === 0) {
    throw new PlatformError('invalid.value', {
      value: asText(value),
      field: 'granularity',
      allowed: 'ISO-8601 periods of days, hours and minutes',
    });
  }
  return ms;
};
