/**
 * The official SDK, loaded when somebody connects: it takes a third of a second and some 60 MB. It makes
 * the requests; what happens to them on the way is ours (see docs/decisions/0001).
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import os from 'node:os';
import type {
  AnalyticsApi,
  ApiClientClass,
  AuthorizationApi,
  HttpRequestOptions,
  OrganizationApi,
  RoutingApi,
} from 'purecloud-platform-client-v2';
import type { LastLook } from '../apply/ports.js';
import type { Endpoint } from './endpoint.js';
import type { Answer } from './judgement.js';
import type { WireRequest } from './wire.js';

/** The parts of the SDK that this tool uses, on a client of their own. */
export interface SdkApis {
  readonly routing: RoutingApi;
  readonly authorization: AuthorizationApi;
  readonly organization: OrganizationApi;
  readonly analytics: AnalyticsApi;
}

/**
 * What a method of these APIs really resolves with: the client is told to hand over whole answers, which
 * the SDK's own types do not know.
 */
export interface SdkAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly text: string;
}

/** The whole answer of a call. */
export const answerOf = async (call: Promise<unknown>): Promise<SdkAnswer> =>
  (await call) as SdkAnswer;

/** The SDK's methods have no room for more than the request: this is handed past them. */
const looks = new AsyncLocalStorage<LastLook | undefined>();

/** The whole answer of a call that writes, with a last look just before its request leaves. */
export const answerOfWrite = (
  lastLook: LastLook | undefined,
  call: () => Promise<unknown>,
): Promise<SdkAnswer> => looks.run(lastLook, () => answerOf(call()));

/** Loads the SDK and makes a client whose requests all go through `send`. */
export const openSdk = async (
  endpoint: Endpoint,
  send: (request: WireRequest, lastLook: LastLook | undefined) => Promise<Answer>,
): Promise<SdkApis> => {
  const sdk = await (loading ??= load());
  const client = quietly(() => new sdk.ApiClientClass());
  client.setReturnExtendedResponses(true);
  if (endpoint.region !== null) client.setEnvironment(endpoint.region.domain);
  if (endpoint.gateway !== null) {
    const { host, protocol, port } = endpoint.gateway;
    client.setGateway({ host, protocol, ...(port === null ? {} : { port }) });
  }

  class HttpClient extends sdk.AbstractHttpClient {
    override request(options: HttpRequestOptions): Promise<Answer> {
      return send(wireRequest(options), looks.getStore());
    }

    override enableHooks(): void {}
  }
  client.setHttpClient(new HttpClient());

  return {
    routing: new sdk.RoutingApi(client),
    authorization: new sdk.AuthorizationApi(client),
    organization: new sdk.OrganizationApi(client),
    analytics: new sdk.AnalyticsApi(client),
  };
};

let loading: ReturnType<typeof load> | null = null;

const load = async () => {
  const showHome = hideHome();
  try {
    const { default: sdk } = await import('purecloud-platform-client-v2');
    // Loading makes a shared instance, which nobody here uses.
    detach(sdk.ApiClient);
    return sdk;
  } finally {
    showHome();
  }
};

const quietly = (make: () => ApiClientClass): ApiClientClass => {
  const showHome = hideHome();
  try {
    return detach(make());
  } finally {
    showHome();
  }
};

/**
 * A client of the SDK reads a file in the home directory while it is made: it may name another gateway,
 * log tokens, or hold something that cannot be read, and then nothing works. There is no option against
 * it; so for that moment there is no home directory.
 */
const hideHome = (): (() => void) => {
  const { homedir } = os;
  Object.assign(os, { homedir: () => os.devNull });
  return () => void Object.assign(os, { homedir });
};

/** Ends the watching of that file, and the formatting of each request for a log that nobody reads. */
const detach = (client: ApiClientClass): ApiClientClass => {
  client.config.live_reload_config = false;
  client.config.setConfigPath('');
  client.config.logger = Object.assign(Object.create(null), { log: () => undefined });
  return client;
};

/** A request of the SDK's as it goes out: the query in the URL, the body as JSON. */
const wireRequest = (options: HttpRequestOptions): WireRequest => {
  const query = Object.entries(options.params ?? {})
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');
  const { 'Content-Type': contentType, ...headers } = (options.headers ?? {}) as Record<
    string,
    string
  >;
  const body = options.data === undefined ? null : JSON.stringify(options.data);
  return {
    method: options.method,
    url: query === '' ? options.url : `${options.url}?${query}`,
    headers:
      body === null || contentType === undefined
        ? headers
        : { ...headers, 'content-type': contentType },
    body,
  };
};
