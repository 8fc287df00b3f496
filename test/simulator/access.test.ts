import { describe, expect, it } from 'vitest';
import { limitsFrom } from '../../src/simulator/limits.js';
import type { SimulatorSeed } from '../../src/simulator/seed.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { callerOf, send, simulate } from './driver.js';

const seed = {
  divisions: [{ name: 'Home' }, { name: 'Retail' }],
  codes: ['Resolved', { name: 'Refund', division: 'Retail' }, { name: 'Anywhere', division: '*' }],
  queues: [{ name: 'Home queue' }, { name: 'Retail queue', division: 'Retail' }],
} satisfies SimulatorSeed;

const QUEUES = 'GET /api/v2/routing/queues';

const login = (simulator: Simulator, credentials: string, grant = 'client_credentials') =>
  send(simulator, 'POST /oauth/token', `grant_type=${grant}`, {
    authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  });

describe('a login', () => {
  it('gives a token that is good until it expires', async () => {
    const clock = new FakeClock();
    const { simulator } = await simulate({ seed, clock, tokenTtlSeconds: 60 });
    const { status, body } = await login(simulator, 'demo:demo');
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 60 });
    const authorization = `Bearer ${String(body['access_token'])}`;
    const ask = () => send(simulator, QUEUES, undefined, { authorization });
    clock.advance(59_999);
    expect((await ask()).status).toBe(200);
    clock.advance(1);
    expect(await ask()).toMatchObject({ status: 401, body: { code: 'bad.credentials' } });
  });

  it.each([
    ['demo:wrong', 'client_credentials', 401, 'invalid_client'],
    ['nobody:demo', 'client_credentials', 401, 'invalid_client'],
    ['demo:demo', 'password', 400, 'unsupported_grant_type'],
  ])('with %s and %s is refused', async (credentials, grant, status, error) => {
    const { simulator } = await simulate({ seed });
    const answer = await login(simulator, credentials, grant);
    expect(answer).toMatchObject({ status, body: { error } });
    expect(answer.headers.get('ININ-Correlation-Id')).not.toBeNull();
  });

  it('is throttled with a 400 of its own form', async () => {
    const clock = new FakeClock();
    const { simulator } = await simulate({ seed, clock, limits: { tokenRequests: 1 } });
    expect((await login(simulator, 'demo:demo')).status).toBe(200);
    expect(await login(simulator, 'demo:demo')).toMatchObject({
      status: 400,
      body: {
        error: 'invalid_request',
        error_description: 'rate limit exceeded; try again in 60 seconds',
      },
    });
    clock.advance(60_000);
    expect((await login(simulator, 'demo:demo')).status).toBe(200);
  });

  it('leaves neither secret nor token in the request log', async () => {
    const { simulator } = await simulate({ seed, clients: [{ id: 'me', secret: 'hush-hush' }] });
    const { body } = await login(simulator, 'me:hush-hush');
    const logged = JSON.stringify(simulator.requests.all());
    expect(logged).not.toContain('hush-hush');
    expect(logged).not.toContain(Buffer.from('me:hush-hush').toString('base64'));
    expect(logged).not.toContain(String(body['access_token']));
  });
});

describe('a token', () => {
  it('is asked for on every path of the API', async () => {
    const { simulator } = await simulate({ seed });
    expect((await send(simulator, QUEUES, undefined, {})).body.code).toBe(
      'authentication.required',
    );
    expect(
      (await send(simulator, QUEUES, undefined, { authorization: 'Bearer nonsense' })).body.code,
    ).toBe('bad.credentials');
  });

  it('tells who it belongs to', async () => {
    const { simulator, call } = await simulate({ seed });
    expect((await call('GET /api/v2/tokens/me')).body).toMatchObject({
      organization: { id: simulator.state.organization.id },
      OAuthClient: { id: 'demo' },
    });
    expect((await call('HEAD /api/v2/tokens/me')).status).toBe(200);
  });

  it('ends when it is revoked, or when all are', async () => {
    const { simulator, call } = await simulate({ seed });
    const other = callerOf(simulator);
    expect((await call('DELETE /api/v2/tokens/me')).status).toBe(200);
    expect((await call(QUEUES)).status).toBe(401);
    expect((await other(QUEUES)).status).toBe(200);
    simulator.expireTokens();
    expect((await other(QUEUES)).status).toBe(401);
  });
});

