import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { exchange, GIT_SECRET, messagesOf, NO_SECRETS, open, serve } from './serving.js';

const PATH = '/webhooks/git';
const PUSH = { ref: 'refs/heads/main', after: 'a'.repeat(40), commits: [] };

const signatureOf = (body: string | Buffer, secret = GIT_SECRET): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

const headersOf = (body: string | Buffer, changes: Readonly<Record<string, string>> = {}) => ({
  'content-type': 'application/json',
  'x-github-event': 'push',
  'x-hub-signature-256': signatureOf(body),
  ...changes,
});

const post = async (
  body: string,
  headers: Readonly<Record<string, string>>,
  changes: Parameters<typeof serve>[0] = {},
) => {
  const { at, view } = await serve(changes);
  const response = await fetch(at(PATH), { method: 'POST', headers, body });
  return { response, view };
};

describe('a push is heard', () => {
  test('to the branch that is followed', async () => {
    const body = JSON.stringify(PUSH);
    const { response, view } = await post(body, headersOf(body));
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ requested: true });
    expect(view.pushes).toBe(1);
  });

  test('as a form', async () => {
    const body = `payload=${encodeURIComponent(JSON.stringify(PUSH))}`;
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const { response, view } = await post(body, headersOf(body, type));
    expect(response.status).toBe(202);
    expect(view.pushes).toBe(1);
  });

  test('to any branch, where none is followed', async () => {
    const body = JSON.stringify({ ...PUSH, ref: 'refs/heads/other' });
    const { view } = await post(body, headersOf(body), { branch: () => null });
    expect(view.pushes).toBe(1);
  });

  test('that deletes the branch', async () => {
    const body = JSON.stringify({ ...PUSH, deleted: true, after: '0'.repeat(40) });
    const { view } = await post(body, headersOf(body));
    expect(view.pushes).toBe(1);
  });

  test('that does not say where to', async () => {
    const body = JSON.stringify({ commits: [] });
    const { view } = await post(body, headersOf(body));
    expect(view.pushes).toBe(1);
  });

  test('of any branch, where it is so large that none of it is kept', async () => {
    const body = JSON.stringify({ ref: 'refs/heads/other', more: 'x'.repeat(2 * 1024 * 1024) });
    const { response, view } = await post(body, headersOf(body));
    expect(response.status).toBe(202);
    expect(view.pushes).toBe(1);
  });
});

describe('nothing is done', () => {
  test.each([
    ['another branch', { ref: 'refs/heads/main2' }],
    ['a tag of that name', { ref: 'refs/tags/main' }],
    ['the name alone', { ref: 'main' }],
  ])('for a push of %s', async (_what, changes) => {
    const body = JSON.stringify({ ...PUSH, ...changes });
    const { response, view } = await post(body, headersOf(body));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ requested: false });
    expect(view.pushes).toBe(0);
  });

  test.each(['ping', 'pull_request', 'Push'])('for the event %s', async (event) => {
    const body = JSON.stringify(PUSH);
    const { response, view } = await post(body, headersOf(body, { 'x-github-event': event }));
    expect(response.status).toBe(200);
    expect(view.pushes).toBe(0);
  });
});

describe('a push is not believed', () => {
  const body = JSON.stringify(PUSH);

  test.each([
    ['unsigned', { 'x-hub-signature-256': '' }],
    ['signed with another secret', { 'x-hub-signature-256': signatureOf(body, 'other') }],
    ['signed with nothing', { 'x-hub-signature-256': signatureOf(body, '') }],
    ['signed over another body', { 'x-hub-signature-256': signatureOf(`${body} `) }],
    ['with a part of its signature', { 'x-hub-signature-256': signatureOf(body).slice(0, -2) }],
    ['with more than a signature', { 'x-hub-signature-256': `${signatureOf(body)}00` }],
    [
      'by SHA-1',
      {
        'x-hub-signature-256': `sha1=${createHmac('sha1', GIT_SECRET).update(body).digest('hex')}`,
      },
    ],
  ])('%s', async (_what, changes) => {
    const { response, view } = await post(body, headersOf(body, changes));
    expect(response.status).toBe(401);
    expect(view.pushes).toBe(0);
  });

  test('where no secret is set, however it is signed', async () => {
    const { response, view } = await post(body, headersOf(body), { secrets: () => NO_SECRETS });
    expect(response.status).toBe(401);
    expect(await messagesOf(response)).toEqual([
      'Nobody can be let in: the settings name no `daemon.gitSecret`.',
    ]);
    expect(view.pushes).toBe(0);
  });

  test('of a kind that GitHub does not send', async () => {
    const { response } = await post(body, headersOf(body, { 'content-type': 'text/plain' }));
    expect(response.status).toBe(415);
  });

  test('that is no JSON', async () => {
    const { response, view } = await post('{', headersOf('{'));
    expect(response.status).toBe(400);
    expect(view.pushes).toBe(0);
  });
});

test('the signature is that of the example of GitHub', async () => {
  // https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
  const body = 'Hello, World!';
  const { response } = await post(body, {
    'x-github-event': 'ping',
    'x-hub-signature-256':
      'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  });
  expect(response.status).toBe(200);
});

describe('a body is too large', () => {
  test('by what its header says', async () => {
    const { server } = await serve();
    const answer = await exchange(
      server.port,
      `POST ${PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${25 * 1024 * 1024 + 1}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('by what comes', async () => {
    const { server } = await serve();
    const raw = open(server.port);
    raw.socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    for (let sent = 0; sent <= 25; sent += 1) raw.socket.write(chunk);
    expect(await raw.ended).toMatch(/^HTTP\/1\.1 413 /);
  });
});
