import { describe, expect, it } from 'vitest';
import { queueId } from '../../src/domain/ids.js';
import type { QueueId } from '../../src/domain/ids.js';
import type { Interacting } from '../../src/domain/state.js';
import type { SeedQueue } from '../../src/simulator/seed.js';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import { connect } from '../../src/genesys/client.js';
import { FakeClock } from '../support/fake-clock.js';
import { connected, towards } from './connected.js';
import type { Connected } from './connected.js';
import { startStub } from './stub-server.js';
import type { Reply } from './stub-server.js';
import { thrownBy } from './thrown.js';

const ROUTE = '/api/v2/analytics/queues/observations/query';
const QUERY = `POST ${ROUTE}`;

const queuesOf = (count: number, rest: (at: number) => Partial<SeedQueue> = () => ({})) =>
  Array.from({ length: count }, (_, at) => ({
    name: `Queue ${String(at).padStart(3, '0')}`,
    activity: { interacting: at % 3 },
    ...rest(at),
  }));

const idsOf = ({ simulator }: Connected): readonly QueueId[] =>
  simulator.state.queueNames().map((name) => queueId(simulator.state.queue(name).id ?? ''));

const ask = async (options: SimulatorOptions) => {
  const org = await connected(options);
  const ids = idsOf(org);
  const answers = await org.reader.interacting(ids);
  return {
    org,
    /** In the order of the names of the queues. */
    answers: ids.map((id) => answers.get(id)),
    queries: org.simulator.requests.counts()[QUERY] ?? 0,
  };
};

const counted = (count: number): Interacting => ({ kind: 'counted', count });
const counts = (answers: readonly (Interacting | undefined)[]) =>
  answers.map((answer) => (answer?.kind === 'counted' ? answer.count : answer?.reason));

describe('the interactions of queues', () => {
  it.each([
    [0, 0],
    [1, 1],
    [100, 1],
    [101, 2],
    [250, 3],
  ])('of %i queues cost %i requests', async (count, requests) => {
    const { org, answers, queries } = await ask({ seed: { queues: queuesOf(count) } });
    expect(answers).toEqual(
      queuesOf(count).map(({ activity }) => counted(activity?.interacting ?? 0)),
    );
    expect([queries, org.reader.requests().sent]).toEqual([requests, requests]);
    const asked = org.simulator.requests
      .all()
      .filter(({ route }) => route === ROUTE)
      .map(({ requestBody }) => (requestBody as { filter: { predicates: unknown[] } }).filter)
      .map(({ predicates }) => predicates.length);
    expect(Math.max(0, ...asked)).toBeLessThanOrEqual(100);
  });

  const HOME_ONLY = {
    clients: [
      {
        id: 'c',
        secret: 's',
        grants: [
          { permissions: ['routing:queue:view'], divisions: '*' as const },
          { permissions: ['analytics:queueObservation:view'], divisions: ['Home'] },
        ],
      },
    ],
  };

  it('outside the divisions of the token do not block the others', async () => {
    const { answers, queries } = await ask({
      ...HOME_ONLY,
      seed: {
        divisions: [{ name: 'Home', home: true }, { name: 'Retail' }],
        queues: queuesOf(100, (at) => (at === 37 ? { division: 'Retail' } : {})),
      },
    });
    expect(counts(answers)).toEqual(
      queuesOf(100).map(({ activity }, at) =>
        at === 37
          ? 'the permission analytics:queueObservation:view does not reach its division; extend it, or set `activity.onBusy: ignore`'
          : (activity?.interacting ?? 0),
      ),
    );
    // Halved seven times at most: two queries each time, and the one at first.
    expect(queries).toBeLessThanOrEqual(15);
  });

  it('without the permission are asked for once, and say which one it is', async () => {
    const { answers, queries } = await ask({
      clients: [
        { id: 'c', secret: 's', grants: [{ permissions: ['routing:queue:view'], divisions: '*' }] },
      ],
      seed: { queues: queuesOf(100) },
    });
    expect(new Set(counts(answers))).toEqual(
      new Set([
        'the OAuth client lacks the permission analytics:queueObservation:view; grant it, or set `activity.onBusy: ignore`',
      ]),
    );
    expect(queries).toBe(1);
  });

  it.each([
    [503, 'service.unavailable', 'Genesys Cloud answered 503 service.unavailable; try again later'],
    [429, 'too.many.requests', 'Genesys Cloud answered 429 too.many.requests; try again later'],
    [400, 'bad.request', 'Genesys Cloud answered 400 bad.request; try again later'],
  ] as const)(
    'where the service answers %i are unread, of that query alone',
    async (status, code, reason) => {
      const { answers } = await ask({
        seed: { queues: queuesOf(150) },
        faults: [
          {
            match: ({ route, body }) =>
              route === ROUTE &&
              (body as { filter: { predicates: unknown[] } }).filter.predicates.length === 100,
            effect: { kind: 'error', status, code },
          },
        ],
      });
      const read = answers.filter((answer) => answer?.kind === 'counted');
      expect(read).toHaveLength(50);
      const unread = answers.flatMap((answer) => (answer?.kind === 'unread' ? answer : []));
      expect(new Set(unread.map((answer) => answer.reason))).toEqual(new Set([reason]));
      expect(new Set(unread.map(({ correlationId }) => correlationId)).size).toBe(1);
      expect(unread[0]?.correlationId).toMatch(/./);
    },
  );

  it('are asked for again while the service fails for a moment', async () => {
    const { answers, queries } = await ask({
      seed: { queues: queuesOf(3) },
      faults: [{ match: { path: ROUTE }, times: 2, effect: { kind: 'error', status: 503 } }],
    });
    expect(counts(answers)).toEqual([0, 1, 2]);
    expect(queries).toBe(3);
  });

  it('end the run where the credentials are not accepted any more', async () => {
    const org = await connected({
      seed: { queues: queuesOf(1) },
      faults: [
        { match: { path: ROUTE }, effect: { kind: 'error', status: 401, code: 'bad.credentials' } },
      ],
    });
    expect(await thrownBy(() => org.reader.interacting(idsOf(org)))).toMatchObject({
      code: 'genesys.unauthorized',
    });
  });
});

