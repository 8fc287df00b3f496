/** The policies of an explanation: those that count first, then those that nearly do. */
import type { ExplainedPolicy, Explanation } from '../plan/explanation.js';
import { columnLines } from './columns.js';
import { INDENT, isInForce, title } from './explanation-words.js';
import type { TextOptions } from './layout.js';
import { visible } from './visible.js';
import { instant } from './words.js';

/** Each policy with its place, by which entries it means the queue, and in which mode. */
export const policyLines = ({ policies }: Explanation, options: TextOptions): string[] =>
  policies.length === 0
    ? []
    : [
        title('Policies', options),
        ...columnLines(
          [
            ...policies.filter(({ standing }) => isInForce(standing)),
            ...policies.filter(({ standing }) => !isInForce(standing)),
          ].map((policy) => ({
            cells: [visible(policy.policy), `priority ${policy.priority}`],
            rest: policyText(policy),
          })),
          { width: options.width, indent: INDENT },
        ),
      ];

const policyText = (policy: ExplainedPolicy): string => {
  const { standing, entries, because, at, suspended } = policy;
  const by = entries.map(({ text, line }) => `${text} (line ${line})`).join('; ');
  const modes = [
    policy.combine === 'replace' ? 'combine: replace' : null,
    policy.enforcement === 'report' ? 'report only' : null,
    suspended === null
      ? null
      : `suspended by ${suspended.by} until ${instant(suspended.until)}: ${suspended.reason}`,
  ].filter((mode) => mode !== null);
  const place = `${policy.file}:${policy.line}`;
  const how = {
    counts: `by ${by}`,
    reports: `by ${by}`,
    excluded: `not: excluded by ${because?.text ?? 'an entry'} (line ${because?.line ?? ''})`,
    'not-yet': `not yet: from ${instant(at ?? '')} on; by ${by}`,
    over: `no longer: ended ${instant(at ?? '')}; by ${by}`,
    nearly: `not: ${because?.text ?? ''} (line ${because?.line ?? ''})`,
  }[standing];
  return `${place}, ${[how, ...modes].join('; ')}`;
};
