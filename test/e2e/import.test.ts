/** `import` over HTTP: what is written, what is read for it, and what a plan and an apply make of it. */
import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Plan } from '../../src/domain/change.js';
import type { ImportReport } from '../../src/report/import.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor, repository, run } from './cli.js';
import type { Result } from './cli.js';
import { BILLING, settings } from './policies.js';

const FAST = settings('limits: { requestsPerMinute: 1000000 }');
const SEED = {
  organization: { name: 'Example Contact Centre' },
  divisions: [{ name: 'Home' }, { name: 'Retail' }],
  codes: ['Resolved', 'Escalated', 'Call back'],
  queues: [
    { name: 'Billing DE', division: 'Retail', codes: ['Resolved', 'Escalated'] },
    { name: 'Billing EN', division: 'Retail', codes: ['Escalated', 'Resolved'] },
    { name: 'yes', division: 'Home', codes: ['Call back'] },
    {
      name: 'Test*',
      division: 'Home',
      codes: [],
      acwSettings: { wrapupPrompt: 'MANDATORY', timeoutMs: 0 },
    },
  ],
};

let simulator: Simulator;
afterEach(() => simulator.close());

const simulate = async (options: SimulatorOptions): Promise<void> => {
  simulator = await startSimulator({ limits: { perToken: null, perClient: null }, ...options });
};

const cli = (cwd: string, ...args: readonly string[]): Promise<Result> =>
  run(args, { cwd, env: environmentFor(simulator) });

const json = async <Report>(cwd: string, ...args: readonly string[]): Promise<Report> => {
  const { exit, stdout, stderr } = await cli(cwd, ...args, '--format', 'json');
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  return JSON.parse(stdout) as Report;
};

const EMPTY = { queues: [], held: [], catalog: { create: [], rename: [] }, diagnostics: [] };

describe('an organization of 300 queues', () => {
  test('is imported with the fewest reads, plans to nothing, and can be enforced', async () => {
    await simulate({ size: { queues: 300 } });
    const cwd = await repository({ 'wrapkeeper.yaml': FAST });
    const report = await json<ImportReport>(cwd, 'import');
    expect(report.summary).toMatchObject({ queuesSelected: 300, queuesImported: 300 });
    // Whose organization it is, both lists, and one list of codes a queue.
    expect(simulator.requests.total()).toBe(1 + 1 + 1 + 300);
    expect(report.requests.sent).toBe(303);
    expect(await readdir(join(cwd, 'policies'))).toEqual(
      expect.arrayContaining(report.files.map(({ path }) => path.replace('policies/', ''))),
    );

    expect((await cli(cwd, 'validate')).exit).toBe(0);
    const plan = await json<Plan>(cwd, 'plan', '--detailed-exitcode');
    expect(plan).toMatchObject({ ...EMPTY, summary: { queuesGoverned: 300, queuesInSync: 300 } });
    expect(simulator.requests.effective()).toEqual([]);

    // Enforced, they still ask for nothing; an admin's change is taken back.
    const [first] = report.files;
    const path = join(cwd, first?.path ?? '');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replaceAll('\n  enforcement: report', '\n  enforcement: enforce'));
    expect(await json<Plan>(cwd, 'plan', '--detailed-exitcode')).toMatchObject(EMPTY);
    const applied = await cli(cwd, 'apply', '--auto-approve');
    expect(applied).toMatchObject({ exit: 0 });
    expect(simulator.requests.effective()).toEqual([]);
  });
});

describe('what is written', () => {
  const importHere = async (files: Readonly<Record<string, string>> = {}) => {
    await simulate({ seed: SEED });
    const cwd = await repository(files);
    return { cwd, result: await cli(cwd, 'import') };
  };

  test('is told, with what was left alone and why', async () => {
    const { cwd, result } = await importHere();
    expect(result).toMatchObject({ exit: 0, stderr: '' });
    expect(result.stdout).toBe(`Example Contact Centre in us-east-1

+ policies/home.yaml    2 queues in 2 policies
+ policies/retail.yaml  2 queues in 1 policy

! The wrap-up codes of 1 queue are left alone: MANDATORY needs a code to choose,
  and the queue has none.
    Test*

Imported 4 of 4 queues into 2 files, with \`enforcement: report\`: nothing is
written by them yet.
Next: \`wrapkeeper plan\`, which finds nothing to change in them. Commit the
files; then change \`enforcement\` to \`enforce\`, one document after the other.
Editors complete and check them by schemas/policy.schema.json, which
\`wrapkeeper init\` writes.
`);
    const home = await readFile(join(cwd, 'policies/home.yaml'), 'utf8');
    expect(home).toContain("- name: 'Test\\*'");
    expect(home).toContain("- name: 'yes'");
  });

  test('an apply corrects what is changed by hand, once it is enforced', async () => {
    const { cwd } = await importHere();
    const path = join(cwd, 'policies/retail.yaml');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace("- 'Escalated'", "- 'Call back'"));
    const reported = await json<Plan>(cwd, 'plan');
    expect(reported).toMatchObject({ queues: [], held: [{ by: 'report' }, { by: 'report' }] });
    await writeFile(
      path,
      text
        .replace("- 'Escalated'", "- 'Escalated'\n      - 'Call back'")
        .replace('\n  enforcement: report', '\n  enforcement: enforce'),
    );
    const { exit, stdout } = await cli(cwd, 'apply', '--auto-approve', '--format', 'json');
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'applied',
      queues: [
        { name: 'Billing DE', outcome: 'applied' },
        { name: 'Billing EN', outcome: 'applied' },
      ],
    });
  });

  test('is the same, byte by byte, when it is written again', async () => {
    const { cwd } = await importHere();
    await cli(cwd, 'import', '--out', 'again');
    for (const file of ['home.yaml', 'retail.yaml']) {
      expect(await readFile(join(cwd, 'policies', file), 'utf8')).toContain('QueuePolicy');
      await expect(readFile(join(cwd, 'again', file))).rejects.toThrow('ENOENT');
    }
    const other = await repository({});
    await cli(other, 'import');
    for (const file of ['home.yaml', 'retail.yaml'])
      expect(await readFile(join(other, 'policies', file), 'utf8')).toBe(
        await readFile(join(cwd, 'policies', file), 'utf8'),
      );
  });

  test.each([80, 200])('no line of the report is wider than %i columns', async (columns) => {
    await simulate({ size: { queues: 60 } });
    const cwd = await repository({ 'wrapkeeper.yaml': FAST });
    const { stdout } = await run(['import'], {
      cwd,
      env: { ...environmentFor(simulator), COLUMNS: String(columns) },
    });
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(
      columns,
    );
  });
});

