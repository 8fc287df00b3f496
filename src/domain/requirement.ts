/**
 * The requirement matrix: whether an interaction must end with a code, and who or what may do without it; and
 * who sees to it.
 */
import type { WrapupPrompt } from './state.js';

/** Who or what may close an interaction without one of the codes. */
export interface Bypass {
  readonly selfAssignment: boolean;
  readonly supervisorAssignment: boolean;
  readonly agentAssignment: boolean;
  readonly transfer: boolean;
  readonly wrapup: boolean;
  readonly postCallWork: boolean;
}

/** One row of the requirement matrix. */
export interface Requirement {
  readonly required: boolean;
  readonly bypass: Bypass;
}

/** Every way around a code, in the order in which people read them. */
export const BYPASSES = [
  'selfAssignment',
  'supervisorAssignment',
  'agentAssignment',
  'transfer',
  'wrapup',
  'postCallWork',
] as const satisfies readonly (keyof Bypass)[];

/** The ways around a code that are open. */
export const openBypasses = (bypass: Bypass): readonly (keyof Bypass)[] =>
  BYPASSES.filter((flag) => bypass[flag]);

/** A flag of a row by name. */
export type RequirementFlag = 'required' | keyof Bypass;

/** Every flag of a row, in the order in which people read them. */
export const REQUIREMENT_FLAGS = ['required', ...BYPASSES] as const;

/** A row from its flags, one by one, with its keys in the order in which plans show them. */
export const requirementOf = (flag: (name: RequirementFlag) => boolean): Requirement => ({
  required: flag('required'),
  bypass: {
    selfAssignment: flag('selfAssignment'),
    supervisorAssignment: flag('supervisorAssignment'),
    agentAssignment: flag('agentAssignment'),
    transfer: flag('transfer'),
    wrapup: flag('wrapup'),
    postCallWork: flag('postCallWork'),
  },
});

/** The value of a row's flag. */
export const flagOf = ({ required, bypass }: Requirement, flag: RequirementFlag): boolean =>
  flag === 'required' ? required : bypass[flag];

/** The flags in which two rows differ; none where they say the same. */
export const differingFlags = (a: Requirement, b: Requirement): readonly RequirementFlag[] =>
  REQUIREMENT_FLAGS.filter((flag) => flagOf(a, flag) !== flagOf(b, flag));

export const sameRequirement = (a: Requirement, b: Requirement): boolean =>
  a === b || differingFlags(a, b).length === 0;

/** What any of the rows asks for, as one. */
export const anyOf = (rows: readonly Requirement[]): Requirement =>
  requirementOf((flag) => rows.some((row) => flagOf(row, flag)));

/** By what codes are written: the public API, which knows no rows, or a gateway that takes them. */
export type Api = 'public' | 'wrapupcodes-put';

/**
 * Who sees to what a row asks for: `enforced` by the platform, `gateway` where it is written to one, `advisory`
 * where nobody does: it is checked and reported.
 */
export const ENFORCEMENTS = ['enforced', 'gateway', 'advisory'] as const;
export type Enforcement = (typeof ENFORCEMENTS)[number];

/** What decides it. The prompt is the one that the policies want; null where none of them sets it. */
export interface Enforcing {
  readonly api: Api;
  readonly prompt: WrapupPrompt | null;
}

/**
 * What of a row is enforced. Everybody who tells asks here:
 *
 * | api               | `required: true`                              | a `bypass` that is true |
 * |-------------------|-----------------------------------------------|-------------------------|
 * | `public`          | `enforced` under MANDATORY, else `advisory`   | `advisory`              |
 * | `wrapupcodes-put` | `gateway`                                     | `gateway`               |
 *
 * @example enforcementOf({ api: 'public', prompt: 'MANDATORY' }) // { required: 'enforced', bypass: 'advisory' }
 */
export const enforcementOf = ({
  api,
  prompt,
}: Enforcing): { readonly required: Enforcement; readonly bypass: Enforcement } =>
  api === 'wrapupcodes-put'
    ? { required: 'gateway', bypass: 'gateway' }
    : { required: prompt === 'MANDATORY' ? 'enforced' : 'advisory', bypass: 'advisory' };

/** A row, and what of it is enforced; null where it does not ask for that. */
export interface JudgedRequirement extends Requirement {
  readonly requiredIs: Enforcement | null;
  readonly bypassIs: Enforcement | null;
}

/** A row with what of it is enforced. */
export const judgeRequirement = (
  { required, bypass }: Requirement,
  enforcing: Enforcing,
): JudgedRequirement => {
  const is = enforcementOf(enforcing);
  return {
    required,
    bypass,
    requiredIs: required ? is.required : null,
    bypassIs: openBypasses(bypass).length > 0 ? is.bypass : null,
  };
};
