import { describe, expect, it } from 'vitest';
import { simulate } from './driver.js';
import { ROW_OFF as OFF } from '../support/rows.js';

const start = async (api: 'public' | 'wrapupcodes-put' = 'wrapupcodes-put') => {
  const codes = Array.from({ length: 51 }, (_, index) => `Code ${index}`);
  const { simulator, call } = await simulate({
    api,
    seed: {
      codes,
      queues: [
        { name: 'Billing', codes: ['Code 0'] },
        { name: 'Closed', enabled: false },
      ],
    },
  });
  const path = (queue: string) => `/api/v2/routing/queues/${simulator.state.queue(queue).id}`;
  const rows = codes.map((name) => ({ ...OFF, wrapupCodeId: simulator.state.code(name).id }));
  return { simulator, call, rows, path };
};

describe('wrapupcodes-put', () => {
  it('reads and replaces all codes of a queue with their flags', async () => {
    const { simulator, call, rows, path } = await start();
    const url = `${path('Billing')}/wrapupcodes`;
    expect((await call(`GET ${url}`)).body).toEqual([rows[0]]);
    const wanted = [{ ...rows[2], isRequired: true, allowTransfer: true }, rows[1]];
    expect((await call(`PUT ${url}`, wanted)).body).toEqual(wanted);
    expect((await call(`GET ${url}`)).body).toEqual(wanted);
    expect(simulator.state.flagsOf('Billing')['Code 2']).toEqual({
      ...OFF,
      isRequired: true,
      allowTransfer: true,
    });
    expect(simulator.state.audits().map(({ action }) => action)).toEqual([
      'WrapupCodeAdd',
      'WrapupCodeRemove',
    ]);
  });

  it('takes everything or nothing', async () => {
    const { simulator, call, rows, path } = await start();
    const url = `PUT ${path('Billing')}/wrapupcodes`;
    const gone = { ...OFF, wrapupCodeId: 'aaaaaaaa-aaaa-4aaa-aaaa-aaaaaaaaaaaa' };
    expect((await call(url, rows)).status).toBe(400);
    expect((await call(url, [rows[1], gone])).status).toBe(404);
    expect((await call(url, [rows[1], rows[1]])).status).toBe(400);
    expect((await call(url, [{ ...rows[1], isRequired: 'yes' }])).status).toBe(400);
    expect(simulator.state.codesOf('Billing')).toEqual(['Code 0']);
    expect((await call(url, rows.slice(1))).status).toBe(200);
    expect((await call(url, [])).body).toEqual([]);
  });

  it('tells which queues are enabled, and refuses the others', async () => {
    const { call, rows, path } = await start();
    const list = (await call('GET /api/v2/routing/queues')).body.entities;
    expect(list.map((queue) => queue['enabled'])).toEqual([true, false]);
    expect((await call(`PUT ${path('Closed')}/wrapupcodes`, [rows[1]])).status).toBe(409);
  });

  it('offers no other way to add and remove', async () => {
    const { call, rows, path } = await start();
    const url = `${path('Billing')}/wrapupcodes`;
    expect((await call(`POST ${url}`, [{ id: rows[1]?.wrapupCodeId }])).status).toBe(405);
    expect((await call(`DELETE ${url}/${rows[0]?.wrapupCodeId}`)).status).toBe(404);
  });

  it('is not part of the public API', async () => {
    const { call, rows, path } = await start('public');
    expect((await call(`PUT ${path('Billing')}/wrapupcodes`, [rows[1]])).status).toBe(405);
    expect((await call(`GET ${path('Billing')}`)).body).not.toHaveProperty('enabled');
  });
});
