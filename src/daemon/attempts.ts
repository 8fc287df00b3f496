/** Queues whose correction failed: each is tried again after a pause of its own, which grows, and keeps no other waiting. */
import type { QueueId } from '../domain/ids.js';

const LONGEST_PAUSE_MS = 60 * 60_000;

export class Attempts {
  readonly #failed = new Map<QueueId, { readonly times: number; readonly nextAt: number }>();

  failed(id: QueueId, intervalMs: number, now: number): void {
    const times = (this.#failed.get(id)?.times ?? 0) + 1;
    const longest = Math.max(LONGEST_PAUSE_MS, intervalMs);
    const pause = Math.min(intervalMs * 2 ** Math.min(times, 30), longest);
    this.#failed.set(id, { times, nextAt: now + pause });
  }

  succeeded(id: QueueId): void {
    this.#failed.delete(id);
  }

  /** When it is tried again, in milliseconds of the clock; null where nothing failed, or it may be tried now. */
  waitsUntil(id: QueueId, now: number): number | null {
    const { nextAt } = this.#failed.get(id) ?? { nextAt: 0 };
    // A clock that was set back makes nobody wait longer than the longest pause.
    return nextAt > now && nextAt - now <= LONGEST_PAUSE_MS ? nextAt : null;
  }

  /** A new commit, or somebody who asks: everything may be tried now. */
  clear(): void {
    this.#failed.clear();
  }

  /** Forgets queues that are not governed any more. */
  keepOnly(governed: ReadonlySet<QueueId>): void {
    for (const id of this.#failed.keys()) if (!governed.has(id)) this.#failed.delete(id);
  }
}
