/** Checks a journal from its first record to its last. Nothing is written, and memory does not grow with it. */
import type { JournalHead } from '../domain/journal.js';
import { readStart } from './journal.js';
import { CHAIN_START } from './line.js';
import { readRecords } from './read.js';
import { segmentsIn } from './segments.js';

export interface Verification {
  readonly records: number;
  /** Behind which record the chain begins: number 0, or where older files were taken away. */
  readonly start: JournalHead;
  readonly head: JournalHead;
  /** ISO 8601; null in an empty journal. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** Where the chain does not hold, and why; null where all of it does. */
  readonly broken: { readonly at: string; readonly fault: string } | null;
  /** Bytes of a last line that was cut off; nothing is wrong with what stands before it. */
  readonly tornBytes: number;
  /** The record with the expected hash; null where none was asked for, or there is none. */
  readonly expected: JournalHead | null;
}

/**
 * Holds every record against the one before it: whatever was altered, is missing, or stands in another
 * place shows, the first record included. That the file was rewritten whole or cut at its end shows only against
 * a hash that is kept elsewhere: `expect` looks for it.
 */
export const verifyJournal = async (
  folder: string,
  expect: string | null = null,
): Promise<Verification> => {
  const segments = await segmentsIn(folder);
  const start = (await readStart(folder))?.head ?? CHAIN_START;
  let head = start;
  let firstAt: string | null = null;
  let lastAt: string | null = null;
  let expected = start.hash === expect && start.seq > 0 ? start : null;
  let broken: Verification['broken'] = null;
  let tornBytes = 0;
  for await (const found of readRecords(folder, segments, { head: start, offset: 0 })) {
    if (found.kind === 'broken') broken = { at: found.at, fault: found.fault };
    else if (found.kind === 'torn') tornBytes = found.bytes.length;
    else {
      head = { seq: found.record.seq, hash: found.hash };
      if (found.hash === expect) expected = head;
      firstAt ??= found.record.at;
      lastAt = found.record.at;
    }
  }
  return {
    records: head.seq - start.seq,
    start,
    head,
    firstAt,
    lastAt,
    broken,
    tornBytes,
    expected,
  };
};
