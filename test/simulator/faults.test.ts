import { describe, expect, it } from 'vitest';
import type { Admin } from '../../src/simulator/admin.js';
import type { FaultEffect } from '../../src/simulator/faults.js';
import type { SimulatorSeed } from '../../src/simulator/seed.js';
import { FakeClock } from '../support/fake-clock.js';
import { send, simulate, type Call } from './driver.js';

const seed = {
  codes: ['A', 'B', 'C'],
  queues: [
    { name: 'Q1', codes: ['A'] },
    { name: 'Q2' },
    { name: 'Q3' },
    { name: 'Q4' },
    { name: 'Q5' },
  ],
} satisfies SimulatorSeed;

const QUEUES = '/api/v2/routing/queues';

const start = async () => {
  const clock = new FakeClock();
  const { simulator, call } = await simulate({ seed, clock });
  const onQueue = `${QUEUES}/${simulator.state.queue('Q1').id}/wrapupcodes`;
  const add = (name: string) => call(`POST ${onQueue}`, [{ id: simulator.state.code(name).id }]);
  const last = () => simulator.requests.all().at(-1);
  return { clock, simulator, call, onQueue, add, last };
};

const listed = async (call: Call, query: string) => {
  const { body } = await call(`GET ${QUEUES}?${query}`);
  return { names: body.entities.map(({ name }) => name), total: body['total'] };
};

describe('a fault rule', () => {
  it('touches what it matches, as often as it says, after as many as it skips', async () => {
    const { simulator, call, onQueue } = await start();
    const fault = simulator.faults.add({
      match: { method: 'GET', path: '/api/v2/routing/queues/{queueId}/wrapupcodes' },
      skip: 1,
      times: 2,
      effect: { kind: 'error', status: 503 },
    });
    const statuses: number[] = [];
    for (let sent = 0; sent < 5; sent += 1) statuses.push((await call(`GET ${onQueue}`)).status);
    expect(statuses).toEqual([200, 503, 503, 200, 200]);
    expect((await call(`GET ${QUEUES}`)).status).toBe(200);
    expect(fault.fired).toBe(2);
  });

  it('matches a full path, or whatever a function says', async () => {
    const { simulator, call, onQueue } = await start();
    const other = onQueue.replace(
      String(simulator.state.queue('Q1').id),
      String(simulator.state.queue('Q2').id),
    );
    simulator.faults.add({ match: { path: onQueue }, effect: { kind: 'error', status: 409 } });
    simulator.faults.add({
      match: ({ query }) => query.get('pageSize') === '7',
      effect: { kind: 'error', status: 500 },
    });
    expect((await call(`GET ${onQueue}`)).body.code).toBe('request.conflict');
    expect((await call(`GET ${other}`)).status).toBe(200);
    expect((await call(`GET ${QUEUES}?pageSize=7`)).status).toBe(500);
  });

  it('can be removed, one or all', async () => {
    const { simulator, call } = await start();
    const fault = simulator.faults.add({ effect: { kind: 'error', status: 500 } });
    expect((await call(`GET ${QUEUES}`)).status).toBe(500);
    fault.remove();
    expect((await call(`GET ${QUEUES}`)).status).toBe(200);
    simulator.faults.add({ effect: { kind: 'error', status: 500 } });
    simulator.faults.clear();
    expect((await call(`GET ${QUEUES}`)).status).toBe(200);
  });

  it('can be there from the start', async () => {
    const { call } = await simulate({
      seed,
      faults: [{ effect: { kind: 'error', status: 504 }, times: 1 }],
    });
    expect((await call(`GET ${QUEUES}`)).body.code).toBe('request.timeout');
    expect((await call(`GET ${QUEUES}`)).status).toBe(200);
  });
});

