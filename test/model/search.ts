/** Looks for a case that breaks a promise, and for the shortest one that still does. */
import * as fc from 'fast-check';
import { play } from './play.js';
import { judge } from './promises.js';
import { printScript } from './script.js';
import type { Script } from './script.js';
import { scripts } from './scripts.js';

/** How often each promise was put to the test, by its name. */
export type Tally = Map<string, number>;

/** Plays a script and throws where it breaks a promise; what was put to the test is added to the tally. */
export const mustHold = async (script: Script, tally: Tally): Promise<void> => {
  const { breaches, tests } = judge(await play(script));
  for (const [name, count] of tests) tally.set(name, (tally.get(name) ?? 0) + count);
  if (breaches.length > 0) throw new Error(breaches.join('\n'));
};

export interface Search {
  readonly seed: number;
  readonly cases: number;
  /** No case is begun after so many milliseconds. */
  readonly forMs: number;
  /** How long a shorter script is looked for, in milliseconds. */
  readonly shrinkForMs: number;
}

/**
 * Plays generated scripts until one breaks a promise, and returns how many were played. Then seed, path
 * and the shortest script that was found in time are thrown: `MODEL_SCRIPT` names a file with such a line.
 */
export const search = async (
  { seed, cases, forMs, shrinkForMs }: Search,
  tally: Tally,
): Promise<number> => {
  const property = fc.asyncProperty(scripts, (script) => mustHold(script, tally));
  const found = await fc.check(property, {
    seed,
    numRuns: cases,
    interruptAfterTimeLimit: forMs,
    markInterruptAsFailure: false,
    endOnFailure: true,
  });
  if (!found.failed) return found.numRuns;
  const path = found.counterexamplePath ?? '';
  // Its tests are none that a storm has brought about.
  const shrunk = await fc.check(
    fc.asyncProperty(scripts, (script) => mustHold(script, new Map())),
    { seed, path, numRuns: 1, interruptAfterTimeLimit: shrinkForMs },
  );
  const shortest = shrunk.counterexample === null ? found : shrunk;
  const [script] = shortest.counterexample ?? [];
  throw new Error(
    [
      `case ${found.numRuns} of seed ${seed}, path ${shortest.counterexamplePath ?? path}, shortened ${shortest.numShrinks} times:`,
      String(
        shortest.errorInstance instanceof Error
          ? shortest.errorInstance.message
          : shortest.errorInstance,
      ),
      script === undefined ? '' : printScript(script),
    ].join('\n'),
  );
};

/** Lines that say how often each promise was put to the test, the least tested first. */
export const tallyLines = (tally: Tally): readonly string[] =>
  [...tally]
    .sort(([, one], [, other]) => one - other)
    .map(([name, count]) => `${String(count).padStart(8)}  ${name}`);
