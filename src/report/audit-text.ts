/** A list of the journal, and what checking it has found, for people at a terminal. */
import { auditTypeOf, eventIdOf } from '../domain/audit.js';
import type { AUDIT_TYPES, AuditRecord, AuditRow } from '../domain/audit.js';
import { auditOfQueue } from '../domain/audit-sentence.js';
import type { DiagnosticJson } from '../domain/change.js';
import { deliveryWords, runWords, sentenceOf } from './audit-words.js';
import { groupBy } from './groups.js';
import { fill, joinBlocks, widthOf, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import { findingBlocks } from './text-diagnostics.js';
import { visible } from './visible.js';
import { count, nameTokens } from './words.js';

/** What was chosen of a journal. */
export interface AuditList {
  /** Oldest first; those of a run stand together. */
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
    wrapProse(
      emptyPlace === null ? sum(rows, runs.length, more) : emptyWords(emptyPlace),
      options.width,
    ).map((line) => painter(options.color)('heading', line)),
  ]);
};

type Run = readonly [AuditRow, ...AuditRow[]];

/** Neighbours of one run; a run that comes again comes under a heading of its own. */
const byRun = (rows: readonly AuditRow[]): readonly Run[] => {
  const runs: [AuditRow, ...AuditRow[]][] = [];
  for (const row of rows) {
    const last = runs.at(-1);
    if (last?.[0].run.id === row.run.id) last.push(row);
    else runs.push([row]);
  }
  return runs;
};

/** @example emptyWords('in ".wrapkeeper"') // 'The journal in ".wrapkeeper" is empty: nothing was recorded yet.' */
export const emptyWords = (place: string): string =>
  `The journal ${place} is empty: nothing was recorded yet.`;

const sum = (rows: readonly AuditRow[], runs: number, more: number): string => {
  if (rows.length === 0) return 'No record matches.';
  const older = more === 1 ? 'is' : 'are';
  return [
    `${count(rows.length, 'record')} of ${count(runs, 'run')}`,
    ...(more === 0
      ? []
      : [`; ${count(more, 'older record')} ${older} not shown: --limit shows more`]),
    '.',
    ...(groupBy(rows, alike).some(({ length }) => length > 1)
      ? [' `--queue NAME` and `--format json` tell each queue by itself.']
      : []),
  ].join('');
};

const INDENT = '  ';
/** Names of queues in one group. */
const NAMES = 12;
/** Below the sentences: as wide as a time with its blanks. */
const UNDER_TIME = ' '.repeat(12);

const runLines = (rows: Run, options: TextOptions): string[] => {
  const { run } = rows[0];
  const words = runWords(run).map(visible);
  const tokens = words
    .map((word, index) => (index < words.length - 1 ? `${word} ·` : word))
    // Names of others may be longer than a line.
    .flatMap((word) => (widthOf(word) > options.width - INDENT.length ? word.split(' ') : [word]));
  const day = dayOf(run.started?.at ?? rows[0].record.at);
  return [
    ...fill(tokens, options.width, '', INDENT).map((line) =>
      painter(options.color)('heading', line),
    ),
    ...groupBy(rows, alike).flatMap((group) => groupLines(group, day, options)),
  ];
};

const dayOf = (at: string): string => at.slice(0, 10);

/** Queues that ended alike on one day are told once; any other record for itself. */
const alike = ({ record, hash, deliveries }: AuditRow): unknown =>
  'queue' in record
    ? [record.kind, dayOf(record.at), auditOfQueue(record), deliveries.map(deliveryWords)]
    : hash;

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
  const [first = '', ...others] =
    group.length > 1 && 'queue' in record
      ? [
          ...fill(
            nameTokens(
              group
                .flatMap((row) => ('queue' in row.record ? row.record.queue.name : []))
                .toSorted(),
              NAMES,
            ),
            width,
            `${start}${group.length} queues: `,
            UNDER_TIME,
          ),
          ...wrapProse(auditOfQueue(record), width, UNDER_TIME),
        ]
      : wrapProse(sentenceOf(record), width, start, UNDER_TIME);
  const events = [
    group.length > 1
      ? `${group.length} events, the last at ${whenOf(group.at(-1) ?? group[0], day)}`
      : eventIdOf(hash),
    ...deliveries.map(deliveryWords),
  ].join('; ');
  return [
    INDENT + paint(roleOf(record), when) + first.slice(INDENT.length + when.length),
    ...others,
    ...(record.kind === 'run.started'
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
  'run.started': 'quiet',
} as const satisfies Record<(typeof AUDIT_TYPES)[number], string>;

const roleOf = (record: AuditRecord) => ROLES[auditTypeOf(record) ?? 'run.started'];
