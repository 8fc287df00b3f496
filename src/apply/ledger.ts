/**
 * What a run writes down: why it was started, what it is about to change, what became of it. Nothing is
 * written to the organization of which the journal does not know.
 *
 * | moment                                  | record                                              |
 * |-----------------------------------------|-----------------------------------------------------|
 * | the plan is approved, or there is none  | `run.started`                                       |
 * | before a code's, a queue's first write  | its intent (all of them at once, where the journal wants that) |
 * | it is done with                         | its outcome, where it had an intent or went wrong   |
 * | drift that is only reported, or left to another writer | `drift.detected`, once               |
 * | queues seen as wanted for the first time| `in-sync`                                           |
 * | the end                                 | `run.completed` or `run.refused`, `plan.spent`      |
 *
 * A quiet run, one of a daemon's many, that comes to its end without any of these, and has no refusal to tell
 * that was not told before, leaves no record.
 */
import type {
  ApplyReport,
  CatalogRow,
  HeldChange,
  QueueChange,
  QueueRow,
} from '../domain/change.js';
import { diagnosticJson, problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import type { CodeId, QueueId } from '../domain/ids.js';
import { eventTypeOf } from '../domain/journal.js';
import type {
  ChangedBy,
  CodeIntent,
  DriftDetected,
  JournalEntry,
  Origin,
  QueueIntent,
  QueueOutcome,
} from '../domain/journal.js';
import type { QueueSnapshot } from '../domain/state.js';
import type { QueueDrift } from '../diff/detect-drift.js';
import { desiredDigest } from '../plan/cause.js';
import type { CreatedId } from '../plan/cause.js';
import { changesToJudge, isForecast } from '../plan/forecast.js';
import { placesOf } from '../plan/places.js';
import { isSpentBy } from '../plan/spent.js';
import {
  driftDigest,
  inSyncEntries,
  isInSync,
  sectionsOf,
  snapshotOf,
  startOf,
} from './ledger-entries.js';
import type { LedgerInput } from './ledger-entries.js';

/** A queue that is done with, as its row tells, and as it was read before and after. */
export interface EndedQueue {
  readonly row: QueueRow;
  readonly before: QueueSnapshot;
  readonly after: QueueSnapshot | null;
}

/** Nobody was asked, or nothing was drifted. */
export const NOBODY: ChangedBy = { by: 'unknown', why: null };

export class Ledger {
  readonly #input: LedgerInput;
  readonly #driftOf: ReadonlyMap<QueueId, QueueDrift>;
  readonly #changeOf: ReadonlyMap<QueueId, QueueChange>;
  readonly #heldInPart: ReadonlySet<QueueId>;
  readonly #intents = new Map<QueueId, { readonly seq: number }>();
  readonly #codeIntents = new Map<string, { readonly seq: number; readonly entry: CodeIntent }>();
  readonly #inSync = new Map<QueueId, string>();
  /** What could not be written down after it was done. */
  readonly #diagnostics: Diagnostic[] = [];
  /** Undefined while no code was created. */
  #createdId: CreatedId | undefined;
  #isStarted = false;

  constructor(input: LedgerInput) {
    this.#input = input;
    this.#driftOf = new Map(input.drifts.map((drift) => [drift.desired.queue.id, drift]));
    this.#changeOf = new Map(changesToJudge(input.plan).map((change) => [change.id, change]));
    this.#heldInPart = new Set(
      input.plan.held.flatMap(({ id, by }) => (isForecast(by) ? [] : [id])),
    );
  }

  /**
   * The plan is approved.
   *
   * @throws AppError `journal.*`: then nothing may be written
   */
  async begin(): Promise<void> {
    const { journal, plan } = this.#input;
    await this.#start();
    if (!journal.wantsAllIntents) return;
    const { create, rename } = plan.catalog;
    for (const { id, from, to } of rename) await this.intendCode({ id, name: to, from });
    for (const { name } of create) await this.intendCode({ id: null, name, from: null });
    for (const change of this.#changeOf.values()) await this.intend(change.id, null);
    await journal.publish();
  }

  /** Codes that exist by now have ids by which policies mean them. */
  created(idOf: (name: string) => CodeId | null): void {
    if (this.#input.plan.catalog.create.length > 0) this.#createdId = idOf;
  }

  /** A queue is about to be written for the first time; `before` null: it is as the plan saw it. */
  async intend(id: QueueId, before: QueueSnapshot | null): Promise<void> {
    if (this.#intents.has(id)) return;
    const drift = this.#driftOf.get(id);
    const change = this.#changeOf.get(id);
    if (drift === undefined || change === undefined) throw new Error(`no change of queue ${id}`);
    const entry: QueueIntent = {
      kind: 'queue.intent',
      run: this.#input.run,
      queue: { id, name: change.name, division: change.division },
      ...this.#originOf(change, drift),
      liveDigest: change.liveDigest,
      desired: this.#desiredOf(drift),
      change: sectionsOf(change),
      isWhole: !this.#heldInPart.has(id) && this.#input.plan.undoes === undefined,
      before: before ?? snapshotOf(drift),
    };
    const [seq] = await this.#input.journal.append([entry]);
    this.#intents.set(id, { seq: seq ?? 0 });
  }

  async intendCode(code: CodeIntent['code']): Promise<void> {
    if (this.#codeIntents.has(code.name)) return;
    const { run, plan, about } = this.#input;
    const entry: CodeIntent = {
      kind: 'code.intent',
      run,
      action: code.from === null ? 'create' : 'rename',
      code,
      planDigest: plan.digest,
      commit: plan.source.commit,
      commitAuthor: about.commitAuthor,
    };
    const [seq] = await this.#input.journal.append([entry]);
    this.#codeIntents.set(code.name, { seq: seq ?? 0, entry });
  }

  /** A code is done with. `isKnown` is false where nobody can tell whether the write took effect. */
  async codeEnded(row: CatalogRow, isKnown: boolean): Promise<void> {
    const intent = this.#codeIntents.get(row.name);
    if (intent === undefined) return;
    const { outcome, reason, correlationId, id } = row;
    const { entry, seq } = intent;
    await this.#tell([
      {
        ...entry,
        kind: 'code.outcome',
        code: { ...entry.code, id: id ?? entry.code.id },
        intent: seq,
        outcome,
        isKnown,
        reason,
        correlationId,
      },
    ]);
  }

  /** A queue is done with. */
  async ended({ row, before, after }: EndedQueue, changedBy: ChangedBy): Promise<void> {
    const { plan } = this.#input;
    const { id, name: _name, ...ending } = row;
    const drift = this.#driftOf.get(id);
    const change = this.#changeOf.get(id);
    const intent = this.#intents.get(id);
    if (drift === undefined || change === undefined) return;
    // An undo brings back what was there, whatever policies say of it.
    const isCompliant =
      (row.outcome === 'applied' || row.outcome === 'in-sync') &&
      !this.#heldInPart.has(id) &&
      plan.undoes === undefined;
    if (isCompliant) this.#inSync.set(id, this.#desiredOf(drift));
    if (intent === undefined && row.outcome !== 'failed') return;
    const entry: Omit<QueueOutcome, 'sequence'> = {
      kind: 'queue.outcome',
      run: this.#input.run,
      queue: { id, name: change.name, division: change.division },
      ...this.#originOf(change, drift),
      desired: this.#desiredOf(drift),
      intent: intent?.seq ?? null,
      ...ending,
      before,
      after,
      compliant: isCompliant && after !== null,
      changedBy,
    };
    await this.#tell([this.#numbered(entry)]);
  }

  /** Drift that nobody is going to correct, for its policies only report or it is left to another writer: what was not told yet. */
  get unreported(): readonly HeldChange[] {
    const { plan, journal } = this.#input;
    return plan.held.filter(
      (held) =>
        (held.by === 'report' || held.by === 'flapping') &&
        journal.queue(held.id).reported !== driftDigest(held),
    );
  }

  /** Tells of such drift. */
  async report(held: HeldChange, changedBy: ChangedBy): Promise<void> {
    const drift = this.#driftOf.get(held.id);
    if (drift === undefined) return;
    const entry: Omit<DriftDetected, 'sequence'> = {
      kind: 'drift.detected',
      run: this.#input.run,
      queue: { id: held.id, name: held.name, division: held.division },
      ...this.#originOf(held, drift),
      drift: driftDigest(held),
      change: sectionsOf(held),
      reason: held.reason,
      before: snapshotOf(drift),
      changedBy,
    };
    await this.#tell([this.#numbered(entry)]);
  }

  /** The run has ended. Returns its report, with the head of the journal behind it. */
  async conclude(report: ApplyReport): Promise<ApplyReport> {
    const { journal, run, saved, quiet } = this.#input;
    const { outcome, summary, requests, guards, planDigest } = report;
    const seen = this.#seenInSync();
    const hasNews =
      quiet === undefined ||
      this.#isStarted ||
      seen.length > 0 ||
      (outcome === 'refused' && !quiet.refusalsTold.has(planDigest));
    if (hasNews) {
      await this.#tell([
        ...seen,
        outcome === 'refused'
          ? { kind: 'run.refused', run, planDigest, guards }
          : { kind: 'run.completed', run, planDigest, outcome, summary, requests },
        ...(saved === null || !isSpentBy(saved, report)
          ? []
          : [{ kind: 'plan.spent', run, seal: saved.seal, expiresAt: saved.expiresAt } as const]),
      ]);
    }
    return {
      ...report,
      diagnostics: [...report.diagnostics, ...this.#diagnostics.map(diagnosticJson)],
      journal: journal.head,
    };
  }

  async #start(): Promise<void> {
    if (this.#isStarted) return;
    await this.#input.journal.append([startOf(this.#input)]);
    this.#isStarted = true;
  }

  /** What is done is done: that it could not be written down is told, and the next intent will fail. */
  async #tell(entries: readonly JournalEntry[]): Promise<void> {
    try {
      await this.#start();
      await this.#input.journal.append(entries);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (!(error instanceof AppError)) throw error;
    if (this.#diagnostics.some(({ code }) => code === error.code)) return;
    this.#diagnostics.push(
      problem({
        code: error.code,
        message: `What became of this run could not be written into the journal: ${error.message}`,
        remedy: 'The next run settles it by reading the organization. Mend the journal first.',
      }),
    );
  }

  /** Queues without any difference, and queues that were brought to it, as far as that is news. */
  #seenInSync(): readonly JournalEntry[] {
    const { journal, run, drifts, plan } = this.#input;
    for (const drift of plan.undoes === undefined ? drifts : []) {
      if (isInSync(drift)) this.#inSync.set(drift.desired.queue.id, this.#desiredOf(drift));
    }
    const news = [...this.#inSync].flatMap(([id, desired]) => {
      const memory = journal.queue(id);
      return memory.desired === desired && memory.reported === null ? [] : [{ id, desired }];
    });
    return inSyncEntries(run, news);
  }

  #desiredOf({ desired }: QueueDrift): string {
    return desiredDigest(desired, this.#input.plan.api, this.#createdId);
  }

  #originOf(change: QueueChange, { desired }: QueueDrift): Origin {
    const { plan, about } = this.#input;
    return {
      cause: plan.undoes === undefined ? change.cause : 'unknown',
      policies: placesOf(desired, change),
      planDigest: plan.digest,
      commit: plan.source.commit,
      commitAuthor: about.commitAuthor,
      undoes: plan.undoes?.run ?? null,
    };
  }

  /** With the number of its event; one that makes none repeats the last. */
  #numbered<Entry extends { readonly queue: { readonly id: QueueId } }>(
    entry: Entry,
  ): Entry & { readonly sequence: number } {
    const { sequence } = this.#input.journal.queue(entry.queue.id);
    const isEvent = eventTypeOf({ ...entry, sequence } as unknown as JournalEntry) !== null;
    return { ...entry, sequence: isEvent ? sequence + 1 : sequence };
  }
}
