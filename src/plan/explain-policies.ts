/** The policies that mean a queue, or nearly do, as `explain` tells of them. */
import type { Provenance } from '../policy/model.js';
import { selectorText } from '../resolve/selector-text.js';
import type { QueueTrace } from '../resolve/trace-queue.js';
import { iso, originOf, whenOf } from './explain-wishes.js';
import type { ExplainedPolicy } from './explanation.js';

/** A policy, by which entries it means the queue, and why it does not where it does not. */
export const explainPolicy = ({
  policy,
  standing,
  entries,
}: QueueTrace['policies'][number]): ExplainedPolicy => ({
  ...originOf(policy.from),
  owner: policy.owner,
  priority: policy.priority,
  combine: policy.combine,
  enforcement: policy.enforcement,
  standing: standing.kind,
  at: whenOf(standing),
  entries: entries.map((entry) => {
    const { file, line } = entry.from.span;
    return { file, line, text: selectorText(entry) };
  }),
  because:
    standing.kind === 'excluded' || standing.kind === 'nearly'
      ? {
          file: standing.by.span.file,
          line: standing.by.span.line,
          text: standing.kind === 'nearly' ? standing.why : excludingText(policy, standing.by),
        }
      : null,
  suspended:
    policy.suspend === null
      ? null
      : {
          by: policy.suspend.by,
          reason: policy.suspend.reason,
          until: iso(policy.suspend.until),
        },
});

const excludingText = (
  { exclude }: QueueTrace['policies'][number]['policy'],
  { span }: Provenance,
): string | null => {
  const entry = exclude.find(({ from }) => from.span === span);
  return entry === undefined ? null : selectorText(entry);
};
