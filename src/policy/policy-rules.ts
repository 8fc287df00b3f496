/** Rules within one policy, and of names across them. */
import { problem, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { formatDuration } from '../domain/duration.js';
import { TIMEOUT_MS, isLegalTimeout, isTimed } from '../domain/state.js';
import { quote } from '../domain/text.js';
import { isUnmanaged } from './model.js';
import type { AfterCallWorkRule, CodeReference, QueuePolicy, WrapupCodesRule } from './model.js';
import { repeated } from './rule.js';
import type { Rule, RuleInput, RuleTable } from './rule.js';
import { checkEmptyList, checkRequirements } from './sections.js';
import type { SectionsTogether } from './sections.js';

/** A rule that looks at one policy after the other. */
const perPolicy = (
  over: Rule['over'],
  check: (policy: QueuePolicy, input: RuleInput) => readonly Diagnostic[],
): Rule => ({
  over,
  check: (set, input) => set.policies.flatMap((policy) => check(policy, input)),
});

const workOf = ({ afterCallWork }: QueuePolicy): AfterCallWorkRule | null =>
  afterCallWork === null || isUnmanaged(afterCallWork) ? null : afterCallWork;

const codesOf = ({ wrapupCodes }: QueuePolicy): WrapupCodesRule | null =>
  wrapupCodes === null || isUnmanaged(wrapupCodes) ? null : wrapupCodes;

/** How a reference is called in a message. */
const label = ({ name, id }: CodeReference): string => quote(name ?? id ?? '');

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

/** One code, one row: a second entry could only contradict the first. */
const distinctCodes = perPolicy('what is written', (policy) => {
  const codes = codesOf(policy);
  if (codes === null) return [];
  return [codes.codes, codes.forbidden].flatMap((list: readonly CodeReference[]) =>
    (['name', 'id'] as const).flatMap((key) =>
      repeated(
        list,
        (code) => code[key],
        (code, first) =>
          problem({
            code: 'policy.duplicate-code',
            message: `The code ${quote(code[key] ?? '')} stands twice in one list.`,
            remedy: 'Keep one entry.',
            span: code.from.span,
            related: [{ message: 'It stands here first', span: first.from.span }],
          }),
      ),
    ),
  );
});

/** `forbidden` beats every listing, so that listing the code in the same policy cannot be meant. */
const listedOrForbidden = perPolicy('what is written', (policy) => {
  const codes = codesOf(policy);
  if (codes === null) return [];
  const names = new Map(codes.forbidden.map((code) => [code.name, code]));
  const ids = new Map(codes.forbidden.map((code) => [code.id, code]));
  return codes.codes.flatMap((code) => {
    const rival =
      (code.name !== null && names.get(code.name)) ||
      (code.id !== null && ids.get(code.id)) ||
      undefined;
    return rival === undefined
      ? []
      : [
          problem({
            code: 'policy.listed-and-forbidden',
            message: `The policy lists the code ${label(code)} and forbids it.`,
            remedy: 'Decide for one of the two.',
            span: code.from.span,
            related: [{ message: 'It is forbidden here', span: rival.from.span }],
          }),
        ];
  });
});

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

/** A period that ends before it begins never is. */
const activePeriods = perPolicy('what is written', (policy, { placeOf }) => {
  const { active, name } = policy;
  return active === null ||
    active.from === null ||
    active.until === null ||
    active.until > active.from
    ? []
    : [
        problem({
          code: 'policy.active-never',
          message: `The policy ${quote(name)} would never be active: it ends at ${iso(active.until)} and begins at ${iso(active.from)}.`,
          remedy: 'Swap or mend the two instants.',
          span: placeOf(policy, ['spec', 'active', 'until']),
        }),
      ];
});

/** What ends by itself may be deleted once it has ended. */
const expired: Rule = {
  over: 'what is written',
  check: ({ policies, allowances }, { now, placeOf }) => [
    ...policies.flatMap((policy) => [
      ...ended(now, policy.suspend?.until, () => ({
        what: `The suspension of ${quote(policy.name)}`,
        remedy: 'Delete `suspend`.',
        span: placeOf(policy, ['spec', 'suspend', 'until']),
      })),
      ...ended(now, policy.active?.until, () => ({
        what: `The active period of ${quote(policy.name)}`,
        remedy:
          policy.active?.afterwards === 'remove'
            ? 'Delete the policy once its codes are removed.'
            : 'Delete the policy when it is no longer needed.',
        span: placeOf(policy, ['spec', 'active', 'until']),
      })),
    ]),
    ...allowances.flatMap((allowance) =>
      ended(now, allowance.until, () => ({
        what: `The allowance ${quote(allowance.name)}`,
        remedy: 'Delete it.',
        span: placeOf(allowance, ['spec', 'until']),
      })),
    ),
  ],
};

/** A warning that something ended, or nothing. */
export const ended = (
  now: number,
  until: number | null | undefined,
  about: () => {
    readonly what: string;
    readonly remedy: string;
    readonly span: Diagnostic['span'];
  },
): readonly Diagnostic[] => {
  if (typeof until !== 'number' || until > now) return [];
  const { what, remedy, span } = about();
  return [
    warning({
      code: 'policy.expired',
      message: `${what} ended at ${iso(until)} and no longer counts.`,
      remedy,
      span,
    }),
  ];
};

const iso = (instant: number): string => new Date(instant).toISOString().replace('.000Z', 'Z');

const together = (policy: QueuePolicy): SectionsTogether => {
  const work = workOf(policy);
  const codes = codesOf(policy);
  return {
    afterCallWork: work && { prompt: work.prompt, from: [work.from] },
    wrapupCodes: codes && {
      unlisted: codes.unlisted,
      allowEmpty: codes.allowEmpty,
      explicit: codes.codesWritten,
      listed: codes.codes.map((code) => ({
        name: code.name ?? code.id ?? '',
        requirement: code.requirement,
        from: [code.from],
      })),
      from: [codes.from],
    },
  };
};

/** A list that is empty on purpose. */
const emptyLists = perPolicy('whole documents', (policy) => checkEmptyList(together(policy)));

/**
 * What the public API can enforce of the requirement matrix. Where a policy leaves the prompt to others,
 * and one of them sets a prompt, only the merge can tell: until then it is taken for MANDATORY.
 */
const requirements: Rule = {
  over: 'whole documents',
  check: ({ policies }, { api }) => {
    const managed = policies.some((policy) => workOf(policy) !== null);
    const elsewhere = managed ? ({ prompt: 'MANDATORY', from: [] } as const) : null;
    return policies
      .map(together)
      .flatMap((sections) =>
        checkRequirements({ ...sections, afterCallWork: sections.afterCallWork ?? elsewhere }, api),
      );
  },
};

export const policyRules = {
  uniqueNames,
  distinctCodes,
  listedOrForbidden,
  timers,
  unmanagedReplaces,
  managesSomething,
  activePeriods,
  expired,
  emptyLists,
  requirements,
} as const satisfies RuleTable;
