/** Runs the built command line as a process, in a repository of its own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.js';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface RunOptions {
  readonly cwd?: string;
  /** All of the environment but PATH and HOME: nothing of this machine leaks in. */
  readonly env?: Readonly<Record<string, string>>;
  /** What stands on stdin before it ends. */
  readonly input?: string;
  /** For Node itself, before the program. */
  readonly nodeOptions?: readonly string[];
}

export interface Result {
  /** The exit code, or the signal that ended the process. */
  readonly exit: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** What was printed so far. */
  readonly output: { stdout: string; stderr: string };
  readonly result: Promise<Result>;
}

/** Starts the program. Whatever happens to the test, the process ends with it. */
export const start = (args: readonly string[], options: RunOptions = {}): Running => {
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), MAIN, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), ...options.env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const result = once(child, 'close').then(([code, signal]): Result => ({
    exit: (code as number | null) ?? (signal as NodeJS.Signals),
    ...output,
  }));
  return { child, output, result };
};

/** Runs the program to its end. */
export const run = (args: readonly string[], options: RunOptions = {}): Promise<Result> =>
  start(args, options).result;

/** Resolves once the running program has printed a text. */
export const printed = (
  { child, output, result }: Running,
  stream: 'stdout' | 'stderr',
  text: string,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const look = (): void => {
      if (output[stream].includes(text)) resolve();
    };
    child[stream]?.on('data', look);
    void result.then((end) => reject(new Error(`ended without it: ${JSON.stringify(end)}`)));
    look();
  });

/** A folder with these files, gone after the test. */
export const repository = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'wrapkeeper-e2e-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
};

/** The variables that lead to a simulator. */
export const environmentFor = (simulator: Simulator): Record<string, string> => ({
  GENESYSCLOUD_OAUTHCLIENT_ID: simulator.clientId,
  GENESYSCLOUD_OAUTHCLIENT_SECRET: simulator.clientSecret,
  GENESYSCLOUD_GATEWAY_HOST: simulator.host,
  GENESYSCLOUD_GATEWAY_PORT: String(simulator.port),
  GENESYSCLOUD_GATEWAY_PROTOCOL: 'http',
});
