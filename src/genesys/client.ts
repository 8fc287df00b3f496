/** Connections to an organization: to read it, or to read and write it. */
import type { ChangeFeed, EndingsReader, OrgReader, OrgWriter } from '../apply/ports.js';
import type { Plan } from '../domain/change.js';
import type { Clock } from '../domain/clock.js';
import { Secret } from '../domain/secret.js';
import { createAuditLog } from './audit-log.js';
import { createChangeFeed } from './change-feed.js';
import { createEndingsReader } from './endings.js';
import { resolveEndpoint } from './endpoint.js';
import type { Endpoint, Gateway } from './endpoint.js';
import { Limiter } from './limiter.js';
import type { Environment } from './proxy.js';
import { createProbes } from './probes.js';
import type { Probes } from './probes.js';
import { createReader } from './reader.js';
import type { Effect, RetryPolicy, Waiting } from './retry.js';
import { currentScope } from './scope.js';
import { ServerClock } from './server-clock.js';
import { openSdk } from './sdk.js';
import type { SdkApis } from './sdk.js';
import { ClientCredentials, givenToken } from './token.js';
import type { Credentials, TokenSource } from './token.js';
import { Transport } from './transport.js';
import type { RequestTrace } from './transport.js';
import { Wire } from './wire.js';
import { createWriter } from './writer.js';

export interface ConnectOptions {
  readonly credentials: Credentials;
  /** A name such as `us-east-1`, or a domain such as `mypurecloud.ie`. Needed where there is no gateway. */
  readonly region?: string | null;
  /** Takes every request, login included, in place of the region's hosts. */
  readonly gateway?: Gateway | null;
  /** The contract for the codes of a queue; the public one where nothing is said. */
  readonly api?: Plan['api'];
  readonly limits: { readonly requestsPerMinute: number; readonly concurrency: number };
  readonly clock: Clock;
  /** From 0 up to 1, like Math.random. */
  readonly random: () => number;
  /** Where proxy variables are looked for; nothing else is read from it. */
  readonly environment: Environment;
  /**
   * The hard stop: what waits or reads is ended with `cli.interrupted`, and a write that has left is
   * waited for. A gentle stop is not to begin anything new, and needs no signal here.
   */
  readonly signal?: AbortSignal;
  /** Asked just before each write leaves; what it throws is what the write throws, and nothing was sent. */
  readonly beforeWrite?: () => Promise<void>;
  /** Whether {@link connect} may send writes; where not, the transport refuses them. Default true. */
  readonly mayWrite?: boolean;
  /** Called after every attempt, for debug logs. */
  readonly onRequest?: (trace: RequestTrace) => void;
  /** For one attempt of one request, in milliseconds. Default 30 s. */
  readonly timeoutMs?: number;
  /** How often a request that failed is sent again, where it may be; patient where nothing is said. */
  readonly retry?: RetryPolicy;
}

/** A connection that cannot write: it has no method that could, and what it sends is checked once more. */
export interface ReadingConnection {
  /** Its `requests()` counts what was sent to the API, token requests left out. */
  readonly reader: OrgReader;
  /** For whoever looks again and again: what changed meanwhile. */
  readonly feed: ChangeFeed;
  /** How interactions ended: for reports. */
  readonly endings: EndingsReader;
  /** For whoever wants to know what may be asked. */
  readonly probes: Probes;
  /** Ends all connections, and with `cli.interrupted` what still waits or reads. */
  readonly close: () => Promise<void>;
}

export interface GenesysConnection extends ReadingConnection {
  readonly writer: OrgWriter;
}

/**
 * Connects to read. Nothing is sent yet: the first call logs in.
 *
 * @throws AppError `genesys.unknown-region`
 */
export const connectReader = async (options: ConnectOptions): Promise<ReadingConnection> => {
  const { reader, feed, endings, probes, close } = open(options, 'read');
  return Object.freeze({ reader, feed, endings, probes, close });
};

/**
 * Connects to read and write; as {@link connectReader} in all else. One limit and one token serve both;
 * a second connection would keep a limit of its own, so that a process keeps one for each OAuth client.
 */
export const connect = async (options: ConnectOptions): Promise<GenesysConnection> => {
  const access = options.mayWrite === false ? 'read' : 'write';
  const { reader, feed, endings, probes, close, apis } = open(options, access);
  const writer = Object.freeze(createWriter(apis));
  return Object.freeze({ reader, feed, endings, probes, writer, close });
};

const open = (
  options: ConnectOptions,
  access: Effect,
): ReadingConnection & { readonly apis: SdkApis } => {
  const { clock, random, beforeWrite, onRequest, retry } = options;
  const endpoint = resolveEndpoint(options);
  const wire = new Wire(options);
  const { signal, close } = ending(options.signal, wire);
  const waiting: Waiting = {
    clock,
    random,
    signal,
    ...(retry === undefined ? {} : { policy: retry }),
  };
  const serverClock = new ServerClock(clock);
  const transport = new Transport({
    ...waiting,
    serverClock,
    wire,
    access,
    beforeWrite,
    onRequest,
    limiter: new Limiter({ ...options.limits, clock, random }),
    tokens: tokenSource(options.credentials, endpoint, wire, waiting),
  });
  const apis = openSdk(endpoint, (request) => transport.send(request, currentScope()));
  const { credentials, api = 'public' } = options;
  const ownClientId = 'clientId' in credentials ? credentials.clientId.trim() : null;
  const auditLog = createAuditLog(apis.audit, waiting, ownClientId, () => serverClock.now());
  const reader = createReader(apis, waiting, {
    api,
    ownClientId,
    auditLog,
    requests: () => transport.counts(),
  });
  const feed = createChangeFeed(auditLog, serverClock, signal);
  const endings = createEndingsReader(apis.analytics);
  const probes = createProbes(apis, serverClock, clock);
  return {
    reader: Object.freeze(reader),
    feed: Object.freeze(feed),
    endings: Object.freeze(endings),
    probes: Object.freeze(probes),
    close,
    apis,
  };
};

/**
 * The hard stop and the close, as one signal. Whoever closes because one read failed has others on their way:
 * tried again on connections that are gone, they would keep the process alive until they give up.
 */
const ending = (
  stop: AbortSignal | undefined,
  wire: Wire,
): { readonly signal: AbortSignal; readonly close: () => Promise<void> } => {
  const end = new AbortController();
  const onStop = (): void => end.abort(stop?.reason);
  if (stop?.aborted === true) onStop();
  stop?.addEventListener('abort', onStop);
  const close = (): Promise<void> => {
    stop?.removeEventListener('abort', onStop);
    end.abort();
    return wire.close();
  };
  return { signal: end.signal, close };
};

const tokenSource = (
  credentials: Credentials,
  endpoint: Endpoint,
  wire: Wire,
  waiting: Waiting,
): TokenSource =>
  'accessToken' in credentials
    ? givenToken(trimmed(credentials.accessToken))
    : new ClientCredentials({
        ...waiting,
        wire,
        loginUrl: endpoint.loginUrl,
        clientId: credentials.clientId.trim(),
        clientSecret: trimmed(credentials.clientSecret),
      });

/** A secret that was read from a file often ends with a line break. */
const trimmed = (secret: Secret): Secret => new Secret(secret.reveal().trim());
