import { describe, expect, it } from 'vitest';
import { LosslessNumber } from 'lossless-json';
import type { SimulatorSeed } from '../../src/simulator/seed.js';
import { SEEDED_AT } from '../../src/simulator/build-org.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { simulate, type Body } from './driver.js';

const QUEUES = '/api/v2/routing/queues';
const seed = {
  divisions: [{ name: 'Home' }, { name: 'Retail' }],
  codes: ['Resolved'],
  queues: [
    { name: 'billing EN', division: 'Retail', codes: ['Resolved'] },
    { name: 'Billing DE', division: 'Retail' },
    { name: 'Störungen', acwSettings: { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 0 } },
    { name: 'Zebra' },
  ],
} satisfies SimulatorSeed;

const names = (body: Body): string[] => body.entities.map((queue) => queue.name);

/** What a careful client sends back: the document without the fields that only the server sets. */
const writable = (document: Body): Record<string, unknown> => {
  const copy = structuredClone(document) as unknown as Record<string, unknown>;
  for (const field of ['id', 'memberCount', 'userMemberCount', 'joinedMemberCount', 'selfUri']) {
    delete copy[field];
  }
  const routing = copy['conditionalGroupRouting'] as { rules: { queue?: unknown }[] };
  delete routing.rules[0]?.queue;
  return copy;
};

describe('the list of queues', () => {
  it('is sorted by name regardless of case, 25 a page unless asked', async () => {
    const { call } = await simulate({ seed });
    const { body } = await call(`GET ${QUEUES}`);
    expect(names(body)).toEqual(['Billing DE', 'billing EN', 'Störungen', 'Zebra']);
    expect(body).toMatchObject({ pageSize: 25, pageNumber: 1, total: 4, pageCount: 1 });
    expect(names((await call(`GET ${QUEUES}?sortOrder=desc`)).body)[0]).toBe('Zebra');
  });

  it('comes in pages that link to each other', async () => {
    const { call } = await simulate({ seed });
    const { body } = await call(`GET ${QUEUES}?pageSize=3&pageNumber=2`);
    expect(names(body)).toEqual(['Zebra']);
    expect(body).toMatchObject({
      total: 4,
      pageCount: 2,
      previousUri: `${QUEUES}?pageSize=3&pageNumber=1`,
    });
    expect(body).not.toHaveProperty('nextUri');
  });

  it.each([
    ['name=billing%20de', ['Billing DE']],
    ['name=Billing*', ['Billing DE', 'billing EN']],
    ['name=*EN', ['billing EN', 'Störungen']],
    ['name=*r*', ['Störungen', 'Zebra']],
    ['name=Sto%CC%88rungen', ['Störungen']],
    ['name=Billing', []],
  ])('filters by %s', async (query, expected) => {
    const { call } = await simulate({ seed });
    expect(names((await call(`GET ${QUEUES}?${query}`)).body)).toEqual(expected);
  });

  it('filters by ids and divisions', async () => {
    const { simulator, call } = await simulate({ seed });
    const [one, other] = ['Zebra', 'Billing DE'].map((name) => simulator.state.queue(name));
    expect(names((await call(`GET ${QUEUES}?id=${one?.id}&id=${other?.id}`)).body)).toEqual([
      'Billing DE',
      'Zebra',
    ]);
    expect(
      names((await call(`GET ${QUEUES}?divisionId=${other?.division?.id}`)).body),
    ).toHaveLength(2);
  });

  it.each([
    ['pageNumber=0', 'invalid.page.number'],
    ['pageNumber=x', 'invalid.page.number'],
    ['pageSize=0', 'invalid.query.param.value'],
    ['sortOrder=up', 'invalid.query.param.value'],
  ])('refuses %s', async (query, code) => {
    const { call } = await simulate({ seed });
    expect(await call(`GET ${QUEUES}?${query}`)).toMatchObject({ status: 400, body: { code } });
  });

  it('clamps a page to its cap, or refuses it', async () => {
    const clamped = await simulate({ seed, pageCaps: { queues: { max: 2, over: 'clamp' } } });
    expect((await clamped.call(`GET ${QUEUES}?pageSize=500`)).body).toMatchObject({
      pageSize: 2,
      pageCount: 2,
    });
    const refused = await simulate({ seed, pageCaps: { queues: { max: 2, over: 'refuse' } } });
    expect(await refused.call(`GET ${QUEUES}?pageSize=500`)).toMatchObject({
      status: 400,
      body: { code: 'response.entity.too.large' },
    });
    expect((await refused.call(`GET ${QUEUES}?pageSize=2`)).status).toBe(200);
  });
});

