import { describe, expect, it, onTestFinished } from 'vitest';
import { OutcomeUnknown } from '../../src/apply/ports.js';
import { Secret } from '../../src/domain/secret.js';
import { Limiter } from '../../src/genesys/limiter.js';
import { ServerClock } from '../../src/genesys/server-clock.js';
import { givenToken } from '../../src/genesys/token.js';
import type { TokenSource } from '../../src/genesys/token.js';
import { Transport } from '../../src/genesys/transport.js';
import type { RequestTrace, TransportOptions } from '../../src/genesys/transport.js';
import { Wire } from '../../src/genesys/wire.js';
import type { WireOptions } from '../../src/genesys/wire.js';
import { FakeClock } from '../support/fake-clock.js';
import { freePort, startProxy, startStub } from './stub-server.js';
import type { Reply, StubRequest } from './stub-server.js';
import { thrownBy } from './thrown.js';

const OK: Reply = { json: { fine: true }, headers: { 'inin-correlation-id': 'c-ok' } };

const failing = (status: number, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'inin-correlation-id': `c-${status}`, ...headers },
  json: { status, code: 'some.code', message: 'Some message.' },
});

/** A token source whose tokens are told apart by number. */
const numberedTokens = (): TokenSource & { readonly renewals: () => number } => {
  let number = 1;
  let token = new Secret('token-1');
  return {
    renewals: () => number - 1,
    current: () => Promise.resolve(token),
    renew: (refused) => {
      if (refused === token) token = new Secret(`token-${(number += 1)}`);
      return Promise.resolve(token);
    },
  };
};

const transport = (more: Partial<TransportOptions> = {}, wire: Partial<WireOptions> = {}) => {
  const clock = new FakeClock();
  const random = (): number => 0.5;
  const traces: RequestTrace[] = [];
  const limiter = new Limiter({ requestsPerMinute: 10_000, concurrency: 8, clock, random });
  const parts = { clock, random, limiter, access: 'write' as const };
  const wires = new Wire({ environment: {}, timeoutMs: 2_000, ...wire });
  onTestFinished(() => wires.close());
  const made = new Transport({
    ...parts,
    wire: wires,
    serverClock: new ServerClock(clock),
    tokens: numberedTokens(),
    onRequest: (trace) => traces.push(trace),
    ...more,
  });
  return { transport: made, traces, clock, limiter };
};

const get = (url: string) => ({
  method: 'GET',
  url: `${url}/api/v2/things?x=1`,
  headers: {},
  body: null,
});
const put = (url: string) => ({
  method: 'PUT',
  url: `${url}/api/v2/things`,
  headers: { 'content-type': 'application/json' },
  body: '{"a":1}',
});

describe('a request', () => {
  it('carries the token, and gives headers, text and JSON', async () => {
    const stub = await startStub(() => OK);
    const { transport: client } = transport();
    const answer = await client.send(put(stub.url));
    expect(answer).toMatchObject({ status: 200, data: { fine: true }, text: '{"fine":true}' });
    expect(answer.headers['inin-correlation-id']).toBe('c-ok');
    expect(stub.requests[0]).toMatchObject({
      method: 'PUT',
      url: '/api/v2/things',
      body: '{"a":1}',
    });
    expect(stub.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer token-1',
      'content-type': 'application/json',
    });
  });

  it('keeps connections alive', async () => {
    const stub = await startStub(() => OK);
    const { transport: client } = transport();
    for (let times = 0; times < 30; times += 1) await client.send(get(stub.url));
    expect(stub.connections()).toBeLessThanOrEqual(2);
  });

  it('may have an answer without body', async () => {
    const stub = await startStub(() => ({ status: 204 }));
    const { transport: client } = transport();
    expect((await client.send({ ...get(stub.url), method: 'DELETE' })).data).toBeUndefined();
  });

  it('is told to the observer without query, header or body', async () => {
    const stub = await startStub((_request, index) => (index === 0 ? failing(503) : OK));
    const { transport: client, traces } = transport();
    await client.send(get(stub.url));
    expect(traces).toEqual([
      {
        method: 'GET',
        path: '/api/v2/things',
        status: 503,
        ms: 0,
        correlationId: 'c-503',
        attempt: 1,
      },
      {
        method: 'GET',
        path: '/api/v2/things',
        status: 200,
        ms: 0,
        correlationId: 'c-ok',
        attempt: 2,
      },
    ]);
  });
});

