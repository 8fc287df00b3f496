/** Whole passes through a gateway (`wrapupcodes-put`) over HTTP, with everything that may go wrong on the way. */
import { describe, expect, it } from 'vitest';
import type { ApplyReport, Plan, QueueRow } from '../src/domain/change.js';
import type { Admin } from '../src/simulator/admin.js';
import type { FaultEffect, FaultRule } from '../src/simulator/faults.js';
import { connected } from './genesys/connected.js';
import type { Connected } from './genesys/connected.js';
import { ROW_OFF as OFF } from './support/rows.js';
import { applyOver, planOver } from './support/pass.js';
import { policy, policySet, settings } from './support/policy-set.js';

const api = 'wrapupcodes-put';
const ROWS = '/api/v2/routing/queues/{queueId}/wrapupcodes';
const PUT = { method: 'PUT', path: ROWS };
const SET = policySet(
  policy('p', {
    work: 'MANDATORY',
    codes: {
      codes: [
        { name: 'A', required: true },
        { name: 'B', bypass: { transfer: true } },
      ],
    },
  }),
);

/** Two queues that need a code more, another row, a code less and another prompt. */
const gateway = (...faults: readonly FaultRule<Admin>[]): Promise<Connected> =>
  connected(
    {
      api,
      seed: {
        codes: ['A', 'B', 'X'],
        queues: [
          { name: 'Billing', codes: ['B', 'X'] },
          { name: 'Sales', codes: ['B', 'X'] },
        ],
      },
      faults,
    },
    { api },
  );

const PASS = {
  settings: { ...settings({ api }), limits: { requestsPerMinute: 300, concurrency: 1 } },
};

const plan = (org: Connected): Promise<Plan> => planOver(org, SET, PASS);

const apply = async (org: Connected): Promise<ApplyReport> =>
  (await applyOver(org, SET, PASS)).report;

const rowOf = ({ queues }: ApplyReport, queue: string): QueueRow => {
  const row = queues.find(({ name }) => name === queue);
  if (row === undefined) throw new Error(`no row for ${queue}`);
  return row;
};

/** How often the list of a queue was to be replaced. */
const puts = ({ simulator }: Connected, queue: string): number =>
  simulator.requests
    .all()
    .filter(
      ({ method, route, path }) =>
        method === 'PUT' && route === ROWS && path.includes(simulator.state.queue(queue).id ?? '?'),
    ).length;

const DONE = {
  A: { ...OFF, isRequired: true },
  B: { ...OFF, allowTransfer: true },
};

describe('a pass through a gateway', () => {
  it('costs what its plan said, and leaves nothing to do', async () => {
    const org = await gateway();
    const { cost } = await plan(org);
    const { sent } = org.reader.requests();
    const report = await apply(org);
    expect(report.outcome).toBe('applied');
    expect(org.reader.requests().sent - sent).toBe(cost.requests);
    expect(org.simulator.state.flagsOf('Billing')).toEqual(DONE);
    expect(await plan(org)).toMatchObject({ queues: [], held: [] });
  });

  it('plans and names a code whose name nobody may see', async () => {
    const org = await connected(
      {
        api,
        clients: [
          { id: 'demo', secret: 'demo', grants: [{ permissions: '*', divisions: ['Home'] }] },
        ],
        seed: {
          divisions: [{ name: 'Home' }, { name: 'Retail' }],
          codes: ['A', 'B', { name: 'Hidden', division: 'Retail' }],
          queues: [{ name: 'Billing', codes: ['A', 'Hidden'] }],
        },
      },
      { api },
    );
    const id = org.simulator.state.code('Hidden').id ?? '';
    expect((await plan(org)).queues[0]?.wrapupCodes?.remove).toEqual([{ id, name: id }]);
    expect((await apply(org)).outcome).toBe('applied');
    expect(org.simulator.state.codesOf('Billing')).toEqual(['A', 'B']);
  });

  it.each<[string, FaultEffect<Admin>, 'applied' | 'failed']>([
    ['503 before', { kind: 'error', status: 503, when: 'before' }, 'failed'],
    ['500 after', { kind: 'error', status: 500, when: 'after' }, 'applied'],
    ['cut before', { kind: 'cut', when: 'before' }, 'failed'],
    ['cut after', { kind: 'cut', when: 'after' }, 'applied'],
    ['cut midway', { kind: 'cut', when: 'midway' }, 'applied'],
    ['400', { kind: 'error', status: 400 }, 'failed'],
    ['409', { kind: 'error', status: 409 }, 'failed'],
    ['429', { kind: 'error', status: 429, retryAfterSeconds: 2 }, 'applied'],
  ])(
    '%s of one PUT: the queue tells the truth, and the other goes on',
    async (name, effect, outcome) => {
      const org = await gateway({ match: PUT, times: 1, effect });
      const report = await apply(org);
      const row = rowOf(report, 'Billing');
      expect(row.outcome).toBe(outcome);
      expect(row.steps[0]).toMatchObject({ action: 'put-codes', result: outcome });
      expect(puts(org, 'Billing')).toBe(name === '429' ? 2 : 1);
      const { state } = org.simulator;
      expect(state.flagsOf('Billing')).toEqual(outcome === 'applied' ? DONE : { B: OFF, X: OFF });
      // What comes after a step that failed is not begun.
      expect(state.queue('Billing').acwSettings?.wrapupPrompt === 'MANDATORY').toBe(
        outcome === 'applied',
      );
      expect(rowOf(report, 'Sales').outcome).toBe('applied');
      expect(state.flagsOf('Sales')).toEqual(DONE);
      // The next pass makes it good.
      await apply(org);
      expect(state.flagsOf('Billing')).toEqual(DONE);
      expect((await plan(org)).queues).toEqual([]);
    },
  );

  it('is stale where somebody moves a flag between plan and PUT', async () => {
    // Both queues are read for the plan; the third read is the one before the first PUT.
    const org = await gateway({
      match: { method: 'GET', path: ROWS },
      skip: 2,
      times: 1,
      effect: {
        kind: 'edit',
        act: (admin) => admin.setCodeFlags('Billing', 'B', { allowWrapup: true }),
      },
    });
    const row = rowOf(await apply(org), 'Billing');
    expect(row).toMatchObject({ outcome: 'stale', steps: [] });
    expect(puts(org, 'Billing')).toBe(0);
    expect(org.simulator.state.flagsOf('Billing')['B']).toEqual({ ...OFF, allowWrapup: true });
  });

  it('is refused by 409 where the queue was disabled after the plan, and not tried again', async () => {
    const org = await gateway({
      match: PUT,
      times: 1,
      effect: { kind: 'edit', act: (admin) => admin.setEnabled('Billing', false) },
    });
    const report = await apply(org);
    expect(rowOf(report, 'Billing')).toMatchObject({ outcome: 'failed' });
    expect(puts(org, 'Billing')).toBe(1);
    const held = await apply(org);
    expect(rowOf(held, 'Billing')).toMatchObject({
      outcome: 'held',
      reason: expect.stringMatching(
        /^held by disabled: the queue is disabled; left out: /,
      ) as string,
    });
    expect(puts(org, 'Billing')).toBe(1);
  });

  it('waits for reads that lag the PUT', async () => {
    const org = await gateway({ effect: { kind: 'lag', ms: 3_000 } });
    expect((await apply(org)).outcome).toBe('applied');
    expect(puts(org, 'Billing')).toBe(1);
  });
});
