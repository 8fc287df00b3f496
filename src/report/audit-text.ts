/** A list of the journal, and what checking it has found, for people at a terminal. */
import { auditTypeOf, eventIdOf } from '../domain/audit.js';
import type { AUDIT_TYPES, AuditRecord, AuditRow } from '../domain/audit.js';
import type { DiagnosticJson } from '../domain/change.js';
import { deliveryWords, runWords, sentenceOf } from './audit-words.js';
import { fill, joinBlocks, widthOf, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import { findingBlocks } from './text-diagnostics.js';
import { visible } from './visible.js';
import { count } from './words.js';

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
      emptyPlace === null ? sum(rows.length, runs.length, more) : emptyWords(emptyPlace),
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

const sum = (rows: number, runs: number, more: number): string => {
  if (rows === 0) return 'No record matches.';
  const shown = `${count(rows, 'record')} of ${count(runs, 'run')}`;
  return more === 0
    ? `${shown}.`
    : `${shown}; ${count(more, 'older record')} ${more === 1 ? 'is' : 'are'} not shown: --limit shows more.`;
};

const INDENT = '  ';
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
    ...rows.flatMap((row) => rowLines(row, day, options)),
  ];
};

const dayOf = (at: string): string => at.slice(0, 10);

const rowLines = ({ record, hash, deliveries }: AuditRow, day: string, options: TextOptions) => {
  const { width, color } = options;
  const paint = painter(color);
  const time = record.at.slice(11, 19);
  const when = dayOf(record.at) === day ? time : `${dayOf(record.at)} ${time}`;
  const [first = '', ...others] = wrapProse(
    sentenceOf(record),
    width,
    `${INDENT}${when}${INDENT}`,
    UNDER_TIME,
  );
  const event = [eventIdOf(hash), ...deliveries.map(deliveryWords)].join('; ');
  return [
    INDENT + paint(roleOf(record), when) + first.slice(INDENT.length + when.length),
    ...others,
    ...(record.kind === 'run.started'
      ? []
      : wrapProse(event, width, UNDER_TIME).map((line) => paint('quiet', line))),
  ];
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