describe('repeating', () => {
  const cases: readonly (readonly [string, Reply])[] = [
    ['408', failing(408)],
    ['500', failing(500)],
    ['502 in HTML', { status: 502, headers: { 'content-type': 'text/html' }, text: '<html>' }],
    ['504', failing(504)],
    ['a cut connection', 'cut'],
    ['a time-out', 'hang'],
  ];

  it.each(cases)('a read after %s', async (_name, trouble) => {
    const stub = await startStub((_request, index) => (index < 2 ? trouble : OK));
    const { transport: client } = transport({}, { timeoutMs: 150 });
    expect((await client.send(get(stub.url))).data).toEqual({ fine: true });
    expect(stub.requests).toHaveLength(3);
    expect(client.counts()).toEqual({ sent: 3, retried: 2, throttled: 0 });
  });

  it.each(cases)('no write after %s, which may have taken effect', async (_name, trouble) => {
    const stub = await startStub(() => trouble);
    const { transport: client } = transport({}, { timeoutMs: 150 });
    const error = await client.send(put(stub.url)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OutcomeUnknown);
    expect((error as Error).message).toContain(
      'Whether PUT /api/v2/things took effect is not known. ',
    );
    expect(stub.requests).toHaveLength(1);
  });

  it('no write whose answer cannot be understood', async () => {
    const stub = await startStub(() => ({
      headers: { 'content-type': 'text/html' },
      text: '<html>',
    }));
    const { transport: client } = transport();
    await expect(client.send(put(stub.url))).rejects.toBeInstanceOf(OutcomeUnknown);
  });

  it('tells the correlation id of a write that failed on the other side', async () => {
    const stub = await startStub(() => failing(503));
    const { transport: client } = transport();
    await expect(client.send(put(stub.url))).rejects.toMatchObject({ correlationId: 'c-503' });
  });

  it('a write after 429, which the platform did not take', async () => {
    const stub = await startStub((_request, index) =>
      index < 3 ? failing(429, { 'retry-after': '4' }) : OK,
    );
    const { transport: client, clock } = transport();
    const startedAt = clock.now();
    await client.send(put(stub.url));
    expect(client.counts()).toEqual({ sent: 4, retried: 3, throttled: 3 });
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(12_000);
  });

  it('a write that found nobody listening, and then says that nothing was done', async () => {
    const port = await freePort();
    const { transport: client } = transport();
    const error = await thrownBy(() => client.send(put(`http://127.0.0.1:${port}`)));
    expect(error.code).toBe('genesys.unreachable');
    expect(error.message).toContain(`127.0.0.1:${port}`);
    expect(client.counts()).toEqual({ sent: 6, retried: 5, throttled: 0 });
  });

  it('nothing that was refused for good', async () => {
    for (const status of [400, 403, 404, 409, 413]) {
      const stub = await startStub(() => failing(status));
      const { transport: client } = transport();
      const error = await thrownBy(() => client.send(put(stub.url)));
      expect(error).toMatchObject({ correlationId: `c-${status}` });
      expect(stub.requests).toHaveLength(1);
    }
  });

  it('is given up in the end', async () => {
    const stub = await startStub(() => failing(429, { 'retry-after': '1' }));
    const { transport: client } = transport();
    const error = await thrownBy(() => client.send(get(stub.url)));
    expect(error.code).toBe('genesys.rate-limited');
    expect(stub.requests).toHaveLength(6);
  });

  it('does not wait for hours because Retry-After says so', async () => {
    const stub = await startStub(() => failing(429, { 'retry-after': '7200' }));
    const { transport: client } = transport();
    await expect(client.send(put(stub.url))).rejects.toMatchObject({
      code: 'genesys.rate-limited',
    });
    expect(stub.requests).toHaveLength(1);
  });

  it('comes before requests that have not begun', async () => {
    const stub = await startStub((request, index) =>
      index === 0 ? failing(503) : { json: { url: request.url } },
    );
    const clock = new FakeClock();
    const limits = { requestsPerMinute: 300, concurrency: 1 };
    const limiter = new Limiter({ ...limits, clock, random: () => 0.5 });
    const { transport: client } = transport({ limiter });
    const named = (name: string) => client.send({ ...get(stub.url), url: `${stub.url}/${name}` });
    await Promise.all(['a', 'b', 'c', 'd'].map(named));
    expect(stub.requests.map(({ url }) => url)).toEqual(['/a', '/b', '/a', '/c', '/d']);
  });

  it('holds back every other request while Retry-After runs', async () => {
    const clock = new FakeClock();
    const at: number[] = [];
    const startedAt = clock.now();
    const stub = await startStub((_request, index) => {
      at.push(clock.now() - startedAt);
      return index === 0 ? failing(429, { 'retry-after': '30' }) : OK;
    });
    const limits = { requestsPerMinute: 300, concurrency: 1 };
    const limiter = new Limiter({ ...limits, clock, random: () => 0.5 });
    const { transport: client } = transport({ limiter, clock });
    await Promise.all([1, 2, 3, 4].map(() => client.send(get(stub.url))));
    expect(at[0]).toBe(0);
    expect(at[1]).toBeGreaterThanOrEqual(30_000);
    expect(limiter.concurrency).toBe(1);
  });
});

