/** One entry of every kind, as runs write them. */
import { queueId } from '../../src/domain/ids.js';
import type { JournalEntry, QueueIntent, RunStarted } from '../../src/domain/journal.js';
import { organizationId } from '../../src/domain/ids.js';
import {
  AFTER,
  BEFORE,
  BILLING,
  codeOutcome,
  codeSettled,
  completed,
  corrected,
  delivery,
  drifted,
  ORIGIN,
  refused,
  settled,
} from './records.js';

const HASH = `sha256:${'e'.repeat(64)}`;

export const started = (changes: Partial<RunStarted> = {}): RunStarted => ({
  kind: 'run.started',
  run: 'run-1',
  command: 'apply',
  tool: 'wrapkeeper/0.1.0',
  trigger: 'push',
  actor: 'octocat',
  url: 'https://github.com/example/wrapup/actions/runs/1',
  host: 'runner-1',
  oauthClientId: '0a6a5ac1-0000-4000-8000-000000000001',
  pullRequest: {
    number: 42,
    title: 'Ask for a reason on every billing call',
    author: 'jane',
    mergedBy: 'octocat',
    approvedBy: ['joe', 'ann'],
  },
  branch: 'main',
  organization: {
    id: organizationId('8f1c0000-0000-4000-8000-000000000001'),
    name: 'Example Contact Centre',
  },
  region: 'us-east-1',
  api: 'public',
  plan: { digest: ORIGIN.planDigest, saved: null, undoes: null },
  source: {
    commit: ORIGIN.commit,
    dirty: false,
    policiesDigest: HASH,
    author: ORIGIN.commitAuthor,
  },
  settingsDigest: HASH,
  allowances: [],
  overrides: { accept: null, ignoreWindows: null },
  ...changes,
});

export const intent = (changes: Partial<QueueIntent> = {}): QueueIntent => ({
  kind: 'queue.intent',
  run: 'run-1',
  queue: BILLING,
  ...ORIGIN,
  liveDigest: HASH,
  desired: HASH,
  change: {
    afterCallWork: {
      from: { prompt: 'OPTIONAL', timeoutMs: null },
      to: { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 },
    },
    wrapupCodes: { add: [{ id: null, name: 'Escalated' }], remove: [], unchanged: 1 },
  },
  isWhole: true,
  before: BEFORE,
  ...changes,
});

/** By kind, so that the compiler finds a kind that is missing. */
export const EVERY_RECORD: {
  readonly [Kind in JournalEntry['kind']]: Extract<JournalEntry, { readonly kind: Kind }>;
} = {
  'run.started': started({
    allowances: [
      {
        name: 'retire-old-reason',
        reason: 'Old reason is retired',
        until: '2026-11-30T00:00:00Z',
        measures: { queuesChanged: 145 },
      },
    ],
    overrides: { accept: ORIGIN.planDigest, ignoreWindows: 'the window is too short' },
  }),
  'queue.intent': intent(),
  'queue.outcome': corrected(),
  'queue.settled': settled(),
  'code.intent': {
    kind: 'code.intent',
    run: 'run-1',
    action: 'create',
    code: { id: null, name: 'Escalated', from: null },
    planDigest: ORIGIN.planDigest,
    commit: ORIGIN.commit,
    commitAuthor: ORIGIN.commitAuthor,
  },
  'code.outcome': codeOutcome(),
  'code.settled': codeSettled(),
  'drift.detected': drifted(),
  'in-sync': {
    kind: 'in-sync',
    run: 'run-1',
    queues: [{ id: queueId(BILLING.id), desired: HASH }],
  },
  'run.completed': completed(),
  'run.refused': refused(),
  'plan.spent': {
    kind: 'plan.spent',
    run: 'run-1',
    seal: HASH,
    expiresAt: '2026-11-24T09:00:00.000Z',
  },
  lease: {
    kind: 'lease',
    run: 'run-1',
    until: '2026-11-23T09:02:00.000Z',
    holder: 'runner-1',
  },
  'sink.added': { kind: 'sink.added', sink: 'reporting', events: ['*'] },
  'sink.removed': { kind: 'sink.removed', sink: 'reporting', undelivered: 0 },
  delivery: delivery({ result: 'failed', status: 503, why: '503 Service Unavailable' }),
  redelivery: {
    kind: 'redelivery',
    sink: 'reporting',
    events: [{ seq: 3, type: 'wrapkeeper.queue.corrected', subject: BILLING.id, run: 'run-1' }],
  },
  external: {
    kind: 'external',
    webhookId: 'msg_1',
    event: {
      event_id: 'ext_1',
      queue_id: BILLING.id,
      queue_name: 'Billing',
      timestamp: '2026-11-23T09:00:11.000Z',
      latency_ms: 1345,
      compliance_met: true,
      audit_log: 'The dialler has set the codes of Billing.',
      details: { source: 'dialler' },
    },
  },
  repaired: { kind: 'repaired', lostBytes: 17, lostHash: HASH },
};

/** A queue's outcome with rows of the requirement matrix, as behind a gateway. */
export const GATEWAY_OUTCOME = corrected({
  before: { afterCallWork: null, wrapupCodes: null },
  after: {
    ...AFTER,
    wrapupCodes: (AFTER.wrapupCodes ?? []).map((code) => ({ ...code, requirement: null })),
  },
});
