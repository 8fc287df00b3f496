/** Requests to the API: through the limiter, with a token, repeated where that is safe. */
import { OutcomeUnknown } from '../apply/ports.js';
import type { RequestCounts } from '../domain/change.js';
import type { Clock } from '../domain/clock.js';
import type { AppError } from '../domain/errors.js';
import type { Secret } from '../domain/secret.js';
import {
  correlationIdOf,
  errorOfAnswer,
  errorOfFailure,
  jsonOf,
  withoutSecrets,
} from './errors.js';
import type { RequestName } from './errors.js';
import type { Limiter } from './limiter.js';
import type { NetworkFailure } from './network.js';
import { interrupted, isServerTrouble, mayRepeat, throttleWaitMs, withRetries } from './retry.js';
import type { Attempt, Effect } from './retry.js';
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

/** An accepted request. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed JSON, or undefined where the answer has no body. */
  readonly data: unknown;
  /** The JSON as it came. */
  readonly text: string;
}

export interface TransportOptions {
  readonly wire: Wire;
  readonly limiter: Limiter;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly random: () => number;
  /** With `read`, a request that could change the organization is a bug, and never leaves. */
  readonly access: Effect;
  readonly signal?: AbortSignal | undefined;
  readonly onRequest?: ((trace: RequestTrace) => void) | undefined;
}

/** Queries that are too long for a URL: POSTs that change nothing. */
const READING_POST = /^\/api\/v2\/(?:analytics\/.+\/query|audits\/query(?:\/realtime)?)$/;

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
  async send(request: WireRequest): Promise<Answer> {
    const { clock, random, signal, access } = this.#options;
    const url = new URL(request.url);
    const name: RequestName = { method: request.method, path: url.pathname, host: url.host };
    const effect = effectOf(name);
    if (effect === 'write' && access === 'read')
      throw new Error(`a reading client was to send ${name.method} ${name.path}`);
    let mayRenew = true;
    return await withRetries<Answer>(
      async (number) => {
        const { outcome, token, sentAt } = await this.#attempt(request, name, effect, number);
        if (outcome.kind === 'answer' && outcome.status === 429)
          return this.#refused(outcome, name, number, sentAt);
        if (outcome.kind === 'answer' && outcome.status === 401 && mayRenew) {
          mayRenew = false;
          const renewed = await this.#options.tokens.renew(token);
          if (renewed !== null)
            return { kind: 'again', error: errorOfAnswer(name, outcome), afterMs: 0 };
        }
        return judge(name, effect, outcome);
      },
      { clock, random, signal },
    );
  }

  async #attempt(
    request: WireRequest,
    name: RequestName,
    effect: Effect,
    number: number,
  ): Promise<{ outcome: WireAnswer | NetworkFailure; token: Secret; sentAt: number }> {
    const { limiter, tokens, wire, clock, signal } = this.#options;
    try {
      return await limiter.run(
        async () => {
          const token = await tokens.current();
          signal?.throwIfAborted();
          const sentAt = clock.now();
          this.#sent += 1;
          if (number > 0) this.#retried += 1;
          const headers = {
            ...request.headers,
            'user-agent': 'wrapkeeper',
            authorization: `Bearer ${token.reveal()}`,
          };
          // A write that is under way is not cut: its outcome would be unknown.
          const outcome = await wire.exchange(
            { ...request, headers },
            effect === 'read' ? signal : undefined,
          );
          const told =
            outcome.kind === 'answer' && outcome.status >= 300
              ? withoutSecrets(outcome, [token.reveal()])
              : outcome;
          this.#trace(name, told, clock.now() - sentAt, number);
          return { outcome: told, token, sentAt };
        },
        { repeated: number > 0, signal },
      );
    } catch (error) {
      throw signal?.aborted === true && error === signal.reason ? interrupted(error) : error;
    }
  }

  #refused(answer: WireAnswer, name: RequestName, number: number, sentAt: number): Attempt<never> {
    this.#throttled += 1;
    const afterMs = throttleWaitMs(answer.headers['retry-after'], number, this.#options);
    this.#options.limiter.throttled(afterMs, sentAt);
    return { kind: 'again', error: errorOfAnswer(name, answer), afterMs };
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

const effectOf = ({ method, path }: RequestName): Effect =>
  method === 'GET' || method === 'HEAD' || (method === 'POST' && READING_POST.test(path))
    ? 'read'
    : 'write';

/** What an answer, or its absence, means for a read or a write; 429 and a token that ended are settled before. */
const judge = (
  name: RequestName,
  effect: Effect,
  outcome: WireAnswer | NetworkFailure,
): Attempt<Answer> => {
  if (outcome.kind === 'answer' && outcome.status >= 200 && outcome.status < 300) {
    const data = outcome.text === '' ? undefined : jsonOf(outcome);
    if (outcome.text === '' || data !== undefined)
      return { kind: 'done', result: { ...outcome, data } };
  }
  const error =
    outcome.kind === 'answer' ? errorOfAnswer(name, outcome) : errorOfFailure(name, outcome);
  if (mayRepeat(effect, outcome)) return { kind: 'again', error };
  return {
    kind: 'failed',
    error: effect === 'write' && isUnsure(outcome) ? outcomeUnknown(name, error) : error,
  };
};

const isUnsure = (outcome: WireAnswer | NetworkFailure): boolean =>
  outcome.kind === 'failure'
    ? outcome.wasSent
    : outcome.status < 300 || isServerTrouble(outcome.status);

const outcomeUnknown = (name: RequestName, cause: AppError): OutcomeUnknown =>
  new OutcomeUnknown(
    `Whether ${name.method} ${name.path} took effect is not known. ${cause.message}`,
    cause.correlationId,
    cause,
  );
