/** What is wanted of queues that are governed by the same policies: it is worked out once for all of them. */
import type { Diagnostic } from '../domain/diagnostics.js';
import type { CodeId } from '../domain/ids.js';
import { checkSections } from '../policy/sections.js';
import type { Settings } from '../policy/settings.js';

import { hold, holdWhileSuspended, SECTIONS } from './holds.js';
import { mergePolicies } from './merge.js';
import type { MergeContext, Merged, ResolvedPolicy } from './merge.js';
import type { DesiredQueue, SectionHold } from './model.js';

/** A policy on the queues that it governs. */
export interface GoverningPolicy extends ResolvedPolicy {
  /** An entry of its `exclude` is not understood. */
  readonly selectsTooMuch: boolean;
}

export interface GroupContext extends Pick<MergeContext, 'retired'> {
  /** Codes of policies that may not find all of their queues: never pruned. */
  readonly unsure: ReadonlySet<CodeId>;
  readonly settings: Pick<Settings, 'api' | 'suspend'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Merges the policies of a group, without and with those in report mode; the highest priority comes first. */
export const mergeGroup = (
  policies: readonly GoverningPolicy[],
  context: GroupContext,
): {
  readonly wanted: Omit<DesiredQueue, 'queue'>;
  readonly diagnostics: readonly Diagnostic[];
} => {
  const { retired, unsure, settings, now } = context;
  const enforcing = policies.filter((entry) => entry.policy.enforcement === 'enforce');
  const reporting = policies.filter((entry) => entry.policy.enforcement === 'report');
  const reported = listedIds(reporting.filter((entry) => entry.phase === 'active'));
  const enforced = mergePolicies(enforcing, {
    retired,
    protected: new Set([...unsure, ...reported]),
  });
  // The full merge prunes what the enforced one may not: it shows what would happen.
  const full =
    reporting.length === 0 ? enforced : mergePolicies(policies, { retired, protected: unsure });

  const check = (merged: Merged): readonly Diagnostic[] => [
    ...merged.conflicts,
    ...checkSections(merged.sections, settings.api),
  ];
  const findings = check(enforced);
  const conflict = findings.find((found) => found.severity === 'error');
  return {
    wanted: {
      policies: policies.map((entry) => entry.policy.name),
      reporting: reporting.map((entry) => entry.policy.name),
      enforced: enforced.sections,
      full: full.sections,
      // In the order of reasons: the first of a section counts.
      holds: [
        ...holdWhileSuspended('the organization', settings.suspend, SECTIONS, now),
        ...hold('conflict', SECTIONS, conflict?.message),
        ...holdUnresolved(enforced, enforcing, reporting),
        ...SECTIONS.flatMap((section) =>
          enforced.contributors[section].flatMap(({ policy }) =>
            holdWhileSuspended(`"${policy.name}"`, policy.suspend, [section], now),
          ),
        ),
      ],
    },
    diagnostics: full === enforced ? findings : [...findings, ...check(full)],
  };
};

/**
 * A policy that may select too much holds everything on its queues. A code that is not understood holds
 * the codes: where its policy counts, and where a policy in report mode would protect it.
 */
const holdUnresolved = (
  merged: Merged,
  enforcing: readonly GoverningPolicy[],
  reporting: readonly GoverningPolicy[],
): readonly SectionHold[] => {
  const greedy = enforcing.find((entry) => entry.selectsTooMuch);
  const unresolved = [...merged.contributors.wrapupCodes, ...reporting].find(
    (entry) => entry.unresolved !== null,
  );
  return [
    ...hold(
      'unresolved',
      SECTIONS,
      greedy && `an entry of \`exclude\` in "${greedy.policy.name}" is not understood`,
    ),
    ...hold('unresolved', ['wrapupCodes'], unresolved?.unresolved),
  ];
};

/** The ids of all codes that these policies list. */
export const listedIds = (policies: readonly ResolvedPolicy[]): ReadonlySet<CodeId> =>
  new Set(
    policies.flatMap((entry) =>
      entry.listed.flatMap(({ wanted: { id } }) => (id === null ? [] : [id])),
    ),
  );
