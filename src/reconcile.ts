/**
 * One pass, from policies to a verified organization. The command line, the Action and the daemon all
 * call this one function; without `apply` it stops at the plan, and has no means to write.
 */
import { executePlan, queuesAtOnce, reportHeld, reportUnexecuted } from './apply/execute.js';
import type { Execution } from './apply/execute.js';
import { createJudge } from './apply/judge.js';
import { Ledger } from './apply/ledger.js';
import { snapshotOf } from './apply/ledger-entries.js';
import type { RunAbout } from './apply/ledger-entries.js';
import { requestsSince } from './apply/ports.js';
import type {
  ApplyObserver,
  OrgReader,
  OrgWriter,
  PlanningReader,
  RunJournal,
} from './apply/ports.js';
import { absentIn, besideBase, inputOfBase, whyUnreviewed } from './apply/beside-base.js';
import {
  confirmAbsences,
  identifyOrganization,
  readCodesThatMatter,
  readLists,
} from './apply/read-org.js';
import { whyUnsent } from './apply/send-step.js';
import { correctVerdicts, settleIntents } from './apply/settle-intents.js';
import { tellDrift } from './apply/who-drifted.js';
import { codesThatMatterTo, detectDrift } from './diff/detect-drift.js';
import type { QueueDrift } from './diff/detect-drift.js';
import type { ApplyReport, Plan, Undo } from './domain/change.js';
import type { Clock } from './domain/clock.js';
import { byPlace, distinctFindings, hasErrors, warning } from './domain/diagnostics.js';
import type { Diagnostic } from './domain/diagnostics.js';
import { AppError, invalidInput } from './domain/errors.js';
import type { QueueId } from './domain/ids.js';
import type { QueueMemory } from './domain/journal.js';
import type { Secret } from './domain/secret.js';
import type { LiveQueue, Organization, QueueSnapshot } from './domain/state.js';
import { buildPlan } from './plan/build-plan.js';
import { restrictToBase } from './plan/compare-base.js';
import type { BasePolicies } from './plan/compare-base.js';
import { expectsWrites, setsOutToWrite } from './plan/forecast.js';
import type { Forecast } from './plan/forecast.js';
import { refusals } from './plan/guards.js';
import { matchSaved } from './plan/match-saved.js';
import { mustBelongTo, mustFit } from './plan/plan-file.js';
import { pendingChanges } from './plan/split.js';
import { desireUndo, leaveMoved } from './plan/undo.js';
import { compileWindows } from './plan/windows.js';
import type { PolicySet } from './policy/model.js';
import type { Settings } from './policy/settings.js';
import { resolveDesired } from './resolve/resolve.js';

export interface Pass {
  readonly policySet: PolicySet;
  /** Warnings from reading the policies. */
  readonly diagnostics: readonly Diagnostic[];
  readonly settings: Settings;
  readonly region: string;
  readonly source: Omit<Plan['source'], 'policiesDigest'>;
  readonly tool: string;
  readonly reader: OrgReader;
  /** What is known of the organization already, where a daemon remembers it; else all is read. */
  readonly known?: PlanningReader;
  /** Why a queue is left to another writer who keeps changing it back, or null. */
  readonly flapping?: (queue: QueueId) => string | null;
  readonly clock: Clock;
  /** What errors in references and merges do: end the pass (exit 6), or hold the queues they concern. */
  readonly onUnresolved: 'refuse' | 'hold';
  readonly selects: (queue: LiveQueue) => boolean;
  /** With which plans are sealed (WRAPKEEPER_PLAN_KEY), or null. */
  readonly planKey: Secret | null;
  /** What the journal remembers of a queue. */
  readonly remembered: (queue: QueueId) => QueueMemory;
  /** The run that is to be undone, in place of what the policies want. */
  readonly undo?: Undo;
  /** What a branch is compared with: the plan then says what the branch changes. Not for an undo. */
  readonly base?: BasePolicies;
  readonly apply?: ApplyRequest;
}

