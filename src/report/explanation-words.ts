/** Words that the sections of an explanation share. */
import type { ExplainedHold, ExplainedPolicy, Origin, Overridden } from '../plan/explanation.js';
import type { ColumnRow } from './columns.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import { visible } from './visible.js';
import { instant } from './words.js';

/** Under every title. */
export const INDENT = '  ';

/** How changes of codes are marked. */
export const MARKS = { add: '+', remove: '-', update: '~' } as const;

/** Whether anything that a policy says counts for the queue. */
export const isInForce = (standing: ExplainedPolicy['standing']): boolean =>
  standing === 'counts' || standing === 'reports';

/** A title above the lines of a section. */
export const title = (text: string, { color }: Pick<TextOptions, 'color'>): string =>
  painter(color)('heading', text);

/** A wish that does not count, beside those that do. */
export const notRow = (wish: Overridden): ColumnRow => ({
  cells: ['not', visible(wish.says)],
  rest: `${placeText(wish)}: ${overriddenText(wish)}`,
});

/** Why it does not count: `by` is what it gives way to, `at` an instant. */
const WHY_NOT: Readonly<
  Record<Overridden['why']['kind'], (by: string, at: string, place: string) => string>
> = {
  reports: () => 'it only reports',
  'lower-priority': (by) => `lower priority than ${by}`,
  replaced: (by) => `replaced by ${by}`,
  forbidden: (by) => `forbidden by ${by}`,
  retired: (by) => `retired by ${by}`,
  excluded: (_by, _at, place) => `it excludes the queue (${place})`,
  'not-yet': (_by, at) => `not before ${at}`,
  over: (_by, at) => `ended ${at}`,
};

/** Why a wish does not count. */
export const overriddenText = ({ why: { kind, by, at } }: Overridden): string =>
  WHY_NOT[kind](
    by === null ? '' : `${by.policy} (${by.file}:${by.line})`,
    at === null ? '' : instant(at),
    by === null ? '' : `${by.file}:${by.line}`,
  );

/** What becomes of a difference, and what holds it. */
export const fateText = (does: string, held: ExplainedHold | null): string =>
  held === null ? does : `${does === '' ? 'held' : `${does}, held`} by ${held.by}`;

/** @example 'billing, policies/billing.yaml:12' */
export const placeText = ({ policy, file, line }: Origin): string => `${policy}, ${file}:${line}`;

export const placesText = (places: readonly Origin[]): string => places.map(placeText).join('; ');
