import { describe, expect, it } from 'vitest';
import { everOpens, isSchedule, isTimeZone, openings } from '../../src/policy/schedule.js';

const at = (iso: string): number => Date.parse(iso);

/** All openings of a stretch of time. */
const between = (
  expression: string,
  timeZone: string,
  from: string,
  to: string,
): readonly string[] => {
  const schedule = openings(expression, timeZone);
  const found = [];
  for (
    let next = schedule.nextAfter(at(from));
    next !== null && next < at(to);
    next = schedule.nextAfter(next)
  )
    found.push(new Date(next).toISOString().slice(5, 16));
  return found;
};

describe('openings', () => {
  const schedule = openings('0 2 * * *', 'Europe/Dublin');

  it.each([
    ['2026-11-23T01:59:59.999Z', '2026-11-22T02:00:00Z', '2026-11-23T02:00:00Z'],
    ['2026-11-23T02:00:00.000Z', '2026-11-23T02:00:00Z', '2026-11-24T02:00:00Z'],
    ['2026-11-23T02:00:00.001Z', '2026-11-23T02:00:00Z', '2026-11-24T02:00:00Z'],
    ['2026-07-01T12:00:00.000Z', '2026-07-01T01:00:00Z', '2026-07-02T01:00:00Z'],
  ])('at %s: last %s, next %s', (now, last, next) => {
    expect(schedule.lastAt(at(now))).toBe(at(last));
    expect(schedule.nextAfter(at(now))).toBe(at(next));
  });

  it.each([
    // Dublin skips 01:00 to 01:59 on 29 March, and shows it twice on 25 October.
    ['30 1 * * *', 'Europe/Dublin', '2026-03-28', ['03-28T01:30', '03-29T01:00', '03-30T00:30']],
    ['30 1,5 29 3 *', 'Europe/Dublin', '2026-03-28', ['03-29T01:00', '03-29T04:30']],
    [
      '*/30 0-2 29 3 *',
      'Europe/Dublin',
      '2026-03-28',
      ['03-29T00:00', '03-29T00:30', '03-29T01:00', '03-29T01:30'],
    ],
    ['30 1 * * *', 'Europe/Dublin', '2026-10-24', ['10-24T00:30', '10-25T00:30', '10-26T01:30']],
    [
      '*/30 1 25 10 *',
      'Europe/Dublin',
      '2026-10-24',
      ['10-25T00:00', '10-25T00:30', '10-25T01:00', '10-25T01:30'],
    ],
    // New York skips 02:00 to 02:59 on 8 March, and shows 01:00 to 01:59 twice on 1 November.
    ['15 2 * * *', 'America/New_York', '2026-03-07', ['03-07T07:15', '03-08T07:00', '03-09T06:15']],
    ['0 1 * * *', 'America/New_York', '2026-10-31', ['10-31T05:00', '11-01T05:00', '11-02T06:00']],
    // Lord Howe moves by half an hour: it skips 02:00 to 02:29 on 4 October, and shows 01:30 to 01:59 twice on 5 April.
    [
      '10 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-02',
      ['10-02T15:40', '10-03T15:30', '10-04T15:10'],
    ],
    [
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-03',
      ['04-03T14:45', '04-04T14:45', '04-05T15:15'],
    ],
  ])('%s in %s from %s', (expression, timeZone, from, found) => {
    const to = new Date(at(from) + 3 * 86_400_000).toISOString();
    expect(between(expression, timeZone, from, to)).toEqual(found);
  });
});

describe('what is accepted', () => {
  it.each(['0 2 * * *', '*/15 8-18 * * MON-FRI', '0 0 1,15 JAN *', '0 4 * * SUN#1', '0 4 L * *'])(
    '%j is a schedule',
    (text) => expect([isSchedule(text), everOpens(text)]).toEqual([true, true]),
  );

  it.each([
    '0 24 * * *',
    '60 2 * * *',
    '0 2 * *',
    '0 0 2 * * *',
    '0 2 0 * *',
    '0 2 * 13 *',
    '0 2:00 * * *',
    '2026-01-01T00:00:00 * * * *',
    '5/10 * * * *',
    '0 2 * * FUNDAY',
    '',
  ])('%j is none', (text) => expect(isSchedule(text)).toBe(false));

  it.each(['0 0 30 2 *', '0 0 31 4,6,9,11 *'])('%s never opens', (text) =>
    expect([isSchedule(text), everOpens(text)]).toEqual([true, false]),
  );

  it('a time zone is one that this machine knows', () => {
    expect(['Europe/Dublin', 'UTC', 'Europe/Dubln', ''].map(isTimeZone)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
