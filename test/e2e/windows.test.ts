import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApplyReport, Plan } from '../../src/domain/change.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor, repository, run } from './cli.js';
import type { Result } from './cli.js';
import { BILLING, settings } from './policies.js';

/** It opens every day, for longer than the longest day: whenever the test runs, nothing may be written. */
const NEVER =
  'changeWindows: [{ kind: deny, schedule: "0 0 * * *", duration: 26h, timeZone: Europe/Dublin }]';
const HOLD = 'activity: { onBusy: hold }';

let simulator: Simulator;

beforeEach(async () => {
  simulator = await startSimulator({
    seed: {
      codes: ['Resolved', 'Escalated', 'Call back'],
      queues: [
        { name: 'Billing DE', codes: ['Resolved'] },
        { name: 'Billing EN', codes: ['Resolved'], activity: { interacting: 1 } },
      ],
    },
  });
});
afterEach(() => simulator.close());

const cli = async (lines: readonly string[], ...args: readonly string[]): Promise<Result> => {
  const cwd = await repository({
    'policies/billing.yaml': BILLING,
    'wrapkeeper.yaml': settings('settleFor: 1s', ...lines),
  });
  return run(args, { cwd, env: environmentFor(simulator) });
};
const apply = (lines: readonly string[], ...args: readonly string[]): Promise<Result> =>
  cli(lines, 'apply', '--auto-approve', ...args);
const reportOf = ({ stdout }: Result): ApplyReport => JSON.parse(stdout) as ApplyReport;
const planOf = async (lines: readonly string[]): Promise<Plan> =>
  JSON.parse((await cli(lines, 'plan', '--format', 'json')).stdout) as Plan;

describe('a plan that is held as a whole', () => {
  test('is told apart by --detailed-exitcode, and has the digest of one that is free', async () => {
    const { exit, stdout } = await cli([NEVER], 'plan', '--detailed-exitcode');
    expect(exit).toBe(2);
    expect(stdout).toContain('Held (window)');
    expect(stdout).toContain('Plan: nothing to write; 2 held.');
    const held = await planOf([NEVER]);
    expect(held).toMatchObject({ queues: [], held: [{ by: 'window' }, { by: 'window' }] });
    expect(held.digest).toBe((await planOf([])).digest);
  });

  test('is applied to nothing, which is no failure', async () => {
    const { exit, stdout } = await apply([NEVER]);
    expect(exit).toBe(0);
    expect(stdout).toContain('Held: 2 queues: Billing DE, Billing EN\n  held by window: ');
    expect(stdout).toContain('Nothing written');
    expect(simulator.requests.effective()).toEqual([]);
  });
});

describe('--ignore-window', () => {
  test.each<[string, readonly string[], string]>([
    ['without --reason', ['--ignore-window'], '--ignore-window needs --reason'],
    ['with a blank one', ['--ignore-window', '--reason', ' '], '--ignore-window needs --reason'],
    [
      'left out beside --reason',
      ['--reason', 'Outage 4711'],
      '--reason says why the change windows are ignored',
    ],
  ])('%s is wrong usage, before anything is asked', async (_what, args, text) => {
    const { exit, stdout, stderr } = await apply([NEVER], ...args);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
    expect(stderr).toContain('cli.usage');
    expect(stderr).toContain(text);
    expect(simulator.requests.total()).toBe(0);
  });

  test('with a reason writes, and the report tells the reason', async () => {
    const args = ['--ignore-window', '--reason', 'Outage 4711, approved by Jo'];
    const done = await apply([NEVER], ...args, '--format', 'json');
    expect(done.exit).toBe(0);
    expect(reportOf(done)).toMatchObject({
      outcome: 'applied',
      summary: { applied: 2 },
      diagnostics: [
        {
          code: 'apply.windows-ignored',
          severity: 'warning',
          message: 'The change windows are ignored: Outage 4711, approved by Jo',
        },
      ],
    });
    expect(simulator.state.codesOf('Billing EN')).toEqual(['Call back', 'Escalated', 'Resolved']);
  });

  test('lifts no other hold', async () => {
    const args = ['--ignore-window', '--reason', 'Outage 4711', '--format', 'json'];
    const busy = await apply([NEVER, HOLD], ...args);
    expect(busy.exit).toBe(0);
    expect(reportOf(busy).queues).toMatchObject([
      { name: 'Billing DE', outcome: 'applied' },
      {
        name: 'Billing EN',
        outcome: 'held',
        reason: expect.stringMatching(/^held by busy: interactions are going on in it; left out: /),
      },
    ]);
    const suspended = await apply(
      ['suspend: { reason: Audit, by: jo, until: 2999-01-01T00:00:00Z }', NEVER],
      ...args,
    );
    expect(reportOf(suspended).queues).toMatchObject([
      { name: 'Billing EN', outcome: 'held', reason: expect.stringContaining('held by suspend') },
    ]);
    expect(simulator.state.codesOf('Billing EN')).toEqual(['Resolved']);
  });
});

test('a queue that somebody changed meanwhile is stale, and the report names who it was', async () => {
  simulator.faults.add({
    match: ({ method, route, path }) =>
      method === 'GET' &&
      route === '/api/v2/routing/queues/{queueId}' &&
      path.endsWith(simulator.state.queue('Billing DE').id ?? ''),
    times: 1,
    effect: {
      kind: 'edit',
      act: (admin) =>
        admin.setAcw('Billing DE', { wrapupPrompt: 'AGENT_REQUESTED', timeoutMs: 9_000 }),
    },
  });
  const done = await apply([], '--format', 'json');
  expect(done.exit).toBe(3);
  expect(reportOf(done).queues[0]).toMatchObject({
    name: 'Billing DE',
    outcome: 'stale',
    reason: expect.stringMatching(
      /^after-call work is AGENT_REQUESTED 9s now, .*; changed by Ada Admin at \d{4}-\d\d-\d\dT[\d:]{8}Z$/,
    ),
  });
});
