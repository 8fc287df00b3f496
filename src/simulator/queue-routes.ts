/** `/api/v2/routing/queues`: the queues themselves. */
import { isAllowedIn, requireIn } from './access.js';
import { PlatformError } from './errors.js';
import type { Org, QueueDocument, QueueRecord } from './org.js';
import {
  byNameThenId,
  entityListing,
  idFilter,
  nameMatcher,
  pageRequest,
  requireId,
  type PageCap,
} from './paging.js';
import {
  createQueue,
  deleteQueue,
  homeDivision,
  queueRecord,
  replaceQueue,
} from './queue-changes.js';
import { bodyObject, type Exchange, type Route } from './routing.js';

const QUEUES = '/api/v2/routing/queues';
const QUEUE = '/api/v2/routing/queues/{queueId}';

/** How queues are presented: `wrapupcodes-put` tells whether a queue is enabled. */
export interface QueueRoutesOptions {
  readonly pageCap: PageCap;
  readonly tellsEnabled: boolean;
}

/** The queue of the path, where the client's permission reaches its division. */
export const queueOfPath = (
  { params, view, client }: Exchange,
  permission: string,
): QueueRecord & { readonly id: string } => {
  const id = requireId(params['queueId']);
  const record = queueRecord(view, id);
  requireIn(client, permission, record.document.division);
  return { ...record, id };
};

/** List, get, create, replace and delete queues. */
export const queueRoutes = (org: Org, { pageCap, tellsEnabled }: QueueRoutesOptions): Route[] => {
  const shown = ({ document, enabled }: QueueRecord): QueueDocument =>
    tellsEnabled ? { ...document, enabled } : document;

  const list = ({ query, view, client, path, tear }: Exchange) => {
    const page = pageRequest(query, pageCap);
    const hasName = nameMatcher(query.get('name'));
    const hasId = idFilter(query, 'id');
    const inDivision = idFilter(query, 'divisionId');
    const order = sortOrder(query) === 'desc' ? -1 : 1;
    const queues = [...view.queues.values()]
      .filter(
        ({ document }) =>
          hasName(document.name) &&
          hasId(document.id) &&
          inDivision(document.division?.id) &&
          isAllowedIn(client, 'routing:queue:view', document.division),
      )
      .sort((one, other) => order * byNameThenId(one.document, other.document))
      .map(shown);
    return { body: entityListing(queues, page, path, tear) };
  };

  const create = ({ body, client, actor }: Exchange) => {
    const division = bodyObject(bodyObject(body)['division']);
    const named = org.state.divisions.get(String(division['id'])) ?? homeDivision(org.state);
    requireIn(client, 'routing:queue:add', named);
    return { body: org.apply(actor, createQueue(bodyObject(body))) };
  };

  const replace = (exchange: Exchange) => {
    const { id } = queueOfPath(exchange, 'routing:queue:edit');
    org.apply(exchange.actor, replaceQueue(id, bodyObject(exchange.body)));
    return { body: shown(queueRecord(org.state, id)) };
  };

  const remove = (exchange: Exchange) => {
    const { id } = queueOfPath(exchange, 'routing:queue:delete');
    org.apply(exchange.actor, deleteQueue(id));
    return {};
  };

  return [
    { method: 'GET', path: QUEUES, access: ['routing:queue:view'], handle: list },
    { method: 'POST', path: QUEUES, access: ['routing:queue:add'], handle: create },
    {
      method: 'GET',
      path: QUEUE,
      access: ['routing:queue:view'],
      handle: (exchange) => ({ body: shown(queueOfPath(exchange, 'routing:queue:view')) }),
    },
    { method: 'PUT', path: QUEUE, access: ['routing:queue:edit'], handle: replace },
    { method: 'DELETE', path: QUEUE, access: ['routing:queue:delete'], handle: remove },
  ];
};

const sortOrder = (query: URLSearchParams): string => {
  const value = query.get('sortOrder') ?? 'asc';
  if (value === 'asc' || value === 'desc') return value;
  throw new PlatformError('invalid.query.param.value', {
    value,
    parameter: 'sortOrder',
    allowed: 'asc, desc',
  });
};
