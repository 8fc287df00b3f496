/**
 * What a branch changes, apart from what was pending without it: the plan from its policies beside the plan
 * from the policies of its base, both over the same live state.
 *
 * | a queue's row in the plan | in the base's plan      | it is                                           |
 * |---------------------------|-------------------------|-------------------------------------------------|
 * | there                     | the same                | pending: in neither list                        |
 * | there                     | another one, or none    | the branch's: in `queues`                       |
 * | none                      | there                   | `settled`                                       |
 * | none                      | none, but wanted to be otherwise | `wantedOtherwise`                      |
 *
 * Rows are the same where they have the same effect, held by the same holds: reasons, policies, causes and what
 * is only expected to be held (`window`, `busy` …) do not count, as they do not count in a digest.
 */
import { byName } from '../domain/order.js';
import { isDeepStrictEqual } from 'node:util';
import type {
  CatalogChanges,
  ChangedSections,
  NamedQueue,
  Plan,
  PlanBase,
  QueueChange,
} from '../domain/change.js';
import type { QueueId } from '../domain/ids.js';
import type { Secret } from '../domain/secret.js';
import type { LiveQueue } from '../domain/state.js';
import type { PolicySet } from '../policy/model.js';
import type { Settings } from '../policy/settings.js';
import type { DesiredQueue, DesiredState } from '../resolve/model.js';
import { findMarks } from './base-marks.js';
import { desiredDigest } from './cause.js';
import { planDigest, sealOf } from './digest.js';
import { changesToJudge, isForecast } from './forecast.js';
import { findProbableRenames } from './probable-renames.js';
import { countChanges } from './summary.js';

/** The policies and settings that a branch is compared with. */
export interface BasePolicies {
  /** As it was asked for, such as `main`. */
  readonly ref: string;
  readonly commit: string;
  /** Null where they are not valid: then everything counts as changed. */
  readonly policySet: PolicySet | null;
  /** Null where they are not valid. */
  readonly settings: Settings | null;
}

/** One side of the comparison. */
export interface ComparedSide {
  readonly plan: Pick<Plan, 'catalog' | 'queues' | 'held' | 'guards'>;
  readonly desired: Pick<DesiredState, 'queues'>;
}

