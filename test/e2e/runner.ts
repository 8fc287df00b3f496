/** Runs the Action's bundle as a GitHub runner does: a process, inputs as variables, files for what it tells. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor } from './cli.js';
import type { Remote } from './clones.js';
import { TOKEN } from './fake-github.js';
import type { FakeGitHub } from './fake-github.js';

const ACTION = fileURLToPath(new URL('../../dist-action/index.js', import.meta.url));

export interface Step {
  /** What is checked out. */
  readonly workspace: string;
  readonly event: string;
  readonly payload?: unknown;
  readonly inputs: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Given the means to cancel the step, as a runner does. */
  readonly started?: (cancel: () => void) => void;
}

export interface StepResult {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** stdout without the commands that only a runner reads, and covers. */
  readonly log: string;
}

/** A runner of one organization's repository. */
export const runnerFor =
  (remote: Remote, simulator: Simulator, gitHub: FakeGitHub) =>
  async ({
    workspace,
    event,
    payload = {},
    inputs,
    env = {},
    started,
  }: Step): Promise<StepResult> => {
    const folder = await mkdtemp(join(remote.base, 'runner-'));
    const files = {
      GITHUB_EVENT_PATH: join(folder, 'event.json'),
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
    };
    await writeFile(files.GITHUB_EVENT_PATH, JSON.stringify(payload));
    await writeFile(files.GITHUB_OUTPUT, '');
    await writeFile(files.GITHUB_STEP_SUMMARY, '');
    const child = spawn(process.execPath, [ACTION], {
      cwd: workspace,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: remote.base,
        TMPDIR: remote.temporary,
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_ACTOR: 'jo-doe',
        GITHUB_REPOSITORY: 'example/policies',
        GITHUB_SERVER_URL: gitHub.url,
        GITHUB_API_URL: gitHub.url,
        GITHUB_GRAPHQL_URL: `${gitHub.url}/graphql`,
        GITHUB_RUN_ID: '4711',
        GITHUB_RUN_ATTEMPT: '1',
        GITHUB_WORKSPACE: workspace,
        GITHUB_EVENT_NAME: event,
        RUNNER_TEMP: folder,
        ...files,
        'INPUT_GITHUB-TOKEN': TOKEN,
        ...Object.fromEntries(
          Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
        ),
        ...environmentFor(simulator),
        ...env,
      },
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    // The second signal comes after 7.5 seconds; it must not cut off what the first one has begun.
    started?.(() => {
      child.kill('SIGINT');
      child.kill('SIGTERM');
    });
    const printed = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => (printed[name] += text));
    const [exit] = (await once(child, 'close')) as [number | null];
    return {
      exit,
      ...printed,
      outputs: parseOutputs(await readFile(files.GITHUB_OUTPUT, 'utf8')),
      summary: await readFile(files.GITHUB_STEP_SUMMARY, 'utf8'),
      log: `${printed.stdout}${printed.stderr}`
        .split('\n')
        .filter((line) => !line.startsWith('::add-mask::'))
        .join('\n'),
    };
  };

/** The file of outputs, read as a runner reads it. */
const parseOutputs = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(/^([\w-]+)<<(.+)\n([\s\S]*?)\n?\2\n/gm)].map(([, name, , value]) => [
      name,
      value,
    ]),
  ) as Readonly<Record<string, string>>;
