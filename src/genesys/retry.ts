/** When a request may be repeated, and how long to wait before. */
import { AppError } from '../domain/errors.js';
import type { Clock } from '../domain/clock.js';

/** Reads may be repeated at will; a write only where the platform certainly did not take it. */
export type Effect = 'read' | 'write';

export interface RetryPolicy {
  /** The most times that one request is sent. */
  readonly attempts: number;
  /** The longest first wait; each further one may be twice as long, up to `capMs`. */
  readonly baseMs: number;
  readonly capMs: number;
  /** Counted from the end of the first attempt; nothing is repeated after it. */
  readonly deadlineMs: number;
}

export const RETRY: RetryPolicy = { attempts: 6, baseMs: 500, capMs: 15_000, deadlineMs: 300_000 };

/** What the wire brought: an answer, or a failure and whether anything had been sent by then. */
export type Outcome =
  | { readonly kind: 'answer'; readonly status: number }
  | { readonly kind: 'failure'; readonly wasSent: boolean; readonly isTransient: boolean };

/** A status that says nothing about what the server did. */
export const isServerTrouble = (status: number): boolean => status === 408 || status >= 500;

/**
 * Whether the same request may go out again.
 *
 * |                         | read | write |
 * | 429                     | yes  | yes: the platform did not take it |
 * | 408, 5xx                | yes  | no: it may have taken effect |
 * | failed before sending   | yes  | yes |
 * | failed after sending    | yes  | no |
 * | other status, bad TLS   | no   | no: it would be the same again |
 */
export const mayRepeat = (effect: Effect, outcome: Outcome): boolean => {
  if (outcome.kind === 'failure')
    return outcome.isTransient && (effect === 'read' || !outcome.wasSent);
  return outcome.status === 429 || (effect === 'read' && isServerTrouble(outcome.status));
};

/** Exponential back-off with full jitter: any wait from nothing to twice the longest before it. */
export const backoffMs = (
  repeat: number,
  random: () => number,
  policy: RetryPolicy = RETRY,
): number => random() * Math.min(policy.capMs, policy.baseMs * 2 ** repeat);

/** What `Retry-After` asks for, in milliseconds: it holds seconds or an HTTP date. Undefined where it holds neither. */
export const retryAfterMs = (header: string | undefined, now: number): number | undefined => {
  const text = header?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  const at = /[a-z]/i.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
};

/**
 * How long a 429 asks everybody to wait: as `Retry-After` says, or by a back-off that never comes at once.
 */
export const throttleWaitMs = (
  header: string | undefined,
  repeat: number,
  by: Pick<Waiting, 'clock' | 'random'>,
): number =>
  retryAfterMs(header, by.clock.now()) ?? 1_000 + backoffMs(repeat, by.random, UNTOLD_THROTTLE);

const UNTOLD_THROTTLE: RetryPolicy = { ...RETRY, baseMs: 2_000, capMs: 30_000 };

/** How one attempt ended: well, for good, or so that another may help (after so long, or by back-off). */
export type Attempt<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'again'; readonly error: Error; readonly afterMs?: number | undefined };

/** What waiting needs. */
export interface Waiting {
  readonly clock: Clock;
  /** From 0 up to 1, like Math.random. */
  readonly random: () => number;
  readonly policy?: RetryPolicy;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs attempts (numbered from 0) until one is done or no more may follow, and throws the error of the last.
 *
 * @throws AppError `cli.interrupted` when the signal aborts between two of them
 */
export const withRetries = async <Result>(
  attempt: (number: number) => Promise<Attempt<Result>>,
  by: Waiting,
): Promise<Result> => {
  const policy = by.policy ?? RETRY;
  let deadlineAt = Infinity;
  for (let number = 0; ; number += 1) {
    const outcome = await attempt(number);
    if (outcome.kind === 'done') return outcome.result;
    const now = by.clock.now();
    if (number === 0) deadlineAt = now + policy.deadlineMs;
    if (outcome.kind === 'failed' || number + 1 >= policy.attempts) throw outcome.error;
    const waitMs = outcome.afterMs ?? backoffMs(number, by.random, policy);
    if (now + waitMs > deadlineAt) throw outcome.error;
    await by.clock.sleep(waitMs, by.signal);
    if (by.signal?.aborted === true) throw interrupted(outcome.error);
  }
};

/** The run was stopped while a request waited to be sent. */
export const interrupted = (cause: unknown): AppError =>
  new AppError('cli.interrupted', 'Stopped before the request was sent.', { cause });
