/**
 * How drift is found: from the state of the search, and what the audit log told, to what is to be forgotten and
 * asked next. Pure; `KnownOrg` remembers, a `ChangeFeed` tells, and their owner puts them together, in each pass:
 *
 * 1. {@link nextLook}; where it says `ask`, ask the feed that, and give the answer to {@link told}
 * 2. forget what was told, what {@link rollingReads} says, and where the look says `sweep` everything: each by
 *    itself, because what was told is also not to be kept before it has settled
 * 3. plan; then {@link rolled}, where something was read in place of the log
 *
 * | the log     | what is read anew                                                                      |
 * |-------------|----------------------------------------------------------------------------------------|
 * | answers     | what it tells of; everything at the start and once in each sweep interval              |
 * | does not    | round and round: lists, and the codes read longest ago, with a quarter of the requests |
 *
 * The cursor and all that is compared with it are of the platform's time; everything else is of our clock, which
 * may be set at any moment. Before the first look something should have been read, so that the platform's time is
 * known.
 */
import type { OrgChange, OrgChanges } from '../apply/ports.js';
import { queueId } from '../domain/ids.js';
import type { QueueId } from '../domain/ids.js';
import type { Forgetting } from './known-org.js';
import { nextReads } from './read-budget.js';
import type { ReadBudget, Spent } from './read-budget.js';

/** How far back each question reaches beyond the one before: how late a record may come. */
export const OVERLAP_MS = 15 * 60_000;
const LONGEST_BACKOFF_MS = 30 * 60_000;
const MOST_INTERVALS = 30;
/** More records than an answer has. What is seen no more is told again, which costs a reading. */
const MOST_SEEN = 50_000;

export interface DetectionState {
  /** Up to when, by the platform's time, all changes are known; null before the first sweep. */
  readonly cursor: number | null;
  /** Records that were told already. */
  readonly seen: ReadonlySet<string>;
  readonly mode:
    | { readonly by: 'audits' }
    /** `why` is part of a sentence. */
    | { readonly by: 'sweeps'; readonly why: string; readonly since: number };
  /** Incomplete answers since the last complete one, and when the next question is due. */
  readonly failures: number;
  readonly askAt: number;
  /** When everything was forgotten last; null: never. */
  readonly lastSweepAt: number | null;
  /** What was read in place of the log, as far back as it counts. */
  readonly spent: readonly Spent[];
}

/** Nothing is known yet. */
export const INITIAL_DETECTION: DetectionState = {
  cursor: null,
  seen: new Set(),
  mode: { by: 'audits' },
  failures: 0,
  askAt: -Infinity,
  lastSweepAt: null,
  spent: [],
};

/** A part of the log, by the platform's time. */
export interface AskedPeriod {
  readonly since: number;
  readonly until: number;
}

export interface Look {
  readonly state: DetectionState;
  /** Which part of the log to ask for; null: none. */
  readonly ask: AskedPeriod | null;
  /** Whether to forget all that is remembered. */
  readonly sweep: boolean;
}

/** What a pass is to begin with. `oldestReadAt` is `KnownOrg.oldestReadAt()`. */
export const nextLook = (
  before: DetectionState,
  at: {
    readonly now: number;
    readonly serverNow: number;
    readonly oldestReadAt: number | null;
    readonly sweepIntervalMs: number;
    readonly intervalMs: number;
  },
): Look => {
  const { now, serverNow, oldestReadAt, intervalMs } = at;
  // What was set to later than it can be is the doing of a clock that was set back.
  const lastSweepAt = before.lastSweepAt === null ? null : Math.min(before.lastSweepAt, now);
  const askAt = Math.min(before.askAt, now + backoffMs(before.failures, intervalMs));
  const cursor = before.cursor === null ? null : laterOf(before.cursor, at);
  const state = { ...before, lastSweepAt, askAt, cursor };
  // Passes come a little early or late.
  const isDue = now >= askAt - intervalMs / 2;
  const ask = cursor !== null && isDue ? { since: cursor - OVERLAP_MS, until: serverNow } : null;
  const sweep =
    lastSweepAt === null ||
    // Where the log is of no use, everything is read round and round anyway.
    (state.mode.by === 'audits' &&
      now - Math.max(lastSweepAt, oldestReadAt ?? -Infinity) >= at.sweepIntervalMs);
  // All that will be remembered is read after this.
  return sweep
    ? { state: { ...state, lastSweepAt: now, cursor: serverNow }, ask, sweep }
    : { state, ask, sweep };
};

/** Where all that is remembered was read later, the log up to then has nothing to tell. */
const laterOf = (
  cursor: number,
  at: { readonly now: number; readonly serverNow: number; readonly oldestReadAt: number | null },
): number => {
  const ageMs = at.oldestReadAt === null ? Infinity : Math.max(0, at.now - at.oldestReadAt);
  return Math.min(Math.max(cursor, at.serverNow - ageMs), at.serverNow);
};

