import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlanningReader } from '../../src/apply/ports.js';
import { KnownOrg } from '../../src/daemon/known-org.js';
import { AppError } from '../../src/domain/errors.js';
import { queueId } from '../../src/domain/ids.js';
import type { QueueId } from '../../src/domain/ids.js';
import { connected } from '../genesys/connected.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { MemoryOrg, uuid } from '../support/memory-org.js';
import type { Behaviour, OrgSeed } from '../support/memory-org.js';

const SEED: OrgSeed = {
  codes: ['A', 'B', 'C'],
  queues: [
    { name: 'Billing', codes: ['A', 'B'] },
    { name: 'Sales', codes: ['A'] },
    { name: 'Support' },
  ],
};

const start = (behaviour: Partial<Behaviour> = {}, seed = SEED) => {
  const clock = new FakeClock();
  const org = new MemoryOrg(seed, clock, behaviour);
  const known = new KnownOrg({ reader: org.reader, clock });
  return { clock, org, known };
};

/** What a pass asks for, every queue governed. */
const pass = async (known: KnownOrg) => {
  const [queues, codes] = await Promise.all([known.listQueues(), known.listCodes()]);
  const lists = await Promise.all(
    queues.items.map(async ({ id }) => [id, await known.queueCodes(id)] as const),
  );
  return { queues, codes, lists: new Map(lists) };
};

/** Runs, and tells which requests that took. */
const asked = async (org: MemoryOrg, run: () => Promise<unknown>): Promise<string[]> => {
  const before = org.requests.length;
  await run();
  return org.requests
    .slice(before)
    .map(({ action, queue }) => (queue === null ? action : `${action} ${nameOf(org, queue)}`))
    .sort();
};

const nameOf = (org: MemoryOrg, id: QueueId): string =>
  org.queueNames().find((name) => SEEDED.has(name) && org.queue(name).id === id) ?? id;
const SEEDED = new Set(SEED.queues.map(({ name }) => name));

