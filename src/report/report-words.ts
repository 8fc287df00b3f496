/** What became of an apply, in groups and sentences that text and Markdown share. */
import type { ApplyReport, RowOutcome, Step } from '../domain/change.js';
import { groupBy } from '../domain/group-by.js';
import { count } from './words.js';

/** What happened to a queue or a code of the catalog. */
interface Item {
  readonly subject: 'queue' | 'create' | 'rename';
  readonly name: string;
  readonly outcome: RowOutcome;
  readonly reason: string | null;
  readonly effects: readonly string[];
  readonly correlationId: string | null;
}

/** Rows that ended alike. `effects` tells which steps took effect, where that is in question. */
export interface ReportGroup extends Omit<Item, 'name'> {
  readonly names: readonly string[];
}

/** What a row ended as, in the order in which it is told: what went wrong comes first. */
export const OUTCOME_WORDS: Readonly<Record<RowOutcome, string>> = {
  failed: 'Failed',
  stale: 'Stale',
  'not-attempted': 'Not attempted',
  held: 'Held',
  applied: 'Done',
  'in-sync': 'In sync already',
};

/** Outcomes after which a person must know how far a queue came. */
const UNFINISHED: ReadonlySet<RowOutcome> = new Set<RowOutcome>([
  'failed',
  'stale',
  'not-attempted',
]);

/** All rows of a report, told in groups. */
export const groupReport = (report: ApplyReport): readonly ReportGroup[] => {
  const codes = report.catalog.map(({ action, ...row }): Item => ({
    ...row,
    subject: action,
    effects: [],
  }));
  const queues = report.queues.map(({ steps, ...row }): Item => ({
    ...row,
    subject: 'queue',
    effects: UNFINISHED.has(row.outcome) ? effectsOf(steps) : [],
    correlationId: UNFINISHED.has(row.outcome) ? row.correlationId : null,
  }));
  const rank = Object.keys(OUTCOME_WORDS);
  return groupBy([...codes, ...queues], ({ subject, outcome, reason, effects, correlationId }) => [
    subject,
    outcome,
    reason,
    effects,
    correlationId,
  ])
    .map((items) => ({ ...items[0], names: items.map(({ name }) => name) }))
    .toSorted((a, b) => rank.indexOf(a.outcome) - rank.indexOf(b.outcome));
};

const SUBJECTS = {
  queue: ['', 'queues'],
  create: ['create code', 'create codes'],
  rename: ['rename code to', 'rename codes to'],
} as const;

/** @example 'Failed: ' before one queue, 'Held: 3 queues: ' before several, 'Done: create code ' before a code */
export const groupHeading = ({ outcome, subject, names }: ReportGroup): string => {
  const [one, many] = SUBJECTS[subject];
  if (names.length === 1) return `${OUTCOME_WORDS[outcome]}: ${one}${one === '' ? '' : ' '}`;
  return `${OUTCOME_WORDS[outcome]}: ${subject === 'queue' ? count(names.length, 'queue') : many}: `;
};

const ACTIONS: Readonly<Record<Step['action'], string>> = {
  'create-code': 'create code',
  'rename-code': 'rename code',
  'add-codes': 'add codes',
  'set-after-call-work': 'set after-call work',
  'remove-code': 'remove code',
  'put-codes': 'put codes',
};

const RESULTS: readonly (readonly [Step['result'], string])[] = [
  ['applied', 'took effect'],
  ['failed', 'did not take effect'],
  ['unknown', 'may have taken effect'],
];

const effectsOf = (steps: readonly Step[]): readonly string[] =>
  RESULTS.flatMap(([result, words]) => {
    const such = steps.filter((step) => step.result === result);
    return such.length === 0
      ? []
      : [
          `${words}: ${such.map(({ action, detail }) => `${ACTIONS[action]} ${detail}`).join('; ')}`,
        ];
  });

const BEGINNINGS: Readonly<Record<ApplyReport['outcome'], string>> = {
  applied: 'Applied',
  nothing: 'Nothing to do',
  held: 'Nothing written',
  partial: 'Applied in part',
  failed: 'Failed, nothing was changed',
  refused: 'Refused by a guard, nothing was changed',
  stale: 'Stale, nothing was changed',
};

/** @example 'Applied: 3 queues changed, 1 failed, 2 held; 34 requests (0 retried, 0 throttled).' */
export const reportSentence = (report: ApplyReport): string => {
  const { sent, retried, throttled } = report.requests;
  const rows = tally(report);
  const requests = `${count(sent, 'request')} (${retried} retried, ${throttled} throttled)`;
  return `${BEGINNINGS[report.outcome]}${rows === '' ? '' : `: ${rows}`}; ${requests}.`;
};

const DONE: readonly (readonly [RowOutcome, string])[] = [
  ['applied', 'changed'],
  ['failed', 'failed'],
  ['stale', 'stale'],
  ['held', 'held'],
  ['not-attempted', 'not attempted'],
  ['in-sync', 'in sync'],
];

const tally = ({ queues, catalog }: ApplyReport): string => {
  const ofQueues = DONE.map(([outcome, words]) => ({
    words,
    number: queues.filter((row) => row.outcome === outcome).length,
  }))
    .filter(({ number }) => number > 0)
    .map(({ words, number }, index) => `${index === 0 ? count(number, 'queue') : number} ${words}`);
  const ofCodes = [
    [
      'created',
      catalog.filter(({ action, outcome }) => action === 'create' && outcome === 'applied').length,
    ] as const,
    [
      'renamed',
      catalog.filter(({ action, outcome }) => action === 'rename' && outcome === 'applied').length,
    ] as const,
    ['failed', catalog.filter(({ outcome }) => outcome === 'failed').length] as const,
    ['not attempted', catalog.filter(({ outcome }) => outcome === 'not-attempted').length] as const,
  ]
    .filter(([, number]) => number > 0)
    .map(([words, number]) => `${count(number, 'code')} ${words}`);
  return [...ofQueues, ...ofCodes].join(', ');
};

/** @example 'Run 01JDCB6Q2V7M4X; journal record 1042, head sha256:3fa9…' (the whole hash: it is an anchor) */
export const runSentence = ({ run, journal }: ApplyReport): string =>
  `Run ${run}${journal === null ? '' : `; journal record ${journal.seq}, head ${journal.hash}`}`;
