/** Benchmark: how long a person waits for commands that ask nobody. */
import { teamPolicyFiles } from './policies.js';
import { median, repeat, runNode, withFolder, WRAPKEEPER } from './run.js';
import type { Run } from './run.js';
import { duration, ratio } from './section.js';
import type { Section } from './section.js';

const ROUNDS = 15;
const FILES = 1_000;

/** Commands that take turns, so that a busy machine is busy for each of them. */
const COMMANDS = {
  'node -e 0': ['-e', '0'],
  'wrapkeeper --help': [WRAPKEEPER, '--help'],
  'wrapkeeper validate, the policies of this repository': [WRAPKEEPER, 'validate'],
} as const satisfies Record<string, readonly string[]>;

interface Measured {
  readonly name: string;
  readonly ms: number;
  readonly medianMs: number;
}

export const benchStartUp = async (): Promise<Section> => {
  const rounds = await repeat(ROUNDS, async () => {
    const runs: Run[] = [];
    for (const args of Object.values(COMMANDS)) runs.push(await runNode(args));
    return runs;
  });
  const large = await withFolder(teamPolicyFiles(FILES), (cwd) =>
    repeat(5, () => runNode([WRAPKEEPER, 'validate'], { cwd })),
  );
  const measured = [
    ...Object.keys(COMMANDS).map((name, at) =>
      summarise(
        name,
        rounds.flatMap((runs) => runs[at] ?? []),
      ),
    ),
    summarise(`wrapkeeper validate, ${FILES.toLocaleString('en')} policy files`, large),
  ];
  const [bare, help, , files] = measured;
  const against = (run: Measured | undefined): number => (run?.ms ?? NaN) / (bare?.ms ?? NaN);
  return {
    title: 'Start-up',
    text: `From starting the process to its end. The commands took turns, ${ROUNDS} times; the ratios are those of the fastest runs.`,
    columns: ['command', 'fastest', 'median', 'against bare Node'],
    rows: measured.map((run) => [
      run.name,
      duration(run.ms),
      duration(run.medianMs),
      ratio(against(run)),
    ]),
    targets: [
      { what: '`--help` against `node -e 0`', measured: against(help), limit: 2.5, unit: '×' },
      { what: '`validate` of 1,000 files', measured: files?.ms ?? NaN, limit: 1_000, unit: 'ms' },
    ],
  };
};

const summarise = (name: string, runs: readonly Run[]): Measured => ({
  name,
  ms: Math.min(...runs.map(({ ms }) => ms)),
  medianMs: median(runs.map(({ ms }) => ms)),
});
