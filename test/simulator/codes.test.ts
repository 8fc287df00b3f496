import { describe, expect, it } from 'vitest';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import type { SimulatorSeed } from '../../src/simulator/seed.js';
import { FakeClock } from '../support/fake-clock.js';
import { simulate, type Body } from './driver.js';

const CODES = '/api/v2/routing/wrapupcodes';
const seed = {
  divisions: [{ name: 'Home' }, { name: 'Retail' }],
  codes: [
    { name: 'Resolved', description: 'Nothing left to do' },
    { name: 'escalated', division: 'Retail' },
    { name: 'Rückruf', division: '*' },
  ],
  queues: [{ name: 'Billing', codes: ['Resolved'] }],
} satisfies SimulatorSeed;

const names = (body: Body): string[] => body.entities.map((code) => code.name);

const start = async (options: SimulatorOptions = {}) => {
  const { simulator, call } = await simulate({ seed, ...options });
  const onQueue = `/api/v2/routing/queues/${simulator.state.queue('Billing').id}/wrapupcodes`;
  const id = (name: string) => simulator.state.code(name).id;
  return { simulator, call, onQueue, id };
};

describe('codes of the organization', () => {
  it('are listed by name, filtered and paged', async () => {
    const { call, id } = await start();
    expect(names((await call(`GET ${CODES}`)).body)).toEqual(['escalated', 'Resolved', 'Rückruf']);
    expect(names((await call(`GET ${CODES}?sortOrder=descending`)).body)[0]).toBe('Rückruf');
    expect(names((await call(`GET ${CODES}?name=r*&pageSize=1&pageNumber=2`)).body)).toEqual([
      'Rückruf',
    ]);
    expect(names((await call(`GET ${CODES}?id=${id('escalated')}`)).body)).toEqual(['escalated']);
    const byId = (await call(`GET ${CODES}?sortBy=id&name=*`)).body.entities;
    const ids = byId.map((code) => code.id);
    expect(ids).toEqual([...ids].sort());
  });

  it('tell their division, `*` for all', async () => {
    const { call, simulator, id } = await start();
    const retail = simulator.state.code('escalated').division?.id;
    expect(names((await call(`GET ${CODES}?divisionId=${retail}`)).body)).toEqual(['escalated']);
    expect((await call(`GET ${CODES}/${id('Rückruf')}`)).body['division']).toMatchObject({
      id: '*',
    });
  });

  it('can be created, renamed and deleted, which takes them off their queues', async () => {
    const { call, simulator, id } = await start();
    const made = await call(`POST ${CODES}`, { name: 'New', division: { id: '*' } });
    expect(made).toMatchObject({ status: 200, body: { name: 'New', division: { id: '*' } } });
    const renamed = await call(`PUT ${CODES}/${made.body.id}`, { name: 'Newer' });
    expect(renamed.body).toMatchObject({ name: 'Newer', division: { id: '*' } });
    expect((await call(`DELETE ${CODES}/${id('Resolved')}`)).status).toBe(200);
    expect(simulator.state.codesOf('Billing')).toEqual([]);
    expect(simulator.state.codeNames()).toEqual(['Newer', 'Rückruf', 'escalated']);
  });

  it('are replaced by a PUT: a description left out is gone', async () => {
    const { call, simulator, id } = await start();
    await call(`PUT ${CODES}/${id('Resolved')}`, { name: 'Done' });
    expect(simulator.state.code('Done')).not.toHaveProperty('description');
  });

  it('have names that are unique in the organization', async () => {
    const { call, id } = await start();
    const duplicate = { status: 400, body: { code: 'duplicate.name' } };
    expect(await call(`POST ${CODES}`, { name: 'Resolved' })).toMatchObject(duplicate);
    expect(await call(`PUT ${CODES}/${id('escalated')}`, { name: 'Resolved' })).toMatchObject(
      duplicate,
    );
    expect((await call(`PUT ${CODES}/${id('Resolved')}`, { name: 'Resolved' })).status).toBe(200);
    expect((await call(`POST ${CODES}`, { name: ' ' })).body.code).toBe('invalid.name');
  });
});

