/** Daemons as they could be met at 3 a.m.: data for the status page. */
import type {
  DaemonStatus,
  QueueState,
  QueueStatus,
  RunStatus,
} from '../../../src/daemon/status.js';
import type { StatusPageInput } from '../../../src/daemon/page/status-page.js';

/** The now of every sample. */
export const AT = '2026-11-24T02:14:05.000Z';

/** An instant so many seconds before {@link AT}, or after it where they are negative. */
export const ago = (seconds: number): string =>
  new Date(new Date(AT).getTime() - seconds * 1_000).toISOString();

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const COMMIT = '4827772f3b0c9d1e5a6b7c8d9e0f1a2b3c4d5e6f';
const NEXT_COMMIT = 'a01bc5577e2d4f6a8b9c0d1e2f3a4b5c6d7e8f90';
const DIGEST = `sha256:${'3fa9c2b14e07'.repeat(5)}3fa9`;

const revision = (commit: string, seed: string) => ({
  digest: `sha256:${seed.repeat(16)}`,
  commit,
  dirty: false,
});

/** A daemon with which all is well; queues are counted from the list. */
export const statusOf = (
  queues: readonly QueueStatus[],
  overrides: Partial<DaemonStatus> = {},
): DaemonStatus => {
  const number = (state: QueueState): number =>
    queues.filter((queue) => queue.state === state).length;
  return {
    kind: 'DaemonStatus',
    formatVersion: '1.0',
    tool: 'wrapkeeper/0.1.0',
    startedAt: ago(9 * DAY),
    at: AT,
    mode: 'enforce',
    organization: { id: '8f1c0d6e-52f7-4f0e-9d55-0a3b7d1c2e4f', name: 'Example Retail' },
    region: 'eu-west-1',
    ready: true,
    notReady: null,
    source: {
      kind: 'remote',
      location: 'https://git.example.com/contact-centre/wrapup-policies.git',
      branch: 'main',
      state: 'following',
      since: ago(3 * HOUR),
      message: null,
      seen: revision(COMMIT, '5c1d'),
      accepted: { ...revision(COMMIT, '5c1d'), at: ago(3 * HOUR) },
      diagnostics: [],
      refusal: null,
    },
    detection: {
      by: 'audits',
      why: null,
      cursor: ago(50),
      lastSweepAt: ago(2 * HOUR),
      oldestReadAt: ago(2 * HOUR),
      missedByAudits: 0,
    },
    queues: {
      'in-sync': number('in-sync'),
      drifting: number('drifting'),
      held: number('held'),
      failing: number('failing'),
    },
    lastPass: {
      run: '01JDK3W7M2Q9',
      startedAt: ago(42),
      endedAt: ago(40),
      trigger: 'interval',
      outcome: 'nothing',
      extent: 'changed',
      requests: { sent: 3, retried: 0, throttled: 0 },
      problem: null,
    },
    lastSuccessAt: ago(40),
    consecutiveFailures: 0,
    isRunning: false,
    nextPassAt: ago(-21),
    sinks: [{ name: 'reporting', undelivered: 0, givenUp: 0, isDisabled: false, oldestAt: null }],
    diagnostics: [],
    ...overrides,
  };
};

const NAMES = ['Billing', 'Sales', 'Support', 'Complaints', 'Returns', 'Warranty', 'Loyalty'];
const LANGUAGES = ['EN', 'DE', 'FR', 'ES', 'IT', 'NL', 'PL', 'PT'];
const DIVISIONS = ['Retail', 'Home', 'Wholesale'];

/** The queue of a number, in sync. */
export const queueOf = (index: number, overrides: Partial<QueueStatus> = {}): QueueStatus => {
  const family = NAMES[index % NAMES.length] ?? '';
  const round = Math.floor(index / (NAMES.length * LANGUAGES.length));
  const language = LANGUAGES[Math.floor(index / NAMES.length) % LANGUAGES.length] ?? '';
  return {
    id: `5c3f7e2a-0000-4000-8000-${String(index).padStart(12, '0')}`,
    name: `${family} ${language}${round === 0 ? '' : ` ${round + 1}`}`,
    division: DIVISIONS[index % DIVISIONS.length] ?? '',
    policies: ['defaults', family.toLowerCase()],
    state: 'in-sync',
    heldBy: null,
    reason: null,
    since: ago(2 * DAY + index * MINUTE),
    until: null,
    lastCorrection: null,
    ...overrides,
  };
};

/** So many queues in sync, sorted by name as a daemon gives them. */
export const queuesOf = (number: number): readonly QueueStatus[] =>
  Array.from({ length: number }, (_, index) => queueOf(index)).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );

