/**
 * What has to be known of a whole journal before the first record of a list can be told: what a queue was
 * ever called, which run is meant, and which events were delivered later.
 */
import { AppError } from '../domain/errors.js';
import type { JournalRecord } from '../domain/journal.js';
import { closestName, normaliseName, quote, quoteFew } from '../domain/text.js';
import { compilePattern } from '../resolve/pattern.js';
import type { NamePattern } from '../resolve/pattern.js';
import { DeliveryBook } from './delivery-book.js';
import { readStart } from './journal.js';
import { CHAIN_START } from './line.js';
import { readRecords } from './read.js';
import type { Found } from './read.js';
import { segmentsIn } from './segments.js';

/** What a list is asked for that depends on the whole journal. */
export interface SurveyQuery {
  /** Ids, or names with `*`; a queue has every name that it ever had. */
  readonly queues: readonly string[];
  /** An id, or the beginning of one. */
  readonly run: string | null;
}

export interface Survey {
  /** The last record that was seen: what is appended later is not told. */
  readonly last: number;
  readonly book: DeliveryBook;
  /** The ids of the queues that are meant; null: all, and what is of no queue. */
  readonly queues: ReadonlySet<string> | null;
  /** The id of the run that is meant; null: all. */
  readonly run: string | null;
}

/** Every record of a journal, from where it begins. Nothing is written, and others may append meanwhile. */
export async function* readJournal(folder: string): AsyncGenerator<Found> {
  // In this order: what rotation takes away in between stands before the start.
  const segments = await segmentsIn(folder);
  const start = (await readStart(folder))?.head ?? CHAIN_START;
  yield* readRecords(folder, segments, { head: start, offset: 0 });
}

/**
 * Reads a journal once. Memory grows with the number of queues, not of records; of those, one byte each and sink.
 *
 * @throws AppError `cli.usage` where a pattern meets no queue or an id several runs, `audit.unknown-run`
 */
export const surveyJournal = async (folder: string, query: SurveyQuery): Promise<Survey> => {
  const start = await readStart(folder);
  const book = new DeliveryBook(start?.outbox ?? null);
  const queues = new NamedQueues(query.queues);
  const runs = new Set<string>();
  let last = 0;
  for await (const found of readJournal(folder)) {
    if (found.kind !== 'record') break;
    const { record } = found;
    last = record.seq;
    book.add(record);
    queues.add(record);
    if (query.run !== null && 'run' in record && record.run.startsWith(query.run))
      runs.add(record.run);
  }
  if (last === 0) return { last, book, queues: null, run: null };
  return {
    last,
    book,
    queues: query.queues.length === 0 ? null : queues.chosen(),
    run: query.run === null ? null : chosenRun(query.run, runs),
  };
};

/** Which queues patterns mean, by all names that they ever had. */
class NamedQueues {
  readonly #rows: readonly {
    readonly source: string;
    readonly pattern: NamePattern;
    readonly ids: Set<string>;
  }[];
  readonly #names = new Set<string>();
  readonly #seen = new Set<string>();

  constructor(patterns: readonly string[]) {
    this.#rows = patterns.map((source) => {
      return { source, pattern: compilePattern(normaliseName(source)), ids: new Set() };
    });
  }

  add(record: JournalRecord): void {
    if (this.#rows.length === 0 || !('queue' in record)) return;
    const { id, name } = record.queue;
    const key = `${id} ${name}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const normal = normaliseName(name);
    this.#names.add(normal);
    for (const { source, pattern, ids } of this.#rows)
      if (source.toLowerCase() === id.toLowerCase() || pattern.matches(normal)) ids.add(id);
  }

  /** @throws AppError `cli.usage` where one of them means none: a list of nothing would look like good news */
  chosen(): ReadonlySet<string> {
    const idle = this.#rows.find(({ ids }) => ids.size === 0);
    if (idle === undefined) return new Set(this.#rows.flatMap(({ ids }) => [...ids]));
    const near = closestName(idle.source, this.#names);
    throw new AppError(
      'cli.usage',
      `--queue ${quote(idle.source)} matches no queue that the journal knows.`,
      {
        remedy:
          near === null
            ? `The journal knows ${this.#names.size} names of queues; patterns are compared with whole names, and upper and lower case differ.`
            : `Did you mean ${quote(near)}?`,
      },
    );
  }
}

const chosenRun = (wanted: string, runs: ReadonlySet<string>): string => {
  const [first, ...others] = runs;
  if (runs.has(wanted)) return wanted;
  if (first === undefined)
    throw new AppError('audit.unknown-run', `The journal knows no run ${quote(wanted)}.`);
  if (others.length === 0) return first;
  throw new AppError(
    'cli.usage',
    `--run ${quote(wanted)} is the beginning of ${runs.size} runs: ${quoteFew([...runs])}.`,
    { remedy: 'Give more of the id.' },
  );
};
