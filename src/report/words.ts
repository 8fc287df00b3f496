/** Numbers, times and settings in the words of the reports. */
import type { AfterCallWorkChange } from '../domain/change.js';
import { formatDuration } from '../domain/duration.js';
import { isTimed } from '../domain/state.js';
import { visible } from './visible.js';

/** @example count(1, 'queue') // '1 queue' */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;

/** Seconds in the unit that a person waits in. */
export const waiting = (seconds: number): string =>
  seconds < 120
    ? `${Math.ceil(seconds)} s`
    : seconds < 7_200
      ? `${Math.ceil(seconds / 60)} min`
      : `${Math.ceil(seconds / 3_600)} h`;

/**
 * An ISO 8601 instant for people, in UTC; what cannot be read as one stays as it is.
 *
 * @example instant('2026-12-31T18:00:00.000Z') // '2026-12-31 18:00 UTC'
 */
export const instant = (iso: string): string => {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return visible(iso);
  const [date = '', time = ''] = at.toISOString().split('T');
  return `${date} ${time.replace(/(?::00)?\.\d+Z$/, '')} UTC`;
};

/** Enough of a digest to tell two apart by eye. */
export const shortDigest = (digest: string): string =>
  digest.replace(/^((?:\w|-)+:\w{12})\w+$/, '$1…');

const timer = (timeoutMs: number | null): string =>
  timeoutMs === null ? 'no timer' : timeoutMs === 0 ? '0s' : formatDuration(timeoutMs);

/**
 * A change of after-call work, its timer only where the platform looks at it.
 *
 * @example 'OPTIONAL → MANDATORY_TIMEOUT, 45s', or 'MANDATORY_TIMEOUT, 30s → 45s'
 */
export const afterCallWorkText = ({ from, to }: AfterCallWorkChange): string => {
  const side = (work: {
    readonly prompt: string | null;
    readonly timeoutMs: number | null;
  }): string => {
    const prompt = work.prompt === null ? 'no prompt' : visible(work.prompt);
    return isTimed(work.prompt) ? `${prompt}, ${timer(work.timeoutMs)}` : prompt;
  };
  return from.prompt === to.prompt && isTimed(to.prompt)
    ? `${side(from)} → ${timer(to.timeoutMs)}`
    : `${side(from)} → ${side(to)}`;
};

/** A list cut after `most` entries; a single one left over is not worth the words. */
export const cut = <Item>(
  items: readonly Item[],
  most: number,
): { readonly shown: readonly Item[]; readonly more: number } => {
  const shown = items.length <= most + 1 ? items : items.slice(0, most);
  return { shown, more: items.length - shown.length };
};

/**
 * Names as tokens of a list that breaks between names only; beyond `most` they are counted. A name
 * that could be taken for two stands in quotes.
 */
export const nameTokens = (names: readonly string[], most: number): string[] => {
  const { shown, more } = cut(names, most);
  const quoted = shown.map((name) =>
    names.length > 1 && name.includes(',') ? `"${visible(name)}"` : visible(name),
  );
  const tail = more > 0 ? [`and ${more} more`] : [];
  return [...quoted.map((name, index) => (index < quoted.length - 1 ? `${name},` : name)), ...tail];
};
