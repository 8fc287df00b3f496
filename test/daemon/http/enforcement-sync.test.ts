import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src/domain/errors.js';
import { Secret } from '../../../src/domain/secret.js';
import { NOW } from '../../support/fake-clock.js';
import { OTHER_SECRET, SECRET } from '../../webhooks/verify.js';
import { exchange, messagesOf, NO_SECRETS, open, SECRETS, serve } from './serving.js';

const PATH = '/webhooks/enforcement-sync';
const EVENT = {
  queue_id: '5c3f7e2a-0000-4000-8000-000000000001',
  queue_name: 'Billing',
  timestamp: '2026-11-23T09:59:30+01:00',
  compliance_met: true,
  audit_log: 'Set the prompt to MANDATORY.',
};

/** Signed by the library of the specification, and not by ours. */
const signed = (body: string, { secret = SECRET, id = 'msg_1', at = NOW } = {}) => ({
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(at / 1_000)),
  'webhook-signature': new Webhook(secret).sign(id, new Date(at), body),
});

const post = async (
  body: string | Buffer,
  headers: Readonly<Record<string, string>>,
  changes: Parameters<typeof serve>[0] = {},
) => {
  const { at, view, logged } = await serve(changes);
  const response = await fetch(at(PATH), { method: 'POST', headers, body });
  return { response, view, logged };
};

const tell = (event: unknown) => {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  return post(body, signed(body));
};

describe('an event is taken', () => {
  test('completed, and answered', async () => {
    const { response, view } = await tell({
      ...EVENT,
      rows: [{ code: 'Resolved' }],
      latency_ms: 7,
    });
    expect(view.events).toEqual([
      {
        webhookId: 'msg_1',
        queueId: EVENT.queue_id,
        queueName: 'Billing',
        doneAt: Date.parse('2026-11-23T08:59:30Z'),
        complianceMet: true,
        auditLog: EVENT.audit_log,
        details: { rows: [{ code: 'Resolved' }], latency_ms: 7 },
      },
    ]);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      event_id: 'evt_msg_1',
      queue_id: EVENT.queue_id,
      queue_name: 'Billing',
      timestamp: '2026-11-23T08:59:30.000Z',
      latency_ms: 12,
      compliance_met: true,
      audit_log: EVENT.audit_log,
      details: { rows: [{ code: 'Resolved' }], latency_ms: 7 },
    });
  });

  test('with no more than it must say', async () => {
    const { response, view } = await tell({
      queue_id: 'q',
      compliance_met: false,
      queue_name: null,
      audit_log: '',
    });
    expect(response.status).toBe(200);
    expect(view.events).toEqual([
      {
        webhookId: 'msg_1',
        queueId: 'q',
        queueName: null,
        doneAt: null,
        complianceMet: false,
        auditLog: null,
        details: {},
      },
    ]);
  });

  test('with whatever names its other keys have', async () => {
    const details = { constructor: 1, toString: 'x', hasOwnProperty: [], details: { a: 1 } };
    const { response, view } = await tell({ queue_id: 'q', compliance_met: true, ...details });
    expect(response.status).toBe(200);
    expect(JSON.stringify(view.events[0]?.details)).toBe(JSON.stringify(details));
  });

  test.each([
    ['the first secret', [SECRET], SECRET],
    ['the second', [OTHER_SECRET, SECRET], SECRET],
    ['the good one beside one that is none', ['not-a-secret', SECRET], SECRET],
  ])('signed with %s', async (_what, texts, secret) => {
    const body = JSON.stringify(EVENT);
    const { response } = await post(body, signed(body, { secret }), {
      secrets: () => ({ ...SECRETS, inbound: texts.map((text) => new Secret(text)) }),
    });
    expect(response.status).toBe(200);
  });

  test('with several signatures, of which one fits', async () => {
    const body = JSON.stringify(EVENT);
    const good = signed(body);
    const other = signed(body, { secret: `whsec_${Buffer.alloc(24, 7).toString('base64')}` });
    const { response } = await post(body, {
      ...good,
      'webhook-signature': `v1a,abc ${other['webhook-signature']} ${good['webhook-signature']}`,
    });
    expect(response.status).toBe(200);
  });

  test.each([-299, 299])('%i seconds away', async (seconds) => {
    const body = JSON.stringify(EVENT);
    const { response } = await post(body, signed(body, { at: NOW + seconds * 1_000 }));
    expect(response.status).toBe(200);
  });
});

