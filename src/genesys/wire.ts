/** One HTTP exchange on undici: kept-alive connections, proxies, a bounded answer, a time-out for the whole. */
import { Agent, EnvHttpProxyAgent, errors, request } from 'undici';
import type { Dispatcher } from 'undici';
import { AppError } from '../domain/errors.js';
import { failureOf } from './network.js';
import type { NetworkFailure } from './network.js';

export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface WireAnswer {
  readonly kind: 'answer';
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface WireOptions {
  /** Proxy variables are looked for here: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in either case. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  /** The longest answer that is read, in bytes. */
  readonly maxBytes?: number;
}

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 32 * 1024 * 1024;

/** Sends requests. What goes wrong on the way is a value, a {@link NetworkFailure}, and not thrown. */
export class Wire {
  readonly #dispatcher: Dispatcher;
  readonly #timeoutMs: number;
  readonly #maxBytes: number;
  readonly #proxies: Proxies;

  constructor(options: WireOptions) {
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#proxies = proxiesOf(options.environment);
    const { http, https, none } = this.#proxies;
    const agent: Agent.Options = {
      headersTimeout: this.#timeoutMs,
      bodyTimeout: this.#timeoutMs,
      connect: { minVersion: 'TLSv1.2', timeout: Math.min(10_000, this.#timeoutMs) },
    };
    this.#dispatcher =
      http === '' && https === ''
        ? new Agent(agent)
        : new EnvHttpProxyAgent({ ...agent, httpProxy: http, httpsProxy: https, noProxy: none });
  }

  /** The time-out is one of real time, not of a clock: a socket knows no other. */
  async exchange(sent: WireRequest, signal?: AbortSignal): Promise<WireAnswer | NetworkFailure> {
    // Not AbortSignal.any: on a signal that lives as long as a daemon, older Nodes keep every one of them.
    const stop = new AbortController();
    const onAbort = (): void => stop.abort();
    const timer = setTimeout(
      () => stop.abort(new DOMException('', 'TimeoutError')),
      this.#timeoutMs,
    );
    signal?.addEventListener('abort', onAbort);
    try {
      const { statusCode, headers, body } = await request(sent.url, {
        method: sent.method,
        headers: sent.headers,
        body: sent.body,
        signal: stop.signal,
        dispatcher: this.#dispatcher,
      });
      return {
        kind: 'answer',
        status: statusCode,
        headers: plain(headers),
        text: await this.#read(body),
      };
    } catch (error) {
      if (error instanceof errors.InvalidArgumentError) throw error;
      const { protocol } = new URL(sent.url);
      const proxy = hostOf(protocol === 'https:' ? this.#proxies.https : this.#proxies.http);
      return failureOf(error, { url: sent.url, timeoutMs: this.#timeoutMs, proxy });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Waits for nothing: idle connections are closed, and those in use are cut. */
  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }

  async #read(body: Dispatcher.ResponseData['body']): Promise<string> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body) {
      const bytes = chunk as Buffer;
      size += bytes.length;
      // Leaving the loop destroys the stream.
      if (size > this.#maxBytes)
        throw new RangeError(`the answer is longer than ${this.#maxBytes} bytes`);
      chunks.push(bytes);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

interface Proxies {
  readonly http: string;
  readonly https: string;
  readonly none: string;
}

const proxiesOf = (environment: WireOptions['environment']): Proxies => {
  const variable = (name: string): string =>
    environment[name] ?? environment[name.toUpperCase()] ?? '';
  const proxy = (name: string): string => {
    const written = variable(name).trim();
    const url = written === '' || written.includes('://') ? written : `http://${written}`;
    if (url !== '' && !URL.canParse(url)) {
      // Not the value itself: it may hold a password.
      throw new AppError(
        'genesys.unreachable',
        `The variable ${name.toUpperCase()} does not hold the address of a proxy.`,
      );
    }
    return url;
  };
  const http = proxy('http_proxy');
  return { http, https: proxy('https_proxy') || http, none: variable('no_proxy') };
};

/** Host and port of a proxy, without the password that its address may hold. */
const hostOf = (proxy: string): string | null => (proxy === '' ? null : new URL(proxy).host);

const plain = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      [value ?? ''].flat().join(', '),
    ]),
  );
