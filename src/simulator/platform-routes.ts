/** Tokens, the organization, its divisions and products. */
import type { OAuthClient, Tokens } from './access.js';
import { PlatformError } from './errors.js';
import type { RateLimiter } from './limits.js';
import { byNameThenId, entityListing, idFilter, nameMatcher, pageRequest } from './paging.js';
import { bodyObject, type Exchange, type Reply, type Route } from './routing.js';

/** What these endpoints stand on. */
export interface PlatformRoutesOptions {
  readonly clients: readonly OAuthClient[];
  readonly tokens: Tokens;
  readonly limiter: RateLimiter;
  /** How many token requests a client may send in a minute, or null. */
  readonly tokenRequestsPerMinute: number | null;
}

const DIVISIONS_CAP = { max: 500, over: 'clamp' } as const;

/** The endpoints. */
export const platformRoutes = (options: PlatformRoutesOptions): Route[] => {
  const { tokens } = options;
  return [
    {
      method: 'POST',
      path: '/oauth/token',
      access: 'open',
      consumes: 'form',
      handle: (exchange) => grantToken(exchange, options),
    },
    {
      method: 'GET',
      path: '/api/v2/tokens/me',
      access: [],
      handle: ({ client, token, view }) => {
        const { id, name } = view.organization;
        const organization = { id, name };
        return {
          body: {
            organization,
            homeOrganization: organization,
            authorizedScope: [],
            dateTokenIdles: tokens.expiresAt(token),
            OAuthClient: {
              id: client.id,
              name: client.name,
              authorizedGrantType: 'CLIENT-CREDENTIALS',
              state: 'active',
              organization,
            },
          },
        };
      },
    },
    { method: 'HEAD', path: '/api/v2/tokens/me', access: [], handle: () => ({}) },
    {
      method: 'DELETE',
      path: '/api/v2/tokens/me',
      access: [],
      handle: ({ token }) => {
        tokens.revoke(token);
        return {};
      },
    },
    {
      method: 'GET',
      path: '/api/v2/organizations/me',
      access: [],
      handle: ({ view }) => ({ body: view.organization }),
    },
    {
      method: 'GET',
      path: '/api/v2/authorization/divisions',
      access: [],
      handle: ({ query, view, path, tear }) => {
        const hasName = nameMatcher(query.get('name'));
        const hasId = idFilter(query, 'id');
        const divisions = [...view.divisions.values()]
          .filter(({ id, name }) => hasId(id) && hasName(name))
          .sort(byNameThenId);
        return { body: entityListing(divisions, pageRequest(query, DIVISIONS_CAP), path, tear) };
      },
    },
    {
      method: 'GET',
      path: '/api/v2/authorization/products',
      access: [],
      handle: () => ({ body: PRODUCTS }),
    },
  ];
};

const PRODUCTS = {
  entities: [{ id: 'collaborateFree' }, { id: 'purecloud3' }],
  pageSize: 2,
  pageNumber: 1,
  total: 2,
  pageCount: 1,
};

const grantToken = (
  { body, authorization }: Exchange,
  { clients, tokens, limiter, tokenRequestsPerMinute }: PlatformRoutesOptions,
): Reply => {
  if (bodyObject(body)['grant_type'] !== 'client_credentials') {
    throw new PlatformError('unsupported_grant_type');
  }
  const basic = /^basic\s+(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  const [id, ...secret] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  const client = clients.find((each) => each.id === id && each.secret === secret.join(':'));
  if (client === undefined) throw new PlatformError('invalid_client');
  if (tokenRequestsPerMinute !== null) {
    const wait = limiter.admit([
      { key: `token requests of ${client.id}`, perMinute: tokenRequestsPerMinute },
    ]);
    if (wait !== null) {
      throw new PlatformError('invalid_request', { seconds: String(wait.retryAfterSeconds) });
    }
  }
  return {
    body: {
      access_token: tokens.issue(client),
      token_type: 'bearer',
      expires_in: tokens.ttlSeconds,
    },
  };
};
