/** What a plan costs, counted where the requests arrive. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Plan } from '../../src/domain/change.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor, repository, run } from './cli.js';
import { BILLING, settings } from './policies.js';

let simulator: Simulator;
afterEach(() => simulator.close());

const SETTINGS = settings('limits: { requestsPerMinute: 1000000, concurrency: 16 }');
/** What every plan asks besides the lists: whose organization it is. */
const FIXED = 1;

const simulate = async (
  queues: number,
  governed: number,
  codes: readonly string[],
): Promise<void> => {
  simulator = await startSimulator({
    limits: { perToken: null, perClient: null },
    seed: {
      codes: ['Resolved', 'Escalated', 'Call back', ...codes],
      queues: Array.from({ length: queues }, (_, index) => ({
        name: `${index < governed ? 'Billing' : 'Sales'} ${index}`,
        codes: ['Resolved', ...codes],
      })),
    },
  });
};

/** Plans once; returns what was asked, by endpoint, and how often altogether. */
const costOfPlan = async (policy = BILLING) => {
  const cwd = await repository({ 'policies/billing.yaml': policy, 'wrapkeeper.yaml': SETTINGS });
  const { exit, stdout } = await run(['plan', '--format', 'json'], {
    cwd,
    env: environmentFor(simulator),
  });
  expect(exit).toBe(0);
  expect(simulator.requests.effective()).toEqual([]);
  return {
    total: simulator.requests.total(),
    counts: simulator.requests.counts(),
    plan: JSON.parse(stdout) as Plan,
  };
};

describe('promise 3: max(1, ⌈queues/500⌉) + max(1, ⌈codes/500⌉) + max(1, ⌈its codes/100⌉) for each queue, and one more', () => {
  test.each([1, 500, 501, 2_000])('%i governed queues', async (queues) => {
    await simulate(queues, queues, []);
    const { total, counts, plan } = await costOfPlan();
    expect(plan.summary.queuesGoverned).toBe(queues);
    expect(total).toBe(Math.ceil(queues / 500) + 1 + queues + FIXED);
    expect(counts).toMatchObject({ 'POST /oauth/token': 1, 'GET /api/v2/organizations/me': 1 });
  });

  test('long lists of codes are read page by page', async () => {
    await simulate(
      4,
      4,
      Array.from({ length: 498 }, (_, index) => `Code ${index}`),
    );
    // 501 codes in the organization, 499 on each queue; none is absent, so nothing is read twice.
    const { total } = await costOfPlan(
      BILLING.replace('remove', 'keep').replace(', Escalated, Call back', ''),
    );
    expect(total).toBe(1 + 2 + 4 * 5 + FIXED);
  });

  test('queues that no policy governs cost nothing', async () => {
    await simulate(400, 3, []);
    expect((await costOfPlan()).total).toBe(1 + 1 + 3 + FIXED);
  });

  test('queues whose codes nobody manages cost nothing either', async () => {
    await simulate(400, 400, []);
    const { total, plan } = await costOfPlan(
      BILLING.replace(/ {2}wrapupCodes:[^]*/, '').replace('MANDATORY_TIMEOUT', 'AGENT_REQUESTED'),
    );
    expect(plan.queues).toHaveLength(400);
    expect(total).toBe(1 + 1 + FIXED);
  });

  test('an organization without any queue', async () => {
    await simulate(0, 0, []);
    expect((await costOfPlan(BILLING.replace('- name: Billing *', "- name: '*'"))).total).toBe(
      1 + 1 + FIXED,
    );
  });
});

test('many requests that wait at once are no leak, and nobody is warned of one', async () => {
  await simulate(20, 20, []);
  simulator.faults.add({
    match: { path: '/api/v2/routing/queues/{queueId}/wrapupcodes' },
    times: 20,
    effect: { kind: 'error', status: 503 },
  });
  const cwd = await repository({ 'policies/billing.yaml': BILLING, 'wrapkeeper.yaml': SETTINGS });
  const { exit, stderr } = await run(['plan'], { cwd, env: environmentFor(simulator) });
  expect(exit).toBe(0);
  expect(stderr).not.toContain('MaxListenersExceededWarning');
});
