/** How a request ends, what a fault makes of that, and how it goes out on the wire. */
import type { ServerResponse } from 'node:http';
import { stringify as stringifyLossless } from 'lossless-json';
import { codeForStatus, PlatformError } from './errors.js';
import type { FaultEffect } from './faults.js';
import { tooManyRequests } from './limits.js';
import type { Reply } from './routing.js';

/** With an answer, with a refusal, with the page of a proxy, or with a connection that ends early. */
export type Outcome =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'refusal'; readonly error: PlatformError }
  | { readonly kind: 'html'; readonly status: number }
  | { readonly kind: 'cut'; readonly midway: Outcome | null };

/** The outcome of something thrown. A bug, or an edit that fails, is a 500 that says so. */
export const refusal = (error: unknown): Outcome => ({
  kind: 'refusal',
  error:
    error instanceof PlatformError
      ? error
      : new PlatformError('internal.server.error', { reason: String(error) }),
});

/** The outcome that a fault puts in the place of the one before it (null: there is none yet). */
export const spoiled = (effect: FaultEffect<never>, outcome: Outcome | null): Outcome | null => {
  if (effect.kind === 'error') return refusal(faultError(effect));
  if (effect.kind === 'html') return { kind: 'html', status: effect.status ?? 200 };
  if (effect.kind !== 'cut') return outcome;
  return { kind: 'cut', midway: effect.when === 'midway' ? outcome : null };
};

const faultError = (effect: Extract<FaultEffect<never>, { kind: 'error' }>): PlatformError => {
  const { status, code = codeForStatus(status), retryAfterSeconds, details = [] } = effect;
  if (code === 'too.many.requests.retry.after') return tooManyRequests(retryAfterSeconds ?? 1);
  const seconds = String(retryAfterSeconds ?? 1);
  return new PlatformError(
    code,
    { seconds, reason: 'a fault of the simulator' },
    {
      status,
      details,
      headers: retryAfterSeconds === undefined ? {} : { 'Retry-After': seconds },
    },
  );
};

/** What went out: status and body, or null where no whole answer did. */
export interface Sent {
  readonly status: number | null;
  readonly body: unknown;
}

/** What every answer carries: its correlation id, and the time. */
export interface Stamp {
  readonly correlationId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Sends the outcome. */
export const send = (response: ServerResponse, outcome: Outcome, stamp: Stamp): Sent => {
  if (outcome.kind === 'cut') {
    if (outcome.midway === null || outcome.midway.kind === 'cut') response.destroy();
    else breakOff(response, rendered(outcome.midway, stamp));
    return { status: null, body: undefined };
  }
  const page = rendered(outcome, stamp);
  response.writeHead(page.status, page.headers).end(page.text);
  return { status: page.status, body: page.body };
};

interface Rendered {
  readonly status: number;
  readonly headers: Record<string, string | number>;
  readonly body: unknown;
  readonly text: string;
}

const rendered = (
  outcome: Exclude<Outcome, { kind: 'cut' }>,
  { correlationId, at }: Stamp,
): Rendered => {
  const reply = replyOf(outcome, correlationId);
  const { status = 200, body, headers = {} } = reply;
  const text = typeof body === 'string' ? body : (stringifyLossless(body) ?? '');
  return {
    status,
    body,
    text,
    headers: {
      'ININ-Correlation-Id': correlationId,
      Date: new Date(at).toUTCString(),
      'Content-Length': Buffer.byteLength(text),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
  };
};

const replyOf = (outcome: Exclude<Outcome, { kind: 'cut' }>, correlationId: string): Reply => {
  if (outcome.kind === 'reply') return outcome.reply;
  if (outcome.kind === 'html') {
    return { status: outcome.status, headers: { 'Content-Type': 'text/html' }, body: HTML };
  }
  const { error } = outcome;
  return { status: error.status, headers: error.headers, body: error.body(correlationId) };
};

const HTML = '<!doctype html><title>Gateway</title><p>The gateway has nothing to say.</p>';

/** Promises the whole text, sends half of it, and hangs up. */
const breakOff = (response: ServerResponse, { status, headers, text }: Rendered): void => {
  response.writeHead(status, headers);
  response.write(text.slice(0, Math.floor(text.length / 2)), () => response.destroy());
};
