import { describe, expect, it } from 'vitest';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { simulate, type Call } from './driver.js';

const QUERY = '/api/v2/audits/query';
const SERVICE = 'ContactCenter';
const interval = (fromMs: number, toMs: number): string =>
  `${new Date(NOW + fromMs).toISOString()}/${new Date(NOW + toMs).toISOString()}`;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const around = interval(-HOUR, HOUR);

const start = async (audits: SimulatorOptions['audits'] = {}) => {
  const clock = new FakeClock();
  const { simulator, call } = await simulate({
    clock,
    audits,
    seed: { codes: ['A', 'B'], queues: [{ name: 'Billing', codes: ['A'] }, { name: 'Sales' }] },
  });
  const url = `/api/v2/routing/queues/${simulator.state.queue('Billing').id}`;
  return { clock, simulator, call, url };
};

/** Asks asynchronously, as a client has to. */
const ask = async (call: Call, query: object, paging = ''): Promise<string[]> => {
  const { body } = await call(`POST ${QUERY}`, {
    interval: around,
    serviceName: SERVICE,
    ...query,
  });
  expect(body['state']).toBe('Queued');
  expect((await call(`GET ${QUERY}/${body.id}`)).body['state']).toBe('Succeeded');
  const results = await call(`GET ${QUERY}/${body.id}/results${paging}`);
  return results.body.entities.map((record) => String(record['action']));
};

const filters = (...pairs: readonly (readonly [string, string])[]) =>
  pairs.map(([property, value]) => ({ property, value }));

