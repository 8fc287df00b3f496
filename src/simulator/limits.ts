/** Rate limits over a sliding window of 60 seconds. Refused requests do not count. */
import type { OAuthClient } from './access.js';
import type { SimulatorClock } from './clock.js';
import { PlatformError } from './errors.js';

const WINDOW_MS = 60_000;

/** Rate limits in requests per sliding minute; null is none. Refused requests do not count. */
export interface LimitOptions {
  /** Of one token. Default 300. */
  readonly perToken?: number | null;
  /** Of one client over all its tokens. Default 3,000, and never less than what one token may. */
  readonly perClient?: number | null;
  /** Of the whole org on queue endpoints, whichever token asks. Default null. */
  readonly queueEndpointsPerOrg?: number | null;
  /** Of token requests of one client. Default null. */
  readonly tokenRequests?: number | null;
}

/** The limits with their defaults. */
export const limitsFrom = (given: LimitOptions = {}): Required<LimitOptions> => {
  const perToken = given.perToken === undefined ? 300 : given.perToken;
  return {
    perToken,
    perClient: perToken === null ? null : Math.max(3_000, perToken),
    queueEndpointsPerOrg: null,
    tokenRequests: null,
    ...given,
  };
};

/** One limit that a request falls under: requests with the same key share it. */
export interface Limit {
  readonly key: string;
  readonly perMinute: number;
}

/** Counts requests and refuses those over a limit. */
export class RateLimiter {
  readonly #clock: SimulatorClock;
  readonly #admitted = new Map<string, number[]>();

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** Counts a request under all its limits, or returns how many seconds to wait until it fits. */
  admit(limits: readonly Limit[]): { readonly retryAfterSeconds: number } | null {
    const now = this.#clock.now();
    const waits = limits.map(({ key, perMinute }) => {
      const recent = (this.#admitted.get(key) ?? []).filter((at) => at > now - WINDOW_MS);
      this.#admitted.set(key, recent);
      const oldestInTheWay = recent[recent.length - perMinute];
      return oldestInTheWay === undefined ? 0 : oldestInTheWay + WINDOW_MS - now;
    });
    const waitMs = Math.max(0, ...waits);
    if (waitMs > 0) return { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
    for (const { key } of limits) this.#admitted.get(key)?.push(now);
    return null;
  }
}

/** The 429 of the platform: `Retry-After` in seconds. */
export const tooManyRequests = (retryAfterSeconds: number): PlatformError =>
  new PlatformError(
    'too.many.requests.retry.after',
    { seconds: String(retryAfterSeconds) },
    { headers: { 'Retry-After': String(retryAfterSeconds) } },
  );

/** Which limits a request to the API falls under. */
export const limitsOf =
  (limits: Required<LimitOptions>) =>
  (token: string, client: OAuthClient, path: string): readonly Limit[] =>
    [
      { key: `token ${token}`, perMinute: limits.perToken },
      { key: `client ${client.id}`, perMinute: limits.perClient },
      ...(path.startsWith('/api/v2/routing/queues')
        ? [{ key: 'queue endpoints', perMinute: limits.queueEndpointsPerOrg }]
        : []),
    ].filter((limit): limit is Limit => limit.perMinute !== null);
