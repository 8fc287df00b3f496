/** `/api/v2/audits/query`: who changed what, asked asynchronously or in realtime. */
import type { Models } from 'purecloud-platform-client-v2';
import { auditRequest, isAskedFor, type AuditRequest } from './audit-request.js';
import { isoInstant, type SimulatorClock } from './clock.js';
import { PlatformError } from './errors.js';
import type { AuditRecord, Org } from './org.js';
import { pageRequest, requireId } from './paging.js';
import { uuidOf } from './random.js';
import { asText, bodyObject, type Exchange, type Route } from './routing.js';

/** How the audit service behaves where nobody documents it. */
export interface AuditOptions {
  /** How long a change takes to show, in milliseconds. Default 0. */
  readonly lagMs?: number;
  /** How often a query is polled before it ends. Default 1. */
  readonly pollsUntilDone?: number;
  /** How queries end. Default `Succeeded`. */
  readonly endsAs?: 'Succeeded' | 'Failed' | 'Cancelled';
  /** Whether realtime queries serve ContactCenter. Default true. */
  readonly realtime?: boolean;
}

const SERVICE = 'ContactCenter';
const REALTIME_REACH_MS = 14 * 86_400_000;
const PAGE_CAP = { max: 500, over: 'clamp' } as const;
const QUERY = '/api/v2/audits/query';
const ACCESS = ['audits:audit:view'];

interface Query {
  readonly id: string;
  readonly startedAt: string;
  readonly request: AuditRequest;
  readonly records: readonly AuditRecord[];
  polls: number;
}

/** The endpoints. A query sees the changes that had come through when it was asked. */
export const auditRoutes = (org: Org, clock: SimulatorClock, options: AuditOptions): Route[] => {
  const { lagMs = 0, pollsUntilDone = 1, endsAs = 'Succeeded', realtime = true } = options;
  const queries = new Map<string, Query>();

  const matching = (request: AuditRequest): AuditRecord[] => {
    const visibleUntil = clock.now() - lagMs;
    const records = org.audits.filter(
      (record) =>
        record.at <= visibleUntil &&
        (request.serviceName === null || request.serviceName === SERVICE) &&
        isAskedFor(record, request),
    );
    return request.descending ? records.reverse() : records;
  };

  const status = ({ id, startedAt, request, polls }: Query) => ({
    id,
    state: polls >= pollsUntilDone ? endsAs : polls === 0 ? 'Queued' : 'Running',
    startDate: startedAt,
    interval: request.interval,
    ...(request.serviceName === null ? {} : { serviceName: request.serviceName }),
    filters: request.filters,
  });

  const queryOf = ({ params }: Exchange): Query => {
    const query = queries.get(requireId(params['transactionId']));
    if (query === undefined) throw new PlatformError('not.found');
    return query;
  };

  const start = ({ body }: Exchange) => {
    const request = auditRequest(body);
    const id = uuidOf(org.state.organization.id ?? '', 'audit query', queries.size);
    const startedAt = isoInstant(clock.now());
    const query: Query = { id, startedAt, request, records: matching(request), polls: 0 };
    queries.set(id, query);
    return { status: 202, body: status(query) };
  };

  const poll = (exchange: Exchange) => {
    const query = queryOf(exchange);
    query.polls += 1;
    return { status: query.polls >= pollsUntilDone ? 200 : 202, body: status(query) };
  };

  const results = (exchange: Exchange) => {
    const { id, records, polls } = queryOf(exchange);
    if (polls < pollsUntilDone || endsAs !== 'Succeeded') {
      throw new PlatformError('bad.request', { reason: 'the query has no results' });
    }
    const { pageSize } = pageRequest(exchange.query, PAGE_CAP);
    const from = offsetOf(exchange.query.get('cursor'));
    const next = from + pageSize;
    return {
      body: {
        id,
        pageSize,
        ...(next < records.length ? { cursor: cursorOf(next) } : {}),
        entities: records
          .slice(from, next)
          .map((record) => logMessage(record, org, exchange.query)),
      },
    };
  };

  const realtimeQuery = ({ body, query }: Exchange) => {
    const request = auditRequest(body);
    if (!realtime && request.serviceName === SERVICE) {
      throw new PlatformError('bad.request', { reason: `${SERVICE} is not served in realtime` });
    }
    if (request.startMs < clock.now() - REALTIME_REACH_MS) {
      throw new PlatformError('bad.request', { reason: 'realtime queries reach back 14 days' });
    }
    const wanted = bodyObject(body);
    const paging = new URLSearchParams({
      pageSize: asText(wanted['pageSize']),
      pageNumber: asText(wanted['pageNumber']),
    });
    const { pageSize, pageNumber } = pageRequest(paging, PAGE_CAP);
    const records = matching(request);
    const from = (pageNumber - 1) * pageSize;
    return {
      body: {
        entities: records
          .slice(from, from + pageSize)
          .map((record) => logMessage(record, org, query)),
        pageSize,
        pageNumber,
        total: records.length,
        pageCount: Math.ceil(records.length / pageSize),
      },
    };
  };

  return [
    { method: 'POST', path: QUERY, access: ACCESS, handle: start },
    { method: 'POST', path: `${QUERY}/realtime`, access: ACCESS, handle: realtimeQuery },
    {
      method: 'GET',
      path: `${QUERY}/servicemapping`,
      access: ACCESS,
      handle: () => ({ body: SERVICES }),
    },
    { method: 'GET', path: `${QUERY}/{transactionId}`, access: ACCESS, handle: poll },
    { method: 'GET', path: `${QUERY}/{transactionId}/results`, access: ACCESS, handle: results },
  ];
};

const SERVICES = {
  services: [
    {
      name: SERVICE,
      entities: [
        {
          name: 'Queue',
          actions: [
            'Create',
            'Update',
            'Delete',
            'MemberAdd',
            'MemberUpdate',
            'MemberRemove',
            'WrapupCodeAdd',
            'WrapupCodeRemove',
          ],
        },
        { name: 'WrapupCode', actions: ['Create', 'Update', 'Delete'] },
      ],
    },
  ],
};

const cursorOf = (offset: number): string => Buffer.from(`offset ${offset}`).toString('base64url');

const offsetOf = (cursor: string | null): number => {
  if (cursor === null || cursor === '') return 0;
  const offset = /^offset (\d+)$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))?.[1];
  if (offset === undefined) {
    throw new PlatformError('invalid.query.param.value', {
      value: cursor,
      parameter: 'cursor',
      allowed: 'the cursor of the page before',
    });
  }
  return Number(offset);
};

const logMessage = (
  record: AuditRecord,
  org: Org,
  query: URLSearchParams,
): Models.AuditLogMessage => {
  const { actor, entity } = record;
  const expands = query.getAll('expand').flatMap((value) => value.split(','));
  return {
    id: record.id,
    userHomeOrgId: org.state.organization.id ?? '',
    ...(actor.kind === 'client'
      ? { client: { id: actor.id } }
      : { user: { id: actor.id, ...(expands.includes('user') ? { name: actor.name } : {}) } }),
    remoteIp: [],
    serviceName: SERVICE,
    level: 'USER',
    eventDate: isoInstant(record.at),
    action: record.action,
    entity: { ...entity },
    entityType: record.entityType,
    status: 'SUCCESS',
    transactionInitiator: true,
    propertyChanges: [...(record.propertyChanges ?? [])],
    entityChanges: [...(record.entityChanges ?? [])],
  };
};
