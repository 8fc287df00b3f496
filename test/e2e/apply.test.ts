import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApplyReport, Plan } from '../../src/domain/change.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor, printed, repository, run, start } from './cli.js';
import type { Result } from './cli.js';
import { BILLING, settings } from './policies.js';

const CODES = ['Resolved', 'Escalated', 'Call back', 'Other'];
const PUT = { method: 'PUT', path: '/api/v2/routing/queues/{queueId}' };
const ACW_ONLY = BILLING.replace(/ {2}wrapupCodes:[^]*/, '');
const DESIRED = { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 };

let simulator: Simulator;
let cwd: string;

/** An organization with so many billing queues, each two codes and a prompt away from its policy. */
const simulate = async (queues: number): Promise<void> => {
  simulator = await startSimulator({
    seed: {
      organization: { name: 'Example Contact Centre' },
      codes: CODES,
      queues: Array.from({ length: queues }, (_, index) => ({
        name: `Billing ${String(index).padStart(2, '0')}`,
        codes: ['Resolved', 'Other'],
      })),
    },
  });
};

const use = async (...lines: readonly string[]): Promise<void> => {
  cwd = await repository({
    'policies/billing.yaml': BILLING,
    // What a test does not wait for should not be waited for.
    'wrapkeeper.yaml': settings('settleFor: 1s', ...lines),
  });
};

beforeEach(async () => {
  await simulate(3);
  await use();
});
afterEach(() => simulator.close());

const cli = (...args: readonly string[]): Promise<Result> =>
  run(args, { cwd, env: environmentFor(simulator) });
const apply = (...args: readonly string[]): Promise<Result> => cli('apply', ...args);
const applyJson = async (
  ...args: readonly string[]
): Promise<{ readonly exit: Result['exit']; readonly report: ApplyReport }> => {
  const { exit, stdout } = await apply('--auto-approve', '--format', 'json', ...args);
  return { exit, report: JSON.parse(stdout) as ApplyReport };
};

describe('exit 0', () => {
  test('everything is applied: the plan on stderr, the report on stdout', async () => {
    const { exit, stdout, stderr } = await apply('--auto-approve');
    expect(exit).toBe(0);
    expect(stderr).toContain('Plan: 3 queues to change');
    expect(stdout).toMatch(/^Done: 3 queues: Billing 00, Billing 01, Billing 02\n/);
    expect(stdout).toContain('Applied: 3 queues changed');
    expect(stdout).not.toContain('Plan:');
    expect(simulator.state.codesOf('Billing 01')).toEqual(['Call back', 'Escalated', 'Resolved']);
    expect(simulator.state.queue('Billing 01').acwSettings).toEqual(DESIRED);
  });

  test('a pipe sees no progress and no escape sequence', async () => {
    const { stdout, stderr } = await apply('--auto-approve');
    for (const character of ['\r', '\u001b']) expect(stdout + stderr).not.toContain(character);
  });

  test('JSON is an ApplyReport, and stderr is empty', async () => {
    const { exit, stdout, stderr } = await apply('--auto-approve', '--format', 'json');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'ApplyReport',
      formatVersion: '1.0',
      outcome: 'applied',
      summary: { applied: 3, failed: 0 },
      journal: { seq: expect.any(Number), hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
    });
  });

  test('the plan after it is empty, twice, and so is another apply', async () => {
    await apply('--auto-approve');
    simulator.requests.clear();
    for (const _ of [1, 2]) {
      const { exit, stdout } = await cli('plan', '--detailed-exitcode', '--format', 'json');
      expect(exit).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        queues: [],
        held: [],
        catalog: { create: [], rename: [] },
      });
    }
    // Nobody is asked where there is nothing to write.
    const { exit, stdout } = await apply();
    expect(exit).toBe(0);
    expect(stdout).toContain('Nothing to do');
    expect(simulator.requests.effective()).toEqual([]);
  });

  test('the cost that a plan tells is what the apply spends', async () => {
    const { stdout } = await cli('plan', '--format', 'json');
    const { cost } = JSON.parse(stdout) as Plan;
    const { report } = await applyJson();
    expect(report.requests.sent).toBe(cost.requests);
  });

  test('held changes are told and fail nothing', async () => {
    cwd = await repository({
      'policies/billing.yaml': BILLING.replace('spec:', 'spec:\n  enforcement: report'),
    });
    const { exit, report } = await applyJson();
    expect(exit).toBe(0);
    expect(report).toMatchObject({ outcome: 'held', summary: { held: 3, applied: 0 } });
  });

  test('--queue applies to some', async () => {
    const { exit, report } = await applyJson('--queue', '*01');
    expect(exit).toBe(0);
    expect(report.queues.map(({ name }) => name)).toEqual(['Billing 01']);
    expect(simulator.state.codesOf('Billing 02')).toContain('Other');
  });

  test('--queue that matches nothing writes nothing', async () => {
    expect((await apply('--auto-approve', '--queue', 'Sales *')).exit).toBe(1);
    expect(simulator.requests.effective()).toEqual([]);
  });
});