describe('an error', () => {
  it.each([500, 502, 503, 504, 408])('%i before the write leaves it undone', async (status) => {
    const { simulator, add, last } = await start();
    simulator.faults.add({ times: 1, effect: { kind: 'error', status } });
    expect((await add('B')).status).toBe(status);
    expect(simulator.state.codesOf('Q1')).toEqual(['A']);
    expect(last()).toMatchObject({ status, tookEffect: false, faults: ['error'] });
  });

  it.each([500, 503, 504, 408])('%i after the write leaves it done', async (status) => {
    const { simulator, add, last } = await start();
    simulator.faults.add({ times: 1, effect: { kind: 'error', status, when: 'after' } });
    expect((await add('B')).status).toBe(status);
    expect(simulator.state.codesOf('Q1')).toEqual(['A', 'B']);
    expect(last()).toMatchObject({ status, tookEffect: true });
  });

  it('429 says when to come back', async () => {
    const { simulator, add } = await start();
    simulator.faults.add({
      times: 1,
      effect: { kind: 'error', status: 429, retryAfterSeconds: 7 },
    });
    const answer = await add('B');
    expect(answer.headers.get('Retry-After')).toBe('7');
    expect(answer.body).toMatchObject({ code: 'too.many.requests.retry.after' });
    expect(simulator.state.codesOf('Q1')).toEqual(['A']);
  });

  it('429 can leave that out', async () => {
    const { simulator, add } = await start();
    simulator.faults.add({ effect: { kind: 'error', status: 429, code: 'too.many.requests' } });
    const answer = await add('B');
    expect(answer.headers.get('Retry-After')).toBeNull();
    expect(answer.body.code).toBe('too.many.requests');
  });

  it('can be a refusal with details', async () => {
    const { simulator, add } = await start();
    const details = [{ errorCode: 'invalid.rule', fieldName: 'bullseye.rings[0]' }];
    simulator.faults.add({ effect: { kind: 'error', status: 400, code: 'invalid.rule', details } });
    expect((await add('B')).body).toMatchObject({ code: 'invalid.rule', details });
  });

  it('of the login has the form of the login', async () => {
    const { simulator } = await start();
    simulator.faults.add({
      match: { path: '/oauth/token' },
      effect: { kind: 'error', status: 400, code: 'invalid_request', retryAfterSeconds: 3 },
    });
    const answer = await send(simulator, 'POST /oauth/token', 'grant_type=client_credentials', {});
    expect(answer.body).toMatchObject({
      error: 'invalid_request',
      error_description: 'rate limit exceeded; try again in 3 seconds',
    });
  });
});

