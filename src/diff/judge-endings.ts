/**
 * How interactions ended × what the policies want → what may be said about it, and no more.
 *
 * | it ended with …                    | counts as | as the policies ask?                              |
 * |------------------------------------|-----------|---------------------------------------------------|
 * | a listed code                      | allowed   | yes                                               |
 * | a code that is kept (unlisted)     | allowed   | yes, where no listed one is required              |
 * | a forbidden or retired code        | other     | no                                                |
 * | any other code, a deleted one too  | other     | no                                                |
 * | the end of the timer               | timedOut  | no code: where none is required yes, else no;     |
 * | the agent skipping it              | skipped   |   not to be known where a way around is allowed,  |
 * | nothing                            | noCode    |   for nobody tells which interactions took it     |
 * | any other word of the platform's   | system    | not to be known: no agent chose it                |
 */
import { compareText } from '../domain/order.js';
import { ENDINGS } from '../domain/compliance.js';
import type {
  Ending,
  EndingCount,
  EndingNumbers,
  JudgedNumbers,
  MediaNumbers,
  Standing,
  UsedCode,
} from '../domain/compliance.js';
import { codeId } from '../domain/ids.js';
import { anyOf, judgeRequirement, openBypasses } from '../domain/requirement.js';
import type { Api, JudgedRequirement, Requirement } from '../domain/requirement.js';
import type { DesiredCodes, DesiredSections } from '../resolve/model.js';

/** What the endings of a queue are held against. */
export interface EndingRules {
  readonly codes: DesiredCodes;
  readonly requirement: Requirement;
  /** Names of the codes of the organization, by id. */
  readonly names: ReadonlyMap<string, string>;
}

/** The requirement matrix of a queue in one row: what any of the listed codes asks for. */
export const requirementOfQueue = (
  { afterCallWork, wrapupCodes }: DesiredSections,
  api: Api,
): JudgedRequirement =>
  judgeRequirement(
    anyOf([...(wrapupCodes?.listed.values() ?? [])].map(({ requirement }) => requirement)),
    { api, prompt: afterCallWork?.prompt ?? null },
  );

/** Words of the platform's that say why there is no code (facts page). */
const WITHOUT_CODE: Readonly<Record<string, 'timedOut' | 'skipped'>> = {
  'ININ-WRAP-UP-TIMEOUT': 'timedOut',
  'ININ-WRAP-UP-SKIPPED': 'skipped',
};
/** Stands for every code that was deleted from the organization. */
const DELETED = 'ININ-WRAP-UP-DELETED';
const SYSTEM = 'ININ-';

interface Sorted {
  readonly ending: Ending;
  /** Null where it is no code. */
  readonly standing: Standing | null;
}

/** Which ending a value of the dimension `wrapUpCode` is, by the table above. */
export const sortEnding = (
  wrapUpCode: string | null,
  { codes, requirement, names }: EndingRules,
): Sorted => {
  if (wrapUpCode === null) return { ending: 'noCode', standing: null };
  if (wrapUpCode === DELETED) return { ending: 'other', standing: 'deleted' };
  if (wrapUpCode.startsWith(SYSTEM))
    return { ending: WITHOUT_CODE[wrapUpCode] ?? 'system', standing: null };
  const id = codeId(wrapUpCode);
  if (codes.listed.has(id)) return { ending: 'allowed', standing: 'listed' };
  if (codes.unwanted.has(id)) return { ending: 'other', standing: 'forbidden' };
  if (codes.unlisted === 'keep' && !requirement.required)
    return { ending: 'allowed', standing: 'kept' };
  return { ending: 'other', standing: names.has(id) ? 'unlisted' : 'unknown' };
};

/** The endings of one queue, judged as a whole, by code and by media type. */
export const judgeEndings = (
  endings: readonly EndingCount[],
  rules: EndingRules,
): JudgedNumbers & {
  readonly codes: readonly UsedCode[];
  readonly media: readonly MediaNumbers[];
} => {
  const sorted = endings.map((ending) => ({ ...ending, ...sortEnding(ending.wrapUpCode, rules) }));
  const codes = new Map<string, UsedCode>();
  for (const { wrapUpCode, standing, count } of sorted) {
    if (wrapUpCode === null || standing === null) continue;
    const name = rules.names.get(wrapUpCode) ?? wrapUpCode;
    const before = codes.get(wrapUpCode)?.count ?? 0;
    codes.set(wrapUpCode, { id: wrapUpCode, name, standing, count: before + count });
  }
  const mediaTypes = [...new Set(sorted.map(({ mediaType }) => mediaType))];
  const judge = (some: typeof sorted): JudgedNumbers =>
    judgeNumbers(numbersOf(some), rules.requirement);
  return {
    ...judge(sorted),
    codes: [...codes.values()].sort((a, b) => b.count - a.count || compareText(a.name, b.name)),
    media: mediaTypes
      .map((mediaType) => ({
        mediaType,
        ...judge(sorted.filter((ending) => ending.mediaType === mediaType)),
      }))
      .sort(mostFirst),
  };
};

const numbersOf = (
  sorted: readonly { readonly ending: Ending; readonly count: number }[],
): EndingNumbers => {
  const numbers = { ...NOTHING };
  for (const { ending, count } of sorted) numbers[ending] += count;
  return numbers;
};

const NOTHING: EndingNumbers = {
  allowed: 0,
  other: 0,
  timedOut: 0,
  skipped: 0,
  noCode: 0,
  system: 0,
};

const judgeNumbers = (endings: EndingNumbers, { required, bypass }: Requirement): JudgedNumbers => {
  const { allowed, timedOut, skipped, noCode, system } = endings;
  const without = timedOut + skipped + noCode;
  const least = allowed + (required ? 0 : without);
  const most = allowed + system + (!required || openBypasses(bypass).length > 0 ? without : 0);
  return judged(endings, { least, most });
};

const judged = (endings: EndingNumbers, met: JudgedNumbers['met']): JudgedNumbers => {
  const total = ENDINGS.reduce((sum, ending) => sum + endings[ending], 0);
  const percent = (count: number): number => cautious((count / total) * 100);
  return {
    total,
    endings,
    met,
    metPercent: total === 0 ? null : { least: percent(met.least), most: percent(met.most) },
  };
};

/** Two decimals, but neither all nor nothing where it is not. */
const cautious = (percent: number): number =>
  percent === 0 || percent === 100
    ? percent
    : Math.min(99.99, Math.max(0.01, Math.round(percent * 100) / 100));

/** Judged numbers of several queues, or of several media types, as one. */
export const addNumbers = (all: readonly JudgedNumbers[]): JudgedNumbers => {
  const endings = { ...NOTHING };
  for (const ending of ENDINGS)
    endings[ending] = all.reduce((sum, each) => sum + each.endings[ending], 0);
  return judged(endings, {
    least: all.reduce((sum, { met }) => sum + met.least, 0),
    most: all.reduce((sum, { met }) => sum + met.most, 0),
  });
};

/** Numbers of several queues by media type, most interactions first. */
export const addMedia = (all: readonly MediaNumbers[]): readonly MediaNumbers[] =>
  [...new Set(all.map(({ mediaType }) => mediaType))]
    .map((mediaType) => ({
      mediaType,
      ...addNumbers(all.filter((each) => each.mediaType === mediaType)),
    }))
    .sort(mostFirst);

const mostFirst = (a: MediaNumbers, b: MediaNumbers): number =>
  b.total - a.total || compareText(a.mediaType ?? '', b.mediaType ?? '');
