/**
 * The journal of a folder: append-only, one record a line, each holding the hash of the one before.
 *
 * Whoever appends holds the lease of the folder. Reading needs nothing, and may go on beside it.
 */
import { open, readFile, rm, truncate } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../domain/clock.js';
import { warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import type { JournalEntry, ReadRecord } from '../domain/journal.js';
import { quote } from '../domain/text.js';
import { errnoOf, inFolder, replaceFile } from './folder.js';
import { hashOfLine, lineOf, parseLine } from './line.js';
import { readRecords } from './read.js';
import { linesOf, SEGMENT_BYTES, segmentOf, segmentsIn, segmentWith } from './segments.js';
import type { Segment } from './segments.js';
import { JournalState } from './state.js';
import type { Checkpoint } from './state.js';

/** Where the chain begins once older files were taken away. */
export const START_FILE = 'journal-start.json';
/** A recent state, so that opening does not read everything. It can be deleted. */
export const CHECKPOINT_FILE = 'journal-checkpoint.json';
/** So many records are read again when a journal is opened, rather than write a checkpoint each time. */
const RECORDS_PER_CHECKPOINT = 1000;

/** A checkpoint in a file, with the place of its record. */
interface Saved {
  readonly checkpoint: Checkpoint;
  /** In the file that has it: where its record begins and ends, in bytes. */
  readonly startsAt: number;
  readonly endsAt: number;
}

/**
 * The first record that a run needs of a journal with this checkpoint: its own, or an older one that somebody
 * still waits for. 1 where nothing can be made of the text.
 */
export const firstNeededOf = (text: string): number => {
  try {
    const { checkpoint } = JSON.parse(text) as Saved;
    return Math.min(new JournalState(checkpoint).firstNeeded, checkpoint.head.seq);
  } catch {
    return 1;
  }
};

/** What a journal comes to, where it ends, and what was found at its end. */
interface Opened {
  readonly state: JournalState;
  readonly segments: readonly Segment[];
  /** The last file, or null in an empty journal. */
  readonly last: (Segment & { readonly bytes: number; readonly isWhole: boolean }) | null;
  /** The last record, in its file. */
  readonly lastAt: { readonly startsAt: number; readonly endsAt: number };
  readonly torn: Buffer | null;
  /** How many records were read to get there. */
  readonly read: number;
}

/**
 * Reads what a journal comes to, without touching anything.
 *
 * @throws AppError `journal.broken` where its chain does not hold, as far as it had to be read
 */
export const readJournalState = async (folder: string): Promise<JournalState> =>
  (await load(folder)).state;

const load = async (folder: string): Promise<Opened> => {
  const segments = await segmentsIn(folder);
  const saved = await savedCheckpoint(folder, segments);
  const start = saved === null ? await readStart(folder) : saved.checkpoint;
  const state = new JournalState(start);
  let last: Opened['last'] = null;
  let lastAt = { startsAt: saved?.startsAt ?? 0, endsAt: saved?.endsAt ?? 0 };
  let torn: Buffer | null = null;
  let read = 0;
  if (saved !== null) {
    const segment = segmentWith(segments, saved.checkpoint.head.seq);
    if (segment !== undefined) last = { ...segment, bytes: saved.endsAt, isWhole: true };
  }
  const place = { head: state.head, offset: saved?.endsAt ?? 0 };
  for await (const found of readRecords(folder, segments, place)) {
    if (found.kind === 'broken') throw brokenAt(found);
    const { segment, startsAt } = found;
    if (found.kind === 'torn') {
      torn = found.bytes;
      last = { ...segment, bytes: startsAt, isWhole: true };
    } else {
      state.fold(found);
      read += 1;
      lastAt = { startsAt, endsAt: found.endsAt };
      last = { ...segment, bytes: found.endsAt, isWhole: found.isWhole };
    }
  }
  return { state, segments, last, lastAt, torn, read };
};

const brokenAt = ({ at, fault }: { readonly at: string; readonly fault: string }): AppError =>
  new AppError('journal.broken', `The journal is not what was written: ${at}: ${fault}.`);

/** Where the chain begins: at a fixed value, or where rotation has cut it. */
export const readStart = (folder: string): Promise<Checkpoint | null> =>
  readJson<Checkpoint>(join(folder, START_FILE));

/** A checkpoint counts only where its record stands where it says, with the hash that it says. */
const savedCheckpoint = async (
  folder: string,
  segments: readonly Segment[],
): Promise<Saved | null> => {
  const saved = await readJson<Saved>(join(folder, CHECKPOINT_FILE)).catch(() => null);
  const head = saved?.checkpoint?.head;
  if (saved === null || head === undefined) return null;
  const segment = segmentWith(segments, head.seq);
  if (segment === undefined) return null;
  for await (const { bytes, endsAt, isWhole } of linesOf(folder, segment, saved.startsAt)) {
    return isWhole && endsAt === saved.endsAt && hashOfLine(bytes) === head.hash ? saved : null;
  }
  return null;
};

const readJson = async <Value>(path: string): Promise<Value | null> => {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Value;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    if (errnoOf(error) !== null) throw error;
    throw new AppError('journal.broken', `${path} is damaged: it is no JSON.`, { cause: error });
  }
};

