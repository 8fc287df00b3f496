/** What a branch changes, in the words that text and Markdown share. */
import type { BaseMark, NamedQueue, Plan, PlanBase, QueueChange } from '../domain/change.js';
import { pendingBeside, restrictToBase } from '../plan/compare-base.js';
import { changesToJudge, isForecast } from '../plan/forecast.js';
import { guardsToTell } from './plan-words.js';
import { count } from './words.js';

/** A plan that was compared with a base. */
export type ComparedPlan = Plan & { readonly base: PlanBase };

/**
 * What a reviewer is to think of a branch, in a word.
 *
 * | verdict         | where                                                                       |
 * |-----------------|-----------------------------------------------------------------------------|
 * | `REFUSED`       | a guard refuses the plan, and the branch would write something              |
 * | `REVIEW`        | something is marked: see {@link marksOfBase}                                |
 * | `OK`            | something changes, and nothing of it is marked                              |
 * | `NOTHING TO DO` | every queue, and what is wanted of it, is the same with and without the branch |
 */
export type BaseVerdict = 'NOTHING TO DO' | 'OK' | 'REVIEW' | 'REFUSED';

/** Something that is always marked, with what it is about. Plain text. */
export interface MarkedItems {
  readonly what: string;
  readonly items: readonly { readonly name: string; readonly detail: string | null }[];
  /** What stands behind the items; may be empty. */
  readonly after: string;
}

/** The two parts of a plan with a base, and what there is to be said of them. */
export interface BaseView {
  readonly verdict: BaseVerdict;
  readonly marks: readonly MarkedItems[];
  /** The plan with the branch's rows alone. */
  readonly own: Plan;
  /** All that the branch sets out to write, sorted by name: what only waits for a window is among it. */
  readonly changes: readonly QueueChange[];
  readonly pending: ReturnType<typeof pendingBeside>;
}

/** Takes a plan apart for its readers. */
export const viewBase = (plan: ComparedPlan): BaseView => {
  const own = restrictToBase(plan);
  const changes = changesToJudge(own);
  const marks = marksOfBase(plan, changes);
  const view = { marks, own, changes, pending: pendingBeside(plan) };
  return { ...view, verdict: verdictOfBase(plan, view) };
};

const verdictOfBase = (
  { base, guards }: ComparedPlan,
  { marks, changes }: Pick<BaseView, 'marks' | 'changes'>,
): BaseVerdict => {
  const { create, rename } = base.catalog;
  const writes = changes.length + create.length + rename.length > 0;
  if (writes && guards.some(({ verdict }) => verdict === 'refuse')) return 'REFUSED';
  if (marks.length > 0) return 'REVIEW';
  const others = [base.queues, base.newlyGoverned, base.settled, base.wantedOtherwise];
  return writes || others.some(({ length }) => length > 0) ? 'OK' : 'NOTHING TO DO';
};

const MARK_WORDS: Readonly<Record<BaseMark['kind'], string>> = {
  'probably-renamed': 'Probably renamed: say `previously:` to keep the code and its history',
  'report-to-enforce': 'From report to enforce',
  'enforce-to-report': 'From enforce to report',
  'suspension-ended': 'Suspension ended',
  'allowance-added': 'Guard allowance added',
  'allowance-changed': 'Guard allowance changed',
  'setting-loosened': 'Settings loosened',
  'setting-changed': 'Settings changed',
};

const plain = (names: Iterable<string>): MarkedItems['items'] =>
  Array.from(names, (name) => ({ name, detail: null }));
const namesOf = (queues: readonly NamedQueue[]): MarkedItems['items'] =>
  plain(queues.map(({ name }) => name));

/** What is always marked, the worst first. */
const marksOfBase = (
  { base }: ComparedPlan,
  changes: readonly QueueChange[],
): readonly MarkedItems[] => {
  const losing = changes.filter(({ wrapupCodes }) => (wrapupCodes?.remove.length ?? 0) > 0);
  const lost = losing.flatMap(({ wrapupCodes }) =>
    (wrapupCodes?.remove ?? []).map(({ name }) => name),
  );
  const forced = changes.filter(
    ({ afterCallWork: work }) =>
      work?.to.prompt === 'MANDATORY_FORCED_TIMEOUT' && work.from.prompt !== work.to.prompt,
  );
  const { create, rename } = base.catalog;
  const marks: readonly MarkedItems[] = [
    {
      what: 'The base cannot be compared, and everything counts as changed',
      items: base.incomparable === null ? [] : [{ name: base.ref, detail: base.incomparable }],
      after: '',
    },
    {
      what: 'Codes removed',
      items: plain(new Set(lost)),
      after: `on ${count(losing.length, 'queue')}`,
    },
    { what: 'Forced timer', items: namesOf(forced), after: '' },
    {
      what: 'Codes created, never undone',
      items: plain(create.map(({ name }) => name)),
      after: '',
    },
    {
      what: 'Codes renamed',
      items: plain(rename.map(({ from, to }) => `${from} → ${to}`)),
      after: '',
    },
    { what: 'No longer governed', items: namesOf(base.noLongerGoverned), after: '' },
    ...markWords(base.marks),
  ];
  return marks.filter(({ items }) => items.length > 0);
};

