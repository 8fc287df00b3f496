/** How much may be read in place of the audit log: a quarter of the limit. */

/** Reads in place of the log: when they were done, and how many requests they took. */
export interface Spent {
  readonly at: number;
  readonly lists: number;
  readonly codes: number;
}

export interface ReadBudget {
  readonly now: number;
  readonly requestsPerMinute: number;
  /** What reading the lists costs. */
  readonly listRequests: number;
}

const MINUTE_MS = 60_000;
/** The part of the limit that is left to everything else is three quarters. */
const PART = 1 / 4;

/**
 * What may be read now, after what was spent: the lists, and codes of queues with so many requests. In any minute
 * that is no more than a quarter of the limit; where reading the lists takes more than half of that, in a time that
 * is long enough for twice the lists, once for them and once for codes.
 *
 * Only the clock tells how long ago something was: one that is set on makes a budget too early, once.
 */
export const nextReads = (
  before: readonly Spent[],
  { now, requestsPerMinute, listRequests }: ReadBudget,
): {
  readonly lists: boolean;
  readonly codeRequests: number;
  /** With these reads, as far back as it counts. */
  readonly spent: readonly Spent[];
} => {
  const perMs = (requestsPerMinute * PART) / MINUTE_MS;
  // So long that one request fits.
  const shortMs = Math.max(MINUTE_MS, 1 / perMs);
  const longMs = Math.max(shortMs, (2 * listRequests) / perMs);
  const spent = before
    // What was done later than now was done before the clock was set back.
    .map((one) => ({ ...one, at: Math.min(one.at, now) }))
    .filter(({ at }) => at > now - longMs);
  const spentShort = spent.filter(({ at }) => at > now - shortMs);

  const left = whole(perMs * longMs) - sum(spent, all);
  const leftForLists = whole((perMs * longMs) / 2) - sum(spent, ({ lists }) => lists);
  const lists = listRequests <= Math.min(left, leftForLists);
  const cost = lists ? listRequests : 0;
  const leftShort = whole(perMs * shortMs) - sum(spentShort, all);
  const codeRequests = Math.max(0, Math.min(left, leftShort) - cost);
  return {
    lists,
    codeRequests,
    spent: [...spent, { at: now, lists: cost, codes: codeRequests }],
  };
};

const all = ({ lists, codes }: Spent): number => lists + codes;

/** A number of requests; a hair below a whole number is that number. */
const whole = (requests: number): number => Math.floor(requests + 1e-6);

const sum = (spent: readonly Spent[], count: (one: Spent) => number): number =>
  spent.reduce((total, one) => total + count(one), 0);
