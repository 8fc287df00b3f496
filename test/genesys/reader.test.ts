import { LosslessNumber } from 'lossless-json';
import { describe, expect, it } from 'vitest';
import { codeId, queueId } from '../../src/domain/ids.js';
import type { CodeId, QueueId } from '../../src/domain/ids.js';
import type { Tear } from '../../src/simulator/paging.js';
import { connected } from './connected.js';
import type { Connected } from './connected.js';
import { thrownBy } from './thrown.js';

const QUEUES = 'GET /api/v2/routing/queues';
const CODES = 'GET /api/v2/routing/wrapupcodes';
const QUEUE_CODES = 'GET /api/v2/routing/queues/{queueId}/wrapupcodes';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

const codeNames = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `Code ${String(index).padStart(4, '0')}`);

const idOfQueue = ({ simulator }: Connected, name: string): QueueId =>
  queueId(simulator.state.queue(name).id ?? '');
const idOfCode = ({ simulator }: Connected, name: string): CodeId =>
  codeId(simulator.state.code(name).id ?? '');

describe('lists', () => {
  it('are whole, in as many requests as there are pages', async () => {
    const org = await connected({ size: { queues: 1_001, codes: 501 } });
    const queues = await org.reader.listQueues();
    expect(queues.items.map(({ name }) => name).sort()).toEqual(org.simulator.state.queueNames());
    expect(queues.pages).toBe(3);
    const codes = await org.reader.listCodes();
    expect(codes.items.map(({ name }) => name).sort()).toEqual(org.simulator.state.codeNames());
    expect((await org.reader.listDivisions()).items.map(({ name }) => name)).toContain('Retail');
    expect(org.simulator.requests.counts()).toEqual({
      'POST /oauth/token': 1,
      [QUEUES]: 3,
      [CODES]: Math.ceil(codes.items.length / 500),
      'GET /api/v2/authorization/divisions': 1,
    });
    expect(org.reader.requests().sent).toBe(org.simulator.requests.total());
  });

  it.each([
    [0, 1],
    [1, 1],
    [100, 1],
    [101, 2],
    [250, 3],
  ])('of %i codes on a queue cost %i requests', async (count, requests) => {
    const names = codeNames(count);
    const org = await connected({
      seed: { codes: names, queues: [{ name: 'Billing', codes: names }] },
    });
    const listed = await org.reader.queueCodes(idOfQueue(org, 'Billing'));
    expect(listed.codes.map(({ name }) => name)).toEqual(names);
    expect([listed.pages, org.simulator.requests.counts()[QUEUE_CODES]]).toEqual([
      requests,
      requests,
    ]);
  });

  it('cost one request a page of whatever size the platform allows', async () => {
    const org = await connected({
      size: { queues: 240 },
      pageCaps: { queues: { max: 100, over: 'clamp' } },
    });
    expect((await org.reader.listQueues()).items).toHaveLength(240);
    expect(org.simulator.requests.counts()[QUEUES]).toBe(3);
  });

  it('are asked for again in smaller pages where the platform refuses large ones, once for all', async () => {
    const org = await connected({
      size: { queues: 240 },
      pageCaps: { queues: { max: 130, over: 'refuse' } },
    });
    expect((await org.reader.listQueues()).items).toHaveLength(240);
    // 500 and 250 are refused, 125 is not.
    expect(org.simulator.requests.counts()[QUEUES]).toBe(2 + 2);
    await org.reader.listQueues();
    expect(org.simulator.requests.counts()[QUEUES]).toBe(2 + 2 + 2);
  });

  it('are empty for an organization without queues', async () => {
    const org = await connected({ seed: { queues: [] } });
    expect(await org.reader.listQueues()).toMatchObject({ items: [], pages: 1 });
    expect(org.simulator.requests.counts()[QUEUES]).toBe(1);
  });

  it('show what the core reasons about', async () => {
    const org = await connected({
      seed: {
        divisions: [{ name: 'Home' }, { name: 'Retail' }],
        codes: ['Resolved'],
        queues: [
          {
            name: 'Billing',
            division: 'Retail',
            acwSettings: { wrapupPrompt: 'AGENT_REQUESTED', timeoutMs: 7_200_000 },
          },
          { name: 'No ACW', fields: { acwSettings: null } },
        ],
      },
    });
    const { items } = await org.reader.listQueues();
    expect(items[0]).toEqual({
      id: org.simulator.state.queue('Billing').id,
      name: 'Billing',
      division: { id: org.simulator.state.queue('Billing').division?.id, name: 'Retail' },
      afterCallWork: { prompt: 'AGENT_REQUESTED', timeoutMs: 7_200_000 },
      enabled: true,
      unsafeNumber: null,
    });
    expect(items[1]?.afterCallWork).toEqual({ prompt: null, timeoutMs: null });
    expect(await org.reader.organization()).toEqual({
      id: org.simulator.state.organization.id,
      name: org.simulator.state.organization.name,
    });
  });

  it.each<Tear>(['missing', 'duplicate', 'total', 'empty'])(
    'torn by %s are read again',
    async (how) => {
      const org = await connected({
        size: { queues: 60 },
        pageCaps: { queues: { max: 25, over: 'clamp' } },
      });
      org.simulator.faults.add({
        match: ({ query }) => query.get('pageNumber') === '2',
        times: 1,
        effect: { kind: 'tear', how },
      });
      const { items } = await org.reader.listQueues();
      expect(items.map(({ name }) => name).sort()).toEqual(org.simulator.state.queueNames());
      expect(org.simulator.requests.counts()[QUEUES]).toBe(6);
    },
  );

  it('that stay torn are told', async () => {
    const org = await connected({
      size: { queues: 60 },
      pageCaps: { queues: { max: 25, over: 'clamp' } },
    });
    org.simulator.faults.add({
      match: ({ query }) => query.get('pageNumber') === '3',
      effect: { kind: 'tear', how: 'total' },
    });
    const error = await thrownBy(() => org.reader.listQueues());
    expect(error.code).toBe('genesys.torn-read');
    expect(error.message).toContain('The list of queues could not be read whole in 5 tries');
  });

  it('are read around an admin who adds and deletes queues meanwhile', async () => {
    const org = await connected({
      size: { queues: 60 },
      pageCaps: { queues: { max: 25, over: 'clamp' } },
    });
    org.simulator.faults.add({
      match: ({ query }) => query.get('pageNumber') === '3',
      times: 1,
      effect: { kind: 'edit', act: (admin) => admin.createQueue('AAA first of all') },
    });
    const { items } = await org.reader.listQueues();
    expect(items.map(({ name }) => name).sort()).toEqual(org.simulator.state.queueNames());
    expect(items).toHaveLength(61);
  });
});