describe('audits', () => {
  it('record each change with who, what and when', async () => {
    const { simulator, call, url } = await start();
    const code = simulator.state.code('B').id;
    await call(`POST ${url}/wrapupcodes`, [{ id: code }]);
    simulator.admin.setAcw('Billing', { wrapupPrompt: 'MANDATORY' });
    const { body } = await call(`POST ${QUERY}/realtime?expand=user`, {
      interval: around,
      serviceName: SERVICE,
    });
    expect(body.entities).toMatchObject([
      {
        action: 'Update',
        entityType: 'Queue',
        entity: { name: 'Billing' },
        user: { name: 'Ada Admin' },
        eventDate: new Date(NOW).toISOString(),
        propertyChanges: [
          {
            property: 'acwSettings',
            oldValues: ['{"wrapupPrompt":"OPTIONAL"}'],
            newValues: ['{"wrapupPrompt":"MANDATORY"}'],
          },
        ],
      },
      {
        action: 'WrapupCodeAdd',
        client: { id: 'demo' },
        entityChanges: [{ entityId: code, newValues: ['B'] }],
      },
    ]);
    expect(body.entities[0]).not.toHaveProperty('client');
    expect(body.entities[1]).not.toHaveProperty('user');
  });

  it('cover every kind of change, and refused or empty ones not at all', async () => {
    const { simulator, call, url } = await start();
    const { admin } = simulator;
    await call(`POST ${url}/wrapupcodes`, [{ id: simulator.state.code('A').id }]);
    await call(`PUT ${url}`, { name: '' });
    admin.createCode('C');
    admin.renameCode('C', 'D');
    admin.addCode('Billing', 'D');
    admin.removeCode('Billing', 'D');
    admin.deleteCode('D');
    admin.createQueue('New');
    admin.renameQueue('New', 'Newer');
    admin.updateMembers('Newer', 2);
    admin.deleteQueue('Newer');
    expect(
      simulator.state.audits().map(({ action, entityType }) => `${entityType} ${action}`),
    ).toEqual([
      'WrapupCode Create',
      'WrapupCode Update',
      'Queue WrapupCodeAdd',
      'Queue WrapupCodeRemove',
      'WrapupCode Delete',
      'Queue Create',
      'Queue Update',
      'Queue MemberUpdate',
      'Queue MemberUpdate',
      'Queue Delete',
    ]);
  });

  it('are asked for, polled and read', async () => {
    const { simulator, call } = await start({ pollsUntilDone: 2 });
    simulator.admin.addCode('Billing', 'B');
    const query = { interval: around, serviceName: SERVICE };
    const asked = await call(`POST ${QUERY}`, query);
    expect(asked).toMatchObject({ status: 202, body: { state: 'Queued', interval: around } });
    const path = `GET ${QUERY}/${asked.body.id}`;
    expect((await call(`${path}/results`)).status).toBe(400);
    expect(await call(path)).toMatchObject({ status: 202, body: { state: 'Running' } });
    expect(await call(path)).toMatchObject({ status: 200, body: { state: 'Succeeded' } });
    expect((await call(`${path}/results`)).body.entities).toHaveLength(1);
    expect((await call(`GET ${QUERY}/aaaaaaaa-aaaa-4aaa-aaaa-aaaaaaaaaaaa`)).status).toBe(404);
  });

  it('can fail to be found', async () => {
    const { call } = await start({ endsAs: 'Failed' });
    const { body } = await call(`POST ${QUERY}`, { interval: around });
    expect((await call(`GET ${QUERY}/${body.id}`)).body['state']).toBe('Failed');
    expect((await call(`GET ${QUERY}/${body.id}/results`)).status).toBe(400);
  });

  it('come in pages with a cursor', async () => {
    const { simulator, call } = await start();
    simulator.admin.updateMembers('Billing', 30);
    const { body } = await call(`POST ${QUERY}`, { interval: around, serviceName: SERVICE });
    await call(`GET ${QUERY}/${body.id}`);
    const results = `GET ${QUERY}/${body.id}/results`;
    const first = (await call(results)).body;
    expect(first.entities).toHaveLength(25);
    const second = (await call(`${results}?cursor=${String(first['cursor'])}`)).body;
    expect(second.entities).toHaveLength(5);
    expect(second).not.toHaveProperty('cursor');
    const ids = [...first.entities, ...second.entities].map(({ id }) => id);
    expect(new Set(ids).size).toBe(30);
    expect((await call(`${results}?pageSize=500`)).body.entities).toHaveLength(30);
    expect((await call(`${results}?cursor=nonsense`)).status).toBe(400);
  });

  it('are filtered, all filters together', async () => {
    const { simulator, call, url } = await start();
    simulator.admin.addCode('Billing', 'B');
    simulator.admin.setAcw('Sales', { wrapupPrompt: 'MANDATORY' });
    await call(`DELETE ${url}/wrapupcodes/${simulator.state.code('A').id}`);
    const billing = simulator.state.queue('Billing').id ?? '';
    const user = simulator.admin.user.id;
    const cases: [ReturnType<typeof filters>, string[]][] = [
      [filters(['Action', 'Update']), ['Update']],
      [filters(['EntityType', 'Queue'], ['UserId', user]), ['Update', 'WrapupCodeAdd']],
      [filters(['EntityId', billing], ['ClientId', 'demo']), ['WrapupCodeRemove']],
      [filters(['EntityType', 'WrapupCode']), []],
    ];
    for (const [wanted, expected] of cases) {
      expect(await ask(call, { filters: wanted })).toEqual(expected);
    }
    expect(await ask(call, { serviceName: 'Architect' })).toEqual([]);
    expect(
      (await call(`POST ${QUERY}`, { interval: around, filters: filters(['Colour', 'x']) })).status,
    ).toBe(400);
  });

  it('lie in the interval, newest first unless asked otherwise', async () => {
    const { simulator, clock, call } = await start();
    simulator.admin.addCode('Billing', 'B');
    clock.advance(1_000);
    simulator.admin.removeCode('Billing', 'B');
    expect(await ask(call, {})).toEqual(['WrapupCodeRemove', 'WrapupCodeAdd']);
    expect(await ask(call, { sort: [{ name: 'Timestamp', sortOrder: 'ascending' }] })).toEqual([
      'WrapupCodeAdd',
      'WrapupCodeRemove',
    ]);
    expect(await ask(call, { interval: interval(-HOUR, 1_000) })).toEqual(['WrapupCodeAdd']);
    expect(await ask(call, { interval: interval(1, HOUR) })).toEqual(['WrapupCodeRemove']);
  });

  it.each([
    ['nonsense', 'invalid.date'],
    [interval(HOUR, 0), 'invalid.date'],
    [interval(-31 * DAY, 0), 'bad.request'],
  ])('are refused over the interval %s', async (wrong, code) => {
    const { call } = await start();
    expect(await call(`POST ${QUERY}`, { interval: wrong })).toMatchObject({
      status: 400,
      body: { code },
    });
  });

  it('can take their time to show', async () => {
    const { simulator, clock, call } = await start({ lagMs: 5_000 });
    simulator.admin.addCode('Billing', 'B');
    clock.advance(4_999);
    expect(await ask(call, {})).toEqual([]);
    clock.advance(1);
    expect(await ask(call, {})).toEqual(['WrapupCodeAdd']);
  });

  it('reach back 14 days in realtime, and may not be served there at all', async () => {
    const { call } = await start();
    const realtime = (query: object) => call(`POST ${QUERY}/realtime`, query);
    expect((await realtime({ interval: interval(-14 * DAY, 0) })).status).toBe(200);
    expect((await realtime({ interval: interval(-14 * DAY - 1, 0) })).status).toBe(400);
    const off = await start({ realtime: false });
    const refused = await off.call(`POST ${QUERY}/realtime`, {
      interval: around,
      serviceName: SERVICE,
    });
    expect(refused).toMatchObject({ status: 400, body: { code: 'bad.request' } });
  });

  it('come in numbered pages in realtime', async () => {
    const { simulator, call } = await start();
    simulator.admin.updateMembers('Billing', 5);
    const { body } = await call(`POST ${QUERY}/realtime`, {
      interval: around,
      serviceName: SERVICE,
      pageSize: 2,
      pageNumber: 3,
    });
    expect(body).toMatchObject({ pageSize: 2, pageNumber: 3, total: 5, pageCount: 3 });
    expect(body.entities).toHaveLength(1);
  });

  it('say which services and actions there are', async () => {
    const { call } = await start();
    const { body } = await call(`GET ${QUERY}/servicemapping`);
    expect(JSON.stringify(body)).toContain('WrapupCodeRemove');
  });
});
