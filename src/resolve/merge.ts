/**
 * One merge: the policies that govern a queue become what is wanted of it. The result depends on the
 * policies alone, so that queues under the same policies share it.
 *
 * | question                              | answer                                                       |
 * |---------------------------------------|--------------------------------------------------------------|
 * | which policies count for a section?   | those that have it, none below the highest `combine: replace`|
 * | which after-call work?                | that of the highest priority; equals must agree              |
 * | which codes?                          | all that are listed, but those forbidden or retired          |
 * | which row of the requirement matrix?  | that of the highest priority that lists it; equals must agree|
 * | what happens to other codes?          | removed when any policy says `unlisted: remove`              |
 * | whose codes go when a period ends?    | those of policies that counted; what another lists stays     |
 * | `unmanaged` on top?                   | hands off                                                    |
 */
import { problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { formatDuration } from '../domain/duration.js';
import type { CodeId } from '../domain/ids.js';
import { differingFlags, flagOf, sameRequirement } from '../domain/requirement.js';
import type { Requirement } from '../domain/requirement.js';
import { isUnmanaged } from '../policy/model.js';
import type {
  AfterCallWorkRule,
  Provenance,
  QueuePolicy,
  Unmanaged,
  WrapupCodesRule,
} from '../policy/model.js';
import type { KnownCode } from './code-index.js';
import type {
  CodeKey,
  DesiredAfterCallWork,
  DesiredCode,
  DesiredCodes,
  DesiredSections,
} from './model.js';
import { append } from './multimap.js';

/** A code as one policy lists it. */
export interface Listing {
  readonly key: CodeKey;
  readonly priority: number;
  readonly from: Provenance;
  /** What is wanted where no other policy lists it: one object for all merges. */
  readonly wanted: DesiredCode;
}

/** A policy with its references to codes resolved. */
export interface ResolvedPolicy {
  readonly policy: QueuePolicy;
  readonly listed: readonly Listing[];
  readonly forbidden: readonly { readonly code: KnownCode; readonly from: Provenance }[];
  /** Why a code that it lists or forbids cannot be used, or null where all can. */
  readonly unresolved: string | null;
  /** `ended`: past its `active` period with `afterwards: remove`; only its codes count, as leftovers. */
  readonly phase: 'active' | 'ended';
}

export interface MergeContext {
  readonly retired: ReadonlyMap<CodeId, { readonly name: string; readonly from: Provenance }>;
  /** Codes that are never pruned: see {@link DesiredCodes.protected}. */
  readonly protected: ReadonlySet<CodeId>;
}

export interface Merged {
  readonly sections: DesiredSections;
  readonly conflicts: readonly Diagnostic[];
  /** Policies that the sections are made of, for holds: a suspended one holds what it contributes to. */
  readonly contributors: {
    readonly afterCallWork: readonly ResolvedPolicy[];
    readonly wrapupCodes: readonly ResolvedPolicy[];
  };
}

/** Merges policies that govern the same queues. `policies` come highest priority first, then by name. */
export const mergePolicies = (
  policies: readonly ResolvedPolicy[],
  context: MergeContext,
): Merged => {
  const active = policies.filter((entry) => entry.phase === 'active');
  const work = counting(active, (policy) => policy.afterCallWork);
  const codes = counting(active, (policy) => policy.wrapupCodes);
  const ended = policies.filter(
    (entry) => entry.phase === 'ended' && entry.policy.priority >= codes.floor,
  );
  const afterCallWork = mergeAfterCallWork(work.rules);
  const wrapupCodes = codes.handsOff
    ? { desired: null, conflicts: [] }
    : mergeCodes(codes.rules, ended, context);
  return {
    sections: { afterCallWork: afterCallWork.desired, wrapupCodes: wrapupCodes.desired },
    conflicts: [
      ...work.conflicts,
      ...afterCallWork.conflicts,
      ...codes.conflicts,
      ...wrapupCodes.conflicts,
    ],
    contributors: {
      afterCallWork: afterCallWork.contributors,
      wrapupCodes: [...codes.policies, ...ended],
    },
  };
};

/** Which policies count for a section, and how it ends. */
export interface Counting<Rule> {
  /** The priority below which policies are ignored. */
  readonly floor: number;
  /** The section that says `combine: replace`, or null. */
  readonly replacing: Provenance | null;
  readonly policies: readonly ResolvedPolicy[];
  readonly rules: readonly { readonly entry: ResolvedPolicy; readonly rule: Rule }[];
  /** The section is `unmanaged` and nothing above it manages it. */
  readonly handsOff: boolean;
  readonly conflicts: readonly Diagnostic[];
}

/** Sorts out which of these policies (highest priority first, all active) count for a section. */
export const counting = <Rule extends AfterCallWorkRule | WrapupCodesRule>(
  policies: readonly ResolvedPolicy[],
  section: (policy: QueuePolicy) => Rule | Unmanaged | null,
): Counting<Rule> => {
  const present = policies.flatMap((entry) => {
    const rule = section(entry.policy);
    return rule === null ? [] : [{ entry, rule }];
  });
  const replacing = present.find(({ entry }) => entry.policy.combine === 'replace');
  const floor = replacing?.entry.policy.priority ?? -Infinity;
  const kept = present.filter(({ entry }) => entry.policy.priority >= floor);
  const rules = kept.flatMap(({ entry, rule }) => (isUnmanaged(rule) ? [] : [{ entry, rule }]));
  const unmanaged = kept.find(({ rule }) => isUnmanaged(rule));
  const rival =
    unmanaged &&
    rules.find(({ entry }) => entry.policy.priority === unmanaged.entry.policy.priority);
  return {
    floor,
    replacing: replacing?.rule.from ?? null,
    policies: kept.map(({ entry }) => entry),
    rules,
    handsOff: unmanaged !== undefined && rules.length === 0,
    conflicts:
      unmanaged && rival
        ? [
            conflict(
              `${place(unmanaged.rule.from)} says \`unmanaged\`, and ${place(rival.rule.from)} manages the same section of the same queues`,
              unmanaged.rule.from,
              rival.rule.from,
            ),
          ]
        : [],
  };
};

const mergeAfterCallWork = (
  rules: Counting<AfterCallWorkRule>['rules'],
): {
  readonly desired: DesiredAfterCallWork | null;
  readonly conflicts: readonly Diagnostic[];
  readonly contributors: readonly ResolvedPolicy[];
} => {
  const [first, ...rest] = rules;
  if (first === undefined) return { desired: null, conflicts: [], contributors: [] };
  const equals = rest.filter(({ entry }) => entry.policy.priority === first.entry.policy.priority);
  const other = equals.find(
    ({ rule }) => rule.prompt !== first.rule.prompt || rule.timeoutMs !== first.rule.timeoutMs,
  );
  return {
    desired: {
      prompt: first.rule.prompt,
      timeoutMs: first.rule.timeoutMs,
      from: [first, ...equals].map(({ rule }) => rule.from),
    },
    conflicts: other
      ? [
          conflict(
            `After-call work: ${place(first.rule.from)} wants ${describe(first.rule)}, ${place(other.rule.from)} wants ${describe(other.rule)}`,
            first.rule.from,
            other.rule.from,
          ),
        ]
      : [],
    contributors: [first, ...equals].map(({ entry }) => entry),
  };
};

const describe = (rule: AfterCallWorkRule): string =>
  rule.timeoutMs === null ? rule.prompt : `${rule.prompt} ${formatDuration(rule.timeoutMs)}`;

const mergeCodes = (
  rules: Counting<WrapupCodesRule>['rules'],
  ended: readonly ResolvedPolicy[],
  context: MergeContext,
): { readonly desired: DesiredCodes | null; readonly conflicts: readonly Diagnostic[] } => {
  const leftovers = ended.flatMap((entry) => entry.listed);
  if (rules.length === 0 && leftovers.length === 0) return { desired: null, conflicts: [] };

  const listings = new Map<CodeKey, Listing[]>();
  for (const { entry } of rules)
    for (const listing of entry.listed) append(listings, listing.key, listing);

  const unwanted = new Map<
    CodeId,
    { readonly name: string; readonly from: readonly Provenance[] }
  >();
  const reject = (id: CodeId | null, name: string, from: Provenance): void => {
    if (id === null) return;
    unwanted.set(id, { name, from: [...(unwanted.get(id)?.from ?? []), from] });
  };
  const forbiddenNew = new Set<CodeKey>();
  for (const { entry } of rules) {
    for (const { code, from } of entry.forbidden) {
      reject(code.id, code.name, from);
      if (code.id === null) forbiddenNew.add(code.key);
    }
  }
  if (rules.length > 0)
    for (const [id, entry] of context.retired) reject(id, entry.name, entry.from);
  for (const { key, wanted, from } of leftovers) {
    if (wanted.id !== null && !listings.has(key) && !context.protected.has(wanted.id))
      reject(wanted.id, wanted.name, from);
  }

  const conflicts: Diagnostic[] = [];
  const listed = new Map<CodeKey, DesiredCode>();
  for (const found of listings.values()) {
    const first = found[0];
    if (first === undefined) continue;
    const { key, wanted: alone } = first;
    const { id, name, requirement } = alone;
    if ((id !== null && unwanted.has(id)) || forbiddenNew.has(key)) continue;
    const other = found.find(
      ({ priority, wanted }) =>
        priority === first.priority && !sameRequirement(wanted.requirement, requirement),
    );
    if (other) {
      conflicts.push(
        conflict(
          `Wrap-up code "${name}": ${place(first.from)} and ${place(other.from)} disagree about when it is required (${differing(requirement, other.wanted.requirement)})`,
          first.from,
          other.from,
        ),
      );
    }
    listed.set(
      key,
      found.length === 1 ? alone : { ...alone, from: found.map((listing) => listing.from) },
    );
  }

  return {
    desired: {
      unlisted: rules.some(({ rule }) => rule.unlisted === 'remove') ? 'remove' : 'keep',
      allowEmpty: rules.some(({ rule }) => rule.allowEmpty),
      explicit:
        rules.some(({ rule }) => rule.codesWritten) &&
        rules.every(({ entry }) => entry.unresolved === null),
      listed,
      unwanted,
      protected: context.protected,
      from: [...rules.map(({ rule }) => rule.from), ...ended.map((entry) => entry.policy.from)],
    },
    conflicts,
  };
};

const differing = (a: Requirement, b: Requirement): string =>
  differingFlags(a, b)
    .map((flag) => `${flag}: ${String(flagOf(a, flag))} against ${String(flagOf(b, flag))}`)
    .join(', ');

/** A policy with its place: findings reach places where the file of the other side is not shown. */
const place = ({ policy, span }: Provenance): string => `"${policy}" (${span.file}:${span.line})`;

const conflict = (message: string, a: Provenance, b: Provenance): Diagnostic =>
  problem({
    code: 'policy.conflict',
    message: `${message}. Both have the same priority.`,
    remedy: 'Give one of them a higher `priority`, or let them select different queues.',
    span: a.span,
    related: [{ message: `what "${b.policy}" says`, span: b.span }],
  });
