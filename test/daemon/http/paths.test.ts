import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src/domain/errors.js';
import { HOSTILE, QUEUES, RUNS, STATUS } from '../sample-view.js';
import { exchange, messagesOf, NO_SECRETS, serve } from './serving.js';

const READ = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/api/status',
  '/api/queues',
  '/api/runs',
  '/',
  '/page.css',
  '/page.js',
];
const WRITTEN = ['/api/reconcile', '/webhooks/enforcement-sync', '/webhooks/git'];

const SAFE = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
};

const json = async (url: string): Promise<unknown> => (await fetch(url)).json();

describe('what can be read', () => {
  test.each(READ)('GET and HEAD %s', async (path) => {
    const { at } = await serve();
    const got = await fetch(at(path));
    const text = await got.text();
    const head = await fetch(at(path), { method: 'HEAD' });
    expect(got.status).toBe(200);
    expect(text).not.toBe('');
    expect(Object.fromEntries(got.headers)).toMatchObject(SAFE);
    expect(got.headers.get('access-control-allow-origin')).toBeNull();
    expect(await head.text()).toBe('');
    expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(head.headers.get('content-type')).toBe(got.headers.get('content-type'));
  });

  test('the status, as it is', async () => {
    const { at } = await serve();
    expect(await json(at('/api/status'))).toEqual(STATUS);
  });

  test('a process that answers lives, also where it is not ready, and says why', async () => {
    const { at, view } = await serve();
    view.said = { ...STATUS, ready: false, notReady: 'Nothing was read yet.' };
    expect((await fetch(at('/healthz'))).status).toBe(200);
    const ready = await fetch(at('/readyz'));
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ ready: false, reason: 'Nothing was read yet.' });
  });

  test('metrics, as Prometheus wants them', async () => {
    const { at } = await serve();
    const response = await fetch(at('/metrics'));
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toContain('\none 1\n');
  });

  test('the page may load its own style and script, and be put into no frame', async () => {
    const { at } = await serve();
    const page = await fetch(at('/'));
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    expect(await page.text()).toContain('DaemonStatus 5 2');
    const style = await fetch(at('/page.css'));
    expect(style.headers.get('content-type')).toBe('text/css; charset=utf-8');
    const script = await fetch(at('/page.js'));
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });

  test('a hostile name is a text in JSON, and can be nothing else', async () => {
    const { at } = await serve();
    const response = await fetch(at('/api/queues?state=drifting'));
    const text = await response.text();
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; frame-ancestors 'none'",
    );
    // Nothing that turns the direction of text around reaches a terminal.
    expect(text).not.toContain('\u202E');
    expect((JSON.parse(text) as { queues: { name: string }[] }).queues[0]?.name).toBe(HOSTILE);
  });

  test('nothing that can be read waits for a secret to be set', async () => {
    const { at } = await serve({ secrets: () => NO_SECRETS });
    for (const path of READ) expect((await fetch(at(path))).status).toBe(200);
  });
});

describe('queues', () => {
  test.each([
    ['', [1, 2, 3, 4, 5]],
    ['?state=held', [3]],
    ['?state=held&state=failing', [3, 4]],
    ['?policy=sales', [3, 4]],
    ['?policy=Sales', []],
    ['?q=billing', [1, 2]],
    ['?q=CAFE%CC%81', [4]],
    ['?q=000000000005', [5]],
    ['?q=billing&state=in-sync', [1]],
    ['?limit=2', [1, 2]],
    ['?limit=2&offset=4', [5]],
    ['?offset=9', []],
    ['?state=in-sync&offset=1', [5]],
  ])('%j', async (query, numbers) => {
    const { at } = await serve();
    const found = (await json(at(`/api/queues${query}`))) as { queues: unknown };
    expect(found).toMatchObject({
      kind: 'DaemonQueues',
      formatVersion: '1.0',
      total: 5,
      states: { 'in-sync': 2, drifting: 1, held: 1, failing: 1 },
    });
    expect(found.queues).toEqual(numbers.map((number) => QUEUES[number - 1]));
  });

  test('how many there are, and how many were asked for', async () => {
    const { at } = await serve();
    expect(await json(at('/api/queues?state=in-sync&limit=1&offset=1'))).toMatchObject({
      total: 5,
      matching: 2,
      limit: 1,
      offset: 1,
    });
  });

  test.each([
    ['?state=broken', ['`state` is one of in-sync, drifting, held, failing, and not "broken".']],
    ['?sate=held', ['The query knows no "sate": it knows state, q, policy, limit, offset.']],
    ['?limit=0', ['`limit` is a whole number from 1 to 5000.']],
    ['?limit=5001', ['`limit` is a whole number from 1 to 5000.']],
    [
      '?limit=1e3&offset=-1',
      [expect.stringContaining('`limit`'), expect.stringContaining('`offset`')],
    ],
    [`?q=${'x'.repeat(201)}`, ['`q` is longer than 200 characters.']],
    ['?__proto__=1', [expect.stringContaining('"__proto__"')]],
  ])('%j is refused in words', async (query, messages) => {
    const { at } = await serve();
    const response = await fetch(at(`/api/queues${query}`));
    expect(response.status).toBe(400);
    expect(await messagesOf(response)).toEqual(messages);
  });

  test('runs come in pages too', async () => {
    const { at } = await serve();
    expect(await json(at('/api/runs?limit=1&offset=1'))).toEqual({
      kind: 'DaemonRuns',
      formatVersion: '1.0',
      total: 2,
      limit: 1,
      offset: 1,
      runs: [RUNS[1]],
    });
    expect((await fetch(at('/api/runs?state=held'))).status).toBe(400);
  });
});

