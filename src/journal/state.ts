/**
 * What a journal comes to: a fold over its records. Nobody has to read two years of them to know what is
 * unfinished, who waits for which event, and what was applied last.
 */
import { eventTypeOf, NOT_SEEN } from '../domain/journal.js';
import type {
  AppliedCommit,
  CodeIntent,
  JournalHead,
  JournalRecord,
  LeaseTaken,
  QueueIntent,
  QueueMemory,
  QueueOutcome,
  QueueSettled,
  ReadRecord,
} from '../domain/journal.js';
import type { QueueId } from '../domain/ids.js';
import { OutboxFold, outboxFromJson, outboxToJson } from '../domain/outbox.js';
import type { OutboxJson, OutboxState } from '../domain/outbox.js';
import { AppliedCommits } from './applied-commits.js';
import type { AppliedCommitsJson } from './applied-commits.js';
import { CHAIN_START } from './line.js';

export type OpenIntent = JournalRecord<QueueIntent> | JournalRecord<CodeIntent>;

/** A saved plan that is spent: by which run, and when. */
export interface SpentPlan {
  readonly seal: string;
  readonly run: string;
  readonly at: string;
  readonly expiresAt: string;
}

/** Who holds the lease of a branch. */
export interface HeldLease {
  readonly run: string;
  readonly holder: string;
  readonly until: string;
}

/** A state as JSON, with the record that it stands behind. */
export interface Checkpoint {
  readonly head: JournalHead;
  readonly organizationId: string | null;
  readonly intents: readonly OpenIntent[];
  readonly doubts: readonly JournalRecord<QueueSettled>[];
  readonly queues: readonly (readonly [QueueId, QueueMemory])[];
  readonly spent: readonly SpentPlan[];
  readonly lease: HeldLease | null;
  readonly commits: AppliedCommitsJson;
  readonly outbox: OutboxJson;
}

export class JournalState {
  #head: JournalHead = CHAIN_START;
  #organizationId: string | null = null;
  #lease: HeldLease | null = null;
  readonly #intents = new Map<number, OpenIntent>();
  readonly #doubts = new Map<QueueId, JournalRecord<QueueSettled>>();
  readonly #queues = new Map<QueueId, QueueMemory>();
  readonly #spent = new Map<string, SpentPlan>();
  readonly #commits: AppliedCommits;
  readonly #outbox: OutboxFold;

  constructor(from: Checkpoint | null = null) {
    this.#outbox = from === null ? new OutboxFold() : outboxFromJson(from.outbox);
    this.#commits = new AppliedCommits(from?.commits);
    if (from === null) return;
    this.#head = from.head;
    this.#organizationId = from.organizationId;
    this.#lease = from.lease;
    for (const intent of from.intents) this.#intents.set(intent.seq, intent);
    for (const doubt of from.doubts) this.#doubts.set(doubt.queue.id, doubt);
    for (const [id, memory] of from.queues) this.#queues.set(id, memory);
    for (const plan of from.spent) this.#spent.set(plan.seal, plan);
  }

  get head(): JournalHead {
    return this.#head;
  }

  /** Whose journal this is, once it has seen a run. */
  get organizationId(): string | null {
    return this.#organizationId;
  }

  get lease(): HeldLease | null {
    return this.#lease;
  }

  get outbox(): OutboxState {
    return this.#outbox.state;
  }