export interface JournalOptions {
  /** Absolute. It exists, and its lease is held. */
  readonly folder: string;
  readonly clock: Pick<Clock, 'now'>;
  /** How old records may become, in milliseconds; null: they stay for ever. */
  readonly keepMs: number | null;
}

/** A journal that is appended to. */
export class Journal {
  readonly #options: JournalOptions;
  readonly #state: JournalState;
  /** In order; the last one grows. */
  #segments: readonly Segment[];
  #bytes: number;
  #lastAt: { readonly startsAt: number; readonly endsAt: number };
  #sinceCheckpoint: number;
  #file: FileHandle | null = null;
  /** Appending waits for the one before. */
  #queue: Promise<unknown> = Promise.resolve();
  #failure: AppError | null = null;
  #recent: { readonly segment: Segment; readonly lines: readonly Buffer[] } | null = null;

  private constructor(options: JournalOptions, opened: Opened) {
    this.#options = options;
    this.#state = opened.state;
    this.#segments = opened.segments;
    this.#bytes = opened.last?.bytes ?? 0;
    this.#lastAt = opened.lastAt;
    this.#sinceCheckpoint = opened.read;
  }

  /**
   * Opens the journal of a folder, and mends its end where a process died while it wrote.
   *
   * @throws AppError `journal.broken` or `journal.unwritable`
   */
  static async open(
    options: JournalOptions,
  ): Promise<{ readonly journal: Journal; readonly diagnostics: readonly Diagnostic[] }> {
    const { folder } = options;
    return inFolder(folder, async () => {
      const opened = await load(folder);
      const { last, torn } = opened;
      if (last !== null && torn !== null) await truncate(join(folder, last.name), last.bytes);
      const journal = new Journal(options, opened);
      if (last !== null && !last.isWhole) await journal.#write('\n');
      if (torn === null) return { journal, diagnostics: [] };
      await journal.append([
        { kind: 'repaired', lostBytes: torn.length, lostHash: hashOfLine(torn) },
      ]);
      return { journal, diagnostics: [tornLine(folder, torn)] };
    });
  }

  get state(): JournalState {
    return this.#state;
  }

