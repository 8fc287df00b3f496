import net from 'node:net';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Stopped } from '../../src/webhooks/answer.js';
import { agentFor, guardedConnector, resolveBySystem } from '../../src/webhooks/connect.js';
import type { Guard, Resolve } from '../../src/webhooks/connect.js';
import { post } from '../../src/webhooks/post.js';
import { CERTIFICATE, KEY } from './certificate.js';

/** A slow machine is no failure. */
const SOON = { interval: 1, timeout: 30_000 };

const NEVER = new AbortController().signal;
const TIMEOUT_MS = 2_000;

/** Counts who comes, and what they say first. */
let inside: net.Server;
let port: number;
let connections: number;
let bytes: number;
beforeEach(async () => {
  [connections, bytes] = [0, 0];
  inside = net.createServer((socket) => {
    connections += 1;
    socket.on('data', (data) => (bytes += data.length));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => inside.listen(0, '::', resolve));
  port = (inside.address() as AddressInfo).port;
});
afterEach(() => {
  inside.close();
});

const no: Resolve = () => Promise.reject(new Error('nobody is to ask'));

const send = async (
  url: string,
  agent: Agent,
  timeoutMs = TIMEOUT_MS,
): Promise<Answer | Stopped> => {
  try {
    return await post(
      { url, headers: {}, body: 'secret' },
      { dispatcher: agent, timeoutMs, signal: NEVER },
    );
  } finally {
    await agent.destroy();
  }
};

const guarded = (guard: Partial<Guard> = {}): Agent =>
  new Agent({
    connect: guardedConnector({ resolve: no, timeoutMs: TIMEOUT_MS, signal: NEVER, ...guard }),
  });

const REFUSED = { kind: 'failure', reason: 'refused' } as const;
const loopback = { address: '127.0.0.1', family: 4 } as const;
/** Of the internet, but given to nobody: nothing goes anywhere. */
const nowhere = { address: '2000::1', family: 6 } as const;

describe('a private address', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '0177.0.0.1',
    '127.0.0.1.',
    '１２７.０.０.１',
    '①②⑦.⓪.⓪.①',
    '0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '169.254.169.254',
    '[fd00:ec2::254]',
  ])('is refused in every spelling: %s', async (host) => {
    const answer = await send(`https://${host}:${port}/`, guarded());
    expect(answer).toMatchObject({
      ...REFUSED,
      text: expect.stringContaining('`allowPrivateNetwork` is not set') as string,
    });
    expect(connections).toBe(0);
  });

  it.each(['localhost', 'localhost.', 'a.localhost', 'LOCALHOST', 'ｌｏｃａｌｈｏｓｔ'])(
    'is refused under a name: %s',
    async (host) => {
      const agent = guarded({ resolve: resolveBySystem });
      expect(await send(`https://${host}:${port}/`, agent)).toMatchObject(REFUSED);
      expect(connections).toBe(0);
    },
  );

  it('is refused beside one of the internet', async () => {
    const resolve: Resolve = () => Promise.resolve([nowhere, loopback]);
    expect(await send(`https://receiver.test:${port}/`, guarded({ resolve }))).toEqual({
      ...REFUSED,
      text: '127.0.0.1, an address of receiver.test, is not connected to: it is a loopback address, and `allowPrivateNetwork` is not set for this webhook',
    });
    expect(connections).toBe(0);
  });

  it('is not reached by a name that means another address the second time', async () => {
    const answers = [nowhere, loopback];
    let asked = 0;
    const resolve: Resolve = () => Promise.resolve([answers[asked++] ?? loopback]);
    const url = `https://receiver.test:${port}/`;
    const agent = guarded({ resolve, timeoutMs: 200 });
    const once = { url, headers: {}, body: '' };
    const options = { dispatcher: agent, timeoutMs: 500, signal: NEVER };
    expect(await post(once, options)).toMatchObject({ kind: 'failure' });
    expect(asked).toBe(1);
    expect(await send(url, agent)).toMatchObject(REFUSED);
    expect(asked).toBe(2);
    expect(connections).toBe(0);
  });

  it('gets no byte, even where a connection leads to it that was to lead elsewhere', async () => {
    const connect: NonNullable<Guard['connect']> = () => net.connect({ host: '127.0.0.1', port });
    const resolve: Resolve = () => Promise.resolve([nowhere]);
    expect(await send('https://receiver.test/', guarded({ resolve, connect }))).toMatchObject(
      REFUSED,
    );
    await expect.poll(() => connections, SOON).toBe(1);
    expect(bytes).toBe(0);
  });

  it('is not reached over plain http either', async () => {
    expect(await send(`http://receiver.test:${port}/`, guarded())).toMatchObject({
      ...REFUSED,
      text: expect.stringContaining('https alone') as string,
    });
  });

  it('is reached where the sink allows it', async () => {
    const options = { allowPrivateNetwork: true, timeoutMs: TIMEOUT_MS, signal: NEVER };
    const resolve: Resolve = () => Promise.resolve([loopback]);
    await send(`http://receiver.test:${port}/`, agentFor({ ...options, resolve }, 1), 300);
    expect(connections).toBe(1);
    expect(bytes).toBeGreaterThan(0);
  });
});

describe('a connection', () => {
  const secure = async (use: (tlsPort: number) => Promise<void>): Promise<void> => {
    const server = tls.createServer({ cert: CERTIFICATE, key: KEY }, (socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
      socket.on('error', () => {});
    });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await use((server.address() as AddressInfo).port);
    server.close();
  };
  /** As if this machine were the internet. */
  const judge = (address: string): string | null => (address === '127.0.0.1' ? null : 'it is far');
  const resolve: Resolve = () => Promise.resolve([loopback]);

  it('goes over TLS to the address that was judged', () =>
    secure(async (tlsPort) => {
      const agent = guarded({ judge, resolve, ca: CERTIFICATE });
      expect(await send(`https://receiver.test:${tlsPort}/`, agent)).toMatchObject({ status: 204 });
    }));

  it('is not made where the certificate is not trusted', () =>
    secure(async (tlsPort) => {
      const agent = guarded({ judge, resolve });
      expect(await send(`https://receiver.test:${tlsPort}/`, agent)).toEqual({
        kind: 'failure',
        reason: 'network',
        text: `no answer from https://receiver.test:${tlsPort} (DEPTH_ZERO_SELF_SIGNED_CERT)`,
      });
    }));

  it('is not made where the certificate is of another host', () =>
    secure(async (tlsPort) => {
      const agent = guarded({ judge, resolve, ca: CERTIFICATE });
      expect(await send(`https://other.test:${tlsPort}/`, agent)).toMatchObject({
        text: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') as string,
      });
    }));

  it('that a name server never answers for ends in time', async () => {
    const agent = guarded({ resolve: () => new Promise(() => {}) });
    expect(await send('https://receiver.test/', agent, 100)).toEqual({
      kind: 'failure',
      reason: 'timeout',
      text: 'no answer from https://receiver.test within 0.1 s',
    });
  });
});
