/** Checks a journal from its first record to its last. Nothing is written, and memory does not grow with it. */
import type { Anchor, Verification } from '../domain/audit.js';
import type { JournalHead } from '../domain/journal.js';
import { readStart } from './journal.js';
import { CHAIN_START } from './line.js';
import { readRecords } from './read.js';
import { segmentsIn } from './segments.js';

/**
 * Holds every record against the one before it: whatever was altered, is missing, or stands in another
 * place shows, the first record included. That the file was rewritten whole or cut at its end shows only against
 * a hash that is kept elsewhere: `expect` looks for it.
 */
export const verifyJournal = async (
  folder: string,
  expect: Anchor | null = null,
): Promise<Verification> => {
  const segments = await segmentsIn(folder);
  const start = (await readStart(folder))?.head ?? CHAIN_START;
  let head = start;
  let firstAt: string | null = null;
  let lastAt: string | null = null;
  const expected: JournalHead[] = [];
  const look = (record: JournalHead): void => {
    if (expect !== null && fits(expect, record)) expected.push(record);
  };
  if (start.seq > 0) look(start);
  let broken: Verification['broken'] = null;
  let tornBytes = 0;
  for await (const found of readRecords(folder, segments, { head: start, offset: 0 })) {
    if (found.kind === 'broken') broken = { at: found.at, fault: found.fault };
    else if (found.kind === 'torn') tornBytes = found.bytes.length;
    else {
      head = { seq: found.record.seq, hash: found.hash };
      look(head);
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

const fits = ({ seq, digits }: Anchor, record: JournalHead): boolean =>
  (seq === null || seq === record.seq) && record.hash.startsWith(`sha256:${digits}`);