describe('an event is not believed', () => {
  const body = JSON.stringify(EVENT);
  const good = signed(body);
  const without = (name: string) =>
    Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));

  test.each([
    ['unsigned', {}],
    ['without an id', without('webhook-id')],
    ['without a time', without('webhook-timestamp')],
    ['without a signature', without('webhook-signature')],
    ['with an empty signature', { ...good, 'webhook-signature': 'v1,' }],
    [
      'with another version',
      { ...good, 'webhook-signature': good['webhook-signature'].replace('v1', 'v2') },
    ],
    [
      'with the signature alone',
      { ...good, 'webhook-signature': good['webhook-signature'].slice(3) },
    ],
    ['under another id', { ...good, 'webhook-id': 'msg_2' }],
    ['with an id that is too long', signed(body, { id: 'x'.repeat(201) })],
    ['with another time', { ...good, 'webhook-timestamp': String(NOW / 1_000 + 1) }],
    ['with a time that is no number', { ...good, 'webhook-timestamp': 'now' }],
    ['with a time in milliseconds', { ...good, 'webhook-timestamp': String(NOW) }],
    [
      'with a secret that is not ours',
      signed(body, { secret: `whsec_${Buffer.alloc(32, 9).toString('base64')}` }),
    ],
    ['six minutes old', signed(body, { at: NOW - 360_000 })],
    ['six minutes ahead', signed(body, { at: NOW + 360_000 })],
  ])('%s', async (_what, headers) => {
    const { response, view, logged } = await post(body, headers);
    expect(response.status).toBe(401);
    expect(view.events).toEqual([]);
    expect(logged).toEqual([expect.objectContaining({ level: 'warn', status: 401 })]);
  });

  test('when its body is not the one that was signed', async () => {
    const { response, view } = await post(body.replace('true', 'false'), good);
    expect(response.status).toBe(401);
    expect(view.events).toEqual([]);
  });

  test('when bytes of it were altered that make no text', async () => {
    const broken = Buffer.from(`${body} `);
    const headers = signed(broken.toString('utf8').replace(/ $/, '\uFFFD'));
    broken[broken.length - 1] = 0xff;
    // Decoded, both are the same text.
    expect((await post(broken, headers)).response.status).toBe(401);
  });

  test('before anybody looks at what it says', async () => {
    expect((await post('{', signed('{}'))).response.status).toBe(401);
  });

  test.each([
    ['none is set', []],
    ['none is good', [new Secret('secret'), new Secret('whsec_AAAA')]],
  ])('where of secrets %s', async (_what, inbound) => {
    const { response, view } = await post(body, good, {
      secrets: () => ({ ...NO_SECRETS, inbound }),
    });
    expect(response.status).toBe(401);
    expect(await messagesOf(response)).toEqual([
      'Nobody can be let in: the settings name no good secret in `daemon.inboundSecrets`.',
    ]);
    expect(view.events).toEqual([]);
  });
});

