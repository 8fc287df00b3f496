/** What a compliance report says, in the words of text and Markdown. */
import type {
  ComplianceReport,
  Ending,
  JudgedNumbers,
  QueueCompliance,
  Standing,
} from '../domain/compliance.js';
import type { DiagnosticJson } from '../domain/change.js';
import { openBypasses } from '../domain/requirement.js';
import type { JudgedRequirement } from '../domain/requirement.js';
import { groupBy } from '../domain/group-by.js';
import { ENFORCEMENT_MEANS, waysText } from './requirement-words.js';
import { count, instant } from './words.js';

/** Heads of the columns of endings. */
export const ENDING_HEADS: Readonly<Record<Ending, string>> = {
  allowed: 'Allowed',
  other: 'Other',
  timedOut: 'Timer',
  skipped: 'Skip',
  noCode: 'None',
  system: 'System',
};

/** The endings that have a column: `system` is rare, and has one where it occurs. */
export const endingColumns = ({ total }: ComplianceReport): readonly Ending[] => [
  'allowed',
  'other',
  'timedOut',
  'skipped',
  'noCode',
  ...(total.endings.system > 0 ? (['system'] as const) : []),
];

/**
 * A part of a whole for people: `0%` and `100%` are exact, everything else has a decimal.
 *
 * @example percentText(1, 1000) // '0.1%'
 */
export const percentText = (part: number, whole: number): string => {
  if (part === 0) return '0%';
  if (part === whole) return '100%';
  return `${Math.min(99.9, Math.max(0.1, (part / whole) * 100)).toFixed(1)}%`;
};

/** @example '61.2%', or '61.2% to 75.0%' where it is not known exactly */
export const metText = ({ met, total }: JudgedNumbers): string =>
  met.least === met.most
    ? percentText(met.least, total)
    : `${percentText(met.least, total)} to ${percentText(met.most, total)}`;

/** The head of the column of {@link metText}, by which queues are sorted. */
export const MET_HEAD = 'As asked';

/** @example '61.2%', or '≥61.2%' where it is not known exactly */
export const leastMetText = ({ met, total }: JudgedNumbers): string =>
  `${met.least === met.most ? '' : '≥'}${percentText(met.least, total)}`;

/** @example '2026-11-16 00:00 UTC to 2026-11-23 00:00 UTC' */
export const periodText = ({ period }: ComplianceReport): string =>
  `${instant(period.from)} to ${instant(period.until)}`;

/** Queues of which the same is asked, the worst first, and what that is. */
export interface RequirementGroup {
  readonly requirement: JudgedRequirement;
  readonly queues: readonly QueueCompliance[];
}

/** Queues in which interactions ended; the group of the worst one comes first. */
export const requirementGroups = ({ queues }: ComplianceReport): readonly RequirementGroup[] =>
  groupBy(
    queues.filter(({ total }) => total > 0),
    ({ requirement }) => requirementText(requirement),
  ).map((group) => ({ requirement: group[0].requirement, queues: group }));

/** What is asked of a queue; ways around a code only where one is required. */
export const requirementText = ({ bypass, requiredIs, bypassIs }: JudgedRequirement): string => {
  if (requiredIs === null) return 'No code is required; one that is used must be allowed';
  const required = `A code is required (${requiredIs}: ${ENFORCEMENT_MEANS[requiredIs]})`;
  return bypassIs === null
    ? required
    : `${required}; may be bypassed by ${waysText(openBypasses(bypass))} (${bypassIs}), which nobody can tell afterwards`;
};

const STANDING_TEXT: Readonly<Record<Standing, string>> = {
  listed: 'listed',
  kept: 'not listed, kept',
  unlisted: 'not listed',
  forbidden: 'forbidden or retired',
  deleted: 'deleted from the organization',
  unknown: 'not in the catalog',
};

/** A code that was used though the policies do not allow it. */
export interface StrayCode {
  readonly name: string;
  readonly why: string;
  readonly count: number;
  readonly queues: readonly string[];
}

/** Such codes over all queues, the most used first. */
export const strayCodes = ({ queues }: ComplianceReport): readonly StrayCode[] =>
  groupBy(
    queues.flatMap(({ name: queue, codes }) =>
      codes
        .filter(({ standing }) => standing !== 'listed' && standing !== 'kept')
        .map((code) => ({ ...code, queue })),
    ),
    ({ id, standing }) => [id, standing],
  )
    .map((group) => ({
      name: group[0].standing === 'deleted' ? 'Deleted codes' : group[0].name,
      why: STANDING_TEXT[group[0].standing],
      count: group.reduce((sum, each) => sum + each.count, 0),
      queues: group.map(({ queue }) => queue),
    }))
    .toSorted((a, b) => b.count - a.count);

/** The whole in a sentence. */
export const totalSentence = (report: ComplianceReport): string => {
  const { total, queues, unread, unmanaged } = report;
  const active = queues.filter((queue) => queue.total > 0).length;
  const governed = count(queues.length + unread.length + unmanaged.length, 'queue');
  return total.total === 0
    ? `No interaction ended in ${governed}.`
    : `${metText(total)} of ${count(total.total, 'interaction')} ended as the policies ask, in ${active} of ${governed}.`;
};

/** What was counted, and what no such count can show. */
export const COUNTED =
  "Counted is after-call work: once for each agent's part of an interaction that had any. Judged by the policies of today.";

/** Findings that the report does not tell already in its own words. */
export const findingsToTell = ({ diagnostics }: ComplianceReport): readonly DiagnosticJson[] =>
  diagnostics.filter(
    ({ code }) => code !== 'policy.required-advisory' && code !== 'policy.bypass-advisory',
  );
