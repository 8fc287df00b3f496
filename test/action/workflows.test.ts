/** Workflows and `action.yml`: what GitHub would refuse, and what a stranger could use. */
import { readFile, readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { FAILURE_REASONS } from '../../src/action/ending.js';
import { INPUTS, readInputs } from '../../src/action/inputs.js';
import { OUTPUTS } from '../../src/action/outputs.js';
import { generatedWorkflows } from '../../src/cli/workflow-samples.js';
import { workflowFiles } from '../../src/cli/workflows.js';
import type { WorkflowFacts } from '../../src/cli/workflows.js';
import { lintWorkflow, ownSteps } from '../support/workflows.js';
import type { Workflow } from '../support/workflows.js';

const root = new URL('../../', import.meta.url);
const read = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8');
const folders = ['.github/workflows', 'docs/workflows'];
const committed = (
  await Promise.all(
    folders.map(async (folder) =>
      (await readdir(new URL(folder, root))).map((name) => `${folder}/${name}`),
    ),
  )
).flat();

const ID = '7fb334b0-0e9e-11e4-9191-0800200c9a66';
const KNOWN: WorkflowFacts = {
  organizationId: ID,
  folder: 'teams/prod',
  policies: ['./common/', 'policies'],
  action: { release: { version: '1.2.3', commit: 'c0ffee'.repeat(7).slice(0, 40) } },
};
/** Folders that somebody could take for something else: YAML, an expression, a pattern, a shell. */
const HOSTILE = [
  "it's",
  '"; #',
  '${{ github.token }}',
  '!prod',
  '[a-z]',
  '{a,b}+',
  'a\nb',
  'a: b',
  '- x',
  '*',
  '? ',
  '..x',
  'a\\b',
  '$(touch x)',
  '\u202Edorp',
  '日本',
];
const written = [
  { of: 'all is known', facts: KNOWN },
  ...HOSTILE.map((folder) => ({
    of: JSON.stringify(folder),
    facts: { ...KNOWN, folder, policies: [folder, '.'], organizationId: null },
  })),
].flatMap(({ of, facts }) =>
  workflowFiles(facts).map(({ file, text }) => ({ title: `${file} where ${of}`, text })),
);
const workflows = [
  ...(await Promise.all(committed.map(async (path) => ({ title: path, text: await read(path) })))),
  ...written,
];

describe.each(workflows)('$title', ({ text }) => {
  test('has nothing that actionlint finds', async () => {
    expect(await lintWorkflow(text)).toEqual([]);
  });

  test('pins what it uses, and says which version that is', () => {
    const used = [...text.matchAll(/uses: (.+)$/gm)].map(([, value]) => value ?? '');
    expect(used.length).toBeGreaterThan(0);
    for (const value of used) expect(value).toMatch(/^(?:\.\/|[\w./-]+@[0-9a-f]{40} # \S.*)$/);
  });

  test('has the least permissions, an end, and no text of strangers in a script', () => {
    const { permissions, jobs } = parse(text) as Workflow;
    expect(permissions).toBeDefined();
    expect(text).not.toContain('pull_request_target');
    for (const job of Object.values(jobs)) {
      expect(job['timeout-minutes']).toBeGreaterThan(0);
      expect([job.permissions, permissions]).not.toContain('write-all');
      for (const { run } of job.steps) expect(run ?? '').not.toContain('${{');
    }
  });

  test('gives the Action only inputs that it has, with values that it takes', () => {
    for (const { with: inputs = {} } of ownSteps(parse(text) as Workflow)) {
      expect(INPUTS).toEqual(expect.arrayContaining(Object.keys(inputs)));
      const env = Object.entries(inputs).map(([name, value]) => [
        `INPUT_${name.toUpperCase()}`,
        // Without the variable, and where nothing was given by hand.
        String(value).replace(/^\$\{\{.*?(?:\|\| '(\w+)' )?\}\}/, '$1'),
      ]);
      const { command } = readInputs(Object.fromEntries(env) as Record<string, string>);
      expect(['validate', 'plan', 'apply']).toContain(command);
    }
  });
});

test('what is linted is linted for real', async () => {
  const bad = `on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo \${{ github.event.pull_request.title }}\n`;
  expect((await lintWorkflow(bad)).join('\n')).toContain('potentially untrusted');
});

describe('the three workflows', () => {
  const three = (facts: WorkflowFacts): readonly Workflow[] =>
    workflowFiles(facts).map(({ text }) => parse(text) as Workflow);
  /** The files whose change starts an apply. */
  const startsOf = (facts: WorkflowFacts): readonly string[] => {
    const [, apply] = three(facts);
    return (apply?.on['push'] as { readonly paths: readonly string[] } | undefined)?.paths ?? [];
  };
  const onlyJob = ({ jobs }: Workflow) => Object.values(jobs)[0];

  test('are committed as they are made', async () => {
    const made = Object.entries(generatedWorkflows());
    expect(made.map(([path]) => path).sort()).toEqual(
      committed.filter((path) => !path.endsWith('/ci.yml')).sort(),
    );
    for (const [path, text] of made) expect(await read(path)).toBe(text);
  });

  test('ask for the permissions that the documentation tells', async () => {
    const guide = await read('docs/github.md');
    const told = (job: string): Readonly<Record<string, string>> => {
      const row = guide.split('\n').find((line) => line.startsWith(`| ${job} | \`contents: `));
      return Object.fromEntries(
        [...(row ?? '').matchAll(/`([\w-]+): (\w+)`/g)].map(([, name, level]) => [name, level]),
      ) as Readonly<Record<string, string>>;
    };
    const rows = ['`plan` on pull requests', '`apply` on pushes', '`apply` by schedule'];
    for (const action of [KNOWN.action, 'checkout'] as const) {
      const all = three({ ...KNOWN, action });
      expect(all.map(({ permissions }) => permissions)).toEqual([{}, {}, {}]);
      expect(all.map((workflow) => onlyJob(workflow)?.permissions)).toEqual(rows.map(told));
    }
    // What the comment of the third tells about `command: plan`.
    expect(told('`plan` by schedule')).toEqual({ contents: 'read', issues: 'write' });
  });

  test('plan on every pull request, whatever it touches', () => {
    const [plan] = three(KNOWN);
    expect(plan?.on).toEqual({ pull_request: null, merge_group: null });
    expect(plan?.concurrency['cancel-in-progress']).toBe(true);
    expect(plan && onlyJob(plan)).not.toHaveProperty('environment');
  });

  test('write from main alone, behind the environment, one after the other', () => {
    const [plan, ...writers] = three(KNOWN);
    const group = `wrapkeeper-${ID}`;
    for (const workflow of writers) {
      expect(workflow.concurrency).toEqual({ group, 'cancel-in-progress': false });
      expect(onlyJob(workflow)).toMatchObject({
        if: "github.ref == 'refs/heads/main'",
        environment: 'wrapkeeper-teams-prod',
      });
      expect(workflow.on).toHaveProperty('workflow_dispatch');
    }
    expect(plan?.concurrency.group).toBe(`${group}-plan-\${{ github.ref }}`);
  });

  test('of two folders share no name but the names of what an environment holds', () => {
    const names = (folder: string): readonly string[] => {
      const all = three({ ...KNOWN, folder, organizationId: null });
      return [
        ...workflowFiles({ ...KNOWN, folder }).map(({ file }) => file),
        ...new Set(all.map(({ concurrency }) => `group ${concurrency.group}`)),
        ...all.map(({ name }) => name),
        ...all.map((workflow) => onlyJob(workflow)?.name ?? ''),
        ...new Set(all.flatMap((workflow) => onlyJob(workflow)?.environment ?? [])),
        ...Object.values((all[0] && ownSteps(all[0])[0]?.env) ?? {}),
      ];
    };
    const all = ['', 'prod', 'test'].flatMap(names);
    expect(all).toHaveLength(3 * 14);
    // Without a folder a job is called by its id: three times no name.
    expect(new Set(all).size).toBe(all.length - 2);
  });

  test.each([...HOSTILE, 'teams/prod'])(
    'lead to the folder %j, and start for what lies in it',
    (folder) => {
      const facts = { ...KNOWN, folder, policies: ['policies', folder] };
      for (const workflow of three(facts)) {
        const found = ownSteps(workflow)[0]?.with?.['working-directory'];
        // No expression but one that comes to the text that begins one.
        expect(String(found).replaceAll("${{ '${{' }}", '')).not.toContain('${{');
        expect(String(found).replaceAll("${{ '${{' }}", '${{')).toBe(folder);
      }
      const matched = (file: string): boolean =>
        startsOf(facts).some((path) => patternToRegExp(path).test(file));
      for (const file of ['wrapkeeper.yaml', 'policies/a/b.yaml', `${folder}/c.yaml`])
        expect(matched(`${folder}/${file}`)).toBe(true);
      expect(matched('README.md')).toBe(false);
    },
  );

  test('start for the whole folder of the settings where policies lie in it, and for nothing outside', () => {
    const pathsOf = (folder: string, policies: readonly string[]) =>
      startsOf({ ...KNOWN, folder, policies });
    expect(pathsOf('', ['.'])).toEqual(['**', 'wrapkeeper.yaml']);
    expect(pathsOf('prod', ['./', '../common', '/etc'])).toEqual([
      'prod/**',
      'prod/wrapkeeper.yaml',
    ]);
    expect(pathsOf('', ['a/../b//', 'b'])).toEqual(['b/**', 'wrapkeeper.yaml']);
  });
});

/** `**` is anything, `*` anything in a name: what filters of GitHub mean by them. */
const patternToRegExp = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.]/g, String.raw`\.`)
      .split('**')
      .map((part) => part.replaceAll('*', '[^/]*'))
      .join('.*')}$`,
    's',
  );

describe('this project', () => {
  test('validates its samples in any case, and applies them nowhere', async () => {
    const own = async (name: string): Promise<Workflow> =>
      parse(await read(`.github/workflows/wrapkeeper-${name}.yml`)) as Workflow;
    const enabled = "vars.WRAPKEEPER_ENABLED == 'true'";
    const [plan, apply, drift] = [await own('plan'), await own('apply'), await own('drift')];
    expect(ownSteps(plan)).toMatchObject([
      { uses: './', with: { command: `\${{ ${enabled} && 'plan' || 'validate' }}` } },
    ]);
    for (const workflow of [apply, drift]) {
      expect(ownSteps(workflow)).toMatchObject([{ uses: './' }]);
      for (const job of Object.values(workflow.jobs)) expect(job.if).toContain(` && ${enabled}`);
    }
    const { policies } = parse(await read('wrapkeeper.yaml')) as { policies: readonly string[] };
    expect(apply.on['push']).toMatchObject({
      paths: [...policies.map((folder) => `${folder}/**`), 'wrapkeeper.yaml'],
    });
  });
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