describe('an event is wrong', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

  test.each([
    ['no JSON', '{', ['The body is not JSON.']],
    ['nothing', ' ', ['The body is not JSON.']],
    ['a list', '[]', ['The body must be a map.']],
    ['null', 'null', ['The body must be a map.']],
    [
      'everything wrong',
      {
        queue_id: '',
        queue_name: 7,
        timestamp: '2026-11-23 09:00',
        compliance_met: 'yes',
        audit_log: [],
      },
      [
        '`queue_id` must be a text of 1 to 200 characters.',
        '`queue_name` must be a text of at most 1000 characters.',
        '`timestamp` must be an instant with an offset, such as 2026-11-23T09:00:00Z.',
        '`compliance_met` must be true or false.',
        '`audit_log` must be a text of at most 10000 characters.',
      ],
    ],
    [
      'nothing that it must say',
      {},
      [
        '`queue_id` must be a text of 1 to 200 characters.',
        '`compliance_met` must be true or false.',
      ],
    ],
    [
      'an id that is too long',
      { ...EVENT, queue_id: 'x'.repeat(201) },
      ['`queue_id` must be a text of 1 to 200 characters.'],
    ],
    [
      'a day that does not exist',
      { ...EVENT, timestamp: '2026-02-30T09:00:00Z' },
      [expect.stringContaining('`timestamp`')],
    ],
    [
      'a time without an offset',
      { ...EVENT, timestamp: '2026-11-23T09:00:00' },
      [expect.stringContaining('`timestamp`')],
    ],
    ['too deep', { ...EVENT, more: nested(8) }, ['The body is nested more than 8 levels deep.']],
    [
      'so deep that a stack would not hold it',
      `{"queue_id":"q","compliance_met":true,"more":${'['.repeat(300_000)}${']'.repeat(300_000)}}`,
      ['The body is nested more than 8 levels deep.'],
    ],
    [
      'too much that is not known',
      { ...EVENT, more: 'x'.repeat(65_536) },
      [expect.stringContaining('65536 are kept')],
    ],
    [
      'a key that is a trap',
      '{"queue_id":"q","compliance_met":true,"__proto__":{"polluted":true}}',
      ['The body has a key `__proto__`.'],
    ],
    [
      'a trap further in',
      '{"queue_id":"q","compliance_met":true,"more":[{"__proto__":{"polluted":true}}]}',
      ['The body has a key `__proto__`.'],
    ],
    [
      'a number that JSON could not write down again',
      '{"queue_id":"q","compliance_met":true,"more":1e999}',
      ['The body holds a number that is too large.'],
    ],
  ])('%s', async (_what, event, messages) => {
    const { response, view } = await tell(event);
    expect(response.status).toBe(400);
    expect(await messagesOf(response)).toEqual(messages);
    expect(view.events).toEqual([]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('no text', async () => {
    const { at, view } = await serve();
    const body = Buffer.from([0x22, 0xff, 0x22]);
    const { createHmac } = await import('node:crypto');
    const time = String(NOW / 1_000);
    const signature = createHmac('sha256', Buffer.from(SECRET.slice(6), 'base64'))
      .update(`msg_1.${time}.`)
      .update(body)
      .digest('base64');
    const response = await fetch(at(PATH), {
      method: 'POST',
      headers: {
        'webhook-id': 'msg_1',
        'webhook-timestamp': time,
        'webhook-signature': `v1,${signature}`,
      },
      body,
    });
    expect(response.status).toBe(400);
    expect(await messagesOf(response)).toEqual(['The body is not UTF-8 text.']);
    expect(view.events).toEqual([]);
  });
});

describe('an event is as deep and as large as it may be', () => {
  test.each([
    ['seven levels below it', { more: { a: { a: { a: { a: { a: { a: 1 } } } } } } }],
    ['64 KiB beside it', { more: 'x'.repeat(65_536 - '{"more":""}'.length) }],
  ])('%s', async (_what, details) => {
    const { response, view } = await tell({ queue_id: 'q', compliance_met: true, ...details });
    expect(response.status).toBe(200);
    expect(view.events[0]?.details).toEqual(details);
  });
});

describe('an event cannot be kept', () => {
  test('and its sender is told to come again, but not why', async () => {
    const { at, view, logged } = await serve();
    const error = new AppError('journal.unwritable', 'The folder /srv/journal is full.');
    view.beforeReceiving = () => Promise.reject(error);
    const body = JSON.stringify(EVENT);
    const response = await fetch(at(PATH), { method: 'POST', headers: signed(body), body });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('60');
    const text = await response.text();
    expect(text).toContain('http.not-kept');
    expect(text).not.toContain('/srv');
    expect(logged).toEqual([expect.objectContaining({ level: 'warn', status: 503, error })]);
  });
});

describe('a body is too large', () => {
  const LIMIT = 1024 * 1024;
  const HEAD = `POST ${PATH} HTTP/1.1\r\nhost: localhost\r\n`;

  test('by what its header says, and nothing of it is read', async () => {
    const { server } = await serve();
    const answer = await exchange(server.port, `${HEAD}content-length: ${LIMIT + 1}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer.toLowerCase()).toContain('\r\nconnection: close\r\n');
  });

  test('by what comes, however much was announced', async () => {
    const { server, view } = await serve();
    const raw = open(server.port);
    raw.socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    for (let sent = 0; sent <= LIMIT; sent += 0x10000) raw.socket.write(chunk);
    // Its end never comes.
    const answer = await raw.ended;
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('The body is larger than 1048576 bytes.');
    expect(view.events).toEqual([]);
  });

  test('and its sender is told before the body is sent, if it waits for that', async () => {
    const { server } = await serve();
    const answer = await exchange(
      server.port,
      `${HEAD}content-length: ${LIMIT + 1}\r\nexpect: 100-continue\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).not.toContain('100 Continue');
  });

  test('not by its last byte', async () => {
    const body = JSON.stringify({ ...EVENT, audit_log: 'x' }).padEnd(LIMIT, ' ');
    const { response } = await post(body, signed(body));
    expect(response.status).toBe(200);
  });
});

test('who waits to be told sends the body then', async () => {
  const { server, view } = await serve();
  const body = JSON.stringify(EVENT);
  const headers = Object.entries(signed(body)).map(([name, value]) => `${name}: ${value}\r\n`);
  const raw = open(server.port);
  raw.socket.write(
    `POST ${PATH} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers.join('')}\r\n`,
  );
  await raw.said('100 Continue');
  raw.socket.write(body);
  expect(await raw.ended).toContain('HTTP/1.1 200 OK');
  expect(view.events).toHaveLength(1);
});
