import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Limiter } from '../../src/genesys/limiter.js';
import { seededRandom } from '../../src/simulator/random.js';
import { VirtualClock } from './virtual-clock.js';

const MINUTE = 60_000;

/** A request as both sides saw it, in milliseconds. */
interface Seen {
  readonly sentAt: number;
  readonly countedAt: number;
}

interface Latency {
  /** From sending until the server counts the request, and from there to the answer. */
  readonly thereMs: number;
  readonly backMs: number;
}

const world = (limits: { requestsPerMinute: number; concurrency: number }, random = () => 0.5) => {
  const clock = new VirtualClock();
  const limiter = new Limiter({ ...limits, clock, random });
  const seen: Seen[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  const request = (latency: Latency) => async (): Promise<void> => {
    const sentAt = clock.now();
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    await clock.sleep(latency.thereMs);
    seen.push({ sentAt, countedAt: clock.now() });
    await clock.sleep(latency.backMs);
    atOnce -= 1;
  };
  return { clock, limiter, seen, request, mostAtOnce: () => mostAtOnce };
};

/** The most requests that any half-open window of a minute holds, as the server counted them. */
const worstMinute = (seen: readonly Seen[]): number => {
  const times = seen.map(({ countedAt }) => countedAt).sort((a, b) => a - b);
  return Math.max(
    0,
    ...times.map((start) => times.filter((at) => at >= start && at < start + MINUTE).length),
  );
};

const latency = fc.record({ thereMs: fc.nat({ max: 20_000 }), backMs: fc.nat({ max: 20_000 }) });

describe('the window', () => {
  it('never lets the server see more than the limit in any minute, whatever the latencies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.record({ latency, afterMs: fc.nat({ max: 30_000 }) }), { maxLength: 60 }),
        async (requestsPerMinute, concurrency, arrivals) => {
          const { clock, limiter, seen, request, mostAtOnce } = world({
            requestsPerMinute,
            concurrency,
          });
          const arrive = async (): Promise<void> => {
            const running: Promise<void>[] = [];
            for (const arrival of arrivals) {
              await clock.sleep(arrival.afterMs % 3 === 0 ? 0 : arrival.afterMs);
              running.push(limiter.run(request(arrival.latency)));
            }
            await Promise.all(running);
          };
          await clock.until(arrive());
          expect(seen).toHaveLength(arrivals.length);
          expect(worstMinute(seen)).toBeLessThanOrEqual(requestsPerMinute);
          expect(mostAtOnce()).toBeLessThanOrEqual(concurrency);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('does not count from the sending: a slow answer keeps its slot', async () => {
    const { clock, limiter, seen, request } = world({ requestsPerMinute: 1, concurrency: 4 });
    const slow = request({ thereMs: 0, backMs: 25_000 });
    await clock.until(Promise.all([limiter.run(slow), limiter.run(slow)]));
    expect((seen[1]?.sentAt ?? 0) - (seen[0]?.sentAt ?? 0)).toBeGreaterThanOrEqual(85_000);
  });

  it('lets a burst up to the limit pass at once', async () => {
    const { clock, limiter, request } = world({ requestsPerMinute: 300, concurrency: 8 });
    const startedAt = clock.now();
    const fast = request({ thereMs: 20, backMs: 20 });
    await clock.until(Promise.all(Array.from({ length: 300 }, () => limiter.run(fast))));
    expect(clock.now() - startedAt).toBe(Math.ceil(300 / 8) * 40);
  });

  it('wastes no slot: a long run takes at most 1.03 times what the limit allows', async () => {
    const { clock, limiter, seen, request } = world({ requestsPerMinute: 300, concurrency: 8 });
    const startedAt = clock.now();
    const fast = request({ thereMs: 25, backMs: 25 });
    const total = 1_801;
    await clock.until(Promise.all(Array.from({ length: total }, () => limiter.run(fast))));
    const bound = Math.floor((total - 1) / 300) * MINUTE;
    expect(clock.now() - startedAt).toBeLessThanOrEqual(bound * 1.03);
    expect(worstMinute(seen)).toBe(300);
  });

  it('waits a minute, not the difference, when the clock is set back', async () => {
    const { clock, limiter, request } = world({ requestsPerMinute: 2, concurrency: 1 });
    const instant = request({ thereMs: 0, backMs: 0 });
    await clock.until(Promise.all([limiter.run(instant), limiter.run(instant)]));
    clock.setBack(3_600_000);
    const startedAt = clock.now();
    await clock.until(limiter.run(instant));
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(60_000);
    expect(clock.now() - startedAt).toBeLessThan(61_000);
  });

  it('stretches the window where less than one request a minute is allowed', async () => {
    const { clock, limiter, seen, request } = world({ requestsPerMinute: 0.5, concurrency: 1 });
    const instant = request({ thereMs: 0, backMs: 0 });
    await clock.until(Promise.all([limiter.run(instant), limiter.run(instant)]));
    expect((seen[1]?.sentAt ?? 0) - (seen[0]?.sentAt ?? 0)).toBeGreaterThanOrEqual(120_000);
  });
});

describe('after a refusal', () => {
  const fast = { thereMs: 5, backMs: 5 };

  it('sends nothing until Retry-After is over, whoever asks', async () => {
    const { clock, limiter, seen, request } = world({ requestsPerMinute: 300, concurrency: 8 });
    const pausedAt = clock.now();
    limiter.throttled(17_000, pausedAt);
    await clock.until(Promise.all(Array.from({ length: 20 }, () => limiter.run(request(fast)))));
    expect(Math.min(...seen.map(({ sentAt }) => sentAt))).toBeGreaterThanOrEqual(pausedAt + 17_000);
  });

  it('lets nobody wait for a pause of hours, and goes on after it', async () => {
    const { clock, limiter, request } = world({ requestsPerMinute: 300, concurrency: 8 });
    limiter.throttled(3_600_000, clock.now());
    await expect(limiter.run(request(fast))).rejects.toMatchObject({
      code: 'genesys.rate-limited',
      message: 'Genesys Cloud asked for a pause that lasts another 3600 s; nothing was sent.',
    });
    await clock.until(clock.sleep(3_400_000));
    await clock.until(limiter.run(request(fast)));
  });

  it('spreads the resumption at the rate of the limit, then bursts again', async () => {
    const { clock, limiter, seen, request } = world({ requestsPerMinute: 60, concurrency: 8 });
    limiter.throttled(1_000, clock.now());
    const resumedAt = clock.now() + 1_000;
    await clock.until(Promise.all(Array.from({ length: 60 }, () => limiter.run(request(fast)))));
    for (let second = 0; second < 55; second += 5) {
      const inFive = seen.filter(
        ({ sentAt }) =>
          sentAt >= resumedAt + second * 1_000 && sentAt < resumedAt + (second + 5) * 1_000,
      );
      expect(inFive.length).toBeLessThanOrEqual(6);
    }
    await clock.until(clock.sleep(2 * MINUTE));
    const calmAt = clock.now();
    await clock.until(Promise.all(Array.from({ length: 60 }, () => limiter.run(request(fast)))));
    expect(clock.now() - calmAt).toBeLessThan(1_000);
  });

  it('halves what runs at once when it is refused again, once per refusal, and never below one', () => {
    const { clock, limiter } = world({ requestsPerMinute: 300, concurrency: 8 });
    const first = clock.now();
    limiter.throttled(1_000, first);
    limiter.throttled(1_000, first - 10);
    expect(limiter.concurrency).toBe(8);
    const steps = [4, 2, 1, 1];
    for (const expected of steps) {
      limiter.throttled(1_000, clock.now());
      limiter.throttled(1_000, clock.now() - 10);
      expect(limiter.concurrency).toBe(expected);
    }
  });

  it('raises it slowly while it is calm, up to where it was', async () => {
    const { clock, limiter, request } = world({ requestsPerMinute: 600, concurrency: 4 });
    for (let times = 0; times < 4; times += 1) limiter.throttled(1_000, clock.now());
    expect(limiter.concurrency).toBe(1);
    const seenConcurrency = new Set<number>();
    const work = async (): Promise<void> => {
      for (let step = 0; step < 300; step += 1) {
        await limiter.run(request(fast));
        seenConcurrency.add(limiter.concurrency);
        await clock.sleep(500);
      }
    };
    const startedAt = clock.now();
    await clock.until(work());
    expect([...seenConcurrency]).toEqual([1, 2, 3, 4]);
    expect(clock.now() - startedAt).toBeGreaterThan(45_000);
  });

  it('applies a lower concurrency to those who already wait for a slot', async () => {
    const { clock, limiter, request, mostAtOnce } = world({
      requestsPerMinute: 6_000,
      concurrency: 8,
    });
    limiter.throttled(5_000, clock.now());
    const running = Array.from({ length: 30 }, () =>
      limiter.run(request({ thereMs: 500, backMs: 500 })),
    );
    await clock.until(clock.sleep(1_000));
    limiter.throttled(5_000, clock.now());
    limiter.throttled(5_000, clock.now());
    expect(limiter.concurrency).toBe(2);
    await clock.until(Promise.all(running));
    expect(mostAtOnce()).toBeLessThanOrEqual(3);
  });

  it('keeps the limit through refusals too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 10 }),
        fc.array(
          fc.record({
            latency,
            refusedFor: fc.option(fc.integer({ min: 0, max: 70_000 }), { freq: 4 }),
          }),
          {
            maxLength: 40,
          },
        ),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        async (requestsPerMinute, requests, numbers) => {
          const { clock, limiter, seen, request } = world(
            { requestsPerMinute, concurrency: 4 },
            () => numbers.next().value ?? 0,
          );
          const one = async (item: (typeof requests)[number]): Promise<void> => {
            await limiter.run(async () => {
              const sentAt = clock.now();
              await request(item.latency)();
              if (item.refusedFor !== null) limiter.throttled(item.refusedFor, sentAt);
            });
          };
          await clock.until(Promise.all(requests.map(one)));
          expect(seen).toHaveLength(requests.length);
          expect(worstMinute(seen)).toBeLessThanOrEqual(requestsPerMinute);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('a limit that is stricter than ours', () => {
  /** A server with a sliding window of its own, which refuses and says how long to wait. */
  const refusing = (clock: VirtualClock, perMinute: number) => {
    const admitted: number[] = [];
    return (): number | null => {
      const recent = admitted.filter((at) => at > clock.now() - MINUTE);
      const oldest = recent[recent.length - perMinute];
      if (oldest !== undefined) return Math.ceil((oldest + MINUTE - clock.now()) / 1000) * 1000;
      admitted.push(clock.now());
      return null;
    };
  };

  it.each([
    [250, 8],
    [150, 8],
    [100, 8],
    [100, 32],
    [60, 8],
    [30, 8],
    [20, 2],
  ])('of %i a minute is lived with, at %i at once', async (perMinute, concurrency) => {
    const numbers = seededRandom(perMinute * concurrency);
    const { clock, limiter, request } = world({ requestsPerMinute: 300, concurrency }, numbers);
    const refuse = refusing(clock, perMinute);
    let sent = 0;
    let throttled = 0;
    const once = (repeated: boolean): Promise<boolean> =>
      limiter.run(
        async (startedAt) => {
          sent += 1;
          await request({ thereMs: 40, backMs: 40 })();
          const waitMs = refuse();
          if (waitMs === null) return true;
          throttled += 1;
          limiter.throttled(waitMs, startedAt);
          return false;
        },
        { repeated },
      );
    const untilTaken = async (): Promise<void> => {
      for (let repeated = false; !(await once(repeated)); repeated = true);
    };
    const tasks = perMinute * 8;
    const startedAt = clock.now();
    await clock.until(Promise.all(Array.from({ length: tasks }, untilTaken)));
    expect(throttled / sent).toBeLessThanOrEqual(0.25);
    // And not by standing still: within twice what that limit allows at best.
    expect(clock.now() - startedAt).toBeLessThanOrEqual(2 * 7 * MINUTE);
  });
});

describe('waiting', () => {
  it('lets a repeated request pass those that have not begun', async () => {
    const { clock, limiter } = world({ requestsPerMinute: 300, concurrency: 1 });
    const order: string[] = [];
    const named = (name: string) => async (): Promise<void> => {
      order.push(name);
      await clock.sleep(10);
    };
    await clock.until(
      Promise.all([
        limiter.run(named('first')),
        limiter.run(named('second')),
        limiter.run(named('again'), { repeated: true }),
      ]),
    );
    expect(order).toEqual(['first', 'again', 'second']);
  });

  it('ends for those who wait when the signal aborts, and leaves the running one alone', async () => {
    const { clock, limiter, seen, request } = world({ requestsPerMinute: 1, concurrency: 1 });
    const stop = new AbortController();
    const signal = stop.signal;
    const running = limiter.run(request({ thereMs: 50, backMs: 50 }), { signal });
    const waiting = limiter.run(request({ thereMs: 0, backMs: 0 }), { signal });
    const refused = expect(waiting).rejects.toThrow('stop');
    await clock.until(clock.sleep(500));
    stop.abort(new Error('stop'));
    await clock.until(Promise.all([running, refused]));
    expect(seen).toHaveLength(1);
  });

  it('takes back the slot of a task that sends nothing', async () => {
    const { clock, limiter, seen, request } = world({ requestsPerMinute: 1, concurrency: 1 });
    const startedAt = clock.now();
    const idle = (_startedAt: number, giveBack: () => void): Promise<void> => {
      giveBack();
      return Promise.resolve();
    };
    await clock.until(limiter.run(idle));
    await clock.until(limiter.run(request({ thereMs: 0, backMs: 0 })));
    expect(seen.map(({ sentAt }) => sentAt - startedAt)).toEqual([0]);
  });

  it('passes on what the task throws, and frees its slot', async () => {
    const { clock, limiter } = world({ requestsPerMinute: 2, concurrency: 1 });
    const failing = limiter.run(() => Promise.reject(new Error('broken')));
    await expect(clock.until(failing)).rejects.toThrow('broken');
    await clock.until(limiter.run(() => Promise.resolve()));
  });
});