describe('exit 1', () => {
  test('without a terminal and without --auto-approve nobody has agreed', async () => {
    const { exit, stdout, stderr } = await apply();
    expect(exit).toBe(1);
    expect(stderr).toContain('Plan: 3 queues to change');
    expect(stdout).toContain('apply.not-approved');
    expect(stdout).toContain('--auto-approve');
    expect(simulator.requests.effective()).toEqual([]);
  });

  test('`yes` in a pipe is nobody', async () => {
    const { exit, stdout } = await run(['apply', '--format', 'json'], {
      cwd,
      env: environmentFor(simulator),
      input: 'yes\n',
    });
    expect(exit).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'ApplyReport',
      outcome: 'failed',
      summary: { notAttempted: 3 },
      diagnostics: [{ code: 'apply.not-approved' }],
    });
    expect(simulator.requests.effective()).toEqual([]);
  });

  test('every queue fails', async () => {
    cwd = await repository({
      'policies/acw.yaml': ACW_ONLY,
      'wrapkeeper.yaml': settings('settleFor: 1s'),
    });
    for (const name of simulator.state.queueNames())
      simulator.admin.setStaleReference(name, 'onHoldPrompt.id');
    const { exit, report } = await applyJson();
    expect(exit).toBe(1);
    expect(report).toMatchObject({ outcome: 'failed', summary: { failed: 3, applied: 0 } });
    expect(report.queues[0]?.reason).toContain('onHoldPrompt');
    expect(report.queues[0]?.correlationId).toMatch(/^[0-9a-f-]{36}$/);
  });
});

test('exit 3: one queue fails, the others are applied', async () => {
  simulator.admin.setStaleReference('Billing 01', 'onHoldPrompt.id');
  const { exit, stdout } = await apply('--auto-approve');
  expect(exit).toBe(3);
  expect(stdout).toMatch(/^Failed: Billing 01\n/);
  expect(stdout).toContain('onHoldPrompt');
  expect(stdout).toContain('Applied in part: 2 queues changed, 1 failed');
  const { exit: again, report } = await applyJson();
  // Its codes were added before its prompt was refused: nothing took effect this time.
  expect(again).toBe(1);
  expect(report.queues.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['Billing 01', 'failed'],
  ]);
});

describe('exit 4', () => {
  beforeEach(async () => {
    await simulator.close();
    await simulate(8);
  });

  test('a guard refuses before the first write, names its measure and the ways out', async () => {
    const { exit, stdout, stderr } = await apply('--auto-approve');
    expect(exit).toBe(4);
    expect(simulator.requests.effective()).toEqual([]);
    expect(stderr).toContain('Plan: 8 queues to change');
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain('Guard queuesChanged refuses: 8 of 8 governed queues');
    expect(text).toContain('the limit is 30 % or 100');
    expect(text).toContain('GuardAllowance');
    expect(text).toMatch(/--accept sha256:[0-9a-f]{64}/);
    expect(text).toContain('Refused by a guard, nothing was changed');
  });

  test('as JSON, and --accept with the digest of the plan lifts it', async () => {
    const { exit, report } = await applyJson();
    expect(exit).toBe(4);
    expect(report).toMatchObject({ outcome: 'refused', summary: { notAttempted: 8 } });
    expect(report.diagnostics).toContainEqual(
      expect.objectContaining({ code: 'apply.refused-by-guard', severity: 'error' }),
    );

    const other = `sha256:${'0'.repeat(64)}`;
    const wrong = await applyJson('--accept', other);
    expect(wrong.exit).toBe(4);
    expect(wrong.report.diagnostics.at(-1)?.message).toContain(
      `--accept names another plan, ${other}`,
    );
    expect(simulator.requests.effective()).toEqual([]);

    const right = await applyJson('--accept', report.planDigest);
    expect(right.exit).toBe(0);
    expect(right.report).toMatchObject({ outcome: 'applied', summary: { applied: 8 } });
  });

  test('plan says so, and exits 0', async () => {
    const { exit, stdout } = await cli('plan');
    expect(exit).toBe(0);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('An apply refuses this plan.');
  });
});

