/** Two organizations in one repository: what `docs/github.md` tells about them, and the workflows that `init` writes. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { ownSteps } from '../support/workflows.js';
import type { Workflow } from '../support/workflows.js';
import { run } from './cli.js';
import { Remote } from './clones.js';
import { FakeGitHub } from './fake-github.js';
import { BILLING, settings } from './policies.js';
import { runnerFor } from './runner.js';
import type { StepResult } from './runner.js';

const ORGANIZATIONS = {
  prod: '8f1c2d3e-4a5b-4c6d-8e7f-901234567890',
  test: '9a1c2d3e-4a5b-4c6d-8e7f-901234567891',
} as const;
type Folder = keyof typeof ORGANIZATIONS;
const FOLDERS = ['prod', 'test'] as const;
const MORE = BILLING.replace('Call back]', 'Call back, Sold]');
/** It starts a dozen processes, one after the other. */
const LONG_MS = 240_000;

interface Repository {
  readonly remote: Remote;
  readonly gitHub: FakeGitHub;
  readonly simulators: Readonly<Record<Folder, Simulator>>;
  /** A branch with these changes, as a pull request shows it; and its merge. */
  readonly change: (files: Readonly<Record<string, string>>) => Promise<Change>;
}

interface Change {
  readonly clone: string;
  readonly plan: (of: Folder, inputs: Inputs) => Promise<StepResult>;
  readonly applyMerged: (of: Folder, inputs: Inputs) => Promise<StepResult>;
}

type Inputs = Readonly<Record<string, string>>;

const simulate = async (of: Folder): Promise<Simulator> => {
  const codes = ['Resolved', 'Escalated', 'Call back'];
  const acwSettings = { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 };
  const simulator = await startSimulator({
    seed: {
      organization: { id: ORGANIZATIONS[of], name: `Example ${of}` },
      codes: [...codes, 'Sold'],
      queues: [{ name: 'Billing DE', codes, acwSettings }],
    },
  });
  onTestFinished(() => simulator.close());
  return simulator;
};

const settingsOf = (of: Folder, ...lines: readonly string[]): string =>
  settings(
    `organization: { id: ${ORGANIZATIONS[of]} }`,
    'settleFor: 1s',
    `journal: { branch: wrapkeeper-journal-${of} }`,
    ...lines,
  );

const open = async (files: Readonly<Record<string, string>>): Promise<Repository> => {
  const simulators = { prod: await simulate('prod'), test: await simulate('test') };
  const gitHub = await FakeGitHub.start();
  onTestFinished(() => gitHub.close());
  const remote = await Remote.with(files);
  const step = (of: Folder) => runnerFor(remote, simulators[of], gitHub);
  const change: Repository['change'] = async (changed) => {
    const clone = remote.clone();
    const base = remote.in(clone, 'rev-parse', 'HEAD');
    remote.in(clone, 'checkout', '--quiet', '-b', 'change');
    await remote.commit(clone, changed, 'change');
    const head = remote.in(clone, 'rev-parse', 'HEAD');
    const repo = { full_name: 'example/policies' };
    const pull = { number: 1, head: { sha: head, repo }, base: { sha: base, ref: 'main', repo } };
    gitHub.pulls.set(head, [
      { number: 1, merged_at: '2026-11-26T03:00:00Z', merge_commit_sha: head },
    ]);
    return {
      clone,
      plan: (of, inputs) =>
        step(of)({
          workspace: clone,
          event: 'pull_request',
          payload: { pull_request: pull },
          inputs,
        }),
      applyMerged: (of, inputs) => {
        remote.in(clone, 'push', '--quiet', 'origin', `${head}:refs/heads/main`);
        const payload = { before: base, after: head, ref: 'refs/heads/main' };
        return step(of)({ workspace: remote.clone(), event: 'push', payload, inputs });
      },
    };
  };
  return { remote, gitHub, simulators, change };
};

