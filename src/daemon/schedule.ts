/**
 * When a daemon looks next: a function of time and of what happened before. Clocks jump, in both directions: nothing
 * here waits longer than the longest pause, and nothing that was missed is made up for.
 */
import type { Trigger } from './status.js';

/** What the passes so far have come to. */
export interface Progress {
  /** When the last pass ended, in milliseconds of the clock; null before the first. */
  readonly lastEndedAt: number | null;
  /** Passes that failed since the last one that did not. */
  readonly failures: number;
}

export interface Pace {
  readonly intervalMs: number;
  /** From 0 up to 1, one number for each pause: daemons that were started together part. */
  readonly chance: number;
}

/** Around the interval, by so much of it. */
const JITTER = 0.1;
/** However often passes fail, a pause is no longer than this, or than the interval. */
const LONGEST_PAUSE_MS = 15 * 60_000;

/**
 * How long to wait for the next pass, in milliseconds.
 *
 * @example waitMs({ lastEndedAt: null, failures: 0 }, { intervalMs: 60_000, chance: 0.5 }, now) // 0
 */
export const waitMs = (
  { lastEndedAt, failures }: Progress,
  { intervalMs, chance }: Pace,
  now: number,
): number => {
  if (lastEndedAt === null) return 0;
  const pause = Math.round(
    Math.min(intervalMs * 2 ** Math.min(failures, 30), Math.max(LONGEST_PAUSE_MS, intervalMs)) *
      (1 - JITTER + 2 * JITTER * chance),
  );
  // A clock that was set back would keep it waiting for as long as it was set back by.
  const passed = Math.max(0, now - lastEndedAt);
  return Math.max(0, pause - passed);
};

/** Until when a pass counts as fresh, in milliseconds of the clock. */
export const freshUntil = (
  /** The last pass that did not fail, and how long the longest of late took. */
  last: { readonly endedAt: number; readonly longestMs: number },
  intervalMs: number,
): number => last.endedAt + 3 * intervalMs + 2 * last.longestMs + FRESH_MARGIN_MS;

/** A machine that is busy for a moment is no reason to be taken out of service. */
const FRESH_MARGIN_MS = 5_000;

/** Triggers that only say "look again": where nothing is new in the repository, no pass is made. */
const LOOKS: ReadonlySet<Trigger> = new Set<Trigger>(['files', 'push']);

export const onlyLooks = (asked: Iterable<Trigger>): boolean =>
  [...asked].every((trigger) => LOOKS.has(trigger));

/** In this order the reasons of a pass that several asked for are told: the first is its name. */
const WEIGHT: readonly Trigger[] = [
  'request',
  'start',
  'settings',
  'push',
  'files',
  'sweep',
  'interval',
];

/** What is asked for between passes, or during one: however much it is, one pass answers all of it. */
export class Agenda {
  readonly #asked = new Set<Trigger>();
  #wake: (() => void) | null = null;
  /** The digest of a plan that somebody let through the guards, this once. */
  #accept: string | null = null;

  ask(trigger: Trigger, accept: string | null = null): void {
    this.#asked.add(trigger);
    this.#accept = accept ?? this.#accept;
    this.#wake?.();
  }

  get isEmpty(): boolean {
    return this.#asked.size === 0;
  }

  /** Calls back, once, when something is asked for; at once where it was already. Returns how to take that back. */
  whenAsked(wake: () => void): () => void {
    if (!this.isEmpty) wake();
    else this.#wake = wake;
    return () => {
      this.#wake = null;
    };
  }

  /** Everything that was asked for; the agenda is empty then. */
  take(): { readonly asked: readonly Trigger[]; readonly accept: string | null } {
    const asked = WEIGHT.filter((trigger) => this.#asked.has(trigger));
    const accept = this.#accept;
    this.#asked.clear();
    this.#accept = null;
    return { asked, accept };
  }
}