describe('permissions', () => {
  const clients = [
    {
      id: 'reader',
      secret: 's',
      grants: [{ permissions: ['routing:queue:view'], divisions: '*' }],
    },
    {
      id: 'retail',
      secret: 's',
      grants: [{ permissions: '*', divisions: ['Retail'] }],
    },
    {
      id: 'retail-editor',
      secret: 's',
      grants: [
        { permissions: ['routing:queue:view'], divisions: '*' },
        { permissions: ['routing:queue:edit'], divisions: ['Retail'] },
      ],
    },
  ] as const;

  it('are named where they are missing', async () => {
    const { simulator, call } = await simulate({ seed, clients });
    const id = simulator.state.queue('Home queue').id;
    expect((await call(`GET /api/v2/routing/queues/${id}`)).status).toBe(200);
    const refused = await call(`PUT /api/v2/routing/queues/${id}`, { name: 'x' });
    expect(refused).toMatchObject({ status: 403, body: { code: 'missing.permissions' } });
    expect(refused.body['message']).toContain('routing:queue:edit');
    expect((await call('GET /api/v2/routing/wrapupcodes')).status).toBe(403);
    expect(simulator.state.version()).toBe(0);
  });

  it('reach as far as their divisions: queues elsewhere are not in lists', async () => {
    const { simulator } = await simulate({ seed, clients });
    const call = callerOf(simulator, 'retail');
    const names = async (path: string) => (await call(path)).body.entities.map(({ name }) => name);
    expect(await names(QUEUES)).toEqual(['Retail queue']);
    expect(await names('GET /api/v2/routing/wrapupcodes')).toEqual(['Anywhere', 'Refund']);
    const duplicate = await call('POST /api/v2/routing/wrapupcodes', {
      name: 'Resolved',
      division: { id: '*' },
    });
    expect(duplicate.body.code).toBe('duplicate.name');
    const elsewhere = await call('POST /api/v2/routing/wrapupcodes', { name: 'New' });
    expect(elsewhere.body.code).toBe('missing.division.permission');
  });

  it('can show a queue that they cannot edit', async () => {
    const { simulator } = await simulate({ seed, clients });
    const call = callerOf(simulator, 'retail-editor');
    const home = simulator.state.queue('Home queue').id;
    expect((await call(`GET /api/v2/routing/queues/${home}`)).status).toBe(200);
    const refused = await call(`DELETE /api/v2/routing/queues/${home}/wrapupcodes/${home}`);
    expect(refused).toMatchObject({ status: 403, body: { code: 'missing.division.permission' } });
    expect(refused.body['message']).toContain("'routing:queue:edit'");
    expect(refused.body['message']).toContain('Home');
  });
});