describe('a pass over what is known', () => {
  it('reads all the first time, and nothing after', async () => {
    const { org, known } = start();
    expect(await asked(org, () => pass(known))).toEqual([
      'listCodes',
      'listQueues',
      'queueCodes Billing',
      'queueCodes Sales',
      'queueCodes Support',
    ]);
    expect(await asked(org, () => pass(known))).toEqual([]);
    expect(known).toMatchObject({ knownQueues: 3, listRequests: 2 });
  });

  it('reads a changed queue, and its codes', async () => {
    const { org, known } = start();
    await pass(known);
    org.edit('Sales', { add: ['B'], raw: { name: 'Sales 2' } });
    known.forgetQueue(queueId(uuid(1, 2)));
    expect(await asked(org, () => pass(known))).toEqual([
      `queueCodes ${uuid(1, 2)}`,
      `queueDocument ${uuid(1, 2)}`,
    ]);
    const { queues, lists } = await pass(known);
    expect(queues.items.map(({ name }) => name)).toEqual(['Billing', 'Sales 2', 'Support']);
    expect(lists.get(queueId(uuid(1, 2)))?.codes.map(({ name }) => name)).toEqual(['A', 'B']);
  });

  it('reads the whole list where that takes fewer requests', async () => {
    const { org, known } = start({ queuesPerPage: 2 });
    await pass(known);
    for (const name of ['Billing', 'Sales', 'Support']) known.forgetQueue(org.queue(name).id);
    expect(await asked(org, () => known.listQueues())).toEqual(['listQueues']);
    for (const name of ['Billing', 'Sales']) known.forgetQueue(org.queue(name).id);
    expect(await asked(org, () => known.listQueues())).toEqual([
      'queueDocument Billing',
      'queueDocument Sales',
    ]);
    expect(await known.listQueues()).toMatchObject({ pages: 2, readAt: NOW });
  });

  it('adds a new queue, and drops one that is gone, with its codes', async () => {
    const { org, known } = start();
    await pass(known);
    const id = org.createQueue('New', uuid(1, 9));
    known.forgetQueue(id);
    await pass(known);
    expect(known.knownQueues).toBe(4);
    const gone = org.queue('Sales').id;
    org.deleteQueue('Sales');
    known.forgetQueue(gone);
    known.forgetQueue(queueId('never-heard-of'));
    const { queues } = await pass(known);
    expect(queues.items.map(({ name }) => name)).toEqual(['Billing', 'Support', 'New']);
    expect(await asked(org, () => pass(known))).toEqual([]);
    expect(known.forgetOldest(99)).toBe(3);
  });

  it('drops the codes of a queue that a whole reading does not show', async () => {
    const { org, known } = start();
    await pass(known);
    org.deleteQueue('Sales');
    known.forgetLists();
    await pass(known);
    expect(known.forgetOldest(99)).toBe(2);
  });

  it('takes the word of the list on a queue that it may not read', async () => {
    const { org, known } = start({
      onRequest: ({ action }) =>
        action === 'queueDocument'
          ? { refuse: new AppError('genesys.forbidden', 'Not yours.') }
          : undefined,
    });
    await pass(known);
    known.forgetQueue(queueId(uuid(1, 77)));
    expect(await asked(org, () => pass(known))).toEqual([
      'listQueues',
      `queueDocument ${uuid(1, 77)}`,
    ]);
    expect(await asked(org, () => pass(known))).toEqual([]);
  });

  it('finds again what it has found, until a queue or the catalog changes', async () => {
    const { org, known } = start();
    const find = () =>
      Promise.all([
        known.findQueues({ name: 'Sales' }),
        known.findQueues({ id: org.queue('Sales').id }),
        known.findCodes({ name: 'Nothing' }),
        known.listDivisions(),
      ]);
    const all = ['findCodes', 'findQueues', 'findQueues', 'listDivisions'];
    expect(await asked(org, find)).toEqual(all);
    expect(await asked(org, find)).toEqual([]);
    known.forgetQueue(org.queue('Billing').id);
    expect(await asked(org, find)).toEqual(['findQueues', 'findQueues']);
    known.forgetCatalog();
    expect(await asked(org, find)).toEqual(['findCodes']);
    await pass(known);
    expect(known.listRequests).toBe(6);
    known.forgetLists();
    expect(await asked(org, find)).toEqual(all);
  });
});

describe('the names of codes', () => {
  it('in lists are those of the catalog, without reading the lists again', async () => {
    const { org, known } = start();
    await pass(known);
    await org.writer.renameCode({ id: org.codeId('A'), from: 'A', to: 'Alpha' });
    known.forgetCatalog();
    expect(await asked(org, () => pass(known))).toEqual(['listCodes']);
    const { lists } = await pass(known);
    expect(lists.get(org.queue('Billing').id)?.codes.map(({ name }) => name)).toEqual([
      'Alpha',
      'B',
    ]);
  });

  it('that are gone take the lists with them that hold them', async () => {
    const { org, known } = start();
    await pass(known);
    org.deleteCode('B');
    known.forgetCatalog();
    expect(await asked(org, () => pass(known))).toEqual(['listCodes', 'queueCodes Billing']);
  });
});

