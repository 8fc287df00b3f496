/** The commands of the command line, run in this process: the Action has no second way to do anything. */
import { Readable } from 'node:stream';
import { runCli } from '../cli/program.js';
import type { ExitCode } from '../domain/codes.js';
import type { World } from './world.js';

/** What a command ended with. */
export interface Ran {
  readonly exit: ExitCode;
  /** What it printed as JSON. */
  readonly printed: unknown;
}

/** Where the commands work. */
export interface Place {
  /** Absolute. */
  readonly folder: string;
  /** As written, or null. */
  readonly settings: string | null;
}

/**
 * Runs one command to its end, with `--format json`. Its result is taken from its stdout; what it tells goes
 * where ours goes.
 */
export const runCommand = async (
  world: World,
  { folder, settings }: Place,
  args: readonly string[],
): Promise<Ran> => {
  const printed: string[] = [];
  const config = settings === null ? [] : ['--config', settings];
  const exit = await runCli({
    ...world,
    argv: ['-C', folder, ...config, '--format', 'json', ...args],
    // Nobody is there to be asked.
    stdin: Readable.from([]),
    stdout: {
      write: (text, done) => {
        printed.push(text);
        done();
      },
    },
  });
  return { exit, printed: JSON.parse(printed.join('')) as unknown };
};
