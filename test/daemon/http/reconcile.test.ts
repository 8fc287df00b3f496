import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/domain/secret.js';
import { exchange, messagesOf, NO_SECRETS, SECRETS, serve, TOKEN } from './serving.js';

const DIGEST = `sha256:${'0'.repeat(64)}`;
const WITH_TOKEN = { authorization: `Bearer ${TOKEN}` };

const ask = async (
  headers: Readonly<Record<string, string>>,
  body?: string,
  changes: Parameters<typeof serve>[0] = {},
) => {
  const { at, view, logged } = await serve(changes);
  const response = await fetch(at('/api/reconcile'), {
    method: 'POST',
    headers,
    ...(body !== undefined && { body }),
  });
  return { response, view, logged };
};

describe('a pass is asked for', () => {
  test.each([
    ['nothing', undefined, null],
    ['an empty map', '{}', null],
    ['no digest', '{"accept":null}', null],
    ['a digest', JSON.stringify({ accept: DIGEST }), DIGEST],
  ])('with %s', async (_what, body, accept) => {
    const { response, view } = await ask(WITH_TOKEN, body);
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ requested: true });
    expect(view.requests).toEqual([accept]);
  });

  test('the scheme may be written as people like', async () => {
    const { response } = await ask({ authorization: `bearer  ${TOKEN}` });
    expect(response.status).toBe(202);
  });

  test('with a token beyond ASCII', async () => {
    const token = 'schlüssel-für-alle-0123';
    const { response } = await ask(
      { authorization: `Bearer ${Buffer.from(token).toString('latin1')}` },
      undefined,
      { secrets: () => ({ ...SECRETS, apiToken: new Secret(token) }) },
    );
    expect(response.status).toBe(202);
  });

  test('with a new token, as soon as there is one', async () => {
    let apiToken = new Secret('the-old-token');
    const { at } = await serve({ secrets: () => ({ ...SECRETS, apiToken }) });
    const statusWith = async (token: string): Promise<number> =>
      (
        await fetch(at('/api/reconcile'), {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
        })
      ).status;
    expect(await statusWith('the-old-token')).toBe(202);
    apiToken = new Secret('the-new-token');
    expect(await statusWith('the-old-token')).toBe(401);
    expect(await statusWith('the-new-token')).toBe(202);
  });
});

describe('a pass is refused', () => {
  test.each([
    ['nothing', {}],
    ['no token', { authorization: 'Bearer ' }],
    ['another token', { authorization: `Bearer ${TOKEN}x` }],
    ['the beginning of it', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['another case', { authorization: `Bearer ${TOKEN.toUpperCase()}` }],
    ['two tokens', { authorization: `Bearer ${TOKEN} ${TOKEN}` }],
    ['another scheme', { authorization: `Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}` }],
    ['the bare token', { authorization: TOKEN }],
  ])('with %s', async (_what, headers) => {
    const { response, view, logged } = await ask(headers, JSON.stringify({ accept: DIGEST }));
    const text = await response.text();
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="wrapkeeper"');
    expect(text).toContain('http.unauthorized');
    expect(view.requests).toEqual([]);
    expect(logged).toEqual([expect.objectContaining({ level: 'warn', status: 401 })]);
    expect(text + JSON.stringify(logged)).not.toContain(TOKEN.slice(0, -1));
  });

  test.each([[`Bearer ${TOKEN}`], ['Bearer null'], ['Bearer '], [undefined]])(
    'to everybody where there is no token: %s',
    async (authorization) => {
      const { response, view } = await ask(
        authorization === undefined ? {} : { authorization },
        undefined,
        { secrets: () => NO_SECRETS },
      );
      expect(response.status).toBe(403);
      expect(await messagesOf(response)).toEqual([
        'Nobody can be let in: the settings name no `daemon.apiToken`.',
      ]);
      expect(view.requests).toEqual([]);
    },
  );

  test.each([
    ['{', 'The body is not JSON.'],
    ['"x"', 'The body must be a map.'],
    ['[]', 'The body must be a map.'],
    ['null', 'The body must be a map.'],
    ['{"acept":"x"}', 'There is no key "acept".'],
    ['{"__proto__":{"accept":"x"}}', 'The body has a key `__proto__`.'],
    [
      '{"accept":"sha256:0"}',
      '`accept` must be the digest of a plan, `sha256:` and 64 hexadecimal digits.',
    ],
    [
      `{"accept":"${DIGEST.toUpperCase()}"}`,
      '`accept` must be the digest of a plan, `sha256:` and 64 hexadecimal digits.',
    ],
    [
      '{"accept":true}',
      '`accept` must be the digest of a plan, `sha256:` and 64 hexadecimal digits.',
    ],
  ])('with the body %s', async (body, message) => {
    const { response, view } = await ask(WITH_TOKEN, body);
    expect(response.status).toBe(400);
    expect(await messagesOf(response)).toEqual([message]);
    expect(view.requests).toEqual([]);
  });

  test('with a body of more than a digest can need', async () => {
    const { response } = await ask(WITH_TOKEN, ' '.repeat(5_000));
    expect(response.status).toBe(413);
  });
});

describe('out of a browser', () => {
  const from = async (headers: Readonly<Record<string, string>>): Promise<number> => {
    const { server, view } = await serve();
    // `fetch` lets nobody choose these.
    const lines = Object.entries({
      host: `127.0.0.1:${server.port}`,
      'content-length': '0',
      connection: 'close',
      ...WITH_TOKEN,
      ...headers,
    }).map(([name, value]) => `${name}: ${value.replace('PORT', String(server.port))}\r\n`);
    const answer = await exchange(
      server.port,
      `POST /api/reconcile HTTP/1.1\r\n${lines.join('')}\r\n`,
    );
    const status = Number(answer.slice('HTTP/1.1 '.length, 12));
    expect(view.requests).toHaveLength(status === 202 ? 1 : 0);
    return status;
  };

  test.each([
    ['its own page', { origin: 'http://127.0.0.1:PORT' }, 202],
    [
      'its own page behind a proxy',
      { origin: 'https://wrapkeeper.example.com', 'sec-fetch-site': 'same-origin' },
      202,
    ],
    ['another site', { origin: 'https://evil.example.com' }, 403],
    ['another port', { origin: 'http://127.0.0.1:1' }, 403],
    ['a page that hides where it is', { origin: 'null' }, 403],
    [
      'another site that the browser tells of',
      { origin: 'http://127.0.0.1:PORT', 'sec-fetch-site': 'cross-site' },
      403,
    ],
    [
      'a neighbour of the site',
      { origin: 'http://127.0.0.1:PORT', 'sec-fetch-site': 'same-site' },
      403,
    ],
    [
      'a name that was made to lead here',
      { host: 'evil.example.com', origin: 'http://evil.example.com' },
      421,
    ],
  ])('of %s', async (_what, headers, status) => {
    expect(await from(headers)).toBe(status);
  });
});
