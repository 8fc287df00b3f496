import { describe, expect, it } from 'vitest';
import { queueId } from '../../src/domain/ids.js';
import { compileWindows } from '../../src/plan/windows.js';
import type { SelectedWindow } from '../../src/resolve/model.js';

const at = (iso: string): number => Date.parse(iso);
const iso = (instant: number | null | undefined): string | null =>
  instant === null || instant === undefined
    ? null
    : new Date(instant).toISOString().replace(':00.000Z', 'Z');

const HOUR = 3_600_000;
const QUEUE = queueId('billing');

/** An allow window of every day from 02:00 to 05:00 UTC, unless told otherwise. */
const window = (rest: Partial<SelectedWindow> = {}): SelectedWindow => ({
  kind: 'allow',
  schedule: '0 2 * * *',
  durationMs: 3 * HOUR,
  timeZone: 'UTC',
  queues: 'all',
  inDoubt: false,
  ...rest,
});
const deny = (rest: Partial<SelectedWindow> = {}): SelectedWindow =>
  window({ kind: 'deny', ...rest });
const only = (...queues: string[]) => ({ queues: new Set(queues.map(queueId)) });

/** `free`, or when changes may be made next. */
const ask = (windows: readonly SelectedWindow[], now: string, queue = QUEUE): string | null => {
  const hold = compileWindows(windows).holdOfQueue(queue, at(now));
  return hold === null ? 'free' : iso(hold.until);
};
const askOfCatalog = (windows: readonly SelectedWindow[], now: string): string | null => {
  const hold = compileWindows(windows).holdOfCatalog(at(now));
  return hold === null ? 'free' : iso(hold.until);
};

describe('a queue', () => {
  it('is free where there are no windows', () => {
    expect(ask([], '2026-11-23T09:00Z')).toBe('free');
  });

  it.each([
    ['2026-11-23T01:59:59.999Z', '2026-11-23T02:00Z'],
    ['2026-11-23T02:00Z', 'free'],
    ['2026-11-23T04:59:59.999Z', 'free'],
    ['2026-11-23T05:00Z', '2026-11-24T02:00Z'],
  ])('with an allow window from 02:00 to 05:00, at %s: %s', (now, expected) => {
    expect(ask([window()], now)).toBe(expected);
  });

  it.each([
    ['2026-11-23T01:59:59.999Z', 'free'],
    ['2026-11-23T02:00Z', '2026-11-23T05:00Z'],
    ['2026-11-23T04:59:59.999Z', '2026-11-23T05:00Z'],
    ['2026-11-23T05:00Z', 'free'],
  ])('with a deny window from 02:00 to 05:00, at %s: %s', (now, expected) => {
    expect(ask([deny()], now)).toBe(expected);
  });

  it.each<[string, readonly SelectedWindow[], string, string | null]>([
    [
      'deny wins within allow',
      [window(), deny({ schedule: '0 3 * * *', durationMs: HOUR })],
      '2026-11-23T03:30Z',
      '2026-11-23T04:00Z',
    ],
    [
      'deny wins to the end of allow, and the next day is waited for',
      [window(), deny({ schedule: '0 3 23 11 *', durationMs: 2 * HOUR })],
      '2026-11-23T03:30Z',
      '2026-11-24T02:00Z',
    ],
    [
      'outside of allow, an opening that is denied is passed over',
      [window(), deny({ schedule: '0 0 24 11 *', durationMs: 48 * HOUR })],
      '2026-11-23T09:00Z',
      '2026-11-26T02:00Z',
    ],
    [
      'the end of the last of several deny windows counts',
      [deny(), deny({ durationMs: 9 * HOUR }), deny({ durationMs: HOUR })],
      '2026-11-23T02:30Z',
      '2026-11-23T11:00Z',
    ],
    [
      'one of several allow windows is enough',
      [window(), window({ schedule: '0 4 * * *', durationMs: 4 * HOUR })],
      '2026-11-23T06:00Z',
      'free',
    ],
    [
      'the sooner of two allow windows is waited for',
      [window(), window({ schedule: '0 22 * * *' })],
      '2026-11-23T09:00Z',
      '2026-11-23T22:00Z',
    ],
    [
      'a window that lasts longer than its period is always open',
      [window({ schedule: '0 * * * *', durationMs: 90 * 60_000 })],
      '2026-11-23T09:59Z',
      'free',
    ],
    [
      'and so is a deny window, for ever',
      [deny({ schedule: '0 * * * *', durationMs: 90 * 60_000 })],
      '2026-11-23T09:59Z',
      null,
    ],
    [
      'a freeze that is written minute by minute ends',
      [deny({ schedule: '* * 23-28 11 *', durationMs: 60_000 })],
      '2026-11-23T09:00Z',
      '2026-11-29T00:00Z',
    ],
    [
      'an allow window that deny always covers never opens',
      [window(), deny({ schedule: '0 2 * * *' })],
      '2026-11-23T09:00Z',
      null,
    ],
    [
      'a leap day is waited for',
      [window({ schedule: '0 2 29 2 *' })],
      '2026-11-23T09:00Z',
      '2028-02-29T02:00Z',
    ],
    [
      'a schedule that never opens again gives nothing',
      [window({ schedule: '0 0 30 2 *' })],
      '2026-11-23T09:00Z',
      null,
    ],
    ['and takes nothing away', [deny({ schedule: '0 0 30 2 *' })], '2026-11-23T09:00Z', 'free'],
  ])('%s', (_what, windows, now, expected) => {
    expect(ask(windows, now)).toBe(expected);
  });

  it.each<[string, readonly SelectedWindow[], string]>([
    ['an allow window of others does not confine it', [window(only('sales'))], 'free'],
    ['a deny window of others does not hold it', [deny(only('sales'))], 'free'],
    [
      'an allow window of its own does not free it from one for all',
      [window(), window({ schedule: '0 8 * * *', ...only('billing') })],
      'free',
    ],
    [
      'an allow window that may hold for it confines it, and never opens for it',
      [window({ schedule: '0 8 * * *', ...only('sales'), inDoubt: true })],
      'null',
    ],
    [
      'an allow window in doubt gives to those whom it surely means',
      [window({ schedule: '0 8 * * *', ...only('billing'), inDoubt: true })],
      'free',
    ],
    [
      'a deny window that may hold for it holds it',
      [deny({ schedule: '0 8 * * *', ...only('sales'), inDoubt: true })],
      '2026-11-23T11:00Z',
    ],
  ])('at 09:00: %s', (_what, windows, expected) => {
    expect(String(ask(windows, '2026-11-23T09:00Z'))).toBe(expected);
  });

  it('is told which deny window is open, or that no window is', () => {
    const reasonOf = (...windows: SelectedWindow[]) =>
      compileWindows(windows).holdOfQueue(QUEUE, at('2026-11-23T03:00Z'))?.reason;
    expect(reasonOf(window(), deny({ schedule: '0 3 * * *', timeZone: 'Africa/Abidjan' }))).toBe(
      'the deny window "0 3 * * *" (3h, Africa/Abidjan) is open',
    );
    expect(reasonOf(window({ schedule: '0 9 * * *' }))).toBe('no change window is open');
    expect(reasonOf(window(only()), window({ schedule: '0 0 30 2 *' }))).toBe(
      'no change window is open; no time is in sight at which `changeWindows` let it through',
    );
  });

  it('may be asked at one instant after another, and back again', () => {
    const windows = compileWindows([window(), deny({ schedule: '0 3 * * *', durationMs: HOUR })]);
    const instants = ['02:00', '03:00', '02:59', '04:00', '05:00', '01:00', '03:59'];
    const answers = instants.map((time) => {
      const hold = windows.holdOfQueue(QUEUE, at(`2026-11-23T${time}Z`));
      return hold === null ? 'free' : iso(hold.until)?.slice(8, 16);
    });
    expect(answers).toEqual([
      'free',
      '23T04:00',
      'free',
      'free',
      '24T02:00',
      '23T02:00',
      '23T04:00',
    ]);
  });
});

