/**
 * What we wrote, and the audit log has not shown yet. A log that does not even show that shows nothing else either: it may
 * be late, or keep no record of such changes.
 */
import type { QueueId } from '../domain/ids.js';

/** How late records come is not documented. Until then nobody has to worry. */
const WORRY_AFTER_MS = 3 * 60_000;
/** Of more, the newest say enough. */
const MOST = 1_000;

export class WrittenQueues {
  /** When each was written (milliseconds), the oldest first. */
  readonly #unseen = new Map<QueueId, number>();

  add(queues: readonly QueueId[], now: number): void {
    for (const id of queues) {
      this.#unseen.delete(id);
      this.#unseen.set(id, now);
    }
    for (const oldest of this.#unseen.keys()) {
      if (this.#unseen.size <= MOST) return;
      this.#unseen.delete(oldest);
    }
  }

  /** The log has told of these. What was written before one of them is not waited for any more. */
  seen(queues: ReadonlySet<QueueId>): void {
    const times = [...queues].flatMap((id) => this.#unseen.get(id) ?? []);
    if (times.length === 0) return;
    const latest = Math.max(...times);
    for (const [id, at] of this.#unseen) if (at <= latest) this.#unseen.delete(id);
  }

  /** Whether the log should have shown one of them by now. */
  isMissed(now: number): boolean {
    for (const at of this.#unseen.values()) return now - at > WORRY_AFTER_MS;
    return false;
  }
}
