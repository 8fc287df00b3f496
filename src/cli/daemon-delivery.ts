/** The events of a daemon on their way to the webhooks: for months, and to others when the settings change. */
import type { SinkStatus } from '../daemon/status.js';
import type { PendingEvent } from '../domain/backlog.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { Journal } from '../journal/journal.js';
import type { Settings } from '../policy/settings.js';
import { openDelivery } from './delivery.js';
import type { Delivery } from './delivery.js';
import type { Io } from './io.js';

/** So long an answer is waited for: a receiver that is away keeps no policies waiting. */
const GRACE_MS = 2_000;

export class DaemonDelivery {
  readonly #root: string;
  readonly #io: Io;
  readonly #journal: Journal;
  #delivery: Delivery | null = null;

  constructor(root: string, io: Io, journal: Journal) {
    this.#root = root;
    this.#io = io;
    this.#journal = journal;
  }

  /** Delivers to the webhooks of these settings from now on; their secrets are read anew. */
  async use(settings: Settings): Promise<readonly Diagnostic[]> {
    // Cut off, an event that has just arrived would be sent again.
    await this.#delivery?.finish(GRACE_MS);
    // What it delivers ends with the daemon, and not in the middle of an answer.
    const io = { ...this.#io, signal: new AbortController().signal };
    this.#delivery = await openDelivery({ settings, root: this.#root }, io, this.#journal);
    this.#delivery.notify();
    return this.#delivery.findings;
  }

  notify(): void {
    this.#delivery?.notify();
  }

  sinks(): readonly SinkStatus[] {
    return [...this.#journal.state.outbox.values()].map(({ name, pending, givenUp, disabled }) => ({
      name,
      undelivered: pending.size,
      givenUp: givenUp.size,
      isDisabled: disabled !== null,
      oldestAt: oldestOf(pending.heads()),
    }));
  }

  /** Delivers what is due, for so long at most, and ends. */
  async end(withinMs: number): Promise<void> {
    if (this.#delivery?.isAwaited() === true) await this.#delivery.drain(withinMs);
    await this.#delivery?.stop();
  }
}

/** When the event that waits longest was tried first. */
const oldestOf = (heads: Iterable<PendingEvent>): string | null => {
  let oldest = Infinity;
  for (const { firstAttemptAt } of heads) oldest = Math.min(oldest, firstAttemptAt ?? Infinity);
  return oldest === Infinity ? null : new Date(oldest).toISOString();
};