describe('a token that has ended', () => {
  const checking = (request: StubRequest): Reply =>
    request.headers['authorization'] === 'Bearer token-1' ? failing(401) : OK;

  it('is renewed once for all requests that learn of it together, writes included', async () => {
    const tokens = numberedTokens();
    const stub = await startStub(checking);
    const { transport: client } = transport({ tokens });
    const urls = [get(stub.url), put(stub.url), get(stub.url), put(stub.url)];
    await Promise.all(urls.map((request) => client.send(request)));
    expect(tokens.renewals()).toBe(1);
    expect(stub.requests).toHaveLength(8);
  });

  it('is renewed no second time when the new one is refused as well', async () => {
    const tokens = numberedTokens();
    const stub = await startStub(() => failing(401));
    const { transport: client } = transport({ tokens });
    const error = await thrownBy(() => client.send(put(stub.url)));
    expect(error.code).toBe('genesys.unauthorized');
    expect([tokens.renewals(), stub.requests.length]).toEqual([1, 2]);
  });

  it('is the end where it was given', async () => {
    const stub = await startStub(() => failing(401));
    const { transport: client } = transport({ tokens: givenToken(new Secret('given')) });
    await expect(client.send(get(stub.url))).rejects.toMatchObject({
      code: 'genesys.unauthorized',
    });
    expect(stub.requests).toHaveLength(1);
  });
});

describe('secrets', () => {
  it('stand in no error, even where the other side sends them back', async () => {
    const stub = await startStub((request) => ({
      status: 400,
      headers: { 'inin-correlation-id': String(request.headers['authorization']) },
      json: { code: 'token-1', message: `I got ${String(request.headers['authorization'])}` },
    }));
    const { transport: client, traces } = transport();
    const error = await thrownBy(() => client.send(get(stub.url)));
    expect(error.message).toContain('I got Bearer [secret]');
    expect(`${error.stack} ${JSON.stringify([error, error.cause, traces])}`).not.toContain(
      'token-1',
    );
  });
});

