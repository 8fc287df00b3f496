/** What people read on GitHub: the job summary, the comment on a pull request, the issue about drift. */
import type { Plan } from '../domain/change.js';
import { renderBaseMarkdown } from '../report/markdown-base.js';
import { findingsBlock, renderPlanMarkdown } from '../report/markdown-plan.js';
import { renderReportMarkdown } from '../report/markdown-report.js';
import { code, prose } from '../report/markdown.js';
import { isIdle } from '../report/plan-words.js';
import { count } from '../report/words.js';
import type { Ending } from './ending.js';
import { mark, MARKER_LENGTH } from './marker.js';

/** What GitHub takes for a comment or an issue, in characters. */
const BODY_LIMIT = 65_536;
/** For what stands around a plan: its marker, and the lines below it. */
const AROUND = MARKER_LENGTH + 1_500;
/** A runner takes 1 MiB of summary, in bytes; a character has three at most. */
const SUMMARY_LIMIT = 340_000;

const page = (...blocks: readonly string[]): string =>
  `${blocks.filter((block) => block !== '').join('\n\n')}\n`;

/** What the change does where it is compared with a base; else all that is to be done. */
const renderPlanPage = (plan: Plan, limit: number): string =>
  plan.base === undefined
    ? renderPlanMarkdown(plan, { limit })
    : renderBaseMarkdown(plan, { limit });

/** The job summary: all of it, and what to do where it failed. */
export const renderSummary = (ended: Ending): string => {
  const { plan, report, notes } = ended;
  return page(
    // A report does not name the organization, and a workflow may have several.
    `### Wrapkeeper ${ended.command}${plan === null ? '' : ` · ${code(plan.organization.name)}`}`,
    ...notes.map((note) => `> ${prose(note)}`),
    failureBlock(ended),
    report === null ? '' : renderReportMarkdown(report, { limit: SUMMARY_LIMIT / 4 }).trimEnd(),
    plan === null || report !== null ? '' : renderPlanPage(plan, SUMMARY_LIMIT / 2).trimEnd(),
    ended.failure === 'plan-changed' || ended.failure === 'not-reviewed' ? acceptBlock(plan) : '',
  ).slice(0, SUMMARY_LIMIT);
};

/** What stopped the run, or what a validation found. */
const failureBlock = ({ command, failure, findings, plan, report }: Ending): string => {
  const block = findingsBlock(findings);
  if (failure === null) {
    const isValid = command === 'validate' && plan === null;
    return page(isValid ? '**VALID**' : '', block).trim();
  }
  // A report tells of itself.
  if (report !== null && findings.length === 0) return '';
  const [first] = findings.filter(({ severity }) => severity === 'error');
  const word = failure === 'invalid' ? 'INVALID' : 'FAILED';
  const why = first === undefined ? '' : `: ${prose(first.message)}`;
  const help = first?.remedy ? prose(first.remedy) : '';
  return page(`**${word}** (${failure})${why}`, help, findings.length > 1 ? block : '').trim();
};

const acceptBlock = (plan: Plan | null): string =>
  plan === null
    ? ''
    : `To apply exactly this plan, run the workflow by hand with \`accept-digest\`:\n\n\`\`\`\n${plan.digest}\n\`\`\``;

/** What a comment is about. */
export interface CommentSubject {
  readonly organization: string;
  /** The newest commit of the pull request. */
  readonly head: string;
  /** The page of this run, or null. */
  readonly run: string | null;
}

/**
 * The comment on a pull request, its marker included. What is cut short, or could not be planned, has no digest
 * that could be taken for reviewed.
 */
export const renderComment = (
  ended: Ending,
  { organization, head, run }: CommentSubject,
): string => {
  const { plan } = ended;
  const limit = BODY_LIMIT - AROUND;
  const whole =
    plan === null || ended.failure !== null
      ? page('Nothing was planned.', failureBlock(ended))
      : renderPlanPage(plan, Infinity);
  const isCut = whole.length > limit;
  const text =
    isCut && plan !== null && ended.failure === null
      ? renderPlanPage(plan, limit)
      : whole.slice(0, limit);
  const base = plan?.base;
  const reviewed = isCut || ended.failure !== null ? null : (base?.digest ?? null);
  const where = run === null ? 'the job summary' : `[the job summary](${run})`;
  const body = page(
    text.trimEnd(),
    isCut
      ? `**This comment is cut.** All of it stands in ${where}. Nothing is applied from a cut comment: after the merge, run the workflow by hand with \`accept-digest\`.`
      : '',
    `<sub>Planned for ${code(head.slice(0, 7))}${base === undefined ? '' : ` against ${code(base.commit.slice(0, 7))}`}; more in ${where}.${reviewed === null ? '' : ' After the merge this is applied if it is still the same.'}</sub>`,
  );
  return mark({ kind: 'plan', organization, head, reviewed, cut: isCut }, body);
};

/** An issue about drift, its marker included. */
export const renderIssue = (
  plan: Plan,
  { run }: Pick<CommentSubject, 'run'>,
): { readonly title: string; readonly body: string; readonly isWell: boolean } => {
  const { organization } = plan;
  const where = run === null ? '' : `<sub>[This run](${run}) found it.</sub>`;
  const isWell = isIdle(plan);
  const text = page(
    isWell
      ? 'All queues match the policies again.'
      : `The scheduled run found ${count(new Set([...plan.queues, ...plan.held].map(({ id }) => id)).size, 'queue')} that ${plan.queues.length + plan.held.length === 1 ? 'differs' : 'differ'} from the policies. This issue is updated by every scheduled run, and closed once all is well.`,
    renderPlanPage(plan, BODY_LIMIT - AROUND).trimEnd(),
    where,
  );
  return {
    title: `Wrapkeeper: queues of ${organization.name} differ from the policies`,
    body: mark(
      { kind: 'drift', organization: organization.id, head: null, reviewed: null, cut: false },
      text,
    ),
    isWell,
  };
};
