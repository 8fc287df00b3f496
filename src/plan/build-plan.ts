/** Drift → plan: plain data that says everything an apply will do, and everything that was held back. */
import { PLAN_FORMAT } from '../domain/change.js';
import type {
  CatalogChanges,
  HeldChange,
  Hold,
  Plan,
  PlanSummary,
  QueueChange,
} from '../domain/change.js';
import { diagnosticJson, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { LiveQueue, Organization } from '../domain/state.js';
import { quoteFew } from '../domain/text.js';
import type { QueueDrift } from '../diff/detect-drift.js';
import type { PolicySet } from '../policy/model.js';
import type { Settings } from '../policy/settings.js';
import type { DesiredState } from '../resolve/model.js';
import { estimateCost } from './cost.js';
import { planDigest, policiesDigest, sealOf } from './digest.js';
import { judgeGuards } from './guards.js';
import { isEmpty, splitDrift, toQueueChange } from './split.js';

/** Holds that are judged anew just before a queue is written: in a plan they are a forecast. */
export const FORECASTS: ReadonlySet<Hold> = new Set<Hold>([
  'window',
  'busy',
  'disabled',
  'flapping',
]);

/** A plan lives a day at most. */
const LIFETIME_MS = 24 * 60 * 60 * 1000;

export interface PlanInput {
  readonly organization: Organization;
  readonly region: string;
  readonly source: { readonly commit: string | null; readonly dirty: boolean };
  readonly tool: string;
  readonly policySet: PolicySet;
  readonly settings: Pick<Settings, 'api' | 'guards' | 'limits' | 'suspend'>;
  readonly desired: DesiredState;
  readonly drifts: readonly QueueDrift[];
  /** Findings of earlier layers that belong into the plan. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether the plan is to contain a queue; guards count over all of them all the same. */
  readonly selects: (queue: LiveQueue) => boolean;
  /** Requests that reading took. */
  readonly reads: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Builds the plan. Pure: equal input gives an equal plan. */
export const buildPlan = (input: PlanInput): Plan => {
  const { drifts, desired, settings, now } = input;
  const queues: QueueChange[] = [];
  const held: HeldChange[] = [];
  const everywhere: QueueChange[] = [];
  for (const drift of drifts) {
    const split = splitDrift(drift);
    const change = isEmpty(split.change) ? null : toQueueChange(drift, split.change);
    if (change !== null) everywhere.push(change);
    if (!input.selects(drift.desired.queue)) continue;
    if (change !== null) queues.push(change);
    for (const { by, reason, until, ...sections } of split.held) {
      held.push({ ...toQueueChange(drift, sections), by, reason, until: isoOrNull(until) });
    }
  }
  queues.sort(byName);
  held.sort(byName);

  const suspension =
    settings.suspend !== null && now < settings.suspend.until ? settings.suspend : null;
  const catalog = suspension === null ? desired.catalog : { create: [], rename: [] };
  const findings = [
    ...input.diagnostics,
    ...probableRenames(catalog, queues),
    ...waitingCatalog(desired.catalog, suspension),
  ];
  const content = {
    kind: 'Plan',
    formatVersion: PLAN_FORMAT,
    digest: planDigest({
      organizationId: input.organization.id,
      api: settings.api,
      catalog,
      changes: rejoin([...queues, ...held.filter(({ by }) => FORECASTS.has(by))]),
    }),
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(
      Math.min(now + LIFETIME_MS, desired.nextBoundaryAt ?? Infinity),
    ).toISOString(),
    tool: input.tool,
    organization: { id: input.organization.id, name: input.organization.name },
    region: input.region,
    api: settings.api,
    source: { ...input.source, policiesDigest: policiesDigest(input.policySet) },
    catalog,
    queues,
    held,
    guards: judgeGuards({
      changes: everywhere,
      queuesGoverned: drifts.length,
      codesRead: drifts.reduce((sum, { codes }) => sum + (codes?.codes.length ?? 0), 0),
      guards: settings.guards,
      allowances: input.policySet.allowances,
      now,
    }),
    summary: summarise(
      drifts.filter((drift) => input.selects(drift.desired.queue)),
      queues,
      held,
      catalog,
    ),
    cost: estimateCost(input.reads, catalog, queues, settings.limits),
    diagnostics: findings.map(diagnosticJson),
  } as const satisfies Omit<Plan, 'seal'>;
  return { ...content, seal: sealOf(content) };
};

const summarise = (
  drifts: readonly QueueDrift[],
  queues: readonly QueueChange[],
  held: readonly HeldChange[],
  catalog: CatalogChanges,
): PlanSummary => {
  const heldQueues = new Set(held.map(({ id }) => id));
  const touched = new Set([...heldQueues, ...queues.map(({ id }) => id)]);
  const count = (measure: (change: QueueChange) => number): number =>
    queues.reduce((sum, change) => sum + measure(change), 0);
  return {
    queuesGoverned: drifts.length,
    queuesChanged: queues.length,
    queuesInSync: drifts.length - touched.size,
    queuesHeld: heldQueues.size,
    codesAdded: count(({ wrapupCodes }) => wrapupCodes?.add.length ?? 0),
    codesRemoved: count(({ wrapupCodes }) => wrapupCodes?.remove.length ?? 0),
    acwChanged: count(({ afterCallWork }) => (afterCallWork === undefined ? 0 : 1)),
    codesCreated: catalog.create.length,
  };
};

/** A change that is written in one part and held by a forecast in the other is one change to the digest. */
const rejoin = (changes: readonly QueueChange[]): readonly QueueChange[] => {
  const byId = new Map<string, QueueChange>();
  for (const change of changes) byId.set(change.id, { ...byId.get(change.id), ...change });
  return [...byId.values()];
};

/** A code that appears on queues where another disappears is probably the same one under a new name. */
const probableRenames = (
  catalog: CatalogChanges,
  queues: readonly QueueChange[],
): readonly Diagnostic[] =>
  catalog.create.flatMap(({ name }) => {
    const on = queues.filter(({ wrapupCodes }) =>
      wrapupCodes?.add.some((code) => code.id === null && code.name === name),
    );
    const removed = new Map<string, number>();
    for (const { wrapupCodes } of on) {
      for (const code of wrapupCodes?.remove ?? [])
        removed.set(code.name, (removed.get(code.name) ?? 0) + 1);
    }
    return [...removed]
      .filter(([, count]) => count === on.length)
      .map(([old]) =>
        warning({
          code: 'catalog.probable-rename',
          message: `"${name}" is created and "${old}" removed on the same ${on.length === 1 ? 'queue' : `${on.length} queues`}: probably a rename.`,
          remedy: `If it is one, write \`previously: "${old}"\` in the catalog: the code keeps its id and its history.`,
        }),
      );
  });

/** A suspension holds the catalog too, and no row of a queue would tell. */
const waitingCatalog = (
  { create, rename }: CatalogChanges,
  suspension: Settings['suspend'],
): readonly Diagnostic[] => {
  const waiting = [
    ...rename.map(({ from, to }) => `${from} → ${to}`),
    ...create.map(({ name }) => name),
  ];
  return suspension === null || waiting.length === 0
    ? []
    : [
        warning({
          code: 'catalog.suspended',
          message: `${waiting.length === 1 ? 'A code waits' : `${waiting.length} codes wait`} to be created or renamed: ${quoteFew(waiting)}. The organization is suspended by ${suspension.by}: ${suspension.reason}.`,
          remedy: `Nothing to do: the suspension ends by itself, at ${new Date(suspension.until).toISOString().replace('.000Z', 'Z')}.`,
        }),
      ];
};

const byName = (a: QueueChange, b: QueueChange): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;

const isoOrNull = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();