/** 1, 2, 4 … intervals, 30 at most, and no more than half an hour unless an interval is longer. */
const backoffMs = (failures: number, intervalMs: number): number =>
  failures === 0
    ? 0
    : Math.min(
        intervalMs * Math.min(2 ** (failures - 1), MOST_INTERVALS),
        Math.max(LONGEST_BACKOFF_MS, intervalMs),
      );

export interface Told {
  readonly state: DetectionState;
  /** What nobody had told before, whoever did it: what we write ourselves is read once more, too. */
  readonly changes: readonly OrgChange[];
  readonly queues: ReadonlyMap<QueueId, Forgetting>;
  /** null: the catalog has not changed. */
  readonly catalog: Forgetting | null;
}

/**
 * What an answer of the feed means. `serverNow` is the platform's time after it: where our clock was set since
 * the answer before, the end of the period that was asked about may lie in the future.
 */
export const told = (
  before: DetectionState,
  answer: OrgChanges,
  at: {
    readonly asked: AskedPeriod;
    readonly now: number;
    readonly serverNow: number;
    readonly intervalMs: number;
    /** How long reads may lag a write. */
    readonly settleForMs: number;
  },
): Told => {
  const { asked, now, serverNow } = at;
  const changes = answer.changes.filter(({ record }) => !before.seen.has(record));
  const queues = new Map<QueueId, Forgetting>();
  let catalog: Forgetting | null = null;
  for (const change of changes) {
    const notKeptUntil = change.at + at.settleForMs + (now - serverNow);
    if (change.entity === 'code') catalog = later(catalog, notKeptUntil);
    else if (change.id !== null) {
      const id = queueId(change.id);
      queues.set(id, later(queues.get(id) ?? null, notKeptUntil));
    }
  }
  // Until all was read since, a change of some queue is one of any queue: such a record is never seen enough.
  const missing = answer.missing ?? (answer.changes.some(isNameless) ? NAMELESS : null);
  const records = answer.changes
    .filter((change) => !isNameless(change))
    .map(({ record }) => record);
  const known = Math.max(before.cursor ?? -Infinity, asked.until);
  const state: DetectionState =
    missing === null
      ? {
          ...before,
          cursor: Math.min(known, serverNow),
          seen: new Set(records),
          mode: { by: 'audits' },
          failures: 0,
          askAt: -Infinity,
        }
      : {
          ...before,
          cursor: before.cursor === null ? null : Math.min(before.cursor, serverNow),
          seen: united(before.seen, records),
          mode: {
            by: 'sweeps',
            why: missing,
            since: before.mode.by === 'sweeps' ? before.mode.since : now,
          },
          failures: before.failures + 1,
          askAt: now + backoffMs(before.failures + 1, at.intervalMs),
        };
  return { state, changes, queues, catalog };
};

const NAMELESS = 'the audit log does not say which queue was changed';

const isNameless = ({ entity, id }: OrgChange): boolean => entity === 'queue' && id === null;

const later = (one: Forgetting | null, notKeptUntil: number): Forgetting => ({
  notKeptUntil: Math.max(one?.notKeptUntil ?? -Infinity, notKeptUntil),
});

const united = (seen: ReadonlySet<string>, records: readonly string[]): ReadonlySet<string> =>
  seen.size + records.length > MOST_SEEN ? new Set(records) : new Set([...seen, ...records]);

/** What to read in place of the log. */
export interface RollingReads {
  readonly state: DetectionState;
  readonly lists: boolean;
  /** With how many requests to read codes of queues anew. */
  readonly codeRequests: number;
}

/**
 * What to read anew while the log is of no use, or (`logShowsAll` is false) does not show all changes that matter:
 * as much as {@link nextReads} allows.
 */
export const rollingReads = (
  state: DetectionState,
  { logShowsAll, ...at }: ReadBudget & { readonly logShowsAll: boolean },
): RollingReads => {
  if (state.mode.by === 'audits' && logShowsAll) return { state, lists: false, codeRequests: 0 };
  const { spent, ...reads } = nextReads(state.spent, at);
  return { state: { ...state, spent }, ...reads };
};

/** The reads that {@link rollingReads} allowed are done, at this time, and those for codes were so many. */
export const rolled = (
  state: DetectionState,
  { now, codeRequests }: { readonly now: number; readonly codeRequests: number },
): DetectionState => {
  const last = state.spent.at(-1);
  if (last === undefined) return state;
  return {
    ...state,
    spent: [...state.spent.slice(0, -1), { ...last, at: now, codes: codeRequests }],
  };
};
