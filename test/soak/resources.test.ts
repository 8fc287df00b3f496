/** What the soak measures with must find what it is for. */
import { open } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { differences, measure, SignalWatch } from './resources.js';
import type { Holdings } from './resources.js';

const held = (signals: SignalWatch): Promise<Holdings> => measure(signals, () => 0);

it.each([
  ['nothing', () => () => undefined, []],
  [
    'a listener',
    (signal: AbortSignal) => {
      signal.addEventListener('abort', () => undefined);
      return () => undefined;
    },
    ['listeners on signals: 1, and 0 before'],
  ],
  [
    'a timer',
    () => {
      // More than the runner of the tests has of its own.
      const timers = Array.from({ length: 20 }, () => setTimeout(() => undefined, 3_600_000));
      return () => timers.forEach((timer) => clearTimeout(timer));
    },
    [expect.stringMatching(/^Timeout: [12]\d, and \d before$/)],
  ],
  [
    'memory',
    () => {
      const kept = Array.from({ length: 100_000 }, (_, index) => ({ index }));
      return () => kept.length;
    },
    [expect.stringMatching(/^the heap has grown by \d+ bytes, of which 1000000 are allowed$/)],
  ],
  [
    'a descriptor',
    async () => {
      const file = await open('/dev/zero');
      return () => file.close();
    },
    ['fd /dev/zero: 1, and 0 before'],
  ],
])('finds that %s is left behind', async (_, leak, expected) => {
  const signals = new SignalWatch();
  onTestFinished(() => signals.close());
  const { signal } = new AbortController();
  // The first of a kind loads what it takes.
  await held(signals);
  const before = await held(signals);
  const release = await leak(signal);
  const after = await held(signals);
  const found = differences(before, after, { heapMayGrow: 1_000_000 });
  await release();
  const isOfRunner = (words: string): boolean => /^Timeout: \d, and \d before$/.test(words);
  expect(found.filter((words) => !isOfRunner(words))).toEqual(expected);
});