describe('a PUT of a queue', () => {
  const put = async (change: (document: Record<string, unknown>) => unknown, options = {}) => {
    const clock = new FakeClock();
    const { simulator, call } = await simulate({ seed, clock, ...options });
    const before = simulator.state.queue('Zebra');
    const read = (await call(`GET ${QUEUES}/${before.id}`)).body;
    const answer = await call(`PUT ${QUEUES}/${before.id}`, change(writable(read)));
    return {
      simulator,
      before,
      answer,
      after: simulator.state.queue(answer.body.name ?? 'Zebra'),
    };
  };

  it('with everything that was read changes nothing but what the server moves', async () => {
    const { before, after, answer } = await put((document) => document);
    expect(answer.status).toBe(200);
    expect({ ...after, dateModified: null, modifiedBy: null }).toEqual({
      ...before,
      dateModified: null,
      modifiedBy: null,
    });
    expect(after).toMatchObject({
      dateModified: new Date(NOW).toISOString(),
      modifiedBy: 'demo',
      dateCreated: SEEDED_AT,
    });
  });

  it('resets every writable field that it leaves out', async () => {
    const { before, after } = await put(() => ({ name: 'Zebra' }));
    for (const field of [
      'description',
      'conditionalGroupRouting',
      'bullseye',
      'outboundEmailAddress',
      'queueFlow',
      'defaultMediaLanguage',
      'callingPartyNumber',
    ]) {
      expect(before).toHaveProperty(field);
      expect(after).not.toHaveProperty(field);
    }
    expect(after.enableTranscription).toBe(false);
    expect(after.mediaSettings).not.toEqual(before.mediaSettings);
    expect(after.defaultScripts).toEqual({});
    expect(after.acwSettings).toEqual({ wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 300_000 });
    expect(after).toMatchObject({ memberCount: before.memberCount, division: before.division });
  });

  it('cannot touch what the server alone sets', async () => {
    const { before, after } = await put((document) => ({
      ...document,
      id: 'x',
      memberCount: 0,
      dateCreated: '2000-01-01T00:00:00.000Z',
      createdBy: 'x',
    }));
    expect(after.id).toBe(before.id);
    expect(after.memberCount).toBe(before.memberCount);
    expect(after).toMatchObject({ dateCreated: SEEDED_AT, createdBy: before.createdBy });
  });

  it('is refused where the first routing rule names its queue, which every read shows', async () => {
    const { before, answer } = await put((document) => ({
      ...document,
      conditionalGroupRouting: { rules: [{ queue: { id: 'x' }, metric: 'ServiceLevel' }] },
    }));
    expect(before.conditionalGroupRouting?.rules?.[0]?.queue?.id).toBe(before.id);
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: 'invalid.rule',
        details: [{ fieldName: 'conditionalGroupRouting.rules[0].queue' }],
      },
    });
  });

  it.each([
    [{ wrapupPrompt: 'MANDATORY', timeoutMs: 30_000 }, 'acwSettings.timeoutMs'],
    [{ wrapupPrompt: 'OPTIONAL', timeoutMs: 0 }, 'acwSettings.timeoutMs'],
    [{ wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 999 }, 'acwSettings.timeoutMs'],
    [{ wrapupPrompt: 'AGENT_REQUESTED', timeoutMs: 3_600_001 }, 'acwSettings.timeoutMs'],
    [{ wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 1000.5 }, 'acwSettings.timeoutMs'],
    [{ wrapupPrompt: 'NEVER' }, 'acwSettings.wrapupPrompt'],
  ])('refuses after-call work %j', async (acwSettings, fieldName) => {
    const { answer, simulator } = await put((document) => ({ ...document, acwSettings }));
    expect(answer).toMatchObject({ status: 400, body: { details: [{ fieldName }] } });
    expect(simulator.state.version()).toBe(0);
  });

  it.each([
    [{ wrapupPrompt: 'MANDATORY' }, { wrapupPrompt: 'MANDATORY' }],
    [{ wrapupPrompt: 'OPTIONAL', timeoutMs: null }, { wrapupPrompt: 'OPTIONAL' }],
    [
      { wrapupPrompt: 'MANDATORY_FORCED_TIMEOUT', timeoutMs: 1_000 },
      { wrapupPrompt: 'MANDATORY_FORCED_TIMEOUT', timeoutMs: 1_000 },
    ],
    [
      { wrapupPrompt: 'AGENT_REQUESTED', timeoutMs: 3_600_000 },
      { wrapupPrompt: 'AGENT_REQUESTED', timeoutMs: 3_600_000 },
    ],
  ])('stores after-call work %j', async (acwSettings, stored) => {
    const { after } = await put((document) => ({ ...document, acwSettings }));
    expect(after.acwSettings).toEqual(stored);
  });

  it('is refused for a reference that went stale, and for no other queue', async () => {
    const { simulator, call } = await simulate({ seed });
    simulator.admin.setStaleReference('Zebra', 'queueFlow');
    const body = (name: string) => writable(simulator.state.queue(name) as unknown as Body);
    const put1 = await call(`PUT ${QUEUES}/${simulator.state.queue('Zebra').id}`, body('Zebra'));
    expect(put1).toMatchObject({ status: 400, body: { details: [{ fieldName: 'queueFlow' }] } });
    const other = await call(`PUT ${QUEUES}/${simulator.state.queue('Störungen').id}`, {
      ...body('Störungen'),
      acwSettings: { wrapupPrompt: 'OPTIONAL' },
    });
    expect(other.status).toBe(200);
    simulator.admin.setStaleReference('Zebra', null);
    const put2 = await call(`PUT ${QUEUES}/${simulator.state.queue('Zebra').id}`, body('Zebra'));
    expect(put2.status).toBe(200);
  });

  it('is refused without a name, and with one that is taken', async () => {
    const nameless = await put((document) => ({ ...document, name: undefined }));
    expect(nameless.answer.body).toMatchObject({ code: 'invalid.name' });
    const taken = await put((document) => ({ ...document, name: 'Billing DE' }));
    expect(taken.answer).toMatchObject({ status: 400, body: { code: 'duplicate.name' } });
  });

  it('keeps the digits of numbers that a double cannot hold', async () => {
    const digits = '12345678901234567890123';
    const { simulator, call } = await simulate({
      seed: { queues: [{ name: 'Zebra', fields: { hugeNumber: new LosslessNumber(digits) } }] },
    });
    const path = `${QUEUES}/${simulator.state.queue('Zebra').id}`;
    const read = async () => {
      const response = await fetch(simulator.url + path, {
        headers: { authorization: `Bearer ${simulator.issueToken()}` },
      });
      return response.text();
    };
    expect(await read()).toContain(`"hugeNumber":${digits}`);
    await call(`PUT ${path}`, `{"name":"Zebra","other":${digits}}`);
    expect(await read()).toContain(`"other":${digits}`);
  });
});

describe('queues', () => {
  it('can be created, as a copy too, and deleted', async () => {
    const { simulator, call } = await simulate({ seed });
    const zebra = simulator.state.queue('Zebra');
    const created = await call(`POST ${QUEUES}`, { name: 'New', sourceQueueId: zebra.id });
    expect(created.status).toBe(200);
    expect(simulator.state.queue('New')).toMatchObject({
      description: zebra.description,
      memberCount: 0,
    });
    const path = `${QUEUES}/${created.body.id}`;
    expect((await call(`GET ${path}`)).body.name).toBe('New');
    expect((await call(`DELETE ${path}`)).status).toBe(200);
    expect(await call(`GET ${path}`)).toMatchObject({
      status: 404,
      body: { code: 'resource.not.found' },
    });
    expect((await call(`PUT ${path}`, { name: 'New' })).status).toBe(404);
  });

  it('have UUIDs for ids: anything else is a bad request', async () => {
    const { call } = await simulate({ seed });
    expect((await call(`GET ${QUEUES}/nonsense`)).body).toMatchObject({ code: 'invalid.id' });
  });
});