describe('what is not remembered', () => {
  it('two who ask at once share one request', async () => {
    const { org, known } = start();
    const twice = () => Promise.all([pass(known), pass(known)]);
    expect(await asked(org, twice)).toHaveLength(5);
  });

  it('an error', async () => {
    let isDown = true;
    const { org, known } = start({ onRequest: () => (isDown ? { lost: 'before' } : undefined) });
    const id = org.queue('Sales').id;
    await expect(pass(known)).rejects.toThrow();
    await expect(known.queueCodes(id)).rejects.toThrow();
    isDown = false;
    await pass(known);
    known.forgetQueue(id);
    isDown = true;
    await expect(known.listQueues()).rejects.toThrow();
    await expect(known.queueCodes(id)).rejects.toThrow();
    isDown = false;
    expect(await asked(org, () => pass(known))).toEqual([
      'queueCodes Sales',
      'queueDocument Sales',
    ]);
  });

  it('a queue whose codes are not found', async () => {
    const { org, known } = start();
    await pass(known);
    const { id } = org.queue('Sales');
    known.forgetQueue(id);
    await known.listQueues();
    org.deleteQueue('Sales');
    await expect(known.queueCodes(id)).rejects.toMatchObject({ code: 'genesys.not-found' });
    expect(await asked(org, () => pass(known))).toEqual([`queueDocument ${id}`]);
    expect(known.knownQueues).toBe(2);
  });

  /** Each question, and what is forgotten when its answer changes. */
  const questions: readonly (readonly [
    keyof PlanningReader,
    (known: KnownOrg, id: QueueId) => Promise<unknown>,
    (known: KnownOrg, id: QueueId) => void,
  ])[] = [
    ['queueCodes', (known, id) => known.queueCodes(id), (known, id) => known.forgetQueue(id)],
    ['listQueues', (known) => known.listQueues(), (known, id) => known.forgetQueue(id)],
    ['listCodes', (known) => known.listCodes(), (known) => known.forgetCatalog()],
    ['findQueues', (known, id) => known.findQueues({ id }), (known, id) => known.forgetQueue(id)],
    ['findCodes', (known) => known.findCodes({ name: 'C' }), (known) => known.forgetCatalog()],
    ['listDivisions', (known) => known.listDivisions(), (known) => known.forgetLists()],
  ];

  describe.each(questions)('%s that was asked before it was forgotten', (action, ask, forget) => {
    const begin = async () => {
      const clock = new FakeClock();
      const org = new MemoryOrg(SEED, clock);
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      let asks = 0;
      // The first answer is a long time on its way.
      const late = async (...by: readonly never[]): Promise<unknown> => {
        asks += 1;
        const isFirst = asks === 1;
        const answer = await (org.reader[action] as (...by: readonly never[]) => unknown)(...by);
        if (isFirst) await released;
        return answer;
      };
      const known = new KnownOrg({ reader: { ...org.reader, [action]: late }, clock });
      const { id } = org.queue('Sales');
      const early = ask(known, id);
      await Promise.resolve();
      await Promise.resolve();
      org.edit('Sales', { add: ['B'], raw: { name: 'Sold' } });
      await org.writer.renameCode({ id: org.codeId('C'), from: 'C', to: 'D' });
      forget(known, id);
      return { org, known, id, early, release, asks: () => asks };
    };

    it('where it comes before anybody asks again', async () => {
      const { known, id, early, release, asks } = await begin();
      release();
      await early;
      await ask(known, id);
      expect(asks()).toBe(2);
    });

    it('where it comes after the answer to a later question', async () => {
      const { known, id, early, release, asks } = await begin();
      const later = await ask(known, id);
      release();
      await early;
      expect(await ask(known, id)).toEqual(later);
      expect(asks()).toBe(2);
    });
  });

  it('what is read before it has settled', async () => {
    const { org, known, clock } = start({ lagMs: 10_000 });
    clock.advance(60_000);
    await pass(known);
    const { id } = org.queue('Support');
    await org.writer.addCodes(id, [org.codeId('C')]);
    await org.writer.renameCode({ id: org.codeId('A'), from: 'A', to: 'Alpha' });
    known.forgetQueue(id, { notKeptUntil: clock.now() + 10_000 });
    known.forgetCatalog({ notKeptUntil: clock.now() + 10_000 });
    const anew = ['listCodes', 'queueCodes Support', 'queueDocument Support'];
    expect(await asked(org, () => pass(known))).toEqual(anew);
    clock.advance(9_999);
    expect(await asked(org, () => pass(known))).toEqual(anew);
    clock.advance(1);
    expect(await asked(org, () => pass(known))).toEqual(anew);
    expect(await asked(org, () => pass(known))).toEqual([]);
    const { lists, codes } = await pass(known);
    expect(lists.get(id)?.codes).toHaveLength(1);
    expect(codes.items.map(({ name }) => name)).toContain('Alpha');
  });

  it('what is read whole before a queue has settled', async () => {
    const { org, known, clock } = start();
    const { id } = org.queue('Sales');
    known.forgetQueue(id, { notKeptUntil: clock.now() + 10_000 });
    await pass(known);
    expect(await asked(org, () => pass(known))).toEqual([
      'queueCodes Sales',
      'queueDocument Sales',
    ]);
    // A clock that is set does not make it wait longer.
    clock.advance(-3_600_000);
    await pass(known);
    clock.advance(10_000);
    await pass(known);
    expect(await asked(org, () => pass(known))).toEqual([]);
  });
});

