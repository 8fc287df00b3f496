/** The Action as a runner starts it: its bundle, a repository, a GitHub and an organization, all over HTTP. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { mark, readMarker } from '../../src/action/marker.js';
import type { Marker } from '../../src/action/marker.js';
import type { FaultRequest } from '../../src/simulator/faults.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { BRANCH, Remote } from './clones.js';
import { BOT, FakeGitHub, PERSON, TOKEN } from './fake-github.js';
import { BILLING, settings } from './policies.js';
import { runnerFor } from './runner.js';
import type { Step, StepResult } from './runner.js';

const ORGANIZATION = '8f1c2d3e-4a5b-4c6d-8e7f-901234567890';
const QUEUES = ['Billing DE', 'Billing EN', 'Billing FR'];
const SETTINGS = settings(
  `organization: { id: ${ORGANIZATION} }`,
  'settleFor: 1s',
  `journal: { branch: ${BRANCH} }`,
);
const SUPPORT = BILLING.replace('name: billing', 'name: support').replace('Billing *', 'Support *');
const FILES = {
  'wrapkeeper.yaml': SETTINGS,
  'policies/billing.yaml': BILLING,
  'policies/support.yaml': SUPPORT,
};
const SALES = BILLING.replace(
  '[Resolved, Escalated, Call back]',
  '[Resolved, Escalated, Call back, Sold]',
);
const MORE = BILLING.replace(
  '[Resolved, Escalated, Call back]',
  '[Resolved, Escalated, Call back, Sold, Other]',
);

let simulator: Simulator;
let gitHub: FakeGitHub;
let remote: Remote;
let step: (given: Step) => Promise<StepResult>;

beforeEach(async () => {
  const acwSettings = { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 };
  const codes = ['Resolved', 'Escalated', 'Call back'];
  simulator = await startSimulator({
    seed: {
      organization: { id: ORGANIZATION, name: 'Example Contact Centre' },
      codes: [...codes, 'Sold', 'Other'],
      queues: [...QUEUES, 'Support DE'].map((name) => ({ name, codes, acwSettings })),
    },
  });
  gitHub = await FakeGitHub.start();
  remote = await Remote.with(FILES);
  step = runnerFor(remote, simulator, gitHub);
});
afterEach(async () => {
  await gitHub.close();
  await simulator.close();
});

/** A branch with these files, and the merge of it that GitHub lets a pull request check out. */
class PullRequest {
  readonly number: number;
  readonly clone: string;
  head = '';
  base = '';

  constructor(number: number) {
    this.number = number;
    this.clone = remote.clone();
    remote.in(this.clone, 'checkout', '--quiet', '-b', `change-${number}`);
  }

  async push(files: Readonly<Record<string, string>>): Promise<void> {
    remote.in(this.clone, 'checkout', '--quiet', `change-${this.number}`);
    await remote.commit(this.clone, files, `change-${this.number}`);
    this.head = remote.in(this.clone, 'rev-parse', 'HEAD');
    remote.in(this.clone, 'fetch', '--quiet', 'origin');
    this.base = remote.in(this.clone, 'rev-parse', 'origin/main');
    remote.in(this.clone, 'checkout', '--quiet', '--detach', 'origin/main');
    const message = `Merge ${this.head} into ${this.base}`;
    remote.in(this.clone, 'merge', '--quiet', '--no-ff', '--message', message, this.head);
  }

  get payload(): unknown {
    const repo = { full_name: 'example/policies' };
    return {
      pull_request: {
        number: this.number,
        title: '::error::no command',
        head: { sha: this.head, repo },
        base: { sha: this.base, ref: 'main', repo },
      },
    };
  }

  plan(inputs: Readonly<Record<string, string>> = {}): Promise<StepResult> {
    return step({
      workspace: this.clone,
      event: 'pull_request',
      payload: this.payload,
      inputs: { command: 'plan', ...inputs },
    });
  }

  /** Merges it into main; what a push then checks out and tells. */
  merge(): { readonly workspace: string; readonly event: 'push'; readonly payload: unknown } {
    remote.in(this.clone, 'push', '--quiet', 'origin', 'HEAD:refs/heads/main');
    const after = remote.in(this.clone, 'rev-parse', 'HEAD');
    gitHub.pulls.set(after, [
      { number: this.number, merged_at: '2026-11-26T03:00:00Z', merge_commit_sha: after },
    ]);
    return {
      workspace: remote.clone(),
      event: 'push',
      payload: { before: this.base, after, ref: 'refs/heads/main' },
    };
  }
}

