/** What an apply really did, for people at a terminal. */
import type { ApplyReport, DiagnosticJson } from '../domain/change.js';
import { fill, joinBlocks, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import {
  groupHeading,
  groupReport,
  OUTCOME_WORDS,
  reportSentence,
  runSentence,
} from './report-words.js';
import type { ReportGroup } from './report-words.js';
import { findingBlocks } from './text-diagnostics.js';
import { guardBlocks } from './text-plan.js';
import { nameTokens } from './words.js';

/** As other texts; `told` are findings that were printed before, with the plan, and are not repeated. */
export interface ReportTextOptions extends TextOptions {
  readonly told?: readonly DiagnosticJson[];
}

/** The whole report: what went wrong first, and its sum in the last line. Ends with a newline. */
export const renderReportText = (report: ApplyReport, options: ReportTextOptions): string => {
  const { width, color, told = [] } = options;
  const paint = painter(color);
  const known = new Set(told.map((finding) => JSON.stringify(finding)));
  const news = report.diagnostics.filter((finding) => !known.has(JSON.stringify(finding)));
  const guards =
    report.outcome === 'refused'
      ? guardBlocks({ guards: report.guards, digest: report.planDigest }, options)
      : [];
  return joinBlocks([
    ...groupReport(report).map((group) => groupLines(group, options)),
    ...findingBlocks(news, options),
    ...guards,
    isLeft(report) ? wrapProse(LEFT, width, '', INDENT) : [],
    [
      ...wrapProse(runSentence(report), width, '', INDENT).map((line) => paint('quiet', line)),
      ...wrapProse(reportSentence(report), width, '', INDENT).map((line) => paint('heading', line)),
    ],
  ]);
};

const INDENT = '  ';

/** Whoever reads that a queue moved has to know that nothing of it is lost: it is planned from what it is now. */
const LEFT = 'Plan again: what is left to do stands in a new plan.';
const isLeft = ({ queues, diagnostics }: ApplyReport): boolean =>
  queues.some(({ outcome }) => outcome === 'stale') &&
  diagnostics.every(({ severity }) => severity !== 'error');

const NAMES = 12;

const ROLES = {
  failed: 'error',
  stale: 'warning',
  'not-attempted': 'warning',
  held: 'warning',
  applied: 'add',
  'in-sync': 'quiet',
} as const;

const groupLines = (group: ReportGroup, { width, color }: TextOptions): string[] => {
  const word = OUTCOME_WORDS[group.outcome];
  const [first = '', ...more] = fill(
    nameTokens(group.names, NAMES),
    width,
    groupHeading(group),
    INDENT,
  );
  return [
    painter(color)(ROLES[group.outcome], word) + first.slice(word.length),
    ...more,
    ...(group.reason === null ? [] : wrapProse(group.reason, width, INDENT)),
    ...group.effects.flatMap((effect) => wrapProse(effect, width, INDENT, INDENT + INDENT)),
    ...(group.correlationId === null
      ? []
      : wrapProse(`correlation id ${group.correlationId}`, width, INDENT)),
  ];
};