describe('the oldest', () => {
  it('is unknown before the lists are read, and goes on as it is read anew', async () => {
    const { known, clock } = start();
    expect(known.oldestReadAt()).toBeNull();
    await pass(known);
    clock.advance(1_000);
    expect(known.oldestReadAt()).toBe(NOW);
    known.forgetLists();
    expect(known.oldestReadAt()).toBeNull();
    await pass(known);
    expect(known.oldestReadAt()).toBe(NOW);
    for (let queue = 0; queue < 3; queue += 1) {
      expect(known.forgetOldest(1)).toBe(1);
      clock.advance(1_000);
      await pass(known);
    }
    expect(known.oldestReadAt()).toBe(NOW + 1_000);
    expect(known.forgetOldest(0)).toBe(0);
  });

  it('is read first, by the order of reading and not by the clock', async () => {
    const { org, known, clock } = start();
    const order = ['Support', 'Billing', 'Sales'];
    for (const name of order) {
      await known.queueCodes(org.queue(name).id);
      clock.advance(-60_000);
    }
    for (const name of order) {
      known.forgetOldest(1);
      expect(await asked(org, () => pass(known))).toContain(`queueCodes ${name}`);
    }
  });

  it('is as old as it is, whatever the clock was set to', async () => {
    const { known, clock } = start();
    await pass(known);
    clock.advance(5_000);
    known.oldestReadAt();
    clock.advance(-3_600_000);
    expect(known.oldestReadAt()).toBe(clock.now() - 5_000);
  });

  it('is counted in requests: a long list takes more than one', async () => {
    const { known } = start({ codesPerQueuePage: 1 });
    await pass(known);
    // Two pages, one and one.
    expect(known.forgetOldest(1)).toBe(2);
    await pass(known);
    expect(known.forgetOldest(2)).toBe(2);
    expect(known.forgetOldest(9)).toBe(2);
  });
});

type Edit = (org: MemoryOrg, serial: number) => QueueId | 'catalog';

const nth = (names: readonly string[], at: number): string => names[at % names.length] ?? '';

const edits: fc.Arbitrary<Edit> = fc
  .record({
    what: fc.constantFrom('add', 'remove', 'prompt', 'create', 'delete', 'code', 'uncode'),
    queue: fc.nat(20),
    code: fc.nat(20),
  })
  .map(({ what, queue, code }) => (org: MemoryOrg, serial: number) => {
    if (what === 'create') return org.createQueue(`Q${serial}`, uuid(1, serial));
    if (what === 'code' || org.codeNames().length < 2) {
      org.addCode(`C${serial}`, uuid(2, serial));
      return 'catalog';
    }
    if (what === 'uncode') {
      org.deleteCode(nth(org.codeNames(), code));
      return 'catalog';
    }
    const name = nth(org.queueNames(), queue);
    const { id } = org.queue(name);
    if (what === 'delete' && org.queueNames().length > 1) org.deleteQueue(name);
    else if (what === 'add') org.edit(name, { add: [nth(org.codeNames(), code)] });
    else if (what === 'remove') org.edit(name, { remove: [nth(org.codeNames(), code)] });
    else org.edit(name, { raw: { acwSettings: { wrapupPrompt: `P${serial}` } } });
    return id;
  });

