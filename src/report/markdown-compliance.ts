/** How interactions ended, as Markdown for job summaries and wikis: the whole first, then the worst queues. */
import type { ComplianceReport, Ending, JudgedNumbers } from '../domain/compliance.js';
import {
  COUNTED,
  ENDING_HEADS,
  endingColumns,
  findingsToTell,
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
import { findingsBlock } from './markdown-plan.js';
import { assemble, code, codeList, details, prose, table } from './markdown.js';
import { count, cut } from './words.js';

/** A table beyond this is for JSON. */
const ROWS = 250;
const NAMES = 250;
const STRAYS = 20;

/** The whole page, shorter than `limit` characters (those of a comment where nothing is said). */
export const renderComplianceMarkdown = (
  report: ComplianceReport,
  { limit }: { readonly limit?: number } = {},
): string => {
  const columns = endingColumns(report);
  const { organization, region, unread } = report;
  return assemble(
    [
      `**${prose(totalSentence(report))}**\\\n${code(organization.name)} in ${prose(region)}, ${prose(periodText(report))}`,
      report.total.total === 0 ? '' : wholeTable(report, columns),
      ...requirementGroups(report).map((group) => groupBlock(group, columns)),
      strayBlock(report),
      namesBlock(
        'without interactions',
        report.queues.filter(({ total }) => total === 0).map(({ name }) => name),
      ),
      namesBlock(
        'not judged, as no policy manages their codes',
        report.unmanaged.map(({ name }) => name),
      ),
      unread
        .map(
          ({ name, reason, correlationId }) =>
            `- Not known of ${code(name)}: ${prose(reason)}${correlationId === null ? '' : ` (correlation id ${code(correlationId)})`}`,
        )
        .join('\n'),
      findingsBlock(findingsToTell(report)),
      `<sub>${prose(COUNTED)} ${count(report.requests.sent, 'request')}.</sub>`,
    ],
    limit,
  );
};

const numbersTable = (
  first: string,
  rows: readonly (readonly [name: string, numbers: JudgedNumbers])[],
  columns: readonly Ending[],
): string =>
  table(
    [first, 'Ended', ...columns.map((ending) => ENDING_HEADS[ending]), MET_HEAD],
    rows.map(([name, numbers]) => [
      name,
      String(numbers.total),
      ...columns.map((ending) => percentText(numbers.endings[ending], numbers.total)),
      metText(numbers),
    ]),
  );

const wholeTable = ({ total, media }: ComplianceReport, columns: readonly Ending[]): string =>
  numbersTable(
    'Media',
    [
      ...(media.length > 1
        ? media.map((each) => [code(each.mediaType ?? 'not told'), each] as const)
        : []),
      ['**All**', total],
    ],
    columns,
  );

const groupBlock = (
  { requirement, queues }: RequirementGroup,
  columns: readonly Ending[],
): string => {
  const { shown, more } = cut(queues, ROWS);
  return [
    `#### ${prose(requirementText(requirement))}`,
    numbersTable(
      'Queue',
      shown.map((queue) => [code(queue.name), queue] as const),
      columns,
    ),
    ...(more === 0 ? [] : [`and ${count(more, 'more queue')}`]),
  ].join('\n\n');
};

const strayBlock = (report: ComplianceReport): string => {
  const { shown, more } = cut(strayCodes(report), STRAYS);
  return shown.length === 0
    ? ''
    : [
        '#### Codes that the policies do not allow',
        table(
          ['Code', 'Times', 'Why', 'Queues'],
          shown.map(({ name, why, count: times, queues }) => [
            code(name),
            String(times),
            why,
            codeList(queues, 3),
          ]),
        ),
        ...(more === 0 ? [] : [`and ${count(more, 'more code')}`]),
      ].join('\n\n');
};

const namesBlock = (what: string, names: readonly string[]): string =>
  names.length === 0
    ? ''
    : details(`${count(names.length, 'queue')} ${what}`, codeList(names, NAMES));