export interface BaseComparison {
  readonly base: BasePolicies;
  /** As {@link whyIncomparable} says. */
  readonly incomparable: string | null;
  readonly head: ComparedSide & {
    readonly plan: Plan;
    readonly policySet: PolicySet;
    readonly settings: Settings;
  };
  /** What the policies of the base come to; nothing where it cannot be compared. */
  readonly before: ComparedSide;
  readonly selects: (queue: LiveQueue) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Why a base says nothing about this organization, in a part of a sentence; null: it can be compared. */
export const whyIncomparable = (
  { policySet, settings }: Pick<BasePolicies, 'policySet' | 'settings'>,
  head: Settings,
): string | null => {
  if (policySet === null || settings === null)
    return 'its policies or settings are not valid, and nothing could be applied there';
  if (settings.api !== head.api) return `its settings name the API \`${settings.api}\``;
  const { organizationId: before } = settings;
  return before !== null && head.organizationId !== null && before !== head.organizationId
    ? `its settings name another organization (${before})`
    : null;
};

/** Pure: what the branch changes. */
export const compareBase = (input: BaseComparison): PlanBase => {
  const { base, incomparable, head, before, selects, now } = input;
  const rows = rowsOf(head.plan);
  const rowsBefore = rowsOf(before.plan);
  const queues = [...rows]
    .filter(([id, row]) => !isDeepStrictEqual(row, rowsBefore.get(id)))
    .map(([id]) => id)
    .sort();
  const branch = new Set(queues);
  const changes = changesToJudge(head.plan).filter(({ id }) => branch.has(id));
  const catalog = catalogOf(head.plan.catalog, before.plan.catalog, changes);
  const after = governed(head.desired, selects);
  const governedBefore = governed(before.desired, selects);
  const named = (found: Iterable<DesiredQueue>): readonly NamedQueue[] =>
    incomparable === null
      ? Array.from(found, ({ queue: { id, name } }) => ({ id, name })).sort(byName)
      : [];
  const { api } = head.settings;
  const isWantedOtherwise = (wanted: DesiredQueue): boolean => {
    const { id } = wanted.queue;
    const other = governedBefore.get(id);
    return (
      other !== undefined &&
      !rows.has(id) &&
      !rowsBefore.has(id) &&
      desiredDigest(wanted, api) !== desiredDigest(other, api)
    );
  };
  return {
    ref: base.ref,
    commit: base.commit,
    incomparable,
    digest: planDigest({ organizationId: head.plan.organization.id, api, catalog, changes }),
    catalog,
    queues,
    newlyGoverned: named(without(after, governedBefore)),
    noLongerGoverned: named(without(governedBefore, after)),
    settled: named(
      [...governedBefore.values()].filter(
        ({ queue: { id } }) => rowsBefore.has(id) && !rows.has(id),
      ),
    ),
    wantedOtherwise: named([...after.values()].filter(isWantedOtherwise)),
    refusedAlready: before.plan.guards
      .filter(({ verdict }) => verdict === 'refuse')
      .map(({ measure }) => measure),
    marks: [
      ...findMarks({ before: base, after: head, now }),
      ...findProbableRenames(catalog, changes).map(({ from, to }) => ({
        kind: 'probably-renamed' as const,
        name: from,
        detail: to,
      })),
    ],
  };
};

/** What happens to a queue: what would be written, and what is held by what. */
const rowsOf = (plan: ComparedSide['plan']): ReadonlyMap<QueueId, readonly unknown[]> => {
  const rows = new Map<QueueId, unknown[]>();
  const put = (id: QueueId, part: unknown): void => {
    rows.set(id, [...(rows.get(id) ?? []), part]);
  };
  for (const change of changesToJudge(plan)) put(change.id, effectOf(change));
  for (const { by, ...change } of plan.held)
    if (!isForecast(by)) put(change.id, { by, ...effectOf(change) });
  return rows;
};

/** How many codes a queue keeps is no effect: codes that nobody manages may come and go. */
const effectOf = ({ afterCallWork, wrapupCodes }: ChangedSections): object => ({
  afterCallWork,
  wrapupCodes: wrapupCodes === undefined ? undefined : { ...wrapupCodes, unchanged: 0 },
});

/** What the branch itself does to the catalog, and what its rows cannot do without. */
const catalogOf = (
  { create, rename }: CatalogChanges,
  before: CatalogChanges,
  changes: readonly QueueChange[],
): CatalogChanges => {
  const awaited = new Set(
    changes.flatMap(({ wrapupCodes }) =>
      (wrapupCodes?.add ?? []).flatMap(({ id, name }) => (id === null ? [name] : [])),
    ),
  );
  const isNew =
    <Change>(known: readonly Change[]) =>
    (change: Change): boolean =>
      !known.some((other) => isDeepStrictEqual(other, change));
  const isOwn = isNew(before.create);
  return {
    create: create.filter((change) => isOwn(change) || awaited.has(change.name)),
    rename: rename.filter(isNew(before.rename)),
  };
};

const governed = (
  { queues }: Pick<DesiredState, 'queues'>,
  selects: (queue: LiveQueue) => boolean,
): ReadonlyMap<QueueId, DesiredQueue> =>
  new Map(
    queues.flatMap((wanted) => (selects(wanted.queue) ? [[wanted.queue.id, wanted] as const] : [])),
  );

const without = (
  these: ReadonlyMap<QueueId, DesiredQueue>,
  those: ReadonlyMap<QueueId, DesiredQueue>,
): readonly DesiredQueue[] => [...these.values()].filter(({ queue: { id } }) => !those.has(id));

/** The plan with what the branch changes of it. The seal covers both; the digest of the plan stays. */
export const withBase = (
  { seal: _seal, ...content }: Plan,
  base: PlanBase,
  key: Secret | null,
): Plan => {
  const whole = { ...content, base };
  return { ...whole, seal: sealOf(whole, key) };
};

/**
 * Whether what a branch changes is still what was reviewed (`require-reviewed-plan`). Where all of it is there
 * already, because a run is run again, nothing is left that would need a review.
 */
export const isReviewed = (
  { digest, queues, catalog }: Pick<PlanBase, 'digest' | 'queues' | 'catalog'>,
  reviewed: string,
): boolean =>
  digest === reviewed || queues.length + catalog.create.length + catalog.rename.length === 0;

/**
 * The plan with the rows and codes of its branch alone: its digest is `base.digest`. Guards stay those of the
 * whole plan, which they have judged; so does the cost, which is the most that it can be.
 *
 * @throws Error where the plan has no base
 */
export const restrictToBase = (plan: Plan, key: Secret | null = null): Plan => {
  const { base } = plan;
  if (base === undefined) throw new Error('the plan was not compared with a base');
  const branch = new Set(base.queues);
  const isOwn = ({ id }: QueueChange): boolean => branch.has(id);
  const left = {
    api: plan.api,
    catalog: base.catalog,
    queues: plan.queues.filter(isOwn),
    held: plan.held.filter(isOwn),
  };
  const { seal: _seal, ...content } = plan;
  const restricted = {
    ...content,
    ...left,
    digest: base.digest,
    summary: { ...plan.summary, ...countChanges(left) },
  };
  return { ...restricted, seal: sealOf(restricted, key) };
};

/** The rest of the plan: what was pending without the branch. */
export const pendingBeside = (plan: Plan): Pick<Plan, 'catalog' | 'queues' | 'held'> => {
  const { base } = plan;
  const branch = new Set(base?.queues);
  const isPending = ({ id }: QueueChange): boolean => !branch.has(id);
  const own = base?.catalog ?? { create: [], rename: [] };
  return {
    catalog: {
      create: plan.catalog.create.filter(({ name }) =>
        own.create.every((change) => change.name !== name),
      ),
      rename: plan.catalog.rename.filter(({ id }) =>
        own.rename.every((change) => change.id !== id),
      ),
    },
    queues: plan.queues.filter(isPending),
    held: plan.held.filter(isPending),
  };
};
