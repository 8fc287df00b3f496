/** Access tokens: logged in for with an OAuth client, or given. */
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import { Secret } from '../domain/secret.js';
import {
  correlationIdOf,
  errorOfAnswer,
  errorOfFailure,
  jsonOf,
  platformText,
  withoutSecrets,
} from './errors.js';
import type { RequestName } from './errors.js';
import { numberOf, textOf } from './json.js';
import { isServerTrouble, throttleWaitMs, withRetries } from './retry.js';
import type { Attempt, Waiting } from './retry.js';
import type { Wire, WireAnswer } from './wire.js';

export type Credentials =
  { readonly clientId: string; readonly clientSecret: Secret } | { readonly accessToken: Secret };

export interface TokenSource {
  /** A token that is good for a while yet. */
  current(): Promise<Secret>;
  /** Another token than the one that was refused, or null where none can be had. */
  renew(refused: Secret): Promise<Secret | null>;
}

/** A token that somebody gave us: nothing can renew it. */
export const givenToken = (token: Secret): TokenSource => ({
  current: () => Promise.resolve(token),
  renew: () => Promise.resolve(null),
});

/** A token is renewed so long before it ends, or after nine tenths of a short life. */
const RENEW_BEFORE_MS = 60_000;

interface Held {
  readonly token: Secret;
  readonly renewAt: number;
}

interface LoginOptions extends Pick<Waiting, 'policy'> {
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Protocol and host of the login service. */
  readonly loginUrl: string;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** Tokens of an OAuth client (grant Client Credentials), kept while they last; one login serves all who wait. */
export class ClientCredentials implements TokenSource {
  readonly #options: LoginOptions;
  #held: Held | null = null;
  #login: Promise<Held> | null = null;

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  async current(): Promise<Secret> {
    if (this.#held !== null && this.#options.clock.now() < this.#held.renewAt)
      return this.#held.token;
    this.#login ??= this.#logIn().finally(() => (this.#login = null));
    this.#held = await this.#login;
    return this.#held.token;
  }

  renew(refused: Secret): Promise<Secret | null> {
    // Many requests may learn at once that one token has ended; only the first of them drops it.
    if (this.#held?.token === refused) this.#held = null;
    return this.current();
  }

  #logIn(): Promise<Held> {
    return withRetries((number) => this.#attempt(number), this.#options);
  }

  async #attempt(number: number): Promise<Attempt<Held>> {
    const { clientId, clientSecret, loginUrl, wire, clock, signal } = this.#options;
    const askedAt = clock.now();
    const pair = Buffer.from(`${clientId}:${clientSecret.reveal()}`).toString('base64');
    const url = new URL('/oauth/token', loginUrl);
    const request: RequestName = { method: 'POST', path: url.pathname, host: url.host };
    const outcome = await wire.exchange(
      {
        method: 'POST',
        url: url.href,
        headers: {
          authorization: `Basic ${pair}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: 'grant_type=client_credentials',
      },
      signal,
    );
    if (outcome.kind === 'failure') {
      const error = errorOfFailure(request, outcome);
      return { kind: outcome.isTransient ? 'again' : 'failed', error };
    }
    const body = jsonOf(outcome);
    const token = textOf(body, 'access_token');
    if (outcome.status === 200 && token !== null) {
      const lifeMs = (numberOf(body, 'expires_in') ?? Infinity) * 1000;
      const renewAt = askedAt + Math.max(lifeMs - RENEW_BEFORE_MS, lifeMs * 0.9);
      return { kind: 'done', result: { token: new Secret(token), renewAt } };
    }
    const answer = withoutSecrets(outcome, [clientSecret.reveal(), pair]);
    return loginRefused(request, clientId, answer, (asked) =>
      throttleWaitMs(asked, number, this.#options),
    );
  }
}

const loginRefused = (
  request: RequestName,
  clientId: string,
  answer: WireAnswer,
  waitMs: (asked: string | undefined) => number,
): Attempt<never> => {
  const body = jsonOf(answer);
  const { status } = answer;
  if (isServerTrouble(status)) return { kind: 'again', error: errorOfAnswer(request, answer) };
  if (body === undefined) return { kind: 'failed', error: errorOfAnswer(request, answer) };
  const correlationId = correlationIdOf(answer.headers, body);
  const why = [textOf(body, 'error'), textOf(body, 'error_description') ?? textOf(body, 'message')]
    .filter((text) => text !== null)
    .map(platformText)
    .join(', ');
  const detail = `${status}${why === '' ? '' : ` ${why}`}${correlationId === null ? '' : `. Correlation id ${correlationId}`}`;
  // Too many token requests are told as a bad one, and the wait only in words: 400 invalid_request,
  // "rate limit exceeded; try again in 7 seconds" (the vendor's Terraform provider reads it).
  if (status === 429 || /rate limit exceeded/i.test(why)) {
    return {
      kind: 'again',
      afterMs: waitMs(answer.headers['retry-after'] ?? /(\d+) seconds?\b/i.exec(why)?.[1]),
      error: new AppError(
        'genesys.rate-limited',
        `${request.host} kept refusing to log in: ${detail}`,
        { correlationId },
      ),
    };
  }
  return {
    kind: 'failed',
    error: new AppError(
      'genesys.login-failed',
      `${request.host} refused the OAuth client ${platformText(clientId)}: ${detail}`,
      { correlationId },
    ),
  };
};
