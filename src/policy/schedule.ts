/** When a change window opens: a cron expression of five fields in a time zone. */
import { Cron, CronPattern } from 'croner';

/**
 * Vixie cron's rules for the days on which clocks change. Where minute and hour are named, what falls into
 * the hour that is skipped comes right after it, and what falls into the doubled one comes once, the first
 * time. With `*` or a step it comes whenever the clock shows it.
 */
const OPTIONS = { mode: '5-part', fixedTimeRule: 'no-wildcard' } as const;

/** The openings of a window, as instants in milliseconds. */
export interface Schedule {
  /** The last opening, one at this instant included; null before the first. */
  lastAt(now: number): number | null;
  /** The next opening after this instant, or null where there is none. */
  nextAfter(now: number): number | null;
}

/**
 * Compiles a schedule that {@link isSchedule} and {@link isTimeZone} accept; it throws on others.
 *
 * @example openings('0 2 * * *', 'Europe/Dublin').nextAfter(Date.parse('2026-07-01T12:00:00Z')) // 2026-07-02T01:00:00Z
 */
export const openings = (expression: string, timeZone: string): Schedule => {
  const cron = new Cron(expression, { ...OPTIONS, timezone: timeZone });
  return {
    // What croner calls previous lies before the reference.
    lastAt: (now) => cron.previousRuns(1, new Date(now + 1))[0]?.getTime() ?? null,
    nextAfter: (now) => cron.nextRun(new Date(now))?.getTime() ?? null,
  };
};

/** Whether a text is a cron expression of five fields, each within its bounds. */
export const isSchedule = (text: string): boolean => {
  try {
    return new CronPattern(text, undefined, OPTIONS).pattern !== '';
  } catch {
    return false;
  }
};

/** Whether an expression names a day that some year has: `0 0 30 2 *` never opens. */
export const everOpens = (expression: string): boolean =>
  openings(expression, 'UTC').nextAfter(0) !== null;

/** Whether a text names an IANA time zone that this machine knows. */
export const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};