describe('codes of a queue', () => {
  it('are listed with names and pages', async () => {
    const { call, onQueue, simulator } = await start();
    simulator.admin.addCode('Billing', 'Rückruf');
    expect(names((await call(`GET ${onQueue}`)).body)).toEqual(['Resolved', 'Rückruf']);
    expect(names((await call(`GET ${onQueue}?name=R%C3%BC*`)).body)).toEqual(['Rückruf']);
    expect((await call(`GET ${onQueue}?pageSize=1&pageNumber=2`)).body).toMatchObject({
      total: 2,
      pageCount: 2,
    });
  });

  it('are added 1 to 100 at a time', async () => {
    const many = Array.from({ length: 101 }, (_, index) => `Code ${index}`);
    const { call, onQueue, simulator, id } = await start({
      seed: { codes: many, queues: [{ name: 'Billing' }] },
    });
    const references = many.map((name) => ({ id: id(name) }));
    expect((await call(`POST ${onQueue}`, references)).body.code).toBe('bad.request');
    expect((await call(`POST ${onQueue}`, [])).body.code).toBe('bad.request');
    expect((await call(`POST ${onQueue}`, references[0])).body.code).toBe('bad.request');
    expect((await call(`POST ${onQueue}`, references.slice(1))).body).toHaveLength(100);
    expect(simulator.state.codesOf('Billing')).toHaveLength(100);
  });

  it('are added all or none', async () => {
    const { call, onQueue, simulator, id } = await start();
    const gone = 'aaaaaaaa-aaaa-4aaa-aaaa-aaaaaaaaaaaa';
    expect((await call(`POST ${onQueue}`, [{ id: id('escalated') }, { id: gone }])).status).toBe(
      404,
    );
    expect((await call(`POST ${onQueue}`, [{ id: 'x' }])).body.code).toBe('invalid.id');
    expect(simulator.state.codesOf('Billing')).toEqual(['Resolved']);
  });

  it.each([
    ['ok', 200],
    ['refuse', 400],
    ['conflict', 409],
  ] as const)('added twice: %s', async (onPresent, status) => {
    const { call, onQueue, simulator, id } = await start({ assignments: { onPresent } });
    const both = [{ id: id('Resolved') }, { id: id('escalated') }];
    expect((await call(`POST ${onQueue}`, both)).status).toBe(status);
    expect(simulator.state.codesOf('Billing')).toHaveLength(status === 200 ? 2 : 1);
  });

  it.each([
    ['ok', 200],
    ['not-found', 404],
  ] as const)('removed twice: %s', async (onAbsent, status) => {
    const { call, onQueue, id } = await start({ assignments: { onAbsent } });
    const path = `DELETE ${onQueue}/${id('Resolved')}`;
    expect((await call(path)).status).toBe(200);
    expect((await call(path)).status).toBe(status);
  });

  it('of a queue that is gone are 404, whatever is asked', async () => {
    const { call, onQueue, simulator, id } = await start();
    const code = id('Resolved');
    simulator.admin.deleteQueue('Billing');
    expect((await call(`GET ${onQueue}`)).status).toBe(404);
    expect((await call(`POST ${onQueue}`, [{ id: code }])).status).toBe(404);
    expect((await call(`DELETE ${onQueue}/${code}`)).status).toBe(404);
  });

  it('may have a cap', async () => {
    const { call, onQueue, id } = await start({ assignments: { maxCodes: 1 } });
    expect((await call(`POST ${onQueue}`, [{ id: id('escalated') }])).status).toBe(400);
  });

  it.each([true, false])('move dateModified of the queue: %s', async (movesDateModified) => {
    const clock = new FakeClock();
    const { call, onQueue, simulator, id } = await start({
      clock,
      assignments: { movesDateModified },
    });
    const dates = [simulator.state.queue('Billing').dateModified];
    await call(`POST ${onQueue}`, [{ id: id('escalated') }]);
    dates.push(simulator.state.queue('Billing').dateModified);
    clock.advance(1_000);
    await call(`DELETE ${onQueue}/${id('escalated')}`);
    dates.push(simulator.state.queue('Billing').dateModified);
    expect(new Set(dates).size).toBe(movesDateModified ? 3 : 1);
  });
});
