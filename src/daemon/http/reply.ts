/** Answers, and how they leave. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { renderJson } from '../../report/json.js';

/** An answer. */
export interface Reply {
  readonly status: number;
  /** The `content-type`. */
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A result as JSON, as the command line prints it. */
export const json = (status: number, value: unknown): Reply => ({
  status,
  type: 'application/json; charset=utf-8',
  body: renderJson(value),
});

/** The status page loads nothing but its own style and script, and no page can be put around it. */
export const PAGE_CSP = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** On every answer. What is no page may do nothing at all, should a browser take it for one. */
const SAFETY: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
};

/** For how long the rest of a body that nobody wants is thrown away, so that its sender can read the answer. */
const LINGER_MS = 500;

/**
 * Sends an answer. Where the request was not read to its end, the connection ends with it, soon but not at once: an end
 * with bytes unread is a reset, which would overtake the answer.
 */
export const send = (
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  isLast: boolean,
): void => {
  const isUnread = !request.complete;
  response.writeHead(reply.status, {
    ...SAFETY,
    ...reply.headers,
    'content-type': reply.type,
    'content-length': Buffer.byteLength(reply.body),
    ...((isUnread || isLast) && { connection: 'close' }),
  });
  if (!isUnread) {
    response.end(reply.body);
    return;
  }
  response.write(reply.body);
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS).unref();
  request.once('end', end).once('close', end).resume();
};
