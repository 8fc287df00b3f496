import { describe, expect, it } from 'vitest';
import type { Period, QueueEndings } from '../../src/domain/compliance.js';
import { queueId } from '../../src/domain/ids.js';
import type { QueueId } from '../../src/domain/ids.js';
import { connect, connectReader } from '../../src/genesys/client.js';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import type { SeedInteraction } from '../../src/simulator/seed.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { connected, simulate, towards } from './connected.js';
import { startStub } from './stub-server.js';
import type { Reply } from './stub-server.js';
import { thrownBy } from './thrown.js';

const ROUTE = '/api/v2/analytics/conversations/aggregates/query';
const QUERY = `POST ${ROUTE}`;
const DAY = 86_400_000;
const WEEK: Period = { from: NOW - 7 * DAY, until: NOW };

const names = (count: number) =>
  Array.from({ length: count }, (_, at) => `Queue ${String(at).padStart(3, '0')}`);

const org = async (
  queues: number,
  options: SimulatorOptions = {},
  interactions: readonly SeedInteraction[] = [],
) => {
  const seed = {
    divisions: [{ name: 'Home', home: true }, { name: 'Retail' }],
    codes: ['Resolved'],
    queues: names(queues).map((name, at) => ({ name, division: at === 1 ? 'Retail' : 'Home' })),
    interactions: [
      ...names(queues).map((queue) => ({ queue, code: 'Resolved', count: 2 })),
      ...interactions,
    ],
  };
  const all = await connected({ seed, ...options });
  const { simulator } = all;
  const ids = simulator.state
    .queueNames()
    .map((name) => queueId(simulator.state.queue(name).id ?? ''));
  return { ...all, ids, queries: () => simulator.requests.counts()[QUERY] ?? 0 };
};

const total = (answer: QueueEndings | undefined): number | string | undefined =>
  answer?.kind === 'counted'
    ? answer.endings.reduce((sum, { count }) => sum + count, 0)
    : answer?.reason;

describe('the endings of queues', () => {
  it.each([
    [0, 7, 0],
    [1, 7, 1],
    [100, 31, 1],
    [101, 7, 2],
    [150, 32, 4],
    [1, 366, 12],
  ])('of %i queues in %i days cost %i requests', async (queues, days, requests) => {
    const { endings, ids, queries, simulator } = await org(queues);
    const answers = await endings.endingsOf(ids, { from: NOW - days * DAY, until: NOW });
    expect(ids.map((id) => total(answers.get(id)))).toEqual(ids.map(() => 2));
    expect(queries()).toBe(requests);
    const asked = simulator.requests
      .all()
      .filter(({ route }) => route === ROUTE)
      .map(({ requestBody }) => (requestBody as { filter: { predicates: unknown[] } }).filter)
      .map(({ predicates }) => predicates.length);
    expect(Math.max(0, ...asked)).toBeLessThanOrEqual(100);
  });

  it('are told by media type and code, over the seams of queries', async () => {
    const { endings, ids, simulator } = await org(1, { aggregates: { maxIntervalDays: 31 } }, [
      { queue: 'Queue 000', code: 'Resolved', count: 5, agoMs: 40 * DAY },
      { queue: 'Queue 000', code: 'Resolved', count: 7, agoMs: 2 * DAY, mediaType: 'chat' },
      { queue: 'Queue 000', code: null, count: 3, agoMs: 2 * DAY },
      { queue: 'Queue 000', code: 'ININ-WRAP-UP-TIMEOUT', count: 4, agoMs: 31 * DAY },
      { queue: 'Queue 000', code: 'ININ-WRAP-UP-SKIPPED', count: 9, agoMs: 90 * DAY },
    ]);
    const [id] = ids as [QueueId];
    const answer = (await endings.endingsOf(ids, { from: NOW - 62 * DAY, until: NOW })).get(id);
    const code = simulator.state.code('Resolved').id;
    expect(answer?.kind).toBe('counted');
    expect(new Set(answer?.kind === 'counted' ? answer.endings : [])).toEqual(
      new Set([
        { mediaType: 'voice', wrapUpCode: code, count: 7 },
        { mediaType: 'chat', wrapUpCode: code, count: 7 },
        { mediaType: 'voice', wrapUpCode: null, count: 3 },
        { mediaType: 'voice', wrapUpCode: 'ININ-WRAP-UP-TIMEOUT', count: 4 },
      ]),
    );
  });

  it('can be read by a connection that cannot write', async () => {
    const { simulator, clock } = await simulate({ size: { queues: 1 } });
    const reading = await connectReader(towards(simulator, clock));
    const id = queueId(simulator.state.queue(simulator.state.queueNames()[0] ?? '').id ?? '');
    expect((await reading.endings.endingsOf([id], WEEK)).get(id)?.kind).toBe('counted');
    await reading.close();
  });

  it('outside the divisions of the token do not spoil the others', async () => {
    const permissions = ['routing:queue:view', 'analytics:conversationAggregate:view'];
    const { endings, ids, queries } = await org(40, {
      clients: [{ id: 'c', secret: 's', grants: [{ permissions, divisions: ['Home'] }] }],
    });
    const answers = await endings.endingsOf(ids, WEEK);
    expect(ids.map((id) => total(answers.get(id)))).toEqual(
      ids.map((_, at) =>
        at === 1
          ? 'the permission analytics:conversationAggregate:view does not reach its division'
          : 2,
      ),
    );
    expect(answers.get(ids[1] as QueueId)).toMatchObject({
      correlationId: expect.stringMatching(/./) as string,
    });
    expect(queries()).toBeLessThanOrEqual(13);
  });

  it('without the permission are asked for once, and say what to do', async () => {
    const { endings, ids, queries } = await org(60, {
      clients: [
        { id: 'c', secret: 's', grants: [{ permissions: ['routing:queue:view'], divisions: '*' }] },
      ],
    });
    expect(await thrownBy(() => endings.endingsOf(ids, WEEK))).toMatchObject({
      code: 'genesys.forbidden',
      message: expect.stringContaining('analytics:conversationAggregate:view') as string,
      correlationId: expect.stringMatching(/./) as string,
      diagnostics: [
        {
          remedy:
            'Give the role of the OAuth client the permission analytics:conversationAggregate:view, for the divisions of the governed queues.',
        },
      ],
    });
    expect(queries()).toBe(1);
  });

  it('are asked for in smaller parts where an answer is too large', async () => {
    const days = Array.from({ length: 6 }, (_, day) => ({
      queue: 'Queue 000',
      code: day % 2 === 0 ? null : 'ININ-WRAP-UP-TIMEOUT',
      mediaType: (['chat', 'email', 'message'] as const)[day % 3] ?? 'chat',
      agoMs: (day + 0.5) * DAY,
    }));
    const { endings, ids } = await org(10, { aggregates: { maxResults: 3 } }, days);
    const answers = await endings.endingsOf(ids, WEEK);
    expect(ids.map((id) => total(answers.get(id)))).toEqual(ids.map((_, at) => (at === 0 ? 8 : 2)));
  });

  it('end in an error where no part is small enough', async () => {
    const { endings, ids } = await org(1, { aggregates: { maxResults: 0 } });
    expect(await thrownBy(() => endings.endingsOf(ids, WEEK))).toMatchObject({
      code: 'genesys.rejected',
      message: expect.stringContaining('response.entity.too.large') as string,
    });
  });

  it('are asked for again while the service fails, and end in an error where it goes on', async () => {
    const moment = await org(1, {
      faults: [{ match: { path: ROUTE }, times: 2, effect: { kind: 'error', status: 503 } }],
    });
    expect((await moment.endings.endingsOf(moment.ids, WEEK)).size).toBe(1);
    expect(moment.queries()).toBe(3);
    const down = await org(1, {
      faults: [{ match: { path: ROUTE }, effect: { kind: 'error', status: 503 } }],
    });
    expect(await thrownBy(() => down.endings.endingsOf(down.ids, WEEK))).toMatchObject({
      code: 'genesys.unavailable',
      correlationId: expect.stringMatching(/./) as string,
    });
  });

  it('obey a rate limit', async () => {
    const { endings, ids, queries } = await org(1, {
      faults: [
        {
          match: { path: ROUTE },
          times: 1,
          effect: { kind: 'error', status: 429, retryAfterSeconds: 7 },
        },
      ],
    });
    expect((await endings.endingsOf(ids, WEEK)).size).toBe(1);
    expect(queries()).toBe(2);
  });
});

