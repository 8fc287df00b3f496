/** The requirement matrix: whether an interaction must end with a code, and who or what may do without it. */

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
