/**
 * A live organization as policies that ask for nothing but what is there: division by division, one policy
 * for all queues with equal rules, in an order that depends on names and ids alone.
 */
import { groupBy } from '../domain/group-by.js';
import { compareText } from '../domain/order.js';
import type { DivisionId } from '../domain/ids.js';
import type { Inventory, LiveQueue, LiveQueueCodes } from '../domain/state.js';
import type { PolicySet } from '../policy/model.js';
import { CodeIndex } from '../resolve/code-index.js';
import { QueueIndex } from '../resolve/queue-index.js';
import { likenessOf } from './import-likeness.js';
import type { Likeness } from './import-likeness.js';
import { commonWords, DistinctNames, fileSlug, slug } from './import-names.js';
import { codeNames, expressQueue } from './import-queue.js';
import type { ExpressedQueue, Gap, ImportedSelector } from './import-queue.js';

export interface ImportInput {
  /** The queues to import, with their codes. */
  readonly queues: readonly { readonly queue: LiveQueue; readonly codes: LiveQueueCodes }[];
  /** All that can be seen of the organization: what a name means depends on all other names. */
  readonly inventory: Pick<Inventory, 'queues' | 'codes' | 'divisions'>;
  /** The policies that are there already: their names are taken, and their catalogs count. */
  readonly policySet: PolicySet;
}

/** Queues with equal rules. */
export interface ImportedPolicy extends Pick<ExpressedQueue, 'afterCallWork' | 'wrapupCodes'> {
  readonly name: string;
  /** Sorted by name. */
  readonly queues: readonly ImportedQueue[];
  /** Why a section is not there, where all of them have it in common. */
  readonly gaps: readonly Gap[];
  /** The larger policy of the division that it is nearly like. */
  readonly like: Likeness | null;
}

export interface ImportedQueue {
  readonly queue: LiveQueue;
  readonly selector: ImportedSelector;
  /** Why its timer is not written, or null. */
  readonly timer: string | null;
}

/** What a division becomes: a file, unless nothing of it can be managed. */
export interface ImportedDivision {
  readonly division: string;
  /** What its file is called, without an ending. */
  readonly file: string;
  readonly policies: readonly ImportedPolicy[];
  /** Queues of which nothing is managed. */
  readonly unmanaged: readonly ExpressedQueue[];
}

/** The most queues in one policy: a file has to stay below its limit whatever names they have. */
const MOST_QUEUES = 1_000;

/**
 * Turns queues into policies. A plan with these policies finds nothing to do, in report mode or enforced.
 *
 * @example importQueues({ queues, inventory, policySet }).map(({ policies }) => policies.length)
 */
export const importQueues = ({
  queues,
  inventory,
  policySet,
}: ImportInput): readonly ImportedDivision[] => {
  const names = {
    queues: new QueueIndex(inventory.queues),
    divisions: inventory.divisions,
    codeOf: codeNames(new CodeIndex(policySet.catalogs, inventory.codes, inventory.divisions)),
  };
  const policyNames = new DistinctNames(policySet.policies.map(({ name }) => name));
  const files = divisionFiles(inventory.queues);
  const expressed = queues
    .map(({ queue, codes }) => expressQueue(queue, codes, names))
    .sort((a, b) => byName(a.queue, b.queue));
  return groupBy(expressed, ({ queue }) => queue.division.id)
    .toSorted(([a], [b]) => byName(a.queue.division, b.queue.division))
    .map((members) => {
      const { division } = members[0].queue;
      const file = files.get(division.id) ?? '';
      return {
        division: division.name,
        file,
        policies: toPolicies(members, (words) =>
          policyNames.take([file, slug(words)].filter((part) => part !== '').join('-')),
        ),
        unmanaged: members.filter((member) => !isManaged(member)),
      };
    });
};

/** What the file of each division is called, without an ending, whichever of all queues are imported. */
export const divisionFiles = (queues: readonly LiveQueue[]): ReadonlyMap<DivisionId, string> => {
  const names = new DistinctNames();
  const divisions = new Map(queues.map(({ division }) => [division.id, division]));
  return new Map(
    [...divisions.values()]
      .sort(byName)
      .map(({ id, name }) => [id, names.take(fileSlug(name))] as const),
  );
};

const isManaged = ({ afterCallWork, wrapupCodes }: ExpressedQueue): boolean =>
  afterCallWork !== null || wrapupCodes !== null;

const toPolicies = (
  members: readonly ExpressedQueue[],
  nameFor: (words: string) => string,
): readonly ImportedPolicy[] => {
  const policies = groupBy(members.filter(isManaged), rulesOf)
    .flatMap(inParts)
    .map((group) => {
      const { afterCallWork, wrapupCodes, gaps } = group[0];
      return {
        name: nameFor(commonWords(group.map(({ queue }) => queue.name))),
        queues: group.flatMap(toImported),
        afterCallWork,
        wrapupCodes,
        gaps: gaps.filter(({ part }) => part !== 'timeout'),
      };
    });
  return policies.map((policy) => ({ ...policy, like: likenessOf(policy, policies) }));
};

/** What queues must have in common to share a policy. Timers that are left alone may differ. */
const rulesOf = ({ afterCallWork, wrapupCodes, gaps }: ExpressedQueue): unknown => [
  afterCallWork,
  wrapupCodes?.map(({ name, id, requirement }) => [name, id, requirement]) ?? null,
  gaps.filter(({ part }) => part !== 'timeout'),
];

const toImported = ({ queue, selector, gaps }: ExpressedQueue): readonly ImportedQueue[] =>
  selector === null
    ? []
    : [{ queue, selector, timer: gaps.find(({ part }) => part === 'timeout')?.reason ?? null }];

type Filled<Item> = readonly [Item, ...Item[]];

const inParts = <Item>(items: Filled<Item>): readonly Filled<Item>[] => {
  const parts: Filled<Item>[] = [];
  for (let from = 0; from < items.length; from += MOST_QUEUES) {
    const [first, ...rest] = items.slice(from, from + MOST_QUEUES);
    if (first !== undefined) parts.push([first, ...rest]);
  }
  return parts;
};

/** By name in NFC, then by id: the same on every machine. */
const byName = (
  a: { readonly name: string; readonly id: string },
  b: { readonly name: string; readonly id: string },
): number =>
  compareText(a.name.normalize('NFC'), b.name.normalize('NFC')) || compareText(a.id, b.id);
