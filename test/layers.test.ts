import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const run = promisify(execFile);

/** Plants one file in a copy of the layout, and returns the rules that the linter says it breaks. */
const brokenRules = async (folder: string, source: string): Promise<readonly string[]> => {
  const file = path.join(place, 'src', folder, 'planted.ts');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, source);
  const lint = run(
    path.join(root, 'node_modules/.bin/oxlint'),
    ['-c', '.oxlintrc.json', '--format', 'json', file],
    {
      cwd: place,
    },
  );
  const { stdout } = await lint.catch((error: { stdout: string }) => error);
  await rm(file);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly { code: string }[] };
  return diagnostics.map(({ code }) => code);
};

let place: string;
beforeAll(async () => {
  place = await mkdtemp(path.join(root, 'node_modules', '.layers-'));
  const { copyFile } = await import('node:fs/promises');
  await copyFile(path.join(root, '.oxlintrc.json'), path.join(place, '.oxlintrc.json'));
});
afterAll(() => rm(place, { recursive: true }));

const IMPORTS = 'eslint(no-restricted-imports)';
const use = (from: string): string =>
  `import { thing } from '${from}';\nexport const used = [thing];\n`;

describe('the linter refuses', () => {
  it.each([
    ['domain', '../policy/model.js'],
    ['policy', '../resolve/model.js'],
    ['resolve', '../diff/detect-drift.js'],
    ['diff', '../plan/build-plan.js'],
    ['plan', '../apply/ports.js'],
    ['apply', '../genesys/client.js'],
    ['apply', '../reconcile.js'],
    ['genesys', '../report/json.js'],
    ['report', '../genesys/client.js'],
    ['git', '../cli/program.js'],
    ['journal', '../webhooks/deliver.js'],
    ['daemon', '../cli/program.js'],
    ['daemon', '../genesys/client.js'],
    ['genesys', '../daemon/daemon.js'],
    ['simulator', '../domain/ids.js'],
    ['domain', 'node:fs'],
    ['plan', 'node:fs/promises'],
    ['policy', 'undici'],
    ['apply', 'p-queue'],
    ['report', 'purecloud-platform-client-v2'],
    ['cli', 'purecloud-platform-client-v2'],
    ['simulator', 'purecloud-platform-client-v2'],
  ])('%s importing %s', async (folder, from) => {
    expect(await brokenRules(folder, use(from))).toContain(IMPORTS);
  });

  it.each([
    ['resolve', 'export const now = Date.now();\n', 'eslint(no-restricted-properties)'],
    ['plan', 'export const chance = Math.random();\n', 'eslint(no-restricted-properties)'],
    ['policy', 'export const env = process.env;\n', 'eslint(no-restricted-properties)'],
    ['diff', 'setTimeout(() => {}, 1);\n', 'eslint(no-restricted-globals)'],
  ])('%s saying %s', async (folder, source, rule) => {
    expect(await brokenRules(folder, source)).toContain(rule);
  });
});

describe('the linter allows', () => {
  it.each([
    ['plan', '../domain/ids.js'],
    ['apply', '../plan/cost.js'],
    ['genesys', '../apply/ports.js'],
    ['cli', '../genesys/client.js'],
    ['daemon', '../reconcile.js'],
    ['daemon', '../webhooks/sign.js'],
    ['plan', 'node:crypto'],
  ])('%s importing %s', async (folder, from) => {
    expect(await brokenRules(folder, use(from))).toEqual([]);
  });
});
