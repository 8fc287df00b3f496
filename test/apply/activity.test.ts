/** The activity guard, from the settings to the report. */
import { describe, expect, it } from 'vitest';
import { busyHold } from '../../src/plan/forecast.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import type { Behaviour, OrgSeed } from '../support/memory-org.js';
import { applyOver, planOver } from '../support/pass.js';
import { policy, policySet, settings } from '../support/policy-set.js';

const SET = policySet(policy('p', { codes: { codes: ['A'] } }));
const HOLD = settings({ activity: { maxInteracting: 2, onBusy: 'hold' } });

const orgWith = (queues: OrgSeed['queues'], behaviour: Partial<Behaviour> = {}) =>
  new MemoryOrg({ codes: ['A'], queues }, new FakeClock(), behaviour);

const asked = (org: MemoryOrg) =>
  org.requests.filter(({ action }) => action === 'interacting').map(({ queue }) => queue);

describe('a queue with so many interactions', () => {
  it.each([
    [0, 0, null],
    [1, 0, 'interactions are going on in it'],
    [2, 2, null],
    [3, 2, 'more than 2 interactions are going on in it'],
  ])('%i, where %i may: %s', (count, most, reason) => {
    expect(busyHold({ kind: 'counted', count }, most)?.reason ?? null).toBe(reason);
  });
});

describe('busy queues', () => {
  const QUEUES = [
    { name: 'Busy', interacting: 3 },
    { name: 'Idle', interacting: 2 },
    { name: 'Unread', interacting: null },
  ];

  it('are held in the plan, which costs what an apply then sends', async () => {
    const org = orgWith(QUEUES);
    const { plan, report } = await applyOver(org, SET, { settings: HOLD });
    expect(plan.queues.map(({ name }) => name)).toEqual(['Idle']);
    expect(plan.held).toMatchObject([
      {
        name: 'Busy',
        by: 'busy',
        reason: 'more than 2 interactions are going on in it',
        until: null,
      },
      {
        name: 'Unread',
        by: 'busy',
        reason:
          'how busy it is could not be read: the platform does not tell (correlation id correlation-busy)',
      },
    ]);
    expect(plan.held[0]).not.toHaveProperty('correlationId');
    expect(report.queues).toMatchObject([
      {
        name: 'Busy',
        outcome: 'held',
        steps: [],
        reason: 'held by busy: more than 2 interactions are going on in it; left out: add "A"',
      },
      { name: 'Idle', outcome: 'applied' },
      {
        name: 'Unread',
        outcome: 'held',
        reason:
          'held by busy: how busy it is could not be read: the platform does not tell; left out: add "A"',
        correlationId: 'correlation-busy',
      },
    ]);
    expect(report.requests.sent).toBe(plan.cost.requests);
    // Together for the plan, and each by itself just before its first write.
    expect(asked(org)).toEqual([
      null,
      org.queue('Busy').id,
      org.queue('Idle').id,
      org.queue('Unread').id,
    ]);
  });

  it('are not asked about again where nothing would be written', async () => {
    const org = orgWith(QUEUES.filter(({ name }) => name !== 'Idle'));
    const { plan, report } = await applyOver(org, SET, { settings: HOLD });
    expect(report).toMatchObject({ outcome: 'held', summary: { held: 2 } });
    expect(report.requests.sent).toBe(plan.cost.requests);
    expect(asked(org)).toEqual([null]);
  });

  it('are those that are busy at the moment of the write, whatever the plan expected', async () => {
    const org = orgWith([
      { name: 'Busy', interacting: 3 },
      { name: 'Idle', interacting: 0 },
      { name: 'Other', interacting: 0 },
    ]);
    const { report } = await applyOver(org, SET, {
      settings: HOLD,
      request: {
        approve: () => {
          org.setInteracting('Busy', 0);
          org.setInteracting('Idle', 3);
          return Promise.resolve(true);
        },
      },
    });
    expect(report.queues.map(({ name, outcome }) => `${name}: ${outcome}`)).toEqual([
      'Busy: applied',
      'Idle: held',
      'Other: applied',
    ]);
    expect(org.queue('Idle').codes).toEqual([]);
  });

  it('are finished once they have begun', async () => {
    const set = policySet(policy('p', { work: 'MANDATORY', codes: { codes: ['A'] } }));
    const org = orgWith([{ name: 'Billing', interacting: 0 }], {
      onRequest: ({ action }, found) => {
        if (action === 'addCodes') found.setInteracting('Billing', 9);
        return undefined;
      },
    });
    const { report } = await applyOver(org, set, { settings: HOLD });
    expect(report.queues).toMatchObject([{ outcome: 'applied', steps: [{}, {}] }]);
    const { id } = org.queue('Billing');
    expect(asked(org)).toEqual([id, id]);
  });

  it('are written, and nobody is asked, where the settings say so', async () => {
    const org = orgWith(QUEUES);
    const { report } = await applyOver(org, SET);
    expect(report.summary.applied).toBe(3);
    expect(asked(org)).toEqual([]);
  });

  it('have the digest that they would have if they were idle', async () => {
    const digestOf = async (interacting: number) =>
      (await planOver(orgWith([{ name: 'Billing', interacting }]), SET, { settings: HOLD })).digest;
    expect(await digestOf(3)).toBe(await digestOf(0));
  });

  it('are asked about in one request for every hundred', async () => {
    const org = orgWith(Array.from({ length: 250 }, (_, at) => ({ name: `Queue ${at}` })));
    const { plan, report } = await applyOver(org, SET, { settings: HOLD });
    expect(report.summary.applied).toBe(250);
    expect(report.requests.sent).toBe(plan.cost.requests);
  });
});
