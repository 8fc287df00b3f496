/** Drift → plan: plain data that says everything an apply will do, and everything that was held back. */
import { PLAN_FORMAT } from '../domain/change.js';
import type {
  CatalogChanges,
  HeldChange,
  Plan,
  PlanSummary,
  QueueChange,
  Undo,
} from '../domain/change.js';
import { diagnosticJson, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { QueueId } from '../domain/ids.js';
import { NOT_SEEN } from '../domain/journal.js';
import type { QueueMemory } from '../domain/journal.js';
import type { Secret } from '../domain/secret.js';
import type { LiveQueue, Organization } from '../domain/state.js';
import { quoteFew } from '../domain/text.js';
import type { QueueDrift } from '../diff/detect-drift.js';
import type { PolicySet } from '../policy/model.js';
import type { Settings } from '../policy/settings.js';
import type { DesiredState } from '../resolve/model.js';
import { causeOf, desiredDigest } from './cause.js';
import { findStrangeLists } from './code-rows.js';
import { auditCost, estimateCost } from './cost.js';
import { byName, changesToJudge, expectsWrites } from './forecast.js';
import type { Forecast, ForecastHold } from './forecast.js';
import { planDigest, policiesDigest, sealOf } from './digest.js';
import { judgeGuards } from './guards.js';
import { findProbableRenames, probablyRenamed } from './probable-renames.js';
import { isEmpty, splitDrift, toQueueChange } from './split.js';
import { countChanges } from './summary.js';

const NOTHING_HELD: Forecast = { queues: new Map(), catalog: null };
const NO_CODES: CatalogChanges = { create: [], rename: [] };

/** A plan lives a day at most. */
const LIFETIME_MS = 24 * 60 * 60 * 1000;

export interface PlanInput {
  readonly organization: Organization;
  readonly region: string;
  readonly source: { readonly commit: string | null; readonly dirty: boolean };
  readonly tool: string;
  readonly policySet: PolicySet;
  readonly settings: Pick<Settings, 'api' | 'guards' | 'limits' | 'suspend' | 'activity'>;
  readonly desired: DesiredState;
  readonly drifts: readonly QueueDrift[];
  /** What is expected to be held when the plan is applied; nothing where it is left out. */
  readonly forecast?: Forecast;
  /** What the journal remembers of a queue; nothing where it is left out. */
  readonly remembered?: (queue: QueueId) => QueueMemory;
  /** The run that it undoes. */
  readonly undo?: Undo;
  /** Findings of earlier layers that belong into the plan. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether the plan is to contain a queue; guards count over all of them all the same. */
  readonly selects: (queue: LiveQueue) => boolean;
  /** Requests that reading took. */
  readonly reads: number;
  /** With which the plan is sealed (WRAPKEEPER_PLAN_KEY), or null. */
  readonly planKey?: Secret | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Builds the plan. Pure: equal input gives an equal plan. */
export const buildPlan = (input: PlanInput): Plan => {
  const { drifts, desired, settings, now, forecast = NOTHING_HELD } = input;
  const { remembered = () => NOT_SEEN } = input;
  const queues: QueueChange[] = [];
  const held: HeldChange[] = [];
  const everywhere: QueueChange[] = [];
  for (const drift of drifts) {
    const split = splitDrift(drift);
    if (isEmpty(split.change) && split.held.length === 0) continue;
    const cause = causeOf(
      desiredDigest(drift.desired, settings.api),
      remembered(drift.desired.queue.id),
    );
    const change = isEmpty(split.change) ? null : toQueueChange(drift, split.change, cause);
    if (change !== null) everywhere.push(change);
    if (!input.selects(drift.desired.queue)) continue;
    const expected = forecast.queues.get(drift.desired.queue.id);
    if (change !== null) {
      if (expected === undefined) queues.push(change);
      else held.push({ ...change, ...heldFor(expected) });
    }
    for (const { by, reason, until, ...sections } of split.held) {
      held.push({ ...toQueueChange(drift, sections, cause), by, reason, until: isoOrNull(until) });
    }
  }
  queues.sort(byName);
  held.sort(byName);

  const suspension =
    settings.suspend !== null && now < settings.suspend.until ? settings.suspend : null;
  const catalog = suspension === null ? desired.catalog : NO_CODES;
  const changes = changesToJudge({ queues, held });
  const selected = drifts.filter((drift) => input.selects(drift.desired.queue));
  const findings = [
    ...input.diagnostics,
    ...findStrangeLists(selected),
    ...findProbableRenames(catalog, changes).map(probablyRenamed),
    ...waitingCatalog(desired.catalog, catalogWait(suspension, forecast)),
  ];
  const content = {
    kind: 'Plan',
    formatVersion: PLAN_FORMAT,
    digest: planDigest({
      organizationId: input.organization.id,
      api: settings.api,
      catalog,
      changes,
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
      selected,
      queues,
      held,
      forecast.catalog === null ? catalog : NO_CODES,
      settings.api,
    ),
    cost: estimateCost({
      reads: input.reads,
      catalog: forecast.catalog === null ? catalog : NO_CODES,
      changes: queues,
      asked:
        settings.activity.onBusy === 'hold' && expectsWrites(queues, catalog, forecast)
          ? countAsked(changes, forecast)
          : 0,
      audits: auditCost(changes.filter(({ cause }) => cause === 'drift').length),
      limits: settings.limits,
    }),
    diagnostics: findings.map(diagnosticJson),
    ...(input.undo !== undefined && { undoes: input.undo }),
  } as const satisfies Omit<Plan, 'seal'>;
  return { ...content, seal: sealOf(content, input.planKey ?? null) };
};

/** As a row of the plan tells it; one request answers for many queues, and its id stands with them. */
const heldFor = ({
  by,
  reason,
  until,
  correlationId = null,
}: ForecastHold): Pick<HeldChange, 'by' | 'reason' | 'until'> => ({
  by,
  reason: correlationId === null ? reason : `${reason} (correlation id ${correlationId})`,
  until: isoOrNull(until),
});

const summarise = (
  drifts: readonly QueueDrift[],
  queues: readonly QueueChange[],
  held: readonly HeldChange[],
  catalog: CatalogChanges,
  api: Plan['api'],
): PlanSummary => {
  const touched = new Set([...held, ...queues].map(({ id }) => id));
  const { queuesChanged, ...counts } = countChanges({ queues, held, catalog, api });
  return {
    queuesGoverned: drifts.length,
    queuesChanged,
    queuesInSync: drifts.length - touched.size,
    ...counts,
  };
};

/** Nobody is asked about a queue that is closed anyway. */
const countAsked = (changes: readonly QueueChange[], { queues }: Forecast): number =>
  changes.filter(({ id }) => (queues.get(id)?.by ?? 'busy') === 'busy').length;

/** Why changes of the catalog wait, and what a person is told about it. */
interface CatalogWait {
  readonly code: 'catalog.suspended' | 'catalog.closed';
  readonly reason: string;
  readonly remedy: string;
}

const catalogWait = (
  suspension: Settings['suspend'],
  { catalog }: Forecast,
): CatalogWait | null => {
  if (suspension !== null)
    return {
      code: 'catalog.suspended',
      reason: `The organization is suspended by ${suspension.by}: ${suspension.reason}.`,
      remedy: `Nothing to do: the suspension ends by itself, at ${isoForPeople(suspension.until)}.`,
    };
  if (catalog === null) return null;
  const { reason, until } = catalog;
  return {
    code: 'catalog.closed',
    reason: `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`,
    remedy:
      until === null
        ? 'Look at `changeWindows`: no time is in sight at which they let it through.'
        : `Nothing to do: an apply from ${isoForPeople(until)} on makes them.`,
  };
};

/** The catalog belongs to no queue: what holds it stands in no row. */
const waitingCatalog = (
  { create, rename }: CatalogChanges,
  wait: CatalogWait | null,
): readonly Diagnostic[] => {
  const waiting = [
    ...rename.map(({ from, to }) => `${from} → ${to}`),
    ...create.map(({ name }) => name),
  ];
  if (wait === null || waiting.length === 0) return [];
  const { code, reason, remedy } = wait;
  const wording = waiting.length === 1 ? 'A code waits' : `${waiting.length} codes wait`;
  return [
    warning({
      code,
      message: `${wording} to be created or renamed: ${quoteFew(waiting)}. ${reason}`,
      remedy,
    }),
  ];
};

const isoForPeople = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

const isoOrNull = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();
