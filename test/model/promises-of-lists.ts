/** What holds of lists that come in pages: a torn one is read again, and an absence is asked for (8). */
import { isGood, told, writesOf } from './evidence.js';
import { holds } from './finding.js';
import type { Holds } from './finding.js';
import type { Run, Sent, Trace } from './trace.js';

/** One try to read a whole list: its pages, as far as they were answered well. */
interface Try {
  readonly pages: readonly Sent[];
  /** Whether the pages fit together. */
  readonly isWhole: boolean;
}

interface PageBody {
  readonly entities: readonly { readonly id: string }[];
  readonly total: number;
}

const LISTS: ReadonlySet<string> = new Set(['list-queues', 'list-codes', 'read-codes']);

/** A list is given up when it was torn so often. */
const MOST_TRIES = 5;

/** The tries of a run to read each list, in order. What asks for one thing by its name or id is no list. */
const triesIn = ({ requests }: Trace, { index }: Run): ReadonlyMap<string, readonly Try[]> => {
  const found = new Map<string, Sent[][]>();
  for (const sent of requests) {
    const { query } = sent.log;
    if (sent.run !== index || !LISTS.has(sent.endpoint) || !isGood(sent)) continue;
    if (query['name'] !== undefined || query['id'] !== undefined) continue;
    const key = `${sent.endpoint} ${sent.queue ?? ''}`;
    const tries = found.get(key) ?? [];
    if (Number(query['pageNumber']?.[0] ?? 1) === 1) tries.push([sent]);
    else tries.at(-1)?.push(sent);
    found.set(key, tries);
  }
  return new Map(
    [...found].map(([key, tries]) => [
      key,
      tries.map((pages) => ({ pages, isWhole: fits(pages) })),
    ]),
  );
};

const fits = (pages: readonly Sent[]): boolean => {
  const bodies = pages.map(({ log }) => log.responseBody as PageBody);
  const ids = bodies.flatMap(({ entities }) => entities.map(({ id }) => id));
  return bodies.every(({ total }) => total === ids.length) && new Set(ids).size === ids.length;
};

/** 8: a list whose pages do not fit together is read again, until they do. */
export const tornListsAreReadAgain: Holds = (trace) =>
  trace.runs.flatMap((run) => {
    // Who was stopped, killed or could not read at all need not have come to it.
    if (run.ending.kind !== 'done' || run.stopped !== null) return [];
    return [...triesIn(trace, run).values()].flatMap((tries) =>
      tries.flatMap(({ isWhole, pages }, at) => {
        if (isWhole) return [];
        const next = tries[at + 1];
        const isGivenUp = tries.slice(0, at + 1).filter((one) => !one.isWhole).length >= MOST_TRIES;
        return holds(next !== undefined || isGivenUp, `believed: ${told(pages[0] as Sent)}`);
      }),
    );
  });

/** 8: a code is created only after it was asked for by its name, where the list came in several pages. */
export const createdCodesWereAskedFor: Holds = (trace) =>
  writesOf(trace).flatMap(({ endpoint, run: index, first }) => {
    const run = trace.runs[index];
    if (endpoint !== 'create-code' || run === undefined) return [];
    const list = triesIn(trace, run)
      .get('list-codes ')
      ?.findLast(({ isWhole }) => isWhole);
    if ((list?.pages.length ?? 1) === 1) return [];
    const { name = '' } = first.log.requestBody as { readonly name?: string };
    const wasAsked = trace.requests.some(
      (sent) =>
        sent.run === index &&
        sent.endpoint === 'list-codes' &&
        sent.log.query['name']?.[0] === name &&
        isGood(sent) &&
        sent.arrived.tick < first.arrived.tick,
    );
    return holds(wasAsked, `nobody asked for "${name}": ${told(first)}`);
  });

/** 8: a code that is absent in a list of several pages is added only after a second whole read of it. */
export const absencesAreConfirmed: Holds = (trace) =>
  trace.runs.flatMap((run) => {
    if (run.ending.kind !== 'done' || run.planned === null) return [];
    const planned = run.planned.tick;
    const tries = triesIn(trace, run);
    return run.ending.plan.queues.flatMap(({ id, name, wrapupCodes }) => {
      if ((wrapupCodes?.add.length ?? 0) === 0) return [];
      const reads = (tries.get(`read-codes ${id}`) ?? []).filter(
        ({ isWhole, pages }) => isWhole && (pages[0]?.arrived.tick ?? 0) < planned,
      );
      return (reads[0]?.pages.length ?? 1) === 1
        ? []
        : holds(reads.length > 1, `run ${run.index}: an absence in "${name}" was seen once`);
    });
  });
