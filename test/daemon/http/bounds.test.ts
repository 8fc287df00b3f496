import { once } from 'node:events';
import { createServer } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HTTP_LIMITS } from '../../../src/daemon/http/options.js';
import { startDaemonServer } from '../../../src/daemon/http/server.js';
import { NOW } from '../../support/fake-clock.js';
import { SECRET } from '../../webhooks/verify.js';
import { SampleView } from '../sample-view.js';
import { exchange, open, serve, TOKEN } from './serving.js';

const EVENT = '{"queue_id":"q","compliance_met":true}';
const SIGNED = {
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(NOW / 1_000),
  'webhook-signature': new Webhook(SECRET).sign('msg_1', new Date(NOW), EVENT),
};
const EVENT_HEAD = [
  'POST /webhooks/enforcement-sync HTTP/1.1',
  'host: localhost',
  `content-length: ${EVENT.length}`,
  ...Object.entries(SIGNED).map(([name, value]) => `${name}: ${value}`),
  '',
  '',
].join('\r\n');
const GET_HEALTH = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n';

/** The header of a body that never ends, and its beginning. */
const ENDLESS = `POST /api/reconcile HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000000\r\n\r\n${'x'.repeat(100_000)}`;

/** A gate that the test opens. */
const gate = () => {
  let open_ = (): void => undefined;
  let reached = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open_ = resolve));
  const arrived = new Promise<void>((resolve) => (reached = resolve));
  return {
    arrived,
    open: () => open_(),
    wait: () => {
      reached();
      return opened;
    },
  };
};

