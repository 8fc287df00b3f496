/** Benchmark: the pure core, by the size of the organization. */
import { fileURLToPath } from 'node:url';
import type { CoreRun } from './core-process.js';
import { median, repeat, runNode } from './run.js';
import { duration, megabytes, whole } from './section.js';
import type { Section } from './section.js';

const SIZES = [100, 1_000, 5_000, 20_000];
const RUNS = 5;
const PROCESS = fileURLToPath(new URL('core-process.js', import.meta.url));

interface Measured {
  readonly queues: number;
  readonly ms: number;
  readonly peakMb: number;
  readonly row: readonly string[];
}

export const benchCore = async (): Promise<Section> => {
  const drifted: Measured[] = [];
  for (const queues of SIZES) drifted.push(await measure(queues, 10));
  const rollOut = await measure(5_000, 1);

  const [, , middle, large] = drifted;
  const exponent =
    middle === undefined || large === undefined
      ? NaN
      : Math.log(large.ms / middle.ms) / Math.log(large.queues / middle.queues);
  return {
    title: 'The core',
    text: [
      `\`resolveDesired\` → \`queuesWhoseCodesMatter\` → \`detectDrift\` → \`buildPlan\`, for queues with 50 codes each under 200 policies: by name, prefix, infix, suffix and division, with exclusions, forbidden codes, priorities, and some in report mode, several on every queue. A tenth of the queues has drifted; in the last row all have, as at a first roll-out. Each run is a process of its own that runs the core once, as a command does, so that compiling the code is part of it: the fastest of ${RUNS}, and their median. Queues under the same set of policies share one *merge*. Memory is the peak of the whole process, with Node, policies and live state.`,
      `From 5,000 to 20,000 queues the time grows with the power ${exponent.toFixed(2)} of their number (1 is linear, less means that some of it does not grow: there are as many merges, and as much code to compile).`,
    ].join('\n\n'),
    columns: ['queues', 'changed', 'merges', 'fastest', 'median', 'a queue', 'peak memory'],
    rows: [...drifted, rollOut].map(({ row }) => row),
    targets: [
      {
        what: 'core, 5,000 queues × 50 codes',
        measured: middle?.ms ?? NaN,
        limit: 300,
        unit: 'ms',
      },
      { what: 'its peak memory', measured: middle?.peakMb ?? NaN, limit: 200, unit: 'MB' },
      { what: 'growth, power of the queues', measured: exponent, limit: 1.1, unit: '' },
    ],
  };
};

const measure = async (queues: number, everyNth: number): Promise<Measured> => {
  const runs = await repeat(RUNS, async () => {
    const { stdout } = await runNode(['--expose-gc', PROCESS, String(queues), String(everyNth)]);
    return JSON.parse(stdout) as CoreRun;
  });
  const [first] = runs;
  const times = runs.map(({ ms }) => ms);
  const ms = Math.min(...times);
  const peakMb = megabytes(Math.max(...runs.map(({ peakBytes }) => peakBytes)));
  return {
    queues,
    ms,
    peakMb,
    row: [
      whole(queues),
      whole(first?.queuesChanged ?? 0),
      whole(first?.merges ?? 0),
      duration(ms),
      duration(median(times)),
      `${whole((ms * 1000) / queues)} µs`,
      `${whole(peakMb)} MB`,
    ],
  };
};
