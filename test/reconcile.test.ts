import { describe, expect, it } from 'vitest';
import { warning } from '../src/domain/diagnostics.js';
import { AppError } from '../src/domain/errors.js';
import { FakeClock } from './support/fake-clock.js';
import { MemoryOrg, uuid } from './support/memory-org.js';
import type { OrgSeed } from './support/memory-org.js';
import { applyOver, planOver } from './support/pass.js';
import { at, policy, policySet, settings } from './support/policy-set.js';

const SEED: OrgSeed = { codes: ['A'], queues: [{ name: 'Billing' }, { name: 'Sales' }] };
const overSeed = (): MemoryOrg => new MemoryOrg(SEED, new FakeClock());
const SET = policySet(policy('p', { codes: { codes: ['A'] } }));

describe('one pass', () => {
  it('plans, applies and then has nothing left to do', async () => {
    const org = overSeed();
    expect((await planOver(org, SET)).summary.queuesChanged).toBe(2);
    expect((await applyOver(org, SET)).report.outcome).toBe('applied');
    const again = await planOver(org, SET);
    expect(again).toMatchObject({ queues: [], held: [], summary: { queuesInSync: 2 } });
  });

  it('without an apply sends no write', async () => {
    const org = overSeed();
    await planOver(org, SET);
    expect(org.writes).toEqual([]);
  });

  it('refuses another organization than the settings name, before it reads anything of it', async () => {
    const org = overSeed();
    const elsewhere = planOver(org, SET, { settings: settings({ organizationId: uuid(9, 2) }) });
    await expect(elsewhere).rejects.toMatchObject({
      code: 'genesys.wrong-organization',
      exitCode: 1,
    });
    expect(org.requests.map(({ action }) => action)).toEqual(['organization']);
    await planOver(org, SET, { settings: settings({ organizationId: uuid(9, 1) }) });
  });

  it('refuses unresolved references with every finding, or holds what they concern', async () => {
    const set = policySet(
      policy('p', { include: ['Billing'], codes: { codes: ['A', 'Nope'] } }),
      policy('q', { include: ['Sales'], codes: { codes: ['A'] } }),
    );
    const refused = planOver(overSeed(), set);
    await expect(refused).rejects.toBeInstanceOf(AppError);
    await expect(refused).rejects.toMatchObject({
      exitCode: 6,
      diagnostics: [{ code: 'reference.unknown-code' }],
    });

    const { plan, report } = await applyOver(overSeed(), set, { onUnresolved: 'hold' });
    expect(plan.held).toMatchObject([{ name: 'Billing', by: 'unresolved' }]);
    expect(plan.diagnostics).toMatchObject([{ code: 'reference.unknown-code', severity: 'error' }]);
    expect(report.queues).toMatchObject([
      { name: 'Billing', outcome: 'held' },
      { name: 'Sales', outcome: 'applied' },
    ]);
  });

  it('tells once what was found offline and again here', async () => {
    const found = warning({
      code: 'policy.required-advisory',
      message:
        '"A" is required, but no policy manages the prompt: it is checked and reported, not enforced.',
      remedy: 'Use `prompt: MANDATORY` to have it enforced.',
      span: at('p', 30).span,
    });
    const set = policySet(policy('p', { codes: { codes: [{ name: 'A', required: true }] } }));
    const { diagnostics } = await planOver(overSeed(), set, { diagnostics: [found] });
    expect(diagnostics).toHaveLength(1);
  });

  it('plans for the queues that it is asked for', async () => {
    const org = overSeed();
    const { report } = await applyOver(org, SET, { selects: ({ name }) => name === 'Sales' });
    expect(report.queues.map(({ name }) => name)).toEqual(['Sales']);
    expect(org.queue('Billing').codes).toEqual([]);
  });

  it('writes nothing once the plan has expired while it waited for an answer', async () => {
    const org = overSeed();
    const until = org.clock.now() + 60_000;
    const set = policySet(
      policy('p', { codes: { codes: ['A'] }, active: { from: null, until, afterwards: 'keep' } }),
    );
    const answer = async (ms: number) => {
      const approve = async (): Promise<boolean> => {
        await org.clock.sleep(ms);
        return true;
      };
      return (await applyOver(org, set, { request: { approve } })).report;
    };
    const late = await answer(60_000);
    expect(late).toMatchObject({ outcome: 'stale', summary: { applied: 0 } });
    expect(late.queues[0]?.reason).toBe('the plan has expired meanwhile');
    expect(org.writes).toEqual([]);
  });
});
