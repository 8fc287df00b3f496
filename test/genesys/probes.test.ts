/** What the first answer tells of the limit: a hint, where the headers hold one. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { connectReader } from '../../src/genesys/client.js';

test.each([
  ['600', 600],
  ['many', null],
  [undefined, null],
])('inin-ratelimit-allowed: %s', async (header, expected) => {
  const server = createServer((_request, response) => {
    response.writeHead(200, {
      'Content-Type': 'application/json',
      ...(header === undefined ? {} : { 'inin-ratelimit-allowed': header }),
    });
    response.end(JSON.stringify({ id: '4e7a1df1-de99-43b6-a3a5-9b9b1a410c05', name: 'Org' }));
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const connection = await connectReader({
    credentials: { accessToken: new Secret('token') },
    gateway: { host: '127.0.0.1', port, protocol: 'http' },
    limits: { requestsPerMinute: 300, concurrency: 1 },
    clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
    random: () => 0,
    environment: {},
  });
  const { requestsPerMinute, organization, clockAheadMs } = await connection.probes.identify();
  await connection.close();
  expect({ requestsPerMinute, name: organization.name }).toEqual({
    requestsPerMinute: expected,
    name: 'Org',
  });
  expect(Math.abs(clockAheadMs)).toBeLessThan(5_000);
});
