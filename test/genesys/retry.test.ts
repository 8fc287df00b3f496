import { describe, expect, it } from 'vitest';
import {
  backoffMs,
  mayRepeat,
  RETRY,
  retryAfterMs,
  throttleWaitMs,
  withRetries,
} from '../../src/genesys/retry.js';
import type { Attempt, Effect, Outcome } from '../../src/genesys/retry.js';
import { VirtualClock } from './virtual-clock.js';

const answer = (status: number): Outcome => ({ kind: 'answer', status });
const failure = (wasSent: boolean, isTransient = true): Outcome => ({
  kind: 'failure',
  wasSent,
  isTransient,
});

describe('what may be repeated', () => {
  const table: readonly (readonly [string, Outcome, readonly Effect[]])[] = [
    ['429', answer(429), ['read', 'write']],
    ['408', answer(408), ['read']],
    ['500', answer(500), ['read']],
    ['502', answer(502), ['read']],
    ['504', answer(504), ['read']],
    ['200', answer(200), []],
    ['302', answer(302), []],
    ['400', answer(400), []],
    ['401', answer(401), []],
    ['404', answer(404), []],
    ['409', answer(409), []],
    ['a refused connection', failure(false), ['read', 'write']],
    ['a lost connection', failure(true), ['read']],
    ['a bad certificate', failure(false, false), []],
  ];

  it.each(table)('%s', (_name, outcome, effects) => {
    const repeated = (['read', 'write'] as const).filter((effect) => mayRepeat(effect, outcome));
    expect(repeated).toEqual(effects);
  });
});

describe('waits', () => {
  it('grow exponentially between nothing and a cap, with full jitter', () => {
    const longest = [0, 1, 2, 3, 4, 5, 9].map((repeat) => backoffMs(repeat, () => 1));
    expect(longest).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    expect(backoffMs(3, () => 0)).toBe(0);
  });

  const now = Date.parse('2026-11-23T09:00:00Z');

  it.each([
    ['7', 7_000],
    [' 0 ', 0],
    ['1.5', 1_500],
    ['Mon, 23 Nov 2026 09:00:42 GMT', 42_000],
    ['Mon, 23 Nov 2026 08:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('are read from Retry-After: %s', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });

  it('are at least a second after a 429 that does not say how long', () => {
    const by = { clock: new VirtualClock(), random: () => 0 };
    expect([0, 1, 5].map((repeat) => throttleWaitMs(undefined, repeat, by))).toEqual([
      1_000, 1_000, 1_000,
    ]);
    expect(throttleWaitMs(undefined, 2, { ...by, random: () => 0.999 })).toBeGreaterThan(8_000);
  });
});

describe('a run of attempts', () => {
  const again = (afterMs?: number): Attempt<never> => ({
    kind: 'again',
    error: new Error('again'),
    afterMs,
  });

  const run = async (attempts: readonly Attempt<string>[], random = () => 1) => {
    const clock = new VirtualClock(0);
    const at: number[] = [];
    const result = clock.until(
      withRetries(
        (number) => {
          at.push(clock.now());
          return Promise.resolve(attempts[Math.min(number, attempts.length - 1)] ?? again());
        },
        { clock, random },
      ),
    );
    return { result: await result.catch((error: unknown) => error), at };
  };

  it('ends with the first that is done', async () => {
    const { result, at } = await run([again(), again(5_000), { kind: 'done', result: 'yes' }]);
    expect(result).toBe('yes');
    expect(at).toEqual([0, 500, 5_500]);
  });

  it('ends with the first that failed for good', async () => {
    const { result, at } = await run([again(), { kind: 'failed', error: new Error('for good') }]);
    expect(result).toEqual(new Error('for good'));
    expect(at).toHaveLength(2);
  });

  it('is bounded in number', async () => {
    const { result, at } = await run([again()]);
    expect(result).toEqual(new Error('again'));
    expect(at).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500]);
  });

  it('is bounded in time: it does not begin a wait that ends too late', async () => {
    const { at } = await run([again(200_000)]);
    expect(at).toEqual([0, 200_000]);
    expect(RETRY.deadlineMs).toBeLessThan(400_000);
  });

  it('stops when the signal aborts during a wait', async () => {
    const clock = new VirtualClock(0);
    const stop = new AbortController();
    const running = withRetries(() => Promise.resolve(again(60_000)), {
      clock,
      random: () => 1,
      signal: stop.signal,
    });
    const stopped = expect(running).rejects.toMatchObject({ code: 'cli.interrupted' });
    stop.abort();
    await clock.until(stopped);
    expect(clock.now()).toBe(0);
  });
});
