/** `init` as a process: what it writes, what it leaves alone, and that the rest of the program takes it. */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import type { Plan } from '../../src/domain/change.js';
import type { InitReport } from '../../src/report/init.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { expectFile } from '../support/expected.js';
import type { Workflow } from '../support/workflows.js';
import { environmentFor, repository, run } from './cli.js';
import { BILLING, settings } from './policies.js';

const FILES = [
  'wrapkeeper.yaml',
  'policies/pilot.yaml',
  'schemas/policy.schema.json',
  'schemas/settings.schema.json',
  '.gitignore',
  '.github/workflows/wrapkeeper-plan.yml',
  '.github/workflows/wrapkeeper-apply.yml',
  '.github/workflows/wrapkeeper-drift.yml',
  '.github/CODEOWNERS',
];

const simulate = async (): Promise<Simulator> => {
  const simulator = await startSimulator({ size: { queues: 12 } });
  onTestFinished(() => simulator.close());
  return simulator;
};

/** Every file below a folder with its text. */
const textsIn = async (folder: string): Promise<Readonly<Record<string, string>>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Object.fromEntries(
    await Promise.all(
      paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')]),
    ),
  ) as Record<string, string>;
};

const init = async (
  cwd: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<InitReport> => {
  const { exit, stdout, stderr } = await run(['init', ...args, '--format', 'json'], { cwd, env });
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  return JSON.parse(stdout) as InitReport;
};

describe('in an empty folder', () => {
  test('without credentials: it validates, and CI asks for the organization', async () => {
    const cwd = await repository({});
    const report = await init(cwd);
    expect(report.created.map(({ path }) => path)).toEqual(FILES);
    expect(report).toMatchObject({ organization: null, kept: [], diagnostics: [] });
    expect(report.next[0]).toContain('Name the organization in wrapkeeper.yaml');
    expect(await run(['validate'], { cwd })).toMatchObject({
      exit: 0,
      stdout: 'Valid: 2 documents in 2 files.\n',
    });
  });

  test('with credentials it names the organization, and a plan works, in CI as well', async () => {
    const simulator = await simulate();
    const env = environmentFor(simulator);
    const cwd = await repository({});
    const { id, name } = simulator.state.organization;
    expect(await init(cwd, [], env)).toMatchObject({ organization: { id, name } });
    expect(simulator.requests.total()).toBe(1);
    const { exit, stdout } = await run(['plan', '--format', 'json'], {
      cwd,
      env: { ...env, CI: 'true' },
    });
    expect(exit).toBe(0);
    expect(JSON.parse(stdout) as Plan).toMatchObject({
      organization: { id },
      queues: [],
      held: [],
    });
    // The first policy selects nothing yet: an import takes all queues.
    expect((await run(['import'], { cwd, env })).exit).toBe(0);
    const after = await run(['plan', '--detailed-exitcode'], { cwd, env });
    expect(after.exit).toBe(0);
    expect(after.stdout).toContain('All 12 governed queues match the policies.');
    expect(simulator.requests.effective()).toEqual([]);
  });

  test('credentials that do not work are told, and stop nothing', async () => {
    const simulator = await simulate();
    const cwd = await repository({});
    const env = { ...environmentFor(simulator), GENESYSCLOUD_OAUTHCLIENT_SECRET: 'canary-secret' };
    const report = await init(cwd, [], env);
    expect(report.created).toHaveLength(FILES.length);
    expect(report.diagnostics).toMatchObject([
      { code: 'genesys.login-failed', severity: 'warning' },
    ]);
    expect(JSON.stringify([report, await textsIn(cwd)])).not.toContain('canary');
  });

  test('says what it was told by flags', async () => {
    const cwd = await repository({});
    const id = '7fb334b0-0e9e-11e4-9191-0800200c9a66';
    const args = ['--region', 'mypurecloud.ie', '--organization', id, '--queue', "Joe's *"];
    await init(cwd, [...args, '--owner', '@acme/leads', '--owner', 'j.doe@example.com']);
    const texts = await textsIn(cwd);
    expect(parse(texts['wrapkeeper.yaml'] ?? '')).toMatchObject({
      organization: { id },
      region: 'mypurecloud.ie',
      journal: { branch: 'wrapkeeper-journal' },
    });
    expect(parse(texts['policies/pilot.yaml'] ?? '')).toMatchObject({
      spec: { enforcement: 'report', queues: { include: [{ name: "Joe's *" }] } },
    });
    expect(texts['.github/CODEOWNERS']).toMatch(
      /^\/policies\/allowances\/ @acme\/leads j\.doe@example\.com$/m,
    );
    expect((await run(['validate'], { cwd })).exit).toBe(0);
  });

  test('without GitHub the journal stays in a folder', async () => {
    const cwd = await repository({});
    const { created } = await init(cwd, ['--no-github']);
    expect(created.map(({ path }) => path)).toEqual(FILES.slice(0, 5));
    expect(parse(await readFile(join(cwd, 'wrapkeeper.yaml'), 'utf8'))).toMatchObject({
      journal: { folder: '.wrapkeeper' },
    });
    // Nor does a second run bring workflows that could not work with it.
    expect(await init(cwd)).toMatchObject({ created: [] });
  });

  test.each([
    [['--region', 'eu-west-9'], 'eu-west-9'],
    [['--organization', 'acme'], '"acme" is no id'],
    [['--owner', 'leads'], '"leads" is no owner'],
    [['--queue', 'a\u200Bb'], 'cannot be seen'],
  ])('%j is a mistake, and nothing is written', async (args, message) => {
    const cwd = await repository({});
    const { exit, stderr } = await run(['init', ...args], { cwd });
    expect(exit).toBe(1);
    expect(stderr).toContain(message);
    expect(await readdir(cwd)).toEqual([]);
  });
});

describe('what is there already', () => {
  test('a second run changes nothing', async () => {
    const cwd = await repository({});
    await init(cwd);
    const before = await textsIn(cwd);
    const { created, kept } = await init(cwd);
    expect(created).toEqual([]);
    expect(kept.every(({ advice }) => advice === null)).toBe(true);
    expect(await textsIn(cwd)).toEqual(before);
  });

  test('stays as it is, with advice where something is missing in it', async () => {
    const there = {
      '.gitignore': 'node_modules\n',
      CODEOWNERS: '* @acme/all\n',
      'policies/billing.yaml': BILLING,
      'wrapkeeper.yaml': settings('region: eu-west-1', 'journal: { branch: log }'),
    };
    const cwd = await repository(there);
    const { created, kept } = await init(cwd);
    expect(kept).toEqual([
      { path: 'wrapkeeper.yaml', advice: null },
      { path: '.gitignore', advice: 'is there already; add `.wrapkeeper/` to it' },
      {
        path: 'CODEOWNERS',
        advice:
          'is there already; add owners of `/wrapkeeper.yaml`, `/policies/allowances/`, `/.github/` to it',
      },
    ]);
    // A repository with policies needs no first one; and GitHub reads one CODEOWNERS alone.
    const paths = created.map(({ path }) => path);
    expect(paths).not.toContain('policies/pilot.yaml');
    expect(paths).not.toContain('.github/CODEOWNERS');
    expect(await textsIn(cwd)).toMatchObject(there);
  });

  test('below settings it says whose they are, since nothing is written to the folder itself', async () => {
    const cwd = await repository({ 'prod/x': '' });
    await init(cwd);
    const below = await init(join(cwd, 'prod'));
    expect(below.created).toEqual([]);
    const found = below.kept.find(({ path }) => path === 'wrapkeeper.yaml');
    expect(found?.advice).toContain(`in ${cwd}, and counts in all folders below it`);
    expect(await readdir(join(cwd, 'prod'))).toEqual(['x']);
  });

  test('a file that cannot be written takes the others back', async () => {
    const cwd = await repository({});
    await writeFile(join(cwd, 'schemas'), 'in the way');
    const { exit, stderr } = await run(['init'], { cwd });
    expect(exit).toBe(1);
    expect(stderr).toContain('init.unwritable');
    expect(await textsIn(cwd)).toEqual({ schemas: 'in the way' });
  });
});

describe('workflows', () => {
  const HERE = new URL('../../', import.meta.url);

  test('are those of the documentation where nothing is known', async () => {
    const cwd = await repository({});
    const { next } = await init(cwd);
    for (const name of ['plan', 'apply', 'drift']) {
      const file = `wrapkeeper-${name}.yml`;
      expect(await readFile(join(cwd, '.github/workflows', file), 'utf8')).toBe(
        await readFile(new URL(`docs/workflows/${file}`, HERE), 'utf8'),
      );
    }
    expect(next.join('\n')).toContain('in place of the zeros');
  });

  test('know the organization, and start for the folders of the settings', async () => {
    const id = '7fb334b0-0e9e-11e4-9191-0800200c9a66';
    const cwd = await repository({
      'wrapkeeper.yaml': settings(
        `organization: { id: ${id} }`,
        'policies: [common, ./teams/]',
        'journal: { branch: log }',
      ),
      'common/billing.yaml': BILLING,
      'teams/none.yaml': '',
    });
    await init(cwd);
    const texts = await textsIn(cwd);
    const apply = parse(texts['.github/workflows/wrapkeeper-apply.yml'] ?? '') as Workflow;
    expect(apply.concurrency.group).toBe(`wrapkeeper-${id}`);
    expect(apply.on['push']).toMatchObject({ paths: ['common/**', 'teams/**', 'wrapkeeper.yaml'] });
    expect(texts['.github/CODEOWNERS']).toMatch(/^# \/common\/allowances\/ .*\n# \/teams\/allow/m);
  });

  test('of a folder inside a repository stand at its top, beside those of another', async () => {
    const top = await repository({ '.git/HEAD': '', 'prod/x': '', 'test/x': '' });
    const prod = await init(join(top, 'prod'), ['--owner', '@acme/leads']);
    const paths = prod.created.map(({ path }) => path);
    expect(paths).toContain('../.github/workflows/wrapkeeper-prod-apply.yml');
    expect(prod.next.join('\n')).toContain('the check `plan (prod)`');
    const other = await init(join(top, 'test'), ['--owner', '@acme/leads']);
    expect(other.kept).toEqual([
      {
        path: '../.github/CODEOWNERS',
        advice:
          'is there already; add owners of `/test/wrapkeeper.yaml`, `/test/policies/allowances/`, `/.github/` to it',
      },
    ]);
    const texts = await textsIn(top);
    expect(Object.keys(texts).filter((path) => path.startsWith('.github/'))).toHaveLength(7);
    expect(texts['.github/CODEOWNERS']).toMatch(/^\/prod\/wrapkeeper\.yaml +@acme\/leads$/m);
    expect(parse(texts['test/wrapkeeper.yaml'] ?? '')).toMatchObject({
      journal: { branch: 'wrapkeeper-journal-test' },
    });
    for (const folder of ['prod', 'test'])
      expect(await init(join(top, folder))).toMatchObject({ created: [] });
  });
});

describe('as text', () => {
  test.each([80, 200])('it fits into %i columns', async (columns) => {
    const cwd = await repository({});
    const { stdout } = await run(['init'], { cwd, env: { COLUMNS: String(columns) } });
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    expectFile(stdout, `./expected/init-${columns}.txt`, import.meta.url);
  });
});
