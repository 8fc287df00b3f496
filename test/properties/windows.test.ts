import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { queueId } from '../../src/domain/ids.js';
import { compileWindows } from '../../src/plan/windows.js';
import { openings } from '../../src/policy/schedule.js';
import type { SelectedWindow } from '../../src/resolve/model.js';
import { openingsByMinute } from '../support/wall-clock.js';

const MINUTE_MS = 60_000;
const DAYS = 5;

/** Some days around a change of clocks, and where clocks never change. */
const STRETCHES = [
  ['Europe/Dublin', '2026-03-27'],
  ['Europe/Dublin', '2026-10-23'],
  ['America/New_York', '2026-03-06'],
  ['America/New_York', '2026-10-30'],
  ['Australia/Lord_Howe', '2026-10-01'],
  ['Australia/Lord_Howe', '2026-04-02'],
  ['Asia/Kolkata', '2026-10-23'],
] as const;

/** Times at which clocks change, and others; often of the days on which they do. */
const schedule = fc
  .tuple(
    fc.constantFrom('0', '30', '59', '10', '0,45', '*/15', '*'),
    fc.constantFrom('0', '1', '2', '1,2', '0-3', '*', '*/3', '23', '9'),
    fc.constantFrom('* * *', '* * *', '* * 0', '* * 1-5', '29 3 *', '25 10 *', '1 11 *', '4 10 1'),
  )
  .map((fields) => fields.join(' '));

const windowsOf = (timeZone: string): fc.Arbitrary<readonly SelectedWindow[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom('allow' as const, 'deny' as const),
      schedule,
      durationMs: fc
        .constantFrom(1, 14, 30, 60, 90, 180, 1_441, 2_880)
        .map((minutes) => minutes * MINUTE_MS),
      timeZone: fc.constant(timeZone),
      queues: fc.constant('all' as const),
      inDoubt: fc.constant(false),
    }),
    { maxLength: 4 },
  );

const cases = fc.constantFrom(...STRETCHES).chain(([timeZone, day]) =>
  fc.record({
    timeZone: fc.constant(timeZone),
    from: fc.constant(Date.parse(`${day}T00:00Z`)),
    windows: windowsOf(timeZone),
    nowMs: fc.array(fc.integer({ min: 0, max: 3 * 1_440 * MINUTE_MS }), {
      minLength: 1,
      maxLength: 5,
    }),
  }),
);

/** For every minute from two days before, whether a window is open in it. */
const openMinutes = ({ schedule: written, durationMs, timeZone }: SelectedWindow, from: number) => {
  const begin = from - 2 * 1_440 * MINUTE_MS;
  const open = Array.from({ length: (DAYS + 2) * 1_440 }, () => false);
  for (const at of openingsByMinute(written, timeZone, begin, from + DAYS * 1_440 * MINUTE_MS)) {
    const first = (at - begin) / MINUTE_MS;
    open.fill(true, first, first + durationMs / MINUTE_MS);
  }
  return open.slice(2 * 1_440);
};

test('a change is held exactly while it should be, and until the minute in which it may be made', () => {
  fc.assert(
    fc.property(cases, ({ from, windows, nowMs }) => {
      const compiled = compileWindows(windows);
      const minutes = windows.map((window) => ({ ...window, open: openMinutes(window, from) }));
      const isFree = (minute: number): boolean => {
        const isOpen = (kind: SelectedWindow['kind']): boolean =>
          minutes.some((window) => window.kind === kind && window.open[minute] === true);
        const isConfined = windows.some(({ kind }) => kind === 'allow');
        return !isOpen('deny') && (!isConfined || isOpen('allow'));
      };
      for (const ms of nowMs) {
        let minute = Math.floor(ms / MINUTE_MS);
        const hold = compiled.holdOfQueue(queueId('any'), from + ms);
        expect(hold === null).toBe(isFree(minute));
        if (hold === null) continue;
        while (minute < DAYS * 1_440 && !isFree(minute)) minute += 1;
        const until = hold.until === null ? null : (hold.until - from) / MINUTE_MS;
        if (minute < DAYS * 1_440) expect(until).toBe(minute);
        else expect(until ?? Infinity).toBeGreaterThanOrEqual(minute);
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('a schedule opens when the clock on the wall says so', () => {
  fc.assert(
    fc.property(fc.constantFrom(...STRETCHES), schedule, ([timeZone, day], written) => {
      const from = Date.parse(`${day}T00:00Z`);
      const to = from + DAYS * 1_440 * MINUTE_MS;
      const expected = openingsByMinute(written, timeZone, from, to);
      const compiled = openings(written, timeZone);
      const found: number[] = [];
      for (let at = compiled.nextAfter(from - 1); at !== null && at < to;) {
        found.push(at);
        expect(compiled.lastAt(at)).toBe(at);
        expect(compiled.lastAt(at - 1) ?? -Infinity).toBeLessThan(at);
        at = compiled.nextAfter(at);
      }
      expect(found).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});