describe('looking for one', () => {
  const seed = {
    codes: ['Résolu', 'Resolved', 'resolved', 'A & B = 100 %?'],
    queues: [
      { name: 'Billing' },
      { name: 'billing' },
      { name: 'Billing EN' },
      { name: 'Störung' },
      { name: 'Ärger'.normalize('NFD') },
      { name: '*Star*' },
    ],
  };

  it('by name finds it alone: no other case, no wildcard, and in NFC', async () => {
    const org = await connected({ seed });
    const find = async (name: string) =>
      (await org.reader.findQueues({ name })).map((queue) => queue.name);
    expect(await find('Billing')).toEqual(['Billing']);
    expect(await find('Billing*')).toEqual([]);
    expect(await find('*Star*')).toEqual(['*Star*']);
    expect(await find('Störung'.normalize('NFD'))).toEqual(['Störung']);
    expect(await find('Ärger')).toEqual(['Ärger'.normalize('NFD')]);
    expect(await find('Nothing')).toEqual([]);
    expect(org.simulator.requests.counts()[QUEUES]).toBe(6);
    const codes = await org.reader.findCodes({ name: 'A & B = 100 %?' });
    expect(codes).toEqual([{ id: idOfCode(org, 'A & B = 100 %?'), name: 'A & B = 100 %?' }]);
  });

  it('by id finds it, or nothing, in one request', async () => {
    const org = await connected({ seed });
    const id = idOfQueue(org, 'Billing');
    expect((await org.reader.findQueues({ id })).map(({ name }) => name)).toEqual(['Billing']);
    expect(await org.reader.findQueues({ id: queueId(UNKNOWN) })).toEqual([]);
    expect(await org.reader.findCodes({ id: codeId(UNKNOWN) })).toEqual([]);
    expect((await org.reader.findCodes({ id: idOfCode(org, 'Resolved') }))[0]?.name).toBe(
      'Resolved',
    );
    expect(org.reader.requests().sent).toBe(4);
  });
});

