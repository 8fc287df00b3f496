/** `plan --out` and `apply PLANFILE`, and one writer at a time, as processes. */
import { writeFileSync } from 'node:fs';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApplyReport, Plan } from '../../src/domain/change.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor, repository, run, start } from './cli.js';
import type { Result, Running } from './cli.js';
import { BILLING, settings } from './policies.js';

const CODES = ['Resolved', 'Escalated', 'Call back', 'Other'];
const PUT = { method: 'PUT', path: '/api/v2/routing/queues/{queueId}' };

const simulate = (): Promise<Simulator> =>
  startSimulator({
    seed: {
      organization: { name: 'Example Contact Centre' },
      codes: CODES,
      queues: ['Billing DE', 'Billing EN', 'Billing FR'].map((name) => ({
        name,
        codes: ['Resolved', 'Other'],
      })),
    },
  });

let simulator: Simulator;
let cwd: string;
beforeEach(async () => {
  simulator = await simulate();
  cwd = await repository({
    'policies/billing.yaml': BILLING,
    'wrapkeeper.yaml': settings('settleFor: 1s'),
  });
});
afterEach(() => simulator.close());

const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  run(args, { cwd, env: { ...environmentFor(simulator), ...env } });
const save = (...args: readonly string[]): Promise<Result> =>
  cli(['plan', '--out', 'plan.json', ...args]);
const applyJson = async (
  env: Readonly<Record<string, string>> = {},
  ...args: readonly string[]
): Promise<{ exit: Result['exit']; report: ApplyReport }> => {
  const { exit, stdout } = await cli(['apply', 'plan.json', '--format', 'json', ...args], env);
  return { exit, report: JSON.parse(stdout) as ApplyReport };
};
const refused = async (
  env: Readonly<Record<string, string>> = {},
  ...args: readonly string[]
): Promise<readonly [Result['exit'], string | undefined]> => {
  const { exit, stdout } = await cli(['apply', 'plan.json', '--format', 'json', ...args], env);
  const error = JSON.parse(stdout) as {
    kind: string;
    exitCode: number;
    diagnostics: { code: string }[];
  };
  expect(error).toMatchObject({ kind: 'Error', formatVersion: '1.0', exitCode: exit });
  return [exit, error.diagnostics[0]?.code];
};
const plan = async (): Promise<Plan> =>
  JSON.parse(await readFile(join(cwd, 'plan.json'), 'utf8')) as Plan;
const writes = (): number => simulator.requests.effective().length;

describe('a saved plan', () => {
  test('is a file for its owner alone, and the same as is printed', async () => {
    const { exit, stdout, stderr } = await save('--format', 'json');
    expect(exit).toBe(0);
    expect(await plan()).toEqual(JSON.parse(stdout));
    expect(stderr).toMatch(
      /^Saved as plan\.json, good until .* UTC\.\nTo apply it: wrapkeeper apply plan\.json\n$/,
    );
    expect((await stat(join(cwd, 'plan.json'))).mode & 0o777).toBe(0o600);
    expect((await readdir(cwd)).sort()).toEqual(['plan.json', 'policies', 'wrapkeeper.yaml']);
  });

  test('is applied without a question, and once', async () => {
    await save();
    const { exit, report } = await applyJson();
    expect(exit).toBe(0);
    expect(report).toMatchObject({ outcome: 'applied', planDigest: (await plan()).digest });
    expect(simulator.state.codesOf('Billing EN')).toEqual(['Call back', 'Escalated', 'Resolved']);
    const before = writes();
    simulator.admin.removeCode('Billing EN', 'Resolved');
    expect(await refused()).toEqual([5, 'plan.spent']);
    expect(writes()).toBe(before);
  });

  test('that was applied in part can be applied again', async () => {
    await save();
    simulator.faults.add({ match: PUT, times: 1, effect: { kind: 'error', status: 400 } });
    expect((await applyJson()).exit).toBe(3);
    // What was done is in sync; the queue that failed halfway is not what it was.
    const again = await applyJson();
    expect(again.report.summary).toMatchObject({ inSync: 2, stale: 1 });
    expect(again.exit).toBe(5);
  });

  test('is refused when it was edited, and nothing is asked', async () => {
    await save();
    const text = await readFile(join(cwd, 'plan.json'), 'utf8');
    await writeFile(join(cwd, 'plan.json'), text.replaceAll('Escalated', 'Other'));
    const before = simulator.requests.all().length;
    expect(await refused()).toEqual([5, 'plan.edited']);
    expect(simulator.requests.all()).toHaveLength(before);
  });

  test('is refused after the policies have changed, or where the key is another', async () => {
    await save();
    expect(await refused({ WRAPKEEPER_PLAN_KEY: 'secret-canary' })).toEqual([5, 'plan.unsealed']);
    await writeFile(join(cwd, 'policies/billing.yaml'), BILLING.replace('45s', '46s'));
    expect(await refused()).toEqual([5, 'plan.policies-changed']);
    expect(writes()).toBe(0);
  });

  test('is sealed with a key that is in none of it', async () => {
    const key = { WRAPKEEPER_PLAN_KEY: 'secret-canary' };
    const { stdout, stderr } = await cli(
      ['plan', '--out', 'plan.json', '--log-level', 'debug'],
      key,
    );
    const everything = stdout + stderr + (await readFile(join(cwd, 'plan.json'), 'utf8'));
    expect(everything).not.toContain('secret-canary');
    expect(await refused()).toEqual([5, 'plan.unsealed']);
    expect((await applyJson(key)).exit).toBe(0);
  });

  test('is refused by another organization, and another region', async () => {
    await save();
    expect(await refused({}, '--region', 'eu-west-1')).toEqual([5, 'plan.other-region']);
    const other = await startSimulator({
      seed: { organization: { name: 'Other' }, codes: CODES, queues: [{ name: 'Billing DE' }] },
    });
    try {
      expect(await refused(environmentFor(other))).toEqual([5, 'plan.other-organization']);
    } finally {
      await other.close();
    }
  });

  test('stands in no folder that is not there', async () => {
    const { exit, stderr, stdout } = await cli(['plan', '--out', 'no/plan.json']);
    expect([exit, stdout]).toEqual([1, '']);
    expect(stderr).toContain('error plan.not-saved');
  });

  test('says what it contains: nobody can select of it', async () => {
    await save('--queue', 'Billing EN');
    const { exit, stderr } = await cli(['apply', 'plan.json', '--queue', 'Billing EN']);
    expect(exit).toBe(1);
    expect(stderr).toContain('--queue selects what is planned');
    expect((await applyJson()).report.queues).toMatchObject([{ name: 'Billing EN' }]);
  });

  test('that is not there is told', async () => {
    expect(await refused()).toEqual([1, 'plan.unreadable']);
  });
});

