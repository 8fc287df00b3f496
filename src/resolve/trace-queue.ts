/**
 * Why one queue is wanted as it is: every policy that means it, the entries by which, and what became of each
 * wish. The merge gives the result; this tells the way there, with the same rules.
 *
 * | a wish of a policy that …                             | standing         |
 * |-------------------------------------------------------|------------------|
 * | counts in the enforced merge                          | `counts`         |
 * | only reports, and counts in the merge with all others | `reports`        |
 * | has the section below a `combine: replace`            | `replaced`       |
 * | is outdone by one of higher priority                  | `lower-priority` |
 * | lists a code that another forbids                     | `forbidden`      |
 * | lists a code that the catalog has retired             | `retired`        |
 * | excludes the queue that it also includes              | `excluded`       |
 * | has not begun, or has ended                           | `not-yet`, `over`|
 */
import type { CodeId } from '../domain/ids.js';
import { sameRequirement } from '../domain/requirement.js';
import type { Requirement } from '../domain/requirement.js';
import type { Inventory, LiveQueue, WrapupPrompt } from '../domain/state.js';
import { isUnmanaged } from '../policy/model.js';
import type {
  AfterCallWorkRule,
  PolicySet,
  Provenance,
  QueuePolicy,
  QueueSelector,
  Unmanaged,
  WrapupCodesRule,
} from '../policy/model.js';
import { CodeIndex } from './code-index.js';
import { counting } from './merge.js';
import type { Counting, ResolvedPolicy } from './merge.js';
import type { CodeKey } from './model.js';
import { phaseAt } from './periods.js';
import { QueueIndex } from './queue-index.js';
import { byPrecedence, resolveReferences } from './resolve.js';
import { selectQueues } from './select.js';

/** What became of a wish, and by whom. Instants are milliseconds since the epoch. */
export type Standing =
  | { readonly kind: 'counts' }
  | { readonly kind: 'reports' }
  | { readonly kind: 'lower-priority' | 'replaced' | 'forbidden'; readonly by: Provenance }
  | { readonly kind: 'retired' | 'excluded'; readonly by: Provenance }
  | { readonly kind: 'not-yet'; readonly from: number }
  | { readonly kind: 'over'; readonly since: number; readonly afterwards: 'keep' | 'remove' };

/** Something that a policy says about the queue. */
interface Wish {
  readonly from: Provenance;
  readonly standing: Standing;
}

export interface WorkWish extends Wish {
  readonly says: { readonly prompt: WrapupPrompt; readonly timeoutMs: number | null } | 'unmanaged';
}

/** What a policy says about codes that nobody lists. */
export interface ListWish extends Wish {
  readonly says: 'remove' | 'keep' | 'unmanaged';
}

export interface CodeWish extends Wish {
  readonly key: CodeKey;
  readonly name: string;
  readonly says: 'list' | 'forbid' | 'retire';
  /** Its row of the requirement matrix, where it lists the code. */
  readonly requirement: Requirement | null;
}

/** A policy that means the queue, or nearly does. */
export interface TracedPolicy {
  readonly policy: QueuePolicy;
  /** `nearly`: an entry means the queue under a name or a division that is not its own. */
  readonly standing:
    | Extract<Standing, { readonly kind: 'counts' | 'reports' | 'not-yet' | 'over' }>
    | { readonly kind: 'excluded'; readonly by: Provenance }
    | { readonly kind: 'nearly'; readonly why: string; readonly by: Provenance };
  /** The entries of `include` that mean it. */
  readonly entries: readonly QueueSelector[];
}

/** All that policies say about one queue, the highest priority first. */
export interface QueueTrace {
  readonly policies: readonly TracedPolicy[];
  readonly afterCallWork: readonly WorkWish[];
  readonly lists: readonly ListWish[];
  readonly codes: readonly CodeWish[];
}

