/**
 * What the two sections say together: of one policy, judged offline, or of the merge of several. One
 * mechanism for both, so that the same fault is told in the same words.
 */
import { problem, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { BYPASSES, enforcementOf } from '../domain/requirement.js';
import type { Api, Bypass, Requirement } from '../domain/requirement.js';
import { isMandatory } from '../domain/state.js';
import type { WrapupPrompt } from '../domain/state.js';
import { quote, quoteFew } from '../domain/text.js';
import type { Provenance } from './model.js';

/** A code with its row of the requirement matrix, and who lists it: the one whose row counts first. */
export interface ListedTogether {
  readonly name: string;
  readonly requirement: Requirement;
  readonly from: readonly Provenance[];
}

/** Both sections; null where nobody manages one. `DesiredSections` of the merge has this form too. */
export interface SectionsTogether {
  readonly afterCallWork: {
    readonly prompt: WrapupPrompt;
    readonly from: readonly Provenance[];
  } | null;
  readonly wrapupCodes: {
    readonly unlisted: 'remove' | 'keep';
    readonly allowEmpty: boolean;
    /** Whether a list was written, so that an empty one is a wish. */
    readonly explicit: boolean;
    readonly listed: { values(): Iterable<ListedTogether> };
    readonly from: readonly Provenance[];
  } | null;
}

type Work = SectionsTogether['afterCallWork'];
type Codes = NonNullable<SectionsTogether['wrapupCodes']>;

/** Checks an explicitly empty list, and what the prompt makes of the requirement matrix. */
export const checkSections = (sections: SectionsTogether, api: Api): readonly Diagnostic[] => [
  ...checkEmptyList(sections),
  ...checkRequirements(sections, api),
];

/** A list that is empty on purpose: mandatory prompts need a code, and pruning everything must be meant. */
export const checkEmptyList = ({
  afterCallWork,
  wrapupCodes,
}: SectionsTogether): readonly Diagnostic[] => {
  if (wrapupCodes === null || !wrapupCodes.explicit) return [];
  const [from] = wrapupCodes.from;
  const [listed] = wrapupCodes.listed.values();
  if (listed !== undefined || from === undefined) return [];
  if (afterCallWork !== null && isMandatory(afterCallWork.prompt)) {
    return [
      problem({
        code: 'policy.mandatory-without-code',
        message: `${afterCallWork.prompt} needs a code to choose, and the list of codes is empty.`,
        remedy: 'List at least one code, or choose another prompt.',
        span: from.span,
        related: promptPlaces(afterCallWork),
      }),
    ];
  }
  if (wrapupCodes.unlisted === 'keep' || wrapupCodes.allowEmpty) return [];
  return [
    problem({
      code: 'policy.empty-codes',
      message:
        'The list of codes is empty, and `unlisted: remove` would leave these queues without any.',
      remedy: 'List the codes, or say `allowEmpty: true` if that is what you want.',
      span: from.span,
    }),
  ];
};

/** What nobody enforces of the requirement matrix. */
export const checkRequirements = (
  { afterCallWork, wrapupCodes }: SectionsTogether,
  api: Api,
): readonly Diagnostic[] => {
  const { required, bypass } = enforcementOf({ api, prompt: afterCallWork?.prompt ?? null });
  if (required !== 'advisory' && bypass !== 'advisory') return [];
  if (wrapupCodes === null || !asksForAnything(wrapupCodes)) return [];
  return byPolicy(wrapupCodes).flatMap((rows) => [
    ...(required === 'advisory' ? checkRequired(rows, afterCallWork) : []),
    ...(bypass === 'advisory' ? checkBypass(rows) : []),
  ]);
};

/** Most lists ask for nothing beyond their codes: one look at each row is enough to see it. */
const asksForAnything = ({ listed }: Codes): boolean => {
  for (const { requirement } of listed.values())
    if (requirement.required || BYPASSES.some((flag) => requirement.bypass[flag])) return true;
  return false;
};

/** One finding speaks for all rows of a policy. */
const byPolicy = (codes: Codes): readonly (readonly ListedTogether[])[] => {
  const groups = new Map<string, ListedTogether[]>();
  for (const code of codes.listed.values()) {
    const policy = code.from[0]?.policy ?? '';
    const rows = groups.get(policy);
    if (rows === undefined) groups.set(policy, [code]);
    else rows.push(code);
  }
  return [...groups.values()];
};

const checkRequired = (rows: readonly ListedTogether[], work: Work): readonly Diagnostic[] => {
  const required = rows.filter(({ requirement }) => requirement.required);
  const [first] = required;
  if (first === undefined) return [];
  const what = `${names(required)} ${required.length === 1 ? 'is' : 'are'} required`;
  const place = { span: first.from[0]?.span ?? null };
  if (work !== null && (work.prompt === 'OPTIONAL' || work.prompt === 'AGENT_REQUESTED')) {
    return [
      problem({
        code: 'policy.required-not-enforceable',
        message: `${what}, while the prompt is ${work.prompt}, which lets agents leave without a code.`,
        remedy: 'Use `prompt: MANDATORY`, or drop `required`.',
        ...place,
        related: promptPlaces(work),
      }),
    ];
  }
  const why =
    work === null
      ? 'no policy manages the prompt'
      : `with ${work.prompt} the timer may end without a code`;
  return [
    warning({
      code: 'policy.required-advisory',
      message: `${what}, but ${why}: it is checked and reported, not enforced.`,
      remedy: 'Use `prompt: MANDATORY` to have it enforced.',
      ...place,
    }),
  ];
};

const checkBypass = (rows: readonly ListedTogether[]): readonly Diagnostic[] => {
  const open = (flag: keyof Bypass): readonly ListedTogether[] =>
    rows.filter(({ requirement }) => requirement.bypass[flag]);
  const flags = BYPASSES.filter((flag) => open(flag).length > 0);
  const [first] = flags.flatMap(open);
  if (first === undefined) return [];
  const byCodes = new Map<string, string[]>();
  for (const flag of flags) {
    const codes = open(flag).length === rows.length ? 'all its codes' : names(open(flag));
    byCodes.set(codes, [...(byCodes.get(codes) ?? []), `\`bypass.${flag}\``]);
  }
  const parts = [...byCodes].map(([codes, same]) => `${same.join(', ')} of ${codes}`);
  return [
    warning({
      code: 'policy.bypass-advisory',
      message: `The public API has no setting for ${parts.join('; ')}: checked and reported, not enforced.`,
      remedy: 'Nothing to do; `compliance` shows how interactions really ended.',
      span: first.from[0]?.span ?? null,
    }),
  ];
};

const promptPlaces = (work: NonNullable<Work>): Diagnostic['related'] =>
  work.from.map((from) => ({
    message: `${quote(from.policy)} sets the prompt here`,
    span: from.span,
  }));

const names = (codes: readonly ListedTogether[]): string => quoteFew(codes.map(({ name }) => name));
