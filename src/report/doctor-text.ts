/** `doctor` for people: the verdict, then every check under what it is about, with what to do. */
import { CHECK_GROUPS } from '../domain/check.js';
import type { Check, CheckGroup } from '../domain/check.js';
import { columnLines } from './columns.js';
import type { DoctorReport } from './doctor.js';
import { joinBlocks, widthOf, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import { visible } from './visible.js';
import { count } from './words.js';

const INDENT = '  ';

const TITLES: Readonly<Record<CheckGroup, string>> = {
  machine: 'This machine',
  files: 'Files',
  organization: 'Organization',
  permissions: 'Permissions',
  webhooks: 'Webhooks',
  journal: 'Journal',
  daemon: 'Daemon',
};

const WORDS: Readonly<Record<Check['status'], string>> = {
  ok: 'ok',
  warning: 'warn',
  failure: 'FAIL',
  skipped: 'skip',
};

const ROLES = { ok: 'add', warning: 'warning', failure: 'error', skipped: 'quiet' } as const;

/** All checks. No line is wider than asked unless a single word is. Ends with a newline. */
export const renderDoctorText = (report: DoctorReport, options: TextOptions): string => {
  const names = Math.max(...report.checks.map(({ name }) => widthOf(visible(name))));
  return joinBlocks([
    verdictLines(report, options),
    ...CHECK_GROUPS.map((group) => {
      const checks = report.checks.filter((check) => check.group === group);
      return checks.length === 0
        ? []
        : [
            painter(options.color)('heading', TITLES[group]),
            ...checks.flatMap((check) => checkLines(check, names, options)),
          ];
    }),
  ]);
};

const verdictLines = (
  { summary, checks }: DoctorReport,
  { width, color }: TextOptions,
): string[] => {
  const failed = checks.filter(({ status }) => status === 'failure').map(({ name }) => name);
  const rest = [
    ...(summary.warning === 0 ? [] : [count(summary.warning, 'warning')]),
    `${summary.ok} of ${count(checks.length, 'check')} ok`,
  ].join('; ');
  const verdict =
    failed.length === 0 ? `Nothing failed; ${rest}.` : `Failed: ${failed.join(', ')}; ${rest}.`;
  return wrapProse(verdict, width, '', INDENT).map((line) =>
    painter(color)(failed.length === 0 ? 'heading' : 'error', line),
  );
};

const checkLines = (check: Check, names: number, { width, color }: TextOptions): string[] => {
  const paint = painter(color);
  const { status, message, remedy, correlationId } = check;
  const word = WORDS[status].padEnd(4);
  const name = visible(check.name);
  const told = correlationId === null || message.includes(correlationId);
  const text = `${message}${told ? '' : ` (correlation id ${correlationId})`}`;
  const cells = [paint(ROLES[status], word), name + ' '.repeat(names - widthOf(name))];
  return [
    ...columnLines([{ cells, rest: text }], { width, indent: INDENT }),
    ...(remedy === null || status === 'ok' || status === 'skipped'
      ? []
      : wrapProse(remedy, width, `${INDENT}      help: `, `${INDENT}        `)),
  ];
};