export interface TraceInput {
  readonly queue: LiveQueue;
  readonly policySet: PolicySet;
  readonly inventory: Pick<Inventory, 'codes' | 'divisions'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Traces one queue. Its cost does not depend on how many others there are. */
export const traceQueue = ({ queue, policySet, inventory, now }: TraceInput): QueueTrace => {
  const index = new QueueIndex([queue]);
  const codes = new CodeIndex(policySet.catalogs, inventory.codes, inventory.divisions);
  const policies = [...policySet.policies]
    .sort(byPrecedence)
    .flatMap((policy) => meet(policy, queue, index, inventory.divisions, now));
  const resolved = policies
    .filter(({ standing }) => standing.kind !== 'nearly')
    .map((traced) => ({
      traced,
      entry: resolveReferences(traced.policy, 'active', codes, []),
    }));
  const governing = resolved.filter(({ traced: { standing } }) => isInForce(standing));
  const all = governing.map(({ entry }) => entry);
  const enforced = all.filter(({ policy }) => policy.enforcement === 'enforce');
  const judgeBy = <Rule extends AfterCallWorkRule | WrapupCodesRule>(
    section: (policy: QueuePolicy) => Rule | Unmanaged | null,
  ): SectionJudge<Rule> => {
    const merges = { enforced: counting(enforced, section), full: counting(all, section) };
    return (entry) => (entry.policy.enforcement === 'enforce' ? merges.enforced : merges.full);
  };
  const workOf = judgeBy((policy) => policy.afterCallWork);
  const codesOf = judgeBy((policy) => policy.wrapupCodes);
  const retired = new Map([...codes.retired].map(([id, { from }]) => [id as string, from]));
  return {
    policies,
    afterCallWork: resolved.flatMap(({ traced, entry }): readonly WorkWish[] => {
      const rule = entry.policy.afterCallWork;
      if (rule === null) return [];
      const says = isUnmanaged(rule)
        ? 'unmanaged'
        : { prompt: rule.prompt, timeoutMs: rule.timeoutMs };
      return [
        {
          from: rule.from,
          says,
          standing: outOfForce(traced) ?? rank(entry, workOf(entry), 'one'),
        },
      ];
    }),
    lists: resolved.flatMap(({ traced, entry }): readonly ListWish[] => {
      const rule = entry.policy.wrapupCodes;
      if (rule === null) return [];
      const says = isUnmanaged(rule) ? 'unmanaged' : rule.unlisted;
      return [
        {
          from: rule.from,
          says,
          standing: outOfForce(traced) ?? rank(entry, codesOf(entry), 'all'),
        },
      ];
    }),
    codes: [
      ...resolved.flatMap(({ traced, entry }) =>
        codeWishes(entry, outOfForce(traced), codesOf(entry), retired),
      ),
      ...[...codes.retired].map(
        ([id, { name, from }]: readonly [
          CodeId,
          { readonly name: string; readonly from: Provenance },
        ]): CodeWish => ({
          key: id,
          name,
          says: 'retire',
          requirement: null,
          from,
          standing: { kind: 'counts' },
        }),
      ),
    ],
  };
};

const meet = (
  policy: QueuePolicy,
  queue: LiveQueue,
  index: QueueIndex,
  divisions: Inventory['divisions'],
  now: number,
): readonly TracedPolicy[] => {
  const means = (entry: QueueSelector): boolean =>
    selectQueues({ include: [entry], exclude: [] }, index, divisions).queues.has(queue);
  const entries = policy.include.filter(means);
  if (entries.length === 0) {
    const { misnamed } = selectQueues({ ...policy, exclude: [] }, index, divisions);
    const found = misnamed.get(queue);
    const placed = { policy: policy.name, span: found?.span ?? policy.from.span };
    return found === undefined
      ? []
      : [{ policy, entries, standing: { kind: 'nearly', why: found.message, by: placed } }];
  }
  const excluding = policy.exclude.find(means);
  if (excluding !== undefined)
    return [{ policy, entries, standing: { kind: 'excluded', by: excluding.from } }];
  return [{ policy, entries, standing: inTime(policy, now) }];
};

const inTime = (policy: QueuePolicy, now: number): TracedPolicy['standing'] => {
  const { active } = policy;
  if (active !== null && phaseAt(policy, now) !== 'active')
    return active.from !== null && now < active.from
      ? { kind: 'not-yet', from: active.from }
      : { kind: 'over', since: active.until ?? now, afterwards: active.afterwards };
  return { kind: policy.enforcement === 'enforce' ? 'counts' : 'reports' };
};

const isInForce = ({ kind }: TracedPolicy['standing']): boolean =>
  kind === 'counts' || kind === 'reports';

/** Why nothing that the policy says counts for this queue, or null. */
const outOfForce = ({ standing }: TracedPolicy): Standing | null =>
  standing.kind === 'excluded' || standing.kind === 'not-yet' || standing.kind === 'over'
    ? standing
    : null;

type SectionJudge<Rule> = (entry: ResolvedPolicy) => Counting<Rule>;

type AnyRule = AfterCallWorkRule | WrapupCodesRule;

/** Where a section of a policy stands: of after-call work one counts, of codes all do. */
const rank = <Rule extends AnyRule>(
  { policy }: ResolvedPolicy,
  { floor, replacing, rules }: Counting<Rule>,
  which: 'one' | 'all',
): Standing => {
  if (policy.priority < floor && replacing !== null) return { kind: 'replaced', by: replacing };
  const [first] = rules;
  const section = which === 'one' ? policy.afterCallWork : policy.wrapupCodes;
  const isOutdone =
    first !== undefined &&
    first.entry.policy.priority > policy.priority &&
    (which === 'one' || (section !== null && isUnmanaged(section)));
  if (isOutdone) return { kind: 'lower-priority', by: first.rule.from };
  return { kind: policy.enforcement === 'enforce' ? 'counts' : 'reports' };
};

const codeWishes = (
  entry: ResolvedPolicy,
  outOf: Standing | null,
  section: Counting<WrapupCodesRule>,
  retired: ReadonlyMap<string, Provenance>,
): readonly CodeWish[] => {
  const rule = entry.policy.wrapupCodes;
  if (rule === null || isUnmanaged(rule)) return [];
  const base = outOf ?? rank(entry, section, 'all');
  const others = section.rules.map((each) => each.entry);
  const standingOf = (key: CodeKey, requirement: Requirement): Standing => {
    if (base.kind !== 'counts' && base.kind !== 'reports') return base;
    const forbids = others
      .flatMap(({ forbidden }) => forbidden)
      .find(({ code }) => code.key === key);
    if (forbids !== undefined) return { kind: 'forbidden', by: forbids.from };
    const retires = retired.get(key);
    if (retires !== undefined) return { kind: 'retired', by: retires };
    const first = others.flatMap(({ listed }) => listed).find((listing) => listing.key === key);
    // The code is wanted all the same; its row is another one's.
    return first !== undefined &&
      first.priority > entry.policy.priority &&
      !sameRequirement(first.wanted.requirement, requirement)
      ? { kind: 'lower-priority', by: first.from }
      : base;
  };
  return [
    ...entry.listed.map(({ key, from, wanted: { name, requirement } }): CodeWish => {
      return { key, name, says: 'list', requirement, from, standing: standingOf(key, requirement) };
    }),
    ...entry.forbidden.map(({ code: { key, name }, from }): CodeWish => {
      return { key, name, says: 'forbid', requirement: null, from, standing: base };
    }),
  ];
};