export interface ApplyRequest {
  readonly writer: OrgWriter;
  /** A plan that was saved and reviewed: this one is applied, and nothing else. null: the one that is made now. */
  readonly saved: Plan | null;
  /** The `base.digest` that was reviewed: the rows of the branch are written, and nothing else. Needs a base. */
  readonly reviewed?: string;
  /** Asked once the plan is made and there is something to write. */
  readonly approve: (plan: Plan) => Promise<boolean>;
  /** The digest of a plan for which the guards are lifted, or null. */
  readonly accept: string | null;
  /** Why the change windows are ignored, or null where they count. */
  readonly ignoreWindows: string | null;
  readonly run: string;
  readonly journal: RunJournal;
  /** What the journal is to keep of this run, and no plan tells. */
  readonly about: RunAbout;
  readonly signal: AbortSignal;
  readonly observer: ApplyObserver;
  /** Whether a run that changes nothing, and has nothing new to tell, leaves no record: one of a daemon's many. */
  readonly quiet?: {
    /** The digests of plans whose refusal was told already. */
    readonly refusalsTold: ReadonlySet<string>;
  };
}

export interface PassResult {
  readonly plan: Plan;
  /** null where the pass was to plan only. */
  readonly report: ApplyReport | null;
  /** All governed queues, as they were read. */
  readonly drifts: readonly QueueDrift[];
}

export const reconcile = async (pass: Pass): Promise<PassResult> => {
  const { policySet, settings, reader, known = reader, clock, apply } = pass;
  const requestsBefore = reader.requests();

  // Read.
  if (apply?.saved) mustFit(apply.saved, policySet, settings);
  const organization = await identifyOrganization(reader, settings);
  if (apply?.saved) mustBelongTo(apply.saved, organization, pass.region);
  if (apply) mustBeJournalOf(apply.journal, organization);
  const surroundings = {
    reader,
    clock,
    settleForMs: settings.settleForMs,
    concurrency: queuesAtOnce(settings.limits),
  };
  // What a run before this one has begun, and could not tell the end of.
  const settled = apply ? await settleIntents({ ...apply, ...surroundings }) : [];
  const before = pass.base === undefined ? null : inputOfBase(pass.base, settings);
  const policySets = before === null ? [policySet] : [policySet, before.policySet];
  const lists = await readLists(known, organization, policySets, settings.changeWindows);

  // Resolve: what the policies want of every queue; an absence is confirmed before it counts.
  const now = clock.now();
  let desired = resolveDesired({ policySet, inventory: lists, settings, now });
  let others = before === null ? [] : [resolveDesired({ ...before, inventory: lists, now })];
  const corrected = await confirmAbsences(known, lists, absentIn([desired, ...others]));
  if (corrected !== null) {
    desired = resolveDesired({ policySet, inventory: corrected, settings, now });
    others = before === null ? [] : [resolveDesired({ ...before, inventory: corrected, now })];
  }
  const diagnostics = distinctFindings([
    ...pass.diagnostics,
    ...desired.diagnostics,
    ...windowsIgnored(apply?.ignoreWindows ?? null),
  ]).sort(byPlace);
  if (pass.onUnresolved === 'refuse' && hasErrors(diagnostics)) throw invalidInput(diagnostics);

  // An undo wishes for what was there before a run, unless the policies want otherwise.
  const undo = apply?.saved?.undoes ?? pass.undo ?? null;
  if (undo !== null) desired = desireUndo({ ...(corrected ?? lists), undo, desired, policySet });

  // Diff.
  const read = await readCodesThatMatter(
    { first: known, again: reader },
    desired,
    settings.limits.concurrency,
    others,
  );
  const moved = undo === null ? null : leaveMoved(undo, read.desired, read.codes);
  const wanted = moved?.desired ?? read.desired;
  const drifts = detectDrift(
    wanted,
    before === null ? read.codes : codesThatMatterTo(wanted, read.codes),
  );
  const corrections = apply
    ? await correctVerdicts(seenIn(drifts), { ...apply, ...surroundings })
    : [];

  // Plan. What is judged anew before each queue's first write is a forecast here.
  const windows = (apply?.ignoreWindows ?? null) === null ? desired.changeWindows : [];
  const { activity } = settings;
  const judge = createJudge({ ...pass, windows: compileWindows(windows), activity });
  const forecast = await judge.forecast(
    pendingChanges(drifts).filter(({ queue }) => pass.selects(queue)),
  );
  const { sent, retried } = requestsSince(requestsBefore, reader);
  const reads = sent - retried;
  const built = buildPlan({
    ...pass,
    organization,
    desired,
    drifts,
    forecast,
    diagnostics: distinctFindings([
      ...diagnostics,
      ...desired.diagnostics,
      ...read.diagnostics,
      ...(moved?.diagnostics ?? []),
      ...settled,
      ...corrections,
    ]),
    ...(undo !== null && { undo }),
    reads,
    now,
  });
  const fresh = besideBase(pass, { plan: built, desired: wanted, read, organization, now });
  if (apply === undefined) return { plan: fresh, report: null, drifts };

  // A saved plan is held against the fresh one, row by row: what was reviewed is done, or told why not.
  const own = apply.reviewed === undefined ? fresh : restrictToBase(fresh, pass.planKey);
  const { plan, ...matched } =
    apply.saved === null
      ? { plan: own, rows: [], catalog: [] }
      : matchSaved({ saved: apply.saved, fresh, drifts, codes: (corrected ?? lists).codes });

  // Apply.
  const report = await applyPlan(apply, forecast, {
    ...apply,
    ...surroundings,
    plan,
    settled: matched,
    drifts,
    requestsBefore,
    judge,
    ledger: new Ledger({ ...apply, plan, drifts }),
  });
  return { plan, report, drifts };
};

