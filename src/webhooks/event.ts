/** From a record of the journal to the event that is sent. Pure, and the same each time. */
import { eventIdOf } from '../domain/audit.js';
import { auditSentence } from '../domain/audit-sentence.js';
import { eventTypeOf } from '../domain/journal.js';
import type {
  CodeOutcome,
  CodeSettled,
  DriftDetected,
  EventRecord,
  EventType,
  QueueOutcome,
  QueueSettled,
  RunCompleted,
  RunRefused,
} from '../domain/journal.js';
import { cut, spellInvisible } from '../domain/text.js';
import type { CloudEvent, EventData } from './event-schema.js';
import { Shortener } from './shorten.js';
import type { Bounds } from './shorten.js';

/** What an event says of where it comes from. */
export interface EventContext {
  /** The id of the Genesys Cloud organization. */
  readonly organizationId: string;
}

/** The longest body that is sent, in bytes. */
export const MAX_BODY_BYTES = 20_000;

/**
 * How much of lists and texts a body holds: as much as fits. Most events fit the first row; the last one
 * fits whatever there is. All of it stays in the journal.
 */
const BOUNDS: readonly Bounds[] = [
  { items: 500, characters: 1_000 },
  { items: 200, characters: 500 },
  { items: 50, characters: 500 },
  { items: 20, characters: 300 },
  { items: 8, characters: 150 },
  { items: 2, characters: 100 },
  { items: 0, characters: 80 },
];

/**
 * The event of a record. Its JSON is at most {@link MAX_BODY_BYTES} long: lists and texts are shortened until it is.
 *
 * @param hash the hash of the record's line
 * @throws Error where the record has no event: that is a bug of the caller
 */
export const toEvent = (record: EventRecord, hash: string, context: EventContext): CloudEvent => {
  const type = eventTypeOf(record);
  if (type === null) throw new Error(`Record ${record.seq} has no event.`);
  const build = (bounds: Bounds): CloudEvent => ({
    specversion: '1.0',
    id: eventIdOf(hash),
    source: `urn:wrapkeeper:organization:${encodeURIComponent(context.organizationId)}`,
    type,
    subject: cut(spellInvisible(subjectOf(record)), 200),
    time: record.at,
    datacontenttype: 'application/json',
    data: dataOf(record, hash, new Shortener(bounds)),
  });
  let event: CloudEvent | null = null;
  for (const bounds of BOUNDS) {
    event = build(bounds);
    if (Buffer.byteLength(JSON.stringify(event)) <= MAX_BODY_BYTES) return event;
  }
  throw new Error(`The event of record ${record.seq} does not fit into ${MAX_BODY_BYTES} bytes.`);
};

const subjectOf = (record: EventRecord): string => {
  if ('queue' in record) return record.queue.id;
  return 'code' in record ? (record.code.id ?? record.code.name) : record.run;
};

/** The data of an event, whatever its type. */
type Data = EventData[EventType];

const dataOf = (record: EventRecord, hash: string, short: Shortener): Data => {
  const common = {
    event_id: eventIdOf(hash),
    timestamp: record.at,
    audit_log: auditSentence(record),
    run: record.run,
    plan_digest: record.planDigest,
    journal: { seq: record.seq, hash },
  };
  if (record.kind === 'queue.outcome') return { ...common, ...outcomeData(record, short) };
  if (record.kind === 'queue.settled') return { ...common, ...settledData(record, short) };
  if (record.kind === 'drift.detected') return { ...common, ...driftData(record, short) };
  if (record.kind === 'run.completed') return { ...common, ...completedData(record) };
  if (record.kind === 'run.refused') return { ...common, ...refusedData(record, short) };
  return { ...common, ...codeData(record, short) };
};

const queueData = (record: QueueOutcome | QueueSettled | DriftDetected, short: Shortener) => ({
  queue_id: record.queue.id,
  queue_name: short.text(record.queue.name),
  division: short.text(record.queue.division),
  sequence: record.sequence,
  cause: record.cause,
  before: short.snapshot(record.before),
  policies: short.policies(record.policies),
  commit: record.commit,
  commit_author: short.textOrNull(record.commitAuthor),
});

const outcomeData = (record: QueueOutcome, short: Shortener) => ({
  ...queueData(record, short),
  latency_ms: record.latencyMs,
  compliance_met: record.compliant,
  after: record.after === null ? null : short.snapshot(record.after),
  changed_by: short.changedBy(record.changedBy),
  ...(eventTypeOf(record) !== 'wrapkeeper.queue.corrected' && {
    outcome: record.outcome,
    reason: short.textOrNull(record.reason),
    steps: short.steps(record.steps),
    correlation_id: short.textOrNull(record.correlationId),
  }),
});

const settledData = (record: QueueSettled, short: Shortener) => ({
  ...queueData(record, short),
  latency_ms: null,
  compliance_met: record.compliant,
  after: record.after === null ? null : short.snapshot(record.after),
  changed_by: { by: 'unknown', why: 'the run ended before it could tell' } as const,
  ...(eventTypeOf(record) !== 'wrapkeeper.queue.corrected' && {
    outcome: null,
    reason: short.text(record.evidence.words),
    steps: null,
    correlation_id: null,
  }),
  ...settling(record, record.corrects, short),
});

const settling = (
  { verdict, evidence, of, intent }: QueueSettled | CodeSettled,
  corrects: number | null,
  short: Shortener,
) => ({
  verdict,
  evidence: {
    read: evidence.read,
    read_at: evidence.readAt,
    audit: evidence.audit,
    words: short.text(evidence.words),
  },
  settles: { run: of, intent, corrects },
});

const driftData = (record: DriftDetected, short: Shortener) => ({
  ...queueData(record, short),
  compliance_met: false,
  change: short.change(record.change),
  reason: short.text(record.reason),
  changed_by: short.changedBy(record.changedBy),
});

const codeData = (record: CodeOutcome | CodeSettled, short: Shortener) => ({
  code_id: record.code.id,
  code_name: short.text(record.code.name),
  previous_name: short.textOrNull(record.code.from),
  commit: record.commit,
  commit_author: short.textOrNull(record.commitAuthor),
  ...(record.kind === 'code.settled' && settling(record, null, short)),
});

const completedData = ({ outcome, summary, requests }: RunCompleted) => ({
  outcome,
  summary: {
    applied: summary.applied,
    in_sync: summary.inSync,
    failed: summary.failed,
    stale: summary.stale,
    held: summary.held,
    not_attempted: summary.notAttempted,
  },
  requests: {
    sent: requests.sent,
    retried: requests.retried,
    throttled: requests.throttled,
  },
});

const refusedData = ({ guards }: RunRefused, short: Shortener) => ({
  outcome: 'refused' as const,
  guards: short.guards(guards),
});
