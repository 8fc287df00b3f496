/**
 * What the journal tells of the past, as far as the status shows it: the last correction of each queue, and the last
 * runs. It follows the journal record by record, when the daemon starts and ever after.
 */
import type { RequestCounts } from '../domain/change.js';
import type { QueueId } from '../domain/ids.js';
import type { JournalEntry } from '../domain/journal.js';
import type { Correction, RunStatus } from './status.js';

const MOST_RUNS = 50;
/** Of queues that nobody governs any more, too. */
const MOST_CORRECTIONS = 20_000;

const NONE: RequestCounts = { sent: 0, retried: 0, throttled: 0 };

export class History {
  readonly #corrections = new Map<QueueId, Correction>();
  #runs: readonly RunStatus[] = [];
  #open: {
    readonly run: string;
    readonly at: string;
    readonly trigger: string;
    readonly commit: string | null;
  } | null = null;

  correctionOf(id: QueueId): Correction | null {
    return this.#corrections.get(id) ?? null;
  }

  /** The newest first. */
  get runs(): readonly RunStatus[] {
    return this.#runs;
  }

  /** `at` in ISO 8601. */
  follow(entry: JournalEntry, at: string): void {
    if (entry.kind === 'run.started') {
      const { run, trigger, source } = entry;
      this.#open = { run, at, trigger, commit: source.commit };
    }
    if (entry.kind === 'queue.outcome' && entry.outcome === 'applied')
      this.#correct(entry.queue.id, { ...entry, at });
    if (entry.kind === 'queue.settled' && entry.verdict === 'applied')
      this.#correct(entry.queue.id, { ...entry, at, changedBy: { by: 'unknown', why: null } });
    if (entry.kind === 'run.completed') this.#end(entry.run, at, { ...entry, problem: null });
    if (entry.kind === 'run.refused')
      this.#end(entry.run, at, {
        outcome: 'refused',
        summary: null,
        requests: NONE,
        problem: 'a guard refused the plan',
      });
  }

  #correct(id: QueueId, { at, run, cause, changedBy }: Correction): void {
    // What was corrected last stands last.
    this.#corrections.delete(id);
    this.#corrections.set(id, { at, run, cause, changedBy });
    if (this.#corrections.size <= MOST_CORRECTIONS) return;
    for (const oldest of this.#corrections.keys()) {
      this.#corrections.delete(oldest);
      return;
    }
  }

  #end(
    run: string,
    at: string,
    {
      outcome,
      summary,
      requests,
      problem,
    }: Pick<RunStatus, 'outcome' | 'summary' | 'requests' | 'problem'>,
  ): void {
    const began = this.#open?.run === run ? this.#open : null;
    const ended: RunStatus = {
      run,
      startedAt: began?.at ?? at,
      endedAt: at,
      trigger: began?.trigger ?? 'unknown',
      commit: began?.commit ?? null,
      outcome,
      summary,
      requests,
      problem,
    };
    this.#runs = [ended, ...this.#runs].slice(0, MOST_RUNS);
    this.#open = null;
  }
}
