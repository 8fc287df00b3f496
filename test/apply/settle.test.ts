import { describe, expect, it } from 'vitest';
import { readUntil } from '../../src/apply/settle.js';
import { FakeClock, NOW } from '../support/fake-clock.js';

/** Looks at a value that appears after so many milliseconds; tells when it looked. */
const looking = (appearsAfterMs: number, settleForMs: number, readTakesMs = 0) => {
  const clock = new FakeClock();
  const looks: number[] = [];
  const read = (): Promise<boolean> => {
    looks.push(clock.now() - NOW);
    const value = clock.now() - NOW >= appearsAfterMs;
    clock.advance(readTakesMs);
    return Promise.resolve(value);
  };
  return { looks, result: readUntil(read, (value) => value, { clock, settleForMs }) };
};

describe('readUntil', () => {
  it.each([
    // appears after, settle for, looks at, seen
    [0, 10_000, [0], true],
    [1, 10_000, [0, 250], true],
    [700, 10_000, [0, 250, 750], true],
    [9_999, 10_000, [0, 250, 750, 1_750, 3_750, 5_750, 7_750, 9_750, 10_000], true],
    [10_001, 10_000, [0, 250, 750, 1_750, 3_750, 5_750, 7_750, 9_750, 10_000], false],
    [5, 0, [0], false],
    [5, 100, [0, 100], true],
  ])('what appears after %d ms, within %d ms', async (appears, settle, at, seen) => {
    const { looks, result } = looking(appears, settle);
    expect(await result).toEqual({ value: seen, seen });
    expect(looks).toEqual(at);
  });

  it('looks once more at the end, and not after it, however long a read takes', async () => {
    const { looks, result } = looking(Infinity, 1_000, 900);
    expect((await result).seen).toBe(false);
    expect(looks).toEqual([0, 1_000]);
  });

  it('looks again where the only answer was so slow that it shows the past', async () => {
    const { looks, result } = looking(500, 1_000, 1_500);
    expect(await result).toEqual({ value: true, seen: true });
    expect(looks).toEqual([0, 1_500]);
  });

  it('passes on what a read throws', async () => {
    const failing = readUntil(
      () => Promise.reject(new Error('gone')),
      () => true,
      {
        clock: new FakeClock(),
        settleForMs: 1_000,
      },
    );
    await expect(failing).rejects.toThrow('gone');
  });
});
