/** Records of a journal, with what a test says about them. */
import type {
  CodeOutcome,
  CodeSettled,
  DeliveryAttempted,
  DriftDetected,
  External,
  ExternalEvent,
  JournalEntry,
  JournalRecord,
  Origin,
  QueueOutcome,
  QueueRef,
  QueueSettled,
  RunCompleted,
  RunRefused,
} from '../../src/domain/journal.js';
import type { QueueSnapshot } from '../../src/domain/state.js';
import { codeId, queueId } from '../../src/domain/ids.js';
import { NOW } from './fake-clock.js';

/** As the journal writes it down. */
export const record = <Entry extends JournalEntry>(
  seq: number,
  entry: Entry,
  at: number = NOW,
): JournalRecord<Entry> => ({
  v: 1,
  seq,
  at: new Date(at).toISOString(),
  prev: `sha256:${'0'.repeat(64)}`,
  ...entry,
});

/** A hash as good as any, another one for each seq. */
export const hashOf = (seq: number): string =>
  `sha256:${seq.toString(16).padStart(8, '0')}${'a'.repeat(56)}`;

export const BILLING: QueueRef = {
  id: queueId('5c3f7e2a-0000-4000-8000-000000000001'),
  name: 'Billing EN',
  division: 'Retail',
};

export const ORIGIN: Origin = {
  cause: 'drift',
  policies: [{ name: 'billing', file: 'policies/billing.yaml', line: 12 }],
  planDigest: `sha256:${'b'.repeat(64)}`,
  commit: '4f6c0b1e5f5f0c4de4d6d3f2b0a6f3ad5a2c1e77',
  commitAuthor: 'Jane Doe <jane@example.com>',
  undoes: null,
};

const RESOLVED = { id: codeId('7fb334b0-0000-4000-8000-000000000001'), name: 'Resolved' };
const ESCALATED = { id: codeId('7fb334b0-0000-4000-8000-000000000002'), name: 'Escalated' };

export const BEFORE: QueueSnapshot = {
  afterCallWork: { prompt: 'OPTIONAL', timeoutMs: null },
  wrapupCodes: [RESOLVED],
};
export const AFTER: QueueSnapshot = {
  afterCallWork: { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 },
  wrapupCodes: [RESOLVED, ESCALATED],
};

export const corrected = (changes: Partial<QueueOutcome> = {}): QueueOutcome => ({
  kind: 'queue.outcome',
  run: 'run-1',
  queue: BILLING,
  ...ORIGIN,
  intent: 1,
  sequence: 1,
  desired: `sha256:${'c'.repeat(64)}`,
  outcome: 'applied',
  steps: [
    { action: 'add-codes', detail: 'Escalated', result: 'applied', correlationId: 'c-1' },
    {
      action: 'set-after-call-work',
      detail: 'MANDATORY_TIMEOUT 45 s',
      result: 'applied',
      correlationId: 'c-2',
    },
  ],
  reason: null,
  latencyMs: 812,
  correlationId: 'c-2',
  before: BEFORE,
  after: AFTER,
  compliant: true,
  changedBy: {
    by: 'exact',
    kind: 'user',
    id: 'u-1',
    name: 'jane@example.com',
    at: '2026-11-23T08:12:00Z',
    action: 'WrapupCodeRemove',
  },
  ...changes,
});

/** What another system told of a queue; hostile words are welcome. */
export const told = (changes: Partial<ExternalEvent> = {}): External => ({
  kind: 'external',
  webhookId: 'msg_1',
  event: {
    event_id: 'ext_1',
    queue_id: BILLING.id,
    queue_name: 'Billing',
    timestamp: '2026-11-23T09:00:11.000Z',
    latency_ms: 1_345,
    compliance_met: true,
    audit_log: 'The dialler has set the codes of Billing.',
    details: { source: 'dialler' },
    ...changes,
  },
});

export const settled = (changes: Partial<QueueSettled> = {}): QueueSettled => ({
  kind: 'queue.settled',
  run: 'run-2',
  queue: BILLING,
  ...ORIGIN,
  intent: 1,
  of: 'run-1',
  sequence: 2,
  desired: `sha256:${'c'.repeat(64)}`,
  change: {},
  verdict: 'applied',
  evidence: {
    read: 'after',
    readAt: '2026-11-23T09:01:00Z',
    audit: 'ours',
    words: 'reading showed what was wanted, and the audit log a write of ours',
  },
  corrects: null,
  before: BEFORE,
  after: AFTER,
  compliant: true,
  ...changes,
});

export const codeOutcome = (changes: Partial<CodeOutcome> = {}): CodeOutcome => ({
  kind: 'code.outcome',
  run: 'run-1',
  action: 'create',
  code: { ...RESOLVED, from: null },
  planDigest: ORIGIN.planDigest,
  commit: ORIGIN.commit,
  commitAuthor: ORIGIN.commitAuthor,
  intent: 3,
  outcome: 'applied',
  isKnown: true,
  reason: null,
  correlationId: null,
  ...changes,
});

export const codeSettled = (changes: Partial<CodeSettled> = {}): CodeSettled => ({
  kind: 'code.settled',
  run: 'run-2',
  action: 'rename',
  code: { ...RESOLVED, from: 'Solved' },
  planDigest: ORIGIN.planDigest,
  commit: ORIGIN.commit,
  commitAuthor: ORIGIN.commitAuthor,
  intent: 3,
  of: 'run-1',
  verdict: 'applied',
  evidence: {
    read: 'after',
    readAt: '2026-11-23T09:01:00Z',
    audit: 'not-asked',
    words: 'the code exists under the new name',
  },
  ...changes,
});

export const drifted = (changes: Partial<DriftDetected> = {}): DriftDetected => ({
  kind: 'drift.detected',
  run: 'run-1',
  queue: BILLING,
  ...ORIGIN,
  sequence: 3,
  drift: `sha256:${'d'.repeat(64)}`,
  change: {
    afterCallWork: {
      from: { prompt: 'OPTIONAL', timeoutMs: null },
      to: { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 },
    },
    wrapupCodes: { add: [ESCALATED], remove: [], unchanged: 1 },
  },
  reason: 'the policy billing only reports',
  before: BEFORE,
  changedBy: { by: 'unknown', why: 'the audit log was not asked' },
  ...changes,
});

export const completed = (changes: Partial<RunCompleted> = {}): RunCompleted => ({
  kind: 'run.completed',
  run: 'run-1',
  planDigest: ORIGIN.planDigest,
  outcome: 'partial',
  summary: { applied: 3, inSync: 1, failed: 1, stale: 0, held: 2, notAttempted: 0 },
  requests: { sent: 40, retried: 2, throttled: 0 },
  ...changes,
});

export const refused = (changes: Partial<RunRefused> = {}): RunRefused => ({
  kind: 'run.refused',
  run: 'run-1',
  planDigest: ORIGIN.planDigest,
  guards: [
    {
      measure: 'codesRemoved',
      actual: 90,
      of: 120,
      limit: '25 % or 200',
      verdict: 'refuse',
      worst: [{ queue: 'Billing EN', count: 12 }],
    },
  ],
  ...changes,
});

export const delivery = (changes: Partial<DeliveryAttempted>): DeliveryAttempted => ({
  kind: 'delivery',
  sink: 'reporting',
  of: 1,
  attempt: 1,
  result: 'delivered',
  status: 204,
  why: null,
  nextAt: null,
  restUntil: null,
  ...changes,
});