const isWrite = ({ method, path }: Pick<FaultRequest, 'method' | 'path'>): boolean =>
  method !== 'GET' && path.startsWith('/api/v2/routing/');
/** It starts a dozen processes, one after the other. */
const LONG_MS = 240_000;
const writes = (): number => simulator.requests.all().filter(isWrite).length;

test(
  'a pull request is planned, commented, updated, merged and applied; drift waits for its own run',
  async () => {
    // 250 comments of others, one of them with our marker in it, one before ours.
    const pull = new PullRequest(7);
    for (let at = 0; at < 249; at += 1) gitHub.comment(7, `Comment ${at}`);
    // Somebody has taken a code off by hand: pending on main, and not of this change.
    simulator.admin.removeCode('Support DE', 'Escalated');

    await pull.push({ 'policies/billing.yaml': MORE });
    const first = await pull.plan();
    expect(first).toMatchObject({ exit: 0, outputs: { outcome: 'planned', changes: 'true' } });
    expect(gitHub.ours(7)).toHaveLength(1);
    const body = (): string => gitHub.ours(7)[0]?.body ?? '';
    expect(body()).toContain('<code>Sold</code>');
    expect(body()).toContain('<code>Other</code>');
    expect(body()).toContain('Pending on <code>main</code> already: 1 queue to change');
    // Copied by a person, the marker is none.
    gitHub.comment(7, body(), PERSON);

    await pull.push({ 'policies/billing.yaml': SALES });
    const second = await pull.plan();
    expect(second).toMatchObject({
      exit: 0,
      outputs: { 'to-change': '3', 'to-add': '3', held: '0' },
    });
    expect(gitHub.ours(7)).toHaveLength(1);
    expect(body()).not.toContain('<code>Other</code>');
    expect(body()).toContain(pull.head.slice(0, 7));
    expect(second.summary).toContain('<code>Sold</code>');
    expect(second.stdout).toContain(
      '::notice file=policies/billing.yaml,line=14,title=What billing changes::',
    );
    // The list of comments has three pages.
    expect(gitHub.requests.filter((call) => call.includes('&page=3'))).toHaveLength(2);
    expect(writes()).toBe(0);

    const push = pull.merge();
    const applied = await step({ ...push, inputs: { command: 'apply' } });
    expect(applied).toMatchObject({
      exit: 0,
      outputs: { outcome: 'applied', 'failure-reason': '' },
    });
    expect(applied.outputs['journal-hash']).toMatch(/^\d+:sha256:[0-9a-f]{64}$/);
    expect(applied.outputs['run']).toMatch(/^[0-9a-f-]{36}$/);
    expect(simulator.state.codesOf('Billing DE')).toContain('Sold');
    expect(simulator.state.codesOf('Support DE')).not.toContain('Escalated');
    expect(remote.has(BRANCH)).toBe(true);
    expect(applied.summary).toContain('### Wrapkeeper apply');

    // What changed on a queue since the review is another plan: shown, and not written.
    const next = new PullRequest(8);
    await next.push({ 'policies/billing.yaml': MORE });
    expect((await next.plan()).exit).toBe(0);
    simulator.admin.removeCode('Billing EN', 'Call back');
    const merged = next.merge();
    const before = writes();
    const refused = await step({ ...merged, inputs: { command: 'apply' } });
    expect(refused).toMatchObject({
      exit: 5,
      outputs: { 'failure-reason': 'plan-changed', outcome: 'error' },
    });
    expect(refused.summary).toMatch(/^### Wrapkeeper apply /);
    expect(writes()).toBe(before);
    const digest = offeredDigest(refused);
    expect(refused.outputs['plan-digest']).toBe(digest);
    expect(refused.stdout).toContain('::error title=action.plan-changed::');

    // By hand, that plan is applied, and no other.
    const dispatch = { workspace: merged.workspace, event: 'workflow_dispatch' };
    const other = await step({
      ...dispatch,
      inputs: { command: 'apply', 'accept-digest': `sha256:${'0'.repeat(64)}` },
    });
    expect(other).toMatchObject({ exit: 5, outputs: { 'failure-reason': 'plan-changed' } });
    expect(writes()).toBe(before);
    const accepted = await step({
      ...dispatch,
      inputs: { command: 'apply', 'accept-digest': digest },
    });
    expect(accepted).toMatchObject({ exit: 0, outputs: { outcome: 'applied' } });
    expect(simulator.state.codesOf('Billing EN')).toContain('Other');

    // By schedule: told in one issue, corrected, and told to be well.
    simulator.admin.removeCode('Support DE', 'Resolved');
    const scheduled = { workspace: merged.workspace, event: 'schedule' };
    for (const found of [1, 1]) {
      const told = await step({ ...scheduled, inputs: { command: 'plan' } });
      expect(told.exit).toBe(0);
      expect(gitHub.issues).toHaveLength(found);
    }
    expect(gitHub.issues[0]).toMatchObject({ state: 'open', user: { login: BOT } });
    expect(gitHub.issues[0]?.body).toContain('<code>Resolved</code>');
    const corrected = await step({ ...scheduled, inputs: { command: 'apply' } });
    expect(corrected).toMatchObject({ exit: 0, outputs: { outcome: 'applied' } });
    expect(simulator.state.codesOf('Support DE')).toEqual(['Call back', 'Escalated', 'Resolved']);
    await step({ ...scheduled, inputs: { command: 'plan' } });
    expect(gitHub.issues).toMatchObject([{ state: 'closed' }]);
  },
  LONG_MS,
);

/** A clone as a runner has it that runs an old run again: the branch ends at its commit. */
const checkedOut = (commit: string, ...options: readonly string[]): string => {
  const clone = remote.clone('--no-checkout', ...options);
  if (options.length > 0) remote.in(clone, 'fetch', '--quiet', '--depth=1', 'origin', commit);
  remote.in(clone, 'checkout', '--quiet', '-B', 'main', commit);
  return clone;
};

test(
  'an old run that is run again takes nothing back; a revert, and a run in order, do what they say',
  async () => {
    const first = new PullRequest(7);
    await first.push({ 'policies/billing.yaml': SALES });
    expect((await first.plan()).exit).toBe(0);
    const old = first.merge();
    expect((await step({ ...old, inputs: { command: 'apply' } })).exit).toBe(0);
    // Again at once: nothing newer was applied, and nothing is left to do.
    const again = await step({ ...old, inputs: { command: 'apply' } });
    expect(again).toMatchObject({ exit: 0, outputs: { outcome: 'nothing' } });
    const second = new PullRequest(8);
    await second.push({ 'policies/billing.yaml': MORE });
    expect((await second.plan()).exit).toBe(0);
    const newer = second.merge();
    expect((await step({ ...newer, inputs: { command: 'apply' } })).exit).toBe(0);
    expect(simulator.state.codesOf('Billing DE')).toContain('Other');

    const before = writes();
    const commit = (old.payload as { after: string }).after;
    const workspace = checkedOut(commit);
    const late = { exit: 5, outputs: { 'failure-reason': 'superseded', outcome: 'error' } };
    for (const event of ['push', 'schedule', 'workflow_dispatch']) {
      const told = await step({ ...old, workspace, event, inputs: { command: 'apply' } });
      expect(told).toMatchObject(late);
      expect(told.stdout).toContain('::error title=plan.superseded::');
      expect(told.summary).toContain('comes too late');
      expect(told.summary).not.toContain('accept-digest');
    }
    // Without the history nobody can tell, and nothing is written.
    const shallow = { ...old, event: 'schedule', workspace: checkedOut(commit, '--depth=1') };
    const perhaps = await step({ ...shallow, inputs: { command: 'apply' } });
    expect(perhaps).toMatchObject(late);
    expect(perhaps.summary).toContain('fetch-depth: 0');
    expect(writes()).toBe(before);

    // A shallow clone of a commit that was made since is enough, and so is one of the same commit.
    const scheduled = { event: 'schedule', inputs: { command: 'apply' } };
    const same = await step({ ...scheduled, workspace: remote.clone('--depth=1') });
    expect(same).toMatchObject({ exit: 0, outputs: { outcome: 'nothing' } });
    const clone = remote.clone();
    remote.in(clone, 'revert', '--no-edit', '-m', '1', 'HEAD');
    remote.in(clone, 'push', '--quiet', 'origin', 'HEAD:main');
    const reverted = await step({ ...scheduled, workspace: remote.clone('--depth=1') });
    expect(reverted).toMatchObject({ exit: 0, outputs: { outcome: 'applied' } });
    expect(simulator.state.codesOf('Billing DE')).not.toContain('Other');
  },
  LONG_MS,
);

/** A comment with another marker, sealed as one would without a key. */
const resealed = (body: string, changes: Partial<Marker>): string => {
  const { isAsWritten: _is, ...marker } = readMarker(body, null)!;
  return mark({ ...marker, ...changes }, body.slice(body.indexOf('\n') + 1), null);
};

/** What the job summary tells people to pass as `accept-digest`: the one digest that it shows to be copied. */
const offeredDigest = ({ summary }: StepResult): string => {
  const offered = [...summary.matchAll(/^```\n(.+)\n```$/gm)].map(([, digest]) => digest ?? '');
  expect(offered).toHaveLength(1);
  return offered[0] ?? '';
};

test(
  'what a guard refuses is applied by the digest that the summary shows, all of it and by no other',
  async () => {
    simulator.admin.removeCode('Support DE', 'Escalated');
    const pull = new PullRequest(7);
    await pull.push({
      'policies/billing.yaml': BILLING.replace('[Resolved, Escalated, Call back]', '[Resolved]'),
    });
    expect((await pull.plan()).exit).toBe(0);
    const [comment] = gitHub.ours(7);
    expect(comment?.body).toMatch(/^<!-- .* -->\n\*\*REFUSED\*\* · /);
    expect(comment?.body).toContain('After the merge a guard refuses this');
    const merged = pull.merge();
    const refused = await step({ ...merged, inputs: { command: 'apply' } });
    expect(refused).toMatchObject({
      exit: 4,
      outputs: { 'failure-reason': 'refused-by-guard', outcome: 'refused' },
    });
    const digest = offeredDigest(refused);
    expect(refused.outputs['plan-digest']).toBe(digest);
    // Not that of the change alone: a run by hand knows no pull request, and applies what is pending, too.
    expect(comment?.body).not.toContain(`"reviewed":"${digest}"`);
    expect(refused.summary).toContain('lifts the guards');
    expect(refused.summary).toContain('what nobody has reviewed');
    expect(refused.summary).toContain('<code>Support DE</code>');
    expect(refused.summary).toContain('<code>Billing EN</code>');
    expect(writes()).toBe(0);

    const dispatch = { workspace: merged.workspace, event: 'workflow_dispatch' };
    const accept = (value: string) =>
      step({ ...dispatch, inputs: { command: 'apply', 'accept-digest': value } });
    const [, reviewed = ''] = /"reviewed":"(sha256:[0-9a-f]+)"/.exec(comment?.body ?? '') ?? [];
    const other = await accept(reviewed);
    expect(other).toMatchObject({ exit: 5, outputs: { 'failure-reason': 'plan-changed' } });
    expect(offeredDigest(other)).toBe(digest);
    expect(writes()).toBe(0);
    expect(await accept(digest)).toMatchObject({ exit: 0, outputs: { outcome: 'applied' } });
    expect(simulator.state.codesOf('Billing DE')).toEqual(['Resolved']);
    expect(simulator.state.codesOf('Support DE')).toContain('Escalated');
    // Once is once: the same digest names nothing that could be applied again.
    const before = writes();
    const again = await accept(digest);
    expect(again).toMatchObject({ exit: 5, outputs: { 'failure-reason': 'plan-changed' } });
    expect(writes()).toBe(before);
  },
  LONG_MS,
);

test(
  'two organizations of one repository have their own comments, reviews, journals and issues',
  async () => {
    const id = '11112222-4a5b-4c6d-8e7f-901234567890';
    const other = await startSimulator({
      seed: {
        organization: { id, name: 'Training' },
        codes: ['Resolved', 'Escalated', 'Call back', 'Sold', 'Other'],
        queues: [{ name: 'Billing T', codes: ['Resolved'] }],
      },
    });
    onTestFinished(() => other.close());
    remote = await Remote.with({
      'prod/wrapkeeper.yaml': SETTINGS,
      'prod/policies/billing.yaml': BILLING,
      'training.yaml': settings(
        `organization: { id: ${id} }`,
        'policies: [training]',
        'settleFor: 1s',
        'journal: { branch: journal-training }',
      ),
      'training/billing.yaml': BILLING,
    });
    const places = [
      { inputs: { 'working-directory': 'prod' }, run: runnerFor(remote, simulator, gitHub) },
      { inputs: { settings: 'training.yaml' }, run: runnerFor(remote, other, gitHub) },
    ] as const;
    const both = async (given: Omit<Step, 'inputs'>, inputs: Readonly<Record<string, string>>) => {
      const results: StepResult[] = [];
      for (const { inputs: place, run } of places)
        results.push(await run({ ...given, inputs: { ...place, ...inputs } }));
      return results as [StepResult, StepResult];
    };
    const writesOf = (of: Simulator): number => of.requests.all().filter(isWrite).length;

    const pull = new PullRequest(7);
    const plan = () =>
      both(
        { workspace: pull.clone, event: 'pull_request', payload: pull.payload },
        { command: 'plan' },
      );
    await pull.push({ 'prod/policies/billing.yaml': MORE, 'training/billing.yaml': MORE });
    await plan();
    await pull.push({ 'prod/policies/billing.yaml': SALES, 'training/billing.yaml': SALES });
    const [prod, training] = await plan();
    expect(prod.outputs).toMatchObject({ outcome: 'planned', 'to-change': '3' });
    expect(training.outputs).toMatchObject({ outcome: 'planned', 'to-change': '1' });
    // A job may plan both, one step after the other.
    expect(prod.outputs['plan-path']).not.toBe(training.outputs['plan-path']);
    expect(gitHub.ours(7)).toHaveLength(2);
    for (const [at, name] of ['Example Contact Centre', 'Training'].entries()) {
      const body = gitHub.ours(7)[at]?.body ?? '';
      expect(body).toContain(`· <code>${name}</code>: this change touches`);
      expect(body).toContain(pull.head.slice(0, 7));
      expect(body).not.toContain('<code>Other</code>');
    }

    // What changed in one of them since the review concerns the other one's review no more than its comment does.
    other.admin.addCode('Billing T', 'Escalated');
    const merged = pull.merge();
    const [applied, refused] = await both(merged, { command: 'apply' });
    expect(applied).toMatchObject({ exit: 0, outputs: { outcome: 'applied' } });
    expect(applied.summary).toContain('### Wrapkeeper apply · <code>Example Contact Centre</code>');
    expect(refused).toMatchObject({ exit: 5, outputs: { 'failure-reason': 'plan-changed' } });
    expect(writesOf(simulator)).toBeGreaterThan(0);
    expect(writesOf(other)).toBe(0);
    const withoutOwn = gitHub.of(7).filter(({ body }) => !body.includes('Training'));
    gitHub.comments.set(7, withoutOwn);
    const [, missing] = await both(merged, { command: 'apply', 'require-reviewed-plan': 'true' });
    expect(missing).toMatchObject({ exit: 5, outputs: { 'failure-reason': 'not-reviewed' } });
    expect(writesOf(other)).toBe(0);
    expect(remote.has(BRANCH)).toBe(true);
    expect(remote.has('journal-training')).toBe(false);

    simulator.admin.removeCode('Billing DE', 'Sold');
    const scheduled = { workspace: merged.workspace, event: 'schedule' };
    await both(scheduled, { command: 'plan' });
    expect(gitHub.issues.map(({ title, state }) => `${title} ${state}`)).toEqual([
      'Wrapkeeper: queues of Example Contact Centre differ from the policies open',
      'Wrapkeeper: queues of Training differ from the policies open',
    ]);
    const [, corrected] = await both(scheduled, { command: 'apply' });
    expect(corrected).toMatchObject({ exit: 0, outputs: { outcome: 'applied' } });
    expect(remote.has('journal-training')).toBe(true);
    simulator.admin.removeCode('Billing DE', 'Sold');
    await both(scheduled, { command: 'plan' });
    expect(gitHub.issues.map(({ state }) => state)).toEqual(['open', 'closed']);
  },
  LONG_MS,
);

describe('a run that is cancelled', () => {
  /** Of two signals that are sent at once, either may come first. */
  const BY_SIGNAL = [130, 143];

  test('finishes its step, tells what it did, and leaves the journal whole', async () => {
    await remote.commit(remote.clone(), {
      'wrapkeeper.yaml': `${SETTINGS}limits: { concurrency: 1 }\n`,
      'policies/billing.yaml': SALES,
    });
    const schedule = { workspace: remote.clone(), event: 'schedule', inputs: { command: 'apply' } };
    let cancel = (): void => undefined;
    simulator.faults.add({
      match: isWrite,
      times: 1,
      effect: { kind: 'edit', act: () => cancel() },
    });
    const cancelled = await step({ ...schedule, started: (means) => (cancel = means) });
    expect(BY_SIGNAL).toContain(cancelled.exit);
    expect(cancelled.outputs).toMatchObject({
      'failure-reason': 'interrupted',
      outcome: 'partial',
    });
    expect(cancelled.outputs['journal-hash']).toMatch(/^\d+:sha256:[0-9a-f]{64}$/);
    expect(cancelled.summary).toContain('1 queue changed, 2 not attempted');
    expect(writes()).toBe(1);
    expect(remote.records().at(-1)).toMatchObject({ kind: 'lease', until: null });
    // Nobody has to wait for a lease, and nothing is left to be found out.
    const next = await step(schedule);
    expect(next).toMatchObject({ exit: 0, outputs: { outcome: 'applied' } });
    expect(next.summary).not.toContain('journal.settled');
  });

  test('while it plans takes nothing out of the comment', async () => {
    const pull = new PullRequest(7);
    await pull.push({ 'policies/billing.yaml': SALES });
    await pull.plan();
    const before = gitHub.ours(7)[0]?.body;
    const asked = gitHub.requests.length;
    let cancel = (): void => undefined;
    simulator.faults.add({
      match: ({ path }) => path.startsWith('/api/v2/routing/queues'),
      times: 1,
      effect: { kind: 'edit', act: () => cancel() },
    });
    const cancelled = await step({
      workspace: pull.clone,
      event: 'pull_request',
      payload: pull.payload,
      inputs: { command: 'plan' },
      started: (means) => (cancel = means),
    });
    expect(BY_SIGNAL).toContain(cancelled.exit);
    expect(cancelled.outputs).toMatchObject({ 'failure-reason': 'interrupted' });
    expect(gitHub.ours(7)[0]?.body).toBe(before);
    expect(gitHub.requests).toHaveLength(asked);
  });
});

describe('what GitHub shows', () => {
  test('a fork is validated without a secret, and says what was not done', async () => {
    const pull = new PullRequest(3);
    await pull.push({ 'policies/billing.yaml': SALES });
    const payload = {
      pull_request: {
        number: 3,
        head: { sha: pull.head, repo: { full_name: 'stranger/policies' } },
        base: { sha: pull.base, ref: 'main', repo: { full_name: 'example/policies' } },
      },
    };
    const without = {
      GENESYSCLOUD_OAUTHCLIENT_ID: '',
      GENESYSCLOUD_OAUTHCLIENT_SECRET: '',
    };
    const fork = { workspace: pull.clone, event: 'pull_request', payload, env: without };
    for (const command of ['plan', 'apply']) {
      const told = await step({ ...fork, inputs: { command } });
      expect(told).toMatchObject({ exit: 0, outputs: { outcome: 'valid', 'plan-digest': '' } });
      expect(told.summary).toContain('it comes from a fork');
      expect(told.stdout).toContain('::notice title=Wrapkeeper::');
    }
    expect(gitHub.requests).toEqual([]);
    expect(simulator.requests.all()).toEqual([]);
    const target = await step({
      ...fork,
      event: 'pull_request_target',
      inputs: { command: 'plan' },
    });
    expect(target).toMatchObject({ exit: 1, outputs: { 'failure-reason': 'usage' } });
  });

  test('invalid policies are shown at their lines, and take the plan out of the comment', async () => {
    const pull = new PullRequest(4);
    await pull.push({ 'policies/billing.yaml': SALES });
    await pull.plan();
    await pull.push({ 'policies/billing.yaml': `${SALES}    nonsense: 1\n` });
    const invalid = await pull.plan();
    expect(invalid).toMatchObject({
      exit: 6,
      outputs: { outcome: 'invalid', 'failure-reason': 'invalid', 'plan-path': '' },
    });
    expect(invalid.stdout).toMatch(
      /^::error file=policies\/billing\.yaml,line=15,title=schema\.unknown-key::/m,
    );
    expect(gitHub.ours(4)).toHaveLength(1);
    expect(gitHub.ours(4)[0]?.body).toContain('"reviewed":null');
    // What is wrong and where stands in the first line that people see.
    expect(gitHub.ours(4)[0]?.body).toMatch(
      /^<!--.*-->\n\*\*INVALID\*\*: <code>policies\/billing\.yaml&#58;15&#58;5<\/code> "nonsense" is no key/,
    );
    expect(gitHub.ours(4)[0]?.body).toContain('Nothing was planned for the organization');
    // Merged all the same, it is not taken for reviewed once it is mended.
    await pull.push({ 'policies/billing.yaml': SALES });
    const applied = await step({ ...pull.merge(), inputs: { command: 'apply' } });
    expect(applied).toMatchObject({ exit: 5, outputs: { 'failure-reason': 'not-reviewed' } });
    expect(offeredDigest(applied)).toBe(applied.outputs['plan-digest']);
    expect(writes()).toBe(0);
  });

  test('a comment that somebody edited was not reviewed, and none is needed where nobody asks', async () => {
    const pull = new PullRequest(5);
    await pull.push({ 'policies/billing.yaml': SALES });
    await pull.plan();
    const [comment] = gitHub.ours(5);
    const written = comment!.body;
    const push = pull.merge();
    const edits = [
      written.replace('<code>Sold</code>', '<code>Other</code>'),
      // By somebody who knows how a comment is sealed, and by somebody who put everything back.
      resealed(written, { reviewed: `sha256:${'0'.repeat(64)}` }),
      written,
    ];
    for (const body of edits) {
      gitHub.edit(comment!, body);
      const edited = await step({ ...push, inputs: { command: 'apply' } });
      expect(edited).toMatchObject({ exit: 5, outputs: { 'failure-reason': 'not-reviewed' } });
      expect(edited.summary).toContain('the comment was edited');
    }
    expect(writes()).toBe(0);
    // Another step with our own token leaves no trace of that: a key is what tells.
    gitHub.edit(comment!, written, comment!.user);
    const env = { WRAPKEEPER_PLAN_KEY: 'a-key-that-seals-plans' };
    const sealed = await step({ ...push, env, inputs: { command: 'apply' } });
    expect(sealed).toMatchObject({ exit: 5, outputs: { 'failure-reason': 'not-reviewed' } });
    gitHub.comments.clear();
    const required = { command: 'apply', 'require-reviewed-plan': 'true' };
    const missing = await step({ ...push, inputs: required });
    expect(missing).toMatchObject({ exit: 5, outputs: { 'failure-reason': 'not-reviewed' } });
    expect(writes()).toBe(0);
    const applied = await step({ ...push, inputs: { command: 'apply' } });
    expect(applied).toMatchObject({ exit: 0, outputs: { outcome: 'applied', 'to-change': '3' } });
    const plan = JSON.parse(await readFile(applied.outputs['plan-path'] ?? '', 'utf8')) as unknown;
    expect(plan).toMatchObject({ kind: 'Plan', digest: applied.outputs['plan-digest'] });
  });

  test('a comment is cut where GitHub would not take it, and is then no review', async () => {
    const codes = Array.from({ length: 400 }, (_, at) =>
      `Reason ${at} ${'long '.repeat(30)}`.trim(),
    );
    for (const name of codes) simulator.admin.createCode(name);
    const long = BILLING.replace(
      '[Resolved, Escalated, Call back]',
      `\n${['Resolved', 'Escalated', 'Call back', ...codes].map((name) => `      - ${name}`).join('\n')}`,
    );
    const pull = new PullRequest(6);
    await pull.push({ 'policies/billing.yaml': long });
    const planned = await pull.plan();
    expect(planned.exit).toBe(0);
    const [comment] = gitHub.ours(6);
    expect(comment?.body.length).toBeLessThanOrEqual(65_536);
    expect(comment?.body).toContain('**This comment is cut.**');
    expect(comment?.body).toContain('/actions/runs/4711');
    expect(comment?.body).toContain('"reviewed":null,"cut":true');
    expect(planned.summary).toContain('Reason 399');
    const applied = await step({ ...pull.merge(), inputs: { command: 'apply' } });
    expect(applied).toMatchObject({ exit: 5, outputs: { 'failure-reason': 'not-reviewed' } });
    expect(writes()).toBe(0);
  });

  test('a merge group is planned against its base, and nothing of it is applied', async () => {
    const pull = new PullRequest(2);
    await pull.push({ 'policies/billing.yaml': SALES });
    const group = {
      workspace: pull.clone,
      event: 'merge_group',
      payload: { merge_group: { base_sha: pull.base, base_ref: 'refs/heads/main' } },
    };
    const planned = await step({ ...group, inputs: { command: 'plan' } });
    expect(planned).toMatchObject({ exit: 0, outputs: { 'to-change': '3' } });
    expect(planned.summary).toContain('this change touches 3 of 4 queues');
    expect(gitHub.requests).toEqual([]);
    const applied = await step({ ...group, inputs: { command: 'apply' } });
    expect(applied).toMatchObject({ exit: 1, outputs: { 'failure-reason': 'usage' } });
    expect(writes()).toBe(0);
  });

  test('where everything is held, a warning says so', async () => {
    const pull = new PullRequest(1);
    await pull.push({
      'policies/billing.yaml': SALES.replace('spec:\n', 'spec:\n  enforcement: report\n'),
    });
    const planned = await pull.plan();
    expect(planned.outputs).toMatchObject({ changes: 'false', held: '3' });
    expect(planned.stdout).toContain('::warning title=Everything is held::');
  });
});

describe('GitHub itself', () => {
  test('waits for a limit, looks again after a lost answer, and writes one comment', async () => {
    const pull = new PullRequest(9);
    await pull.push({ 'policies/billing.yaml': SALES });
    gitHub.faults.push(
      { match: '/issues/9/comments?', status: 503 },
      {
        match: '/issues/9/comments?',
        status: 403,
        headers: { 'retry-after': '1' },
        body: { message: 'You have exceeded a secondary rate limit.' },
      },
      { match: 'POST /repos/example/policies/issues/9/comments', status: 502, afterwards: true },
    );
    expect((await pull.plan()).exit).toBe(0);
    expect(gitHub.faults).toEqual([]);
    expect(gitHub.ours(9)).toHaveLength(1);
  });

  test('a comment that may not be written is told, or fails the step that wants it', async () => {
    const pull = new PullRequest(9);
    await pull.push({ 'policies/billing.yaml': SALES });
    const forbidden = {
      match: '/issues/9/comments',
      status: 403,
      body: { message: `Resource not accessible by integration ${TOKEN}` },
    };
    gitHub.faults.push(forbidden);
    const told = await pull.plan();
    expect(told).toMatchObject({ exit: 0, outputs: { outcome: 'planned' } });
    expect(told.summary).toContain('The pull request has no comment');
    gitHub.faults.push(forbidden);
    const failed = await pull.plan({ comment: 'always' });
    expect(failed).toMatchObject({ exit: 1, outputs: { 'failure-reason': 'github' } });
    for (const shown of [told.log, told.summary, failed.log, failed.summary])
      expect(shown).not.toContain(TOKEN);
    const never = await pull.plan({ comment: 'never' });
    expect(never.exit).toBe(0);
    expect(gitHub.ours(9)).toEqual([]);
    // Without an answer about the review nothing is applied; a list of which the rest cannot be read is none.
    const merged = pull.merge();
    const elsewhere = '<https://elsewhere.example.org/comments?page=2>; rel="next"';
    for (const fault of [
      { match: '/pulls', status: 403 },
      { match: '/issues/9/comments', status: 200, body: [], headers: { link: elsewhere } },
      { match: '/issues/9/comments', status: 200, body: { message: 'no list' } },
    ]) {
      gitHub.faults.push(fault);
      const applied = await step({ ...merged, inputs: { command: 'apply' } });
      expect(applied).toMatchObject({ exit: 1, outputs: { 'failure-reason': 'github' } });
    }
    expect(writes()).toBe(0);
  });

  test('secrets are covered first, and stand nowhere else', async () => {
    const secrets = {
      WRAPKEEPER_PLAN_KEY: 'a-key-that-seals-plans',
      WEBHOOK: `whsec_${Buffer.from('a secret of a webhook, 32 bytes').toString('base64')}`,
    };
    const pull = new PullRequest(9);
    await pull.push({
      'wrapkeeper.yaml': `${SETTINGS}webhooks: [{ name: hook, url: 'https://hooks.example.com/', secrets: [{ env: WEBHOOK }] }]\n`,
    });
    const told = await step({
      workspace: pull.clone,
      event: 'pull_request',
      payload: pull.payload,
      inputs: { command: 'plan' },
      env: { ...secrets, GENESYSCLOUD_ACCESS_TOKEN: 'not-a-token-of-theirs' },
    });
    expect(told).toMatchObject({ exit: 1, outputs: { 'failure-reason': 'error' } });
    const written = [
      told.log,
      told.summary,
      JSON.stringify(told.outputs),
      JSON.stringify(gitHub.ours(9)),
    ];
    for (const secret of [TOKEN, 'not-a-token-of-theirs', ...Object.values(secrets)]) {
      expect(told.stdout).toContain(`::add-mask::${secret}\n`);
      for (const text of written) expect(text).not.toContain(secret);
    }
    expect(told.stdout.startsWith('::add-mask::')).toBe(true);
  });

  test('what cannot be understood is told, whatever it is', async () => {
    const workspace = remote.clone();
    const told = await step({ workspace, event: 'push', inputs: { command: 'destroy' } });
    expect(told).toMatchObject({
      exit: 1,
      outputs: { 'failure-reason': 'usage', outcome: 'error' },
    });
    expect(told.stdout).toContain('::error title=action.input::');
    const file = join(workspace, 'wrapkeeper.yaml');
    expect(await readFile(file, 'utf8')).toBe(SETTINGS);
  });
});
