/** What holds of the journal: nothing is written of which it does not know, and it tells what happened. */
import { eventTypeOf } from '../../src/domain/journal.js';
import type { JournalRecord } from '../../src/domain/journal.js';
import { queueWrites, tookEffectTooLate, told, writesOf } from './evidence.js';
import type { Write } from './evidence.js';
import { holds } from './finding.js';
import type { Holds } from './finding.js';
import type { Trace } from './trace.js';

const runName = (index: number): string => `run-${index}`;

/** Whether a record is about what a write writes. */
const isAbout = (record: JournalRecord, { queue, last }: Write): boolean =>
  queue === null
    ? 'code' in record &&
      record.code.name === (last.log.requestBody as { readonly name?: string } | undefined)?.name
    : 'queue' in record && record.queue.id === queue;

/** An intent stands in the journal before the first request of a write arrives. */
export const intentsComeFirst: Holds = (trace) =>
  writesOf(trace).flatMap((write) =>
    holds(
      trace.journal.some(
        (record) =>
          (record.kind === 'queue.intent' || record.kind === 'code.intent') &&
          record.run === runName(write.run) &&
          isAbout(record, write) &&
          Date.parse(record.at) <= write.first.arrived.at,
      ),
      `no intent before ${told(write.first)}`,
    ),
  );

/** In the end no intent is left open. */
export const intentsAreClosed: Holds = ({ journal }) => {
  const closed = new Set(
    journal.flatMap((record) =>
      (record.kind === 'code.outcome' && record.isKnown) ||
      (record.kind === 'queue.outcome' &&
        record.steps.every(({ result }) => result !== 'unknown')) ||
      record.kind === 'queue.settled' ||
      record.kind === 'code.settled'
        ? [record.intent]
        : [],
    ),
  );
  return journal
    .filter(({ kind }) => kind === 'queue.intent' || kind === 'code.intent')
    .flatMap(({ seq, kind }) => holds(closed.has(seq), `the ${kind} ${seq} is open in the end`));
};

/** Whether a record has an event, and is about what a run did to a queue: its own word, or that of a later run. */
const tellsOf = (record: JournalRecord, run: number, queue: string): boolean =>
  eventTypeOf(record) !== null &&
  ((record.kind === 'queue.outcome' && record.run === runName(run)) ||
    (record.kind === 'queue.settled' && record.of === runName(run))) &&
  record.queue.id === queue;

/** Every change that reached the platform in time to be seen has an event. */
export const changesAreTold: Holds = (trace) =>
  queueWrites(trace).flatMap(({ run, queue, writes }) => {
    const effective = writes
      .flatMap(({ requests }) => requests)
      .filter((request) => request.log.tookEffect && !tookEffectTooLate(request));
    const [first] = effective;
    if (first === undefined) return [];
    return holds(
      trace.journal.some((record) => tellsOf(record, run.index, queue)),
      `no event tells of ${told(first)}`,
    );
  });

/** Nothing is told of a change that did not happen. */
export const nothingElseIsTold: Holds = (trace) =>
  trace.journal.flatMap((record) => {
    if (record.kind !== 'queue.outcome' || eventTypeOf(record) !== 'wrapkeeper.queue.corrected')
      return [];
    return holds(
      happened(trace, record.run, record.queue.id),
      `record ${record.seq} tells of a correction of "${record.queue.name}", and nothing was changed`,
    );
  });

const happened = ({ requests }: Trace, run: string, queue: string): boolean =>
  requests.some(
    ({ run: index, queue: written, log }) =>
      runName(index) === run && written === queue && log.tookEffect,
  );
