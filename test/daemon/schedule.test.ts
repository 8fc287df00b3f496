import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Agenda, freshUntil, onlyLooks, waitMs } from '../../src/daemon/schedule.js';
import { TRIGGERS } from '../../src/daemon/status.js';
import { NOW } from '../support/fake-clock.js';

const MINUTE = 60_000;
const pace = { intervalMs: MINUTE, chance: 0.5 };

describe('the pause before the next pass', () => {
  it.each([
    ['before the first there is none', { lastEndedAt: null, failures: 0 }, 0],
    ['an interval after a good one', { lastEndedAt: NOW, failures: 0 }, MINUTE],
    ['what has passed already counts', { lastEndedAt: NOW - 20_000, failures: 0 }, 40_000],
    ['long overdue is due now, and once', { lastEndedAt: NOW - 86_400_000, failures: 0 }, 0],
    ['a failure doubles it', { lastEndedAt: NOW, failures: 1 }, 2 * MINUTE],
    ['the third failure', { lastEndedAt: NOW, failures: 3 }, 8 * MINUTE],
    ['and no further than a quarter of an hour', { lastEndedAt: NOW, failures: 50 }, 15 * MINUTE],
    ['a clock that was set back', { lastEndedAt: NOW + 86_400_000, failures: 0 }, MINUTE],
  ])('%s', (_, progress, wanted) => {
    expect(waitMs(progress, pace, NOW)).toBe(wanted);
  });

  it('spreads around the interval by a tenth', () => {
    const least = waitMs({ lastEndedAt: NOW, failures: 0 }, { ...pace, chance: 0 }, NOW);
    const most = waitMs({ lastEndedAt: NOW, failures: 0 }, { ...pace, chance: 0.999_999 }, NOW);
    expect([least, Math.round(most / 1000)]).toEqual([54_000, 66]);
  });

  it('is longer than a quarter of an hour only where the interval is', () => {
    const hourly = { intervalMs: 60 * MINUTE, chance: 0.5 };
    expect(waitMs({ lastEndedAt: NOW, failures: 7 }, hourly, NOW)).toBe(60 * MINUTE);
  });

  it('is never negative, and never longer than the longest pause, wherever the clock jumps', () => {
    fc.assert(
      fc.property(
        fc.record({
          lastEndedAt: fc.integer({ min: 0, max: 2 * NOW }),
          failures: fc.nat(1_000),
        }),
        fc.record({
          intervalMs: fc.integer({ min: 100, max: 86_400_000 }),
          chance: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        }),
        fc.integer({ min: 0, max: 2 * NOW }),
        (progress, at, now) => {
          const wait = waitMs(progress, at, now);
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(1.1 * Math.max(at.intervalMs, 15 * MINUTE) + 1);
        },
      ),
    );
  });

  it('always ends: a clock that jumps once leaves at most one pause more', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e10, max: 1e10 }), fc.nat(60_000), (jump, passed) => {
        const jumped = NOW + passed + jump;
        const wait = waitMs({ lastEndedAt: NOW, failures: 0 }, pace, jumped);
        // Once that has passed by the clock as it goes now, it is due.
        expect(
          waitMs({ lastEndedAt: Math.min(NOW, jumped), failures: 0 }, pace, jumped + wait),
        ).toBe(0);
      }),
    );
  });
});

describe('freshness', () => {
  it('lasts for three intervals, and longer where passes are long', () => {
    expect(freshUntil({ endedAt: NOW, longestMs: 0 }, MINUTE) - NOW).toBe(185_000);
    expect(freshUntil({ endedAt: NOW, longestMs: 17 * MINUTE }, MINUTE) - NOW).toBe(
      185_000 + 34 * MINUTE,
    );
  });
});

describe('the agenda', () => {
  it('unites what is asked for while a pass goes on into one more', () => {
    const agenda = new Agenda();
    for (const trigger of ['files', 'push', 'files', 'request'] as const) agenda.ask(trigger);
    expect(agenda.take()).toEqual({ asked: ['request', 'push', 'files'], accept: null });
    expect(agenda.take()).toEqual({ asked: [], accept: null });
  });

  it('keeps the digest that was accepted until the pass that uses it, and no longer', () => {
    const agenda = new Agenda();
    agenda.ask('request', 'sha256:1');
    agenda.ask('files');
    expect(agenda.take().accept).toBe('sha256:1');
    agenda.ask('request');
    expect(agenda.take().accept).toBeNull();
  });

  it('wakes who waits, and who comes too late at once', () => {
    const agenda = new Agenda();
    let woken = 0;
    const forget = agenda.whenAsked(() => (woken += 1));
    agenda.ask('files');
    expect(woken).toBe(1);
    forget();
    agenda.ask('files');
    expect(woken).toBe(1);
    agenda.whenAsked(() => (woken += 1));
    expect(woken).toBe(2);
  });

  it('names a reason for every trigger', () => {
    for (const trigger of TRIGGERS) {
      const agenda = new Agenda();
      agenda.ask(trigger);
      expect(agenda.take().asked).toEqual([trigger]);
    }
  });

  it('tells a mere look from a reason for a pass', () => {
    expect(onlyLooks(['files', 'push'])).toBe(true);
    expect(onlyLooks(['files', 'interval'])).toBe(false);
  });
});
