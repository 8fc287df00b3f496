/** Works one sink: a few attempts at a time, in the order that `nextDue` gives. */
import type { PendingEvent } from '../domain/backlog.js';
import { outgoingEventOf } from '../domain/journal.js';
import type { EventRecord } from '../domain/journal.js';
import type { SinkState } from '../domain/outbox.js';
import { nextDue, wakeAt } from '../domain/turns.js';
import { agentFor } from './connect.js';
import type { Resolve } from './connect.js';
import type { DeliveryOptions, Sink } from './deliver.js';
import { toEvent } from './event.js';
import { post } from './post.js';
import { judgeAttempt } from './schedule.js';
import type { Signer } from './sign.js';

/** What a sink has not got. */
export interface Left {
  readonly sink: string;
  /** Those that were given up not counted: they are sent again only when somebody asks. */
  readonly undelivered: number;
  /** For people; null where nothing is left. */
  readonly why: string | null;
}

export interface WorkerOptions extends Omit<DeliveryOptions, 'sinks'> {
  readonly sink: Sink;
  readonly sign: Signer;
  readonly timeoutMs: number;
  readonly resolve: Resolve;
}

/** Attempts at a time. */
const CONCURRENCY = 4;
/** The longest sleep: a clock may be set anew meanwhile. */
const NAP_MS = 3_600_000;

export class SinkWorker {
  readonly #options: WorkerOptions;
  readonly #inFlight = new Set<number>();
  /** Who waits for something to happen. */
  readonly #waiting = new Set<() => void>();
  #lastFailure: string | null = null;
  #isOver = false;
  #isClosing = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Something happened: look again. */
  notify(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Begins nothing more: a run ends once what is under way has come to its end. */
  close(): void {
    this.#isClosing = true;
    this.notify();
  }

  /**
   * Delivers until it is told to stop.
   *
   * @throws whatever the outbox throws
   */
  async run(signal: AbortSignal): Promise<void> {
    const { sink, resolve, timeoutMs } = this.#options;
    const attempts = new Set<Promise<void>>();
    // An outbox that fails ends the sink; who is under way then is cut like at any other stop.
    const stop = new AbortController();
    const way = { ...sink, resolve, timeoutMs, signal: stop.signal };
    const agent = agentFor(way, CONCURRENCY);
    const errors: unknown[] = [];
    const onAbort = (): void => {
      stop.abort();
      this.notify();
    };
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    this.#isOver = false;
    try {
      while (!stop.signal.aborted && !this.#isClosing) {
        for (const event of this.#due()) {
          this.#inFlight.add(event.seq);
          const attempt = this.#attempt(event, agent, stop.signal)
            .catch((error: unknown) => {
              errors.push(error);
              stop.abort();
            })
            .finally(() => {
              this.#inFlight.delete(event.seq);
              attempts.delete(attempt);
              this.notify();
            });
          attempts.add(attempt);
        }
        await this.#change(stop.signal, this.#wakeAt());
      }
      await Promise.all(attempts);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#isOver = true;
      this.notify();
      await agent.destroy();
    }
    if (errors.length > 0) throw errors[0];
  }

  /** Resolves when nothing may be tried before `until`, or at once when told to stop. */
  async quiet(until: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#isOver) {
      const at = this.#wakeAt();
      if (this.#inFlight.size === 0 && (at === null || at >= until)) return;
      await this.#change(signal, null);
    }
  }

  /** What is left, and why, as far as one can tell. */
  left(failure: Error | null): Left {
    const { name } = this.#options.sink;
    const state = this.#state();
    const undelivered = state?.pending.size ?? 0;
    if (state === undefined || undelivered === 0) return { sink: name, undelivered, why: null };
    const why = failure?.message ?? state.disabled ?? this.#lastFailure ?? this.#rest(state);
    return { sink: name, undelivered, why };
  }

  /** Why nothing was tried at all. */
  #rest({ restUntil }: SinkState): string {
    if (restUntil === null || restUntil <= this.#options.clock.now())
      return 'there was no time to send them';
    const at = new Date(restUntil).toISOString().replace(/\.\d+Z$/, 'Z');
    return `it failed before, and is tried again at ${at}`;
  }

  #state(): SinkState | undefined {
    return this.#options.outbox.state().get(this.#options.sink.name);
  }

  #due(): readonly PendingEvent[] {
    const state = this.#state();
    if (state === undefined) return [];
    const free = CONCURRENCY - this.#inFlight.size;
    return nextDue(state, this.#options.clock.now(), this.#inFlight, free);
  }

  #wakeAt(): number | null {
    const state = this.#state();
    if (state === undefined || this.#inFlight.size >= CONCURRENCY) return null;
    return wakeAt(state, this.#options.clock.now(), this.#inFlight);
  }

  /** Waits until something happens, or until an instant. */
  async #change(signal: AbortSignal, at: number | null): Promise<void> {
    const { clock } = this.#options;
    const done = new AbortController();
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        done.abort();
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
      if (signal.aborted) return wake();
      if (at === null) return;
      const ms = Math.min(Math.max(0, at - clock.now()), NAP_MS);
      void clock.sleep(ms, done.signal).then(wake);
    });
  }

  async #attempt(
    event: PendingEvent,
    agent: ReturnType<typeof agentFor>,
    signal: AbortSignal,
  ): Promise<void> {
    const { outbox, sink, sign, clock, random, timeoutMs, organizationId } = this.#options;
    const { record, hash } = await outbox.read(event.seq);
    if (outgoingEventOf(record) === null) throw new Error(`Record ${event.seq} has no event.`);
    const sent = toEvent(record as EventRecord, hash, { organizationId });
    const body = JSON.stringify(sent);
    const headers = { ...sign(sent.id, body, clock.now()) };
    const answer = await post(
      { url: sink.url, headers, body },
      { dispatcher: agent, timeoutMs, signal },
    );
    const state = this.#state();
    if (answer.kind === 'stopped' || state === undefined) return;
    const attempt = event.attempts + 1;
    const ended = { answer, attempt, firstAttemptAt: event.firstAttemptAt, now: clock.now() };
    const consequence = judgeAttempt({ ...ended, sink: state, random });
    this.#lastFailure = consequence.why;
    await outbox.append({
      kind: 'delivery',
      sink: sink.name,
      of: event.seq,
      attempt,
      ...consequence,
    });
  }
}