describe('a connection', () => {
  it.each([
    ['before', ['A']],
    ['after', ['A', 'B']],
    ['midway', ['A', 'B']],
  ] as const)('cut %s leaves the write done or not', async (when, codes) => {
    const { simulator, add, last } = await start();
    simulator.faults.add({ times: 1, effect: { kind: 'cut', when } });
    await expect(add('B')).rejects.toThrow();
    expect(simulator.state.codesOf('Q1')).toEqual(codes);
    expect(last()).toMatchObject({ status: null, tookEffect: codes.length === 2 });
    expect((await add('C')).status).toBe(200);
  });

  it('cut midway has told the status, and half of the body', async () => {
    const { simulator } = await start();
    simulator.faults.add({ effect: { kind: 'cut', when: 'midway' } });
    const response = await fetch(simulator.url + QUEUES, {
      headers: { authorization: `Bearer ${simulator.issueToken()}` },
    });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  it('can be slow, before the write or after it', async () => {
    const { simulator, clock, add } = await start();
    const began = clock.now();
    const seen: { at: number; codes: readonly string[] }[] = [];
    const look: FaultEffect<Admin> = {
      kind: 'edit',
      act: () => seen.push({ at: clock.now() - began, codes: simulator.state.codesOf('Q1') }),
    };
    simulator.faults.add({
      effect: [
        { kind: 'latency', ms: 500 },
        look,
        { ...look, when: 'after' },
        { kind: 'latency', ms: 20_000, when: 'after' },
      ],
    });
    await add('B');
    expect(seen).toEqual([
      { at: 500, codes: ['A'] },
      { at: 500, codes: ['A', 'B'] },
    ]);
    expect(clock.now() - began).toBe(20_500);
  });

  it('can be slow throughout', async () => {
    const clock = new FakeClock();
    const began = clock.now();
    const { call } = await simulate({ seed, clock, latencyMs: 250 });
    await call(`GET ${QUEUES}`);
    await call(`GET ${QUEUES}`);
    expect(clock.now() - began).toBe(500);
  });
});

it.each([
  [undefined, 200],
  [502, 502],
])('a page of a proxy comes instead of JSON (status %s)', async (status, expected) => {
  const { simulator, call } = await start();
  simulator.faults.add({
    effect: { kind: 'html', ...(status === undefined ? {} : { status }) },
  });
  const answer = await call(`GET ${QUEUES}`);
  expect(answer.status).toBe(expected);
  expect(answer.headers.get('Content-Type')).toBe('text/html');
  expect(answer.body).toEqual(expect.stringMatching(/^<!doctype html>/));
});

describe('reads that lag', () => {
  const codes = async (call: Call, onQueue: string) =>
    (await call(`GET ${onQueue}`)).body.entities.map(({ name }) => name);

  it('by time show the org as it was', async () => {
    const { simulator, clock, call, onQueue, add } = await start();
    simulator.faults.add({ match: { method: 'GET' }, effect: { kind: 'lag', ms: 5_000 } });
    await add('B');
    clock.advance(3_000);
    await add('C');
    clock.advance(1_999);
    expect(await codes(call, onQueue)).toEqual(['A']);
    clock.advance(1);
    expect(await codes(call, onQueue)).toEqual(['A', 'B']);
    clock.advance(3_000);
    expect(await codes(call, onQueue)).toEqual(['A', 'B', 'C']);
  });

  it('by count show the org before the last change so many times', async () => {
    const { simulator, call, onQueue, add } = await start();
    simulator.faults.add({ match: { method: 'GET' }, effect: { kind: 'lag', reads: 2 } });
    expect(await codes(call, onQueue)).toEqual(['A']);
    await add('B');
    expect(await codes(call, onQueue)).toEqual(['A']);
    expect(await codes(call, onQueue)).toEqual(['A']);
    expect(await codes(call, onQueue)).toEqual(['A', 'B']);
    await add('C');
    expect(await codes(call, onQueue)).toEqual(['A', 'B']);
    expect(await codes(call, onQueue)).toEqual(['A', 'B']);
    expect(await codes(call, onQueue)).toEqual(['A', 'B', 'C']);
  });

  it('never make a write act on what is gone', async () => {
    const { simulator, add, call } = await start();
    simulator.faults.add({ effect: { kind: 'lag', ms: 60_000 } });
    await add('B');
    await add('C');
    expect(simulator.state.codesOf('Q1')).toEqual(['A', 'B', 'C']);
    const fresh = `${QUEUES}/${simulator.admin.createQueue('Fresh')}`;
    expect((await call(`GET ${fresh}`)).status).toBe(404);
    expect((await call(`PUT ${fresh}`, { name: 'Fresher' })).status).toBe(200);
  });
});

describe('torn pages', () => {
  it.each([
    ['missing', { names: ['Q4', 'Q5'], total: 5 }],
    ['duplicate', { names: ['Q2', 'Q3'], total: 5 }],
    ['total', { names: ['Q3', 'Q4'], total: 6 }],
    ['empty', { names: [], total: 5 }],
  ] as const)('%s', async (how, expected) => {
    const { simulator, call } = await start();
    simulator.faults.add({
      match: ({ query }) => query.get('pageNumber') === '2',
      times: 1,
      effect: { kind: 'tear', how },
    });
    expect(await listed(call, 'pageSize=2&pageNumber=1')).toEqual({
      names: ['Q1', 'Q2'],
      total: 5,
    });
    expect(await listed(call, 'pageSize=2&pageNumber=2')).toEqual(expected);
    expect(await listed(call, 'pageSize=2&pageNumber=2')).toEqual({
      names: ['Q3', 'Q4'],
      total: 5,
    });
  });

  it('come by themselves when somebody deletes between two pages', async () => {
    const { simulator, call } = await start();
    simulator.faults.add({
      match: ({ query }) => query.get('pageNumber') === '1',
      effect: { kind: 'edit', when: 'after', act: (admin) => admin.deleteQueue('Q1') },
    });
    expect((await listed(call, 'pageSize=2&pageNumber=1')).names).toEqual(['Q1', 'Q2']);
    expect(await listed(call, 'pageSize=2&pageNumber=2')).toEqual({
      names: ['Q4', 'Q5'],
      total: 4,
    });
  });
});

it('an admin who edits before a request is seen by it, and audited as a person', async () => {
  const { simulator, onQueue, call, last } = await start();
  simulator.faults.add({
    match: { method: 'GET', path: onQueue },
    times: 1,
    effect: { kind: 'edit', act: (admin) => admin.addCode('Q1', 'C') },
  });
  const { body } = await call(`GET ${onQueue}`);
  expect(body.entities.map(({ name }) => name)).toEqual(['A', 'C']);
  expect(last()?.tookEffect).toBe(false);
  expect(simulator.state.audits()).toMatchObject([
    { action: 'WrapupCodeAdd', actor: simulator.admin.user },
  ]);
});
