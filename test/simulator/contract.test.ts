/**
 * The simulator before the referee: every endpoint is asked in every way that the tests of the
 * project ask it, and each answer must be one that the vendor's published contract allows.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { LoggedRequest } from '../../src/simulator/request-log.js';
import type { SimulatorSeed } from '../../src/simulator/seed.js';
import { contractAbsence, loadContract, type Contract } from '../support/contract.js';
import { callerOf, send, simulate, type Call } from './driver.js';

const seed = {
  divisions: [{ name: 'Home' }, { name: 'Retail' }],
  codes: ['A', { name: 'B', division: '*', description: 'b' }, { name: 'C', division: 'Retail' }],
  queues: [
    { name: 'Q1', codes: ['A', 'B'], activity: { interacting: 1, onQueueUsers: 2 } },
    { name: 'Q2', division: 'Retail' },
    { name: 'Q3' },
  ],
  interactions: [
    { queue: 'Q1', code: 'A', count: 3 },
    { queue: 'Q1', code: null, mediaType: 'email' },
  ],
} satisfies SimulatorSeed;

/** Operations of the contract that the project never uses, and the simulator does not offer. */
const NOT_OFFERED = ['POST /api/v2/authorization/divisions', 'PUT /api/v2/organizations/me'];

const GONE = 'aaaaaaaa-aaaa-4aaa-aaaa-aaaaaaaaaaaa';

describe.skipIf(contractAbsence !== null)(
  `the published contract${contractAbsence === null ? '' : ` (skipped: ${contractAbsence})`}`,
  () => {
    let contract: Contract;
    beforeAll(() => {
      contract = loadContract();
    });

    /** Drives every endpoint, refusals included, and returns the log. */
    const everything = async (): Promise<readonly LoggedRequest[]> => {
      const { simulator, call } = await simulate({
        seed,
        clients: [
          { id: 'demo', secret: 'demo' },
          { id: 'none', secret: 's', grants: [] },
          { id: 'retail', secret: 's', grants: [{ permissions: '*', divisions: ['Retail'] }] },
        ],
      });
      const queue = (name: string) => `/api/v2/routing/queues/${simulator.state.queue(name).id}`;
      const code = (name: string) => simulator.state.code(name).id;
      const q1 = simulator.state.queue('Q1');
      await asOrganization(call);
      await asQueues(call, queue('Q1'), q1.division?.id ?? '');
      await asCodes(call, queue('Q1'), code);
      await asAudits(call, String(q1.id));
      await asAnalytics(call, String(q1.id));
      await refusals(callerOf(simulator, 'none'), queue('Q1'), code('A') ?? '', 403);
      await refusals(callerOf(simulator, 'retail'), queue('Q1'), code('A') ?? '', 403);
      await refusals((request, body) => send(simulator, request, body, {}), queue('Q1'), GONE, 401);
      simulator.admin.setStaleReference('Q3', 'queueFlow');
      expect((await call(`PUT ${queue('Q3')}`, { name: 'Q3' })).status).toBe(400);
      for (const status of [408, 409, 413, 415, 429, 500, 503, 504]) {
        simulator.faults.add({ times: 1, effect: { kind: 'error', status } });
        expect((await call(`PUT ${queue('Q1')}`, { name: 'Q1' })).status).toBe(status);
      }
      await call(`DELETE /api/v2/routing/wrapupcodes/${code('C')}`);
      await call(`DELETE ${queue('Q2')}?forceDelete=true`);
      await call('DELETE /api/v2/tokens/me');
      return simulator.requests.all();
    };

    it('is kept by every answer, to requests that keep it too', async () => {
      const log = await everything();
      expect(log.flatMap((logged) => contract.violations(logged))).toEqual([]);
      const answered = new Set(
        log
          .filter(({ status }) => status !== null && status < 300)
          .map(({ method, route }) => `${method} ${route}`),
      );
      expect(contract.operations.filter((operation) => !answered.has(operation))).toEqual(
        NOT_OFFERED,
      );
    });

    it('does not speak of the login, nor of a gateway in between', async () => {
      const { simulator, call } = await simulate({ seed });
      simulator.faults.add({ times: 1, effect: { kind: 'html' } });
      simulator.faults.add({ skip: 1, times: 1, effect: { kind: 'error', status: 502 } });
      await call('GET /api/v2/routing/queues');
      await call('GET /api/v2/routing/queues');
      await send(simulator, 'POST /oauth/token', 'grant_type=client_credentials', {});
      expect(simulator.requests.all().flatMap((logged) => contract.violations(logged))).toEqual([]);
    });

    it('is kept by generated orgs of all kinds', async () => {
      const { simulator, call } = await simulate({ size: { queues: 120, codes: 90, seed: 3 } });
      await call('GET /api/v2/routing/queues?pageSize=500');
      await call('GET /api/v2/routing/wrapupcodes?pageSize=500');
      for (const name of simulator.state.queueNames().slice(0, 20)) {
        await call(`GET /api/v2/routing/queues/${simulator.state.queue(name).id}/wrapupcodes`);
      }
      expect(simulator.requests.all().flatMap((logged) => contract.violations(logged))).toEqual([]);
    });

    it('finds what breaks it, in requests and in answers', async () => {
      const { simulator, call } = await simulate({ seed });
      const path = `/api/v2/routing/queues/${simulator.state.queue('Q1').id}`;
      await call(`PUT ${path}`, { name: 'Q1', memberCount: 3 });
      await call('GET /api/v2/routing/queues?color=red&hasPeer=maybe');
      await call('GET /api/v2/routing/wrapupcodes');
      const [put, list, codes] = simulator.requests.all() as [
        LoggedRequest,
        LoggedRequest,
        LoggedRequest,
      ];
      const found = (logged: LoggedRequest) => contract.violations(logged).join('\n');
      expect(found(put)).toContain('memberCount is read-only');
      expect(found(list)).toContain('unknown query parameter color');
      expect(found(list)).toContain('hasPeer cannot be maybe');
      expect(found(codes)).toBe('');
      expect(found({ ...codes, responseBody: { entities: [{ id: 1 }] } })).toContain(
        '/entities/0/id',
      );
      expect(found({ ...codes, status: 418 })).toContain('status 418');
      expect(found({ ...codes, status: 404, responseBody: { code: 'lost' } })).toContain('lost');
      expect(found({ ...put, requestBody: { acwSettings: 5 } })).toContain('/acwSettings');
      expect(found({ ...put, route: '/api/v3' })).toContain('no such operation');
    });
  },
);