describe('limits', () => {
  it('hold per token over a sliding minute, and say how long to wait', async () => {
    const clock = new FakeClock();
    const { simulator, call } = await simulate({ seed, clock, limits: { perToken: 3 } });
    const ask = async () => (await call(QUEUES)).status;
    expect(await ask()).toBe(200);
    clock.advance(20_000);
    expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429]);
    const refused = await call(QUEUES);
    expect(refused.headers.get('Retry-After')).toBe('40');
    expect(refused.body).toMatchObject({ code: 'too.many.requests.retry.after', status: 429 });
    clock.advance(39_999);
    expect(await ask()).toBe(429);
    clock.advance(1);
    expect([await ask(), await ask()]).toEqual([200, 429]);
    expect((await callerOf(simulator)(QUEUES)).status).toBe(200);
  });

  it('are 300 a minute for a token unless told otherwise', async () => {
    const { call } = await simulate({ seed, clock: new FakeClock() });
    const statuses: number[] = [];
    for (let sent = 0; sent < 301; sent += 1) {
      statuses.push((await call('GET /api/v2/organizations/me')).status);
    }
    expect(statuses.indexOf(429)).toBe(300);
  });

  it('can hold for a client over all its tokens', async () => {
    const { simulator, call } = await simulate({
      seed,
      clock: new FakeClock(),
      limits: { perClient: 1 },
    });
    expect((await call(QUEUES)).status).toBe(200);
    expect((await callerOf(simulator)(QUEUES)).status).toBe(429);
  });

  it('of a client are never less than what one of its tokens may', () => {
    const limits = (given?: Parameters<typeof limitsFrom>[0]) => {
      const { perToken, perClient } = limitsFrom(given);
      return [perToken, perClient];
    };
    expect(limits()).toEqual([300, 3_000]);
    expect(limits({ perToken: 9_000 })).toEqual([9_000, 9_000]);
    expect(limits({ perToken: null })).toEqual([null, null]);
    expect(limits({ perToken: 9_000, perClient: 10 })).toEqual([9_000, 10]);
  });

  it('can hold for queue endpoints of the whole org: more tokens do not help there', async () => {
    const { simulator, call } = await simulate({
      seed,
      clock: new FakeClock(),
      limits: { queueEndpointsPerOrg: 1 },
      clients: [
        { id: 'one', secret: 's' },
        { id: 'two', secret: 's' },
      ],
    });
    expect((await call(QUEUES)).status).toBe(200);
    const other = callerOf(simulator, 'two');
    expect((await other(QUEUES)).status).toBe(429);
    expect((await other('GET /api/v2/routing/wrapupcodes')).status).toBe(200);
  });

  it('hold for bodies: 512,000 bytes and no more', async () => {
    const { simulator, call } = await simulate({ seed });
    const body = (bytes: number) => {
      const start = '{"name":"Billing","description":"';
      return `${start}${'x'.repeat(bytes - start.length - 2)}"}`;
    };
    expect((await call('POST /api/v2/routing/queues', body(512_001))).status).toBe(413);
    expect((await call('POST /api/v2/routing/queues', body(512_000))).status).toBe(200);
    expect(simulator.state.queueNames()).toContain('Billing');
  });
});

describe('every answer', () => {
  it('carries a correlation id, which an error repeats', async () => {
    const { call } = await simulate({ seed });
    const ids = new Set<string>();
    for (const request of [QUEUES, 'GET /nowhere', 'PUT /api/v2/routing/wrapupcodes']) {
      const answer = await call(request);
      const id = answer.headers.get('ININ-Correlation-Id') ?? '';
      ids.add(id);
      if (answer.status >= 400) expect(answer.body['contextId']).toBe(id);
    }
    expect(ids.size).toBe(3);
  });

  it.each([
    ['GET /api/v2/nowhere', undefined, {}, 404, 'not.found'],
    ['GET //', undefined, {}, 404, 'not.found'],
    ['GET /%zz', undefined, {}, 404, 'not.found'],
    ['PUT /api/v2/routing/wrapupcodes', {}, {}, 405, 'method.not.allowed'],
    ['POST /api/v2/routing/wrapupcodes', '{', {}, 400, 'bad.request'],
    [
      'POST /api/v2/routing/wrapupcodes',
      'x',
      { 'content-type': 'text/plain' },
      415,
      'unsupported.media.type',
    ],
  ])('to %s is an error in the platform’s form', async (request, body, headers, status, code) => {
    const { call } = await simulate({ seed });
    const answer = await call(request, body, headers);
    expect(answer).toMatchObject({ status, body: { status, code, details: [], errors: [] } });
  });

  it('tells the organization, its divisions and its products', async () => {
    const { simulator, call } = await simulate({ seed, clock: new FakeClock(NOW) });
    expect((await call('GET /api/v2/organizations/me')).body).toEqual(simulator.state.organization);
    const { entities } = (await call('GET /api/v2/authorization/divisions')).body;
    expect(entities.map(({ name, homeDivision }) => [name, homeDivision])).toEqual([
      ['Home', true],
      ['Retail', false],
    ]);
    expect(
      (await call('GET /api/v2/authorization/divisions?name=Ret*')).body.entities,
    ).toHaveLength(1);
    expect((await call('GET /api/v2/authorization/products')).body.entities).not.toEqual([]);
  });
});