describe('what is not there', () => {
  const others = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];

  test.each([
    ...READ.flatMap((path) => others.map((method) => [method, path, 'GET, HEAD'] as const)),
    ...WRITTEN.flatMap((path) =>
      ['GET', 'HEAD', ...others.slice(1)].map((method) => [method, path, 'POST'] as const),
    ),
  ])('%s %s is no method of it', async (method, path, allow) => {
    const { at, view } = await serve();
    // `fetch` would not send all of them.
    const { statusCode, headers, body } = await request(at(path), { method: method as 'GET' });
    await body.dump();
    expect(statusCode).toBe(405);
    expect(headers.allow).toBe(allow);
    expect(headers).toMatchObject(SAFE);
    expect([view.requests, view.events, view.pushes]).toEqual([[], [], 0]);
  });

  test.each([
    '/nothing',
    '/api',
    '/api/status/',
    '/API/status',
    '/%61pi/status',
    '//healthz',
    '/../',
  ])('%s is no path', async (path) => {
    const { server } = await serve();
    const answer = await exchange(
      server.port,
      `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
    );
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 404 /);
    expect(JSON.parse(body)).toEqual({
      kind: 'Error',
      formatVersion: '1.0',
      diagnostics: [
        {
          code: 'http.not-found',
          severity: 'error',
          message: 'There is nothing here.',
          remedy: 'See docs/http.md for the paths.',
          file: null,
          line: null,
          column: null,
          queue: null,
        },
      ],
    });
  });

  test('a proxy may name the whole address', async () => {
    const { server } = await serve();
    const answer = await exchange(
      server.port,
      'GET http://localhost/healthz?x HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('what fails inside', () => {
  test('is told to the log, and not to whoever asks', async () => {
    const error = new Error('with a secret: hunter2');
    const { at, logged } = await serve({ metrics: () => Promise.reject(error) });
    const response = await fetch(at('/metrics'));
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).toContain('http.internal');
    expect(text).not.toMatch(/hunter2|at .*\.ts/);
    expect(logged).toEqual([
      expect.objectContaining({ level: 'error', path: '/metrics', status: 500, error }),
    ]);
  });

  test('what a person could mend is no more told to strangers', async () => {
    const error = new AppError('journal.unwritable', '/home/someone/.wrapkeeper is full');
    const { at } = await serve({ metrics: () => Promise.reject(error) });
    expect(await (await fetch(at('/metrics'))).text()).not.toContain('/home');
  });
});

describe('the log', () => {
  test('knows who asked for what, without the query', async () => {
    const { at, logged } = await serve();
    await fetch(at('/api/queues?q=secret'));
    await fetch(at(`/${'x'.repeat(500)}`));
    expect(logged).toEqual([
      {
        level: 'debug',
        message: 'answered',
        method: 'GET',
        path: '/api/queues',
        status: 200,
        ms: 0,
        from: '127.0.0.1',
      },
      expect.objectContaining({ path: `/${'x'.repeat(99)}`, status: 404 }),
    ]);
  });
});

describe('the name it is asked for by, where this machine alone can ask', () => {
  const ask = async (host: string, path: string, listen = '127.0.0.1:0'): Promise<string> => {
    const { server } = await serve({ listen });
    const answer = await exchange(
      server.port,
      `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
    );
    return answer.slice('HTTP/1.1 '.length, 12);
  };

  test.each([
    ['localhost:8080', '/api/queues', '200'],
    ['LOCALHOST', '/', '200'],
    ['daemon.localhost', '/', '200'],
    ['127.0.0.1:1', '/', '200'],
    ['[::1]:1', '/', '200'],
    ['10.0.0.7', '/', '200'],
    ['evil.example.com:8080', '/api/queues', '421'],
    ['evil.example.com', '/', '421'],
    ['127.0.0.1.evil.example', '/metrics', '421'],
    ['localhost.evil.example', '/api/status', '421'],
    // Who watches processes may know them by any name, and who signs has proved enough.
    ['wrapkeeper.example.com', '/healthz', '200'],
    ['wrapkeeper.example.com', '/webhooks/git', '405'],
  ])('%s asks for %s: %s', async (host, path, status) => {
    expect(await ask(host, path)).toBe(status);
  });

  test('any name will do where others can ask', async () => {
    expect(await ask('wrapkeeper.example.com', '/api/queues', '0.0.0.0:0')).toBe('200');
  });
});
