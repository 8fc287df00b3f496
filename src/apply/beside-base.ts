/** The second resolution of a pass with a base: the policies of another commit, over the same live state. */
import type { CodesThatMatter } from './read-org.js';
import { codesThatMatterTo, detectDrift } from '../diff/detect-drift.js';
import type { Plan } from '../domain/change.js';
import { CODES } from '../domain/codes.js';
import { problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { Secret } from '../domain/secret.js';
import type { Organization } from '../domain/state.js';
import { buildPlan } from '../plan/build-plan.js';
import type { PlanInput } from '../plan/build-plan.js';
import { compareBase, isReviewed, whyIncomparable, withBase } from '../plan/compare-base.js';
import type { BasePolicies } from '../plan/compare-base.js';
import type { PolicySet } from '../policy/model.js';
import type { Settings } from '../policy/settings.js';
import type { DesiredState } from '../resolve/model.js';

/** What of a pass the second resolution shares with the first. */
type Shared = Pick<
  PlanInput,
  'policySet' | 'region' | 'source' | 'tool' | 'selects' | 'remembered'
> & {
  readonly settings: Settings;
  readonly base?: BasePolicies;
  readonly planKey: Secret | null;
};

const NO_POLICIES: PolicySet = { policies: [], catalogs: [], allowances: [] };

/** The base as it is resolved: nothing is wanted where it cannot be compared. */
export const inputOfBase = (
  base: BasePolicies,
  head: Settings,
): { readonly policySet: PolicySet; readonly settings: Settings } => ({
  policySet: whyIncomparable(base, head) === null ? (base.policySet ?? NO_POLICIES) : NO_POLICIES,
  // What only waits for a window is the same row: nobody has to know which queues windows hold for.
  settings: { ...(base.settings ?? head), changeWindows: [] },
});

/** What none of them found. */
export const absentIn = (desired: readonly DesiredState[]): DesiredState['absent'] => ({
  queues: desired.flatMap(({ absent }) => absent.queues),
  codes: desired.flatMap(({ absent }) => absent.codes),
});

/**
 * The plan with what the branch changes of it; the plan as it is where there is no base. What the base's policies
 * come to is planned like everything else, but for forecasts: they make no other row.
 */
export const besideBase = (
  shared: Shared,
  found: {
    readonly plan: Plan;
    readonly desired: DesiredState;
    readonly read: Pick<CodesThatMatter, 'codes' | 'others'>;
    readonly organization: Organization;
    readonly now: number;
  },
): Plan => {
  const { base, policySet, settings, selects, planKey } = shared;
  const { plan, desired, organization, now, read } = found;
  const [other] = read.others;
  if (base === undefined || other === undefined) return plan;
  const before = buildPlan({
    ...shared,
    ...inputOfBase(base, settings),
    organization,
    desired: other,
    drifts: detectDrift(other, codesThatMatterTo(other, read.codes)),
    diagnostics: [],
    reads: 0,
    now,
  });
  const comparison = compareBase({
    base,
    incomparable: whyIncomparable(base, settings),
    head: { plan, desired, policySet, settings },
    before: { plan: before, desired: other },
    selects,
    now,
  });
  return withBase(plan, comparison, planKey);
};

/** What a person is told whose review was of something else, or null. */
export const whyUnreviewed = (
  { base }: Pick<Plan, 'base'>,
  reviewed: string | undefined,
): Diagnostic | null =>
  reviewed === undefined || (base !== undefined && isReviewed(base, reviewed))
    ? null
    : problem({
        code: 'plan.not-reviewed',
        message: `What this branch changes has the digest ${base?.digest ?? 'of nothing'} now; ${reviewed} was reviewed. Nothing was written.`,
        remedy: CODES['plan.not-reviewed'].remedy,
      });
