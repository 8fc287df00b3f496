/**
 * One pass, from policies to a verified organization. The command line, the Action and the daemon all
 * call this one function; without `apply` it stops at the plan, and has no means to write.
 */
import { executePlan, queuesAtOnce, reportHeld, reportUnexecuted } from './apply/execute.js';
import { createJudge } from './apply/judge.js';
import { requestsSince } from './apply/ports.js';
import type { ApplyObserver, OrgReader, OrgWriter } from './apply/ports.js';
import { confirmAbsences, readCodesThatMatter, readLists } from './apply/read-org.js';
import { detectDrift } from './diff/detect-drift.js';
import type { ApplyReport, Plan } from './domain/change.js';
import type { Clock } from './domain/clock.js';
import { byPlace, distinctFindings, hasErrors, warning } from './domain/diagnostics.js';
import type { Diagnostic } from './domain/diagnostics.js';
import { AppError, invalidInput } from './domain/errors.js';
import type { Secret } from './domain/secret.js';
import type { LiveQueue, Organization } from './domain/state.js';
import { buildPlan } from './plan/build-plan.js';
import { expectsWrites } from './plan/forecast.js';
import { refusals } from './plan/guards.js';
import { matchSaved } from './plan/match-saved.js';
import { mustBelongTo, mustFit } from './plan/plan-file.js';
import { pendingChanges } from './plan/split.js';
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
  readonly clock: Clock;
  /** What errors in references and merges do: end the pass (exit 6), or hold the queues they concern. */
  readonly onUnresolved: 'refuse' | 'hold';
  readonly selects: (queue: LiveQueue) => boolean;
  /** With which plans are sealed (WRAPKEEPER_PLAN_KEY), or null. */
  readonly planKey: Secret | null;
  readonly apply?: ApplyRequest;
}

export interface ApplyRequest {
  readonly writer: OrgWriter;
  /** A plan that was saved and reviewed: this one is applied, and nothing else. null: the one that is made now. */
  readonly saved: Plan | null;
  /** Asked once the plan is made and there is something to write. */
  readonly approve: (plan: Plan) => Promise<boolean>;
  /** The digest of a plan for which the guards are lifted, or null. */
  readonly accept: string | null;
  /** Why the change windows are ignored, or null where they count. */
  readonly ignoreWindows: string | null;
  readonly run: string;
  readonly signal: AbortSignal;
  readonly observer: ApplyObserver;
}

export interface PassResult {
  readonly plan: Plan;
  /** null where the pass was to plan only. */
  readonly report: ApplyReport | null;
}

export const reconcile = async (pass: Pass): Promise<PassResult> => {
  const { policySet, settings, reader, clock, apply } = pass;
  const requestsBefore = reader.requests();

  // Read.
  if (apply?.saved) mustFit(apply.saved, policySet, settings);
  const organization = await identifyOrganization(reader, settings);
  if (apply?.saved) mustBelongTo(apply.saved, organization, pass.region);
  const lists = await readLists(reader, organization, policySet, settings.changeWindows);

  // Resolve: what the policies want of every queue; an absence is confirmed before it counts.
  const now = clock.now();
  let desired = resolveDesired({ policySet, inventory: lists, settings, now });
  const corrected = await confirmAbsences(reader, lists, desired.absent);
  if (corrected !== null)
    desired = resolveDesired({ policySet, inventory: corrected, settings, now });
  const diagnostics = distinctFindings([
    ...pass.diagnostics,
    ...desired.diagnostics,
    ...windowsIgnored(apply?.ignoreWindows ?? null),
  ]).sort(byPlace);
  if (pass.onUnresolved === 'refuse' && hasErrors(diagnostics)) throw invalidInput(diagnostics);

  // Diff.
  const read = await readCodesThatMatter(reader, desired, settings.limits.concurrency);
  const drifts = detectDrift(read.desired, read.codes);

  // Plan. What is judged anew before each queue's first write is a forecast here.
  const windows = (apply?.ignoreWindows ?? null) === null ? desired.changeWindows : [];
  const { activity } = settings;
  const judge = createJudge({ windows: compileWindows(windows), activity, reader, clock });
  const forecast = await judge.forecast(
    pendingChanges(drifts).filter(({ queue }) => pass.selects(queue)),
  );
  const { sent, retried } = requestsSince(requestsBefore, reader);
  const reads = sent - retried;
  const fresh = buildPlan({
    ...pass,
    organization,
    desired: read.desired,
    drifts,
    forecast,
    diagnostics: [...diagnostics, ...read.diagnostics],
    reads,
    now,
  });
  if (apply === undefined) return { plan: fresh, report: null };

  // A saved plan is held against the fresh one, row by row: what was reviewed is done, or told why not.
  const { plan, ...settled } =
    apply.saved === null
      ? { plan: fresh, rows: [], catalog: [] }
      : matchSaved({ saved: apply.saved, fresh, drifts, codes: (corrected ?? lists).codes });

  // Apply: guards look at the whole run before anybody is asked, and before the first write.
  const execution = {
    ...apply,
    plan,
    settled,
    drifts,
    reader,
    requestsBefore,
    judge,
    clock,
    settleForMs: settings.settleForMs,
    concurrency: queuesAtOnce(settings.limits),
  };
  const refused = plan.digest === apply.accept ? [] : refusals(plan.guards);
  if (refused.length > 0)
    return { plan, report: reportUnexecuted(execution, 'a guard refused the plan', 'refused') };
  if (apply.saved === null && !expectsWrites(plan.queues, plan.catalog, forecast))
    return { plan, report: reportHeld(execution, forecast.catalog) };
  if (!(await apply.approve(plan)))
    return { plan, report: reportUnexecuted(execution, 'the plan was not approved') };
  return { plan, report: await executePlan(execution) };
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

/** Whose organization the credentials belong to, and whether it is the one that the settings name. */
const identifyOrganization = async (
  reader: OrgReader,
  settings: Settings,
): Promise<Organization> => {
  const organization = await reader.organization();
  if (settings.organizationId === null || settings.organizationId === organization.id)
    return organization;
  throw new AppError(
    'genesys.wrong-organization',
    `The credentials belong to "${organization.name}" (${organization.id}); the settings name ${settings.organizationId}.`,
  );
};