describe('an answer', () => {
  const A = queueId('a');
  const reading = async (reply: Reply) => {
    const stub = await startStub(({ url }) =>
      url.endsWith('/oauth/token') ? { json: { access_token: 't', expires_in: 3600 } } : reply,
    );
    const place = { clientId: 'c', clientSecret: 's', host: '127.0.0.1', port: stub.port };
    const connection = await connect(towards(place, new FakeClock()));
    try {
      return await connection.endings.endingsOf([A], WEEK);
    } finally {
      await connection.close();
    }
  };
  const result = (group: object, ...counts: readonly unknown[]) => ({
    group: { queueId: 'a', ...group },
    data: counts.map((count) => ({
      metrics: [
        { metric: 'tAcw', stats: { count, sum: 1 } },
        { metric: 'nOffered', stats: { count: 1000 } },
      ],
    })),
  });

  it('is summed over its steps; an empty dimension is none, and an empty group nobody', async () => {
    const results = [
      result({ mediaType: 'voice', wrapUpCode: 'x' }, 1, 2),
      result({ mediaType: '', wrapUpCode: '' }, 4),
      result({ mediaType: 'chat', wrapUpCode: 'x' }, 0),
      { ...result({}, 9), group: { queueId: 'another' } },
    ];
    expect(await reading({ json: { results } })).toEqual(
      new Map([
        [
          A,
          {
            kind: 'counted',
            endings: [
              { mediaType: 'voice', wrapUpCode: 'x', count: 3 },
              { mediaType: null, wrapUpCode: null, count: 4 },
            ],
          },
        ],
      ]),
    );
  });

  it('in which nothing stands tells of idle queues', async () => {
    expect(await reading({ json: {} })).toEqual(new Map([[A, { kind: 'counted', endings: [] }]]));
  });

  it.each<[string, Reply]>([
    ['no object', { json: [] }],
    ['a page of a proxy', { text: '<html>', headers: { 'content-type': 'text/html' } }],
    ['with a count that is no number', { json: { results: [result({}, '5')] } }],
    ['with a count below nothing', { json: { results: [result({}, -1)] } }],
    ['with half an interaction', { json: { results: [result({}, 0.5)] } }],
  ])('that is not understood (%s) is an error, and nothing is made up', async (_what, reply) => {
    expect(await thrownBy(() => reading(reply))).toMatchObject({ code: 'genesys.not-genesys' });
  });
});
