/** What promises say of a trace. */
import type { Trace } from './trace.js';

/** A breach as a sentence, or null: the promise was put to the test, and held. */
export type Finding = string | null;

/** A promise as a function of what happened: one or more findings for everything that puts it to the test. */
export type Holds = (trace: Trace) => readonly Finding[];

/** One test of a promise: its breaches, or that there are none. */
export const tested = (breaches: readonly string[]): readonly Finding[] =>
  breaches.length === 0 ? [null] : breaches;

/** One test of a promise that has one way to be broken. */
export const holds = (isKept: boolean, breach: string): readonly Finding[] => [
  isKept ? null : breach,
];
