/**
 * Generated organizations, policies and storms, played over real HTTP against the simulator, and held
 * against the promises by what was sent and what was answered. MODEL_CASES and MODEL_SEED widen it;
 * MODEL_SCRIPT names a file with one script, as a failing case prints it.
 */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { play } from './play.js';
import { breaches } from './promises.js';
import { parseScript, printScript, scripts } from './script.js';

const CASES = Number(process.env['MODEL_CASES'] ?? 100);
const SEED = Number(process.env['MODEL_SEED'] ?? 7);
const FILE = process.env['MODEL_SCRIPT'];

it(`keeps its promises in storms (seed ${SEED})`, { timeout: 3_600_000 }, async () => {
  const cases =
    FILE === undefined
      ? fc.sample(scripts, { numRuns: CASES, seed: SEED })
      : [parseScript(readFileSync(FILE, 'utf8'))];
  for (const [at, script] of cases.entries()) {
    const found = breaches(await play(script));
    expect(found, `case ${at} of seed ${SEED}: ${printScript(script)}`).toEqual([]);
  }
});
