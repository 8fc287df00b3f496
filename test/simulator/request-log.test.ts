import { describe, expect, it } from 'vitest';
import { RequestLog, type LoggedRequest } from '../../src/simulator/request-log.js';
import { simulate } from './driver.js';

const entry = (seq: number, at: number): LoggedRequest => ({
  seq,
  at,
  method: 'GET',
  path: '/x',
  route: '/x',
  query: {},
  clientId: 'demo',
  correlationId: '',
  requestBody: undefined,
  status: 200,
  responseBody: undefined,
  tookEffect: false,
  faults: [],
});

describe('the request log', () => {
  it('keeps who asked what, and what came of it', async () => {
    const { simulator, call } = await simulate({ seed: { queues: [{ name: 'Billing' }] } });
    const id = simulator.state.queue('Billing').id;
    await call('GET /api/v2/routing/queues?id=a&id=b&pageSize=1');
    await call(`PUT /api/v2/routing/queues/${id}`, { name: 'Invoices' });
    await call('GET /nowhere');
    expect(simulator.requests.all()).toMatchObject([
      {
        seq: 1,
        method: 'GET',
        path: '/api/v2/routing/queues',
        query: { id: ['a', 'b'], pageSize: ['1'] },
        clientId: 'demo',
        status: 200,
        tookEffect: false,
        responseBody: { entities: [] },
      },
      {
        seq: 2,
        method: 'PUT',
        path: `/api/v2/routing/queues/${id}`,
        route: '/api/v2/routing/queues/{queueId}',
        requestBody: { name: 'Invoices' },
        responseBody: { name: 'Invoices' },
        tookEffect: true,
      },
      { seq: 3, route: null, status: 404 },
    ]);
    expect(simulator.requests.effective().map(({ seq }) => seq)).toEqual([2]);
    expect(simulator.requests.counts()).toEqual({
      'GET /api/v2/routing/queues': 1,
      'PUT /api/v2/routing/queues/{queueId}': 1,
      'GET /nowhere': 1,
    });
    expect(simulator.requests.total()).toBe(3);
    simulator.requests.clear();
    expect([simulator.requests.all(), simulator.requests.counts()]).toEqual([[], {}]);
  });

  it('lets a test wait for a request', async () => {
    const { simulator, call } = await simulate();
    const awaited = simulator.requests.next(({ path }) => path.endsWith('wrapupcodes'));
    await call('GET /api/v2/routing/queues');
    await call('GET /api/v2/routing/wrapupcodes');
    expect((await awaited).seq).toBe(2);
  });

  it('finds the busiest window', () => {
    const log = new RequestLog(10);
    [0, 0, 500, 999, 1_000, 1_499, 5_000].forEach((at, seq) => log.record(entry(seq, at)));
    expect(log.peak(1_000)).toBe(4);
    expect(log.peak(1_001)).toBe(5);
    expect(log.peak(1)).toBe(2);
  });

  it('forgets the oldest entries, and counts them all the same', () => {
    const log = new RequestLog(2);
    [1, 2, 3].forEach((seq) => log.record(entry(seq, 0)));
    expect(log.all().map(({ seq }) => seq)).toEqual([2, 3]);
    expect(log.total()).toBe(3);
  });
});
