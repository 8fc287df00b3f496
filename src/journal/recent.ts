/** The last records of a journal, for who wants to show them: not proven, and not many. */
import type { JournalRecord } from '../domain/journal.js';
import { linesOf, segmentsIn } from './segments.js';

/** Of so many files at most, of a mebibyte each. */
const MOST_FILES = 8;

/** The records of the last files, oldest first. What is no record is left out: the chain is `audit verify`'s. */
export async function* recentRecords(folder: string): AsyncGenerator<JournalRecord> {
  for (const segment of (await segmentsIn(folder)).slice(-MOST_FILES)) {
    for await (const { bytes, isWhole } of linesOf(folder, segment, 0)) {
      if (!isWhole) continue;
      try {
        yield JSON.parse(bytes.toString('utf8')) as JournalRecord;
      } catch {
        // The chain is broken here; whoever opens the journal is told.
      }
    }
  }
}
