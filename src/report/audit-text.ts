/** A list of the journal, and what checking it has found, for people at a terminal. */
import { eventIdOf } from '../domain/audit.js';
import type { AuditRow } from '../domain/audit.js';
import { auditOfQueue } from '../domain/audit-sentence.js';
import type { QueueEntry } from '../domain/audit-sentence.js';
import type { DiagnosticJson } from '../domain/change.js';
import { eventTypeOf } from '../domain/journal.js';
import type { EventType, JournalRecord } from '../domain/journal.js';
import { deliveryWords, runWords, sentenceOf } from './audit-words.js';
import { groupBy } from '../domain/group-by.js';
import { fill, joinBlocks, widthOf, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import { findingBlocks } from './text-diagnostics.js';
import { visible } from './visible.js';
import { count, instant, nameTokens } from './words.js';

/** What was chosen of a journal. */
export interface AuditList {
  /** Oldest first; those of a run stand together, but for what came from outside meanwhile. */
  readonly rows: readonly AuditRow[];
  /** Older ones that were left out. */
  readonly more: number;
  readonly diagnostics: readonly DiagnosticJson[];
  /** Where the journal is, if nothing was ever written there; otherwise null. */
  readonly emptyPlace: string | null;
}

/** The records run by run, what is wrong with the journal, and in the last line what is not shown. */
export const renderAuditText = (
  { rows, more, diagnostics, emptyPlace }: AuditList,
  options: TextOptions,
): string => {
  const runs = byRun(rows);
  return joinBlocks([
    ...runs.map((run) => runLines(run, options)),
    ...findingBlocks(diagnostics, options),
    wrapProse(emptyPlace === null ? sum(rows, more) : emptyWords(emptyPlace), options.width).map(
      (line) => painter(options.color)('heading', line),
    ),
  ]);
};

type Run = readonly [AuditRow, ...AuditRow[]];

/** Neighbours of one run, or of none; a run that comes again comes under a heading of its own. */
const byRun = (rows: readonly AuditRow[]): readonly Run[] => {
  const runs: [AuditRow, ...AuditRow[]][] = [];
  for (const row of rows) {
    const last = runs.at(-1);
    if (last !== undefined && headingOf(last[0]) === headingOf(row)) last.push(row);
    else runs.push([row]);
  }
  return runs;
};

/** @example emptyWords('in ".wrapkeeper"') // 'The journal in ".wrapkeeper" is empty: nothing was recorded yet.' */
export const emptyWords = (place: string): string =>
  `The journal ${place} is empty: nothing was recorded yet.`;

/** What stands under one heading has this in common. */
const headingOf = ({ run, record }: AuditRow): string =>
  run === null ? (record.kind === 'external' ? 'outside' : 'none') : `run ${run.id}`;

const sum = (rows: readonly AuditRow[], more: number): string => {
  if (rows.length === 0) return 'No record matches.';
  const runs = new Set(rows.flatMap(({ run }) => (run === null ? [] : [run.id]))).size;
  const told = rows.filter(({ record }) => record.kind === 'external').length;
  const shown = [
    count(rows.length, 'record'),
    ...(runs === 0 ? [] : [`of ${count(runs, 'run')}`]),
    ...(told === 0 ? [] : [`${runs === 0 ? '' : 'and '}of other systems (${told})`]),
  ].join(' ');
  const older = `${count(more, 'older record')} ${more === 1 ? 'is' : 'are'} not shown: --limit shows more`;
  return [
    more === 0 ? `${shown}.` : `${shown}; ${older}.`,
    ...(groupBy(rows, alike).some(({ length }) => length > 1)
      ? ['`--queue NAME` and `--format json` tell each queue by itself.']
      : []),
  ].join(' ');
};

const INDENT = '  ';
/** Names of queues in one group. */
const NAMES = 12;
/** Below the sentences: as wide as a time with its blanks. */
const UNDER_TIME = ' '.repeat(12);

const runLines = (rows: Run, options: TextOptions): string[] => {
  const { run, record } = rows[0];
  const words = (run === null ? noRunWords(record) : runWords(run)).map(visible);
  const tokens = words
    .map((word, index) => (index < words.length - 1 ? `${word} ·` : word))
    // Names of others may be longer than a line.
    .flatMap((word) => (widthOf(word) > options.width - INDENT.length ? word.split(' ') : [word]));
  const day = dayOf(run?.started?.at ?? record.at);
  return [
    ...fill(tokens, options.width, '', INDENT).map((line) =>
      painter(options.color)('heading', line),
    ),
    ...groupBy(rows, alike).flatMap((group) => groupLines(group, day, options)),
  ];
};

/** The heading of records that are of no run. */
const noRunWords = ({ kind, at }: JournalRecord): readonly string[] =>
  kind === 'external'
    ? ['Other systems', instant(at), 'what they say they did; nothing was written for it']
    : ['Beside the runs', instant(at)];

const dayOf = (at: string): string => at.slice(0, 10);

/** Queues that ended alike on one day are told once; any other record for itself. */
const alike = ({ record, hash, deliveries }: AuditRow): unknown => {
  const ended = endOfQueue(record);
  return ended === null
    ? hash
    : [ended.kind, dayOf(record.at), auditOfQueue(ended), deliveries.map(deliveryWords)];
};

/** The record, where it tells how a queue ended, or that it differs. */
const endOfQueue = (record: JournalRecord): QueueEntry | null =>
  record.kind === 'queue.outcome' ||
  record.kind === 'queue.settled' ||
  record.kind === 'drift.detected'
    ? record
    : null;

const namesOf = (rows: Run): readonly string[] =>
  rows.flatMap(({ record }) => endOfQueue(record)?.queue.name ?? []).toSorted();

const groupLines = (
  group: readonly [AuditRow, ...AuditRow[]],
  day: string,
  options: TextOptions,
): string[] => {
  const [{ record, hash, deliveries }] = group;
  const { width, color } = options;
  const paint = painter(color);
  const when = whenOf(group[0], day);
  const start = `${INDENT}${when}${INDENT}`;
  const ended = endOfQueue(record);
  const [first = '', ...others] =
    group.length > 1 && ended !== null
      ? [
          ...fill(
            nameTokens(namesOf(group), NAMES),
            width,
            `${start}${group.length} queues: `,
            UNDER_TIME,
          ),
          ...wrapProse(auditOfQueue(ended), width, UNDER_TIME),
        ]
      : wrapProse(sentenceOf(record), width, start, UNDER_TIME);
  const ids =
    group.length > 1
      ? [`${group.length} events, the last at ${whenOf(group.at(-1) ?? group[0], day)}`]
      : record.kind === 'external'
        ? [`webhook-id ${record.webhookId}`]
        : eventTypeOf(record) === null
          ? []
          : [eventIdOf(hash)];
  const events = [...ids, ...deliveries.map(deliveryWords)].map(visible).join('; ');
  return [
    INDENT + paint(roleOf(record), when) + first.slice(INDENT.length + when.length),
    ...others,
    ...(events === ''
      ? []
      : wrapProse(events, width, UNDER_TIME).map((line) => paint('quiet', line))),
  ];
};

const whenOf = ({ record: { at } }: AuditRow, day: string): string => {
  const time = at.slice(11, 19);
  return dayOf(at) === day ? time : `${dayOf(at)} ${time}`;
};

const ROLES = {
  'wrapkeeper.queue.corrected': 'add',
  'wrapkeeper.queue.failed': 'error',
  'wrapkeeper.queue.unknown': 'error',
  'wrapkeeper.code.created': 'add',
  'wrapkeeper.code.renamed': 'add',
  'wrapkeeper.drift.detected': 'warning',
  'wrapkeeper.run.completed': 'quiet',
  'wrapkeeper.run.refused': 'error',
} as const satisfies Record<EventType, string>;

const roleOf = (record: JournalRecord) => {
  const type = eventTypeOf(record);
  return type === null ? 'quiet' : ROLES[type];
};
