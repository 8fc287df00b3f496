/**
 * Rules that only the merged result can be held against: the prompt may come from one policy and the
 * codes from another.
 */
import { problem, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { isMandatory } from '../domain/state.js';
import type { Settings } from '../policy/settings.js';
import type { DesiredAfterCallWork, DesiredCode, DesiredCodes, DesiredSections } from './model.js';

/** Checks what a merge wants. With `api: wrapupcodes-put` the matrix is written, and so is not advisory. */
export const checkMerged = (
  sections: DesiredSections,
  api: Settings['api'],
): readonly Diagnostic[] => {
  const { afterCallWork, wrapupCodes } = sections;
  if (wrapupCodes === null) return [];
  return [
    ...checkEmpty(wrapupCodes, afterCallWork),
    ...(api === 'public' ? checkRequirements(wrapupCodes, afterCallWork) : []),
  ];
};

const checkEmpty = (
  codes: DesiredCodes,
  work: DesiredAfterCallWork | null,
): readonly Diagnostic[] => {
  const [from] = codes.from;
  if (codes.listed.size > 0 || !codes.explicit || from === undefined) return [];
  if (work !== null && isMandatory(work.prompt)) {
    return [
      problem({
        code: 'policy.mandatory-without-code',
        message: `${work.prompt} needs a code to choose, and the list of codes is empty.`,
        span: from.span,
        related: work.from.map((place) => ({
          message: `"${place.policy}" sets the prompt here`,
          span: place.span,
        })),
        remedy: 'List at least one code, or choose another prompt.',
      }),
    ];
  }
  if (codes.unlisted === 'remove' && !codes.allowEmpty) {
    return [
      problem({
        code: 'policy.empty-codes',
        message:
          'No code is left in the list, and `unlisted: remove` would leave these queues without any.',
        span: from.span,
        remedy: 'List the codes, or say `allowEmpty: true` if that is what you want.',
      }),
    ];
  }
  return [];
};

const checkRequirements = (
  codes: DesiredCodes,
  work: DesiredAfterCallWork | null,
): readonly Diagnostic[] => {
  const required = [...codes.listed.values()].filter((code) => code.requirement.required);
  const [first] = required;
  const bypassed = [...codes.listed.values()].filter((code) =>
    Object.values(code.requirement.bypass).includes(true),
  );
  return [
    ...(first === undefined || work?.prompt === 'MANDATORY'
      ? []
      : [requirementGap(first, required.length, work)]),
    ...distinctPlaces(bypassed).map((code) =>
      warning({
        code: 'policy.bypass-advisory',
        message: `The public API has no setting for ${flagNames(code)} of "${code.name}": it is checked and reported, not enforced.`,
        span: code.from[0]?.span ?? null,
        remedy: 'Nothing to do; `compliance` shows how interactions really ended.',
      }),
    ),
  ];
};

/** `required` under another prompt than MANDATORY: an error where agents may simply leave, else advice. */
const requirementGap = (
  code: DesiredCode,
  count: number,
  work: DesiredAfterCallWork | null,
): Diagnostic => {
  const what =
    count === 1
      ? `"${code.name}" is required`
      : `"${code.name}" and ${count - 1} more are required`;
  const place = { span: code.from[0]?.span ?? null };
  if (work !== null && (work.prompt === 'OPTIONAL' || work.prompt === 'AGENT_REQUESTED')) {
    return problem({
      code: 'policy.required-not-enforceable',
      message: `${what}, while the prompt is ${work.prompt}, which lets agents leave without a code.`,
      ...place,
      related: work.from.map((from) => ({
        message: `"${from.policy}" sets the prompt here`,
        span: from.span,
      })),
      remedy: 'Use `prompt: MANDATORY`, or drop `required`.',
    });
  }
  return warning({
    code: 'policy.required-advisory',
    message: `${what}, but ${work === null ? 'no policy manages the prompt' : `with ${work.prompt} the timer may end without a code`}: it is checked and reported, not enforced.`,
    ...place,
    remedy: 'Use `prompt: MANDATORY` to have it enforced.',
  });
};

const flagNames = (code: DesiredCode): string =>
  Object.entries(code.requirement.bypass)
    .flatMap(([name, value]) => (value ? [`\`bypass.${name}\``] : []))
    .join(', ');

/** One code for every place: rows that take their flags from the policy's defaults speak once. */
const distinctPlaces = (codes: readonly DesiredCode[]): readonly DesiredCode[] => [
  ...new Map(
    codes.map((code) => [`${code.from[0]?.policy ?? ''} ${flagNames(code)}`, code]),
  ).values(),
];
