/**
 * A plan as Markdown, for pull requests and job summaries: the verdict first, every list behind a
 * click. The parts are for other pages too, each a block of its own, empty where it has nothing to say.
 */
import type {
  CatalogChanges,
  DiagnosticJson,
  GuardVerdict,
  HeldChange,
  Plan,
  PlanSummary,
  QueueChange,
} from '../domain/change.js';
import { driftText, groupChanges, groupHeld } from './groups.js';
import type { ChangeGroup } from './groups.js';
import { assemble, code, codeList, details, prose, queuesOrName, table } from './markdown.js';
import {
  costSentence,
  guardScope,
  guardSentence,
  guardsToTell,
  heldBecause,
  inSyncSentence,
  isIdle,
  isNarrowed,
  refusalAdvice,
  waitingCodes,
  worstOf,
  writes,
} from './plan-words.js';
import { rowChangeText, rowText } from './requirement-words.js';
import { countFindings, mergeFindings, placeText } from './findings.js';
import { afterCallWorkText, count } from './words.js';

/** The whole page, shorter than `limit` characters (those of a comment where nothing is said). */
export const renderPlanMarkdown = (
  plan: Plan,
  { limit }: { readonly limit?: number } = {},
): string =>
  assemble(
    [
      verdictBlock(plan),
      marksBlock(plan),
      guardsBlock(plan),
      prose(guardScope(plan)),
      ...(isIdle(plan) ? [] : [queuesTable(plan.summary)]),
      ...changeBlocks(plan.queues),
      ...heldBlocks(plan.held),
      findingsBlock(plan.diagnostics),
      ...(isIdle(plan) ? [] : [`<sub>${prose(costSentence(plan))}</sub>`]),
    ],
    limit,
  );

/** What a reviewer is to think of a plan, in a word; `REVIEW` where {@link marksOf} finds something. */
export const verdictOf = (
  plan: Plan,
): 'REFUSED BY A GUARD' | 'REVIEW' | 'CHANGES' | 'HELD' | 'NO CHANGES' | 'NOTHING GOVERNED' => {
  if (plan.guards.some(({ verdict }) => verdict === 'refuse')) return 'REFUSED BY A GUARD';
  if (marksOf(plan).length > 0) return 'REVIEW';
  if (writes(plan)) return 'CHANGES';
  if (!isIdle(plan)) return 'HELD';
  return plan.summary.queuesGoverned === 0 ? 'NOTHING GOVERNED' : 'NO CHANGES';
};

/** The first lines: verdict, organization, how far the plan reaches, what it does in numbers. */
export const verdictBlock = (plan: Plan): string => {
  const { summary, organization, region } = plan;
  const where = `**${verdictOf(plan)}** · ${code(organization.name)} in ${prose(region)}`;
  if (isIdle(plan)) return `${where}: ${inSyncSentence(plan)}`;
  const told = guardsToTell(plan.guards).map(
    ({ measure, verdict }) =>
      `${measure} ${verdict === 'refuse' ? 'refuses' : 'passes by allowance'}`,
  );
  const reach = `this plan changes ${summary.queuesChanged} of ${count(summary.queuesGoverned, isNarrowed(plan) ? 'selected queue' : 'queue')}`;
  return `${where}: ${reach} · guards: ${told.length === 0 ? 'pass' : prose(told.join(', '))}\\\n${effectsLine(summary, waitingCodes(plan) > 0 ? NO_CODES : plan.catalog)}`;
};

const NO_CODES: CatalogChanges = { create: [], rename: [] };

/** @example '+75 codes · −0 · ACW 0 · created 3 (never undone)'; `~2` are codes that stay with another row */
export const effectsLine = (summary: PlanSummary, { create, rename }: CatalogChanges): string =>
  [
    `+${count(summary.codesAdded, 'code')}`,
    ...(summary.codesUpdated === undefined ? [] : [`~${summary.codesUpdated}`]),
    `−${summary.codesRemoved}`,
    `ACW ${summary.acwChanged}`,
    `created ${create.length}${create.length > 0 ? ' (never undone)' : ''}`,
    ...(rename.length > 0 ? [`renamed ${rename.length}`] : []),
  ].join(' · ');

/** Something that a reviewer must not overlook; `found` is Markdown. */
export interface Mark {
  readonly what: string;
  readonly found: string;
}

const MARKED_NAMES = 12;

