/** `plan --base` and `apply --base --reviewed` over real repositories, against the simulator. */
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApplyReport, Plan } from '../../src/domain/change.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor, run } from './cli.js';
import type { Result } from './cli.js';
import { Remote } from './clones.js';
import { BILLING, settings } from './policies.js';

const CODES = ['Resolved', 'Escalated', 'Call back', 'Other'];
const SALES = `apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata: { name: sales }
spec:
  queues: { include: [{ name: Sales * }] }
  wrapupCodes: { unlisted: keep, codes: [Other, Resolved] }
`;

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({
    seed: {
      organization: { name: 'prod' },
      codes: CODES,
      queues: [
        { name: 'Billing DE', codes: CODES.slice(0, 3) },
        { name: 'Billing EN', codes: ['Resolved'] },
        { name: 'Sales EN', codes: ['Other'] },
        { name: 'Support', codes: [] },
      ],
    },
  });
});
afterEach(() => simulator.close());

/** A clone on a branch that adds a policy for the sales queues, with the remote's main beside it. */
const branched = async (
  files: Readonly<Record<string, string>> = { 'policies/billing.yaml': BILLING },
  added: Readonly<Record<string, string>> = { 'policies/sales.yaml': SALES },
): Promise<{ readonly remote: Remote; readonly clone: string }> => {
  const remote = await Remote.with(files);
  const clone = remote.clone();
  remote.in(clone, 'switch', '--quiet', '--create', 'sales');
  await remote.commit(clone, added, 'sales');
  return { remote, clone };
};

const cli = (cwd: string, args: readonly string[], env = {}): Promise<Result> =>
  run(args, { cwd, env: { ...environmentFor(simulator), ...env } });

const planned = async (cwd: string, ...args: readonly string[]): Promise<Plan> => {
  const { exit, stdout, stderr } = await cli(cwd, ['plan', '--format', 'json', ...args]);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  return JSON.parse(stdout) as Plan;
};

const failing = async (cwd: string, ...args: readonly string[]): Promise<unknown> => {
  const { exit, stdout } = await cli(cwd, ['--format', 'json', ...args]);
  const { diagnostics } = JSON.parse(stdout) as ApplyReport;
  const [{ code, remedy } = { code: '', remedy: '' }] = diagnostics;
  return { exit, code, remedy };
};

const namesOf = ({ queues, base }: Plan): readonly string[] =>
  queues.filter(({ id }) => base?.queues.includes(id)).map(({ name }) => name);

