/** Runs the program in this process: the same function of arguments, environment and streams. */
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCli } from '../../src/cli/program.js';
import type { Output } from '../../src/cli/io.js';
import type { Result, RunOptions } from './cli.js';

export const runHere = async (
  args: readonly string[],
  { cwd = '/', env = {} }: Pick<RunOptions, 'cwd' | 'env'>,
): Promise<Result> => {
  const printed = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof printed): Output => ({
    write: (text, done) => {
      printed[name] += text;
      done();
    },
  });
  const exit = await runCli({
    argv: args,
    env: { PATH: process.env['PATH'], ...env },
    cwd,
    stdin: Readable.from([]),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    clock: {
      now: () => Date.now(),
      sleep: async (ms, signal) => {
        await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
      },
    },
    signal: new AbortController().signal,
    random: () => Math.random(),
    newId: () => crypto.randomUUID(),
  });
  return { exit, ...printed };
};
