/** What is told of a journal: its records with what became of their events, and whether its chain holds. */
import { EVENT_TYPES, eventTypeOf } from './journal.js';
import type { EventType, JournalEntry, JournalHead, JournalRecord, RunStarted } from './journal.js';

/**
 * How far one event is on its way to one sink:
 *
 * | state       | |
 * |-------------|-|
 * | `delivered` | the sink has it |
 * | `pending`   | it will be sent, or tried again at `nextAt` |
 * | `given-up`  | it was tried for too long, and is sent again only when somebody asks |
 * | `disabled`  | the receiver said that it is gone (410), and gets nothing until somebody asks |
 */
export interface Delivery {
  readonly sink: string;
  readonly state: 'delivered' | 'pending' | 'given-up' | 'disabled';
  /** Attempts since it was last asked for. */
  readonly attempts: number;
  /** ISO 8601; null: at once, or not at all. */
  readonly nextAt: string | null;
  /** Why the last attempt failed; null where it did not, or there was none. */
  readonly why: string | null;
}

/** What is known of the run of a record. */
export interface AuditRun {
  readonly id: string;
  /** Null where the journal does not reach back that far. */
  readonly started: JournalRecord<RunStarted> | null;
  /** How it ended; null where it did not say, or has not been read so far. */
  readonly outcome: string | null;
}

/** A record of a list. */
export interface AuditRow {
  readonly record: JournalRecord;
  readonly hash: string;
  /** null: it is of none. */
  readonly run: AuditRun | null;
  /** Sink by sink; none where there are no sinks, or none of them asks for it. */
  readonly deliveries: readonly Delivery[];
}

/** Kinds of records that are listed though they make no event: who began a run, and what other systems told. */
const LISTED_KINDS = ['run.started', 'external'] as const;

/** The types of what is listed without being asked for by name. */
export const AUDIT_TYPES = [...EVENT_TYPES, ...LISTED_KINDS] as const;

/** By kind, so that the compiler finds one that is missing. */
const KINDS: Readonly<Record<JournalEntry['kind'], true>> = {
  'run.started': true,
  'queue.intent': true,
  'queue.outcome': true,
  'queue.settled': true,
  'code.intent': true,
  'code.outcome': true,
  'code.settled': true,
  'drift.detected': true,
  'in-sync': true,
  'run.completed': true,
  'run.refused': true,
  'plan.spent': true,
  lease: true,
  'sink.added': true,
  'sink.removed': true,
  delivery: true,
  redelivery: true,
  external: true,
  repaired: true,
};

/** Every kind of record: by its whole name each can be asked for, bookkeeping too. */
export const RECORD_KINDS: readonly string[] = Object.keys(KINDS);

/** A type without `wrapkeeper.`, as people write it. */
export const shortType = (type: string): string => type.replace(/^wrapkeeper\./, '');

/** What a record is listed as: the type of its event, else its kind. */
export const auditTypeOf = (record: JournalEntry): EventType | JournalEntry['kind'] =>
  eventTypeOf(record) ?? record.kind;

/** Whether it is listed without being asked for: the rest is bookkeeping. */
export const isListed = (record: JournalEntry): boolean =>
  eventTypeOf(record) !== null || LISTED_KINDS.some((kind) => kind === record.kind);

/**
 * The queue that a record is of, or of which another system told: that one's id and name are as it gave them, and
 * it gave no division.
 */
export const auditQueueOf = (
  record: JournalEntry,
): {
  readonly id: string;
  readonly name: string | null;
  readonly division: string | null;
} | null => {
  if ('queue' in record) return record.queue;
  if (record.kind !== 'external') return null;
  const { queue_id: id, queue_name: name } = record.event;
  return { id, name, division: null };
};

/** The id of the event of a record, and its `webhook-id`: the same whenever and wherever it is sent. */
export const eventIdOf = (hash: string): string =>
  `evt_${hash.replace(/^sha256:/, '').slice(0, 32)}`;

/** What a person knows of a record: the first digits of its hash, all of them or at least twelve; and perhaps its number. */
export interface Anchor {
  readonly seq: number | null;
  /** Hexadecimal, without `sha256:`. */
  readonly digits: string;
}

/** Where a chain does not hold, and why. */
export interface Break {
  /** The file, and the place in it. */
  readonly at: string;
  readonly fault: string;
}

/** What checking a journal has found. */
export interface Verification {
  readonly records: number;
  /** Behind which record the chain begins: number 0, or where older files were taken away. */
  readonly start: JournalHead;
  readonly head: JournalHead;
  /** ISO 8601; null in an empty journal. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** Where the chain does not hold; null where all of it does. */
  readonly broken: Break | null;
  /** Bytes of a last line that was cut off; nothing is wrong with what stands before it. */
  readonly tornBytes: number;
  /** The records that the anchor fits; none where none was given. */
  readonly expected: readonly JournalHead[];
}
