/** Plans and reports to print: small parts with defaults, and one realistic organization. */
import type {
  AddedCode,
  ApplyReport,
  CodeInChange,
  CodeUpdate,
  GuardVerdict,
  HeldChange,
  Plan,
  PlanSummary,
  QueueChange,
  QueueRow,
  Step,
} from '../../src/domain/change.js';
import { codeId, organizationId, queueId } from '../../src/domain/ids.js';

/** An id of the platform's form that tells its number. */
const uuid = (kind: number, number: number): string =>
  `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(number).padStart(12, '0')}`;

const DIGEST = 'sha256:3fa9c2b14e0757e8d1d1f3a6c08e9f5b7a60c54d2e18b3f90a7c6d5e4f3b2a10';

export const code = (name: string, id: string | null = `id of ${name}`): CodeInChange => ({
  id: id === null ? null : codeId(id),
  name,
});

export const codes = (names: {
  readonly add?: readonly AddedCode[];
  readonly update?: readonly CodeUpdate[];
  readonly remove?: readonly string[];
}): NonNullable<QueueChange['wrapupCodes']> => ({
  add: names.add ?? [],
  ...(names.update !== undefined && { update: names.update }),
  remove: (names.remove ?? []).map((name) => ({ id: codeId(`id of ${name}`), name })),
  unchanged: 4,
});

let queues = 0;

export const queueChange = (name: string, rest: Partial<QueueChange> = {}): QueueChange => ({
  id: queueId(uuid(1, ++queues)),
  name,
  division: 'Home',
  policies: ['billing'],
  liveDigest: DIGEST,
  cause: 'unknown',
  ...rest,
});

export const heldChange = (
  name: string,
  rest: Partial<HeldChange> & Pick<HeldChange, 'by' | 'reason'>,
): HeldChange => ({
  ...queueChange(name, rest),
  by: rest.by,
  reason: rest.reason,
  until: rest.until ?? null,
});

export const guard = (measure: string, rest: Partial<GuardVerdict> = {}): GuardVerdict => ({
  measure,
  actual: 0,
  of: null,
  limit: '50',
  verdict: 'pass',
  worst: [],
  ...rest,
});

/** A plan of these rows; its summary follows from them, with `inSync` queues that need nothing. */
export const plan = ({
  inSync = 0,
  ...rest
}: Partial<Omit<Plan, 'summary'>> & { readonly inSync?: number } = {}): Plan => {
  const changes = rest.queues ?? [];
  const held = rest.held ?? [];
  const create = rest.catalog?.create ?? [];
  const changed = new Set([...changes, ...held].map(({ id }) => id));
  const sum = (of: (change: QueueChange) => number): number =>
    changes.reduce((total, change) => total + of(change), 0);
  const summary: PlanSummary = {
    queuesGoverned: changed.size + inSync,
    queuesChanged: changes.length,
    queuesInSync: inSync,
    queuesHeld: new Set(held.map(({ id }) => id)).size,
    codesAdded: sum(({ wrapupCodes }) => wrapupCodes?.add.length ?? 0),
    codesRemoved: sum(({ wrapupCodes }) => wrapupCodes?.remove.length ?? 0),
    acwChanged: sum(({ afterCallWork }) => (afterCallWork === undefined ? 0 : 1)),
    codesCreated: create.length,
  };
  return {
    kind: 'Plan',
    formatVersion: '1.0',
    digest: DIGEST,
    createdAt: '2026-11-23T09:00:00.000Z',
    expiresAt: '2026-11-24T09:00:00.000Z',
    tool: 'wrapkeeper/0.1.0',
    organization: { id: organizationId(uuid(9, 1)), name: 'Acme Retail' },
    region: 'us-east-1',
    api: 'public',
    source: {
      commit: '9c41f0be2d7a6e5c4b3a29181706f5e4d3c2b1a0',
      dirty: false,
      policiesDigest: DIGEST,
    },
    catalog: { create: [], rename: [] },
    queues: [],
    held: [],
    guards: [],
    cost: { requests: 31, estimatedSeconds: 7 },
    diagnostics: [],
    seal: DIGEST,
    ...rest,
    summary,
  };
};

const COUNTRIES = [
  'AT',
  'BE',
  'BG',
  'CH',
  'CZ',
  'DE',
  'DK',
  'EE',
  'ES',
  'FI',
  'FR',
  'GR',
  'HR',
  'HU',
  'IE',
  'IT',
  'LT',
  'LU',
  'LV',
  'NL',
  'NO',
  'PL',
  'PT',
  'RO',
  'SE',
  'SI',
  'SK',
  'UK',
];

/** Names such as `Billing DE 2`, so many. */
export const queueNames = (team: string, howMany: number): readonly string[] =>
  Array.from({ length: howMany }, (_, index) => {
    const round = Math.floor(index / COUNTRIES.length);
    return `${team} ${COUNTRIES[index % COUNTRIES.length]}${round === 0 ? '' : ` ${round + 1}`}`;
  });