const asOrganization = async (call: Call): Promise<void> => {
  await call('GET /api/v2/tokens/me');
  await call('HEAD /api/v2/tokens/me');
  await call('GET /api/v2/organizations/me');
  await call('GET /api/v2/authorization/divisions?pageSize=1&pageNumber=2');
  await call('GET /api/v2/authorization/products');
};

const asQueues = async (call: Call, path: string, division: string): Promise<void> => {
  const list = '/api/v2/routing/queues';
  await call(`GET ${list}?pageSize=2&pageNumber=1&sortOrder=desc`);
  await call(`GET ${list}?pageSize=2&pageNumber=2&divisionId=${division}&name=Q*`);
  await call(`GET ${list}?pageNumber=0`);
  await call(`GET ${list}?pageSize=none`);
  const { body } = await call(`GET ${path}`);
  const { id, memberCount, userMemberCount, joinedMemberCount, selfUri, ...writable } = body;
  expect([id, memberCount, userMemberCount, joinedMemberCount, selfUri]).not.toContain(undefined);
  const rules = (writable['conditionalGroupRouting'] as { rules: { queue?: unknown }[] }).rules;
  await call(`PUT ${path}`, writable);
  delete rules[0]?.queue;
  expect((await call(`PUT ${path}`, writable)).status).toBe(200);
  await call(`PUT ${path}`, { ...writable, name: 'Q2' });
  await call(`PUT ${path}`, {
    ...writable,
    acwSettings: { wrapupPrompt: 'OPTIONAL', timeoutMs: 1 },
  });
  await call(`PUT ${path}`, { ...writable, acwSettings: { wrapupPrompt: 'SOMETIMES' } });
  await call(`PUT ${path}`, { ...writable, division: { id: GONE } });
  await call(`POST ${list}`, { name: 'New', sourceQueueId: body.id });
  await call(`POST ${list}`, { name: 'New' });
  await call(`POST ${list}`, { name: '' });
  await call(`POST ${list}`, { name: 'Newer', sourceQueueId: GONE });
  await call(`GET ${list}/${GONE}`);
  await call(`GET ${list}/nonsense`);
};

