import { describe, expect, it, onTestFinished } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { connect, connectReader } from '../../src/genesys/client.js';
import { ClientCredentials } from '../../src/genesys/token.js';
import { Wire } from '../../src/genesys/wire.js';
import { FakeClock } from '../support/fake-clock.js';
import { connected, simulate, towards } from './connected.js';
import { freePort, startStub } from './stub-server.js';
import type { Reply } from './stub-server.js';
import { thrownBy } from './thrown.js';

const LOGIN = 'POST /oauth/token';

describe('a login', () => {
  it('is made once, when the first request needs it', async () => {
    const org = await connected();
    expect(org.simulator.requests.counts()).toEqual({});
    await Promise.all([org.reader.organization(), org.reader.listQueues(), org.reader.listCodes()]);
    expect(org.simulator.requests.counts()[LOGIN]).toBe(1);
    expect(org.reader.requests()).toEqual({ sent: 3, retried: 0, throttled: 0 });
  });

  it('is renewed a minute before the token ends', async () => {
    const org = await connected({ tokenTtlSeconds: 3_600 });
    await org.reader.organization();
    org.clock.advance(3_539_000);
    await org.reader.organization();
    expect(org.simulator.requests.counts()[LOGIN]).toBe(1);
    org.clock.advance(1_000);
    await org.reader.organization();
    expect(org.simulator.requests.counts()[LOGIN]).toBe(2);
    expect(org.simulator.requests.all().every(({ status }) => status === 200)).toBe(true);
  });

  it('is renewed after nine tenths of a short life', async () => {
    const org = await connected({ tokenTtlSeconds: 100 });
    await org.reader.organization();
    org.clock.advance(89_000);
    await org.reader.organization();
    expect(org.simulator.requests.counts()[LOGIN]).toBe(1);
    org.clock.advance(1_000);
    await org.reader.organization();
    expect(org.simulator.requests.counts()[LOGIN]).toBe(2);
  });

  it('is renewed once when the platform ends the token early, and nobody notices', async () => {
    const org = await connected();
    await org.reader.organization();
    org.simulator.expireTokens();
    await Promise.all([org.reader.organization(), org.reader.listQueues(), org.reader.listCodes()]);
    expect(org.simulator.requests.counts()[LOGIN]).toBe(2);
  });

  it('waits where the platform wants fewer logins', async () => {
    const org = await connected({ limits: { tokenRequests: 1 } });
    await org.reader.organization();
    const startedAt = org.clock.now();
    org.simulator.expireTokens();
    await org.reader.organization();
    expect(org.clock.now() - startedAt).toBeGreaterThanOrEqual(60_000);
    expect(org.simulator.requests.counts()[LOGIN]).toBe(3);
  });

  it('that is refused names the host, and never the secret', async () => {
    const { simulator, clock } = await simulate();
    const secret = 's3cret-of-the-client';
    const { reader, close } = await connectReader({
      ...towards(simulator, clock),
      credentials: { clientId: 'demo', clientSecret: new Secret(secret) },
    });
    onTestFinished(close);
    const error = await thrownBy(() => reader.organization());
    expect(error.code).toBe('genesys.login-failed');
    expect(error.message).toContain(
      `127.0.0.1:${simulator.port} refused the OAuth client demo: 401 invalid_client, authentication failed. Correlation id `,
    );
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain(secret);
    expect(reader.requests().sent).toBe(0);
  });
});

