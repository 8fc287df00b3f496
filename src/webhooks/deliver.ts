/** Sends what the outbox holds. Each sink works by itself: one that is slow or dead delays no other. */
import type { Clock } from '../domain/clock.js';
import type { DeliveryAttempted, ReadRecord } from '../domain/journal.js';
import type { OutboxState } from '../domain/outbox.js';
import type { Secret } from '../domain/secret.js';
import { resolveBySystem } from './connect.js';
import type { Resolve } from './connect.js';
import { signerOf } from './sign.js';
import { SinkWorker } from './sink-worker.js';
import type { Left } from './sink-worker.js';

/** The journal, as far as deliveries need it. */
export interface Outbox {
  /** As it is now: every append shows. */
  state(): OutboxState;
  /** A record and its hash, by its seq. */
  read(seq: number): Promise<ReadRecord>;
  /** Writes an attempt down. @throws AppError `journal.*`: that ends delivering */
  append(entry: DeliveryAttempted): Promise<void>;
}

/** A sink of the settings, with its secrets read. */
export interface Sink {
  readonly name: string;
  readonly url: string;
  readonly secrets: readonly Secret[];
  readonly allowPrivateNetwork: boolean;
}

export interface DeliveryOptions {
  readonly outbox: Outbox;
  readonly sinks: readonly Sink[];
  readonly organizationId: string;
  readonly clock: Clock;
  /** From 0 up to 1, like Math.random. */
  readonly random: () => number;
  /** For one attempt, all in all. Default 15 s. */
  readonly timeoutMs?: number;
  /** Default: as the system does it. */
  readonly resolve?: Resolve;
}

const TIMEOUT_MS = 15_000;

/**
 * Delivers events, at least once: what is under way when it is told to stop is cut, counts as nothing, and is
 * sent again another time.
 *
 * @throws AppError `webhook.bad-secret` when it is made
 *
 * @example
 * const deliveries = new Deliveries({ outbox, sinks, organizationId, clock, random });
 * const running = deliveries.run(signal);
 * deliveries.notify(); // whenever the journal has a new event
 * const left = await deliveries.drain({ until: clock.now() + 30_000, signal });
 */
export class Deliveries {
  readonly #clock: Clock;
  readonly #workers: readonly SinkWorker[];
  #running = 0;
  #failure: Error | null = null;
  #halt = new AbortController();

  constructor(options: DeliveryOptions) {
    const { timeoutMs = TIMEOUT_MS, resolve = resolveBySystem, sinks, ...rest } = options;
    this.#clock = options.clock;
    this.#workers = sinks.map(
      (sink) =>
        new SinkWorker({
          ...rest,
          sink,
          sign: signerOf(sink.name, sink.secrets),
          timeoutMs,
          resolve,
        }),
    );
  }

  /** Why delivering ended before it was told to, or null: the journal could not be read or written, or there is a bug. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** There may be new events, or somebody has asked for old ones. */
  notify(): void {
    for (const worker of this.#workers) worker.notify();
  }

  /** Begins nothing more: {@link run} returns once what is under way has come to its end, and cuts none of it. */
  close(): void {
    for (const worker of this.#workers) worker.close();
  }

  /**
   * Delivers until it is told to stop, and never rejects: returns {@link failure}. When it has returned, nothing
   * is under way any more.
   */
  async run(signal: AbortSignal): Promise<Error | null> {
    const stop = new AbortController();
    const onAbort = (): void => stop.abort();
    signal.addEventListener('abort', onAbort);
    this.#halt.signal.addEventListener('abort', onAbort);
    if (signal.aborted || this.#halt.signal.aborted) onAbort();
    this.#running += 1;
    try {
      await Promise.all(this.#workers.map((worker) => this.#work(worker, stop.signal)));
    } finally {
      this.#running -= 1;
      signal.removeEventListener('abort', onAbort);
      this.#halt.signal.removeEventListener('abort', onAbort);
    }
    return this.#failure;
  }

  /**
   * Waits until no sink has anything that may be tried before the deadline, but not past it. Where nothing runs,
   * it delivers by itself meanwhile.
   *
   * @param until milliseconds since the epoch
   * @returns what each sink has not got, and why
   */
  async drain(limits: {
    readonly until: number;
    readonly signal: AbortSignal;
  }): Promise<readonly Left[]> {
    const stop = new AbortController();
    const onAbort = (): void => stop.abort();
    limits.signal.addEventListener('abort', onAbort);
    if (limits.signal.aborted) onAbort();
    const running = this.#running > 0 ? null : this.run(stop.signal);
    void this.#clock.sleep(limits.until - this.#clock.now(), stop.signal).then(onAbort);
    await Promise.all(this.#workers.map((worker) => worker.quiet(limits.until, stop.signal)));
    stop.abort();
    limits.signal.removeEventListener('abort', onAbort);
    await running;
    return this.#workers.map((worker) => worker.left(this.#failure));
  }

  async #work(worker: SinkWorker, signal: AbortSignal): Promise<void> {
    try {
      await worker.run(signal);
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
      this.#halt.abort();
    }
  }
}
