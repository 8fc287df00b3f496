/**
 * Lists what a journal tells. It is read twice, record by record: once for what must be known beforehand
 * (`survey.ts`), once to choose. No more is held than `limit` wants.
 */
import { auditTypeOf, isListed, shortType } from '../domain/audit.js';
import type { AuditRow, AuditRun, Break } from '../domain/audit.js';
import type { JournalRecord } from '../domain/journal.js';
import { compilePattern } from '../resolve/pattern.js';
import type { NamePattern } from '../resolve/pattern.js';
import { readJournal, surveyJournal } from './survey.js';
import type { Survey, SurveyQuery } from './survey.js';

export interface AuditQuery extends SurveyQuery {
  /** Milliseconds since the epoch, both inclusive; null: without a bound. */
  readonly since: number | null;
  readonly until: number | null;
  /** Types, whole or without `wrapkeeper.`, with `*`; or a kind of record by its whole name. None: all that is listed. */
  readonly types: readonly string[];
  /** Only events that some sink waits for, or has been given up for. */
  readonly undelivered: boolean;
  /** So many, the newest; null: all. */
  readonly limit: number | null;
}

/** What comes out: rows, oldest first, and then how it ended. */
export type Listed =
  | ({ readonly kind: 'row' } & AuditRow)
  | {
      readonly kind: 'end';
      /** Whether there is no record at all, of whatever kind. */
      readonly isEmpty: boolean;
      /** Rows that were left out, all of them older. */
      readonly more: number;
      /** Where the chain ceases to hold: nothing behind it was listed. */
      readonly broken: Break | null;
    };

/**
 * Chooses records. Whoever appends meanwhile is not disturbed, and what he appends is not listed; a last line
 * that was cut off is left to the next run.
 *
 * Without `limit` a row is given out as soon as it is read, before the outcome of its run is known.
 *
 * @throws AppError `cli.usage`, `audit.unknown-run`, or `journal.broken` where not even its beginning can be read
 */
export const queryJournal = async (
  folder: string,
  query: AuditQuery,
): Promise<AsyncGenerator<Listed>> => chooseRows(folder, query, await surveyJournal(folder, query));

async function* chooseRows(
  folder: string,
  query: AuditQuery,
  survey: Survey,
): AsyncGenerator<Listed> {
  const chooses = chooserOf(query, survey);
  const runs = new CurrentRun();
  const newest = new Newest(query.limit);
  let broken: Break | null = null;
  for await (const found of readJournal(folder)) {
    if (found.kind === 'broken') broken = { at: found.at, fault: found.fault };
    if (found.kind !== 'record' || found.record.seq > survey.last) break;
    const run = runs.of(found.record);
    if (!chooses(found.record)) continue;
    const deliveries = survey.book.of(found.record.seq);
    if (query.undelivered && deliveries.every(({ state }) => state === 'delivered')) continue;
    const row = { record: found.record, hash: found.hash, run, deliveries };
    if (query.limit === null) yield { kind: 'row', ...row };
    else newest.add(row);
  }
  for (const row of newest.rows) yield { kind: 'row', ...row };
  yield { kind: 'end', isEmpty: survey.last === 0, more: newest.more, broken };
}

const chooserOf = (
  { since, until, types }: AuditQuery,
  { queues, run }: Survey,
): ((record: JournalRecord) => boolean) => {
  const patterns = types.map((type) => compilePattern(type));
  const isOfTime = (at: number): boolean =>
    (since === null || at >= since) && (until === null || at <= until);
  const isOfType = (record: JournalRecord): boolean =>
    types.includes(record.kind) ||
    (isListed(record) &&
      (patterns.length === 0 ||
        patterns.some((pattern) => namesType(pattern, auditTypeOf(record)))));
  const isOfQueue = (record: JournalRecord): boolean => queues === null || queues(record);
  // A later run's verdict on what this one left open is of this one, too.
  const isOfRun = (record: JournalRecord): boolean =>
    run === null ||
    ('run' in record && record.run === run) ||
    ('of' in record && record.of === run);
  return (record) =>
    isOfTime(Date.parse(record.at)) && isOfType(record) && isOfQueue(record) && isOfRun(record);
};

const namesType = (pattern: NamePattern, type: string): boolean =>
  pattern.matches(type) || pattern.matches(shortType(type));

/** One run at a time writes: the records of a run stand together, and share what is known of it. */
class CurrentRun {
  #run: { -readonly [Key in keyof AuditRun]: AuditRun[Key] } | null = null;

  /** The run of a record; null where it is of none. */
  of(record: JournalRecord): AuditRun | null {
    if (!('run' in record)) return null;
    if (this.#run?.id !== record.run) this.#run = { id: record.run, started: null, outcome: null };
    const run = this.#run;
    if (record.kind === 'run.started') run.started = record;
    if (record.kind === 'run.completed') run.outcome = record.outcome;
    if (record.kind === 'run.refused') run.outcome = 'refused';
    return run;
  }
}

/** The last rows of many. */
class Newest {
  readonly #limit: number;
  readonly #rows: AuditRow[] = [];
  #added = 0;

  constructor(limit: number | null) {
    this.#limit = limit ?? Infinity;
  }

  add(row: AuditRow): void {
    this.#added += 1;
    this.#rows.push(row);
    // Not one by one: that would move all of them each time.
    if (this.#rows.length >= 2 * this.#limit) this.#rows.splice(0, this.#limit);
  }

  get rows(): readonly AuditRow[] {
    return this.#limit === Infinity ? this.#rows : this.#rows.slice(-this.#limit);
  }

  get more(): number {
    return Math.max(0, this.#added - this.#limit);
  }
}