describe('an answer', () => {
  const A = queueId('a');
  const B = queueId('b');
  const reading = async (reply: Reply): Promise<ReadonlyMap<QueueId, Interacting>> => {
    const stub = await startStub(({ url }) =>
      url.endsWith('/oauth/token') ? { json: { access_token: 't', expires_in: 3600 } } : reply,
    );
    const connection = await connect({
      ...towards(
        { clientId: 'c', clientSecret: 's', host: '127.0.0.1', port: stub.port },
        new FakeClock(),
      ),
    });
    try {
      return await connection.reader.interacting([A, B]);
    } finally {
      await connection.close();
    }
  };
  const group = (id: string, mediaType: string, count: number) => ({
    group: { queueId: id, mediaType },
    data: [
      { metric: 'oInteracting', stats: { count } },
      { metric: 'oWaiting', stats: { count: 100 } },
    ],
  });

  it('is summed over media types, and a queue that is missing has none', async () => {
    const results = [group('a', 'voice', 2), group('a', 'chat', 3), group('c', 'voice', 7)];
    expect(await reading({ json: { results } })).toEqual(
      new Map([
        [A, counted(5)],
        [B, counted(0)],
      ]),
    );
  });

  it('in which nothing stands tells of idle queues', async () => {
    expect(counts([...(await reading({ json: {} })).values()])).toEqual([0, 0]);
  });

  it.each<[string, Reply]>([
    ['no object', { json: [] }],
    ['a page of a proxy', { text: '<html>', headers: { 'content-type': 'text/html' } }],
    [
      'with a count that is no number',
      {
        json: {
          results: [
            { group: { queueId: 'a' }, data: [{ metric: 'oInteracting', stats: { count: '5' } }] },
          ],
        },
      },
    ],
  ])('that is not understood (%s) leaves its queues unread, and not idle', async (_what, reply) => {
    const answers = await reading(reply);
    expect([...answers.values()].map(({ kind }) => kind)).toEqual(['unread', 'unread']);
  });
});
