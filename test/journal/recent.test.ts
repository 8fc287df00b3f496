import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recentRecords } from '../../src/journal/recent.js';
import { segmentOf } from '../../src/journal/segments.js';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'wrapkeeper-recent-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const seqs = async (): Promise<readonly number[]> => {
  const found: number[] = [];
  for await (const { seq } of recentRecords(folder)) found.push(seq);
  return found;
};
const write = (first: number, text: string): Promise<void> =>
  writeFile(join(folder, segmentOf(first).name), text);

it('reads the last files alone, oldest record first', async () => {
  for (let file = 1; file <= 20; file += 1) await write(file, `{"seq":${file}}\n`);
  expect(await seqs()).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
});

it('leaves out what is no record, and a last line that was cut off', async () => {
  await write(1, '{"seq":1}\nnonsense\n{"seq":2}\n{"seq":3');
  expect(await seqs()).toEqual([1, 2]);
});

it('tells nothing of a journal that is not there', async () => {
  await rm(folder, { recursive: true });
  expect(await seqs()).toEqual([]);
});