/** What is always marked: removals, timers that nobody can leave early, and what happens to the catalog. */
export const marksOf = ({ queues, catalog, diagnostics }: Plan): readonly Mark[] => {
  const losing = queues.filter(({ wrapupCodes }) => (wrapupCodes?.remove.length ?? 0) > 0);
  const forced = queues.filter(
    ({ afterCallWork }) => afterCallWork?.to.prompt === 'MANDATORY_FORCED_TIMEOUT',
  );
  const lost = [
    ...new Set(
      losing.flatMap(({ wrapupCodes }) => (wrapupCodes?.remove ?? []).map(({ name }) => name)),
    ),
  ];
  const named = (names: readonly string[]): string => codeList(names, MARKED_NAMES);
  const marks: readonly (Mark & { readonly when: boolean })[] = [
    {
      what: 'Codes removed',
      when: losing.length > 0,
      found: `${named(lost)} on ${count(losing.length, 'queue')}`,
    },
    { what: 'Forced timer', when: forced.length > 0, found: named(forced.map(({ name }) => name)) },
    {
      what: 'Codes created, never undone',
      when: catalog.create.length > 0,
      found: named(catalog.create.map(({ name }) => name)),
    },
    {
      what: 'Codes renamed',
      when: catalog.rename.length > 0,
      found: named(catalog.rename.map(({ from, to }) => `${from} → ${to}`)),
    },
    ...diagnostics
      .filter((finding) => finding.code === 'catalog.probable-rename')
      .map(({ message }) => ({ what: 'Probably renamed', when: true, found: prose(message) })),
  ];
  return marks.filter(({ when }) => when);
};

export const marksBlock = (plan: Plan): string =>
  marksOf(plan)
    .map(({ what, found }) => `- **${what}:** ${found}`)
    .join('\n');

/** Guards that have something to say, and the ways past those that refuse. */
export const guardsBlock = ({ guards, digest }: Pick<Plan, 'guards' | 'digest'>): string => {
  const told = guardsToTell(guards).map(
    (guard) => `> ${prose(guardSentence(guard))}${worstText(guard)}`,
  );
  const refused = guards.some(({ verdict }) => verdict === 'refuse');
  return [...told, ...(refused ? [`> ${prose(refusalAdvice(digest))}`] : [])].join('\n>\n');
};

const worstText = (guard: GuardVerdict): string => {
  const worst = worstOf(guard);
  return worst.length === 0
    ? ''
    : ` Most: ${worst.map(({ queue, count: number }) => `${code(queue)} (${number})`).join(', ')}.`;
};

export const queuesTable = (summary: PlanSummary): string =>
  table(
    ['Queues governed', 'to change', 'held', 'in sync'],
    [
      [summary.queuesGoverned, summary.queuesChanged, summary.queuesHeld, summary.queuesInSync].map(
        String,
      ),
    ],
  );

/** One block for queues that change alike: the change to be read, the queues behind a click. */
export const changeBlocks = (changes: readonly QueueChange[]): readonly string[] =>
  groupChanges(changes).map(changeBlock);

const changeBlock = (group: ChangeGroup): string => {
  const names = group.map(({ name }) => name);
  return details(
    `<b>${queuesOrName(names)}</b>: ${effectText(group[0])}`,
    [...(names.length > 1 ? [codeList(names, LISTED)] : []), originText(group)].join('\n\n'),
  );
};

/** So many queues are named; with more a page would leave no room for what else there is. */
const LISTED = 250;

const effectText = ({ afterCallWork, wrapupCodes }: QueueChange): string =>
  [
    ...(wrapupCodes?.remove ?? []).map(({ name }) => `− ${code(name)}`),
    ...(wrapupCodes?.add ?? []).map(
      ({ id, name, requirement }) =>
        `+ ${code(name)}${id === null ? ' (new)' : ''}${inParentheses(requirement === undefined ? '' : rowText(requirement))}`,
    ),
    ...(wrapupCodes?.update ?? []).map(
      ({ name, from, to }) => `~ ${code(name)}${inParentheses(rowChangeText(from, to))}`,
    ),
    ...(afterCallWork === undefined ? [] : [`ACW ${code(afterCallWorkText(afterCallWork))}`]),
  ].join(' · ');

const inParentheses = (text: string): string => (text === '' ? '' : ` (${text})`);

const originText = (group: ChangeGroup): string => {
  const { policies } = group[0];
  const drift = driftText(group);
  // Of an undo, which no policy wants.
  if (policies.length === 0) return '';
  return `By ${policies.length === 1 ? 'policy' : 'policies'} ${codeList(policies)}${drift === '' ? '' : ` (${drift})`}`;
};

/** Held changes, one block for each hold, reason and end. */
export const heldBlocks = (held: readonly HeldChange[]): readonly string[] =>
  groupHeld(held).map(({ groups, ...hold }) =>
    details(
      `<b>${count(groups.flat().length, 'queue')}</b> held ${prose(heldBecause(hold))}`,
      groups
        .map(
          (group) =>
            `- ${effectText(group[0])}: ${codeList(
              group.map(({ name }) => name),
              LISTED,
            )}`,
        )
        .join('\n'),
    ),
  );

/** Errors and warnings with their places. */
export const findingsBlock = (diagnostics: readonly DiagnosticJson[]): string =>
  diagnostics.length === 0
    ? ''
    : details(
        countFindings(diagnostics),
        mergeFindings(diagnostics)
          .map(
            ({ finding, queues }) =>
              `- ${finding.severity} ${code(finding.code)}${finding.file === null ? '' : ` ${code(placeText(finding))}`}: ${prose(finding.message)}${queues.length === 0 ? '' : ` (${codeList(queues, MARKED_NAMES)})`}${finding.remedy === null ? '' : `\\\n  ${prose(finding.remedy)}`}`,
          )
          .join('\n'),
      );
