/** Plan → what really happened. Never throws halfway: every planned queue ends in a row. */
import { PLAN_FORMAT } from '../domain/change.js';
import type {
  ApplyReport,
  CatalogRow,
  HeldChange,
  Plan,
  QueueChange,
  QueueRow,
  RequestCounts,
} from '../domain/change.js';
import type { Clock } from '../domain/clock.js';
import { diagnosticJson } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { QueueId } from '../domain/ids.js';
import type { QueueSnapshot } from '../domain/state.js';
import type { QueueDrift } from '../diff/detect-drift.js';
import { changesToJudge, isForecast } from '../plan/forecast.js';
import type { ForecastHold } from '../plan/forecast.js';
import type { SavedMatch } from '../plan/match-saved.js';
import { heldBy, leftOut } from '../plan/row-words.js';
import { scopeOf } from '../plan/split.js';
import { applyCatalog } from './apply-catalog.js';
import type { Ledger } from './ledger.js';
import { snapshotOf } from './ledger-entries.js';
import { applyQueue } from './apply-queue.js';
import type { AppliedQueue, QueueTarget } from './apply-queue.js';
import { inParallel } from './in-parallel.js';
import type { Judge } from './judge.js';
import { requestsSince } from './ports.js';
import type { ApplyObserver, OrgReader, OrgWriter, RunJournal } from './ports.js';
import { withWhoChanged } from './who-changed.js';
import { askWhoDrifted } from './who-drifted.js';

export interface Execution {
  readonly plan: Plan;
  /** Rows of a saved plan that were settled by comparing it with a fresh one. */
  readonly settled: Pick<SavedMatch, 'rows' | 'catalog'>;
  /** What the plan was made from: the codes as they were read, and which of them are managed. */
  readonly drifts: readonly QueueDrift[];
  readonly reader: OrgReader;
  readonly writer: OrgWriter;
  readonly judge: Judge;
  readonly clock: Clock;
  readonly settleForMs: number;
  /** How many queues are worked on at a time. */
  readonly concurrency: number;
  readonly journal: RunJournal;
  readonly ledger: Ledger;
  /** The id of this run. */
  readonly run: string;
  /** When it aborts, queues in flight finish their step and no other is begun. */
  readonly signal: AbortSignal;
  readonly observer: ApplyObserver;
  /** What the token had sent before this run, so that the report counts its own requests. */
  readonly requestsBefore: RequestCounts;
}

const NOT_READ: QueueSnapshot = { afterCallWork: null, wrapupCodes: null };

/** Requests that a queue may need from the first read that a write rests on to the write itself. */
const REQUESTS_TO_A_WRITE = 4;

/**
 * How many queues to work on at a time: so few that what a write rests on and the write itself fit into one
 * minute of the limit. More of them would all read in one minute, and find their turn to write in the
 * next, when what they read is too old.
 */
export const queuesAtOnce = (limits: {
  readonly requestsPerMinute: number;
  readonly concurrency: number;
}): number =>
  Math.max(
    1,
    Math.min(limits.concurrency, Math.floor(limits.requestsPerMinute / REQUESTS_TO_A_WRITE)),
  );

/**
 * Applies a plan that nothing refuses, once the ledger has begun: the catalog first, then queue by queue. What the plan only expects
 * to be held is judged anew, like everything else.
 */
