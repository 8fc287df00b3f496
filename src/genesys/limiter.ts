/**
 * The platform's rate limit, kept from this side: a sliding window of our own, and p-queue for what
 * runs at once.
 */
import PQueue from 'p-queue';
import { steadyTime } from '../domain/clock.js';
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import { RETRY } from './retry.js';

export interface LimiterOptions {
  /** Any positive number. */
  readonly requestsPerMinute: number;
  /** The most requests at once; calm never raises it above. */
  readonly concurrency: number;
  readonly clock: Clock;
  /** From 0 up to 1, like Math.random. */
  readonly random: () => number;
}

const MINUTE_MS = 60_000;
/** Two clocks that truncate to milliseconds may differ by one; the rest is room for a clock being slewed. */
const MARGIN_MS = 10;
/** How long it must be calm before one more request may run at once. */
const CALM_MS = 15_000;
/** Nobody waits for a pause that is longer than this: requests fail at once until it is over. */
const MAX_PAUSE_MS = RETRY.deadlineMs;

/** What a task answers that was waiting for its slot when the concurrency was lowered below it. */
const STEPPED_BACK = Symbol('stepped back');

/**
 * What is run in a slot: it is told when that was, and gives the slot back where it sends nothing after all.
 */
type Task<Result> = (startedAt: number, giveBack: () => void) => Promise<Result>;

/**
 * Lets tasks pass so that no more than `requestsPerMinute` of them fall into any 60 s, as the server
 * sees it. A slot is free again 60 s after the *end* of the task that used it: whenever between start
 * and end the server counted the request, the next one of the same slot comes more than 60 s later.
 *
 * Up to the limit a burst passes at once. Only after a refusal (429) are starts paced out: then others
 * share the budget, and everybody who waited for the same instant would be refused again together.
 */
export class Limiter {
  readonly #queue: PQueue;
  readonly #clock: Clock;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #slots: number;
  readonly #windowMs: number;
  readonly #maxConcurrency: number;
  #running = 0;
  /** When the slots of ended tasks are free again, the soonest first. */
  readonly #freeAt: number[] = [];
  #pausedUntil = -Infinity;
  #nextStartAt = -Infinity;
  #throttledAt = -Infinity;
  #concurrencyChangedAt = -Infinity;

  constructor(options: LimiterOptions) {
    // Less than one request a minute is one request in a longer window.
    this.#slots = Math.max(1, Math.floor(options.requestsPerMinute));
    this.#windowMs =
      (MINUTE_MS * this.#slots) / Math.min(options.requestsPerMinute, this.#slots) + MARGIN_MS;
    // Never more tasks than slots: a task that waits for a slot then always knows the instant to wait for.
    this.#maxConcurrency = Math.min(Math.max(1, Math.floor(options.concurrency)), this.#slots);
    this.#queue = new PQueue({ concurrency: this.#maxConcurrency });
    this.#clock = options.clock;
    this.#now = steadyTime(options.clock);
    this.#random = options.random;
  }

  /** How many requests may run at once just now. */
  get concurrency(): number {
    return this.#queue.concurrency;
  }

  /**
   * Runs the task when a slot is free, and tells it when that was, by the limiter's own time. A repeated
   * request goes before those that have not begun.
   * Rejects with the signal's reason when it aborts while the task still waits; a running task is left alone.
   *
   * @throws AppError `genesys.rate-limited` where the platform has asked for a pause of many minutes
   */
  async run<Result>(
    task: Task<Result>,
    options: { readonly repeated?: boolean; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Result> {
    let priority = options.repeated === true ? 1 : 0;
    for (;;) {
      // The queue itself is not given the signal: it would also give up tasks that are running.
      const result = await this.#queue.add(() => this.#runInSlot(task, options.signal), {
        priority,
      });
      if (result !== STEPPED_BACK) return result;
      priority = 2;
    }
  }

  /**
   * The platform refused a request that was started at this instant of the limiter's time, and wants to
   * be left alone for so long. Everything waits. A second refusal soon after also halves what runs at once; requests that were
   * under way when the first one came count as the same refusal.
   */
  throttled(waitMs: number, startedAt: number): void {
    const now = this.#now();
    const isNew = startedAt >= this.#throttledAt;
    const isRepeated = now < this.#pausedUntil + this.#windowMs;
    this.#pausedUntil = Math.max(this.#pausedUntil, now + waitMs);
    this.#nextStartAt = this.#pausedUntil + this.#random() * this.#spacingMs;
    if (!isNew) return;
    this.#throttledAt = now;
    this.#concurrencyChangedAt = this.#pausedUntil;
    if (isRepeated) this.#queue.concurrency = Math.max(1, Math.floor(this.#queue.concurrency / 2));
  }

  /** The distance between starts at which the limit is used up evenly. */
  get #spacingMs(): number {
    return this.#windowMs / this.#slots;
  }

  async #runInSlot<Result>(
    task: Task<Result>,
    signal: AbortSignal | undefined,
  ): Promise<Result | typeof STEPPED_BACK> {
    let now = this.#now();
    for (;;) {
      signal?.throwIfAborted();
      if (this.#queue.pending > this.#queue.concurrency) return STEPPED_BACK;
      if (this.#pausedUntil > now + MAX_PAUSE_MS) throw longPause(this.#pausedUntil - now);
      const startAt = this.#startAt(now);
      if (startAt <= now) break;
      await this.#clock.sleep(startAt - now, signal);
      now = this.#now();
    }
    this.#began(now);
    let isUsed = true;
    try {
      return await task(now, () => (isUsed = false));
    } finally {
      this.#running -= 1;
      if (isUsed) this.#freeAt.push(this.#now() + this.#windowMs);
    }
  }

  #began(now: number): void {
    this.#running += 1;
    // Half to one and a half spacings: several processes that were refused together drift apart.
    if (this.#isPacing(now)) this.#nextStartAt = now + this.#spacingMs * (0.5 + this.#random());
    if (
      this.#queue.concurrency < this.#maxConcurrency &&
      now >= this.#concurrencyChangedAt + CALM_MS
    ) {
      this.#queue.concurrency += 1;
      this.#concurrencyChangedAt = now;
    }
  }

  #startAt(now: number): number {
    while (this.#freeAt[0] !== undefined && this.#freeAt[0] <= now) this.#freeAt.shift();
    const isFull = this.#running + this.#freeAt.length >= this.#slots;
    return Math.max(
      this.#pausedUntil,
      this.#isPacing(now) ? this.#nextStartAt : -Infinity,
      isFull ? (this.#freeAt[0] ?? Infinity) : -Infinity,
    );
  }

  /** From a refusal until one window after the pause it brought. */
  #isPacing(now: number): boolean {
    return now < this.#pausedUntil + this.#windowMs;
  }
}

const longPause = (leftMs: number): AppError =>
  new AppError(
    'genesys.rate-limited',
    `Genesys Cloud asked for a pause that lasts another ${Math.ceil(leftMs / 1000)} s; nothing was sent.`,
  );