describe('the way', () => {
  it('is bounded in the length of an answer', async () => {
    const stub = await startStub(() => ({ json: { text: 'x'.repeat(5_000) } }));
    const { transport: client } = transport({}, { maxBytes: 1_000 });
    const error = await thrownBy(() => client.send(get(stub.url)));
    expect(error.code).toBe('genesys.not-genesys');
    expect(error.message).toContain('longer than 1000 bytes');
    expect(stub.requests).toHaveLength(1);
  });

  it('does not follow redirects', async () => {
    const stub = await startStub(() => ({
      status: 307,
      headers: { location: 'http://127.0.0.1:1/portal' },
    }));
    const { transport: client } = transport();
    const error = await thrownBy(() => client.send(get(stub.url)));
    expect(error.message).toContain('a redirect to 127.0.0.1:1');
  });

  it('tells a server that does not speak TLS', async () => {
    const stub = await startStub(() => OK);
    const { transport: client } = transport();
    const error = await thrownBy(() => client.send(get(stub.url.replace('http', 'https'))));
    expect(error.code).toBe('genesys.tls');
    expect(error.message).toContain(`no secure connection to 127.0.0.1:${stub.port}`);
  });

  it('leads through the proxy that the environment names, unless NO_PROXY excludes the host', async () => {
    const target = await startStub(() => OK);
    const proxy = await startProxy('tunnel');
    const environment = { HTTP_PROXY: proxy.url };
    const proxied = transport({}, { environment });
    expect((await proxied.transport.send(get(target.url))).status).toBe(200);
    expect(proxy.asked).toEqual([`127.0.0.1:${target.port}`]);

    const direct = transport({}, { environment: { ...environment, no_proxy: '127.0.0.1' } });
    expect((await direct.transport.send(get(target.url))).status).toBe(200);
    expect(proxy.asked).toHaveLength(1);
  });

  it.each([
    ['407', 1, 'the proxy 127.0.0.1:PROXY answered 407 for 127.0.0.1:80'],
    ['503', 6, 'the proxy 127.0.0.1:PROXY answered 503 for 127.0.0.1:80'],
    ['close', 6, 'no connection to 127.0.0.1:80, or to the proxy 127.0.0.1:PROXY that'],
    ['hang', 6, 'no answer from 127.0.0.1:80 within 0.15 s'],
  ] as const)('ends at a proxy that answers with %s', async (how, times, text) => {
    const proxy = await startProxy(how);
    const { transport: client } = transport(
      {},
      { environment: { http_proxy: proxy.url }, timeoutMs: 150 },
    );
    const error = await thrownBy(() => client.send(get('http://127.0.0.1')));
    expect(error.code).toBe(how === 'hang' ? 'genesys.timeout' : 'genesys.unreachable');
    expect(error.message).toContain(text.replaceAll('PROXY', `${proxy.port}`));
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('pass-word');
    expect(client.counts().sent).toBe(times);
    expect(proxy.asked.length).toBeLessThanOrEqual(times);
  });

  it('refuses a proxy address that is none, without repeating it', async () => {
    const error = await thrownBy(
      () => new Wire({ environment: { https_proxy: 'http://pass word:x@' } }),
    );
    expect(error.message).toBe('The variable HTTPS_PROXY does not hold the address of a proxy.');
  });
});

describe('stopping', () => {
  it('ends reads that wait or are under way', async () => {
    const stop = new AbortController();
    const stub = await startStub(() => {
      stop.abort();
      return 'hang';
    });
    const { transport: client } = transport({ signal: stop.signal });
    await expect(client.send(get(stub.url))).rejects.toMatchObject({ code: 'cli.interrupted' });
    await expect(client.send(get(stub.url))).rejects.toMatchObject({ code: 'cli.interrupted' });
    expect(stub.requests).toHaveLength(1);
  });

  it('lets a write that has left come to its end, and begins no other', async () => {
    const stop = new AbortController();
    const stub = await startStub(() => {
      stop.abort();
      return OK;
    });
    const { transport: client } = transport({ signal: stop.signal });
    expect((await client.send(put(stub.url))).status).toBe(200);
    await expect(client.send(put(stub.url))).rejects.toMatchObject({ code: 'cli.interrupted' });
    expect(stub.requests).toHaveLength(1);
  });
});

describe('a client that may only read', () => {
  it.each([
    '/api/v2/audits/query',
    '/api/v2/audits/query/realtime',
    '/api/v2/analytics/queues/observations/query',
  ])('may ask %s, which is a POST, and repeat it', async (path) => {
    const stub = await startStub((_request, index) => (index === 0 ? failing(503) : OK));
    const { transport: client } = transport({ access: 'read' });
    await client.send({ ...put(stub.url), method: 'POST', url: stub.url + path });
    expect(stub.requests).toHaveLength(2);
  });

  it.each(['PUT', 'POST', 'DELETE', 'PATCH'])('sends no %s', async (method) => {
    const stub = await startStub(() => OK);
    const { transport: client } = transport({ access: 'read' });
    await expect(client.send({ ...put(stub.url), method })).rejects.toThrow(
      'a reading client was to send',
    );
    expect(stub.requests).toHaveLength(0);
  });
});
