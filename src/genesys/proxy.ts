/** How connections are made: straight, or through the proxies that the environment names. */
import { Agent, EnvHttpProxyAgent, errors, Pool } from 'undici';
import type { Dispatcher } from 'undici';
import { AppError } from '../domain/errors.js';

/** Environment variables; HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked for, in either case. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Connections {
  readonly dispatcher: Dispatcher;
  /** Host and port of the proxy that an address may be reached through, for people; null where there is none. */
  readonly proxyOf: (url: string) => string | null;
}

/**
 * Kept-alive connections, TLS 1.2 or later.
 *
 * @throws AppError `genesys.unreachable` where a variable does not hold an address
 */
export const openConnections = (environment: Environment, timeoutMs: number): Connections => {
  const httpProxy = proxyIn(environment, 'http_proxy');
  const httpsProxy = proxyIn(environment, 'https_proxy') || httpProxy;
  const tls = { minVersion: 'TLSv1.2' as const };
  const options: Agent.Options = {
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { ...tls, timeout: Math.min(CONNECT_TIMEOUT_MS, timeoutMs) },
  };
  const dispatcher =
    httpProxy === '' && httpsProxy === ''
      ? new Agent(options)
      : new EnvHttpProxyAgent({
          ...options,
          httpProxy,
          httpsProxy,
          noProxy: variable(environment, 'no_proxy'),
          requestTls: tls,
          clientFactory: (origin, pool) => new ProxyPool(origin, pool),
        });
  return {
    dispatcher,
    proxyOf: (url) => {
      const proxy = url.startsWith('https:') ? httpsProxy : httpProxy;
      // Not the whole address: it may hold a password.
      return proxy === '' ? null : new URL(proxy).host;
    },
  };
};

const CONNECT_TIMEOUT_MS = 10_000;

const variable = (environment: Environment, name: string): string =>
  (environment[name] ?? environment[name.toUpperCase()] ?? '').trim();

const proxyIn = (environment: Environment, name: string): string => {
  const written = variable(environment, name);
  const url = written === '' || written.includes('://') ? written : `http://${written}`;
  if (url === '' || URL.canParse(url)) return url;
  throw new AppError(
    'genesys.unreachable',
    `The variable ${name.toUpperCase()} does not hold the address of a proxy.`,
  );
};

/**
 * Connections to a proxy. Where one ends while a tunnel is being made, undici takes its error for that of
 * an established connection and tries again at once, without end; as another error, it fails the request.
 */
class ProxyPool extends Pool {
  override connect(options: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData>;
  override connect(options: Dispatcher.ConnectOptions, callback: ConnectCallback): void;
  override connect(
    options: Dispatcher.ConnectOptions,
    callback?: ConnectCallback,
  ): Promise<Dispatcher.ConnectData> | void {
    if (callback !== undefined) return super.connect(options, callback);
    return super.connect(options).catch((error: unknown) => {
      if (!(error instanceof errors.SocketError)) throw error;
      throw Object.assign(new Error(error.message), { code: 'ECONNRESET', syscall: 'connect' });
    });
  }
}

type ConnectCallback = (error: Error | null, data: Dispatcher.ConnectData) => void;
