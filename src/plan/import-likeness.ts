/**
 * Imported policies that are nearly like a larger one of their division: queues that have drifted from their like,
 * as often as not. Whoever reads the import decides whether they were meant to.
 */
import type { ExpressedQueue, ImportedCode } from './import-queue.js';

/** What two policies are compared by. */
export interface Comparable extends Pick<ExpressedQueue, 'afterCallWork' | 'wrapupCodes'> {
  readonly name: string;
  readonly queues: readonly unknown[];
}

/** The larger policy, and in what the smaller one differs. */
export interface Likeness {
  readonly policy: string;
  readonly queues: number;
  /** Names of codes that only the larger one has. */
  readonly without: readonly string[];
  /** Names of codes that only the smaller one has. */
  readonly besides: readonly string[];
  /** Whether after-call work differs. */
  readonly work: boolean;
}

/** A policy of so many queues is what others may have drifted from … */
const RULE = 3;
/** … where it has so many times their queues. */
const TIMES = 2;
/** More differences are no slip; after-call work is one. */
const SLIPS = 2;

/**
 * The policy that another one is nearly like: the fewest differences, then the most queues, then the first.
 *
 * @example likenessOf(chat, [billing])?.without // ['Billing question']
 */
export const likenessOf = (policy: Comparable, others: readonly Comparable[]): Likeness | null => {
  const size = policy.queues.length;
  const [closest] = others
    .filter(({ queues }) => queues.length >= Math.max(RULE, TIMES * size))
    .flatMap((other) => {
      const found = differences(policy, other);
      return found === null ? [] : [{ found, count: countOf(found) }];
    })
    .sort((a, b) => a.count - b.count || b.found.queues - a.found.queues);
  return closest?.found ?? null;
};

/** Null where the two have too little in common, or where a part of one could not be written. */
const differences = (policy: Comparable, other: Comparable): Likeness | null => {
  if (policy.wrapupCodes === null || other.wrapupCodes === null) return null;
  if (policy.afterCallWork === null || other.afterCallWork === null) return null;
  const without = missing(other.wrapupCodes, policy.wrapupCodes);
  const besides = missing(policy.wrapupCodes, other.wrapupCodes);
  const likeness: Likeness = {
    policy: other.name,
    queues: other.queues.length,
    without,
    besides,
    work: JSON.stringify(policy.afterCallWork) !== JSON.stringify(other.afterCallWork),
  };
  const shared = policy.wrapupCodes.length - besides.length;
  const count = countOf(likeness);
  return count > 0 && count <= SLIPS && shared >= without.length + besides.length ? likeness : null;
};

const countOf = ({ without, besides, work }: Likeness): number =>
  without.length + besides.length + (work ? 1 : 0);

const missing = (from: readonly ImportedCode[], to: readonly ImportedCode[]): readonly string[] => {
  const there = new Set(to.map(keyOf));
  return from.filter((code) => !there.has(keyOf(code))).map(({ label }) => label);
};

const keyOf = ({ id, name }: ImportedCode): string => id ?? `name ${name ?? ''}`;
