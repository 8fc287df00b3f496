/** The HTTP server of a daemon: what goes on is shown to whoever can reach it; to ask for more takes a secret. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isNameOfThisMachine } from './bearer.js';
import { BodyReader } from './body.js';
import { Connections } from './connections.js';
import { hostAndPort, isLoopback, listenFailure, parseListen } from './listen.js';
import { HTTP_LIMITS } from './options.js';
import type { DaemonServerOptions, HttpLogEntry } from './options.js';
import { Refusal, refusalReply } from './refusal.js';
import { send } from './reply.js';
import type { Reply } from './reply.js';
import { routesOf } from './routes.js';

/** A server that listens. */
export interface DaemonServer {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, waits a few seconds for the answers that are on their way, and ends every connection. */
  close(): Promise<void>;
}

/**
 * Starts the server. It serves until it is closed.
 *
 * @throws AppError `daemon.listen`
 */
export const startDaemonServer = async (options: DaemonServerOptions): Promise<DaemonServer> => {
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const listen = parseListen(options.listen);
  const routes = routesOf(options);
  const bodies = new BodyReader(limits.bodies);
  let isLocal = true;

  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: string,
  ): Promise<Reply> => {
    const route = routes.get(path);
    if (route === undefined) throw new Refusal(404, 'http.not-found', 'There is nothing here.');
    if (request.method !== route.method && !(request.method === 'HEAD' && route.method === 'GET')) {
      const allow = route.method === 'GET' ? 'GET, HEAD' : 'POST';
      throw new Refusal(405, 'http.method', `This path knows ${allow} alone.`, { allow });
    }
    const { headers } = request;
    if (isLocal && route.looksAtHost && !isNameOfThisMachine(headers.host, listen.host)) {
      throw new Refusal(
        421,
        'http.host',
        'This server listens on its own machine alone, and is not known by the name in `Host`.',
      );
    }
    return route.handle({
      headers,
      query: new URLSearchParams(query),
      read: (limit, take) => bodies.read(request, response, limit, take),
    });
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedAt = options.clock.now();
    const { path, query } = targetOf(request.url ?? '/');
    const log = (level: HttpLogEntry['level'], message: string, status: number | null) =>
      ({
        level,
        message,
        method: request.method ?? '',
        path: path.slice(0, 100),
        status,
        ms: options.clock.now() - startedAt,
        from: request.socket.remoteAddress ?? null,
      }) as const;
    let reply: Reply;
    let entry: HttpLogEntry;
    try {
      reply = await answer(request, response, path, query);
      entry = log('debug', 'answered', reply.status);
    } catch (error) {
      if (request.destroyed && !request.complete) {
        options.log(log('debug', 'whoever asked has gone', null));
        return;
      }
      const refusal = error instanceof Refusal ? error : FAILED;
      const cause = error instanceof Refusal ? error.cause : error;
      reply = refusalReply(refusal);
      entry = {
        ...log(levelOf(refusal), refusal.message, refusal.status),
        ...(cause !== undefined && { error: cause }),
      };
    }
    send(request, response, reply, connections.isClosing);
    options.log(entry);
  };

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    connections.began(request.socket, response);
    handle(request, response).catch(() => response.destroy());
  };
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headerMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: limits.checkMs,
  });
  server.maxConnections = limits.connections;
  server.timeout = limits.idleMs;
  server.on('request', serve).on('checkContinue', serve);
  const connections = new Connections(server);
  // Node takes a connection for idle whose answer was handed over and has not left: a long one would be cut off.
  server.closeIdleConnections = () => undefined;

  try {
    server.listen(listen.port, listen.host);
    await once(server, 'listening');
  } catch (error) {
    throw listenFailure(error, listen);
  }
  // A process that may open no more files cannot take a connection. It goes on with those that it has.
  server.on('error', (error) =>
    options.log({ ...NO_REQUEST, level: 'error', message: 'a connection was not taken', error }),
  );
  const { address, port } = server.address() as AddressInfo;
  isLocal = isLoopback(address);

  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    const ended = once(server, 'close');
    server.close();
    connections.close();
    const timer = setTimeout(() => connections.destroy(), limits.graceMs).unref();
    await ended;
    clearTimeout(timer);
  };
  return {
    url: `http://${hostAndPort(address, port)}`,
    port,
    close: () => (closed ??= close()),
  };
};

const NO_REQUEST = { method: null, path: null, status: null, ms: 0, from: null } as const;
const FAILED = new Refusal(500, 'http.internal', 'Something went wrong in the daemon.');

/** People should see who is refused to change something, and what fails; the rest is for those who look closely. */
const levelOf = ({ status }: Refusal): HttpLogEntry['level'] => {
  if (status >= 500) return status === 500 ? 'error' : 'warn';
  return status === 401 || status === 403 ? 'warn' : 'debug';
};

/** The target of a request, taken apart without judging it; proxies may put the address of the server before it. */
const targetOf = (url: string): { readonly path: string; readonly query: string } => {
  const local = url.replace(/^https?:\/\/[^/?]*/i, '');
  const [path = ''] = local.split('?', 1);
  return { path, query: local.slice(path.length) };
};
