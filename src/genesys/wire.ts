/** One HTTP exchange on undici: a bounded answer, and a time-out for the whole. */
import { errors, request } from 'undici';
import type { Dispatcher } from 'undici';
import { failureOf } from './network.js';
import type { NetworkFailure } from './network.js';
import { openConnections } from './proxy.js';
import type { Connections, Environment } from './proxy.js';

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
  readonly environment: Environment;
  /** From sending to the last byte of the answer, in milliseconds. Default 30 s. */
  readonly timeoutMs?: number;
  /** The longest answer that is read, in bytes. Default 32 MiB. */
  readonly maxBytes?: number;
}

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 32 * 1024 * 1024;

/** Sends requests. What goes wrong on the way is a value, a {@link NetworkFailure}, and not thrown. */
export class Wire {
  readonly #connections: Connections;
  readonly #timeoutMs: number;
  readonly #maxBytes: number;

  constructor(options: WireOptions) {
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#connections = openConnections(options.environment, this.#timeoutMs);
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
      // undici looks at a signal only once it has a connection, and making one may hang as well.
      return await Promise.race([this.#answer(sent, stop.signal), untilAborted(stop.signal)]);
    } catch (error) {
      if (error instanceof errors.InvalidArgumentError) throw error;
      const proxy = this.#connections.proxyOf(sent.url);
      return failureOf(error, { url: sent.url, timeoutMs: this.#timeoutMs, proxy });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Waits for nothing: idle connections are closed, and those in use are cut. */
  close(): Promise<void> {
    return this.#connections.dispatcher.destroy();
  }

  async #answer(sent: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    const { statusCode, headers, body } = await request(sent.url, {
      method: sent.method,
      headers: sent.headers,
      body: sent.body,
      signal,
      dispatcher: this.#connections.dispatcher,
    });
    const text = await this.#read(body);
    return { kind: 'answer', status: statusCode, headers: plain(headers), text };
  }

  async #read(body: Dispatcher.ResponseData['body']): Promise<string> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body) {
      const bytes = chunk as Buffer;
      size += bytes.length;
      // Leaving the loop destroys the stream.
      if (size > this.#maxBytes) {
        throw new RangeError(`the answer is longer than ${this.#maxBytes} bytes`);
      }
      chunks.push(bytes);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

const plain = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      [value ?? ''].flat().join(', '),
    ]),
  );
