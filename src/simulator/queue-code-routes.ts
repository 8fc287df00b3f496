/** `/api/v2/routing/queues/{queueId}/wrapupcodes`: which codes are on a queue. */
import type { Models } from 'purecloud-platform-client-v2';
import { addCodes, removeCode, type AssignmentRules } from './assignment-changes.js';
import { PlatformError } from './errors.js';
import type { Org } from './org.js';
import {
  byNameThenId,
  entityListing,
  nameMatcher,
  pageRequest,
  requireId,
  type PageCap,
} from './paging.js';
import { queueOfPath } from './queue-routes.js';
import { bodyObject, type Exchange, type Route } from './routing.js';

const CODES = '/api/v2/routing/queues/{queueId}/wrapupcodes';
const MAX_PER_REQUEST = 100;

/** List, add (1 to 100 a request) and remove (one a request). */
export const queueCodeRoutes = (org: Org, rules: AssignmentRules, pageCap: PageCap): Route[] => {
  const list = (exchange: Exchange) => {
    const { codes } = queueOfPath(exchange, 'routing:queue:view');
    const { query, view, path, tear } = exchange;
    const page = pageRequest(query, pageCap);
    const hasName = nameMatcher(query.get('name'));
    const shown = [...codes.keys()]
      .map((id) => view.codes.get(id))
      .filter((code): code is Models.WrapupCode => code !== undefined && hasName(code.name))
      .sort(byNameThenId);
    return { body: entityListing(shown, page, path, tear) };
  };

  const add = (exchange: Exchange) => {
    const { id } = queueOfPath(exchange, 'routing:queue:edit');
    const { body } = exchange;
    if (!Array.isArray(body) || body.length < 1 || body.length > MAX_PER_REQUEST) {
      throw new PlatformError('bad.request', {
        reason: `submit 1 to ${MAX_PER_REQUEST} wrap-up codes`,
      });
    }
    const ids = new Set(body.map((reference) => requireId(bodyObject(reference)['id'])));
    return { body: org.apply(exchange.actor, addCodes(id, [...ids], rules)) };
  };

  const remove = (exchange: Exchange) => {
    const { id } = queueOfPath(exchange, 'routing:queue:edit');
    org.apply(exchange.actor, removeCode(id, requireId(exchange.params['codeId']), rules));
    return {};
  };

  return [
    { method: 'GET', path: CODES, access: ['routing:queue:view'], handle: list },
    { method: 'POST', path: CODES, access: ['routing:queue:edit'], handle: add },
    { method: 'DELETE', path: `${CODES}/{codeId}`, access: ['routing:queue:edit'], handle: remove },
  ];
};