export const executePlan = async (execution: Execution): Promise<ApplyReport> => {
  const { plan, settled, reader, writer, judge, clock, settleForMs, signal, ledger } = execution;
  const changes = changesToJudge(plan);
  const sending = { reader, writer, judge, clock, settleForMs, signal, ledger };
  const whoDrifted = askWhoDrifted(changes, { ...sending, journal: execution.journal });
  const catalog = await applyCatalog(plan.catalog, sending);
  ledger.created((name) => catalog.created(name).id);
  const context = { ...sending, created: catalog.created };
  const targetOf = targets(execution.drifts);

  const done = await inParallel(execution.concurrency, changes, async (change) => {
    const target = targetOf(change);
    const result = signal.aborted
      ? notBegun(target)
      : await observed(execution.observer, target, () => applyQueue(target, context));
    await ledger.ended(result, await whoDrifted(change.id));
    return result;
  });
  const told = await withWhoChanged([...settled.rows, ...done.map(({ row }) => row)], {
    ...sending,
    plannedAt: Date.parse(plan.createdAt),
  });
  return buildReport(execution, {
    held: plan.held.filter(({ by }) => !isForecast(by)),
    rows: told.rows,
    catalog: [...settled.catalog, ...catalog.rows],
    catalogWrote: catalog.wrote,
    diagnostics: [...done.flatMap(({ diagnostics }) => diagnostics), ...told.diagnostics],
  });
};

/** Each change with what it was planned upon. */
const targets = (drifts: readonly QueueDrift[]): ((change: QueueChange) => QueueTarget) => {
  const driftOf = new Map<QueueId, QueueDrift>(
    drifts.map((drift) => [drift.desired.queue.id, drift]),
  );
  return (change) => {
    const drift = driftOf.get(change.id);
    return {
      change,
      before: drift === undefined ? NOT_READ : snapshotOf(drift),
      queue: drift?.desired.queue ?? { id: change.id, enabled: true },
      codes: drift?.codes ?? null,
      scope: drift === undefined ? null : scopeOf(drift),
    };
  };
};

const observed = async (
  observer: ApplyObserver,
  { change }: QueueTarget,
  apply: () => Promise<AppliedQueue>,
): Promise<AppliedQueue> => {
  observer.queueStarted?.(change);
  const result = await apply();
  observer.queueFinished?.(result.row);
  return result;
};

const notBegun = ({ change, before }: QueueTarget): AppliedQueue => ({
  row: notAttempted(change, 'the run was stopped'),
  before,
  after: null,
  diagnostics: [],
});

/** The report of a plan that was not executed at all: refused by a guard, not approved, or expired. */
export const reportUnexecuted = (
  execution: Reported,
  reason: string,
  {
    rows = 'not-attempted',
    outcome,
    diagnostics = [],
  }: {
    readonly rows?: 'not-attempted' | 'stale';
    readonly diagnostics?: readonly Diagnostic[];
    /** Where it does not follow from the rows. */
    readonly outcome?: ApplyReport['outcome'];
  } = {},
): ApplyReport => {
  const report = buildReport(execution, {
    held: execution.plan.held,
    rows: [
      ...execution.settled.rows,
      ...execution.plan.queues.map((change) => ({
        ...notAttempted(change, reason),
        outcome: rows,
      })),
    ],
    catalog: [
      ...execution.settled.catalog,
      ...catalogRows(execution.plan, { outcome: rows, reason }),
    ],
    catalogWrote: 0,
    diagnostics,
  });
  return outcome === undefined ? report : { ...report, outcome };
};

/** The report of a plan of which everything is held: there was nothing to approve, and nothing was tried. */
export const reportHeld = (execution: Reported, catalog: ForecastHold | null): ApplyReport =>
  buildReport(execution, {
    held: execution.plan.held,
    rows: [],
    catalog:
      catalog === null
        ? []
        : catalogRows(execution.plan, { outcome: 'held', reason: heldBy(catalog) }),
    catalogWrote: 0,
    diagnostics: [],
  });

const catalogRows = (
  { catalog: { create, rename } }: Plan,
  end: Pick<CatalogRow, 'outcome' | 'reason'>,
): readonly CatalogRow[] =>
  [
    ...rename.map(({ id, to }) => ({ id, name: to, action: 'rename' as const, ...end })),
    ...create.map(({ name }) => ({ id: null, name, action: 'create' as const, ...end })),
  ].map((row) => ({ ...row, correlationId: null }));