test('exit 5: somebody was faster on every queue', async () => {
  await simulator.close();
  simulator = await startSimulator({
    seed: { codes: CODES, queues: [{ name: 'Billing 00', codes: CODES.slice(0, 3) }] },
  });
  simulator.faults.add({
    match: { method: 'GET', path: PUT.path },
    times: 1,
    effect: {
      kind: 'edit',
      act: (admin) => admin.setAcw('Billing 00', { wrapupPrompt: 'MANDATORY' }),
    },
  });
  const { exit, stdout } = await apply('--auto-approve');
  expect(exit).toBe(5);
  expect(stdout).toMatch(/^Stale: Billing 00\n/);
  expect(stdout).toContain('after-call work is MANDATORY now');
  expect(simulator.state.queue('Billing 00').acwSettings).toEqual({ wrapupPrompt: 'MANDATORY' });
});

test('exit 6: a reference that nothing has', async () => {
  cwd = await repository({ 'policies/billing.yaml': BILLING.replace('Escalated', 'Escalatd') });
  const { exit, stdout } = await apply('--auto-approve', '--format', 'json');
  expect(exit).toBe(6);
  expect(JSON.parse(stdout)).toMatchObject({
    kind: 'Error',
    exitCode: 6,
    diagnostics: [{ code: 'reference.unknown-code', file: 'policies/billing.yaml', line: 14 }],
  });
  expect(simulator.requests.effective()).toEqual([]);
});

describe('a signal', () => {
  const QUEUES = 24;

  beforeEach(async () => {
    await simulator.close();
    await simulate(QUEUES);
    await use(
      'limits: { requestsPerMinute: 100000, concurrency: 2 }',
      'guards: { queuesChanged: { percent: 100, count: 100 }, codesRemoved: { percent: 100 } }',
    );
    simulator.faults.add({ effect: { kind: 'latency', ms: 20 } });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s: queues in flight finish their step, and the report tells the rest',
    async (signal, exit) => {
      const written = simulator.requests.next(({ tookEffect }) => tookEffect);
      const running = start(['apply', '--auto-approve', '--format', 'json'], {
        cwd,
        env: environmentFor(simulator),
      });
      await written;
      running.child.kill(signal);
      const result = await running.result;
      expect(result.exit).toBe(exit);
      const report = JSON.parse(result.stdout) as ApplyReport;
      expect(report.queues).toHaveLength(QUEUES);
      expect(report.summary.notAttempted).toBeGreaterThan(0);
      for (const { outcome, reason } of report.queues)
        if (outcome === 'failed') expect(reason).toContain('the run was stopped');
      expect(report.diagnostics.map(({ code }) => code)).toEqual(['cli.interrupted']);
      // Every step that took effect is in the report, and no other.
      const told = report.queues.flatMap(({ steps }) =>
        steps.filter((step) => step.result === 'applied'),
      );
      expect(told).toHaveLength(simulator.requests.effective().length);
      for (const { name, outcome } of report.queues) {
        if (outcome === 'applied') expect(simulator.state.codesOf(name)).not.toContain('Other');
      }
      // What is left is picked up by the next run.
      simulator.faults.clear();
      const rest = await apply('--auto-approve');
      expect(rest.exit).toBe(0);
      expect((await cli('plan', '--detailed-exitcode')).exit).toBe(0);
    },
  );

  test('what was written is still read back', async () => {
    cwd = await repository({
      'policies/acw.yaml': ACW_ONLY.replace('MANDATORY_TIMEOUT', 'AGENT_REQUESTED'),
      'wrapkeeper.yaml': settings('guards: { queuesChanged: { percent: 100 } }'),
    });
    const written = simulator.requests.next(({ tookEffect }) => tookEffect);
    // The first read is the fresh one before the write, the second the read-back.
    simulator.faults.add({
      match: { method: 'GET', path: PUT.path },
      skip: 1,
      effect: { kind: 'latency', ms: 1_000 },
    });
    const args = ['apply', '--auto-approve', '--queue', '*00', '--format', 'json'];
    const running = start(args, { cwd, env: environmentFor(simulator) });
    await written;
    running.child.kill('SIGINT');
    const { exit, stdout } = await running.result;
    expect(exit).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'applied', summary: { applied: 1 } });
  });

  test('a second one ends it at once', async () => {
    let asked = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (asked = resolve));
    simulator.faults.add({
      match: PUT,
      effect: [
        { kind: 'edit', act: () => asked() },
        { kind: 'latency', ms: 60_000 },
      ],
    });
    const running = start(['apply', '--auto-approve'], { cwd, env: environmentFor(simulator) });
    await arrived;
    running.child.kill('SIGINT');
    await printed(running, 'stderr', 'Stopping');
    running.child.kill('SIGINT');
    expect(await running.result).toMatchObject({ exit: 130, stdout: '' });
  });
});
