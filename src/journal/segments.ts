/**
 * The files of a journal: `journal.N.jsonl`, where N is the number of its first record. Only the last one
 * grows.
 */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from './folder.js';

/** Beyond this size a file is closed and the next one begun. */
export const SEGMENT_BYTES = 1024 * 1024;

/** No record of ours is longer; a line that is was not written by us. */
const LONGEST_LINE = 16 * 1024 * 1024;

export interface Segment {
  /** The number of its first record. */
  readonly first: number;
  readonly name: string;
}

export const segmentOf = (first: number): Segment => ({
  first,
  name: `journal.${String(first).padStart(12, '0')}.jsonl`,
});

const NAME = /^journal\.(\d{12})\.jsonl$/;

/** Those among these names that are files of a journal, in order. */
export const segmentsAmong = (names: readonly string[]): readonly Segment[] =>
  names
    .flatMap((name) => {
      const [, digits] = NAME.exec(name) ?? [];
      return digits === undefined ? [] : [{ first: Number(digits), name }];
    })
    .sort((a, b) => a.first - b.first);

/** The files of a folder; none where there is no folder. */
export const segmentsIn = async (folder: string): Promise<readonly Segment[]> => {
  try {
    return segmentsAmong(await readdir(folder));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
};

/** The file that has a record, or would have it. */
export const segmentWith = (segments: readonly Segment[], seq: number): Segment | undefined =>
  segments.findLast(({ first }) => first <= seq);

/** A line without its break, and where it ends, its break included. */
export interface Line {
  readonly bytes: Buffer;
  readonly endsAt: number;
  /** False for what stands after the last break: it was cut off. */
  readonly isWhole: boolean;
}

/** The lines of a file from a place on, one at a time: memory does not grow with the file. */
export async function* linesOf(folder: string, { name }: Segment, from = 0): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0);
  let at = from;
  const stream = createReadStream(join(folder, name), { start: from, highWaterMark: 256 * 1024 });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      at += end + 1 - start;
      yield { bytes: bytes.subarray(start, end), endsAt: at, isWhole: true };
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > LONGEST_LINE) break;
  }
  if (rest.length > 0) yield { bytes: rest, endsAt: at + rest.length, isWhole: false };
}
