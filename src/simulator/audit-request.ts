/** What an audit query asks for: an interval, a service, ANDed filters, an order. */
import { PlatformError } from './errors.js';
import type { AuditRecord } from './org.js';
import { asText, bodyObject } from './routing.js';

const MAX_INTERVAL_MS = 30 * 86_400_000;

/** A query, understood. Newest records come first unless it asks otherwise. */
export interface AuditRequest {
  readonly interval: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly serviceName: string | null;
  readonly filters: readonly { readonly property: string; readonly value: string }[];
  readonly descending: boolean;
}

/** Whether a record lies in the interval and passes every filter. */
export const isAskedFor = (record: AuditRecord, request: AuditRequest): boolean =>
  record.at >= request.startMs &&
  record.at < request.endMs &&
  request.filters.every(({ property, value }) => FILTERS[property]?.(record) === value);

/** The filters of the contract, as questions to a record. */
const FILTERS: Readonly<Record<string, (record: AuditRecord) => string | null>> = {
  UserId: ({ actor }) => (actor.kind === 'user' ? actor.id : null),
  ClientId: ({ actor }) => (actor.kind === 'client' ? actor.id : null),
  TrusteeOrganizationId: () => null,
  Action: ({ action }) => action,
  EntityType: ({ entityType }) => entityType,
  EntityId: ({ entity }) => entity.id,
};

/** Reads the body of a query; refuses a bad interval, one of more than 30 days, and unknown filters. */
export const auditRequest = (body: unknown): AuditRequest => {
  const { interval, serviceName, filters = [], sort = [] } = bodyObject(body);
  const { startMs, endMs } = parseInterval(interval);
  if (endMs - startMs > MAX_INTERVAL_MS) {
    throw new PlatformError('bad.request', { reason: 'an interval spans at most 30 days' });
  }
  const given = Array.isArray(filters) ? filters.map(bodyObject) : [];
  for (const { property } of given) {
    if (typeof property === 'string' && property in FILTERS) continue;
    throw new PlatformError('invalid.value', {
      value: asText(property),
      field: 'property',
      allowed: Object.keys(FILTERS).join(', '),
    });
  }
  const [order] = Array.isArray(sort) ? sort.map(bodyObject) : [];
  return {
    interval: asText(interval),
    startMs,
    endMs,
    serviceName: typeof serviceName === 'string' ? serviceName : null,
    filters: given.map(({ property, value }) => ({
      property: asText(property),
      value: asText(value),
    })),
    descending: order?.['sortOrder'] !== 'ascending',
  };
};

/** An interval as the platform writes it, `start/end`; 400 for anything else. */
export const parseInterval = (value: unknown): { startMs: number; endMs: number } => {
  const [start, end, ...rest] = typeof value === 'string' ? value.split('/') : [];
  const [startMs, endMs] = [Date.parse(start ?? ''), Date.parse(end ?? '')];
  if (rest.length > 0 || Number.isNaN(startMs) || Number.isNaN(endMs) || endMs < startMs) {
    throw new PlatformError('invalid.date', { value: asText(value) });
  }
  return { startMs, endMs };
};
