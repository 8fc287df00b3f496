/**
 * Another writer who keeps changing a queue back. Two who correct each other for ever would wear out the limit, the
 * log and the agents: after so many corrections within so long, the queue is left alone, and people are told.
 */
import { formatDuration } from '../domain/duration.js';
import type { QueueId } from '../domain/ids.js';
import type { JournalEntry } from '../domain/journal.js';

export interface FlapRule {
  /** So many corrections … */
  readonly reversals: number;
  /** … within so long, in milliseconds, are too many. */
  readonly withinMs: number;
}

/** No more instants are kept for a queue. */
const MOST_KEPT = 1_000;

export class FlapWatch {
  readonly #corrections = new Map<QueueId, readonly number[]>();
  readonly #held = new Map<QueueId, string>();
  #rule: FlapRule;

  constructor(rule: FlapRule) {
    this.#rule = rule;
  }

  set rule(rule: FlapRule) {
    this.#rule = rule;
  }

  /** How many queues are left alone. */
  get held(): number {
    return this.#held.size;
  }

  /** Follows the journal: a correction counts where drift was its cause, not where a policy changed. */
  follow(entry: JournalEntry, at: number): void {
    if (entry.kind !== 'queue.outcome' || entry.outcome !== 'applied' || entry.cause !== 'drift')
      return;
    if (!entry.steps.some(({ result }) => result === 'applied')) return;
    const { id } = entry.queue;
    this.#corrections.set(id, [...this.#recent(id, at), at].slice(-MOST_KEPT));
  }

  /** Why a drifted queue is left alone, or null. Once it is, it stays so until {@link clear}. */
  reasonFor(id: QueueId, now: number): string | null {
    const known = this.#held.get(id);
    if (known !== undefined) return known;
    const { reversals, withinMs } = this.#rule;
    if (this.#recent(id, now).length < reversals) return null;
    const times = reversals === 1 ? 'once' : `${reversals} times`;
    const reason = `another writer keeps changing it back: it was corrected ${times} within ${formatDuration(withinMs)}, and drifted again. A new commit or a request ends this`;
    this.#held.set(id, reason);
    return reason;
  }

  /** A new commit, or somebody who asks: everything counts from the beginning. */
  clear(): void {
    this.#corrections.clear();
    this.#held.clear();
  }

  /** Drops what is too old to count; for who runs for months. */
  tidy(now: number): void {
    for (const [id] of this.#corrections) {
      const recent = this.#recent(id, now);
      if (recent.length === 0) this.#corrections.delete(id);
      else this.#corrections.set(id, recent);
    }
  }

  #recent(id: QueueId, now: number): readonly number[] {
    return (this.#corrections.get(id) ?? []).filter((at) => at > now - this.#rule.withinMs);
  }
}
