/** Parts of what people read on GitHub, for the pages that share them. */
import type { Plan } from '../domain/change.js';
import { placeText } from '../report/findings.js';
import { code, prose } from '../report/markdown.js';
import { renderBaseMarkdown } from '../report/markdown-base.js';
import { findingsBlock, renderPlanMarkdown } from '../report/markdown-plan.js';
import type { Ending } from './ending.js';

/** Blocks one below the other. */
export const page = (...blocks: readonly string[]): string =>
  `${blocks.filter((block) => block !== '').join('\n\n')}\n`;

/** What the change does where it is compared with a base; else all that is to be done. */
export const renderPlanPage = (plan: Plan, limit: number): string =>
  plan.base === undefined
    ? renderPlanMarkdown(plan, { limit })
    : renderBaseMarkdown(plan, { limit });

/** Whether a page of this length does not show all of a plan. */
export const isPlanCut = (plan: Plan, limit: number): boolean =>
  renderPlanPage(plan, Infinity).length > limit;

/** What stopped the run, or what a validation found: the reason first, each a block of its own. */
export const failureBlocks = ({
  command,
  failure,
  findings,
  plan,
  report,
}: Ending): readonly string[] => {
  if (failure === null) {
    const isValid = command === 'validate' && plan === null;
    return [isValid ? '**VALID**' : '', findingsBlock(findings)];
  }
  if (report !== null && findings.length === 0)
    // A report tells of itself; of a refusal the plan tells more.
    return report.outcome === 'refused'
      ? [`**FAILED** (${failure}): a guard refused the plan, and nothing was written.`]
      : [];
  const [first] = findings.filter(({ severity }) => severity === 'error');
  const word = failure === 'invalid' ? '**INVALID**' : `**FAILED** (${failure})`;
  const place = first === undefined || first.file === null ? '' : ` ${code(placeText(first))}`;
  const why = first === undefined ? '' : `:${place} ${prose(first.message)}`;
  return [
    `${word}${why}`,
    first?.remedy ? prose(first.remedy) : '',
    findings.length > 1 ? findingsBlock(findings) : '',
  ];
};
