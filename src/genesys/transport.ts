/** Requests to the API: through the limiter, with a token, repeated where that is safe. */
import type { RequestCounts } from '../domain/change.js';
import type { Clock } from '../domain/clock.js';
import type { Secret } from '../domain/secret.js';
import { correlationIdOf, errorOfAnswer, withoutSecrets } from './errors.js';
import type { RequestName } from './errors.js';
import { effectOf, judge } from './judgement.js';
import type { Answer } from './judgement.js';
import type { Limiter } from './limiter.js';
import type { NetworkFailure } from './network.js';
import { interrupted, throttleWaitMs, withRetries } from './retry.js';
import type { Effect, Waiting } from './retry.js';
import type { RequestScope } from './scope.js';
import type { ServerClock } from './server-clock.js';
import type { TokenSource } from './token.js';
import type { Wire, WireAnswer, WireRequest } from './wire.js';

/** One attempt as a log may show it: nothing of it is secret. */
export interface RequestTrace {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Null where no answer came. */
  readonly status: number | null;
  readonly ms: number;
  readonly correlationId: string | null;
  /** Counts from 1. */
  readonly attempt: number;
}

export interface TransportOptions extends Pick<Waiting, 'policy'> {
  readonly wire: Wire;
  readonly limiter: Limiter;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  /** Told what the time is over there. */
  readonly serverClock: ServerClock;
  readonly random: () => number;
  /** With `read`, a request that could change the organization is a bug, and never leaves. */
  readonly access: Effect;
  /** Asked just before a write leaves, a repeated one included: throws where it must not. */
  readonly beforeWrite?: (() => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onRequest?: ((trace: RequestTrace) => void) | undefined;
}

interface Scoped extends Pick<RequestScope, 'lastCheck'> {
  readonly signal: AbortSignal | undefined;
}

interface Attempted {
  readonly outcome: WireAnswer | NetworkFailure;
  /** With which it was sent. */
  readonly token: Secret;
  /** Of a 429: how long to wait. */
  readonly pauseMs: number | null;
}

/** Sends one request after the other, or several at once, and counts them. */
export class Transport {
  readonly #options: TransportOptions;
  #sent = 0;
  #retried = 0;
  #throttled = 0;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  counts(): RequestCounts {
    return { sent: this.#sent, retried: this.#retried, throttled: this.#throttled };
  }

  /**
   * @throws AppError `genesys.*`, or `cli.interrupted` when the signal aborted before the request was sent
   * @throws OutcomeUnknown when a write was sent and no sure answer came
   */
  async send(request: WireRequest, scope: RequestScope = {}): Promise<Answer> {
    const { clock, random, access, policy } = this.#options;
    const signal = scope.signal ?? this.#options.signal;
    const url = new URL(request.url);
    const name: RequestName = { method: request.method, path: url.pathname, host: url.host };
    const effect = effectOf(name);
    if (effect === 'write' && access === 'read')
      throw new Error(`a reading client was to send ${name.method} ${name.path}`);
    let mayRenew = true;
    return await withRetries<Answer>(
      async (number) => {
        const { outcome, token, pauseMs } = await this.#attempt(request, name, effect, number, {
          ...scope,
          signal,
        });
        if (outcome.kind === 'answer' && pauseMs !== null)
          return { kind: 'again', error: errorOfAnswer(name, outcome), afterMs: pauseMs };
        if (outcome.kind === 'answer' && outcome.status === 401 && mayRenew) {
          mayRenew = false;
          const renewed = await this.#options.tokens.renew(token);
          if (renewed !== null)
            return { kind: 'again', error: errorOfAnswer(name, outcome), afterMs: 0 };
        }
        return judge(name, effect, outcome);
      },
      { clock, random, signal, ...(policy === undefined ? {} : { policy }) },
    );
  }

  async #attempt(
    request: WireRequest,
    name: RequestName,
    effect: Effect,
    number: number,
    { lastCheck, signal }: Scoped,
  ): Promise<Attempted> {
    const { limiter, tokens, beforeWrite } = this.#options;
    try {
      return await limiter.run(
        async (startedAt, giveBack) => {
          const token = await tokens.current();
          signal?.throwIfAborted();
          if (effect === 'write') await beforeWrite?.();
          try {
            lastCheck?.();
          } catch (error) {
            giveBack();
            throw error;
          }
          // A write that is under way is not cut: its outcome would be unknown.
          const cut = effect === 'read' ? signal : undefined;
          const outcome = await this.#exchange(request, token, name, number, cut);
          // Told before the slot is given on, so that nothing slips out in between.
          const pauseMs = this.#pauseFor(outcome, number);
          if (pauseMs !== null) limiter.throttled(pauseMs, startedAt);
          return { outcome, token, pauseMs };
        },
        { repeated: number > 0, signal },
      );
    } catch (error) {
      throw signal?.aborted === true && error === signal.reason ? interrupted(error) : error;
    }
  }

  async #exchange(
    request: WireRequest,
    token: Secret,
    name: RequestName,
    number: number,
    cut: AbortSignal | undefined,
  ): Promise<WireAnswer | NetworkFailure> {
    const { wire, clock, serverClock } = this.#options;
    const headers = {
      ...request.headers,
      'user-agent': 'wrapkeeper',
      authorization: `Bearer ${token.reveal()}`,
    };
    const sentAt = clock.now();
    this.#sent += 1;
    if (number > 0) this.#retried += 1;
    const outcome = await wire.exchange({ ...request, headers }, cut);
    // An answer that is no success may come from a proxy, with a clock of its own.
    if (outcome.kind === 'answer' && outcome.status < 300)
      serverClock.observe(outcome.headers['date']);
    const told =
      outcome.kind === 'answer' && outcome.status >= 300
        ? withoutSecrets(outcome, [token.reveal()])
        : outcome;
    this.#trace(name, told, clock.now() - sentAt, number);
    return told;
  }

  /** How long a 429 asks to be left alone, in milliseconds; null for everything else. */
  #pauseFor(outcome: WireAnswer | NetworkFailure, number: number): number | null {
    if (outcome.kind !== 'answer' || outcome.status !== 429) return null;
    this.#throttled += 1;
    return throttleWaitMs(outcome.headers['retry-after'], number, this.#options);
  }

  #trace(
    name: RequestName,
    outcome: WireAnswer | NetworkFailure,
    ms: number,
    number: number,
  ): void {
    const isAnswer = outcome.kind === 'answer';
    this.#options.onRequest?.({
      method: name.method,
      path: name.path,
      status: isAnswer ? outcome.status : null,
      ms,
      correlationId: isAnswer ? correlationIdOf(outcome.headers, null) : null,
      attempt: number + 1,
    });
  }
}