const asCodes = async (
  call: Call,
  queue: string,
  code: (name: string) => string | undefined,
): Promise<void> => {
  const list = '/api/v2/routing/wrapupcodes';
  await call(`GET ${list}?pageSize=1&pageNumber=2&sortBy=name&sortOrder=descending&name=*`);
  await call(`GET ${list}?id=${code('A')}&pageNumber=x`);
  const { body } = await call(`POST ${list}`, {
    name: 'D',
    description: 'd',
    division: { id: '*' },
  });
  await call(`POST ${list}`, { name: 'D' });
  await call(`POST ${list}`, { name: '' });
  await call(`POST ${list}`, { name: 'E', division: { id: GONE } });
  await call(`GET ${list}/${body.id}`);
  await call(`PUT ${list}/${body.id}`, { name: 'E' });
  await call(`PUT ${list}/${body.id}`, { name: 'A' });
  await call(`PUT ${list}/${GONE}`, { name: 'E' });
  await call(`DELETE ${list}/${body.id}`);
  await call(`GET ${list}/${body.id}`);
  await call(`GET ${list}/nonsense`);

  const onQueue = `${queue}/wrapupcodes`;
  await call(`GET ${onQueue}?pageSize=1&pageNumber=2&name=B*`);
  await call(`POST ${onQueue}`, [{ id: code('C') }, { id: code('A') }]);
  await call(`POST ${onQueue}`, []);
  await call(`POST ${onQueue}`, [{ id: 'nonsense' }]);
  await call(`POST ${onQueue}`, [{ id: GONE }]);
  await call(`DELETE ${onQueue}/${code('C')}`);
  await call(`DELETE ${onQueue}/nonsense`);
  await call(`GET /api/v2/routing/queues/${GONE}/wrapupcodes`);
};

const hour = (back: number): string => new Date(Date.now() - back * 3_600_000).toISOString();

const asAudits = async (call: Call, entity: string): Promise<void> => {
  const query = '/api/v2/audits/query';
  const request = {
    interval: `${hour(1)}/${hour(-1)}`,
    serviceName: 'ContactCenter',
    filters: [{ property: 'EntityId', value: entity }],
    sort: [{ name: 'Timestamp', sortOrder: 'ascending' }],
  };
  const { body } = await call(`POST ${query}`, request);
  await call(`GET ${query}/${body.id}/results`);
  await call(`GET ${query}/${body.id}`);
  const page = await call(`GET ${query}/${body.id}/results?pageSize=1&expand=user`);
  await call(`GET ${query}/${body.id}/results?cursor=${String(page.body['cursor'])}`);
  await call(`POST ${query}/realtime?expand=user`, { ...request, pageSize: 2, pageNumber: 1 });
  await call(`POST ${query}/realtime`, { ...request, interval: 'nonsense' });
  await call(`POST ${query}`, { ...request, interval: `${hour(1000)}/${hour(0)}` });
  await call(`GET ${query}/servicemapping`);
  await call(`GET ${query}/${GONE}`);
};

const asAnalytics = async (call: Call, queue: string): Promise<void> => {
  const predicates = [
    { type: 'dimension', dimension: 'queueId', operator: 'matches', value: queue },
  ];
  await call('POST /api/v2/analytics/queues/observations/query', {
    filter: { type: 'or', predicates },
    metrics: ['oInteracting', 'oWaiting', 'oOnQueueUsers'],
  });
  const aggregate = {
    interval: `${hour(24)}/${hour(0)}`,
    granularity: 'PT12H',
    groupBy: ['queueId', 'wrapUpCode'],
    filter: { type: 'and', clauses: [{ type: 'or', predicates }] },
    metrics: ['tAcw'],
  };
  await call('POST /api/v2/analytics/conversations/aggregates/query', aggregate);
  await call('POST /api/v2/analytics/conversations/aggregates/query', {
    ...aggregate,
    granularity: 'P1Y',
  });
  await call('POST /api/v2/analytics/conversations/aggregates/query', {
    interval: aggregate.interval,
    groupBy: ['queueId', 'mediaType', 'wrapUpCode'],
    filter: { type: 'or', predicates },
    metrics: ['tAcw'],
  });
};

const refusals = async (call: Call, queue: string, code: string, status: number): Promise<void> => {
  const requests: [string, unknown?][] = [
    [`PUT ${queue}`, { name: 'Q' }],
    [`GET ${queue}/wrapupcodes`],
    [`POST ${queue}/wrapupcodes`, [{ id: code }]],
    [`DELETE ${queue}/wrapupcodes/${code}`],
    ['POST /api/v2/routing/wrapupcodes', { name: 'Z' }],
  ];
  for (const [request, body] of requests) {
    expect((await call(request, body)).status, request).toBe(status);
  }
};
