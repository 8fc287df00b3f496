import { describe, expect, it } from 'vitest';
import type { SimulatorSeed } from '../../src/simulator/seed.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { callerOf, simulate, type Body } from './driver.js';

const HOUR = 3_600_000;
const seed = {
  divisions: [{ name: 'Home' }, { name: 'Retail' }],
  codes: ['Resolved', 'Escalated'],
  queues: [
    { name: 'Billing', activity: { interacting: 2, waiting: 1, onQueueUsers: 5 } },
    { name: 'Sales', division: 'Retail' },
  ],
  interactions: [
    { queue: 'Billing', code: 'Resolved', count: 3, acwMs: 10_000, agoMs: HOUR },
    { queue: 'Billing', code: 'Resolved', count: 1, acwMs: 50_000, agoMs: 3 * HOUR },
    { queue: 'Billing', code: 'ININ-WRAP-UP-TIMEOUT', count: 2, acwMs: 30_000, agoMs: HOUR },
    { queue: 'Sales', code: 'Escalated', count: 4, acwMs: 1_000, at: '2026-11-22T09:00:00Z' },
  ],
} satisfies SimulatorSeed;

const OBSERVATIONS = 'POST /api/v2/analytics/queues/observations/query';
const AGGREGATES = 'POST /api/v2/analytics/conversations/aggregates/query';

const interval = (fromMs: number, toMs: number): string =>
  `${new Date(NOW + fromMs).toISOString()}/${new Date(NOW + toMs).toISOString()}`;

const start = async () => {
  const { simulator, call } = await simulate({
    seed,
    clock: new FakeClock(),
    clients: [
      { id: 'all', secret: 's' },
      { id: 'home', secret: 's', grants: [{ permissions: '*', divisions: ['Home'] }] },
    ],
  });
  const queue = (name: string) => simulator.state.queue(name).id;
  const code = (name: string) => simulator.state.code(name).id;
  const queueIs = (...names: string[]) => ({
    type: 'or',
    predicates: names.map((name) => ({ dimension: 'queueId', value: queue(name) })),
  });
  return { simulator, call, queue, code, queueIs };
};

const metrics = ['oInteracting', 'oWaiting', 'oOnQueueUsers'];

describe('observations', () => {
  it('tell what goes on in the queues that are asked for', async () => {
    const { call, queue, queueIs, simulator } = await start();
    simulator.admin.setActivity('Billing', { waiting: 7 });
    const { body } = await call(OBSERVATIONS, { filter: queueIs('Billing'), metrics });
    const id = queue('Billing');
    expect(body['results']).toEqual([
      {
        group: { queueId: id, mediaType: 'voice' },
        data: [
          { metric: 'oInteracting', stats: { count: 2 } },
          { metric: 'oWaiting', stats: { count: 7 } },
        ],
      },
      {
        group: { queueId: id },
        data: [{ metric: 'oOnQueueUsers', qualifier: 'IDLE', stats: { count: 5 } }],
      },
    ]);
  });

  it('of several queues fail whole where one lies in a foreign division', async () => {
    const { simulator, queueIs } = await start();
    const home = callerOf(simulator, 'home');
    const ask = (...names: string[]) => home(OBSERVATIONS, { filter: queueIs(...names), metrics });
    expect((await ask('Billing')).status).toBe(200);
    expect(await ask('Billing', 'Sales')).toMatchObject({
      status: 403,
      body: { code: 'missing.division.permission' },
    });
  });

  it('need metrics', async () => {
    const { call, queueIs } = await start();
    expect((await call(OBSERVATIONS, { filter: queueIs('Billing') })).status).toBe(400);
  });
});