/** Guards look at the whole run before anybody is asked, and before the first write. */
const applyPlan = async (
  { accept, saved, approve, reviewed }: ApplyRequest,
  forecast: Forecast,
  execution: Execution,
): Promise<ApplyReport> => {
  const { plan, ledger, clock } = execution;
  const unreviewed = whyUnreviewed(plan, reviewed);
  if (unreviewed !== null) {
    const why = { rows: 'stale', outcome: 'stale', diagnostics: [unreviewed] } as const;
    return reportUnexecuted(execution, 'the plan is not the one that was reviewed', why);
  }
  // What is pending without the branch refuses no branch that has nothing to write.
  const isHarmless = reviewed !== undefined && !setsOutToWrite(plan);
  const refused = isHarmless || plan.digest === accept ? [] : refusals(plan.guards);
  if (refused.length > 0) {
    const why = { outcome: 'refused' } as const;
    return ledger.conclude(reportUnexecuted(execution, 'a guard refused the plan', why));
  }
  if (saved === null && !expectsWrites(plan.queues, plan.catalog, forecast)) {
    await tellDrift(execution);
    return ledger.conclude(reportHeld(execution, forecast.catalog));
  }
  if (!(await approve(plan))) return reportUnexecuted(execution, 'the plan was not approved');
  // Whoever takes his time to answer has answered about another time: periods begin and end.
  if (clock.now() >= Date.parse(plan.expiresAt))
    return reportUnexecuted(execution, 'the plan has expired meanwhile', { rows: 'stale' });
  const failure = await begin(ledger);
  if (failure !== null) return reportUnexecuted(execution, whyUnsent(failure.code), failure);
  const report = await executePlan(execution);
  await tellDrift(execution);
  return ledger.conclude(report);
};

/** Without a journal nothing is written: why there is none, or null. */
const begin = async (ledger: Ledger): Promise<AppError | null> => {
  try {
    await ledger.begin();
    return null;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
};

/** The queues as this pass has read them. */
const seenIn = (drifts: readonly QueueDrift[]): ReadonlyMap<QueueId, QueueSnapshot> =>
  new Map(drifts.map((drift) => [drift.desired.queue.id, snapshotOf(drift)]));

/** One writer an organization and journal. */
const mustBeJournalOf = ({ organizationId }: RunJournal, { id, name }: Organization): void => {
  if (organizationId === null || organizationId === id) return;
  throw new AppError(
    'journal.other-organization',
    `The journal belongs to the organization ${organizationId}; the credentials to "${name}" (${id}). Nothing was written.`,
  );
};

const windowsIgnored = (reason: string | null): readonly Diagnostic[] =>
  reason === null
    ? []
    : [
        warning({
          code: 'apply.windows-ignored',
          message: `The change windows are ignored: ${reason}`,
        }),
      ];
