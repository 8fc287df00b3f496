import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readBounded } from '../../src/cli/bounded-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wrapkeeper-bounded-'));
});
afterEach(() => rm(folder, { recursive: true }));

const TOO_LARGE = { kind: 'unreadable', why: 'it has more than 8 bytes' };

it.each([
  ['as long as may be', 'áéíó', { kind: 'read', text: 'áéíó' }],
  ['longer by a byte', 'áéíóx', TOO_LARGE],
  ['empty', '', { kind: 'read', text: '' }],
])('a file that is %s', async (_what, content, expected) => {
  const file = join(folder, 'file');
  await writeFile(file, content);
  expect(await readBounded(file, 8)).toEqual(expected);
});

it('a file that is far too large is not read at all', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  // More than can be read into memory at once.
  await truncate(file, 5 * 1024 ** 3);
  expect(await readBounded(file, 8)).toEqual(TOO_LARGE);
});

it.skipIf(process.platform !== 'linux')('a file that does not tell its size', async () => {
  expect(await readBounded('/proc/self/status', 8)).toEqual(TOO_LARGE);
});