const corrected: QueueStatus['lastCorrection'] = {
  at: ago(5 * HOUR),
  run: '01JDJQ8T0V4C',
  cause: 'drift',
  changedBy: {
    by: 'exact',
    kind: 'user',
    id: '7d1c',
    name: 'Jane Doe',
    at: ago(5 * HOUR + 70),
    action: 'WrapupCodeAdd',
  },
};

/** Queues of every state and hold, long and hostile names among them. */
const TROUBLED: readonly QueueStatus[] = [
  queueOf(0, {
    state: 'failing',
    reason:
      'The platform answered 403 forbidden to the removal of the code "Test" (correlation 9f2e).',
    since: ago(14 * MINUTE),
    until: ago(-4 * MINUTE),
    lastCorrection: corrected,
  }),
  queueOf(1, {
    name: 'Sales_with_a_name_that_somebody_made_without_any_blank_at_all_so_that_it_cannot_be_broken_anywhere_0123456789',
    state: 'drifting',
    reason: 'Its policies only report: codes would be added: Escalated.',
    since: ago(3 * MINUTE),
  }),
  queueOf(2, {
    name: '<img src=x onerror=alert(1)>',
    state: 'held',
    heldBy: 'window',
    reason: 'No change window is open.',
    since: ago(26 * MINUTE),
    until: ago(-46 * MINUTE),
    lastCorrection: {
      ...corrected,
      changedBy: {
        by: 'window',
        kind: 'client',
        id: 'c0ff',
        name: 'CX as Code',
        at: ago(6 * HOUR),
        action: 'Update',
      },
    },
  }),
  queueOf(3, {
    name: 'Complaints \u202eEN',
    state: 'held',
    heldBy: 'flapping',
    reason: 'The OAuth client Nightly import changed it back 3 times within 1h.',
    since: ago(55 * MINUTE),
    lastCorrection: {
      ...corrected,
      changedBy: { by: 'unknown', why: 'the audit log cannot be read' },
    },
  }),
  queueOf(4, {
    name: 'שירות לקוחות',
    state: 'held',
    heldBy: 'suspend',
    reason: 'Audit week (j.doe).',
    since: ago(2 * DAY),
    until: '2026-12-31T18:00:00.000Z',
    lastCorrection: { ...corrected, cause: 'policy' },
  }),
];

export const RUNS: readonly RunStatus[] = [
  {
    run: '01JDK3W7M2Q9',
    startedAt: ago(14 * MINUTE),
    endedAt: ago(14 * MINUTE - 9),
    trigger: 'interval',
    commit: COMMIT,
    outcome: 'partial',
    summary: { applied: 2, inSync: 0, failed: 1, stale: 0, held: 3, notAttempted: 0 },
    requests: { sent: 31, retried: 1, throttled: 0 },
    problem: 'One queue failed.',
  },
  {
    run: '01JDK0P5B1XE',
    startedAt: ago(3 * HOUR),
    endedAt: ago(3 * HOUR - 96),
    trigger: 'push',
    commit: COMMIT,
    outcome: 'applied',
    summary: { applied: 25, inSync: 1, failed: 0, stale: 0, held: 0, notAttempted: 0 },
    requests: { sent: 402, retried: 0, throttled: 2 },
    problem: null,
  },
  {
    run: '01JDJQ8T0V4C',
    startedAt: ago(5 * HOUR),
    endedAt: ago(5 * HOUR - 3),
    trigger: 'interval',
    commit: COMMIT,
    outcome: 'applied',
    summary: { applied: 1, inSync: 0, failed: 0, stale: 0, held: 0, notAttempted: 0 },
    requests: { sent: 9, retried: 0, throttled: 0 },
    problem: null,
  },
];

const finding = {
  code: 'policy.unknown-key',
  severity: 'error',
  message: 'Unknown key "unlistd" in wrapupCodes.',
  remedy: 'Did you mean "unlisted"?',
  file: 'policies/billing.yaml',
  line: 14,
  column: 5,
  queue: null,
} as const;

const calm = queuesOf(180);

const troubled = [...TROUBLED, ...queuesOf(180).slice(5)];

const healthy = statusOf(calm);

/** A guard refuses what the repository says now. */
export const REFUSED: DaemonStatus['source'] = {
  ...healthy.source,
  state: 'refused',
  since: ago(12 * MINUTE),
  message: 'The plan of the newest policies does more than the guards allow.',
  seen: revision(NEXT_COMMIT, 'e90a'),
  refusal: {
    digest: DIGEST,
    guards: [
      {
        measure: 'codesRemoved',
        actual: 145,
        of: 412,
        limit: '25 % or 200',
        verdict: 'refuse',
        worst: [
          { queue: 'Billing EN', count: 6 },
          { queue: 'Sales DE', count: 4 },
        ],
      },
      {
        measure: 'queuesChanged',
        actual: 145,
        of: 180,
        limit: '30 % or 100',
        verdict: 'refuse',
        worst: [{ queue: 'Billing EN', count: 1 }],
      },
      { measure: 'codesPerQueue', actual: 12, of: null, limit: '50', verdict: 'pass', worst: [] },
    ],
  },
};

