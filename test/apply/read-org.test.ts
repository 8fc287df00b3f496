import { describe, expect, it } from 'vitest';
import type { OrgReader } from '../../src/apply/ports.js';
import type { PolicySet } from '../../src/policy/model.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryOrg, uuid } from '../support/memory-org.js';
import type { Behaviour, OrgSeed } from '../support/memory-org.js';
import { planOver } from '../support/pass.js';
import { catalog, policy, policySet, settings } from '../support/policy-set.js';

const read = async (set: PolicySet, seed: OrgSeed, behaviour: Partial<Behaviour> = {}) => {
  const org = new MemoryOrg(seed, new FakeClock(), behaviour);
  const plan = await planOver(org, set);
  const counts = new Map<string, number>();
  for (const { action } of org.requests) counts.set(action, (counts.get(action) ?? 0) + 1);
  return { plan, counts: Object.fromEntries(counts), sent: org.reader.requests().sent };
};

const SEED: OrgSeed = {
  codes: ['A', 'B'],
  queues: [
    { name: 'Billing', codes: ['A'] },
    { name: 'Sales', division: 'Retail' },
  ],
};
const LISTS = { organization: 1, listQueues: 1, listCodes: 1 };

describe('a plan reads', () => {
  it.each<[string, PolicySet, object]>([
    [
      'the lists alone where no codes are managed',
      policySet(policy('p', { work: 'OPTIONAL' })),
      LISTS,
    ],
    [
      'the codes of each governed queue whose codes are managed',
      policySet(
        policy('p', { include: ['Billing'], codes: { codes: ['A'] } }),
        policy('q', { work: 'OPTIONAL' }),
      ),
      { ...LISTS, queueCodes: 1 },
    ],
    [
      'the codes of a queue that it makes MANDATORY',
      policySet(policy('p', { include: ['Sales'], work: 'MANDATORY' })),
      { ...LISTS, queueCodes: 1 },
    ],
    [
      'no divisions where queues show those that are named',
      policySet(policy('p', { include: [{ division: 'Retail' }], work: 'OPTIONAL' })),
      LISTS,
    ],
    [
      'no divisions for a code that may be in all of them',
      policySet(policy('p', { work: 'OPTIONAL' }), catalog([{ name: 'N', division: '*' }])),
      LISTS,
    ],
  ])('%s', async (_what, set, expected) => {
    expect((await read(set, SEED)).counts).toEqual(expected);
  });

  it('the divisions where no queue shows one that is named', async () => {
    const set = policySet(
      policy('p', { include: ['*'], exclude: [{ division: 'Empty' }], work: 'OPTIONAL' }),
    );
    const { counts, plan } = await read(set, { ...SEED, divisions: ['Empty'] });
    expect(counts).toEqual({ ...LISTS, listDivisions: 1 });
    expect(plan.diagnostics).toMatchObject([{ code: 'policy.selects-nothing' }]);
  });

  it('the codes of no more queues at a time than twice what may run at once', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `Queue ${index}`);
    const seed: OrgSeed = { codes: ['A'], queues: names.map((name) => ({ name, codes: ['A'] })) };
    const org = new MemoryOrg(seed, new FakeClock());
    let [begun, most] = [0, 0];
    const reader: OrgReader = {
      ...org.reader,
      queueCodes: async (queue) => {
        begun += 1;
        most = Math.max(most, begun);
        await new Promise(setImmediate);
        begun -= 1;
        return org.reader.queueCodes(queue);
      },
    };
    const set = policySet(policy('p', { include: ['*'], codes: { codes: ['A'] } }));
    await planOver(org, set, { reader });
    expect(most).toBe(2 * settings().limits.concurrency);
  });

  it('every page once, and counts them', async () => {
    const seed: OrgSeed = {
      codes: Array.from({ length: 501 }, (_, index) => `Code ${index}`),
      queues: Array.from({ length: 1_001 }, (_, index) => ({ name: `Queue ${index}` })),
    };
    const { sent, plan } = await read(policySet(policy('p', { work: 'OPTIONAL' })), seed);
    expect(sent).toBe(1 + 3 + 2);
    expect(plan.cost.requests).toBe(6);
  });
});

