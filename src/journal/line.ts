/** One record as a line of JSON, chained to the line before it. */
import { createHash } from 'node:crypto';
import { JOURNAL_FORMAT } from '../domain/journal.js';
import type { JournalEntry, JournalHead, JournalRecord } from '../domain/journal.js';

/** What the first record of a journal holds as the hash of the one before. */
export const CHAIN_START: JournalHead = { seq: 0, hash: `sha256:${'0'.repeat(64)}` };

/** The hash of a line, its line break left out. */
export const hashOfLine = (line: string | Uint8Array): string =>
  `sha256:${createHash('sha256').update(line).digest('hex')}`;

/** The next record after `head`, as it stands in the file, without its line break. */
export const lineOf = (entry: JournalEntry, head: JournalHead, at: string): string =>
  JSON.stringify({ v: JOURNAL_FORMAT, seq: head.seq + 1, at, ...entry, prev: head.hash });

/** What is wrong with a line that should follow `head`, or its record. */
export type ParsedLine =
  | { readonly kind: 'record'; readonly record: JournalRecord }
  | { readonly kind: 'fault'; readonly fault: string };

/**
 * Reads a line and holds it against the one before it.
 *
 * A record of a kind that is not known is none the worse for it: a later version has written it.
 */
export const parseLine = (line: string, head: JournalHead): ParsedLine => {
  const record = jsonOf(line);
  if (record === null) return fault('it is no record (no JSON object)');
  const { v, seq, prev, at, kind } = record;
  if (v !== JOURNAL_FORMAT) return fault(`it is of the format ${JSON.stringify(v) ?? 'none'}`);
  if (seq !== head.seq + 1)
    return fault(`its number is ${JSON.stringify(seq) ?? 'none'}, and ${head.seq + 1} is due`);
  if (prev !== head.hash) return fault('it does not hold the hash of the record before it');
  if (typeof kind !== 'string' || typeof at !== 'string' || Number.isNaN(Date.parse(at)))
    return fault('it has no kind, or no time');
  // Whatever else it holds was written by us, and the chain vouches for it.
  return { kind: 'record', record: record as unknown as JournalRecord };
};

const fault = (text: string): ParsedLine => ({ kind: 'fault', fault: text });

const jsonOf = (line: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
};
