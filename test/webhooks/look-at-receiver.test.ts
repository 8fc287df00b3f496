import { expect, test } from 'vitest';
import { lookAtReceiver } from '../../src/webhooks/connect.js';
import type { Resolve } from '../../src/webhooks/connect.js';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'public.example': ['8.8.8.8', '1.1.1.1'],
  'inside.example': ['8.8.8.8', '10.0.0.1'],
  'nothing.example': [],
};
const resolve: Resolve = (hostname) => {
  const found = NAMES[hostname];
  if (found === undefined) return Promise.reject(new Error(`getaddrinfo ENOTFOUND ${hostname}`));
  return Promise.resolve(found.map((address) => ({ address, family: 4 })));
};

test.each([
  ['https://public.example/', false, { kind: 'found', addresses: ['8.8.8.8', '1.1.1.1'] }],
  [
    'https://inside.example/',
    false,
    { kind: 'refused', why: expect.stringContaining('10.0.0.1') as string },
  ],
  ['https://inside.example/', true, { kind: 'found', addresses: ['8.8.8.8', '10.0.0.1'] }],
  [
    'http://public.example/',
    false,
    { kind: 'refused', why: expect.stringContaining('https alone') as string },
  ],
  ['http://public.example/', true, { kind: 'found' }],
  ['https://localhost/', false, { kind: 'refused' }],
  ['https://[::1]/', false, { kind: 'refused' }],
  ['https://[::1]/', true, { kind: 'found', addresses: ['::1'] }],
  ['https://8.8.8.8/', false, { kind: 'found', addresses: ['8.8.8.8'] }],
  [
    'https://nothing.example/',
    false,
    { kind: 'unresolved', why: expect.stringContaining('no address') as string },
  ],
  ['https://gone.example/', true, { kind: 'unresolved' }],
])('%s, private addresses allowed: %s', async (url, allowPrivateNetwork, expected) => {
  expect(await lookAtReceiver(url, { allowPrivateNetwork, resolve })).toMatchObject(expected);
});