describe('what is there already', () => {
  test('refuses the whole import before queues are read, and is named', async () => {
    await simulate({ seed: SEED });
    const cwd = await repository({ 'policies/nested/x.yaml': BILLING.replace('Billing *', 'yes') });
    await mkdir(join(cwd, 'policies'), { recursive: true });
    await symlink('nowhere', join(cwd, 'policies/retail.yaml'));
    const { exit, stdout } = await cli(cwd, 'import', '--format', 'json');
    expect(exit).not.toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'Error' });
    expect(await readdir(join(cwd, 'policies'))).toEqual(['nested', 'retail.yaml']);
  });

  test('a second import changes nothing and names the files', async () => {
    await simulate({ seed: SEED });
    const cwd = await repository({});
    await cli(cwd, 'import');
    const before = await readFile(join(cwd, 'policies/home.yaml'), 'utf8');
    simulator.requests.clear();
    const { exit, stdout, stderr } = await cli(cwd, 'import');
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
      'error import.exists 2 files are there already, and nothing was written: policies/home.yaml, policies/retail.yaml. help: ',
    );
    expect(simulator.requests.total()).toBe(3);
    expect(await readFile(join(cwd, 'policies/home.yaml'), 'utf8')).toBe(before);
  });

  test('queues that policies govern are left to them', async () => {
    await simulate({ seed: SEED });
    const cwd = await repository({ 'policies/billing.yaml': BILLING });
    const report = await json<ImportReport>(cwd, 'import');
    expect(report.files.map(({ path }) => path)).toEqual(['policies/home.yaml']);
    expect(report.governed).toMatchObject([
      { name: 'Billing DE', division: 'Retail', policies: ['billing'] },
      { name: 'Billing EN', division: 'Retail', policies: ['billing'] },
    ]);
  });

  test('policies that do not hold stop it', async () => {
    await simulate({ seed: SEED });
    const cwd = await repository({ 'policies/billing.yaml': BILLING.replace('Billing *', 'Nope') });
    const { exit, stderr } = await cli(cwd, 'import');
    expect(exit).toBe(6);
    expect(stderr).toContain('reference.unknown-queue');
  });
});

describe('choosing', () => {
  test('by queue and by division', async () => {
    await simulate({ seed: SEED });
    const cwd = await repository({});
    const report = await json<ImportReport>(cwd, 'import', '--division', 'Re*', '--queue', '* DE');
    expect(report.files).toEqual([
      { path: 'policies/retail.yaml', policies: 1, queues: 1, nearlyLike: 0 },
    ]);
    expect(simulator.requests.total()).toBe(1 + 1 + 1 + 1);
  });

  test.each([
    [['--queue', 'Biling DE'], '--queue "Biling DE" matches no queue.', 'Billing DE'],
    [['--division', 'Retial'], '--division "Retial" matches no division with queues.', 'Retail'],
  ])('%j is a mistake', async (args, message, near) => {
    await simulate({ seed: SEED });
    const cwd = await repository({});
    const { exit, stderr } = await cli(cwd, 'import', ...args);
    expect(exit).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).toContain(`Did you mean "${near}"?`);
    expect(simulator.requests.total()).toBe(3);
  });

  test('a folder that no plan reads is told', async () => {
    await simulate({ seed: SEED });
    const cwd = await repository({});
    const report = await json<ImportReport>(cwd, 'import', '--out', 'draft');
    expect(report.files[0]?.path).toBe('draft/home.yaml');
    expect(report.diagnostics).toMatchObject([{ code: 'import.not-read', severity: 'warning' }]);
    expect(await readFile(join(cwd, 'draft/home.yaml'), 'utf8')).toContain(
      '$schema=../schemas/policy.schema.json',
    );
  });

  test('another organization than that of the settings is refused', async () => {
    await simulate({ seed: SEED });
    const cwd = await repository({
      'wrapkeeper.yaml': settings('organization: { id: 00000000-0000-4000-8000-000000000000 }'),
    });
    const { exit, stderr } = await cli(cwd, 'import');
    expect(exit).toBe(1);
    expect(stderr).toContain('genesys.wrong-organization');
  });
});

test('behind a gateway the rows are imported too, and plan to nothing', async () => {
  await simulate({ size: { queues: 40 }, api: 'wrapupcodes-put' });
  const cwd = await repository({
    'wrapkeeper.yaml': `${FAST}api: wrapupcodes-put\n`,
  });
  const report = await json<ImportReport>(cwd, 'import');
  expect(report.summary.queuesImported).toBe(40);
  expect(await json<Plan>(cwd, 'plan', '--detailed-exitcode')).toMatchObject({
    queues: [],
    held: [],
  });
});
