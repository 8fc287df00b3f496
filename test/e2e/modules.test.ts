import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import { environmentFor, repository, run } from './cli.js';
import { BILLING } from './policies.js';

const TRACE = fileURLToPath(new URL('trace-modules.mjs', import.meta.url));

/** Names of the packages that a run has loaded, our own files left out. */
const packagesOf = async (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> => {
  const cwd = await repository({ 'policies/billing.yaml': BILLING });
  const file = join(cwd, 'modules.txt');
  const result = await run(args, {
    cwd,
    env: { ...env, MODULES_FILE: file },
    nodeOptions: ['--import', TRACE],
  });
  expect(result).toMatchObject({ exit: 0, stderr: '' });
  const urls = (await readFile(file, 'utf8')).split('\n');
  const names = urls.flatMap(
    (url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? [],
  );
  return [...new Set(names)].sort();
};

test.each([[['--help']], [['plan', '--help']], [['--version']]])(
  '%j loads commander alone',
  async (args) => {
    expect(await packagesOf(args)).toEqual(['commander']);
  },
);

test('validate loads what reads YAML, and nothing that speaks to a network or to git', async () => {
  const packages = await packagesOf(['validate']);
  expect(packages).toEqual(expect.arrayContaining(['commander', 'yaml', 'zod']));
  for (const heavy of ['purecloud-platform-client-v2', 'undici', 'simple-git', 'axios', 'pino'])
    expect(packages).not.toContain(heavy);
});

test('the trace sees what plan loads', async () => {
  const simulator = await startSimulator({ size: { queues: 9 } });
  const packages = await packagesOf(['plan'], environmentFor(simulator));
  await simulator.close();
  expect(packages).toEqual(
    expect.arrayContaining(['purecloud-platform-client-v2', 'undici', 'simple-git', 'pino']),
  );
});
