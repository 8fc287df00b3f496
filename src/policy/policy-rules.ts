/** Rules of one policy as a whole, and of names across them. */
import { problem } from '../domain/diagnostics.js';
import { formatDuration } from '../domain/duration.js';
import { TIMEOUT_MS, isLegalTimeout, isTimed } from '../domain/state.js';
import { quote } from '../domain/text.js';
import { isUnmanaged } from './model.js';
import { perPolicy, repeated, workOf } from './rule.js';
import type { Rule, RuleTable } from './rule.js';

/** Plans, events and holds tell documents of one kind apart by `metadata.name`. */
const uniqueNames: Rule = {
  over: 'what is written',
  check: (set) =>
    [set.policies, set.catalogs, set.allowances].flatMap((documents) =>
      repeated<(typeof documents)[number]>(
        documents,
        ({ name }) => name,
        ({ kind, name, from }, first) =>
          problem({
            code: 'policy.duplicate-name',
            message: `Another ${kind} is named ${quote(name)} already, in ${first.from.span.file}:${first.from.span.line}.`,
            remedy: 'Rename one: plans and events tell policies apart by name.',
            span: from.span,
            related: [{ message: 'The name stands here first', span: first.from.span }],
          }),
      ),
    ),
};

/** The platform looks at a timer beside three of its prompts alone, and takes 1 second to 60 minutes. */
const timers = perPolicy('what is written', (policy, { placeOf }) => {
  const work = workOf(policy);
  if (work === null || work.timeoutMs === null) return [];
  const timeout = formatDuration(work.timeoutMs);
  const span = placeOf(policy, ['spec', 'afterCallWork', 'timeout']);
  if (!isTimed(work.prompt)) {
    return [
      problem({
        code: 'policy.timer-without-timed-prompt',
        message: `\`timeout: ${timeout}\` stands beside ${work.prompt}, which knows no timer.`,
        remedy:
          'Delete `timeout`, or choose MANDATORY_TIMEOUT, MANDATORY_FORCED_TIMEOUT or AGENT_REQUESTED.',
        span,
      }),
    ];
  }
  if (isLegalTimeout(work.timeoutMs)) return [];
  return [
    problem({
      code: 'policy.timer-out-of-bounds',
      message: `\`timeout: ${timeout}\` is outside what the platform accepts: ${formatDuration(TIMEOUT_MS.min)} to 60m.`,
      remedy: 'Choose a value within the bounds.',
      span,
    }),
  ];
});

/** `unmanaged` takes queues out of the hands of lower priorities: only `replace` can. */
const unmanagedReplaces = perPolicy('whole documents', ({ combine, afterCallWork, wrapupCodes }) =>
  [afterCallWork, wrapupCodes].flatMap((section) =>
    section === null || !isUnmanaged(section) || combine === 'replace'
      ? []
      : [
          problem({
            code: 'policy.unmanaged-needs-replace',
            message:
              '`unmanaged` has no effect with `combine: merge`: other policies would go on managing the section.',
            remedy: 'Add `combine: replace`, or leave the section out.',
            span: section.from.span,
          }),
        ],
  ),
);

/** A policy without a section governs nothing. */
const managesSomething = perPolicy(
  'whole documents',
  ({ name, afterCallWork, wrapupCodes, from }) =>
    afterCallWork !== null || wrapupCodes !== null
      ? []
      : [
          problem({
            code: 'policy.nothing-managed',
            message: `The policy ${quote(name)} says neither \`afterCallWork\` nor \`wrapupCodes\`.`,
            remedy: 'Add one of the sections.',
            span: from.span,
          }),
        ],
);

export const policyRules = {
  uniqueNames,
  timers,
  unmanagedReplaces,
  managesSomething,
} as const satisfies RuleTable;
