/** Reads a journal from a place on, and holds every record against the one before it. */
import { join } from 'node:path';
import type { JournalHead, ReadRecord } from '../domain/journal.js';
import { hashOfLine, parseLine } from './line.js';
import { linesOf } from './segments.js';
import type { Segment } from './segments.js';

/** Where reading begins: after a record that is known. */
export interface Place {
  readonly head: JournalHead;
  /** In the file that has the next record: where the known one ends, in bytes. */
  readonly offset: number;
}

/** What is found on the way: records, and at most one thing that ends it. */
export type Found =
  | (ReadRecord & {
      readonly kind: 'record';
      readonly segment: Segment;
      /** Where it begins and ends in its file, in bytes, its line break included. */
      readonly startsAt: number;
      readonly endsAt: number;
      /** False where its line break is missing. */
      readonly isWhole: boolean;
    })
  /** The last line of all, cut off: the process died while it wrote it. */
  | {
      readonly kind: 'torn';
      readonly segment: Segment;
      readonly startsAt: number;
      readonly bytes: Buffer;
    }
  /** The chain does not hold here. */
  | {
      readonly kind: 'broken';
      readonly at: string;
      readonly fault: string;
      readonly head: JournalHead;
    };

/**
 * Yields record after record, in order; after `torn` or `broken` nothing more.
 *
 * A last line without its break is torn, unless it is whole all the same: then it counts, and only its
 * break is missing.
 */
export async function* readRecords(
  folder: string,
  segments: readonly Segment[],
  { head: known, offset }: Place,
): AsyncGenerator<Found> {
  let head = known;
  const relevant = segments.filter(
    (_, index) => (segments[index + 1]?.first ?? Infinity) > known.seq + 1,
  );
  for (const [index, segment] of relevant.entries()) {
    const startsInside = segment.first <= known.seq;
    if (!startsInside && segment.first !== head.seq + 1) {
      const fault = `it begins with record ${segment.first}, and ${head.seq + 1} is due`;
      yield { kind: 'broken', at: join(folder, segment.name), fault, head };
      return;
    }
    let startsAt = startsInside ? offset : 0;
    let line = 0;
    for await (const { bytes, endsAt, isWhole } of linesOf(folder, segment, startsAt)) {
      line += 1;
      const parsed = parseLine(bytes.toString('utf8'), head);
      if (parsed.kind === 'fault') {
        const isLast = !isWhole && index === relevant.length - 1;
        const place = startsInside ? `byte ${startsAt}` : `line ${line}`;
        const at = `${join(folder, segment.name)}, ${place}`;
        yield isLast
          ? { kind: 'torn', segment, startsAt, bytes: Buffer.from(bytes) }
          : { kind: 'broken', at, fault: parsed.fault, head };
        return;
      }
      head = { seq: parsed.record.seq, hash: hashOfLine(bytes) };
      yield {
        kind: 'record',
        record: parsed.record,
        hash: head.hash,
        segment,
        startsAt,
        endsAt,
        isWhole,
      };
      startsAt = endsAt;
    }
  }
}