describe('the document of a queue', () => {
  it('is the whole JSON, or null where the queue is gone', async () => {
    const org = await connected({ seed: { queues: [{ name: 'Billing' }] } });
    const id = idOfQueue(org, 'Billing');
    const document = await org.reader.queueDocument(id);
    expect(document?.raw).toEqual(JSON.parse(JSON.stringify(org.simulator.state.queue('Billing'))));
    expect(document?.queue.name).toBe('Billing');
    org.simulator.admin.deleteQueue('Billing');
    expect(await org.reader.queueDocument(id)).toBeNull();
  });

  it('shows where a number would not survive being written back, and so does the list', async () => {
    const fields = {
      mediaSettings: { call: { exact: [1, new LosslessNumber('12345678901234567890')] } },
    };
    const org = await connected({
      seed: { queues: [{ name: 'Exact', fields }, { name: 'Plain' }] },
    });
    const { items } = await org.reader.listQueues();
    expect(items.map(({ unsafeNumber }) => unsafeNumber)).toEqual([
      'mediaSettings.call.exact.1',
      null,
    ]);
    const document = await org.reader.queueDocument(idOfQueue(org, 'Exact'));
    expect(document?.queue.unsafeNumber).toBe('mediaSettings.call.exact.1');
  });
});

describe('trouble', () => {
  it.each([
    ['an error of the platform', { kind: 'error', status: 503 }],
    ['a 429', { kind: 'error', status: 429, retryAfterSeconds: 20 }],
    ['a cut connection', { kind: 'cut' }],
    ['a connection cut within the answer', { kind: 'cut', when: 'midway' }],
    ['a gateway with a page of its own', { kind: 'html', status: 502 }],
  ] as const)('of a read is gone after a while: %s', async (_name, effect) => {
    const org = await connected({ seed: { queues: [{ name: 'Billing' }] } });
    org.simulator.faults.add({ times: 2, match: { path: '/api/v2/routing/queues' }, effect });
    expect((await org.reader.listQueues()).items).toHaveLength(1);
    const throttled = effect.kind === 'error' && effect.status === 429 ? 2 : 0;
    expect(org.reader.requests()).toEqual({ sent: 3, retried: 2, throttled });
  });

  it('of a page of somebody else is told at once', async () => {
    const org = await connected();
    org.simulator.faults.add({
      match: { path: '/api/v2/organizations/me' },
      effect: { kind: 'html' },
    });
    const error = await thrownBy(() => org.reader.organization());
    expect(error.code).toBe('genesys.not-genesys');
    expect(error.message).toContain(
      `${org.simulator.host}:${org.simulator.port} answered 200 with text/html`,
    );
  });

  it('of a failure that stays is told with status, code and correlation id', async () => {
    const org = await connected();
    org.simulator.faults.add({
      match: { path: '/api/v2/organizations/me' },
      effect: { kind: 'error', status: 503 },
    });
    const error = await thrownBy(() => org.reader.organization());
    const last = org.simulator.requests.all().at(-1);
    expect(error).toMatchObject({
      code: 'genesys.unavailable',
      correlationId: last?.correlationId,
    });
    expect(error.message).toBe(
      'Genesys Cloud failed at GET /api/v2/organizations/me: 503 service.unavailable, ' +
        `The server is currently unavailable. Correlation id ${last?.correlationId}`,
    );
    expect(org.reader.requests().sent).toBe(6);
  });

  it('of a missing permission names it', async () => {
    const clients = [
      {
        id: 'demo',
        secret: 'demo',
        grants: [{ permissions: ['routing:queue:view'], divisions: '*' as const }],
      },
    ];
    const org = await connected({ clients });
    expect((await org.reader.listQueues()).items.length).toBeGreaterThan(0);
    const error = await thrownBy(() => org.reader.listCodes());
    expect(error.code).toBe('genesys.forbidden');
    expect(error.message).toContain(
      'did not permit GET /api/v2/routing/wrapupcodes without the permission routing:wrapupCode:view: 403 missing.permissions',
    );
  });
});
