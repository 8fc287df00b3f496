/** What a daemon could tell of itself, as plain data. */
import type { DaemonStatus, QueueStatus, RunStatus } from '../../src/daemon/status.js';
import type { DaemonView, ReceivedEvent } from '../../src/daemon/view.js';

/** A name that means harm to whoever puts it into a page as it is. */
export const HOSTILE = '<img src=x onerror=alert(1)> & "Billing" ´\u202E';

const NO_REQUESTS = { sent: 0, retried: 0, throttled: 0 };

export const STATUS: DaemonStatus = {
  kind: 'DaemonStatus',
  formatVersion: '1.0',
  tool: 'wrapkeeper/0.1.0',
  startedAt: '2026-11-23T08:00:00.000Z',
  at: '2026-11-23T09:00:00.000Z',
  mode: 'enforce',
  organization: { id: '8f1c0c1e-7a52-4c7e-9a0b-3d1f5e9b2a64', name: HOSTILE },
  region: 'us-east-1',
  ready: true,
  notReady: null,
  source: {
    kind: 'remote',
    location: 'https://git.example.com/policies.git',
    branch: 'main',
    state: 'following',
    since: '2026-11-23T08:00:01.000Z',
    message: null,
    seen: { digest: `sha256:${'1'.repeat(64)}`, commit: 'a'.repeat(40), dirty: false },
    accepted: {
      digest: `sha256:${'1'.repeat(64)}`,
      commit: 'a'.repeat(40),
      dirty: false,
      at: '2026-11-23T08:00:02.000Z',
    },
    diagnostics: [],
    refusal: null,
  },
  detection: {
    by: 'audits',
    why: null,
    cursor: '2026-11-23T08:59:00.000Z',
    lastSweepAt: '2026-11-23T08:00:05.000Z',
    oldestReadAt: '2026-11-23T08:00:02.000Z',
    missedByAudits: 2,
  },
  queues: { 'in-sync': 2, drifting: 1, held: 1, failing: 1 },
  lastPass: {
    run: 'run-7',
    startedAt: '2026-11-23T08:59:00.000Z',
    endedAt: '2026-11-23T08:59:02.500Z',
    trigger: 'interval',
    outcome: 'nothing',
    extent: 'changed',
    requests: { sent: 4, retried: 1, throttled: 1 },
    problem: null,
  },
  lastSuccessAt: '2026-11-23T08:59:02.500Z',
  consecutiveFailures: 0,
  isRunning: false,
  nextPassAt: '2026-11-23T09:00:02.500Z',
  sinks: [
    {
      name: 'reporting',
      undelivered: 3,
      givenUp: 1,
      isDisabled: false,
      oldestAt: '2026-11-23T08:50:00.000Z',
    },
    { name: 'archive', undelivered: 0, givenUp: 0, isDisabled: false, oldestAt: null },
  ],
  diagnostics: [],
};

const queue = (number: number, changes: Partial<QueueStatus>): QueueStatus => ({
  id: `00000000-0000-4000-8000-00000000000${number}`,
  name: `Queue ${number}`,
  division: 'Home',
  policies: ['billing'],
  state: 'in-sync',
  heldBy: null,
  reason: null,
  since: '2026-11-23T08:30:00.000Z',
  until: null,
  lastCorrection: null,
  ...changes,
});

export const QUEUES: readonly QueueStatus[] = [
  queue(1, { name: 'Billing Deutsch' }),
  queue(2, { name: HOSTILE, state: 'drifting', since: '2026-11-23T08:58:00.000Z' }),
  queue(3, { name: 'Sales', policies: ['sales', 'billing'], state: 'held', heldBy: 'window' }),
  queue(4, { name: 'Café', policies: ['sales'], state: 'failing' }),
  queue(5, { name: 'Zoo' }),
];

export const RUNS: readonly RunStatus[] = [2, 1].map((number) => ({
  run: `run-${number}`,
  startedAt: `2026-11-23T08:0${number}:00.000Z`,
  endedAt: `2026-11-23T08:0${number}:02.000Z`,
  trigger: 'interval',
  commit: 'a'.repeat(40),
  outcome: 'applied',
  summary: { applied: 1, inSync: 0, failed: 0, stale: 0, held: 0, notAttempted: 0 },
  requests: NO_REQUESTS,
  problem: null,
}));

/** A daemon that remembers what was asked of it, and does nothing else. */
export class SampleView implements DaemonView {
  said = STATUS;
  readonly requests: (string | null)[] = [];
  readonly events: ReceivedEvent[] = [];
  pushes = 0;
  /** Awaited before an event is answered; what it throws is thrown. */
  beforeReceiving: () => Promise<void> = async () => undefined;

  status() {
    return this.said;
  }

  queues() {
    return QUEUES;
  }

  runs() {
    return RUNS;
  }

  request({ accept }: { readonly accept: string | null }): void {
    this.requests.push(accept);
  }

  pushed(): void {
    this.pushes += 1;
  }

  async receive(event: ReceivedEvent) {
    await this.beforeReceiving();
    this.events.push(event);
    return {
      event_id: `evt_${event.webhookId}`,
      queue_id: event.queueId,
      queue_name: event.queueName,
      timestamp: new Date(event.doneAt ?? Date.parse(STATUS.at)).toISOString(),
      latency_ms: 12,
      compliance_met: event.complianceMet,
      audit_log: event.auditLog ?? 'Told by another system.',
      details: event.details,
    };
  }
}