/** The inputs of a workflow, with what its expressions come to where nothing was given by hand. */
const inputsOf = async (clone: string, file: string): Promise<Inputs> => {
  const text = await readFile(join(clone, '.github/workflows', file), 'utf8');
  const [step] = ownSteps(parse(text) as Workflow);
  return Object.fromEntries(
    Object.entries(step?.with ?? {}).map(([name, value]) => [
      name,
      String(value).replaceAll(/\$\{\{.*?\}\}/g, ''),
    ]),
  );
};

test(
  'each folder with settings of its own has its comment, its apply and its journal, by the workflows of `init`',
  async () => {
    const { remote, gitHub, simulators, change } = await open({
      'prod/wrapkeeper.yaml': settingsOf('prod'),
      'prod/policies/billing.yaml': BILLING,
      'test/wrapkeeper.yaml': settingsOf('test'),
      'test/policies/billing.yaml': BILLING,
    });
    const changed = await change({ 'prod/policies/billing.yaml': MORE });
    for (const folder of FOLDERS) {
      const cwd = join(changed.clone, folder);
      expect(await run(['init', '--yes'], { cwd })).toMatchObject({ exit: 0 });
      const inputs = await inputsOf(changed.clone, `wrapkeeper-${folder}-plan.yml`);
      expect(inputs).toEqual({ command: 'plan', 'working-directory': folder });
      const planned = await changed.plan(folder, inputs);
      expect(planned.outputs).toMatchObject({ changes: String(folder === 'prod') });
    }
    expect(gitHub.ours(1).map(({ body }) => body)).toEqual([
      expect.stringContaining(ORGANIZATIONS.prod),
      expect.stringContaining(ORGANIZATIONS.test),
    ]);
    // The credentials of one organization under the settings of the other.
    const wrong = await changed.plan('test', { command: 'plan', 'working-directory': 'prod' });
    expect(wrong.exit).not.toBe(0);
    expect(wrong.log).toContain('genesys.wrong-organization');
    const again = await changed.plan('prod', { command: 'plan', 'working-directory': 'prod' });
    expect(again.exit).toBe(0);

    for (const folder of FOLDERS) {
      const inputs = await inputsOf(changed.clone, `wrapkeeper-${folder}-apply.yml`);
      const applied = await changed.applyMerged(folder, inputs);
      expect(applied).toMatchObject({
        exit: 0,
        outputs: { outcome: folder === 'prod' ? 'applied' : 'nothing' },
      });
    }
    expect(simulators.prod.state.codesOf('Billing DE')).toContain('Sold');
    expect(simulators.test.state.codesOf('Billing DE')).not.toContain('Sold');
    expect(remote.has('wrapkeeper-journal-prod')).toBe(true);
  },
  LONG_MS,
);

test(
  'settings at the top under other names share a folder of policies',
  async () => {
    const shared = BILLING.replace('name: billing', 'name: shared');
    const { change } = await open({
      'prod.yaml': settingsOf('prod', 'policies: [common, prod]'),
      'test.yaml': settingsOf('test', 'policies: [common]'),
      'common/billing.yaml': shared,
      'prod/more.yaml': BILLING.replace('name: billing', 'name: more'),
    });
    const changed = await change({ 'common/billing.yaml': MORE });
    for (const folder of FOLDERS) {
      const { outputs } = await changed.plan(folder, {
        command: 'plan',
        settings: `${folder}.yaml`,
      });
      expect(outputs).toMatchObject({ outcome: 'planned', 'to-add': '1' });
    }
  },
  LONG_MS,
);

test(
  'the journal of one organization is refused to another',
  async () => {
    const shared = 'wrapkeeper-journal-prod';
    const { change } = await open({
      'prod.yaml': settingsOf('prod'),
      'test.yaml': settingsOf('test').replace('wrapkeeper-journal-test', shared),
      'policies/billing.yaml': BILLING,
    });
    const { applyMerged } = await change({ 'policies/billing.yaml': MORE });
    const apply = (of: Folder): Promise<StepResult> =>
      applyMerged(of, { command: 'apply', settings: `${of}.yaml` });
    expect(await apply('prod')).toMatchObject({ exit: 0, outputs: { outcome: 'applied' } });
    const refused = await apply('test');
    expect(refused.exit).not.toBe(0);
    expect(refused.log).toContain('journal.other-organization');
  },
  LONG_MS,
);