describe('whatever happens, and is told', () => {
  it('what is known is what is there', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            before: fc.array(edits, { maxLength: 3 }),
            // Made while the pass reads, before its nth request.
            during: fc.array(fc.tuple(fc.nat(6), edits), { maxLength: 2 }),
            forget: fc.constantFrom('nothing', 'lists', 'oldest', 'all'),
          }),
          { maxLength: 8 },
        ),
        async (rounds) => {
          let serial = 100;
          let untold: (QueueId | 'catalog')[] = [];
          let waiting: (readonly [number, Edit])[] = [];
          let requests = 0;
          const edit = (one: Edit, of: MemoryOrg): void => {
            serial += 1;
            untold.push(one(of, serial));
          };
          const { org, known } = start(
            {
              queuesPerPage: 2,
              onRequest: (_request, of) => {
                requests += 1;
                for (const [at, one] of waiting) if (at === requests) edit(one, of);
                return undefined;
              },
            },
            { codes: ['A', 'B'], queues: [1, 2, 3].map((n) => ({ name: `Q${n}`, codes: ['A'] })) },
          );
          const tell = (): void => {
            for (const one of untold)
              if (one === 'catalog') known.forgetCatalog();
              else known.forgetQueue(one);
            untold = [];
          };
          const look = async (): Promise<void> => {
            await pass(known).catch((error: unknown) => {
              if (!(error instanceof AppError && error.code === 'genesys.not-found')) throw error;
            });
          };
          for (const { before, during, forget } of rounds) {
            for (const one of before) edit(one, org);
            tell();
            if (forget === 'lists') known.forgetLists();
            if (forget === 'oldest') known.forgetOldest(1);
            if (forget === 'all') known.forgetAll();
            requests = 0;
            waiting = during;
            await look();
            waiting = [];
            tell();
            await expectSame(known, org);
            const now = org.requests.length;
            await pass(known);
            expect(org.requests.length).toBe(now);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

const expectSame = async (known: KnownOrg, { reader }: MemoryOrg): Promise<void> => {
  const { queues, codes, lists } = await pass(known);
  const byId = <Item extends { readonly id: string }>(items: readonly Item[]) =>
    items.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const live = await reader.listQueues();
  expect(byId(queues.items)).toEqual(byId(live.items));
  expect(byId(codes.items)).toEqual(byId((await reader.listCodes()).items));
  for (const { id } of live.items)
    expect(byId(lists.get(id)?.codes ?? [])).toEqual(byId((await reader.queueCodes(id)).codes));
};

describe('over HTTP', () => {
  it('a quiet pass sends nothing, and one change costs two requests', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `Queue ${index}`);
    const { reader, clock, simulator } = await connected({
      seed: { codes: ['A', 'B'], queues: names.map((name) => ({ name, codes: ['A'] })) },
    });
    const known = new KnownOrg({ reader, clock });
    await pass(known);
    expect(reader.requests().sent).toBe(42);
    await pass(known);
    expect(reader.requests().sent).toBe(42);
    simulator.admin.addCode('Queue 7', 'B');
    simulator.admin.renameQueue('Queue 7', 'Seven');
    const id = queueId(simulator.state.queue('Seven').id ?? '');
    known.forgetQueue(id);
    const { queues, lists } = await pass(known);
    expect(queues.items.find((queue) => queue.id === id)?.name).toBe('Seven');
    expect(lists.get(id)?.codes.map(({ name }) => name)).toEqual(['A', 'B']);
    expect(reader.requests().sent).toBe(44);
    simulator.admin.renameCode('A', 'Alpha');
    known.forgetCatalog();
    expect((await pass(known)).lists.get(id)?.codes.map(({ name }) => name)).toContain('Alpha');
    expect(reader.requests().sent).toBe(45);
    simulator.admin.deleteQueue('Seven');
    known.forgetQueue(id);
    expect((await pass(known)).queues.items).toHaveLength(39);
    expect(reader.requests().sent).toBe(46);
    const whole = await reader.listQueues();
    expect(new Set((await known.listQueues()).items)).toEqual(new Set(whole.items));
  });
});
