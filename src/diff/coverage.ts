/**
 * What policies do not reach: desired × live, seen from the other side.
 *
 * | a code of the organization or the catalog | listed by a policy | on a queue | answer               |
 * |-------------------------------------------|--------------------|------------|----------------------|
 * | not retired                               | yes                |            | covered              |
 * | not retired                               | no                 | yes        | `codes.unlisted`     |
 * | not retired                               | no                 | no         | `codes.unused`       |
 * | retired                                   |                    | on one whose codes no policy enforces | `codes.retired` |
 * | not in the list of codes: out of sight    | cannot be          | yes        | `codes.unlisted`     |
 *
 * Nobody sees more than the credentials do: a code may be on queues that they do not show.
 */
import type { CodeId, QueueId } from '../domain/ids.js';
import type { Inventory, LiveCode, LiveQueue, LiveQueueCodes } from '../domain/state.js';
import type { PolicySet, Provenance, QueuePolicy, QueueSelector } from '../policy/model.js';
import { CodeIndex } from '../resolve/code-index.js';
import type { DesiredState } from '../resolve/model.js';
import { phaseAt } from '../resolve/periods.js';
import { QueueIndex } from '../resolve/queue-index.js';
import { resolveReferences } from '../resolve/resolve.js';
import { selectQueues } from '../resolve/select.js';

/** A policy that reaches no queue, and why. */
export interface IdlePolicy {
  readonly policy: QueuePolicy;
  readonly why: 'selects-nothing' | 'all-excluded' | 'not-yet' | 'over';
}

/** An entry that means no queue, of a policy that reaches some. */
export interface IdleEntry {
  readonly policy: string;
  readonly entry: QueueSelector;
  readonly list: 'include' | 'exclude';
}

/** A code that no policy lists. */
export interface StrayCode {
  /** null where only a catalog names it. */
  readonly id: CodeId | null;
  readonly name: string;
  /** Where a catalog lists it; null: it exists in the organization alone. */
  readonly catalog: Provenance | null;
  /** False for one that a queue has and the list of codes does not show: a division is missing in the role. */
  readonly isVisible: boolean;
}

/** A code on queues. */
export interface CodeOnQueues extends StrayCode {
  readonly queues: readonly LiveQueue[];
}

export interface Coverage {
  /** Queues that were looked at, in the order of their names. */
  readonly queues: readonly LiveQueue[];
  /** Of these, those under a policy that counts or reports. */
  readonly governed: ReadonlySet<QueueId>;
  /** Of the governed ones, those under policies in report mode alone. */
  readonly reportedOnly: readonly LiveQueue[];
  readonly ungoverned: readonly LiveQueue[];
  readonly idlePolicies: readonly IdlePolicy[];
  readonly idleEntries: readonly IdleEntry[];
  readonly codes: {
    /** Listed by no policy, and on no queue; null where not every queue was read. */
    readonly unused: readonly StrayCode[] | null;
    /** Listed by no policy, and on these queues; null where they were not read. */
    readonly unlisted: readonly CodeOnQueues[] | null;
    /** Retired, and on queues where no policy that is enforced manages codes; null where these were not read. */
    readonly retired: readonly CodeOnQueues[] | null;
  };
}