  /**
   * Appends, and syncs the file before it returns. `lazy` leaves that to the next one: what is lost with a
   * machine that loses its power must then be of no harm.
   *
   * @returns the records' numbers
   * @throws AppError `journal.unwritable`; from then on nothing is appended any more
   */
  append(
    entries: readonly JournalEntry[],
    { lazy = false }: { readonly lazy?: boolean } = {},
  ): Promise<readonly number[]> {
    const done = this.#queue.then(() => this.#append(entries, lazy));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** One record that stands in the journal. */
  async read(seq: number): Promise<ReadRecord> {
    const { folder } = this.#options;
    const segment = segmentWith(this.#segments, seq);
    if (segment === undefined) throw new Error(`the journal has no record ${seq} any more`);
    let lines = this.#recent?.segment.first === segment.first ? this.#recent.lines : [];
    if (lines.length <= seq - segment.first) {
      const read: Buffer[] = [];
      for await (const { bytes } of linesOf(folder, segment)) read.push(Buffer.from(bytes));
      lines = read;
      this.#recent = { segment, lines };
    }
    const line = lines[seq - segment.first];
    if (line === undefined) throw new Error(`the journal has no record ${seq}`);
    const text = line.toString('utf8');
    const { prev } = JSON.parse(text) as { readonly prev: string };
    const parsed = parseLine(text, { seq: seq - 1, hash: prev });
    if (parsed.kind === 'fault') throw brokenAt({ at: `record ${seq}`, fault: parsed.fault });
    return { record: parsed.record, hash: hashOfLine(line) };
  }

  /** Waits for what is being appended, writes a checkpoint where one is due, takes away what is too old. */
  async close(): Promise<void> {
    await this.#queue;
    await this.#file?.sync().catch(() => undefined);
    await this.#file?.close();
    this.#file = null;
    if (this.#failure !== null) return;
    await inFolder(this.#options.folder, async () => {
      if (this.#sinceCheckpoint >= RECORDS_PER_CHECKPOINT) await this.#saveCheckpoint();
      await this.#takeAwayOld();
    });
  }

  async #append(entries: readonly JournalEntry[], lazy: boolean): Promise<readonly number[]> {
    if (this.#failure !== null) throw this.#failure;
    if (entries.length === 0) return [];
    const at = new Date(this.#options.clock.now()).toISOString();
    const added: ReadRecord[] = [];
    let head = this.#state.head;
    const lines: string[] = [];
    for (const entry of entries) {
      const line = lineOf(entry, head, at);
      const parsed = parseLine(line, head);
      if (parsed.kind === 'fault') throw new Error(`a record that cannot be read: ${parsed.fault}`);
      head = { seq: head.seq + 1, hash: hashOfLine(line) };
      lines.push(line);
      added.push({ record: parsed.record, hash: head.hash });
    }
    try {
      await inFolder(this.#options.folder, () => this.#writeLines(lines, lazy));
    } catch (error) {
      if (error instanceof AppError) this.#failure = error;
      throw error;
    }
    for (const record of added) this.#state.fold(record);
    this.#sinceCheckpoint += added.length;
    return added.map(({ record }) => record.seq);
  }

  async #writeLines(lines: readonly string[], lazy: boolean): Promise<void> {
    if (this.#segments.length === 0 || this.#bytes >= SEGMENT_BYTES) await this.#beginSegment();
    await this.#write(`${lines.join('\n')}\n`);
    if (!lazy) await this.#file?.datasync();
    const last = Buffer.byteLength(lines.at(-1) ?? '') + 1;
    this.#lastAt = { startsAt: this.#bytes - last, endsAt: this.#bytes };
  }

  async #write(text: string): Promise<void> {
    const segment = this.#segments.at(-1);
    if (segment === undefined) throw new Error('no file is open');
    const path = join(this.#options.folder, segment.name);
    this.#file ??= await open(path, 'a', 0o600);
    try {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length;)
        at += (await this.#file.write(bytes, at, bytes.length - at)).bytesWritten;
      this.#bytes += bytes.length;
    } catch (error) {
      // A part of a line would be taken for a torn one, and is none.
      await this.#file.truncate(this.#bytes).catch(() => undefined);
      throw error;
    }
  }

  async #beginSegment(): Promise<void> {
    const { folder } = this.#options;
    await this.#file?.sync();
    await this.#file?.close();
    const segment = segmentOf(this.#state.head.seq + 1);
    this.#file = await open(join(folder, segment.name), 'ax', 0o600);
    this.#segments = [...this.#segments, segment];
    this.#bytes = 0;
    // The name survives a power cut as well.
    const directory = await open(folder, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  async #saveCheckpoint(): Promise<void> {
    const saved: Saved = { checkpoint: this.#state.checkpoint(), ...this.#lastAt };
    await replaceFile(
      join(this.#options.folder, CHECKPOINT_FILE),
      `${JSON.stringify(saved)}\n`,
      0o600,
    );
    this.#sinceCheckpoint = 0;
  }

  /**
   * Files of which every record is older than `keep` may go, from the first one on, as long as nothing in
   * them is unfinished or undelivered. The chain then starts behind them, at a hash in a file of its own.
   */
  async #takeAwayOld(): Promise<void> {
    const { folder, keepMs, clock } = this.#options;
    if (keepMs === null) return;
    const oldestKept = clock.now() - keepMs;
    const needed = this.#state.firstNeeded;
    const segments = this.#segments;
    const state = new JournalState(await readStart(folder));
    const doomed: Segment[] = [];
    for (const [index, segment] of segments.entries()) {
      // A run before this one has moved the start, and died before it could take the file away.
      if ((segments[index + 1]?.first ?? Infinity) <= state.head.seq + 1) {
        doomed.push(segment);
        continue;
      }
      const next = segments[index + 1];
      if (next === undefined || next.first > needed) break;
      let newest = 0;
      const place = { head: state.head, offset: 0 };
      for await (const found of readRecords(folder, [segment], place)) {
        if (found.kind !== 'record') throw brokenAt({ at: segment.name, fault: found.kind });
        newest = Date.parse(found.record.at);
        if (newest > oldestKept) break;
        state.fold(found);
      }
      if (newest > oldestKept) break;
      doomed.push(segment);
      await replaceFile(join(folder, START_FILE), `${JSON.stringify(state.checkpoint())}\n`, 0o600);
    }
    for (const { name } of doomed) await rm(join(folder, name));
  }
}

const tornLine = (folder: string, torn: Buffer): Diagnostic =>
  warning({
    code: 'journal.repaired',
    message: `The last line of the journal in ${quote(folder)} was cut off (${torn.length} bytes): a run ended while it wrote it. The line was taken away, and a record of that appended.`,
  });