/** 145 queues in three groups, six held by three holds, a catalog, a guard that refuses, two warnings. */
export const largePlan = (): Plan => {
  const billing = queueNames('Billing', 84).map((name, index) =>
    queueChange(name, {
      cause: index % 20 === 0 ? 'drift' : 'policy',
      policies: ['billing', 'common'],
      afterCallWork: {
        from: { prompt: 'OPTIONAL', timeoutMs: null },
        to: { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 },
      },
      wrapupCodes: codes({
        add: [code('Escalated'), code('Resolved by bot', null)],
        remove: ['Test'],
      }),
    }),
  );
  const sales = queueNames('Sales', 60).map((name) =>
    queueChange(name, {
      policies: ['common', 'sales'],
      wrapupCodes: codes({
        add: [code('Sale – call back'), code('Sale – interested'), code('Sale – refused')],
      }),
    }),
  );
  const complaints = queueChange('Complaints, second line', {
    policies: ['complaints'],
    cause: 'drift',
    afterCallWork: {
      from: { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 30_000 },
      to: { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 120_000 },
    },
  });
  const held = [
    ...queueNames('Support', 3).map((name) =>
      heldChange(name, {
        by: 'report',
        reason: 'policy "support-pilot" is in report mode',
        policies: ['support-pilot'],
        wrapupCodes: codes({ add: [code('Handed over')], remove: ['Other'] }),
      }),
    ),
    ...queueNames('Night shift', 2).map((name) =>
      heldChange(name, {
        by: 'window',
        reason: 'no window of `changeWindows` is open for this queue',
        until: '2026-11-24T02:00:00.000Z',
        policies: ['common'],
        wrapupCodes: codes({ add: [code('Escalated')] }),
      }),
    ),
    heldChange('Back office', {
      by: 'unsafe',
      reason: 'after the change this queue would be MANDATORY without any code to choose',
      policies: ['back-office'],
      afterCallWork: {
        from: { prompt: 'OPTIONAL', timeoutMs: null },
        to: { prompt: 'MANDATORY', timeoutMs: null },
      },
    }),
  ];
  return plan({
    inSync: 37,
    catalog: {
      create: [
        { name: 'Resolved by bot', description: 'Closed without an agent', divisionId: null },
      ],
      rename: [{ id: codeId(uuid(2, 1)), from: 'Callback', to: 'Call back' }],
    },
    queues: [...billing, complaints, ...sales],
    held,
    guards: [
      guard('queuesChanged', { actual: 85, of: 188, limit: '30 % or 100', verdict: 'refuse' }),
      guard('codesRemoved', {
        actual: 84,
        of: 902,
        limit: '5 % or 200',
        verdict: 'allowed',
        worst: queueNames('Billing', 5).map((queue) => ({ queue, count: 1 })),
      }),
      guard('codesRemovedPerQueue', { actual: 1, of: 6, limit: '50 %' }),
      guard('codesPerQueue', { actual: 9, limit: '50' }),
    ],
    cost: { requests: 612, estimatedSeconds: 123 },
    diagnostics: [
      ...['Billing AT', 'Billing BE', 'Billing BG'].map((queue) => ({
        code: 'policy.required-advisory',
        severity: 'warning' as const,
        message:
          'code "Resolved" is required, but under MANDATORY_TIMEOUT the platform lets the timer end without one',
        remedy:
          'Use `prompt: MANDATORY` to have it enforced; otherwise it is checked by `compliance` afterwards.',
        file: 'policies/billing.yaml',
        line: 18,
        column: 5,
        queue,
      })),
      {
        code: 'policy.selects-nothing',
        severity: 'warning',
        message: 'pattern "Chat *" matches no queue',
        remedy: 'Check the spelling, or delete the entry.',
        file: 'policies/common.yaml',
        line: 9,
        column: 15,
        queue: null,
      },
    ],
  });
};

export const step = (
  action: Step['action'],
  detail: string,
  result: Step['result'] = 'applied',
): Step => ({
  action,
  detail,
  result,
  correlationId: result === 'applied' ? null : 'b5a1e7d2-4c1f-4ad1-9d1c-1f0a7be3c001',
});

export const queueRow = (name: string, rest: Partial<QueueRow> = {}): QueueRow => ({
  id: queueId(uuid(1, ++queues)),
  name,
  outcome: 'applied',
  steps: [],
  reason: null,
  latencyMs: 840,
  correlationId: null,
  ...rest,
});

/** A report of these rows; its summary follows from them. */
export const report = (rest: Partial<Omit<ApplyReport, 'summary'>> = {}): ApplyReport => {
  const of = (outcome: QueueRow['outcome']): number =>
    (rest.queues ?? []).filter((row) => row.outcome === outcome).length;
  return {
    kind: 'ApplyReport',
    formatVersion: '1.0',
    planDigest: DIGEST,
    run: '01JDCB6Q2V7M4X',
    outcome: 'applied',
    queues: [],
    catalog: [],
    guards: [],
    diagnostics: [],
    requests: { sent: 34, retried: 0, throttled: 0 },
    journal: { seq: 1042, hash: DIGEST },
    ...rest,
    summary: {
      applied: of('applied'),
      inSync: of('in-sync'),
      failed: of('failed'),
      stale: of('stale'),
      held: of('held'),
      notAttempted: of('not-attempted'),
    },
  };
};
