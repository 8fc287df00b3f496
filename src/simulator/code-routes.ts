/** `/api/v2/routing/wrapupcodes`: the codes of the organization. */
import { isAllowedIn, requireIn } from './access.js';
import { createCode, deleteCode, replaceCode, wrapupCode } from './code-changes.js';
import { PlatformError } from './errors.js';
import type { Org } from './org.js';
import {
  byNameThenId,
  entityListing,
  idFilter,
  nameMatcher,
  pageRequest,
  requireId,
  type PageCap,
} from './paging.js';
import { homeDivision } from './queue-changes.js';
import { bodyObject, type Exchange, type Route } from './routing.js';

const CODES = '/api/v2/routing/wrapupcodes';
const CODE = '/api/v2/routing/wrapupcodes/{codeId}';

/** List, get, create, replace and delete codes. */
export const codeRoutes = (org: Org, pageCap: PageCap): Route[] => {
  const list = ({ query, view, client, path, tear }: Exchange) => {
    const page = pageRequest(query, pageCap);
    const hasName = nameMatcher(query.get('name'));
    const hasId = idFilter(query, 'id');
    const inDivision = idFilter(query, 'divisionId');
    const order = choice(query, 'sortOrder', ['ascending', 'descending']) === 'descending' ? -1 : 1;
    const byId = choice(query, 'sortBy', ['name', 'id']) === 'id' && query.has('name');
    const codes = [...view.codes.values()]
      .filter(
        (code) =>
          hasName(code.name) &&
          hasId(code.id) &&
          inDivision(code.division?.id) &&
          isAllowedIn(client, 'routing:wrapupCode:view', code.division),
      )
      .sort(
        (one, other) =>
          order *
          (byId
            ? byNameThenId({ id: one.id ?? '' }, { id: other.id ?? '' })
            : byNameThenId(one, other)),
      );
    return { body: entityListing(codes, page, path, tear) };
  };

  const ofPath = ({ params, view, client }: Exchange, permission: string) => {
    const code = wrapupCode(view, requireId(params['codeId']));
    requireIn(client, permission, code.division);
    return code;
  };

  const create = ({ body, client, actor }: Exchange) => {
    const division = bodyObject(bodyObject(body)['division'])['id'];
    requireIn(
      client,
      'routing:wrapupCode:add',
      division === '*'
        ? { id: '*' }
        : (org.state.divisions.get(String(division)) ?? homeDivision(org.state)),
    );
    return { body: org.apply(actor, createCode(bodyObject(body))) };
  };

  const replace = (exchange: Exchange) => {
    const { id } = ofPath(exchange, 'routing:wrapupCode:edit');
    return { body: org.apply(exchange.actor, replaceCode(id ?? '', bodyObject(exchange.body))) };
  };

  const remove = (exchange: Exchange) => {
    const { id } = ofPath(exchange, 'routing:wrapupCode:delete');
    org.apply(exchange.actor, deleteCode(id ?? ''));
    return {};
  };

  return [
    { method: 'GET', path: CODES, access: ['routing:wrapupCode:view'], handle: list },
    { method: 'POST', path: CODES, access: ['routing:wrapupCode:add'], handle: create },
    {
      method: 'GET',
      path: CODE,
      access: ['routing:wrapupCode:view'],
      handle: (exchange) => ({ body: ofPath(exchange, 'routing:wrapupCode:view') }),
    },
    { method: 'PUT', path: CODE, access: ['routing:wrapupCode:edit'], handle: replace },
    { method: 'DELETE', path: CODE, access: ['routing:wrapupCode:delete'], handle: remove },
  ];
};

const choice = (query: URLSearchParams, parameter: string, allowed: readonly string[]): string => {
  const value = query.get(parameter) ?? allowed[0]!;
  if (allowed.includes(value)) return value;
  throw new PlatformError('invalid.query.param.value', {
    value,
    parameter,
    allowed: allowed.join(', '),
  });
};
