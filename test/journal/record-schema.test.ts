/** The schema of the records, held against their types, against a journal, and against the committed file. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import type { z } from 'zod';
import type { CodeId, DivisionId, OrganizationId, QueueId } from '../../src/domain/ids.js';
import type { JournalEntry, JournalRecord } from '../../src/domain/journal.js';
import { Journal } from '../../src/journal/journal.js';
import {
  generatedJournalSchema,
  journalJsonSchema,
  recordSchema,
} from '../../src/journal/record-schema.js';
import { EVERY_RECORD, GATEWAY_OUTCOME } from '../support/every-record.js';
import { FakeClock } from '../support/fake-clock.js';

const ajv = new Ajv({ allErrors: true, strict: true });
formats.default(ajv);
const isRecord = ajv.compile(journalJsonSchema());

/** A type as JSON knows it: no brands, nothing readonly, no difference between a missing key and an undefined one. */
type Plain<Type> = Type extends QueueId | CodeId | DivisionId | OrganizationId
  ? string
  : Type extends readonly (infer Item)[]
    ? Plain<Item>[]
    : Type extends object
      ? { -readonly [Key in keyof Type]: Plain<Exclude<Type[Key], undefined>> }
      : Type;

type Written<Kind extends JournalEntry['kind']> = Plain<
  Extract<z.infer<typeof recordSchema>, { kind: Kind }>
>;
type Said<Kind extends JournalEntry['kind']> = Plain<
  JournalRecord<Extract<JournalEntry, { kind: Kind }>>
>;
/** Kinds of which schema and type differ, in whichever direction. */
type Differing = {
  [Kind in JournalEntry['kind']]: [Written<Kind>, Said<Kind>] extends [Said<Kind>, Written<Kind>]
    ? [keyof Written<Kind>, keyof Said<Kind>] extends [keyof Said<Kind>, keyof Written<Kind>]
      ? never
      : Kind
    : Kind;
}[JournalEntry['kind']];

/** A journal with these entries, line by line. */
const linesOf = async (entries: readonly JournalEntry[]): Promise<readonly string[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'wrapkeeper-records-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { journal } = await Journal.open({ folder, clock: new FakeClock(), keepMs: null });
  await journal.append(entries);
  await journal.close();
  const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
  return (await readFile(join(folder, file), 'utf8')).trimEnd().split('\n');
};

describe('the schema of records', () => {
  it('says what the types say', () => {
    expectTypeOf<Differing>().toEqualTypeOf<never>();
    expectTypeOf<z.infer<typeof recordSchema>['kind']>().toEqualTypeOf<JournalEntry['kind']>();
  });

  it('fits every kind of record as it stands in a journal, and names every key', async () => {
    for (const line of await linesOf([...Object.values(EVERY_RECORD), GATEWAY_OUTCOME])) {
      const written: unknown = JSON.parse(line);
      expect(isRecord(written) ? [] : isRecord.errors).toEqual([]);
      // Keys that no schema names are lost in parsing.
      expect(recordSchema.parse(written)).toEqual(written);
    }
  });

  it.each(Object.keys(EVERY_RECORD))('misses every key of %s', async (kind) => {
    const [line = ''] = await linesOf([EVERY_RECORD[kind as JournalEntry['kind']]]);
    const whole = JSON.parse(line) as Readonly<Record<string, unknown>>;
    for (const key of Object.keys(whole))
      expect(
        isRecord(Object.fromEntries(Object.entries(whole).filter(([each]) => each !== key))),
      ).toBe(false);
  });

  it('bears keys of later versions', async () => {
    const [line = ''] = await linesOf([EVERY_RECORD.repaired]);
    expect(isRecord({ ...JSON.parse(line), later: 1 })).toBe(true);
  });

  it('describes every key', () => {
    const undescribed: string[] = [];
    const visit = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      for (const [key, value] of Object.entries(schema as Record<string, unknown>)) {
        if (key === 'properties')
          for (const [name, property] of Object.entries(
            value as Record<string, { readonly description?: string }>,
          ))
            if (!property.description) undescribed.push(`${path}.${name}`);
        visit(value, `${path}/${key}`);
      }
    };
    visit(journalJsonSchema(), '');
    expect(undescribed).toEqual([]);
  });

  it('is what `npm run generate` has written', async () => {
    const file = new URL('../../schemas/journal.schema.json', import.meta.url);
    expect(await readFile(file, 'utf8')).toBe(generatedJournalSchema());
  });
});