type Reported = Pick<Execution, 'plan' | 'settled' | 'run' | 'reader' | 'requestsBefore'>;

interface Results {
  /** What no longer waits for a judgement. */
  readonly held: readonly HeldChange[];
  readonly rows: readonly QueueRow[];
  readonly catalog: readonly CatalogRow[];
  /** Writes of the catalog that took effect, or may have. */
  readonly catalogWrote: number;
  readonly diagnostics: readonly Diagnostic[];
}

const buildReport = (
  { plan, run, reader, requestsBefore }: Reported,
  results: Results,
): ApplyReport => {
  const queues = withHeld(results.rows, results.held);
  const count = (outcome: QueueRow['outcome']): number =>
    queues.filter((row) => row.outcome === outcome).length;
  return {
    kind: 'ApplyReport',
    formatVersion: PLAN_FORMAT,
    planDigest: plan.digest,
    run,
    outcome: outcomeOf(tally(results)),
    queues,
    catalog: results.catalog,
    guards: plan.guards,
    diagnostics: [...plan.diagnostics, ...results.diagnostics.map(diagnosticJson)],
    summary: {
      applied: count('applied'),
      inSync: count('in-sync'),
      failed: count('failed'),
      stale: count('stale'),
      held: count('held'),
      notAttempted: count('not-attempted'),
    },
    requests: requestsSince(requestsBefore, reader),
    journal: null,
  };
};

/** Every planned queue once: what is held wholly gets a row, what is held in part a reason. */
const withHeld = (rows: readonly QueueRow[], held: readonly HeldChange[]): readonly QueueRow[] => {
  const byId = new Map<QueueId, QueueRow>(rows.map((row) => [row.id, row]));
  for (const change of held) {
    const { id, name } = change;
    const row = byId.get(id);
    const why = `${heldBy(change)}; ${leftOut(change)}`;
    byId.set(
      id,
      row === undefined
        ? {
            id,
            name,
            outcome: 'held',
            steps: [],
            reason: why,
            latencyMs: null,
            correlationId: null,
          }
        : { ...row, reason: row.reason === null ? why : `${row.reason}; ${why}` },
    );
  }
  return [...byId.values()].sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1,
  );
};

/** Rows of queues and codes together, by what they mean for the exit code. */
export interface Tally {
  /** Rows in which any write took effect, or may have. */
  readonly wrote: number;
  readonly failed: number;
  readonly stale: number;
  readonly notAttempted: number;
  readonly held: number;
}

const tally = ({ rows, held, catalog, catalogWrote }: Results): Tally => {
  const all = [...rows, ...catalog];
  const count = (outcome: QueueRow['outcome']): number =>
    all.filter((row) => row.outcome === outcome).length;
  return {
    wrote:
      catalogWrote +
      rows.filter(({ steps }) => steps.some(({ result }) => result !== 'failed')).length,
    failed: count('failed'),
    stale: count('stale'),
    notAttempted: count('not-attempted'),
    held: count('held') + held.length,
  };
};

/**
 * | failed + stale + not attempted | wrote | outcome                   |
 * |--------------------------------|-------|---------------------------|
 * | none                           | any   | applied, held or nothing  |
 * | some                           | some  | partial                   |
 * | some                           | none  | failed, or stale where nothing else is wrong |
 */
const outcomeOf = ({ wrote, failed, stale, notAttempted, held }: Tally): ApplyReport['outcome'] => {
  if (failed + stale + notAttempted > 0) {
    if (wrote > 0) return 'partial';
    return failed + notAttempted > 0 ? 'failed' : 'stale';
  }
  if (wrote > 0) return 'applied';
  return held > 0 ? 'held' : 'nothing';
};

const notAttempted = (
  { id, name }: { readonly id: QueueId; readonly name: string },
  reason: string,
): QueueRow => ({
  id,
  name,
  outcome: 'not-attempted',
  steps: [],
  reason,
  latencyMs: null,
  correlationId: null,
});
