/** How interactions ended, for people at a terminal: the worst queues first, the whole at the end. */
import type { ComplianceReport, Ending, JudgedNumbers } from '../domain/compliance.js';
import {
  COUNTED,
  ENDING_HEADS,
  endingColumns,
  findingsToTell,
  leastMetText,
  MET_HEAD,
  metText,
  percentText,
  periodText,
  requirementGroups,
  requirementText,
  strayCodes,
  totalSentence,
} from './compliance-words.js';
import type { RequirementGroup } from './compliance-words.js';
import { fill, joinBlocks, widthOf, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import { findingBlocks } from './text-diagnostics.js';
import { visible } from './visible.js';
import { count, cut, nameTokens } from './words.js';

const INDENT = '  ';
/** So many queues of a group are shown. */
const ROWS = 40;
const STRAYS = 10;
const NAMES = 12;

/** The whole report. No line is wider than asked unless a single name is. Ends with a newline. */
export const renderComplianceText = (report: ComplianceReport, options: TextOptions): string => {
  const groups = requirementGroups(report);
  const columns = columnsOf(report, groups, options);
  const paint = painter(options.color);
  const isEmpty = report.total.total === 0;
  return joinBlocks([
    headingLines(report, options),
    ...groups.map((group) => groupLines(group, columns, options)),
    isEmpty ? [] : wholeLines(report, columns, options),
    strayLines(report, options),
    namesLines('No interactions', idleNames(report), options),
    namesLines(
      'Not judged, as no policy manages their codes',
      report.unmanaged.map(({ name }) => name),
      options,
    ),
    unreadLines(report, options),
    ...findingBlocks(findingsToTell(report), options),
    [
      ...wrapProse(totalSentence(report), options.width, '', INDENT).map((line) =>
        paint('heading', line),
      ),
      ...(isEmpty ? [] : wrapProse(COUNTED, options.width)).map((line) => paint('quiet', line)),
      paint('quiet', `${count(report.requests.sent, 'request')}.`),
    ],
  ]);
};

const headingLines = (report: ComplianceReport, { width, color }: TextOptions): string[] => {
  const { organization, region } = report;
  return fill(
    [`${visible(organization.name)} in ${visible(region)},`, periodText(report)],
    width,
    '',
    INDENT,
  ).map((line) => painter(color)('heading', line));
};

interface Columns {
  readonly endings: readonly Ending[];
  readonly nameWidth: number;
  readonly countWidth: number;
}

const ENDED = 'Ended';
const MET_WIDTH = INDENT.length + MET_HEAD.length;
const ALL = 'All';
/** As wide as its head, or as the widest number. */
const endingWidth = (ending: Ending): number =>
  INDENT.length + Math.max('99.9%'.length, ENDING_HEADS[ending].length);

/** The column of names is as wide as the longest that leaves room for the numbers. */
const columnsOf = (
  report: ComplianceReport,
  groups: readonly RequirementGroup[],
  { width }: TextOptions,
): Columns => {
  const endings = endingColumns(report);
  const countWidth = Math.max(ENDED.length, String(report.total.total).length) + INDENT.length;
  const room = endings.reduce(
    (rest, each) => rest - endingWidth(each),
    width - countWidth - MET_WIDTH,
  );
  const widths = groups
    .flatMap(({ queues }) => cut(queues, ROWS).shown)
    .map(({ name }) => widthOf(visible(name)))
    .filter((each) => each <= room);
  return { endings, countWidth, nameWidth: Math.max(10, ...widths) };
};

/** A name and its numbers; a name that is too long has a line for itself. */
const rowLines = (
  name: string,
  judged: JudgedNumbers,
  { nameWidth, ...columns }: Columns,
): string[] => {
  const { total, endings } = judged;
  const numbers = [
    String(total).padStart(columns.countWidth),
    ...columns.endings.map((ending) =>
      percentText(endings[ending], total).padStart(endingWidth(ending)),
    ),
    leastMetText(judged).padStart(MET_WIDTH),
  ].join('');
  const gap = nameWidth - widthOf(name);
  return gap >= 0
    ? [`${name}${' '.repeat(gap)}${numbers}`]
    : [name, `${' '.repeat(nameWidth)}${numbers}`];
};

const headLine = (first: string, { endings, nameWidth, countWidth }: Columns): string =>
  [
    first.padEnd(nameWidth),
    ENDED.padStart(countWidth),
    ...endings.map((ending) => ENDING_HEADS[ending].padStart(endingWidth(ending))),
    MET_HEAD.padStart(MET_WIDTH),
  ].join('');

const groupLines = (
  { requirement, queues }: RequirementGroup,
  columns: Columns,
  { width, color }: TextOptions,
): string[] => {
  const paint = painter(color);
  const { shown, more } = cut(queues, ROWS);
  const last = shown.at(-1);
  return [
    ...wrapProse(requirementText(requirement), width, '', INDENT).map((line) =>
      paint('heading', line),
    ),
    paint('quiet', headLine('Queue', columns)),
    ...shown.flatMap((queue) =>
      rowLines(visible(queue.name), queue, columns).map((line) =>
        queue.met.most < queue.total ? paint('warning', line) : line,
      ),
    ),
    ...(more === 0 || last === undefined
      ? []
      : wrapProse(
          `and ${count(more, 'more queue')}, none worse than ${metText(last)}; \`--format json\` has them all.`,
          width,
          INDENT,
        )),
  ];
};

/** By media type where there are several, and all together. */
const wholeLines = (
  { total, media }: ComplianceReport,
  columns: Columns,
  { color }: TextOptions,
): string[] => [
  painter(color)('quiet', headLine(media.length > 1 ? 'Media' : '', columns)),
  ...(media.length > 1
    ? media.flatMap((each) => rowLines(visible(each.mediaType ?? 'not told'), each, columns))
    : []),
  ...rowLines(ALL, total, columns).map((line) => painter(color)('heading', line)),
];

const strayLines = (report: ComplianceReport, { width, color }: TextOptions): string[] => {
  const { shown, more } = cut(strayCodes(report), STRAYS);
  return shown.length === 0
    ? []
    : [
        painter(color)('heading', 'Codes that the policies do not allow'),
        ...shown.flatMap(({ name, why, count: times, queues }) =>
          fill(
            [
              `${visible(name)}:`,
              `${count(times, 'time')},`,
              `${why},`,
              `on ${count(queues.length, 'queue')}`,
              ...(queues.length > 3 ? [] : [`(${nameTokens(queues, 3).join(' ')})`]),
            ],
            width,
            INDENT,
            INDENT + INDENT,
          ),
        ),
        ...(more === 0 ? [] : [`${INDENT}and ${count(more, 'more code')}`]),
      ];
};

const idleNames = ({ queues }: ComplianceReport): readonly string[] =>
  queues.filter(({ total }) => total === 0).map(({ name }) => name);

const namesLines = (
  what: string,
  names: readonly string[],
  { width }: Pick<TextOptions, 'width'>,
): string[] =>
  fill(nameTokens(names, NAMES), width, `${what} (${count(names.length, 'queue')}): `, INDENT);

const unreadLines = ({ unread }: ComplianceReport, { width, color }: TextOptions): string[] =>
  unread.flatMap(({ name, reason, correlationId }) =>
    wrapProse(
      `Not known of ${visible(name)}: ${reason}${correlationId === null ? '' : ` (correlation id ${correlationId})`}`,
      width,
      '',
      INDENT,
    ).map((line) => painter(color)('warning', line)),
  );
