/** The pipeline of one request: body, route, token, limits, faults, permissions, handler, answer. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import findMyWay from 'find-my-way';
import { requirePermissions, type OAuthClient, type Tokens } from './access.js';
import type { Admin } from './admin.js';
import { parseBody, readBody } from './body.js';
import type { SimulatorClock } from './clock.js';
import { PlatformError } from './errors.js';
import type { FaultEffect, FaultTable } from './faults.js';
import { tooManyRequests, type Limit, type RateLimiter } from './limits.js';
import type { Org } from './org.js';
import { refusal, send, spoiled, type Outcome } from './outcome.js';
import { uuidOf } from './random.js';
import type { LoggedRequest, RequestLog } from './request-log.js';
import type { Route } from './routing.js';

/** What is known of a request so far; the log keeps it. */
type Draft = { -readonly [Field in keyof LoggedRequest]: LoggedRequest[Field] };

interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** What the pipeline stands on. */
export interface ServerParts {
  readonly org: Org;
  readonly routes: readonly Route[];
  readonly tokens: Tokens;
  readonly limiter: RateLimiter;
  readonly limitsOf: (token: string, client: OAuthClient, path: string) => readonly Limit[];
  readonly faults: FaultTable<Admin>;
  readonly admin: Admin;
  readonly log: RequestLog;
  readonly clock: SimulatorClock;
}

/** A server that is not listening yet. */
export const createPlatformServer = (parts: ServerParts): Server => {
  const router = findMyWay({ ignoreTrailingSlash: true });
  for (const route of parts.routes) {
    router.on(route.method, route.path.replace(/\{(\w+)\}/g, ':$1'), () => undefined, route);
  }
  let arrived = 0;

  return createServer((request, response) => {
    const target = targetOf(request.url ?? '/');
    arrived += 1;
    const draft: Draft = {
      seq: arrived,
      at: parts.clock.now(),
      method: request.method ?? 'GET',
      path: target.path,
      route: null,
      query: grouped(target.query),
      clientId: null,
      correlationId: uuidOf('correlation', parts.org.state.organization.id ?? '', arrived),
      requestBody: undefined,
      status: null,
      responseBody: undefined,
      tookEffect: false,
      faults: [],
    };
    answer(request, target, draft)
      .catch(refusal)
      .then((outcome) => {
        const { correlationId } = draft;
        const sent = send(response, outcome, { correlationId, at: parts.clock.now() });
        draft.status = sent.status;
        if (!isSecret(draft)) draft.responseBody = sent.body;
      })
      .catch(() => response.destroy())
      .finally(() => parts.log.record(draft));
  });

  async function answer(
    request: IncomingMessage,
    { path, query }: Target,
    draft: Draft,
  ): Promise<Outcome> {
    const text = await readBody(request);
    const { route, params } = routeOf(draft.method, path);
    draft.route = route.path;
    const body = parseBody(text, route.consumes ?? 'json', request.headers['content-type']);
    if (!isSecret(draft)) draft.requestBody = body;
    const caller =
      route.access === 'open' ? null : parts.tokens.authenticate(request.headers.authorization);
    draft.clientId = caller?.client.id ?? null;
    if (caller !== null) {
      const wait = parts.limiter.admit(parts.limitsOf(caller.token, caller.client, path));
      if (wait !== null) throw tooManyRequests(wait.retryAfterSeconds);
    }

    const faults = parts.faults.strike({
      method: draft.method,
      path,
      route: route.path,
      query,
      body,
      clientId: draft.clientId,
    });
    draft.faults = faults.effects.map(({ kind }) => kind);
    const before = await intervene(faults.effects, 'before', null);
    if (before !== null) return before;

    const client = caller?.client ?? NOBODY;
    const version = parts.org.version;
    let outcome: Outcome;
    try {
      if (route.access !== 'open') requirePermissions(client, route.access);
      const reply = route.handle({
        path,
        params,
        query,
        body,
        authorization: request.headers.authorization,
        client,
        actor: { kind: 'client', id: client.id, name: client.name },
        token: caller?.token ?? '',
        view: route.method === 'GET' ? faults.view() : parts.org.state,
        tear: faults.tear,
      });
      outcome = { kind: 'reply', reply };
    } catch (error) {
      outcome = refusal(error);
    }
    draft.tookEffect = parts.org.version !== version;
    return (await intervene(faults.effects, 'after', outcome)) ?? outcome;
  }

  function routeOf(method: string, path: string) {
    const found = router.find(method as Route['method'], path);
    if (found !== null) return { route: found.store as Route, params: found.params };
    const others = parts.routes.some((route) => router.find(route.method, path) !== null);
    throw others
      ? new PlatformError('method.not.allowed', { method })
      : new PlatformError('not.found');
  }

  async function intervene(
    effects: readonly FaultEffect<Admin>[],
    moment: 'before' | 'after',
    outcome: Outcome | null,
  ): Promise<Outcome | null> {
    let current = outcome;
    for (const effect of effects) {
      if (momentOf(effect) !== moment) continue;
      if (effect.kind === 'latency') await parts.clock.sleep(effect.ms);
      else if (effect.kind === 'edit') effect.act(parts.admin);
      else current = spoiled(effect, current);
    }
    return current;
  }
};

/** The target of a request, taken apart without judging it: a stranger may send anything. */
const targetOf = (url: string): Target => {
  const [path = '/'] = url.split('?', 1);
  return { path, query: new URLSearchParams(url.slice(path.length)) };
};

const NOBODY: OAuthClient = { id: '', secret: '', name: '', grants: [] };

/** Token requests carry secrets; the log keeps none of their bodies. */
const isSecret = (draft: Draft): boolean => draft.route === '/oauth/token';

const momentOf = (effect: FaultEffect<Admin>): 'before' | 'after' | null => {
  if (effect.kind === 'lag' || effect.kind === 'tear') return null;
  return effect.when === 'midway' ? 'after' : (effect.when ?? 'before');
};

const grouped = (query: URLSearchParams): Record<string, string[]> =>
  Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)]));
