/**
 * Generated organizations, policies and storms, played over real HTTP against the simulator, and held
 * against the promises by what was sent and what was answered. MODEL_CASES and MODEL_SEED widen it, and
 * MODEL_MINUTES lets it go on from seed to seed; MODEL_SCRIPT names a file with one script, as a failing
 * case prints it.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseScript } from './script.js';
import { mustHold, search, tallyLines } from './search.js';
import type { Tally } from './search.js';

const numberIn = (name: string, otherwise: number): number =>
  Number(process.env[name] || otherwise);

const CASES = numberIn('MODEL_CASES', 300);
const SEED = numberIn('MODEL_SEED', 7);
const MINUTES = numberIn('MODEL_MINUTES', 0);
const SHRINK_FOR_MS = 1_000 * numberIn('MODEL_SHRINK_SECONDS', 60);
const FILE = process.env['MODEL_SCRIPT'];

// Minutes of storms, and one more to shorten what they broke: a slow machine is no failure.
const timeout = MINUTES * 60_000 + 3_600_000;

/** Promises that no case of a long run may have left alone. */
const mustAllBeTested = (tally: Tally): void =>
  expect([...tally].filter(([, count]) => count === 0).map(([name]) => name)).toEqual([]);

it.runIf(FILE !== undefined)('keeps its promises in one case', { timeout }, async () => {
  await mustHold(parseScript(readFileSync(FILE ?? '', 'utf8')), new Map());
});

it.runIf(FILE === undefined && MINUTES === 0)(
  `keeps its promises in storms (seed ${SEED}, ${CASES} cases)`,
  { timeout },
  async () => {
    const tally: Tally = new Map();
    await search({ seed: SEED, cases: CASES, forMs: timeout, shrinkForMs: SHRINK_FOR_MS }, tally);
    if (CASES >= 300) mustAllBeTested(tally);
  },
);

it.runIf(FILE === undefined && MINUTES > 0)(
  `keeps its promises for ${MINUTES} minutes`,
  { timeout },
  async () => {
    const tally: Tally = new Map();
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const until = performance.now() + MINUTES * 60_000;
    let all = 0;
    say(`The first seed is ${SEED}.`);
    try {
      for (let seed = SEED; performance.now() < until; seed += 1) {
        const forMs = until - performance.now();
        const cases = await search(
          { seed, cases: CASES, forMs, shrinkForMs: SHRINK_FOR_MS },
          tally,
        );
        all += cases;
        say(`Seed ${seed}: ${cases} cases kept every promise.`);
      }
    } finally {
      say(`${all} cases. How often each promise was put to the test:`);
      for (const line of tallyLines(tally)) say(line);
    }
  },
);
