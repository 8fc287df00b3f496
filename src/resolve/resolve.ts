/**
 * Policies × organization → desired state, queue by queue.
 *
 * References are resolved once a policy, selectors once an entry, and the merge once for every set of
 * policies that governs a queue, so that the work grows with queues + policies and not with their product.
 */
import type { Hold } from '../domain/change.js';
import { byPlace, problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { CodeId } from '../domain/ids.js';
import type { Inventory, LiveQueue } from '../domain/state.js';
import { isUnmanaged } from '../policy/model.js';
import type { CodeReference, PolicySet, Provenance, QueuePolicy } from '../policy/model.js';
import type { Settings } from '../policy/settings.js';
import { checkMerged } from './check-merged.js';
import { CodeIndex } from './code-index.js';
import type { KnownCode } from './code-index.js';
import { mergePolicies } from './merge.js';
import type { MergeContext, Merged, ResolvedPolicy } from './merge.js';
import type { DesiredQueue, DesiredState, SectionHold } from './model.js';
import { nextBoundary, phaseAt } from './periods.js';
import { QueueIndex } from './queue-index.js';
import { selectQueues } from './select.js';

export interface ResolveInput {
  readonly policySet: PolicySet;
  readonly inventory: Pick<Inventory, 'queues' | 'codes' | 'divisions'>;
  readonly settings: Pick<Settings, 'api' | 'suspend'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Resolves what the policies want of every queue that they govern. Never throws on bad input: it tells. */
export const resolveDesired = (input: ResolveInput): DesiredState => {
  const { policySet, inventory, settings, now } = input;
  const queues = new QueueIndex(inventory.queues);
  const codes = new CodeIndex(policySet.catalogs, inventory.codes, inventory.divisions);
  const diagnostics: Diagnostic[] = [...codes.diagnostics];
  const absentQueues: DesiredState['absent']['queues'][number][] = [];

  const governing = new Map<LiveQueue, GoverningPolicy[]>();
  for (const policy of [...policySet.policies].sort(byPrecedence)) {
    const phase = phaseAt(policy, now);
    if (phase === 'absent') continue;
    const resolved = resolveReferences(policy, phase, codes, diagnostics);
    const selection = selectQueues(policy, queues, inventory.divisions);
    // Nobody has to mend the spelling in a policy that has ended.
    if (phase === 'active') diagnostics.push(...selection.diagnostics);
    absentQueues.push(...selection.absent);
    for (const queue of selection.queues) {
      const list = governing.get(queue) ?? [];
      list.push({ ...resolved, doubtful: selection.doubtful });
      governing.set(queue, list);
    }
  }

  const retired = new Map(
    [...codes.retired].map(([id, entry]) => [id, { name: entry.name, from: entry.from }]),
  );
  const shared = new Map<string, ReturnType<typeof mergeGroup>>();
  const desired: DesiredQueue[] = [];
  for (const [queue, policies] of governing) {
    const key = policies.map((entry) => entry.policy.name).join('\n');
    let group = shared.get(key);
    if (group === undefined) {
      group = mergeGroup(policies, retired, settings, now);
      shared.set(key, group);
      diagnostics.push(...group.diagnostics.map((found) => ({ ...found, queue: queue.name })));
    }
    desired.push({ queue, ...group.wanted });
  }

  return {
    queues: desired,
    catalog: { create: codes.create, rename: codes.rename },
    diagnostics: distinct(diagnostics).sort(byPlace),
    absent: { queues: absentQueues, codes: codes.absent },
    nextBoundaryAt: nextBoundary(policySet.policies, settings, now),
  };
};

interface GoverningPolicy extends ResolvedPolicy {
  readonly doubtful: boolean;
}

const byPrecedence = (a: QueuePolicy, b: QueuePolicy): number =>
  b.priority - a.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

const resolveReferences = (
  policy: QueuePolicy,
  phase: 'active' | 'ended',
  codes: CodeIndex,
  diagnostics: Diagnostic[],
): ResolvedPolicy => {
  const rule = policy.wrapupCodes;
  if (rule === null || isUnmanaged(rule))
    return { policy, phase, listed: [], forbidden: [], unresolved: false };
  let unresolved = false;
  const find = (
    reference: CodeReference,
    absentIs: 'fine' | 'unresolved',
  ): readonly KnownCode[] => {
    const answer = codes.find(reference);
    if (answer.kind === 'known') return [answer.code];
    // A policy that has ended wants nothing any more: an unknown code is one that is gone already.
    if (phase === 'active') {
      if (answer.kind === 'unknown') diagnostics.push(answer.diagnostic);
      unresolved ||= answer.kind === 'unknown' || absentIs === 'unresolved';
    }
    return [];
  };
  const listed = rule.codes.flatMap((entry) =>
    find(entry, 'unresolved').map((code) => {
      const retired = code.id === null ? undefined : codes.retired.get(code.id);
      if (retired !== undefined && phase === 'active')
        diagnostics.push(retiredButListed(code, entry.from, retired.from));
      return { code, requirement: entry.requirement, from: entry.from };
    }),
  );
  const forbidden = rule.forbidden.flatMap((entry) =>
    find(entry, 'fine').map((code) => ({ code, from: entry.from })),
  );
  return { policy, phase, listed, forbidden, unresolved };
};

const retiredButListed = (code: KnownCode, listed: Provenance, retired: Provenance): Diagnostic =>
  problem({
    code: 'catalog.retired-listed',
    message: `"${code.name}" is retired by the catalog and listed by "${listed.policy}".`,
    span: listed.span,
    related: [{ message: 'retired here', span: retired.span }],
    remedy: 'Delete it from the policy, or take `retired` off.',
  });

const mergeGroup = (
  policies: readonly GoverningPolicy[],
  retired: MergeContext['retired'],
  settings: ResolveInput['settings'],
  now: number,
): {
  readonly wanted: Omit<DesiredQueue, 'queue'>;
  readonly diagnostics: readonly Diagnostic[];
} => {
  const enforcing = policies.filter((entry) => entry.policy.enforcement === 'enforce');
  const reporting = policies.filter((entry) => entry.policy.enforcement === 'report');
  const context = { retired, protected: listedIds(reporting) };
  const enforced = mergePolicies(enforcing, context);
  // The full merge prunes what the enforced one may not: it shows what would happen.
  const full =
    reporting.length === 0 ? enforced : mergePolicies(policies, { retired, protected: new Set() });
  return {
    wanted: {
      policies: policies.map((entry) => entry.policy.name),
      enforced: enforced.sections,
      full: full.sections,
      holds: holdsOf(enforced, enforcing, settings, now),
    },
    diagnostics: [enforced, full].flatMap((merged) => [
      ...merged.conflicts,
      ...checkMerged(merged.sections, settings.api),
    ]),
  };
};

const listedIds = (policies: readonly ResolvedPolicy[]): ReadonlySet<CodeId> =>
  new Set(
    policies.flatMap((entry) =>
      entry.listed.flatMap(({ code }) => (code.id === null ? [] : [code.id])),
    ),
  );

const SECTIONS = ['afterCallWork', 'wrapupCodes'] as const;

/** Why sections must not be written. The order is the order of reasons: the first of a section counts. */
const holdsOf = (
  merged: Merged,
  policies: readonly GoverningPolicy[],
  settings: ResolveInput['settings'],
  now: number,
): readonly SectionHold[] => {
  const hold = (
    by: Hold,
    sections: readonly SectionHold['section'][],
    reason: string,
    until: number | null = null,
  ): SectionHold[] => sections.map((section) => ({ section, by, reason, until }));

  const invalid = [...merged.conflicts, ...checkMerged(merged.sections, settings.api)].find(
    (found) => found.severity === 'error',
  );
  const doubtful = policies.find((entry) => entry.doubtful);
  const unresolved = policies.find((entry) => entry.unresolved);
  const { suspend } = settings;
  return [
    ...(suspend !== null && now < suspend.until
      ? hold(
          'suspend',
          SECTIONS,
          `the organization is suspended by ${suspend.by}: ${suspend.reason}`,
          suspend.until,
        )
      : []),
    ...(invalid === undefined ? [] : hold('conflict', SECTIONS, invalid.message)),
    ...(doubtful === undefined
      ? []
      : hold(
          'unresolved',
          SECTIONS,
          `an entry of \`exclude\` in "${doubtful.policy.name}" is not understood`,
        )),
    ...(unresolved === undefined
      ? []
      : hold(
          'unresolved',
          ['wrapupCodes'],
          `"${unresolved.policy.name}" names a code that does not exist`,
        )),
    ...SECTIONS.flatMap((section) =>
      merged.contributors[section].flatMap(({ policy }) =>
        policy.suspend !== null && now < policy.suspend.until
          ? hold(
              'suspend',
              [section],
              `"${policy.name}" is suspended by ${policy.suspend.by}: ${policy.suspend.reason}`,
              policy.suspend.until,
            )
          : [],
      ),
    ),
  ];
};

/** The same finding in several groups of queues is told once. */
const distinct = (diagnostics: readonly Diagnostic[]): Diagnostic[] => [
  ...new Map(
    diagnostics
      .map(
        (found) =>
          [JSON.stringify([found.code, found.message, found.span, found.related]), found] as const,
      )
      .reverse(),
  ).values(),
];