describe('aggregates', () => {
  const query = {
    interval: interval(-24 * HOUR, 0),
    groupBy: ['queueId', 'wrapUpCode'],
    metrics: ['tAcw'],
  };
  const counts = (body: Body) =>
    (
      body['results'] as {
        group: Record<string, string>;
        data: { metrics: { stats: { count: number } }[] }[];
      }[]
    ).map(({ group, data }) => [
      ...Object.values(group),
      data.reduce((sum, { metrics: [metric] }) => sum + (metric?.stats.count ?? 0), 0),
    ]);

  it('count how interactions ended, by queue and code', async () => {
    const { call, queue, code } = await start();
    const { body } = await call(AGGREGATES, query);
    expect(counts(body)).toEqual([
      [queue('Billing'), code('Resolved'), 4],
      [queue('Billing'), 'ININ-WRAP-UP-TIMEOUT', 2],
      [queue('Sales'), code('Escalated'), 4],
    ]);
    expect(body).toMatchObject({
      results: [
        {
          data: [
            {
              interval: query.interval,
              metrics: [
                { metric: 'tAcw', stats: { count: 4, sum: 80_000, min: 10_000, max: 50_000 } },
              ],
            },
          ],
        },
        {},
        {},
      ],
    });
  });

  it('keep to the interval, the filter and the metric', async () => {
    const { call, queue, code, queueIs } = await start();
    const short = await call(AGGREGATES, { ...query, interval: interval(-2 * HOUR, 0) });
    expect(counts(short.body)).toEqual([
      [queue('Billing'), code('Resolved'), 3],
      [queue('Billing'), 'ININ-WRAP-UP-TIMEOUT', 2],
    ]);
    const sales = await call(AGGREGATES, { ...query, filter: queueIs('Sales') });
    expect(counts(sales.body)).toHaveLength(1);
    const nested = await call(AGGREGATES, {
      ...query,
      groupBy: ['queueId'],
      filter: {
        type: 'and',
        clauses: [queueIs('Sales', 'Billing')],
        predicates: [{ dimension: 'wrapUpCode', operator: 'matches', value: code('Resolved') }],
      },
    });
    expect(counts(nested.body)).toEqual([[queue('Billing'), 4]]);
    expect(counts((await call(AGGREGATES, { ...query, metrics: ['nConnected'] })).body)).toEqual(
      [],
    );
  });

  it('can be cut into steps', async () => {
    const { call } = await start();
    const { body } = await call(AGGREGATES, {
      ...query,
      interval: interval(-4 * HOUR, 0),
      groupBy: ['queueId'],
      granularity: 'PT2H',
    });
    expect(body).toMatchObject({
      results: [
        {
          data: [
            { interval: interval(-4 * HOUR, -2 * HOUR), metrics: [{ stats: { count: 1 } }] },
            { interval: interval(-2 * HOUR, 0), metrics: [{ stats: { count: 5 } }] },
          ],
        },
      ],
    });
  });

  it('tell the media type, and no code where there was none', async () => {
    const { simulator, call } = await simulate({
      seed: {
        codes: ['A'],
        queues: [{ name: 'Q' }],
        interactions: [
          { queue: 'Q', code: 'A', count: 2 },
          { queue: 'Q', code: null, count: 3, mediaType: 'chat' },
        ],
      },
      clock: new FakeClock(),
    });
    const groupBy = ['mediaType', 'wrapUpCode'];
    const { body } = await call(AGGREGATES, { ...query, groupBy });
    expect(body['results']).toMatchObject([
      { group: { mediaType: 'voice', wrapUpCode: simulator.state.code('A').id } },
      { group: { mediaType: 'chat' } },
    ]);
    expect(counts(body).at(-1)).toEqual(['chat', 3]);
    const predicates = [{ dimension: 'wrapUpCode', operator: 'notExists' }];
    const without = await call(AGGREGATES, { ...query, filter: { type: 'and', predicates } });
    expect(counts(without.body)).toEqual([[simulator.state.queue('Q').id, 3]]);
  });

  it('can have limits that nobody documents', async () => {
    const { call } = await simulate({
      seed,
      clock: new FakeClock(),
      aggregates: { maxIntervalDays: 7, maxResults: 2 },
    });
    const week = await call(AGGREGATES, { ...query, interval: interval(-169 * HOUR, 0) });
    expect([week.status, week.body.code]).toEqual([400, 'constraint.validation']);
    const wide = await call(AGGREGATES, query);
    expect([wide.status, wide.body.code]).toEqual([400, 'response.entity.too.large']);
    expect((await call(AGGREGATES, { ...query, groupBy: ['queueId'] })).status).toBe(200);
  });

  it('of a made-up organization are the same each time, with words of the platform', async () => {
    const results = async () => {
      const { call } = await simulate({ size: { queues: 60, seed: 4 }, clock: new FakeClock() });
      const { body } = await call(AGGREGATES, {
        interval: interval(-8 * 24 * HOUR, 0),
        groupBy: ['mediaType', 'wrapUpCode'],
        metrics: ['tAcw'],
      });
      return body['results'] as { group: Record<string, string> }[];
    };
    const first = await results();
    expect(await results()).toEqual(first);
    const codes = first.map(({ group }) => group['wrapUpCode']);
    expect(codes).toEqual(
      expect.arrayContaining([
        'ININ-WRAP-UP-TIMEOUT',
        'ININ-WRAP-UP-SKIPPED',
        'ININ-WRAP-UP-DELETED',
        'ININ-OUTBOUND-BUSY',
        undefined,
      ]),
    );
    expect(new Set(first.map(({ group }) => group['mediaType'])).size).toBe(5);
  });

  it.each([
    [{ interval: 'yesterday' }, 'invalid.date'],
    [{ granularity: 'P1Y' }, 'invalid.value'],
    [{ groupBy: ['userId'] }, 'invalid.value'],
  ])('are refused for %j', async (wrong, code) => {
    const { call } = await start();
    expect((await call(AGGREGATES, { ...query, ...wrong })).body.code).toBe(code);
  });
});
