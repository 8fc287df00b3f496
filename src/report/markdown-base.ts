/**
 * What a branch changes, as the comment on its pull request: the first lines say what it does, how risky that is,
 * and what was pending anyway; everything else stands behind a click.
 */
import type { Plan, QueueChange } from '../domain/change.js';
import {
  baseName,
  guardsInShort,
  hasPending,
  numbersOf,
  pendingInShort,
  quietChanges,
  reachSentence,
  viewBase,
} from './base-words.js';
import type { BaseView, ComparedPlan, MarkedItems } from './base-words.js';
import { groupChanges } from './groups.js';
import { assemble, code, codeList, details, prose, queuesOrName } from './markdown.js';
import { changeBlocks, findingsBlock, guardsBlock, heldBlocks } from './markdown-plan.js';
import { costSentence, guardScope } from './plan-words.js';
import { afterCallWorkText, count, shortDigest } from './words.js';

/** The whole comment, shorter than `limit` characters. The plan must have been compared with a base. */
export const renderBaseMarkdown = (
  plan: Plan,
  { limit }: { readonly limit?: number } = {},
): string => {
  const { base } = plan;
  if (base === undefined) throw new Error('the plan was not compared with a base');
  const compared = { ...plan, base };
  const view = viewBase(compared);
  return assemble(
    [
      firstLines(compared, view),
      view.marks.map(markLine).join('\n'),
      guardsBlock(plan),
      prose(guardScope(plan)),
      ...changeBlocks(view.changes),
      ...heldBlocks(view.own.held),
      ...quietChanges(compared).map(({ what, names }) =>
        details(`<b>${count(names.length, 'queue')}</b>: ${prose(what)}`, codeList(names, LISTED)),
      ),
      pendingBlock(compared, view),
      findingsBlock(plan.diagnostics),
      `<sub>${prose(`${costSentence(plan)}; this change ${shortDigest(base.digest)}, compared with ${baseName(base)} (${base.commit.slice(0, 12)})`)}</sub>`,
    ],
    limit,
  );
};

/** So many kinds of change stand in the first lines, and so many codes of each. */
const TOLD_GROUPS = 3;
const TOLD_CODES = 8;
const MARKED = 12;
const LISTED = 250;

const firstLines = (plan: ComparedPlan, view: BaseView): string => {
  const groups = groupChanges(view.changes);
  const more = groups.length - TOLD_GROUPS;
  return [
    `**${view.verdict}** · ${code(plan.organization.name)}: ${reachSentence(plan, view)} · guards: ${prose(guardsInShort(plan))}`,
    ...(view.verdict === 'NOTHING TO DO' ? [] : [prose(numbersOf(plan, view, '−').join(' · '))]),
    ...groups
      .slice(0, TOLD_GROUPS)
      .map(
        (group) => `${effectInShort(group[0])} → ${queuesOrName(group.map(({ name }) => name))}`,
      ),
    ...(more > 0 ? [`and ${count(more, 'other change')}, below`] : []),
    `Pending on ${code(baseName(plan.base))} already: ${prose(pendingInShort(plan, view))}`,
  ].join('\\\n');
};

/** @example '+ <code>Sale – interested</code>, <code>Sale – refused</code>' */
const effectInShort = ({ afterCallWork, wrapupCodes }: QueueChange): string => {
  const list = (sign: string, codes: readonly { readonly name: string }[]): readonly string[] =>
    codes.length === 0
      ? []
      : [
          `${sign} ${codeList(
            codes.map(({ name }) => name),
            TOLD_CODES,
          )}`,
        ];
  return [
    ...list('−', wrapupCodes?.remove ?? []),
    // A sign at the beginning of a line would make it a list.
    ...list('&#43;', wrapupCodes?.add ?? []),
    ...list('&#126;', wrapupCodes?.update ?? []),
    ...(afterCallWork === undefined ? [] : [`ACW ${code(afterCallWorkText(afterCallWork))}`]),
  ].join(' · ');
};

const markLine = ({ what, items, after }: MarkedItems): string => {
  const shown = items
    .slice(0, MARKED)
    .map(({ name, detail }) => `${code(name)}${detail === null ? '' : ` (${prose(detail)})`}`);
  const more = items.length > MARKED ? ` and ${items.length - MARKED} more` : '';
  return `- **${prose(what)}:** ${shown.join(', ')}${more}${after === '' ? '' : ` ${after}`}`;
};

/** One list of all that was pending; what it does to each queue is told by the plan of the base. */
const pendingBlock = (plan: ComparedPlan, view: BaseView): string => {
  const { queues, held, catalog } = view.pending;
  if (!hasPending(view.pending)) return '';
  const codes = [
    ...catalog.create.map(({ name }) => `+ ${name}`),
    ...catalog.rename.map(({ from, to }) => `${from} → ${to}`),
  ];
  const body = [
    ...(codes.length > 0 ? [`Codes: ${codeList(codes, LISTED)}`] : []),
    ...changeBlocks(queues),
    ...heldBlocks(held),
  ];
  return details(
    `Pending on ${code(baseName(plan.base))} already, and not of this change: ${prose(pendingInShort(plan, view))}`,
    body.join('\n\n'),
  );
};