describe('plan --base', () => {
  test('tells the branch from what was pending, with one live read and no touch of the clone', async () => {
    const { remote, clone } = await branched();
    const before = await remote.stateOf(clone);
    const plan = await planned(clone, '--base', 'main');
    expect(plan.queues.map(({ name }) => name)).toEqual(['Billing DE', 'Billing EN', 'Sales EN']);
    expect(namesOf(plan)).toEqual(['Sales EN']);
    expect(plan.base).toMatchObject({
      ref: 'main',
      commit: remote.git('rev-parse', 'main'),
      incomparable: null,
      newlyGoverned: [{ name: 'Sales EN' }],
      noLongerGoverned: [],
    });
    // Whose organization it is, queues, codes, and the codes of three queues.
    expect(simulator.requests.total()).toBe(3 + 3);
    expect(simulator.requests.effective()).toEqual([]);
    expect(await remote.stateOf(clone)).toEqual(before);
  });

  test('is a verdict for people, and leaves no file behind', async () => {
    const { remote, clone } = await branched();
    const env = { TMPDIR: remote.temporary };
    const markdown = await cli(clone, ['plan', '--base', 'main', '--format', 'markdown'], env);
    expect(markdown.stdout).toMatch(
      /^\*\*OK\*\* · <code>prod<\/code>: this change touches 1 of 3 queues · guards: pass\\\n/,
    );
    const text = await cli(clone, ['plan', '--base', 'main'], { ...env, COLUMNS: '80' });
    expect(text.stdout).toMatch(/^OK: prod, this change touches 1 of 3 queues; guards: pass\n/);
    expect(await readdir(remote.temporary)).toEqual([]);
  });

  test('costs the codes of a queue that only the base governs, and no other request', async () => {
    const { clone } = await branched(
      { 'policies/billing.yaml': BILLING, 'policies/sales.yaml': SALES },
      { 'README.md': 'No more sales.' },
    );
    await rm(join(clone, 'policies/sales.yaml'));
    const plan = await planned(clone, '--base', 'main');
    expect(plan.base).toMatchObject({ queues: [], noLongerGoverned: [{ name: 'Sales EN' }] });
    expect(plan.base?.settled).toEqual(plan.base?.noLongerGoverned);
    expect(simulator.requests.total()).toBe(3 + 3);
  });

  test('takes the settings of the base, and those of --config', async () => {
    const { clone } = await branched(
      {
        'orgs/prod.yaml': settings('policies: [rules]', 'guards: { codesPerQueue: 50 }'),
        'rules/billing.yaml': BILLING,
      },
      { 'orgs/prod.yaml': settings('policies: [rules]', 'guards: { codesPerQueue: 90 }') },
    );
    const plan = await planned(clone, '--base', 'main', '--config', 'orgs/prod.yaml');
    expect(plan.base).toMatchObject({
      queues: [],
      marks: [{ kind: 'setting-loosened', name: 'guards.codesPerQueue', detail: '50 → 90' }],
    });
  });

  test('works in a folder of a larger repository', async () => {
    const { clone } = await branched(
      {
        'contact centre/ü/wrapkeeper.yaml': settings('region: us-east-1'),
        'contact centre/ü/policies/billing.yaml': BILLING,
        'elsewhere/policies/broken.yaml': 'no: policy',
      },
      { 'contact centre/ü/policies/sales.yaml': SALES },
    );
    expect(namesOf(await planned(join(clone, 'contact centre/ü'), '--base', 'main'))).toEqual([
      'Sales EN',
    ]);
  });

  test('begins where there was no policy yet', async () => {
    const { clone } = await branched(
      { 'README.md': 'Soon.' },
      { 'policies/billing.yaml': BILLING },
    );
    const plan = await planned(clone, '--base', 'main');
    expect(plan.diagnostics).toEqual([]);
    expect(plan.base).toMatchObject({
      incomparable: null,
      newlyGoverned: [{ name: 'Billing DE' }, { name: 'Billing EN' }],
    });
    expect(plan.base?.digest).toBe(plan.digest);
  });

  test('is not stopped by what is wrong with the base', async () => {
    const { clone } = await branched(
      { 'policies/billing.yaml': 'kind: Nonsense' },
      { 'policies/billing.yaml': BILLING },
    );
    const plan = await planned(clone, '--base', 'main');
    expect(plan.diagnostics.map(({ code }) => code)).toContain('plan.base-broken');
    expect(plan.base?.digest).toBe(plan.digest);
  });

  test('follows no link of the base that leads out of it', async () => {
    const { remote, clone } = await branched();
    remote.in(clone, 'switch', '--quiet', 'main');
    await mkdir(join(remote.base, 'outside'));
    await writeFile(join(remote.base, 'outside/sales.yaml'), SALES);
    await symlink('../../outside/sales.yaml', join(clone, 'policies/outside.yaml'));
    await remote.commit(clone, {});
    remote.in(clone, 'switch', '--quiet', 'sales');
    const plan = await planned(clone, '--base', 'main');
    expect(plan.base?.incomparable).not.toBeNull();
    expect(namesOf(plan)).toContain('Sales EN');
  });

  test('tells where the base went on without the branch', async () => {
    const { remote, clone } = await branched();
    remote.in(clone, 'switch', '--quiet', 'main');
    await remote.commit(clone, {
      'policies/support.yaml': SALES.replace(/[Ss]ales( \*)?/g, 'Support'),
    });
    remote.in(clone, 'switch', '--quiet', 'sales');
    const plan = await planned(clone, '--base', 'main');
    expect(plan.diagnostics.map(({ code }) => code)).toEqual(['plan.base-diverged']);
    expect(plan.base?.noLongerGoverned).toMatchObject([{ name: 'Support' }]);
  });

  test('seals what it says', async () => {
    const { clone } = await branched();
    const plan = await planned(clone, '--base', 'main');
    await writeFile(
      join(clone, 'edited.json'),
      JSON.stringify({ ...plan, base: { ...plan.base, queues: [] } }),
    );
    expect(await failing(clone, 'apply', 'edited.json')).toMatchObject({
      exit: 5,
      code: 'plan.edited',
    });
  });
});

