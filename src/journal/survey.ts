/**
 * What has to be known of a whole journal before the first record of a list can be told: what a queue was
 * ever called, which run is meant, and which events were delivered later.
 */
import { AppError } from '../domain/errors.js';
import type { External, JournalRecord } from '../domain/journal.js';
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
  /** Whether a record is of a queue that is meant; null: all are, and what is of no queue. */
  readonly queues: ((record: JournalRecord) => boolean) | null;
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

interface Named {
  readonly source: string;
  readonly pattern: NamePattern;
  readonly ids: Set<string>;
  /** Whether another system spoke of such a queue. */
  isTold: boolean;
}

const means = ({ source, pattern }: Named, id: string, normalName: string | null): boolean =>
  source.toLowerCase() === id.toLowerCase() || (normalName !== null && pattern.matches(normalName));

/**
 * Which queues patterns mean, by all names that they ever had. What other systems call a queue is their word
 * alone: it chooses what they told, and no record of ours.
 */
class NamedQueues {
  readonly #rows: readonly Named[];
  readonly #names = new Set<string>();
  readonly #seen = new Set<string>();

  constructor(patterns: readonly string[]) {
    this.#rows = patterns.map((source) => {
      return {
        source,
        pattern: compilePattern(normaliseName(source)),
        ids: new Set(),
        isTold: false,
      };
    });
  }

  add(record: JournalRecord): void {
    if (this.#rows.length === 0) return;
    if (record.kind === 'external')
      for (const row of this.#rows) row.isTold ||= isToldOf(row, record);
    if (!('queue' in record)) return;
    const { id, name } = record.queue;
    const key = `${id} ${name}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const normal = normaliseName(name);
    this.#names.add(normal);
    for (const row of this.#rows) if (means(row, id, normal)) row.ids.add(id);
  }

  /** @throws AppError `cli.usage` where one of them means none: a list of nothing would look like good news */
  chosen(): (record: JournalRecord) => boolean {
    const idle = this.#rows.find(({ ids, isTold }) => ids.size === 0 && !isTold);
    if (idle === undefined) return this.#isOfChosen();
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

  #isOfChosen(): (record: JournalRecord) => boolean {
    const ids = new Set(this.#rows.flatMap((row) => [...row.ids]));
    const lower = new Set([...ids].map((id) => id.toLowerCase()));
    return (record) => {
      if (record.kind === 'external')
        return (
          lower.has(record.event.queue_id.toLowerCase()) ||
          this.#rows.some((row) => isToldOf(row, record))
        );
      if (record.kind === 'in-sync') return record.queues.some(({ id }) => ids.has(id));
      return 'queue' in record && ids.has(record.queue.id);
    };
  }
}

/** Whether another system told of such a queue, by the name or the id that it gave. */
const isToldOf = (row: Named, { event }: JournalRecord<External>): boolean =>
  means(row, event.queue_id, event.queue_name === null ? null : normaliseName(event.queue_name));

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