/** What the repository says now is invalid. */
export const BROKEN: DaemonStatus['source'] = {
  ...healthy.source,
  state: 'broken',
  since: ago(12 * MINUTE),
  message: 'The newest commit does not validate.',
  seen: revision(NEXT_COMMIT, 'e90a'),
  diagnostics: [finding, { ...finding, file: 'policies/sales.yaml', line: 3, remedy: null }],
};

const much = statusOf(troubled, {
  source: REFUSED,
  sinks: [
    { name: 'reporting', undelivered: 12, givenUp: 0, isDisabled: false, oldestAt: ago(2 * HOUR) },
    { name: 'archive', undelivered: 0, givenUp: 3, isDisabled: false, oldestAt: null },
  ],
  detection: {
    by: 'sweeps',
    why: 'The OAuth client may not read the audit log (403 missing.permission: audits:audit:view).',
    cursor: null,
    lastSweepAt: ago(9 * MINUTE),
    oldestReadAt: ago(9 * MINUTE),
    missedByAudits: 0,
  },
  diagnostics: [
    {
      ...finding,
      code: 'settings.no-organization',
      severity: 'warning',
      message: 'The settings name no organization: any may be written.',
      remedy: 'Add organization.id to wrapkeeper.yaml.',
      file: 'wrapkeeper.yaml',
      line: 1,
    },
  ],
});

const reporting = queuesOf(180).map((queue, index): QueueStatus =>
  index % 15 === 0
    ? {
        ...queue,
        state: 'drifting',
        reason: 'Nothing is written in report mode: codes would be removed: Test.',
        since: ago(index * MINUTE + 90),
      }
    : queue,
);

const vast = queuesOf(5_000).map((queue, index): QueueStatus =>
  index % 16 === 0
    ? {
        ...queue,
        state: 'held',
        heldBy: 'window',
        reason: 'No change window is open.',
        since: ago(index * 7),
        until: ago(-46 * MINUTE),
      }
    : queue,
);

const someHeld = [
  ...[0, 2, 3]
    .flatMap((index) => TROUBLED[index] ?? [])
    .map((queue, index): QueueStatus => ({
      ...queue,
      name: queueOf(index).name,
    })),
  ...queuesOf(180).slice(3),
];

/** The scenes that are looked at and tested in a browser. */
export const SCENES = {
  'all-well': { status: healthy, queues: calm, runs: RUNS.slice(1) },
  'some-held': { status: statusOf(someHeld), queues: someHeld, runs: RUNS },
  'much-wrong': { status: much, queues: troubled, runs: RUNS },
  'broken-and-failing': {
    status: statusOf(calm, {
      source: BROKEN,
      consecutiveFailures: 3,
      lastSuccessAt: ago(40 * MINUTE),
      lastPass: {
        run: '01JDK3W7M2Q9',
        startedAt: ago(42),
        endedAt: ago(40),
        trigger: 'interval',
        outcome: 'error',
        extent: 'changed',
        requests: { sent: 4, retried: 3, throttled: 0 },
        problem: {
          ...finding,
          code: 'genesys.unavailable',
          message: 'GET /api/v2/routing/queues answered 503 four times.',
          remedy: 'Look at status.mypurecloud.com; the daemon tries again by itself.',
          file: null,
          line: null,
          column: null,
        },
      },
    }),
    queues: calm,
    runs: RUNS,
  },
  'report-mode': { status: statusOf(reporting, { mode: 'report' }), queues: reporting, runs: [] },
  'never-passed': {
    status: statusOf([], {
      ready: false,
      notReady: 'the first pass is still running',
      organization: null,
      lastPass: null,
      lastSuccessAt: null,
      isRunning: true,
      nextPassAt: null,
      startedAt: ago(8),
      sinks: [],
      source: { ...healthy.source, state: 'waiting', since: ago(8), seen: null, accepted: null },
      detection: { ...healthy.detection, cursor: null, lastSweepAt: null, oldestReadAt: null },
    }),
    queues: [],
    runs: [],
  },
  'five-thousand': { status: statusOf(vast), queues: vast, runs: RUNS.slice(1) },
} as const satisfies Record<string, StatusPageInput>;
