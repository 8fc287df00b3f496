/** The sample receiver of the documentation, as a process. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { Deliveries } from '../../src/webhooks/deliver.js';
import { signerOf } from '../../src/webhooks/sign.js';
import { corrected } from '../support/records.js';
import { MemoryOutbox } from './receiver.js';
import { OTHER_SECRET, SECRET } from './verify.js';

/** A slow machine is no failure. */
const SOON = { interval: 1, timeout: 30_000 };

const FILE = path.resolve(import.meta.dirname, '../../docs/receiver/receiver.mjs');
const NEVER = new AbortController().signal;

let child: ChildProcess;
let url: string;
const lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  child = spawn(process.execPath, [FILE], {
    env: { ...process.env, WEBHOOK_SECRET: SECRET, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new Error('no output');
  createInterface(child.stdout).on('line', (line) => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  });
  await vi.waitUntil(() => lines.length === 1, { timeout: 20_000 });
  url = `http://127.0.0.1:${String(lines.shift()?.['listening'])}/`;
});
afterAll(() => {
  child.kill();
});

const sign = signerOf('reporting', [new Secret(SECRET)]);
const bodyOf = (id: string, sequence: number): string =>
  JSON.stringify({ id, type: 't', data: { queue_id: 'q', sequence, audit_log: 'Done.' } });

const send = async (
  body: string,
  headers: Readonly<Record<string, string>>,
  method = 'POST',
): Promise<number> => {
  const sent = method === 'POST' ? { body } : {};
  return (await fetch(url, { method, headers, ...sent })).status;
};

describe('the sample receiver', () => {
  it('handles what Wrapkeeper delivers', async () => {
    const outbox = new MemoryOutbox(() => Date.now(), 'reporting');
    outbox.add(corrected({ sequence: 1 }), corrected({ sequence: 2 }));
    const deliveries = new Deliveries({
      outbox,
      sinks: [
        {
          name: 'reporting',
          url,
          secrets: [OTHER_SECRET, SECRET].map((text) => new Secret(text)),
          allowPrivateNetwork: true,
        },
      ],
      organizationId: 'org-1',
      clock: { now: () => Date.now(), sleep: () => new Promise(() => {}) },
      random: () => 0,
    });
    expect(await deliveries.drain({ until: Date.now() + 20_000, signal: NEVER })).toMatchObject([
      { undelivered: 0 },
    ]);
    await expect.poll(() => lines.length, SOON).toBe(2);
    expect(lines.splice(0)).toMatchObject([
      { type: 'wrapkeeper.queue.corrected', isLate: false },
      { type: 'wrapkeeper.queue.corrected', isLate: false },
    ]);
  });

  it('answers a duplicate, and handles it once; and knows what comes late', async () => {
    const now = Date.now();
    for (const [id, sequence] of [
      ['a', 2],
      ['a', 2],
      ['b', 1],
    ] as const)
      expect(await send(bodyOf(id, sequence), { ...sign(id, bodyOf(id, sequence), now) })).toBe(
        204,
      );
    await expect.poll(() => lines.length, SOON).toBe(2);
    expect(lines.splice(0)).toMatchObject([
      { id: 'a', isLate: false },
      { id: 'b', isLate: true },
    ]);
  });

  it.each<[string, () => readonly [string, Readonly<Record<string, string>>, string?], number]>([
    ['a flipped byte', () => [bodyOf('c', 2), { ...sign('c', bodyOf('c', 3), Date.now()) }], 401],
    [
      'another id',
      () => [bodyOf('c', 3), { ...sign('d', bodyOf('c', 3), Date.now()), 'webhook-id': 'c' }],
      401,
    ],
    [
      'an old one',
      () => [bodyOf('c', 3), { ...sign('c', bodyOf('c', 3), Date.now() - 301_000) }],
      401,
    ],
    ['an unsigned one', () => [bodyOf('c', 3), {}], 401],
    ['a long one', () => ['x'.repeat(70_000), {}], 413],
    ['no POST', () => ['', {}, 'GET'], 405],
  ])('refuses %s', async (_name, request, status) => {
    expect(await send(...request())).toBe(status);
    expect(lines).toEqual([]);
  });
});
