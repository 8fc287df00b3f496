/** What an apply really did, as Markdown for a job summary. */
import type { ApplyReport } from '../domain/change.js';
import { findingsBlock, guardsBlock } from './markdown-plan.js';
import { assemble, code, codeList, details, prose } from './markdown.js';
import { groupHeading, groupReport, reportSentence, runSentence } from './report-words.js';
import type { ReportGroup } from './report-words.js';

/**
 * The whole report, shorter than `limit` characters: what went wrong first, long lists of what did
 * not behind a click, and the journal's head for whoever wants an anchor.
 */
export const renderReportMarkdown = (
  report: ApplyReport,
  { limit }: { readonly limit?: number } = {},
): string => {
  const groups = groupReport(report);
  const { guards, planDigest } = report;
  return assemble(
    [
      `**${prose(reportSentence(report))}**`,
      report.outcome === 'refused' ? guardsBlock({ guards, digest: planDigest }) : '',
      groups.filter(isOpen).map(openItem).join('\n'),
      ...groups.filter((group) => !isOpen(group)).map(closedBlock),
      findingsBlock(report.diagnostics),
      `<sub>${prose(runSentence(report))}</sub>`,
    ],
    limit,
  );
};

/** So many queues are named in an open list, */
const NAMED = 12;
/** and so many behind a click. */
const LISTED = 250;

const isOpen = ({ names, reason }: ReportGroup): boolean =>
  names.length <= NAMED || reason !== null;

const openItem = (group: ReportGroup): string =>
  [
    `- **${groupHeading(group).trim()}** ${codeList(group.names, NAMED)}`,
    ...[group.reason, ...group.effects]
      .filter((line) => line !== null)
      .map((line) => `  - ${prose(line)}`),
    ...(group.correlationId === null ? [] : [`  - correlation id ${code(group.correlationId)}`]),
  ].join('\n');

const closedBlock = (group: ReportGroup): string =>
  details(groupHeading(group).replace(/: $/, ''), codeList(group.names, LISTED));
