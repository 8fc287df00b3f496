/** A plan for people at a terminal: what would be written, what is held, what the guards say. */
import type { AddedCode, HeldChange, Plan } from '../domain/change.js';
import { driftText, groupChanges, groupHeld } from './groups.js';
import type { ChangeGroup } from './groups.js';
import { fill, joinBlocks, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import {
  costSentence,
  guardScope,
  guardSentence,
  guardsPassSentence,
  guardsToTell,
  heldBecause,
  planSentence,
  refusalAdvice,
  waitingCodes,
  worstOf,
  writes,
} from './plan-words.js';
import { rowChangeText, rowText } from './requirement-words.js';
import { findingBlocks } from './text-diagnostics.js';
import { visible } from './visible.js';
import { afterCallWorkText, count, nameTokens } from './words.js';

/** As other texts; `names` is how many queues of a group are named (12 where nothing is said). */
export interface PlanTextOptions extends TextOptions {
  readonly names?: number;
}

const NAMES = 12;
const INDENT = '  ';

/** The whole plan. No line is wider than asked unless a single name is. Ends with a newline. */
export const renderPlanText = (plan: Plan, options: PlanTextOptions): string =>
  joinBlocks([
    headingLines(plan, options),
    catalogLines(plan, options),
    ...groupChanges(plan.queues).map((group) => changeLines(group, '', options)),
    ...heldBlocks(plan.held, options),
    cutLines(plan, options),
    ...findingBlocks(plan.diagnostics, options),
    ...guardBlocks(plan, options),
    wrapProse(guardScope(plan), options.width),
    totalLines(plan, options),
  ]);

const headingLines = (
  { organization, region, api, source, undoes }: Plan,
  { width, color }: TextOptions,
): string[] => {
  const parts = [
    ...(undoes === undefined ? [] : [`The inverse of run ${visible(undoes.run)}`]),
    `${visible(organization.name)} in ${visible(region)}`,
    ...(api === 'public' ? [] : [`through ${api}`]),
    ...(source.commit === null ? [] : [`policies at ${visible(source.commit.slice(0, 12))}`]),
    ...(source.dirty ? ['with uncommitted changes'] : []),
  ];
  const tokens = parts.map((part, index) => (index < parts.length - 1 ? `${part},` : part));
  return fill(tokens, width, '', INDENT).map((line) => painter(color)('heading', line));
};

/** What waits stands in a finding, with why and until when. */
const catalogLines = (plan: Plan, { color }: TextOptions): string[] => {
  const paint = painter(color);
  const { create, rename } = plan.catalog;
  return waitingCodes(plan) > 0
    ? []
    : [
        ...create.map(({ name }) => paint('add', `+ code ${visible(name)} (new)`)),
        ...rename.map(({ from, to }) =>
          paint('change', `~ code ${visible(from)} → ${visible(to)}`),
        ),
      ];
};

/** One group: its queues, then what happens to each of them, then the policies that want it. */
export const changeLines = (
  group: ChangeGroup,
  indent: string,
  { width, color, names = NAMES }: PlanTextOptions,
): string[] => {
  const paint = painter(color);
  const [{ afterCallWork, wrapupCodes }] = group;
  const inner = `${indent}    `;
  const work =
    afterCallWork === undefined
      ? []
      : ['~ after-call work', ...afterCallWorkText(afterCallWork).split(' ')];
  return [
    ...fill(
      nameTokens(
        group.map(({ name }) => name),
        names,
      ),
      width,
      group.length === 1 ? `${indent}~ ` : `${indent}~ ${count(group.length, 'queue')}: `,
      `${indent}  `,
    ),
    ...fill(work, width, inner, `${inner}  `).map((line) => paint('change', line)),
    ...(wrapupCodes?.add ?? []).flatMap((code) =>
      fill(addTokens(code), width, `${inner}+ `, `${inner}    `).map((line) => paint('add', line)),
    ),
    ...(wrapupCodes?.update ?? []).flatMap(({ name, from, to }) =>
      fill(
        [`${visible(name)}:`, ...rowChangeText(from, to).split(' ')],
        width,
        `${inner}~ `,
        `${inner}    `,
      ).map((line) => paint('change', line)),
    ),
    ...(wrapupCodes?.remove ?? []).map(({ name }) => paint('remove', `${inner}- ${visible(name)}`)),
    ...originLines(group, inner, width).map((line) => paint('quiet', line)),
  ];
};

/** A code with its row, which breaks between words; the name never does. */
const addTokens = ({ id, name, requirement }: AddedCode): string[] => {
  const row = requirement === undefined ? '' : rowText(requirement);
  return [
    `${visible(name)}${id === null ? ' (new)' : ''}`,
    ...(row === '' ? [] : `(${row})`.split(' ')),
  ];
};

const originLines = (group: ChangeGroup, indent: string, width: number): string[] => {
  const { policies } = group[0];
  const drift = driftText(group);
  const by = policies.length === 1 ? 'by policy ' : 'by policies ';
  return fill(
    [...nameTokens(policies, policies.length), ...(drift === '' ? [] : [`(${drift})`])],
    width,
    indent + by,
    indent + INDENT,
  );
};

/** One block for each hold, reason and end. */
export const heldBlocks = (held: readonly HeldChange[], options: PlanTextOptions): string[][] =>
  groupHeld(held).map((hold) => [
    ...wrapProse(`Held ${heldBecause(hold)}`, options.width, '', INDENT),
    ...hold.groups.flatMap((group) => changeLines(group, INDENT, options)),
  ]);

/** Guards that have something to say, and the ways past those that refuse. */
export const guardBlocks = (
  { guards, digest }: Pick<Plan, 'guards' | 'digest'>,
  { width, color }: TextOptions,
): string[][] => {
  const paint = painter(color);
  const refused = guards.some(({ verdict }) => verdict === 'refuse');
  return [
    guardsToTell(guards).flatMap((guard) => [
      ...wrapProse(guardSentence(guard), width, '', INDENT).map((line) =>
        paint(guard.verdict === 'refuse' ? 'error' : 'warning', line),
      ),
      ...fill(
        nameTokens(
          worstOf(guard).map(({ queue, count: weight }) => `${queue} (${weight})`),
          guard.worst.length,
        ),
        width,
        `${INDENT}most: `,
        INDENT + INDENT,
      ),
    ]),
    refused ? wrapProse(refusalAdvice(digest), width) : [],
  ];
};

const totalLines = (plan: Plan, { width, color }: TextOptions): string[] => {
  const paint = painter(color);
  return [
    ...wrapProse(planSentence(plan), width, '', INDENT).map((line) => paint('heading', line)),
    ...(writes(plan)
      ? [guardsPassSentence(plan.guards), costSentence(plan)].flatMap((sentence) =>
          wrapProse(sentence, width, '', INDENT).map((line) => paint('quiet', line)),
        )
      : []),
  ];
};

/** How to see what a list left out, told once. */
const cutLines = (plan: Plan, { width, names = NAMES }: PlanTextOptions): string[] => {
  const longest = Math.max(
    0,
    ...[...groupChanges(plan.queues), ...groupHeld(plan.held).flatMap(({ groups }) => groups)].map(
      ({ length }) => length,
    ),
  );
  return longest > names + 1
    ? wrapProse('Some lists are cut; `--format json` names every queue.', width)
    : [];
};
