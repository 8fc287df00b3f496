/** What a branch changes, for people at a terminal. */
import type { Plan } from '../domain/change.js';
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
import { fill, joinBlocks, wrapProse } from './layout.js';
import { painter } from './paint.js';
import type { Paint } from './paint.js';
import { costSentence, guardScope } from './plan-words.js';
import { findingBlocks } from './text-diagnostics.js';
import { changeLines, guardBlocks, heldBlocks } from './text-plan.js';
import type { PlanTextOptions } from './text-plan.js';
import { visible } from './visible.js';
import { cut, nameTokens } from './words.js';

const NAMES = 12;
const INDENT = '  ';

/** The whole text. The plan must have been compared with a base. Ends with a newline. */
export const renderBaseText = (plan: Plan, options: PlanTextOptions): string => {
  const { base } = plan;
  if (base === undefined) throw new Error('the plan was not compared with a base');
  const compared = { ...plan, base };
  const view = viewBase(compared);
  const paint = painter(options.color);
  return joinBlocks([
    firstLines(compared, view, options),
    view.marks.flatMap((mark) => markLines(mark, options, paint)),
    ...groupChanges(view.changes).map((group) => changeLines(group, '', options)),
    ...heldBlocks(view.own.held, options),
    ...quietChanges(compared).map(({ what, names }) =>
      fill(nameTokens(names, NAMES), options.width, `${what}: `, INDENT),
    ),
    ...pendingBlocks(compared, view, options),
    ...findingBlocks(plan.diagnostics, options),
    ...guardBlocks(plan, options),
    wrapProse(guardScope(plan), options.width),
    wrapProse(`${costSentence(plan)}. This change: ${base.digest}`, options.width, '', INDENT).map(
      (line) => paint('quiet', line),
    ),
  ]);
};

const firstLines = (
  plan: ComparedPlan,
  view: BaseView,
  { width, color }: PlanTextOptions,
): string[] => {
  const paint = painter(color);
  const { base, organization } = plan;
  const tokens = (items: readonly string[]): string[] =>
    items.map((item, index) => (index < items.length - 1 ? `${item},` : item));
  return [
    ...wrapProse(
      `${view.verdict}: ${visible(organization.name)}, ${reachSentence(plan, view)}; guards: ${guardsInShort(plan)}`,
      width,
      '',
      INDENT,
    ).map((line) => paint('heading', line)),
    ...(view.verdict === 'NOTHING TO DO'
      ? []
      : fill(tokens(numbersOf(plan, view, '-')), width, '', INDENT)),
    ...wrapProse(
      `Pending on ${visible(baseName(base))} (${base.commit.slice(0, 12)}) already: ${pendingInShort(plan, view)}`,
      width,
      '',
      INDENT,
    ),
  ];
};

const markLines = (
  { what, items, after }: MarkedItems,
  { width }: PlanTextOptions,
  paint: Paint,
): string[] => {
  const { shown, more } = cut(items, NAMES);
  const tokens = [
    ...shown.flatMap(({ name, detail }, index) => {
      const end = index < shown.length - 1 ? ',' : '';
      return detail === null
        ? [`${visible(name)}${end}`]
        : [visible(name), ...`(${visible(detail)})${end}`.split(' ')];
    }),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(after === '' ? [] : after.split(' ')),
  ];
  return fill([...`${what}:`.split(' '), ...tokens], width, '! ', '    ').map((line) =>
    paint('warning', line),
  );
};

const pendingBlocks = (
  plan: ComparedPlan,
  view: BaseView,
  options: PlanTextOptions,
): string[][] => {
  const { queues, held, catalog } = view.pending;
  if (!hasPending(view.pending)) return [];
  const codes = [
    ...catalog.create.map(({ name }) => `+ code ${visible(name)} (new)`),
    ...catalog.rename.map(({ from, to }) => `~ code ${visible(from)} → ${visible(to)}`),
  ];
  return [
    [
      ...wrapProse(
        `Pending on ${visible(baseName(plan.base))} already, and not of this change: ${pendingInShort(plan, view)}`,
        options.width,
        '',
        INDENT,
      ),
      ...codes.map((line) => `${INDENT}${line}`),
      ...groupChanges(queues).flatMap((group) => changeLines(group, INDENT, options)),
    ],
    ...heldBlocks(held, options),
  ];
};
