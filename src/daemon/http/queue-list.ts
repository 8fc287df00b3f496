/** `GET /api/queues` and `/api/runs`: what is asked for of a list, and what is answered. Pure. */
import { PLAN_FORMAT } from '../../domain/change.js';
import { normaliseName, quote } from '../../domain/text.js';
import { QUEUE_STATES } from '../status.js';
import type { QueueState, QueueStatus, RunStatus } from '../status.js';
import { Refusal } from './refusal.js';

/** The most rows that one answer holds, and how many it holds unless asked. */
const ROWS = { most: 5_000, usual: 1_000 } as const;
/** The longest text that is looked for. */
const LONGEST = 200;

interface Page {
  readonly limit: number;
  readonly offset: number;
}

interface QueueFilter {
  /** None: all. */
  readonly states: readonly string[];
  /** A part of the name or the id; case does not matter. */
  readonly text: string;
  /** The names of policies, any of which governs the queue; none: all. */
  readonly policies: readonly string[];
}

/** What `GET /api/queues` answers. */
export interface QueueList extends Page {
  readonly kind: 'DaemonQueues';
  readonly formatVersion: typeof PLAN_FORMAT;
  /** Of all governed queues, whatever was asked for. */
  readonly states: Readonly<Record<QueueState, number>>;
  readonly total: number;
  /** How many were asked for; of these, `queues` holds one page. */
  readonly matching: number;
  readonly queues: readonly QueueStatus[];
}

/** What `GET /api/runs` answers: the newest first. */
export interface RunList extends Page {
  readonly kind: 'DaemonRuns';
  readonly formatVersion: typeof PLAN_FORMAT;
  readonly total: number;
  readonly runs: readonly RunStatus[];
}

/**
 * The queues that a query asks for: `state` and `policy` (each may stand several times), `q`, `limit`, `offset`.
 *
 * @throws Refusal 400 that names everything wrong with the query: a slip must not show more than was asked for
 */
export const listQueues = (queues: readonly QueueStatus[], query: URLSearchParams): QueueList => {
  const { limit, offset } = readPage(query, ['state', 'q', 'policy']);
  const matching = queues.filter(
    fits({
      states: query.getAll('state'),
      text: query.get('q') ?? '',
      policies: query.getAll('policy'),
    }),
  );
  const countOf = (state: QueueState): number =>
    queues.filter((queue) => queue.state === state).length;
  return {
    kind: 'DaemonQueues',
    formatVersion: PLAN_FORMAT,
    states: {
      'in-sync': countOf('in-sync'),
      drifting: countOf('drifting'),
      held: countOf('held'),
      failing: countOf('failing'),
    },
    total: queues.length,
    matching: matching.length,
    limit,
    offset,
    queues: matching.slice(offset, offset + limit),
  };
};

/** The runs that a query asks for: `limit`, `offset`. */
export const listRuns = (runs: readonly RunStatus[], query: URLSearchParams): RunList => {
  const { limit, offset } = readPage(query, []);
  return {
    kind: 'DaemonRuns',
    formatVersion: PLAN_FORMAT,
    total: runs.length,
    limit,
    offset,
    runs: runs.slice(offset, offset + limit),
  };
};

const fits = ({ states, text, policies }: QueueFilter): ((queue: QueueStatus) => boolean) => {
  const wanted = fold(text);
  return (queue) =>
    (states.length === 0 || states.includes(queue.state)) &&
    (policies.length === 0 || policies.some((name) => queue.policies.includes(name))) &&
    (fold(queue.name).includes(wanted) || queue.id.toLowerCase().includes(wanted));
};

const fold = (text: string): string => normaliseName(text).toLowerCase();

const readPage = (query: URLSearchParams, filters: readonly string[]): Page => {
  const keys = [...filters, 'limit', 'offset'];
  const wrong = [
    ...[...new Set(query.keys())]
      .filter((key) => !keys.includes(key))
      .map((key) => `The query knows no ${quote(key)}: it knows ${keys.join(', ')}.`),
    ...(filters.includes('state') ? query.getAll('state') : [])
      .filter((state) => !QUEUE_STATES.some((known) => known === state))
      .map((state) => `\`state\` is one of ${QUEUE_STATES.join(', ')}, and not ${quote(state)}.`),
    ...filters
      .filter((key) => query.getAll(key).some((text) => text.length > LONGEST))
      .map((key) => `\`${key}\` is longer than ${LONGEST} characters.`),
  ];
  const limit = whole(query.get('limit'), ROWS.usual);
  const offset = whole(query.get('offset'), 0);
  if (limit < 1 || limit > ROWS.most)
    wrong.push(`\`limit\` is a whole number from 1 to ${ROWS.most}.`);
  if (offset < 0) wrong.push('`offset` is a whole number from 0.');
  if (wrong.length > 0) throw new Refusal(400, 'http.bad-value', wrong.slice(0, 10));
  return { limit, offset };
};

/** -1 where it is none. */
const whole = (text: string | null, usual: number): number => {
  if (text === null) return usual;
  return /^\d{1,9}$/.test(text) ? Number(text) : -1;
};
