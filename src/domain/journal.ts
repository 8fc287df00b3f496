/**
 * The journal as data: what is written down before something is changed, and what became of it. It is the
 * memory of audits (who changed what, when, why), of recovery (what was begun and not finished), and the
 * outbox of events. The edge that keeps it is `src/journal`; `docs/journal.md` is its page.
 */
import type {
  ApplyReport,
  Cause,
  CatalogRow,
  ChangedSections,
  GuardVerdict,
  Plan,
  RequestCounts,
  RowOutcome,
  Step,
} from './change.js';
import type { CodeId, QueueId } from './ids.js';
import type { QueueSnapshot } from './state.js';

export const JOURNAL_FORMAT = 1;

/** A record by its place and content: an anchor, against which a journal can be checked later. */
export interface JournalHead {
  readonly seq: number;
  /** `sha256:…` of the record's line. */
  readonly hash: string;
}

/** What the journal adds to every entry. */
export interface RecordStamp {
  readonly v: typeof JOURNAL_FORMAT;
  /** Counts from 1, without gaps. */
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  /** The hash of the record before. */
  readonly prev: string;
}

export type JournalRecord<Entry extends JournalEntry = JournalEntry> = RecordStamp & Entry;

/** A record with the hash of its line. */
export interface ReadRecord {
  readonly record: JournalRecord;
  readonly hash: string;
}

export interface QueueRef {
  readonly id: QueueId;
  readonly name: string;
  /** The division's name. */
  readonly division: string;
}

