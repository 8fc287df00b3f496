/** The whole of `api: wrapupcodes-put` as people run it, against a gateway that offers that contract. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApplyReport, Plan } from '../../src/domain/change.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor, repository, run } from './cli.js';
import type { Result } from './cli.js';
import { settings } from './policies.js';
import { ROW_OFF as OFF } from '../support/rows.js';

const ROWS = '/api/v2/routing/queues/{queueId}/wrapupcodes';
const POLICY = `apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata: { name: support }
spec:
  queues: { include: [{ name: Support * }] }
  afterCallWork: { prompt: MANDATORY }
  wrapupCodes:
    unlisted: remove
    required: true
    bypass: { transfer: true }
    codes: [Resolved, { name: Escalated, required: false }]
`;

let simulator: Simulator;
let cwd: string;
beforeEach(async () => {
  simulator = await startSimulator({
    api: 'wrapupcodes-put',
    seed: {
      organization: { name: 'Example Contact Centre' },
      codes: ['Resolved', 'Escalated', 'Other'],
      queues: [
        { name: 'Support DE', codes: ['Resolved', 'Other'] },
        { name: 'Support EN', codes: ['Resolved', 'Other'] },
        { name: 'Support FR', codes: ['Other'], enabled: false },
      ],
    },
  });
  cwd = await repository({
    'policies/support.yaml': POLICY,
    'wrapkeeper.yaml': settings('api: wrapupcodes-put', 'settleFor: 1s'),
  });
});
afterEach(() => simulator.close());

const cli = (...args: readonly string[]): Promise<Result> =>
  run(args, { cwd, env: environmentFor(simulator) });
const json = async <Answer>(...args: readonly string[]): Promise<Answer> =>
  JSON.parse((await cli(...args, '--format', 'json')).stdout) as Answer;
const apply = (): Promise<ApplyReport> => json('apply', '--auto-approve');

describe('api: wrapupcodes-put', () => {
  test('validate finds nothing to warn of', async () => {
    const { exit, stdout } = await cli('validate', '--format', 'json');
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ diagnostics: [] });
  });

  test('plan tells the rows, writes nothing, and holds a disabled queue', async () => {
    const plan = await json<Plan>('plan');
    expect(plan.queues.map(({ name }) => name)).toEqual(['Support DE', 'Support EN']);
    expect(plan.queues[0]?.wrapupCodes).toMatchObject({
      add: [{ name: 'Escalated', requirement: { required: false, bypass: { transfer: true } } }],
      update: [{ name: 'Resolved', from: { required: false }, to: { required: true } }],
      remove: [{ name: 'Other' }],
      unchanged: 0,
    });
    expect(plan.held).toMatchObject([{ name: 'Support FR', by: 'disabled' }]);
    expect(plan.diagnostics).toEqual([]);
    expect(simulator.requests.effective()).toEqual([]);
  });

  test('apply puts the list of each queue once, before after-call work, at the cost of the plan', async () => {
    const plan = await json<Plan>('plan');
    const report = await apply();
    expect(report.requests.sent).toBe(plan.cost.requests);
    expect(report).toMatchObject({ outcome: 'applied', summary: { applied: 2, held: 1 } });
    expect(simulator.state.flagsOf('Support EN')).toEqual({
      Escalated: { ...OFF, allowTransfer: true },
      Resolved: { ...OFF, isRequired: true, allowTransfer: true },
    });
    expect(simulator.state.codesOf('Support FR')).toEqual(['Other']);
    const id = simulator.state.queue('Support EN').id ?? '';
    expect(
      simulator.requests
        .effective()
        .filter(({ path }) => path.includes(id))
        .map(({ method, route }) => `${method} ${route}`),
    ).toEqual([`PUT ${ROWS}`, 'PUT /api/v2/routing/queues/{queueId}']);
  });

  test('the plan after it is empty but for what is held', async () => {
    await apply();
    simulator.requests.clear();
    const { queues, held } = await json<Plan>('plan');
    expect({ queues, held: held.map(({ name }) => name) }).toEqual({
      queues: [],
      held: ['Support FR'],
    });
    await apply();
    expect(simulator.requests.effective()).toEqual([]);
  });

  test('a flag that somebody moves is drift, told in words and put back', async () => {
    await apply();
    simulator.admin.setCodeFlags('Support DE', 'Resolved', {
      isRequired: false,
      allowWrapup: true,
    });
    const { stdout } = await cli('plan');
    expect(stdout).toContain('~ Resolved: now required; may no longer be bypassed by wrap-up');
    expect(await apply()).toMatchObject({ outcome: 'applied', summary: { applied: 1 } });
    expect(simulator.state.flagsOf('Support DE')['Resolved']).toEqual({
      ...OFF,
      isRequired: true,
      allowTransfer: true,
    });
  });
});