describe('what slipped through a list of several pages', () => {
  const several = { queuesPerPage: 1, codesPerPage: 1 };
  const set = policySet(
    policy('p', {
      include: ['Sales', { id: uuid(1, 1) }],
      codes: { codes: ['B', { id: uuid(2, 1) }] },
    }),
  );

  it('is looked for by itself before it is an error', async () => {
    for (const hidden of [uuid(1, 1), uuid(1, 2), uuid(2, 1), uuid(2, 2)]) {
      const { plan, counts } = await read(set, SEED, {
        ...several,
        slips: (list, id) => list !== 'queueCodes' && id === hidden,
      });
      expect(plan.summary.queuesGoverned).toBe(2);
      expect(plan.diagnostics).toEqual([]);
      expect((counts['findQueues'] ?? 0) + (counts['findCodes'] ?? 0)).toBe(1);
    }
  });

  it('is looked for by itself before it is created', async () => {
    const hidden: Partial<Behaviour> = {
      ...several,
      slips: (list, id) => list === 'codes' && id === uuid(2, 2),
    };
    const { plan } = await read(
      policySet(policy('p', { codes: { codes: ['B'] } }), catalog(['B'])),
      SEED,
      hidden,
    );
    expect(plan.catalog.create).toEqual([]);
  });

  it('is looked for by its old name too, before its new one is created', async () => {
    const hidden: Partial<Behaviour> = {
      ...several,
      slips: (list, id) => list === 'codes' && id === uuid(2, 2),
    };
    const renames = policySet(
      policy('p', { codes: { codes: ['N'] } }),
      catalog([{ name: 'N', previously: 'B' }]),
    );
    const { plan } = await read(renames, SEED, hidden);
    expect(plan.catalog).toMatchObject({ create: [], rename: [{ from: 'B', to: 'N' }] });
  });

  it('is an error where it is really not there', async () => {
    await expect(
      read(policySet(policy('p', { include: ['Gone'], work: 'OPTIONAL' })), SEED, several),
    ).rejects.toThrow('No queue is named "Gone".');
  });

  it('is not looked for where the list was one page', async () => {
    const org = new MemoryOrg(SEED, new FakeClock());
    await expect(
      planOver(org, policySet(policy('p', { include: ['Gone'], codes: { codes: ['Nope'] } }))),
    ).rejects.toThrow('2 errors');
    expect(org.requests.map(({ action }) => action)).toEqual([
      'organization',
      'listQueues',
      'listCodes',
    ]);
  });
});

describe('the codes of a queue in several pages', () => {
  const seed: OrgSeed = {
    codes: ['A', 'B', 'C'],
    queues: [{ name: 'Billing', codes: ['A', 'B', 'C'] }],
  };

  it('are read a second time before one that is missing is added', async () => {
    const set = policySet(policy('p', { codes: { codes: ['A', 'B', 'C'] } }));
    const torn: Partial<Behaviour> = {
      codesPerQueuePage: 2,
      slips: (list, id, nth) => list === 'queueCodes' && id === uuid(2, 2) && nth === 1,
    };
    const { plan, counts } = await read(set, seed, torn);
    expect(plan.queues).toEqual([]);
    expect(counts['queueCodes']).toBe(2);
  });

  it('are there where either read shows them', async () => {
    const set = policySet(policy('p', { codes: { codes: ['A', 'B', 'C'] } }));
    const torn: Partial<Behaviour> = {
      codesPerQueuePage: 2,
      slips: (list, id, nth) => list === 'queueCodes' && id === uuid(2, nth),
    };
    expect((await read(set, seed, torn)).plan.queues).toEqual([]);
  });

  it('are not where nothing is missing', async () => {
    const set = policySet(policy('p', { codes: { codes: ['A', 'B'] } }));
    const { plan, counts } = await read(set, seed, { codesPerQueuePage: 2 });
    expect(plan.queues[0]?.wrapupCodes?.remove.map(({ name }) => name)).toEqual(['C']);
    expect(counts['queueCodes']).toBe(1);
  });

  it('are added where two reads miss them', async () => {
    const set = policySet(policy('p', { codes: { codes: ['A', 'B', 'C', 'D'] } }));
    const { plan } = await read(
      set,
      { ...seed, codes: ['A', 'B', 'C', 'D'] },
      { codesPerQueuePage: 2 },
    );
    expect(plan.queues[0]?.wrapupCodes?.add.map(({ name }) => name)).toEqual(['D']);
  });
});

describe('a queue that is deleted while the organization is read', () => {
  it.each([
    ['before its codes are read', 500, 1],
    ['before they are read a second time', 1, 2],
  ])('is left out with a warning: %s', async (_when, codesPerQueuePage, nth) => {
    const set = policySet(policy('p', { codes: { codes: ['A', 'B'] } }));
    const seed = {
      codes: ['A', 'B', 'C'],
      queues: [
        { name: 'Billing', codes: ['A', 'C'] },
        { name: 'Sales', codes: ['A', 'C'] },
      ],
    };
    const billing = uuid(1, 1);
    const { plan } = await read(set, seed, {
      codesPerQueuePage,
      onRequest: (request, org) => {
        if (request.action === 'queueCodes' && request.queue === billing && request.nth === nth)
          org.deleteQueue('Billing');
        return undefined;
      },
    });
    expect(plan.queues.map(({ name }) => name)).toEqual(['Sales']);
    expect(plan.summary.queuesGoverned).toBe(1);
    expect(plan.diagnostics).toMatchObject([{ code: 'plan.queue-gone', queue: 'Billing' }]);
  });
});