/** The place in a policy file that a value comes from. */
export interface PolicyPlace {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** Why something is changed, and by what right. */
export interface Origin {
  readonly cause: Cause;
  readonly policies: readonly PolicyPlace[];
  readonly planDigest: string;
  readonly commit: string | null;
  /** `Name <address>`, or null where nobody knows. */
  readonly commitAuthor: string | null;
  /** The run that is undone by it, in place of what policies want; null: none is. */
  readonly undoes: string | null;
}

/** Who drifted a queue, from the audit log. */
export type ChangedBy =
  | {
      /** `exact`: nobody else changed it in that time; `window`: others may have. */
      readonly by: 'exact' | 'window';
      readonly kind: 'user' | 'client';
      readonly id: string;
      readonly name: string | null;
      /** ISO 8601, by the platform's clock. */
      readonly at: string;
      /** The platform's word, such as `WrapupCodeAdd`. */
      readonly action: string;
    }
  | { readonly by: 'unknown'; readonly why: string | null };

/** What set a run off, as far as its surroundings tell. */
export interface RunFacts {
  /** `manual`, or the name of the event: `push`, `schedule`, `workflow_dispatch` … */
  readonly trigger: string;
  readonly actor: string | null;
  /** The page of the run. */
  readonly url: string | null;
  readonly host: string | null;
  readonly oauthClientId: string | null;
  readonly pullRequest: PullRequest | null;
  /** The branch that it works on, where that is known. */
  readonly branch: string | null;
}

/** A commit whose policies were applied: of a later run of the same branch it says whether it comes too late. */
export interface AppliedCommit {
  readonly commit: string;
  readonly branch: string | null;
  /** The last run that did it, and when that began (ISO 8601). */
  readonly run: string;
  readonly at: string;
}

export interface PullRequest {
  readonly number: number;
  readonly title: string | null;
  readonly author: string | null;
  readonly mergedBy: string | null;
  readonly approvedBy: readonly string[];
}

/** Everything that will be asked about a run in two years. */
export interface RunStarted extends RunFacts {
  readonly kind: 'run.started';
  readonly run: string;
  readonly command: string;
  readonly tool: string;
  readonly organization: Plan['organization'];
  readonly region: string;
  readonly api: Plan['api'];
  /** `saved`: the seal of the plan file that was applied; `undoes`: the run that it undoes; or null. */
  readonly plan: {
    readonly digest: string;
    readonly saved: string | null;
    readonly undoes: string | null;
  };
  readonly source: Plan['source'] & { readonly author: string | null };
  readonly settingsDigest: string;
  readonly allowances: readonly {
    readonly name: string;
    readonly reason: string;
    readonly until: string;
    readonly measures: Readonly<Record<string, number>>;
  }[];
  /** `accept`: the digest for which the guards were lifted; `ignoreWindows`: why. */
  readonly overrides: { readonly accept: string | null; readonly ignoreWindows: string | null };
}

interface OfQueue {
  readonly run: string;
  readonly queue: QueueRef;
}

/** A queue is about to be written. */
export interface QueueIntent extends OfQueue, Origin {
  readonly kind: 'queue.intent';
  readonly liveDigest: string;
  /** The digest of what the policies want of it. */
  readonly desired: string;
  readonly change: ChangedSections;
  /** Whether it removes all drift: nothing of the queue is held. */
  readonly isWhole: boolean;
  readonly before: QueueSnapshot;
}

/** What became of a queue. */
export interface QueueOutcome extends OfQueue, Origin {
  readonly kind: 'queue.outcome';
  /** The seq of its intent; null where it failed before anything was to be written. */
  readonly intent: number | null;
  /** Counts the events of this queue from 1, so that replays can be ordered. */
  readonly sequence: number;
  readonly desired: string;
  readonly outcome: RowOutcome;
  readonly steps: readonly Step[];
  readonly reason: string | null;
  readonly latencyMs: number | null;
  readonly correlationId: string | null;
  readonly before: QueueSnapshot;
  /** As it was read after the last write; null where it was not. */
  readonly after: QueueSnapshot | null;
  /** Whether a read after the write showed the desired state, all of it. */
  readonly compliant: boolean;
  readonly changedBy: ChangedBy;
}

export type Verdict = 'applied' | 'partial' | 'not-applied' | 'unknown';

/** What a verdict rests on. */
export interface Evidence {
  /** What reading showed, once it stayed the same for `settleFor`. */
  readonly read: 'after' | 'before' | 'between' | 'other' | 'gone' | 'unread';
  /** ISO 8601. */
  readonly readAt: string;
  /** What the audit log showed since the intent: writes of ours, or of others alone. */
  readonly audit: 'ours' | 'others' | 'none' | 'unavailable' | 'not-asked';
  /** For people. */
  readonly words: string;
}

/** An intent without an outcome, looked at by a later run; or what an even later read has shown. */
export interface QueueSettled extends OfQueue, Origin {
  readonly kind: 'queue.settled';
  /** The seq of the intent. */
  readonly intent: number;
  /** The run that had the intent. */
  readonly of: string;
  readonly sequence: number;
  readonly desired: string;
  readonly change: ChangedSections;
  readonly verdict: Verdict;
  readonly evidence: Evidence;
  /** The seq of the verdict that a later read contradicts, or null. */
  readonly corrects: number | null;
  readonly before: QueueSnapshot;
  readonly after: QueueSnapshot | null;
  readonly compliant: boolean;
}

interface OfCode {
  readonly run: string;
  readonly action: CatalogRow['action'];
  readonly code: {
    readonly id: CodeId | null;
    readonly name: string;
    readonly from: string | null;
  };
  readonly planDigest: string;
  readonly commit: string | null;
  readonly commitAuthor: string | null;
}

/** A code is about to be created or renamed. */
export interface CodeIntent extends OfCode {
  readonly kind: 'code.intent';
}

export interface CodeOutcome extends OfCode {
  readonly kind: 'code.outcome';
  readonly intent: number;
  readonly outcome: RowOutcome;
  /** False where it could not be found out whether the write took effect: the intent is settled later. */
  readonly isKnown: boolean;
  readonly reason: string | null;
  readonly correlationId: string | null;
}

export interface CodeSettled extends OfCode {
  readonly kind: 'code.settled';
  readonly intent: number;
  readonly of: string;
  readonly verdict: Exclude<Verdict, 'partial'>;
  readonly evidence: Evidence;
}

/** Drift that is only reported: told once, and again when it is another. */
export interface DriftDetected extends OfQueue, Origin {
  readonly kind: 'drift.detected';
  readonly sequence: number;
  /** The digest of the drift: the same one is told once. */
  readonly drift: string;
  readonly change: ChangedSections;
  readonly reason: string;
  readonly before: QueueSnapshot;
  readonly changedBy: ChangedBy;
}

/** Queues that were seen as the policies want them, and were not seen so before. */
export interface InSync {
  readonly kind: 'in-sync';
  readonly run: string;
  readonly queues: readonly { readonly id: QueueId; readonly desired: string }[];
}

export interface RunCompleted {
  readonly kind: 'run.completed';
  readonly run: string;
  readonly planDigest: string;
  readonly outcome: ApplyReport['outcome'];
  readonly summary: ApplyReport['summary'];
  readonly requests: RequestCounts;
}

export interface RunRefused {
  readonly kind: 'run.refused';
  readonly run: string;
  readonly planDigest: string;
  readonly guards: readonly GuardVerdict[];
}

/** A saved plan was applied to its end, and is not applied again. */
export interface PlanSpent {
  readonly kind: 'plan.spent';
  readonly run: string;
  readonly seal: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** The right to write, where the journal is kept on a branch; `until` null gives it back. */
export interface LeaseTaken {
  readonly kind: 'lease';
  readonly run: string;
  /** ISO 8601. */
  readonly until: string | null;
  readonly holder: string;
}

/** A sink that events are kept for from here on, or with another choice of events. */
export interface SinkAdded {
  readonly kind: 'sink.added';
  readonly sink: string;
  /** Types, or `*`. */
  readonly events: readonly string[];
}

/** A sink that the settings do not name any more: what it has not got is not sent. */
export interface SinkRemoved {
  readonly kind: 'sink.removed';
  readonly sink: string;
  readonly undelivered: number;
}

/** One attempt to deliver one event to one sink. */
export interface DeliveryAttempted {
  readonly kind: 'delivery';
  readonly sink: string;
  /** The seq of the record that the event is of. */
  readonly of: number;
  /** Counts from 1. */
  readonly attempt: number;
  /** `disabled`: the receiver is gone (410), and gets nothing until it is asked for. */
  readonly result: 'delivered' | 'failed' | 'given-up' | 'disabled';
  readonly status: number | null;
  readonly why: string | null;
  /** When this event may be tried again, ISO 8601; null where it will not. */
  readonly nextAt: string | null;
  /** Until when the sink is left alone, ISO 8601; null where it is not. */
  readonly restUntil: string | null;
}

/** Somebody asked for events to be sent (again). */
export interface Redelivery {
  readonly kind: 'redelivery';
  readonly sink: string;
  readonly events: readonly OutgoingEvent[];
}

/** What another system says it has enforced. It is kept, and is never a reason to write. */
export interface External {
  readonly kind: 'external';
  /** The `webhook-id` that it came with: the same one is kept once. */
  readonly webhookId: string;
  readonly event: ExternalEvent;
}

/** An enforcement event as it was answered: what came, completed. */
export interface ExternalEvent {
  readonly event_id: string;
  readonly queue_id: string;
  readonly queue_name: string | null;
  /** When it was done: what the sender says, else when it came. ISO 8601. */
  readonly timestamp: string;
  /** From then until it came. */
  readonly latency_ms: number;
  readonly compliance_met: boolean;
  readonly audit_log: string;
  /** Everything else that the sender said. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** The last line was cut off, and was taken away. */
export interface Repaired {
  readonly kind: 'repaired';
  readonly lostBytes: number;
  /** `sha256:…` of them. */
  readonly lostHash: string;
}

export type JournalEntry =
  | RunStarted
  | QueueIntent
  | QueueOutcome
  | QueueSettled
  | CodeIntent
  | CodeOutcome
  | CodeSettled
  | DriftDetected
  | InSync
  | RunCompleted
  | RunRefused
  | PlanSpent
  | LeaseTaken
  | SinkAdded
  | SinkRemoved
  | DeliveryAttempted
  | Redelivery
  | External
  | Repaired;

/** What is remembered of a queue. */
export interface QueueMemory {
  /** How many events it has had. */
  readonly sequence: number;
  /** The digest of what policies wanted of it when it was last seen to be so; null: it never was. */
  readonly desired: string | null;
  /** When that was found, ISO 8601. */
  readonly inSyncAt: string | null;
  /** The digest of drift that was reported and is not corrected; null: none. */
  readonly reported: string | null;
}

export const NOT_SEEN: QueueMemory = {
  sequence: 0,
  desired: null,
  inSyncAt: null,
  reported: null,
};

/** The events that a sink can ask for. */
export const EVENT_TYPES = [
  'wrapkeeper.queue.corrected',
  'wrapkeeper.queue.failed',
  'wrapkeeper.queue.unknown',
  'wrapkeeper.code.created',
  'wrapkeeper.code.renamed',
  'wrapkeeper.drift.detected',
  'wrapkeeper.run.completed',
  'wrapkeeper.run.refused',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** An event by the record that it is of: enough to know whose turn it is. */
export interface OutgoingEvent {
  readonly seq: number;
  readonly type: EventType;
  /** The id of a queue or the name of a code; null for a run. Events of one subject go out in order. */
  readonly subject: string | null;
  readonly run: string;
}

/** What tells of something that was done, or was not to be done. */
export type EventEntry =
  | QueueOutcome
  | QueueSettled
  | CodeOutcome
  | CodeSettled
  | DriftDetected
  | RunCompleted
  | RunRefused;
export type EventRecord = JournalRecord<EventEntry>;

/**
 * The event of a record, or null where it has none. Never one for a change that did not happen, and none
 * that says more than is known:
 *
 * | record                                               | event             |
 * |------------------------------------------------------|-------------------|
 * | queue applied, and something was written             | `queue.corrected` |
 * | queue ended with a step whose outcome is unknown     | `queue.unknown`   |
 * | queue failed, or ended after steps that took effect  | `queue.failed`    |
 * | queue in sync, held, stale … without a step          | none              |
 * | settled as applied · partial · unknown · not applied | `queue.corrected` · `queue.failed` · `queue.unknown` · none |
 * | code applied, or settled as that                     | `code.created`, `code.renamed` |
 * | anything else of a code                              | none: its run tells |
 */
export const eventTypeOf = (record: JournalEntry): EventType | null => {
  switch (record.kind) {
    case 'queue.outcome': {
      const { outcome, steps } = record;
      if (steps.some(({ result }) => result === 'unknown')) return 'wrapkeeper.queue.unknown';
      const wrote = steps.some(({ result }) => result === 'applied');
      if (outcome === 'applied') return wrote ? 'wrapkeeper.queue.corrected' : null;
      return wrote || outcome === 'failed' ? 'wrapkeeper.queue.failed' : null;
    }
    case 'queue.settled':
      return OF_VERDICT[record.verdict];
    case 'code.outcome':
      return record.outcome === 'applied' ? OF_ACTION[record.action] : null;
    case 'code.settled':
      return record.verdict === 'applied' ? OF_ACTION[record.action] : null;
    case 'drift.detected':
    case 'run.completed':
    case 'run.refused':
      return `wrapkeeper.${record.kind}`;
    case 'run.started':
    case 'queue.intent':
    case 'code.intent':
    case 'in-sync':
    case 'plan.spent':
    case 'lease':
    case 'sink.added':
    case 'sink.removed':
    case 'delivery':
    case 'redelivery':
    case 'external':
    case 'repaired':
    default:
      // A record of a later version tells nothing that could be sent.
      return null;
  }
};

const OF_VERDICT = {
  applied: 'wrapkeeper.queue.corrected',
  partial: 'wrapkeeper.queue.failed',
  unknown: 'wrapkeeper.queue.unknown',
  'not-applied': null,
} as const satisfies Record<Verdict, EventType | null>;

const OF_ACTION = {
  create: 'wrapkeeper.code.created',
  rename: 'wrapkeeper.code.renamed',
} as const satisfies Record<CatalogRow['action'], EventType>;

/** The event of a record, by that record; null where it has none. */
export const outgoingEventOf = (record: JournalRecord): OutgoingEvent | null => {
  const type = eventTypeOf(record);
  if (type === null || !('run' in record)) return null;
  const { seq, run } = record;
  const subject =
    'queue' in record ? record.queue.id : 'code' in record ? `code ${record.code.name}` : null;
  return { seq, type, subject, run };
};
