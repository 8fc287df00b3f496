/** Processes, and how long they take. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { SourceFile } from '../src/policy/source.js';

/** The repository: this file runs as `bench/dist/bench/run.js`. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** The command line as it is installed. */
export const WRAPKEEPER = join(ROOT, 'dist/cli/main.js');

export interface Run {
  /** From before the process was started until it had ended. */
  readonly ms: number;
  readonly stdout: string;
}

/** Runs Node to its end. Nothing of this environment but PATH reaches it; an exit code other than 0 is an error. */
export const runNode = async (
  args: readonly string[],
  { cwd = ROOT, env = {} }: { readonly cwd?: string; readonly env?: Record<string, string> } = {},
): Promise<Run> => {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  const [exit] = (await once(child, 'close')) as [number | null];
  const ms = performance.now() - startedAt;
  if (exit !== 0)
    throw new Error(
      `node ${args.join(' ')} ended with ${String(exit)}\n${output.stderr}${output.stdout}`,
    );
  return { ms, stdout: output.stdout };
};

/** Gives a folder with these files to `use`, and removes it afterwards. */
export const withFolder = async <Result>(
  files: readonly SourceFile[],
  use: (folder: string) => Promise<Result>,
): Promise<Result> => {
  const folder = await mkdtemp(join(tmpdir(), 'wrapkeeper-bench-'));
  try {
    for (const { path, text } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Does something so often, one after the other. */
export const repeat = async <Result>(
  times: number,
  run: () => Promise<Result>,
): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (let count = 0; count < times; count += 1) results.push(await run());
  return results;
};

export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