  /**
   * The first record that somebody still waits for, or waits to be asked for; the next one where nobody
   * does.
   */
  get firstNeeded(): number {
    const waiting = [...this.outbox.values()].flatMap(({ pending, givenUp }) => [
      ...pending
        .all()
        .slice(0, 1)
        .map(({ seq }) => seq),
      ...givenUp.keys(),
    ]);
    return Math.min(...this.#intents.keys(), ...waiting, this.#head.seq + 1);
  }

  /** Intents of which nobody knows what became, by seq. */
  get intents(): readonly OpenIntent[] {
    return [...this.#intents.values()];
  }

  /** Verdicts that a later read may still contradict. */
  get doubts(): readonly JournalRecord<QueueSettled>[] {
    return [...this.#doubts.values()];
  }

  queue(id: QueueId): QueueMemory {
    return this.#queues.get(id) ?? NOT_SEEN;
  }

  /** The commits that were applied last, the last one first; of each one its last run. */
  get applied(): readonly AppliedCommit[] {
    return this.#commits.applied;
  }

  spent(seal: string): SpentPlan | null {
    return this.#spent.get(seal) ?? null;
  }

  /** Takes the next record in. */
  fold({ record, hash }: ReadRecord): void {
    this.#head = { seq: record.seq, hash };
    this.#outbox.add(record);
    this.#remember(record);
    if (eventTypeOf(record) !== null && 'sequence' in record)
      this.#update(record.queue.id, { sequence: record.sequence });
  }

  checkpoint(): Checkpoint {
    return {
      head: this.#head,
      organizationId: this.#organizationId,
      intents: this.intents,
      doubts: this.doubts,
      queues: [...this.#queues],
      spent: [...this.#spent.values()],
      lease: this.#lease,
      commits: this.#commits.toJson(),
      outbox: outboxToJson(this.outbox),
    };
  }

  #remember(record: JournalRecord): void {
    switch (record.kind) {
      case 'run.started':
        this.#organizationId = record.organization.id;
        this.#commits.begin(record);
        return;
      case 'queue.intent':
        this.#commits.apply(record.run);
        this.#intents.set(record.seq, record);
        this.#doubts.delete(record.queue.id);
        return;
      case 'code.intent':
        this.#commits.apply(record.run);
        this.#intents.set(record.seq, record);
        return;
      case 'queue.outcome':
        // Of which the run itself could not tell, a later one has to find out.
        if (record.intent !== null && isKnown(record)) this.#intents.delete(record.intent);
        if (record.compliant) this.#inSync(record.queue.id, record.desired, record.at);
        return;
      case 'queue.settled':
        this.#intents.delete(record.intent);
        if (record.verdict === 'applied') this.#doubts.delete(record.queue.id);
        else this.#doubts.set(record.queue.id, record);
        if (record.compliant) this.#inSync(record.queue.id, record.desired, record.at);
        return;
      case 'code.outcome':
        if (record.isKnown) this.#intents.delete(record.intent);
        return;
      case 'code.settled':
        this.#intents.delete(record.intent);
        return;
      case 'drift.detected':
        this.#update(record.queue.id, { reported: record.drift });
        return;
      case 'in-sync':
        for (const { id, desired } of record.queues) this.#inSync(id, desired, record.at);
        return;
      case 'plan.spent':
        this.#spend(record);
        return;
      case 'lease':
        this.#lease = leaseOf(record);
        return;
      case 'run.completed':
        this.#commits.apply(record.run);
        return;
      case 'run.refused':
      case 'sink.added':
      case 'sink.removed':
      case 'delivery':
      case 'redelivery':
      case 'external':
      case 'repaired':
      default:
        // Nothing of these has to be remembered here, nor of records of a later version.
        return;
    }
  }

  #inSync(id: QueueId, desired: string, at: string): void {
    this.#update(id, { desired, inSyncAt: at, reported: null });
  }

  #update(id: QueueId, to: Partial<QueueMemory>): void {
    this.#queues.set(id, { ...this.queue(id), ...to });
  }

  /** Expired plans are refused anyway, and forgotten. */
  #spend({ seal, run, at, expiresAt }: SpentPlan): void {
    for (const [other, plan] of this.#spent)
      if (Date.parse(plan.expiresAt) <= Date.parse(at)) this.#spent.delete(other);
    this.#spent.set(seal, { seal, run, at, expiresAt });
  }
}

const isKnown = ({ steps }: QueueOutcome): boolean =>
  steps.every(({ result }) => result !== 'unknown');

const leaseOf = ({ run, holder, until }: LeaseTaken): HeldLease | null =>
  until === null ? null : { run, holder, until };
