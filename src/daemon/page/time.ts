/** Instants for people: how long ago in words, with the exact instant behind them. */
import type { Markup } from './markup.js';
import { markup } from './markup.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * How long something takes, in the unit that a person thinks in.
 *
 * @example spanWords(150_000) // '3 min'
 */
export const spanWords = (ms: number): string => {
  if (ms < 90 * SECOND) return `${Math.round(ms / SECOND)} s`;
  if (ms < 90 * MINUTE) return `${Math.round(ms / MINUTE)} min`;
  if (ms < 36 * HOUR) return `${Math.round(ms / HOUR)} h`;
  return `${Math.round(ms / DAY)} days`;
};

/**
 * Where an instant lies, seen from another: `40 s ago`, `in 5 min`, `now`.
 *
 * @example relativeWords(at - 40_000, at) // '40 s ago'
 */
export const relativeWords = (instant: number, now: number): string => {
  const ahead = instant - now;
  if (Math.abs(ahead) < SECOND) return 'now';
  return ahead > 0 ? `in ${spanWords(ahead)}` : `${spanWords(-ahead)} ago`;
};

/** @example exactWords('2026-11-24T02:14:05.120Z') // '2026-11-24 02:14:05 UTC' */
const exactWords = (iso: string): string => {
  const at = new Date(iso);
  return Number.isNaN(at.getTime())
    ? iso
    : at.toISOString().replace(/^(.+)T(.+)\.\d+Z$/, '$1 $2 UTC');
};

const timeElement = (iso: string, words: (instant: number) => string): Markup => {
  const instant = new Date(iso).getTime();
  // What is no instant is shown as it came, and claims to be none.
  if (Number.isNaN(instant)) return markup`${iso}`;
  return markup`<time datetime="${new Date(instant).toISOString()}" title="${exactWords(iso)}">${words(instant)}</time>`;
};

/** An instant relative to another (ISO 8601, both); a reader finds the exact one in its title. */
export const timeMarkup = (iso: string, nowIso: string): Markup =>
  timeElement(iso, (instant) => relativeWords(instant, new Date(nowIso).getTime()));

/** An instant in full, for those who compare it with other records. */
export const exactTimeMarkup = (iso: string): Markup => timeElement(iso, () => exactWords(iso));

/** The instant, relative, or other words where there is none. */
export const timeOr = (iso: string | null, nowIso: string, otherwise: string): Markup =>
  iso === null ? markup`${otherwise}` : timeMarkup(iso, nowIso);

/** When something comes that is due; what should have come already is due now. */
export const dueOr = (iso: string | null, nowIso: string, otherwise: string): Markup =>
  iso !== null && new Date(iso).getTime() <= new Date(nowIso).getTime()
    ? timeElement(iso, () => 'due now')
    : timeOr(iso, nowIso, otherwise);
