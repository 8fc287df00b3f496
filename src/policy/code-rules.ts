/** Rules of the codes within one policy, and of what they ask of the prompt. */
import { problem } from '../domain/diagnostics.js';
import { quote } from '../domain/text.js';
import type { CodeReference, QueuePolicy } from './model.js';
import { codesOf, perPolicy, repeated, workOf } from './rule.js';
import type { Rule, RuleTable } from './rule.js';
import { checkEmptyList, checkRequirements } from './sections.js';
import type { SectionsTogether } from './sections.js';

/** How a reference is called in a message. */
const label = ({ name, id }: CodeReference): string => quote(name ?? id ?? '');

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
 * What the public API can enforce of the requirement matrix. Where the prompt may come from another
 * policy, because this one sets none or a stronger one does, only the merge can tell: until then it is
 * taken for MANDATORY.
 */
const requirements: Rule = {
  over: 'whole documents',
  check: ({ policies }, { api }) => {
    const strongest = policies.reduce(
      (most, policy) => (workOf(policy) === null ? most : Math.max(most, policy.priority)),
      -Infinity,
    );
    return policies.flatMap((policy) => {
      const sections = together(policy);
      const priority = workOf(policy) === null ? -Infinity : policy.priority;
      const decidesItself = priority >= strongest;
      const afterCallWork = decidesItself
        ? sections.afterCallWork
        : ({ prompt: 'MANDATORY', from: [] } as const);
      return checkRequirements({ ...sections, afterCallWork }, api);
    });
  },
};

export const codeRules = {
  distinctCodes,
  listedOrForbidden,
  emptyLists,
  requirements,
} as const satisfies RuleTable;