export interface CoverageInput {
  readonly policySet: PolicySet;
  readonly inventory: Pick<Inventory, 'queues' | 'codes' | 'divisions'>;
  readonly desired: DesiredState;
  /** Which queues are looked at. */
  readonly selects: (queue: LiveQueue) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What the lists alone tell, and which queues have to be read to tell the rest. */
export interface CoverageOutline extends Omit<Coverage, 'codes'> {
  /** Codes that no policy lists, retired ones left out. */
  readonly strays: readonly StrayCode[];
  /** Codes that the list shows. */
  readonly visible: ReadonlySet<CodeId>;
  /** Retired codes that exist. */
  readonly retired: readonly StrayCode[];
  /** Queues on which nobody removes retired codes. */
  readonly unkept: readonly LiveQueue[];
  /** Queues whose codes an answer needs: all where codes are astray, else those on which retired ones may be. */
  readonly toRead: readonly LiveQueue[];
}

/** Everything that the lists tell. Pure; reads nothing. */
export const outlineCoverage = (input: CoverageInput): CoverageOutline => {
  const { policySet, inventory, desired, selects, now } = input;
  const queues = inventory.queues.filter(selects).sort(byName);
  const known = new Map(desired.queues.map((each) => [each.queue.id, each]));
  const governed = queues.filter(({ id }) => known.has(id));
  const codes = new CodeIndex(policySet.catalogs, inventory.codes, inventory.divisions);
  const strays = strayCodes(policySet, codes, inventory.codes);
  const retired = [...codes.retired.values()]
    .map(({ id, name, from }) => ({ id, name, catalog: from, isVisible: true }))
    .sort(byName);
  const unkept = queues.filter(({ id }) => (known.get(id)?.enforced.wrapupCodes ?? null) === null);
  return {
    queues,
    governed: new Set(governed.map(({ id }) => id)),
    reportedOnly: governed.filter(({ id }) => {
      const each = known.get(id);
      return each !== undefined && each.reporting.length === each.policies.length;
    }),
    ungoverned: queues.filter(({ id }) => !known.has(id)),
    ...idleParts(policySet, inventory, now),
    strays,
    visible: new Set(inventory.codes.map(({ id }) => id)),
    retired,
    unkept,
    toRead: strays.some(({ id }) => id !== null) ? queues : retired.length > 0 ? unkept : [],
  };
};

/** The whole answer. `read` holds the codes of {@link CoverageOutline.toRead}; null: nobody read them. */
export const completeCoverage = (
  { strays, visible, retired, unkept, toRead: _toRead, ...outline }: CoverageOutline,
  read: ReadonlyMap<QueueId, LiveQueueCodes> | null,
  /** Whether all queues of the organization were looked at. */
  isWhole: boolean,
): Coverage => {
  const on = queuesByCode(outline.queues, read ?? new Map());
  const unkeptIds = new Set(unkept.map(({ id }) => id));
  const placed = [...strays, ...outOfSight(visible, read ?? new Map())].map((code) => ({
    ...code,
    queues: on(code.id),
  }));
  const needsReading = strays.some(({ id }) => id !== null);
  return {
    ...outline,
    codes: {
      unused:
        !isWhole || (read === null && needsReading)
          ? null
          : placed
              .filter(({ queues }) => queues.length === 0)
              .map(({ queues: _none, ...code }) => code),
      unlisted:
        read === null && needsReading ? null : placed.filter(({ queues }) => queues.length > 0),
      retired:
        read === null && retired.length > 0
          ? null
          : retired
              .map((code) => ({
                ...code,
                queues: on(code.id).filter(({ id }) => unkeptIds.has(id)),
              }))
              .filter(({ queues }) => queues.length > 0),
    },
  };
};

/** Codes that queues have and the list of codes does not show. A policy cannot list what nobody sees. */
const outOfSight = (
  visible: ReadonlySet<CodeId>,
  read: ReadonlyMap<QueueId, LiveQueueCodes>,
): readonly StrayCode[] => {
  const found = new Map<CodeId, StrayCode>();
  for (const { codes } of read.values())
    for (const { id, name } of codes)
      if (!visible.has(id) && !found.has(id))
        found.set(id, { id, name, catalog: null, isVisible: false });
  return [...found.values()].sort(byName);
};

const strayCodes = (
  { policies, catalogs }: PolicySet,
  codes: CodeIndex,
  live: readonly LiveCode[],
): readonly StrayCode[] => {
  const listed = new Set<string>(
    policies.flatMap((policy) =>
      resolveReferences(policy, 'active', codes, []).listed.map(({ key }) => key),
    ),
  );
  const entries = new Map(
    catalogs.flatMap((catalog) =>
      catalog.codes.flatMap((entry) => {
        const found = codes.find({ name: entry.name, id: null, from: entry.from });
        return found.kind === 'known' ? [[found.code.key, entry] as const] : [];
      }),
    ),
  );
  const existing = live.flatMap(({ id, name }): readonly StrayCode[] =>
    listed.has(id) || codes.retired.has(id)
      ? []
      : [{ id, name, catalog: entries.get(id)?.from ?? null, isVisible: true }],
  );
  const planned = [...entries].flatMap(([key, entry]): readonly StrayCode[] =>
    key.startsWith('new:') && !listed.has(key) && !entry.retired
      ? [{ id: null, name: entry.name, catalog: entry.from, isVisible: true }]
      : [],
  );
  return [...existing, ...planned].sort(byName);
};

const idleParts = (
  { policies }: PolicySet,
  { queues, divisions }: CoverageInput['inventory'],
  now: number,
): Pick<Coverage, 'idlePolicies' | 'idleEntries'> => {
  const index = new QueueIndex(queues);
  const meansNothing = (entry: QueueSelector): boolean =>
    selectQueues({ include: [entry], exclude: [] }, index, divisions).queues.size === 0;
  const idlePolicies: IdlePolicy[] = [];
  const idleEntries: IdleEntry[] = [];
  for (const policy of policies) {
    const phase = phaseAt(policy, now);
    const isOver = policy.active?.until !== null && (policy.active?.until ?? Infinity) <= now;
    if (phase !== 'active') {
      // One that still takes its codes away is not idle.
      if (phase === 'absent') idlePolicies.push({ policy, why: isOver ? 'over' : 'not-yet' });
      continue;
    }
    if (selectQueues(policy, index, divisions).queues.size === 0) {
      const why = policy.include.every(meansNothing) ? 'selects-nothing' : 'all-excluded';
      idlePolicies.push({ policy, why });
      continue;
    }
    for (const list of ['include', 'exclude'] as const)
      for (const entry of policy[list].filter(meansNothing))
        idleEntries.push({ policy: policy.name, entry, list });
  }
  return { idlePolicies, idleEntries };
};

const queuesByCode = (
  queues: readonly LiveQueue[],
  read: ReadonlyMap<QueueId, LiveQueueCodes>,
): ((id: CodeId | null) => readonly LiveQueue[]) => {
  const byCode = new Map<CodeId, LiveQueue[]>();
  for (const queue of queues) {
    for (const { id } of read.get(queue.id)?.codes ?? []) {
      const on = byCode.get(id);
      if (on === undefined) byCode.set(id, [queue]);
      else on.push(queue);
    }
  }
  return (id) => (id === null ? [] : (byCode.get(id) ?? []));
};

const byName = (
  a: { readonly name: string; readonly id: string | null },
  b: { readonly name: string; readonly id: string | null },
): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : (a.id ?? '') < (b.id ?? '') ? -1 : 1);
