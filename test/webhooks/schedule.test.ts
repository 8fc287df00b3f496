import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/webhooks/answer.js';
import { GIVE_UP_AFTER_MS, judgeAttempt, WAITS_MS } from '../../src/webhooks/schedule.js';
import type { Consequence, Ended } from '../../src/webhooks/schedule.js';
import { NOW } from '../support/fake-clock.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const answered = (status: number, retryAfter: string | null = null): Answer => ({
  kind: 'answer',
  status,
  retryAfter,
  excerpt: null,
});
const failed = (reason: 'timeout' | 'network' | 'refused'): Answer => ({
  kind: 'failure',
  reason,
  text: 'it broke',
});

const judge = (answer: Answer, changes: Partial<Ended> = {}): Consequence =>
  judgeAttempt({
    answer,
    attempt: 1,
    firstAttemptAt: null,
    now: NOW,
    sink: { failures: 0, restUntil: null },
    random: () => 0,
    ...changes,
  });

/** Milliseconds from now, or null. */
const after = (instant: string | null): number | null =>
  instant === null ? null : Date.parse(instant) - NOW;

describe('one attempt', () => {
  it.each<[string, Answer, string, number | null, number | null]>([
    ['200', answered(200), 'delivered', null, null],
    ['204', answered(204), 'delivered', null, null],
    ['410', answered(410), 'disabled', null, null],
    ['301', answered(301), 'failed', 5 * SECOND, null],
    ['307', answered(307), 'failed', 5 * SECOND, null],
    ['400', answered(400), 'failed', 5 * SECOND, null],
    ['404', answered(404, '60'), 'failed', 5 * SECOND, null],
    ['500', answered(500, '60'), 'failed', 5 * SECOND, 5 * SECOND],
    ['429 without a word', answered(429), 'failed', 5 * SECOND, 5 * SECOND],
    ['429 in 2 minutes', answered(429, '120'), 'failed', 2 * MINUTE, 2 * MINUTE],
    ['503 in 2 minutes', answered(503, ' 120 '), 'failed', 2 * MINUTE, 2 * MINUTE],
    [
      '429 at a date',
      answered(429, 'Mon, 23 Nov 2026 09:03:00 GMT'),
      'failed',
      3 * MINUTE,
      3 * MINUTE,
    ],
    [
      '429 at a date gone by',
      answered(429, 'Mon, 23 Nov 2026 08:00:00 GMT'),
      'failed',
      5 * SECOND,
      SECOND,
    ],
    ['429 at once', answered(429, '0'), 'failed', 5 * SECOND, SECOND],
    ['429 in a year', answered(429, '31536000'), 'failed', DAY, DAY],
    ['429 in words', answered(429, 'soon'), 'failed', 5 * SECOND, 5 * SECOND],
    ['429 in a negative time', answered(429, '-5'), 'failed', 5 * SECOND, 5 * SECOND],
    ['no answer in time', failed('timeout'), 'failed', 5 * SECOND, 5 * SECOND],
    ['no connection', failed('network'), 'failed', 5 * SECOND, 5 * SECOND],
    ['a refused address', failed('refused'), 'failed', 5 * SECOND, null],
  ])('that ends with %s', (_name, answer, result, nextMs, restMs) => {
    const found = judge(answer);
    expect({ ...found, nextAt: after(found.nextAt), restUntil: after(found.restUntil) }).toEqual({
      result,
      status: answer.kind === 'answer' ? answer.status : null,
      why: result === 'delivered' ? null : (expect.any(String) as string),
      nextAt: nextMs,
      restUntil: restMs,
    });
  });

  it('goes along the schedule by the attempts of the event, and the sink by its failures', () => {
    const steps = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20];
    const expected = [
      5 * SECOND,
      5 * MINUTE,
      30 * MINUTE,
      2 * HOUR,
      5 * HOUR,
      10 * HOUR,
      14 * HOUR,
      20 * HOUR,
      DAY,
      DAY,
      DAY,
    ];
    expect(steps.map((step) => after(judge(answered(400), { attempt: step + 1 }).nextAt))).toEqual(
      expected,
    );
    expect(
      steps.map((failures) =>
        after(judge(answered(500), { sink: { failures, restUntil: NOW } }).restUntil),
      ),
    ).toEqual(expected);
  });

  it('waits up to a tenth longer, so that not everything comes back at once', () => {
    expect(after(judge(answered(500), { random: () => 0.999 }).restUntil)).toBe(5_500);
  });

  it('tries no event before its sink has rested', () => {
    const found = judge(answered(500), { sink: { failures: 3, restUntil: null } });
    expect([after(found.nextAt), after(found.restUntil)]).toEqual([2 * HOUR, 2 * HOUR]);
  });

  it('counts what failed together once, and shortens no rest', () => {
    const sink = { failures: 1, restUntil: NOW + SECOND };
    expect(after(judge(failed('network'), { sink }).restUntil)).toBe(5 * SECOND);
    const asked = { failures: 1, restUntil: NOW + HOUR };
    expect(after(judge(failed('network'), { sink: asked }).restUntil)).toBe(HOUR);
  });

  it('believes a receiver that says "soon" less and less', () => {
    const waits = [0, 1, 2, 3, 8].map((failures) =>
      after(judge(answered(429, '1'), { sink: { failures, restUntil: NOW } }).restUntil),
    );
    expect(waits).toEqual([SECOND, 5 * SECOND, 5 * MINUTE, 5 * MINUTE, 5 * MINUTE]);
  });

  it.each([answered(404), answered(500), failed('network'), failed('refused'), answered(429, '5')])(
    'gives an event up fifteen days after its first attempt: %j',
    (answer) => {
      const at = (ms: number) => judge(answer, { attempt: 20, firstAttemptAt: NOW - ms });
      expect(at(GIVE_UP_AFTER_MS - 1).result).toBe('failed');
      expect(at(GIVE_UP_AFTER_MS)).toMatchObject({ result: 'given-up', nextAt: null });
      expect(at(GIVE_UP_AFTER_MS).restUntil === null).toBe(judge(answer).restUntil === null);
    },
  );

  it('takes more than a dozen attempts to give an event up', () => {
    let [at, attempts] = [0, 0];
    for (; at < GIVE_UP_AFTER_MS; attempts += 1) at += WAITS_MS[attempts] ?? DAY;
    expect(attempts).toBeGreaterThan(12);
  });

  it('says in words what went wrong', () => {
    expect(judge({ kind: 'answer', status: 500, retryAfter: null, excerpt: 'oh no' }).why).toBe(
      'the receiver answered 500: oh no',
    );
    expect(judge(answered(302)).why).toBe(
      'the receiver answered 302, a redirect, which is not followed',
    );
    expect(judge(failed('network')).why).toBe('it broke');
  });
});
