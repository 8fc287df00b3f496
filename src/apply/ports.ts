/**
 * What the core asks of the world. The edges implement these; the core never imports an edge.
 *
 * Reading and writing are two ports, so that whoever is given the reader alone cannot write.
 * Every method may throw an AppError (code `genesys.*`) that carries the platform's correlation id.
 */
import type {
  AfterCallWork,
  Division,
  Interacting,
  LiveCode,
  LiveQueue,
  LiveQueueCodes,
  Organization,
} from '../domain/state.js';
import type { CodeId, QueueId } from '../domain/ids.js';
import type {
  CodeCreation,
  CodeRename,
  CodeUpdate,
  QueueRow,
  RequestCounts,
} from '../domain/change.js';
import type {
  CodeIntent,
  JournalEntry,
  JournalHead,
  JournalRecord,
  QueueIntent,
  QueueMemory,
  QueueSettled,
} from '../domain/journal.js';
import type { Period, QueueEndings } from '../domain/compliance.js';
import type { Requirement } from '../domain/requirement.js';

/** A complete list of several pages, or of one. */
export interface Listing<Item> {
  readonly items: readonly Item[];
  readonly pages: number;
  /** When the first page was asked for, in milliseconds of the clock. */
  readonly readAt: number;
}

/** One queue, freshly read, with the raw document that a write must send back. */
export interface QueueDocument {
  readonly queue: LiveQueue;
  /** The JSON object as it was read: opaque to the core. */
  readonly raw: Readonly<Record<string, unknown>>;
  readonly readAt: number;
}

/** A person, or an OAuth client: the platform tells no names of clients. */
export interface Author {
  readonly kind: 'user' | 'client';
  readonly id: string;
  readonly name: string | null;
  /** Whether it is the OAuth client that this run logged in with. */
  readonly isOurs: boolean;
}

/**
 * The last change of a queue. `exact`: nobody else changed it in that time; `window`: others may have.
 * Ours are told only where there are no others'.
 */
export type LastChange =
  | {
      readonly by: 'exact' | 'window';
      readonly author: Author;
      /** Milliseconds since the epoch, by the platform's clock. */
      readonly at: number;
      /** The platform's word, such as `WrapupCodeAdd`. */
      readonly action: string;
    }
  /** `why` is part of a sentence; null: nothing went wrong, the log shows no change (yet). */
  | { readonly by: 'unknown'; readonly why: string | null };

/** Which actions were done to a queue, in the platform's words: by our own OAuth client, and by anybody else. */
export type OwnChanges =
  | { readonly kind: 'known'; readonly ours: readonly string[]; readonly others: readonly string[] }
  /** Not all of the log could be read; `why` is part of a sentence. */
  | { readonly kind: 'unknown'; readonly why: string };

/** A part of the audit log, which reaches back 30 days at most, and shows changes with a delay. */
export interface ChangePeriod {
  /** Milliseconds since the epoch, like `until`. */
  readonly since: number;
  readonly until: number;
  /** How long the answer may take; when the signal aborts, it ends at once. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

export interface OrgReader {
  organization(): Promise<Organization>;
  listQueues(): Promise<Listing<LiveQueue>>;
  listCodes(): Promise<Listing<LiveCode>>;
  listDivisions(): Promise<Listing<Division>>;
  /** Queues of exactly this id, or whose name equals this one in NFC (a question of its own, not a look into a list). */
  findQueues(
    by: { readonly id: QueueId } | { readonly name: string },
  ): Promise<readonly LiveQueue[]>;
  findCodes(by: { readonly id: CodeId } | { readonly name: string }): Promise<readonly LiveCode[]>;
  /** All codes of a queue. */
  queueCodes(queue: QueueId): Promise<LiveQueueCodes>;
  /** One queue afresh, or null where it does not exist any more. */
  queueDocument(queue: QueueId): Promise<QueueDocument | null>;
  /**
   * How many interactions go on in each of these queues, as far as the platform tells: that it fails or
   * refuses is an answer, too. One request for every hundred queues; more only where it refuses to tell
   * about some of them.
   */
  interacting(queues: readonly QueueId[]): Promise<ReadonlyMap<QueueId, Interacting>>;
  /**
   * Who changed each of these queues last. Never throws: what cannot be found out in time is `unknown`. Four
   * queries (a deletion is a change, too) for each queue up to three, and four for any number above: there
   * an answer is no better than `window` where the organization changed more than is read.
   */
  lastChanges(
    queues: readonly QueueId[],
    period: ChangePeriod,
  ): Promise<ReadonlyMap<QueueId, LastChange>>;
  /**
   * What we, and others, did to a queue: `Update`, `WrapupCodeAdd`, `WrapupCodeRemove`. For whoever has to
   * find out whether a write took effect. Never throws; three queries.
   */
  ownChanges(queue: QueueId, period: ChangePeriod): Promise<OwnChanges>;
  /** Requests sent to the API so far by this token, of reader and writer together. */
  requests(): RequestCounts;
}

/**
 * The readings that a plan is made of. A daemon remembers them from pass to pass, and reads anew what changed;
 * whatever is looked at before or after a write is asked of {@link OrgReader} itself.
 */
export type PlanningReader = Pick<
  OrgReader,
  'listQueues' | 'listCodes' | 'listDivisions' | 'findQueues' | 'findCodes' | 'queueCodes'
>;

