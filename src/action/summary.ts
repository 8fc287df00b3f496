/** The job summary: all that happened, and what to do where it failed. */
import { assemble, code, prose } from '../report/markdown.js';
import { renderReportMarkdown } from '../report/markdown-report.js';
import { failureBlocks, isPlanCut, renderPlanPage } from './blocks.js';
import type { Ending } from './ending.js';

/** A runner takes 1 MiB of summary, in bytes; a character has three at most. */
const SUMMARY_LIMIT = 340_000;
const PLAN_LIMIT = SUMMARY_LIMIT / 2;
const REPORT_LIMIT = SUMMARY_LIMIT / 4;

/** The whole page. What does not fit is left out block by block, from the end. */
export const renderSummary = (ended: Ending): string => {
  const { plan, report, notes } = ended;
  const isRefused = report?.outcome === 'refused';
  return assemble(
    [
      // A report does not name the organization, and a workflow may have several.
      `### Wrapkeeper ${ended.command}${plan === null ? '' : ` · ${code(plan.organization.name)}`}`,
      ...notes.map((note) => `> ${prose(note)}`),
      ...failureBlocks(ended),
      acceptBlock(ended),
      report === null || (isRefused && plan !== null)
        ? ''
        : renderReportMarkdown(report, { limit: REPORT_LIMIT }).trimEnd(),
      plan === null || (report !== null && !isRefused)
        ? ''
        : renderPlanPage(plan, PLAN_LIMIT).trimEnd(),
    ],
    SUMMARY_LIMIT,
  );
};

/** How to apply a plan that the run has only shown: by its digest, which names all of it. */
const acceptBlock = ({ command, failure, plan }: Ending): string => {
  const isOffered =
    failure === 'plan-changed' || failure === 'not-reviewed' || failure === 'refused-by-guard';
  if (command !== 'apply' || !isOffered || plan === null) return '';
  const shown = isPlanCut(plan, PLAN_LIMIT)
    ? 'Not all of this plan fits on this page: read it whole first, in the file of the output `plan-path` or by `wrapkeeper plan` at a desk.'
    : 'The plan stands below: read it first.';
  return `${shown} To apply it, run the workflow by hand with this \`accept-digest\`:

\`\`\`
${plan.digest}
\`\`\`

**That applies the whole plan**, also what nobody has reviewed and what was pending beside the pull request, **and lifts the guards** for it. Should anything be different by then, nothing is written, and the new plan is shown.`;
};