describe('a base that is not there', () => {
  test('by its name', async () => {
    const { clone } = await branched();
    expect(await failing(clone, 'plan', '--base', 'mian')).toMatchObject({
      exit: 1,
      code: 'plan.base-unknown',
      remedy: expect.stringContaining('git fetch origin mian') as string,
    });
  });

  test('in a shallow clone', async () => {
    const { remote } = await branched();
    const shallow = remote.clone('--depth=1', '--branch=sales');
    expect(await failing(shallow, 'plan', '--base', 'main')).toMatchObject({
      exit: 1,
      code: 'plan.base-unknown',
      remedy: expect.stringContaining('fetch-depth: 0') as string,
    });
    remote.in(shallow, 'fetch', '--quiet', '--depth=1', 'origin', 'main');
    expect(namesOf(await planned(shallow, '--base', 'FETCH_HEAD'))).toEqual(['Sales EN']);
  });

  test('outside of a repository', async () => {
    const { clone } = await branched();
    await rm(join(clone, '.git'), { recursive: true });
    expect(await failing(clone, 'plan', '--base', 'main')).toMatchObject({
      exit: 1,
      code: 'plan.base-unknown',
    });
  });

  test('because it is no reference', async () => {
    const { clone } = await branched();
    expect(await failing(clone, 'plan', '--base=--upload-pack=x')).toMatchObject({
      exit: 1,
      code: 'cli.usage',
    });
  });
});

describe('apply --base --reviewed', () => {
  const apply = async (cwd: string, digest: string) => {
    const args = ['apply', '--format', 'json', '--base', 'main', '--reviewed', digest];
    const { exit, stdout } = await cli(cwd, args);
    return { exit, report: JSON.parse(stdout) as ApplyReport };
  };

  test('writes the rows of the branch and no other', async () => {
    const { clone } = await branched();
    const { base } = await planned(clone, '--base', 'main');
    const { exit, report } = await apply(clone, base?.digest ?? '');
    expect(exit).toBe(0);
    expect(report).toMatchObject({ outcome: 'applied', planDigest: base?.digest });
    expect(report.queues.map(({ name }) => name)).toEqual(['Sales EN']);
    expect(simulator.requests.effective()).toHaveLength(1);
    const after = await planned(clone, '--base', 'main');
    expect(after.queues.map(({ name }) => name)).toEqual(['Billing DE', 'Billing EN']);
    expect(after.base?.queues).toEqual([]);
  });

  test('is not disturbed by drift elsewhere', async () => {
    const { clone } = await branched();
    const { base } = await planned(clone, '--base', 'main');
    simulator.admin.addCode('Billing EN', 'Other');
    expect((await apply(clone, base?.digest ?? '')).exit).toBe(0);
  });

  test('is not refused by what is pending where nothing of the branch is left to write', async () => {
    const { clone } = await branched(
      {
        'policies/billing.yaml': BILLING.replace('[Resolved, Escalated, Call back]', '[Resolved]'),
        'wrapkeeper.yaml': settings('guards: { codesRemoved: { percent: 1, count: 1, floor: 1 } }'),
      },
      { 'policies/sales.yaml': SALES.replace('[Other, Resolved]', '[Other]') },
    );
    const plan = await planned(clone, '--base', 'main');
    expect(plan.guards).toContainEqual(expect.objectContaining({ verdict: 'refuse' }));
    const { exit, report } = await apply(clone, `sha256:${'0'.repeat(64)}`);
    expect({ exit, outcome: report.outcome }).toEqual({ exit: 0, outcome: 'nothing' });
    // With anything to write, they count over all of it.
    await writeFile(join(clone, 'policies/sales.yaml'), SALES);
    const { base } = await planned(clone, '--base', 'main');
    expect(await apply(clone, base?.digest ?? '')).toMatchObject({
      exit: 4,
      report: { outcome: 'refused' },
    });
    expect(simulator.requests.effective()).toEqual([]);
  });

  test('refuses where the change is another one by now', async () => {
    const { clone } = await branched();
    const { base } = await planned(clone, '--base', 'main');
    await writeFile(join(clone, 'policies/sales.yaml'), SALES.replace('Resolved', 'Escalated'));
    const { exit, report } = await apply(clone, base?.digest ?? '');
    expect(exit).toBe(5);
    expect(report).toMatchObject({
      outcome: 'stale',
      queues: [{ name: 'Sales EN', outcome: 'stale' }],
    });
    expect(report.diagnostics.map(({ code }) => code)).toEqual(['plan.not-reviewed']);
    expect(simulator.requests.effective()).toEqual([]);
  });

  test.each([
    [['--base', 'main']],
    [['--reviewed', `sha256:${'0'.repeat(64)}`]],
    [['--base', 'main', '--reviewed', `sha256:${'0'.repeat(64)}`, 'plan.json']],
  ])('does not go with %j', async (args) => {
    const { clone } = await branched();
    await writeFile(join(clone, 'plan.json'), JSON.stringify(await planned(clone)));
    expect(await failing(clone, 'apply', ...args)).toMatchObject({ exit: 1, code: 'cli.usage' });
  });
});
