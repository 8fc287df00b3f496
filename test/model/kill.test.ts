/** SIGKILL between any two requests, and a new run after it: every place in turn, and none by luck. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { OPEN_GUARDS } from '../support/policy-set.js';
import { writesOf } from './evidence.js';
import { play } from './play.js';
import { judge } from './promises.js';
import { printScript } from './script.js';
import type { Fault, Script } from './script.js';
import { scripts } from './scripts.js';
import { WRITES } from './trace.js';
import type { Trace } from './trace.js';

const SEED = 11;
const WORLDS = 2;
/** So many writes make a run worth to be cut off everywhere. */
const LEAST_AND_MOST_WRITES = [10, 20] as const;

/** The same world without a storm, or with one thing that goes wrong. */
const under = (script: Script, fault: Fault | null, skip = 0): Script => ({
  ...script,
  limits: { ...script.limits, requestsPerMinute: 300 },
  rules: {
    guards: OPEN_GUARDS,
    allows: {},
    windows: [],
    activity: { maxInteracting: 0, onBusy: 'ignore' },
  },
  platform: { ...script.platform, queueRequestsPerOrg: null },
  runs: [
    {
      pauseMs: 0,
      edits: [],
      troubles: fault === null ? [] : [{ on: 'any', queue: null, skip, times: 1, fault }],
      accept: 'none',
    },
  ],
});

/** The requests of the run that is to be killed. */
const hostile = ({ requests, runs }: Trace): Trace['requests'] => {
  const { index } = runs.find(({ kind }) => kind === 'hostile') ?? { index: -1 };
  return requests.filter(({ run }) => run === index);
};

const breachesOf = async (script: Script): Promise<readonly string[]> =>
  judge(await play(script)).breaches.map((breach) => `${breach} in ${printScript(script)}`);

it(`keeps its promises wherever it is killed (seed ${SEED})`, { timeout: 3_600_000 }, async () => {
  const [least, most] = LEAST_AND_MOST_WRITES;
  let worlds = 0;
  for (const script of fc.sample(scripts, { seed: SEED, numRuns: 200 })) {
    if (worlds === WORLDS) break;
    const calm = await play(under(script, null));
    const writes = writesOf(calm).filter(({ run }) => calm.runs[run]?.kind === 'hostile').length;
    if (writes < least || writes > most) continue;
    worlds += 1;
    for (const [skip, { endpoint }] of hostile(calm).entries()) {
      // Killed after the request: it was taken. Killed before its answer: of a write that makes a difference.
      for (const taken of WRITES.has(endpoint) ? [true, false] : [true])
        expect(await breachesOf(under(script, { kind: 'kill', taken }, skip))).toEqual([]);
    }
  }
  expect(worlds).toBe(WORLDS);
});