const markWords = (marks: readonly BaseMark[]): readonly MarkedItems[] =>
  (Object.keys(MARK_WORDS) as BaseMark['kind'][]).map((kind) => ({
    what: MARK_WORDS[kind],
    items: marks
      .filter((mark) => mark.kind === kind)
      .map(({ name, detail }) =>
        kind === 'probably-renamed'
          ? { name: `${name} → ${detail ?? ''}`, detail: null }
          : { name, detail },
      ),
    after: '',
  }));

/** How the base is called: a whole commit id is shortened. */
export const baseName = ({ ref }: PlanBase): string =>
  /^[0-9a-f]{40,64}$/.test(ref) ? ref.slice(0, 12) : ref;

/** @example 'this change touches 25 of 180 queues' */
export const reachSentence = ({ summary }: Plan, { changes }: BaseView): string =>
  `this change touches ${changes.length === 0 ? 'none' : changes.length} of ${count(summary.queuesGoverned, 'queue')}`;

/** @example 'pass', or 'codesRemoved refuses, without this change too' */
export const guardsInShort = ({ guards, base }: ComparedPlan): string => {
  const told = guardsToTell(guards).map(({ measure, verdict }) =>
    verdict === 'allowed'
      ? `${measure} passes by allowance`
      : `${measure} refuses${base.refusedAlready.includes(measure) ? ', without this change too' : ''}`,
  );
  return told.length === 0 ? 'pass' : told.join('; ');
};

/** What the branch comes to in numbers; `minus` as the medium writes it. */
export const numbersOf = (
  { base }: ComparedPlan,
  { changes, own }: BaseView,
  minus: string,
): readonly string[] => {
  const sum = (of: (change: QueueChange) => number): number =>
    changes.reduce((total, change) => total + of(change), 0);
  const updated = sum(({ wrapupCodes }) => wrapupCodes?.update?.length ?? 0);
  const { create, rename } = base.catalog;
  const waiting = own.held.filter(({ by }) => isForecast(by)).length;
  const held = new Set(own.held.flatMap(({ id, by }) => (isForecast(by) ? [] : [id]))).size;
  return [
    `+${count(
      sum(({ wrapupCodes }) => wrapupCodes?.add.length ?? 0),
      'code',
    )}`,
    ...(updated > 0 ? [`~${updated}`] : []),
    `${minus}${sum(({ wrapupCodes }) => wrapupCodes?.remove.length ?? 0)}`,
    `ACW ${sum(({ afterCallWork }) => (afterCallWork === undefined ? 0 : 1))}`,
    `created ${create.length}${create.length > 0 ? ' (never undone)' : ''}`,
    ...(rename.length > 0 ? [`renamed ${rename.length}`] : []),
    ...(base.incomparable === null
      ? [
          `newly governed ${base.newlyGoverned.length}`,
          `no longer governed ${base.noLongerGoverned.length}`,
        ]
      : []),
    ...(waiting > 0 ? [`waiting ${waiting}`] : []),
    ...(held > 0 ? [`held ${held}`] : []),
  ];
};

/** What was pending without the branch. @example '4 queues drifted', or 'nothing' */
export const pendingInShort = (
  { base: { incomparable } }: ComparedPlan,
  { pending }: BaseView,
): string => {
  if (incomparable !== null) return 'not known';
  if (!hasPending(pending)) return 'nothing';
  const changed = changesToJudge(pending);
  const drifted = changed.filter(({ cause }) => cause === 'drift').length;
  const ids = new Set<string>(changed.map(({ id }) => id));
  const held = new Set(pending.held.flatMap(({ id }) => (ids.has(id) ? [] : [id]))).size;
  const codes = pending.catalog.create.length + pending.catalog.rename.length;
  const queues =
    drifted === changed.length
      ? `${count(changed.length, 'queue')} drifted`
      : `${count(changed.length, 'queue')} to change${drifted > 0 ? ` (${drifted} drifted)` : ''}`;
  return [
    ...(changed.length > 0 ? [queues] : []),
    ...(held > 0 ? [`${count(held, 'queue')} held`] : []),
    ...(codes > 0 ? [`${count(codes, 'code')} to create or rename`] : []),
  ].join(', ');
};

/** Whether anything was pending without the branch. */
export const hasPending = ({ queues, held, catalog }: BaseView['pending']): boolean =>
  queues.length + held.length + catalog.create.length + catalog.rename.length > 0;

/** Queues of which the plan has no row, and that the branch concerns all the same. */
export const quietChanges = ({
  base,
}: ComparedPlan): readonly { readonly what: string; readonly names: readonly string[] }[] =>
  [
    { what: 'Newly governed', queues: base.newlyGoverned },
    { what: `Left as they are, where ${baseName(base)} would change them`, queues: base.settled },
    {
      what: `Wanted otherwise than on ${baseName(base)}, with nothing to write now`,
      queues: base.wantedOtherwise,
    },
  ].flatMap(({ what, queues }) =>
    queues.length === 0 ? [] : [{ what, names: queues.map(({ name }) => name) }],
  );
