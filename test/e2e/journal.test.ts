/** The journal of a folder, as `apply` keeps it: what it knows of a run, and what happens where it cannot. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ApplyReport } from '../../src/domain/change.js';
import type { JournalRecord } from '../../src/domain/journal.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor, MAIN, repository, run } from './cli.js';
import { BILLING, settings } from './policies.js';

const APPLY = ['apply', '--auto-approve', '--format', 'json'];

let simulator: Simulator;
let cwd: string;

beforeEach(async () => {
  simulator = await startSimulator({
    seed: {
      codes: ['Resolved', 'Escalated', 'Call back'],
      queues: [{ name: 'Billing EN', codes: ['Resolved'] }],
    },
  });
  cwd = await repository({
    'policies/billing.yaml': BILLING,
    'policies/allowance.yaml': `apiVersion: wrapkeeper/v1
kind: GuardAllowance
metadata: { name: once }
spec: { codesRemoved: 7, reason: Old codes go, until: 2999-01-01T00:00:00Z }
`,
    'wrapkeeper.yaml': settings('organization: { id: ID }', 'settleFor: 20ms'),
  });
  const path = join(cwd, 'wrapkeeper.yaml');
  const { id = '' } = simulator.state.organization;
  await writeFile(path, (await readFile(path, 'utf8')).replace('ID', id));
});
afterEach(() => simulator.close());

const records = async (): Promise<readonly JournalRecord[]> => {
  const folder = join(cwd, '.wrapkeeper');
  const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
  const text = await readFile(join(folder, file), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalRecord);
};

const git = (...args: readonly string[]): string =>
  execFileSync('git', args, { cwd, encoding: 'utf8' }).trim();

test('keeps of a run what will be asked in two years', async () => {
  git('init', '--quiet');
  git('add', '--all');
  const author = ['-c', 'user.name=Jo Doe', '-c', 'user.email=jo@example.org'];
  git(...author, 'commit', '--quiet', '--message', 'Ask for a reason (#12)');
  const event = join(cwd, '.git', 'event.json');
  await writeFile(
    event,
    JSON.stringify({
      action: 'closed',
      pull_request: {
        number: 12,
        title: 'Ask for a reason',
        user: { login: 'jo' },
        merged_by: { login: 'ann' },
      },
    }),
  );
  const { exit, stdout } = await run(
    ['apply', '--auto-approve', '--ignore-window', '--reason', 'Outage', '--format', 'json'],
    {
      cwd,
      env: {
        ...environmentFor(simulator),
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_EVENT_NAME: 'pull_request',
        GITHUB_EVENT_PATH: event,
        GITHUB_ACTOR: 'ann',
        GITHUB_SERVER_URL: 'https://github.example',
        GITHUB_REPOSITORY: 'example/wrapup',
        GITHUB_RUN_ID: '77',
        GITHUB_RUN_ATTEMPT: '2',
      },
    },
  );
  expect(exit).toBe(0);
  const report = JSON.parse(stdout) as ApplyReport;
  const [started, ...others] = await records();
  expect(started).toMatchObject({
    kind: 'run.started',
    run: report.run,
    command: 'apply',
    trigger: 'pull_request',
    actor: 'ann',
    url: 'https://github.example/example/wrapup/actions/runs/77/attempts/2',
    oauthClientId: simulator.clientId,
    pullRequest: { number: 12, title: 'Ask for a reason', author: 'jo', mergedBy: 'ann' },
    organization: { id: simulator.state.organization.id },
    api: 'public',
    plan: { digest: report.planDigest, saved: null, undoes: null },
    source: {
      commit: git('rev-parse', 'HEAD'),
      author: 'Jo Doe <jo@example.org>',
      dirty: false,
    },
    settingsDigest: expect.stringMatching(/^sha256:/) as unknown,
    allowances: [{ name: 'once', reason: 'Old codes go', measures: { codesRemoved: 7 } }],
    overrides: { accept: null, ignoreWindows: 'Outage' },
  });
  expect(others.find(({ kind }) => kind === 'queue.outcome')).toMatchObject({
    commit: git('rev-parse', 'HEAD'),
    commitAuthor: 'Jo Doe <jo@example.org>',
  });
});

test('that was changed is told by a plan, and stops an apply', async () => {
  const env = environmentFor(simulator);
  expect((await run(APPLY, { cwd, env })).exit).toBe(0);
  const [file = ''] = (await readdir(join(cwd, '.wrapkeeper'))).filter((name) =>
    name.endsWith('.jsonl'),
  );
  const path = join(cwd, '.wrapkeeper', file);
  await writeFile(
    path,
    (await readFile(path, 'utf8')).replace('"trigger":"manual"', '"trigger":"push"'),
  );
  simulator.admin.removeCode('Billing EN', 'Escalated');
  const plan = await run(['plan', '--format', 'json'], { cwd, env });
  expect(plan.exit).toBe(0);
  expect(JSON.parse(plan.stdout)).toMatchObject({
    queues: [{ cause: 'unknown' }],
    diagnostics: [{ code: 'journal.broken', severity: 'warning' }],
  });
  const writes = simulator.requests.effective().length;
  const apply = await run(APPLY, { cwd, env });
  expect(apply.exit).toBe(1);
  expect(JSON.parse(apply.stdout)).toMatchObject({ diagnostics: [{ code: 'journal.broken' }] });
  expect(simulator.requests.effective()).toHaveLength(writes);
});

test('that is full stops the run before its first write', async () => {
  // No file may grow beyond 512 bytes, or a kilobyte: less than the first record.
  const child = spawn(
    'sh',
    ['-c', 'ulimit -f 1; exec "$@"', 'sh', process.execPath, MAIN, ...APPLY],
    { cwd, env: { PATH: process.env['PATH'], ...environmentFor(simulator) } },
  );
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const [status] = (await once(child, 'close')) as [number];
  expect(status).toBe(1);
  const report = JSON.parse(stdout) as ApplyReport;
  expect(report).toMatchObject({
    kind: 'ApplyReport',
    outcome: 'failed',
    queues: [{ outcome: 'not-attempted', reason: 'the journal could not be written' }],
    journal: null,
  });
  expect(report.diagnostics).toMatchObject([
    { code: 'journal.unwritable', message: expect.stringContaining('may not become any larger') },
  ]);
  expect(simulator.requests.effective()).toEqual([]);
});
