/** An operator takes back what a run has done, while others look on. */
import { join } from 'node:path';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApplyReport, Plan } from '../../src/domain/change.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor, repository, run } from './cli.js';
import type { Result } from './cli.js';
import { BILLING, settings } from './policies.js';

let simulator: Simulator;
let cwd: string;
const cli = (...args: readonly string[]): Promise<Result> =>
  run(args, { cwd, env: environmentFor(simulator) });

beforeEach(async () => {
  simulator = await startSimulator({
    seed: {
      codes: ['Resolved', 'Escalated', 'Call back', 'Other'],
      queues: ['Billing DE', 'Billing EN'].map((name) => ({
        name,
        codes: ['Other', 'Resolved'],
        acwSettings: { wrapupPrompt: 'MANDATORY' },
      })),
    },
  });
  cwd = await repository({
    'policies/billing.yaml': BILLING,
    'wrapkeeper.yaml': settings('settleFor: 20ms'),
  });
});
afterEach(() => simulator.close());

/** The id of the run that applied the policies. */
const applied = async (): Promise<string> => {
  const { exit, stdout } = await cli('apply', '--auto-approve', '--format', 'json');
  expect(exit).toBe(0);
  return (JSON.parse(stdout) as ApplyReport).run;
};
const state = (): unknown =>
  ['Billing DE', 'Billing EN'].map((name) => {
    const queue = simulator.state.queue(name);
    return [queue.acwSettings, simulator.state.codesOf(name)];
  });
/** The policies ask for nothing any more. */
const revert = (): Promise<void> =>
  writeFile(
    join(cwd, 'policies/billing.yaml'),
    BILLING.replace('spec:', 'spec:\n  enforcement: report'),
  );

describe('undo', () => {
  test('brings back what was there, by a plan that is reviewed and applied', async () => {
    const before = state();
    const id = await applied();
    expect(state()).not.toEqual(before);
    await revert();
    const undo = await cli('audit', 'undo', id.slice(0, 8), '--out', 'undo.json');
    expect({ exit: undo.exit, stderr: undo.stderr }).toMatchObject({ exit: 0 });
    expect(undo.stdout.replaceAll(/\s+/g, ' ')).toContain(`The inverse of run ${id},`);
    expect(undo.stderr).toContain('wrapkeeper apply undo.json');
    const plan = JSON.parse(await readFile(join(cwd, 'undo.json'), 'utf8')) as Plan;
    expect(plan.undoes?.run).toBe(id);
    // It is a plan like every other: guards hold.
    expect((await cli('apply', 'undo.json')).exit).toBe(4);
    const again = await cli('apply', 'undo.json', '--accept', plan.digest, '--format', 'json');
    expect([again.exit, (JSON.parse(again.stdout) as ApplyReport).outcome]).toEqual([0, 'applied']);
    expect(state()).toEqual(before);
    const list = await cli('audit', 'list', '--format', 'json');
    expect(list.stdout).toContain(`"undoes":"${id}"`);
    expect(list.stdout).toContain(`because the run ${id} is undone`);
    // Twice is once too often.
    expect((await cli('apply', 'undo.json')).exit).toBe(5);
    const more = await cli('audit', 'undo', id, '--out', 'more.json');
    expect(more.exit).toBe(1);
    expect(more.stderr).toContain('undo.nothing');
    await expect(readFile(join(cwd, 'more.json'))).rejects.toThrow('ENOENT');
  });

  test('is refused where the policies would do it again, and says what to do', async () => {
    const id = await applied();
    const writes = simulator.requests.effective().length;
    const { exit, stdout, stderr } = await cli('audit', 'undo', id, '--out', 'undo.json');
    expect(exit).toBe(1);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('billing, policies/billing.yaml:');
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('Revert the commit that asks for it');
    expect(simulator.requests.effective()).toHaveLength(writes);
    await expect(readFile(join(cwd, 'undo.json'))).rejects.toThrow('ENOENT');
  });

  test('leaves alone what somebody has changed since', async () => {
    const id = await applied();
    await revert();
    simulator.admin.addCode('Billing DE', 'Other');
    const { exit, stdout } = await cli(
      'audit',
      'undo',
      id,
      '--out',
      'undo.json',
      '--format',
      'json',
    );
    expect(exit).toBe(0);
    const plan = JSON.parse(stdout) as Plan;
    expect(plan.queues.map(({ name }) => name)).toEqual(['Billing EN']);
    expect(plan.diagnostics).toMatchObject([{ code: 'undo.left-out', queue: 'Billing DE' }]);
  });

  test.each([
    [['no-such-run', '--out', 'x.json'], 'audit.unknown-run'],
    [['x'], 'cli.usage'],
  ])('%j is refused', async (args, code) => {
    await applied();
    const { exit, stderr } = await cli('audit', 'undo', ...args);
    expect(exit).toBe(1);
    expect(stderr).toContain(`error ${code}`);
  });

  test('knows nothing without a journal', async () => {
    const id = await applied();
    await rm(join(cwd, '.wrapkeeper'), { recursive: true });
    const { exit, stderr } = await cli('audit', 'undo', id, '--out', 'undo.json');
    expect(exit).toBe(1);
    expect(stderr).toContain('audit.unknown-run');
  });
});