describe('two runs at once', () => {
  /** An apply in the middle of its first PUT. */
  const inTheMiddle = async (): Promise<Running> => {
    const arrived = new Promise<void>((resolve) => {
      simulator.faults.add({
        match: PUT,
        effect: [
          { kind: 'edit', act: () => resolve() },
          { kind: 'latency', ms: 60_000 },
        ],
      });
    });
    const running = start(['apply', '--auto-approve'], { cwd, env: environmentFor(simulator) });
    await arrived;
    return running;
  };

  test('one is refused, and says who writes', async () => {
    const first = await inTheMiddle();
    const logins = (): number =>
      simulator.requests.all().filter(({ path }) => path === '/oauth/token').length;
    const before = logins();
    const second = await cli(['apply', '--auto-approve']);
    expect([second.exit, second.stdout]).toEqual([1, '']);
    expect(second.stderr).toContain('error lease.held');
    expect(second.stderr.replaceAll(/\s+/g, ' ')).toContain(`(process ${first.child.pid} on `);
    expect(logins()).toBe(before);
    expect((await cli(['plan'])).exit).toBe(0);
  });

  test('one that was killed is in nobody’s way', async () => {
    const first = await inTheMiddle();
    first.child.kill('SIGKILL');
    await first.result;
    simulator.faults.clear();
    const second = await cli(['apply', '--auto-approve']);
    expect(second.exit).toBe(0);
    expect(simulator.state.codesOf('Billing EN')).toEqual(['Call back', 'Escalated', 'Resolved']);
  });

  test('one whose lease is taken stops before its next write', async () => {
    const take = (): void => writeFileSync(join(cwd, '.wrapkeeper', 'lease.2.json'), '{}');
    simulator.faults.add({ match: PUT, times: 1, effect: { kind: 'edit', act: take } });
    const { exit, stdout } = await cli(['apply', '--auto-approve', '--format', 'json']);
    const report = JSON.parse(stdout) as ApplyReport;
    expect(exit).toBe(3);
    // What was on its way by then is taken; the removals would have followed.
    const methods = simulator.requests.effective().map(({ method }) => method);
    expect(methods).toContain('PUT');
    expect(methods).not.toContain('DELETE');
    expect(report.queues.map(({ outcome }) => outcome)).not.toContain('applied');
    expect(report.queues.map(({ reason }) => reason).join('\n')).toContain('the lease was lost');
    expect(report.diagnostics).toMatchObject([{ code: 'lease.lost' }]);
  });
});

describe('a journal folder that cannot be written', () => {
  test('stops the run before it reads anything', async () => {
    await writeFile(join(cwd, '.wrapkeeper'), 'a file');
    const { exit, stdout, stderr } = await cli(['apply', '--auto-approve']);
    expect([exit, stdout]).toEqual([1, '']);
    expect(stderr).toContain('error journal.unwritable');
    expect(simulator.requests.all()).toEqual([]);
  });
});
