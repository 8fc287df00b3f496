/** A request on its way through the server, and what may be done with it. */
import type { IncomingMessage } from 'node:http';
import type { Reply } from './reply.js';

/** A request that got as far as its path. */
export interface Exchange {
  readonly headers: IncomingMessage['headers'];
  readonly query: URLSearchParams;
  /** Hands the body over as it comes; refuses more bytes than these with 413. */
  readonly read: (limit: number, take: (chunk: Buffer) => void) => Promise<void>;
}

/** Throws a Refusal to refuse. */
export type Handler = (exchange: Exchange) => Reply | Promise<Reply>;

/** What a path does. GET answers HEAD too. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly handle: Handler;
  /**
   * Whether a browser could be led to it under the name of another site (DNS rebinding): then a server that listens on
   * this machine alone looks at `Host`. Signed requests need not be held to that: nobody signs in a browser.
   */
  readonly looksAtHost: boolean;
}

/** The body, whole. */
export const readWhole = async (exchange: Exchange, limit: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  await exchange.read(limit, (chunk) => chunks.push(chunk));
  return Buffer.concat(chunks);
};
