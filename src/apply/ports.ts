/**
 * What the core asks of the world. The edges implement these; the core never imports an edge.
 *
 * Reading and writing are two ports, so that whoever is given the reader alone cannot write.
 * Every method may throw an AppError (code `genesys.*`) that carries the platform's correlation id.
 */
import type {
  AfterCallWork,
  Division,
  LiveCode,
  LiveQueue,
  LiveQueueCodes,
  Organization,
} from '../domain/state.js';
import type { CodeId, QueueId } from '../domain/ids.js';
import type { CodeCreation, CodeRename, QueueRow, RequestCounts } from '../domain/change.js';

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
   * How many interactions go on in each of these queues; null where that could not be read. One
   * request for every hundred queues; more only where the platform refuses to tell about some of them.
   */
  interacting(queues: readonly QueueId[]): Promise<ReadonlyMap<QueueId, number | null>>;
  /** Requests sent to the API so far by this token, of reader and writer together. */
  requests(): RequestCounts;
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

/**
 * Called each time just before the request of a write leaves, which may be minutes after the call where a
 * limit or a pause makes it wait. What it throws ends the call, and nothing is sent.
 */
export type LastLook = () => void;

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
  createCode(
    creation: CodeCreation,
    lastLook?: LastLook,
  ): Promise<WriteReceipt & { readonly code: LiveCode }>;
  /** Reads the code and writes it back under its new name. */
  renameCode(rename: CodeRename, lastLook?: LastLook): Promise<WriteReceipt>;
  /** 1 to 100 codes. */
  addCodes(queue: QueueId, codes: readonly CodeId[], lastLook?: LastLook): Promise<WriteReceipt>;
  removeCode(queue: QueueId, code: CodeId, lastLook?: LastLook): Promise<WriteReceipt>;
  /** Sends the document back with this after-call work and nothing else changed. */
  updateAfterCallWork(
    document: QueueDocument,
    to: AfterCallWork,
    lastLook?: LastLook,
  ): Promise<WriteReceipt>;
  /**
   * Names of fields that differ between what was sent and what is now read, `acwSettings` and the
   * fields that the platform itself moves (`dateModified`, counts, …) excepted.
   */
  differingFields(before: QueueDocument, after: QueueDocument): readonly string[];
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