describe('login trouble', () => {
  const logIn = async (answer: (index: number) => Reply) => {
    const stub = await startStub((_request, index) => answer(index));
    const wire = new Wire({ environment: {}, timeoutMs: 1_000 });
    onTestFinished(() => wire.close());
    const clock = new FakeClock();
    const tokens = new ClientCredentials({
      wire,
      clock,
      random: () => 0.5,
      loginUrl: stub.url,
      clientId: 'client:id',
      clientSecret: new Secret('a-secret'),
    });
    return { stub, tokens, clock };
  };
  const token: Reply = { json: { access_token: 'tok', token_type: 'bearer' } };

  it('sends id and secret as Basic authorization', async () => {
    const { stub, tokens } = await logIn(() => token);
    expect((await tokens.current()).reveal()).toBe('tok');
    expect(stub.requests[0]).toMatchObject({
      method: 'POST',
      url: '/oauth/token',
      body: 'grant_type=client_credentials',
    });
    expect(stub.requests[0]?.headers['authorization']).toBe(
      `Basic ${Buffer.from('client:id:a-secret').toString('base64')}`,
    );
  });

  it('keeps a token whose end is not told', async () => {
    const { stub, tokens, clock } = await logIn(() => token);
    await tokens.current();
    clock.advance(1e12);
    await tokens.current();
    expect(stub.requests).toHaveLength(1);
  });

  it.each<[string, Reply]>([
    ['a 503', { status: 503, json: {} }],
    ['a cut connection', 'cut'],
    [
      'a throttled login without a number',
      {
        status: 400,
        json: { error: 'invalid_request', error_description: 'rate limit exceeded; slow down' },
      },
    ],
    ['a 429', { status: 429, headers: { 'retry-after': '3' }, json: { message: 'slow' } }],
  ])('passes: %s', async (_name, trouble) => {
    const { stub, tokens } = await logIn((index) => (index < 2 ? trouble : token));
    expect((await tokens.current()).reveal()).toBe('tok');
    expect(stub.requests).toHaveLength(3);
  });

  it.each<[string, Reply, string, number]>([
    [
      'throttled for good',
      { status: 400, json: { error: 'invalid_request', error_description: 'rate limit exceeded' } },
      'genesys.rate-limited',
      6,
    ],
    [
      'refused',
      { status: 400, json: { error: 'invalid_client', description: 'client not found' } },
      'genesys.login-failed',
      1,
    ],
    ['without a token', { json: { hello: 1 } }, 'genesys.login-failed', 1],
    [
      'HTML',
      { headers: { 'content-type': 'text/html' }, text: '<html>' },
      'genesys.not-genesys',
      1,
    ],
    ['an outage', { status: 500, json: {} }, 'genesys.unavailable', 6],
  ])('is told: %s', async (_name, reply, code, requests) => {
    const { stub, tokens } = await logIn(() => reply);
    expect((await thrownBy(() => tokens.current())).code).toBe(code);
    expect(stub.requests).toHaveLength(requests);
  });

  it('is over for the next one who asks', async () => {
    const { tokens } = await logIn((index) =>
      index === 0 ? { status: 400, json: { error: 'x' } } : token,
    );
    await thrownBy(() => tokens.current());
    expect((await tokens.current()).reveal()).toBe('tok');
  });

  it('does not repeat a secret that comes back', async () => {
    const pair = Buffer.from('client:id:a-secret').toString('base64');
    const { tokens } = await logIn(() => ({
      status: 400,
      json: { error: 'x', error_description: `a-secret and ${pair}` },
    }));
    const error = await thrownBy(() => tokens.current());
    expect(error.message).toContain('[secret] and [secret]');
  });

  it('that is a dead port names host and port', async () => {
    const port = await freePort();
    const { simulator, clock } = await simulate();
    const gateway = { host: '127.0.0.1', port, protocol: 'http' as const };
    const { reader, close } = await connectReader({ ...towards(simulator, clock), gateway });
    onTestFinished(close);
    const error = await thrownBy(() => reader.organization());
    expect(error.code).toBe('genesys.unreachable');
    expect(error.message).toContain(
      `POST /oauth/token: the connection to 127.0.0.1:${port} was refused (ECONNREFUSED)`,
    );
  });
});

describe('a given token', () => {
  it('is used without a login, line break or not, and cannot be renewed', async () => {
    const { simulator, clock } = await simulate();
    const credentials = { accessToken: new Secret(`${simulator.issueToken()}\n`) };
    const { reader, close } = await connect({ ...towards(simulator, clock), credentials });
    onTestFinished(close);
    await reader.organization();
    expect(simulator.requests.counts()[LOGIN]).toBeUndefined();
    simulator.expireTokens();
    const error = await thrownBy(() => reader.organization());
    expect(error.code).toBe('genesys.unauthorized');
    expect(error.message).toContain(
      'did not accept the access token for GET /api/v2/organizations/me: 401 bad.credentials',
    );
  });
});
