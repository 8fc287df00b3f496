/** What holds of lists that come in pages: tears are read again, and absences confirmed (design section 6, 8). */
import { isGood, runOf, told, writesOf } from './evidence.js';
import { holds } from './finding.js';
import type { Holds } from './finding.js';
import type { Endpoint } from './script.js';
import type { Run, Sent, Trace } from './trace.js';

const LISTS: ReadonlySet<Endpoint> = new Set<Endpoint>(['list-queues', 'list-codes', 'read-codes']);

interface Page {
  readonly entities: readonly { readonly id: string }[];
  readonly total: number;
}

const pageOf = ({ log }: Sent): number => Number(log.query['pageNumber']?.[0] ?? 1);

/** The list that a page is of: who asks for a name or an id asks for another list. */
const listOf = ({ log }: Sent): string =>
  JSON.stringify([log.path, log.query['name'] ?? null, log.query['id'] ?? null]);

/** Every attempt of a run to read a list, each with its pages in order of arrival. */
const attempts = (trace: Trace, run: Run): readonly (readonly Sent[])[] => {
  const latest = new Map<string, Sent[]>();
  const all: Sent[][] = [];
  for (const sent of trace.requests) {
    if (sent.run !== run.index || !LISTS.has(sent.endpoint) || !isGood(sent)) continue;
    const list = listOf(sent);
    const pages = latest.get(list);
    if (pages !== undefined && pageOf(sent) > 1) pages.push(sent);
    else {
      const begun = [sent];
      latest.set(list, begun);
      all.push(begun);
    }
  }
  return all;
};

/** Whether the pages do not fit together: an id came twice, a page or an item is missing, or the total changed. */
const isTorn = (pages: readonly Sent[]): boolean => {
  const bodies = pages.map(({ log }) => log.responseBody as Page);
  const ids = bodies.flatMap(({ entities }) => entities.map(({ id }) => id));
  return (
    new Set(bodies.map(({ total }) => total)).size > 1 ||
    new Set(ids).size < ids.length ||
    ids.length !== bodies[0]?.total
  );
};

/** The most attempts to read one list. */
const TRIES = 5;

/** 8: a list whose pages do not fit together is read again, until it is given up. */
export const tearsAreReadAgain: Holds = (trace) =>
  trace.runs.flatMap((run) => {
    // Who was stopped or killed, or could not read something else, need not have come to it.
    if (run.ending.kind !== 'done' || run.stopped !== null) return [];
    const all = attempts(trace, run);
    return all.flatMap((pages, at) => {
      const [first] = pages;
      if (first === undefined || !isTorn(pages)) return [];
      const list = listOf(first);
      const again = all
        .slice(at + 1)
        .some((other) => other[0] !== undefined && listOf(other[0]) === list);
      const tries = all
        .slice(0, at + 1)
        .filter((other) => other[0] !== undefined && listOf(other[0]) === list);
      // A page that never came ends the read, however torn it was.
      const isCutShort = trace.requests.some(
        (sent) => sent.run === run.index && !isGood(sent) && listOf(sent) === list,
      );
      return isCutShort
        ? []
        : holds(again || tries.length >= TRIES, `torn, and not read again: ${told(first)}`);
    });
  });

/** The complete reads of a list in a run before something, each as its pages. */
const wholeBefore = (
  trace: Trace,
  run: Run,
  isMeant: (sent: Sent) => boolean,
  tick: number,
): readonly (readonly Sent[])[] =>
  attempts(trace, run).filter(
    (pages) =>
      !isTorn(pages) &&
      pages.every((sent) => isMeant(sent) && sent.ended !== null && sent.ended.tick < tick),
  );

/** 8: a code is created only after it was asked for by its name, where the catalog came in several pages. */
export const creationsAreConfirmed: Holds = (trace) =>
  writesOf(trace).flatMap(({ endpoint, run: index, first }) => {
    if (endpoint !== 'create-code') return [];
    const isOfCodes = (sent: Sent): boolean => sent.endpoint === 'list-codes';
    const reads = wholeBefore(trace, runOf(trace, index), isOfCodes, first.arrived.tick);
    const { name } = first.log.requestBody as { readonly name: string };
    const nameIn = ([page]: readonly Sent[]): string | null => page?.log.query['name']?.[0] ?? null;
    const list = reads.find((pages) => nameIn(pages) === null);
    if (list === undefined || list.length === 1) return [];
    const isAsked = reads.some((pages) => nameIn(pages) === name);
    return holds(isAsked, `created after one look at several pages: ${told(first)}`);
  });

/** 8: codes are added after two complete reads, where the list of the queue came in several pages. */
export const additionsAreConfirmed: Holds = (trace) =>
  writesOf(trace).flatMap(({ endpoint, run: index, queue, first }) => {
    if (endpoint !== 'add-codes' || queue === null) return [];
    const run = runOf(trace, index);
    const isOfQueue = (sent: Sent): boolean => sent.queue === queue;
    const reads = wholeBefore(trace, run, isOfQueue, run.planned?.tick ?? 0);
    if (reads[0] === undefined || reads[0].length === 1) return [];
    return holds(reads.length > 1, `added after one read of several pages: ${told(first)}`);
  });