/** One change that the audit log shows. */
export interface OrgChange {
  /** Tells records of the log apart: queries overlap. */
  readonly record: string;
  readonly entity: 'queue' | 'code';
  /** The id of what was changed; null where the record does not say. */
  readonly id: string | null;
  /** The platform's word, such as `WrapupCodeAdd`. */
  readonly action: string;
  /** Milliseconds since the epoch, by the platform's clock. */
  readonly at: number;
  /** Null where the record names nobody. */
  readonly author: Author | null;
}

/** What changed in a period. `missing`: why there may be more, as part of a sentence; null: that is all. */
export interface OrgChanges {
  readonly changes: readonly OrgChange[];
  readonly missing: string | null;
}

/** What changed in the organization, whoever did it: how drift is noticed without reading everything. */
export interface ChangeFeed {
  /**
   * Changes of queues (created, updated, deleted, codes added and removed) and of codes. Six queries, and no
   * more than one of them where the service does not answer. Never throws: what went wrong is `missing`.
   */
  changesIn(period: ChangePeriod): Promise<OrgChanges>;
  /** The platform's clock, as its latest answer told it; ours before the first. Milliseconds since the epoch. */
  serverNow(): number;
}

/** How interactions ended, as analytics tells it. */
export interface EndingsReader {
  /**
   * How the interactions of each of these queues ended in a period: one request for every hundred queues and
   * every 31 days; more only where the platform refuses to tell about some of them, or finds an answer too large.
   *
   * @throws AppError `genesys.*`, where it tells nothing at all: the permission is missing, or the service fails
   */
  endingsOf(
    queues: readonly QueueId[],
    period: Period,
  ): Promise<ReadonlyMap<QueueId, QueueEndings>>;
}

/** What was sent since then. */
export const requestsSince = (
  before: RequestCounts,
  reader: Pick<OrgReader, 'requests'>,
): RequestCounts => {
  const now = reader.requests();
  return {
    sent: now.sent - before.sent,
    retried: now.retried - before.retried,
    throttled: now.throttled - before.throttled,
  };
};

/** What a replaced list differs in from the one that was read. Codes that stand nowhere in it stay as they are. */
export interface RowChanges {
  readonly add: readonly (LiveCode & { readonly requirement: Requirement })[];
  readonly update: readonly CodeUpdate[];
  readonly remove: readonly LiveCode[];
}

/** What an accepted write leaves behind. */
export interface WriteReceipt {
  readonly correlationId: string | null;
}

/**
 * Writes that are never repeated blindly: one call sends a write once, except where the platform said
 * that it did not take it (429). When the answer is lost, late or a 5xx, the error is an
 * {@link OutcomeUnknown}, and only a read can tell what happened.
 */
export interface OrgWriter {
  createCode(creation: CodeCreation): Promise<WriteReceipt & { readonly code: LiveCode }>;
  /** Reads the code and writes it back under its new name. */
  renameCode(rename: CodeRename): Promise<WriteReceipt>;
  /** 1 to 100 codes. */
  addCodes(queue: QueueId, codes: readonly CodeId[]): Promise<WriteReceipt>;
  removeCode(queue: QueueId, code: CodeId): Promise<WriteReceipt>;
  /**
   * Replaces the list of a queue's codes, all of it or nothing: the rows that were read with these changes
   * (`wrapupcodes-put`, where it takes the place of the two above).
   */
  putCodes(queue: QueueId, before: LiveQueueCodes, changes: RowChanges): Promise<WriteReceipt>;
  /** Ids of codes whose rows differ between what was sent and what is now read, those of the changes excepted. */
  differingRows(
    before: LiveQueueCodes,
    after: LiveQueueCodes,
    changes: RowChanges,
  ): readonly CodeId[];
  /** Sends the document back with this after-call work and nothing else changed. */
  updateAfterCallWork(document: QueueDocument, to: AfterCallWork): Promise<WriteReceipt>;
  /**
   * Names of fields that differ between what was sent and what is now read, `acwSettings` and the
   * fields that the platform itself moves (`dateModified`, counts, …) excepted.
   */
  differingFields(before: QueueDocument, after: QueueDocument): readonly string[];
  /**
   * Makes a write, and calls `check` when it is about to leave: it may have waited for minutes by then.
   * What `check` throws comes out, and nothing was sent.
   */
  withLastCheck<Result>(check: () => void, write: () => Promise<Result>): Promise<Result>;
}

/** A write whose answer did not come: it may or may not have taken effect. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
  readonly correlationId: string | null;

  constructor(message: string, correlationId: string | null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.correlationId = correlationId;
  }
}

/** Told while an apply goes on: for progress on a terminal, and later for the journal. */
export interface ApplyObserver {
  queueStarted?(queue: { readonly id: QueueId; readonly name: string }): void;
  queueFinished?(row: QueueRow): void;
}

/** The journal as a run that writes sees it. */
export interface RunJournal {
  /** Whose journal it is; null while it is new. */
  readonly organizationId: string | null;
  readonly head: JournalHead;
  /** Whether all intents of a run are to stand in it before the first write, rather than each before its own. */
  readonly wantsAllIntents: boolean;
  /** Intents of earlier runs of which nobody knows what became. */
  readonly openIntents: readonly (JournalRecord<QueueIntent> | JournalRecord<CodeIntent>)[];
  /** Verdicts that a later read may still contradict. */
  readonly doubts: readonly JournalRecord<QueueSettled>[];
  queue(id: QueueId): QueueMemory;
  /**
   * Appends, so that it survives whatever happens next.
   *
   * @returns the numbers of the records
   * @throws AppError `journal.*`: nothing may be written then
   */
  append(entries: readonly JournalEntry[]): Promise<readonly number[]>;
  /** Makes what was appended known to others, where it is kept for others. As {@link append}. */
  publish(): Promise<void>;
}