describe('who is slow is ended', () => {
  const limits = { headerMs: 200, requestMs: 60_000, checkMs: 50 };

  test.each([
    ['says nothing', ''],
    ['begins a line', 'GET /hea'],
    ['never ends a header', 'GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: '],
  ])('who %s', async (_what, text) => {
    const { server } = await serve({ limits });
    // Where nothing was asked there is nothing to answer, but the connection ends.
    expect(await exchange(server.port, text)).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  test('who drips a header, byte for byte', async () => {
    const { server } = await serve({ limits });
    const raw = open(server.port);
    raw.socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n');
    const drip = setInterval(() => raw.socket.write('x: y\r\n'), 20);
    expect(await raw.ended).toMatch(/^(HTTP\/1\.1 408 |$)/);
    clearInterval(drip);
  });

  test('who does not send the body that was announced, and makes room', async () => {
    const { server, view, at } = await serve({
      limits: { ...limits, requestMs: 400, bodies: 1 },
    });
    expect(await exchange(server.port, EVENT_HEAD + EVENT.slice(0, -1))).toMatch(
      /^(HTTP\/1\.1 408 |$)/,
    );
    expect(view.events).toEqual([]);
    const send = () =>
      fetch(at('/webhooks/enforcement-sync'), { method: 'POST', headers: SIGNED, body: EVENT });
    let next = await send();
    // A machine that has much to do may be slow with this one too.
    while (next.status === 408) next = await send();
    expect(next.status).toBe(200);
  });

  test('who keeps a connection and asks nothing more', async () => {
    const { server } = await serve({ limits: { idleMs: 500 } });
    expect(await exchange(server.port, GET_HEALTH)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('who does not take the answer', async () => {
    const { server } = await serve({
      limits: { idleMs: 1_000, graceMs: 600_000 },
      metrics: async () => '# x\n'.repeat(8_000_000),
    });
    const raw = open(server.port);
    raw.socket.write('GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await raw.said('HTTP/1.1 200');
    raw.socket.pause();
    // It would wait for the answer to leave.
    await server.close();
  });

  test('by limits that are minutes at most where nothing else is said', () => {
    const { headerMs, requestMs, idleMs, graceMs } = HTTP_LIMITS;
    for (const ms of [headerMs, requestMs, idleMs, graceMs]) expect(ms).toBeLessThanOrEqual(60_000);
  });
});

describe('what is no HTTP', () => {
  test.each([
    ['a greeting', 'EHLO mail\r\n\r\n', 400],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      400,
    ],
    [
      'a length beside chunks',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      400,
    ],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    [
      'a header that is too long',
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
      431,
    ],
    ['a path that is too long', `GET /${'y'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
  ])('%s', async (_what, text, status) => {
    const { server } = await serve();
    expect(await exchange(server.port, text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });
});

describe('how many', () => {
  test('connections there may be', async () => {
    const { server } = await serve({ limits: { connections: 2 } });
    const kept = [open(server.port), open(server.port)];
    for (const raw of kept) {
      raw.socket.write(GET_HEALTH);
      await raw.said('"alive"');
    }
    expect(await exchange(server.port, GET_HEALTH)).toBe('');
    kept[0]?.socket.end();
    await kept[0]?.ended;
    expect(
      await exchange(server.port, GET_HEALTH.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n')),
    ).toContain('200 OK');
  });

  test('bodies are read at one time', async () => {
    const { server, at } = await serve({ limits: { bodies: 1 } });
    const slow = open(server.port);
    slow.socket.write(EVENT_HEAD + EVENT.slice(0, -1));
    const send = () =>
      fetch(at('/webhooks/enforcement-sync'), { method: 'POST', headers: SIGNED, body: EVENT });
    let busy = await send();
    // The first may not have come so far yet.
    while (busy.status === 200) busy = await send();
    expect(busy.status).toBe(503);
    expect(busy.headers.get('retry-after')).toBe('1');
    slow.socket.write(EVENT.slice(-1));
    await slow.said('HTTP/1.1 200');
    expect((await send()).status).toBe(200);
  });

  test('who goes away in the middle leaves no trace but in the log', async () => {
    const { server, at, logged, view } = await serve({ limits: { bodies: 1 } });
    const raw = open(server.port);
    raw.socket.write(EVENT_HEAD + EVENT.slice(0, -1), () => raw.socket.destroy());
    await raw.ended;
    const send = () =>
      fetch(at('/webhooks/enforcement-sync'), { method: 'POST', headers: SIGNED, body: EVENT });
    while ((await send()).status === 503);
    while (!logged.some(({ status }) => status === null)) await send();
    expect(logged.find(({ status }) => status === null)).toMatchObject({ level: 'debug' });
    expect(view.events.every(({ queueId }) => queueId === 'q')).toBe(true);
  });
});

describe('a connection', () => {
  test('serves many requests, refused ones too', async () => {
    const { server } = await serve();
    const raw = open(server.port);
    for (const [line, answer] of [
      ['GET /healthz', '"alive"'],
      ['GET /nothing', 'http.not-found'],
      ['DELETE /healthz', 'http.method'],
      ['POST /api/reconcile', 'http.unauthorized'],
      [`POST /api/reconcile HTTP/1.1\r\nauthorization: Bearer ${TOKEN}`, '"requested"'],
      ['HEAD /api/status', 'application/json'],
    ] as const) {
      const head = line.includes(' HTTP/') ? line : `${line} HTTP/1.1`;
      raw.socket.write(`${head}\r\nhost: localhost\r\n\r\n`);
      await raw.said(answer);
    }
    raw.socket.end();
    const answers = await raw.ended;
    expect(answers.match(/^HTTP\/1\.1 \d+/gm)).toHaveLength(6);
    expect(answers.match(/^connection: keep-alive/gim)).toHaveLength(6);
  });

  test('ends with an answer to somebody who goes on sending', async () => {
    const { server } = await serve();
    const raw = open(server.port);
    raw.socket.write(ENDLESS);
    const more = setInterval(() => raw.socket.write('x'.repeat(100_000)), 5);
    const answer = await raw.ended;
    clearInterval(more);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ kind: 'Error' });
  });

  test('ends so that the answer is not lost on somebody who sends first and reads then', async () => {
    const { server, logged } = await serve({ limits: { graceMs: 600_000 } });
    const raw = open(server.port);
    raw.socket.pause();
    raw.socket.write(ENDLESS);
    while (logged.length === 0) await new Promise(setImmediate);
    // Its connection has ended then, and a reset would have overtaken what it has not read.
    await server.close();
    raw.socket.resume();
    expect(await raw.ended).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe('close', () => {
  test('ends what says nothing at once, and lets nothing new in', async () => {
    const { server } = await serve({ limits: { graceMs: 60_000 } });
    const [silent, halfway, idle] = [open(server.port), open(server.port), open(server.port)];
    await once(silent.socket, 'connect');
    halfway.socket.write('GET /healthz HTTP/1.1\r\nhost: x');
    idle.socket.write(GET_HEALTH);
    await idle.said('"alive"');
    await server.close();
    await Promise.all([silent.ended, halfway.ended, idle.ended]);
    const late = open(server.port);
    expect(await late.ended).toBe('');
  });

  test('waits for an answer that is on its way, and ends its connection with it', async () => {
    const { server, view } = await serve({ limits: { graceMs: 60_000 } });
    const event = gate();
    view.beforeReceiving = event.wait;
    const raw = open(server.port);
    raw.socket.write(EVENT_HEAD + EVENT);
    await event.arrived;
    let isClosed = false;
    const closed = server.close().then(() => (isClosed = true));
    expect(await exchange(server.port, GET_HEALTH)).toBe('');
    expect(isClosed).toBe(false);
    event.open();
    const answer = await raw.ended;
    expect(answer).toContain('HTTP/1.1 200 OK');
    expect(answer.toLowerCase()).toContain('\r\nconnection: close\r\n');
    await closed;
  });

  test('waits for an answer that is long, and leaves its connection no time to idle', async () => {
    const length = 32_000_000;
    const { server } = await serve({
      limits: { graceMs: 600_000, idleMs: 600_000 },
      metrics: async () => '#\n'.repeat(length / 2),
    });
    const raw = open(server.port);
    raw.socket.write('GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await raw.said('HTTP/1.1 200');
    raw.socket.pause();
    const closed = server.close();
    raw.socket.resume();
    await closed;
    expect((await raw.ended).length).toBeGreaterThan(length);
  });

  test('waits no longer than it may', async () => {
    const { server, view } = await serve({ limits: { graceMs: 100 } });
    const event = gate();
    view.beforeReceiving = event.wait;
    const raw = open(server.port);
    raw.socket.write(EVENT_HEAD + EVENT);
    await event.arrived;
    await server.close();
    expect(await raw.ended).toBe('');
    event.open();
  });

  test('can be asked for twice', async () => {
    const { server } = await serve();
    await Promise.all([server.close(), server.close()]);
  });

  test('leaves nothing behind', async () => {
    const count = (name: string): number =>
      process.getActiveResourcesInfo().filter((each) => each === name).length;
    const kinds = ['TCPServerWrap', 'TCPSocketWrap', 'Timeout'];
    const before = kinds.map(count);
    const { server } = await serve();
    const idle = open(server.port);
    idle.socket.write(GET_HEALTH);
    await idle.said('"alive"');
    const refused = open(server.port);
    refused.socket.write(
      'POST /api/reconcile HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n',
    );
    await refused.said('http.unauthorized');
    await server.close();
    await Promise.all([idle.ended, refused.ended]);
    kinds.forEach((kind, index) =>
      expect(count(kind), kind).toBeLessThanOrEqual(before[index] ?? 0),
    );
  });
});

describe('where it listens', () => {
  test.each([
    ['127.0.0.1:0', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['localhost:0', /^http:\/\/(127\.0\.0\.1|\[::1\]):\d+$/],
    ['[::1]:0', /^http:\/\/\[::1\]:\d+$/],
    ['0.0.0.0:0', /^http:\/\/0\.0\.0\.0:\d+$/],
  ])('%s', async (listen, url) => {
    const { server, at } = await serve({ listen });
    expect(server.url).toMatch(url);
    expect(server.url.endsWith(`:${server.port}`)).toBe(true);
    expect((await fetch(at('/healthz'))).status).toBe(200);
    const asked = await fetch(at('/api/reconcile'), {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(asked.status).toBe(202);
  });

  const failing = (listen: string) => {
    return startDaemonServer({
      view: new SampleView(),
      listen,
      secrets: () => ({ apiToken: null, gitSecret: null, inbound: [] }),
      branch: () => null,
      page: { render: () => '', style: '', script: '' },
      clock: { now: () => NOW },
      log: () => undefined,
      metrics: async () => '',
    }).then(
      () => null,
      (error: unknown) => error,
    );
  };

  test.each([
    '',
    '8080',
    ':8080',
    '127.0.0.1',
    '127.0.0.1:65536',
    '[::1]',
    '::1:80',
    '[1.2.3.4]:80',
    'a b:80',
  ])('%j is no place to listen', async (listen) => {
    expect(await failing(listen)).toMatchObject({ name: 'AppError', code: 'daemon.listen' });
  });

  test('where somebody else listens', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    expect(await failing(`127.0.0.1:${port}`)).toMatchObject({
      code: 'daemon.listen',
      message: `The HTTP server cannot listen on "127.0.0.1:${port}": another process listens there already.`,
    });
  });

  test('at an address of another machine', async () => {
    expect(await failing('192.0.2.1:8080')).toMatchObject({
      code: 'daemon.listen',
      message: expect.stringContaining('none of this machine') as string,
    });
  });

  test('under a name that has no address', async () => {
    expect(await failing('nowhere.invalid:8080')).toMatchObject({ code: 'daemon.listen' });
  });
});