describe('the hours that daylight saving skips or doubles', () => {
  it.each<[string, Partial<SelectedWindow>, string, string]>([
    // Dublin goes from 00:59 GMT to 02:00 IST on 29 March 2026, and from 01:59 IST to 01:00 GMT on 25 October.
    ['skips the opening', { schedule: '30 1 * * *' }, '2026-03-29T00:59Z', '2026-03-29T01:00Z'],
    ['opens after the gap', { schedule: '30 1 * * *' }, '2026-03-29T01:00Z', 'free'],
    ['an hour later by the wall', { schedule: '0 0 * * *' }, '2026-03-29T02:59Z', 'free'],
    ['of elapsed time only', { schedule: '0 0 * * *' }, '2026-03-29T03:00Z', '2026-03-29T23:00Z'],
    ['opens once', { schedule: '30 1 * * *', durationMs: HOUR / 2 }, '2026-10-25T00:59Z', 'free'],
    [
      'and not again',
      { schedule: '30 1 * * *', durationMs: HOUR / 2 },
      '2026-10-25T01:30Z',
      '2026-10-26T01:30Z',
    ],
    [
      'with a star as often as the clock shows it',
      { schedule: '30 * * * *', durationMs: HOUR / 2 },
      '2026-10-25T01:30Z',
      'free',
    ],
    // Lord Howe goes from 01:59 (+10:30) to 02:30 (+11) on 4 October 2026, at 15:30 UTC the day before.
    [
      'by half an hour',
      { schedule: '10 2 * * *', timeZone: 'Australia/Lord_Howe' },
      '2026-10-03T15:29Z',
      '2026-10-03T15:30Z',
    ],
    // New York goes from 01:59 EDT to 01:00 EST on 1 November 2026.
    [
      'by the first of two hours',
      { schedule: '0 1 * * *', durationMs: HOUR, timeZone: 'America/New_York' },
      '2026-11-01T06:00Z',
      '2026-11-02T06:00Z',
    ],
  ])('%s', (_what, rest, now, expected) => {
    expect(ask([window({ timeZone: 'Europe/Dublin', ...rest })], now)).toBe(expected);
  });
});

describe('the catalog', () => {
  it.each<[string, readonly SelectedWindow[], string | null]>([
    ['is free without windows', [], 'free'],
    ['waits where no window is open', [window()], '2026-11-24T02:00Z'],
    [
      'is freed by a window of some queues',
      [window({ schedule: '0 8 * * *', ...only('sales') })],
      'free',
    ],
    ['but not by one that is for nobody', [window({ schedule: '0 8 * * *', ...only() })], null],
    [
      'nor by one of which nobody knows for whom it is',
      [window({ schedule: '0 8 * * *', ...only(), inDoubt: true })],
      null,
    ],
    [
      'is not held by a deny window of some queues',
      [deny({ schedule: '0 8 * * *', ...only('sales') })],
      'free',
    ],
    [
      'unless that may be for all',
      [deny({ schedule: '0 8 * * *', ...only('sales'), inDoubt: true })],
      '2026-11-23T11:00Z',
    ],
    ['is held by a deny window for all', [deny({ schedule: '0 8 * * *' })], '2026-11-23T11:00Z'],
  ])('at 09:00 %s', (_what, windows, expected) => {
    expect(askOfCatalog(windows, '2026-11-23T09:00Z')).toBe(expected);
  });
});
