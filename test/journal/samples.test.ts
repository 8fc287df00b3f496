/** The samples of `docs/journal.md` are what a journal holds. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { recordSchema } from '../../src/journal/record-schema.js';
import { EVERY_RECORD } from '../support/every-record.js';

it('docs/journal.md has a sample of every kind of record, and all of them fit the schema', async () => {
  const page = await readFile(new URL('../../docs/journal.md', import.meta.url), 'utf8');
  const samples = [...page.matchAll(/^### ([\w.-]+)$[^]*?^```json\n([^]*?)^```$/gm)].map(
    ([, title, text = '']) => ({
      title,
      record: JSON.parse(text) as Readonly<Record<string, unknown>>,
    }),
  );
  expect(samples.map(({ title }) => title)).toEqual(Object.keys(EVERY_RECORD));
  for (const { title, record } of samples) {
    expect(record['kind']).toBe(title);
    expect(recordSchema.parse(record)).toEqual(record);
  }
});
