/** What every write rests on: reads of the last minute, and nothing of others is lost (design section 6, 5). */
import { isDeepStrictEqual } from 'node:util';
import { isLegalTimeout, isTimed } from '../../src/domain/state.js';
import {
  addedIds,
  latestBefore,
  changeIn,
  documentsOf,
  isLagging,
  orderOf,
  queueWrites,
  readingsOf,
  runOf,
  told,
  writesOf,
} from './evidence.js';
import type { Looked, Write } from './evidence.js';
import { holds, tested } from './finding.js';
import type { Holds } from './finding.js';
import type { Sent, Trace } from './trace.js';

/** What a write rests on may be so old when its request leaves; in these cases it arrives at the same instant. */
const FRESH_FOR_MS = 60_000;

/** 5: codes are added on a read of the list that is not older than a minute, and only those that it lacks. */
export const addsRestOnARead: Holds = (trace) =>
  queueWrites(trace).flatMap(({ run, queue, writes }) => {
    const adds = writes.filter(({ endpoint }) => endpoint === 'add-codes');
    return adds.flatMap((write, at) => {
      const { last } = write;
      const reads = readingsOf(trace, run.index, queue);
      const read = latestBefore(reads, last);
      if (read === undefined) return [`codes added unread: ${told(last)}`];
      const known = write.codes.filter((id) => read.codes.has(id));
      return tested([
        ...(known.length > 0 ? [`${known.join()} is there already: ${told(last)}`] : []),
        ...(at === 0 ? staleness(reads, write) : []),
      ]);
    });
  });

/** 4 and 5: removals follow a read of the list, made for them, that shows what was added and what goes. */
export const removalsRestOnARead: Holds = (trace) =>
  queueWrites(trace).flatMap(({ run, queue, writes }) => {
    const removals = writes.filter(({ endpoint }) => endpoint === 'remove-code');
    const added = writes.filter(({ endpoint }) => endpoint === 'add-codes');
    const change = changeIn(run, queue);
    const wanted = [
      ...added.flatMap(({ codes }) => codes),
      ...(change === null ? [] : addedIds(trace, change)),
    ];
    const since = Math.max(
      run.planned?.tick ?? 0,
      ...writes.filter((write) => orderOf(write) < 3).map(({ last }) => last.arrived.tick),
    );
    return removals.flatMap((write, at) => {
      const reads = readingsOf(trace, run.index, queue).filter(({ began }) => began.tick > since);
      const read = latestBefore(reads, write.last);
      if (read === undefined) return [`a code removed unread: ${told(write.last)}`];
      const missing = wanted.filter((id) => !read.codes.has(id));
      return tested([
        ...(missing.length > 0 ? [`${missing.join()} not there yet: ${told(write.last)}`] : []),
        ...(write.codes.every((id) => read.codes.has(id))
          ? []
          : [`a code removed that is not there: ${told(write.last)}`]),
        ...(at === 0 ? staleness(reads, write) : []),
      ]);
    });
  });

/** Requests of a section's first write that rest on a read of more than a minute ago, each in words. */
const staleness = (reads: readonly Looked[], { requests }: Write): readonly string[] =>
  requests.flatMap((sent) => {
    const readAt = latestBefore(reads, sent)?.began.at ?? -Infinity;
    return sent.arrived.at - readAt > FRESH_FOR_MS
      ? [`rests on a read of ${sent.arrived.at - readAt} ms ago: ${told(sent)}`]
      : [];
  });

/** What a document may not carry when it is sent back. */
const READ_ONLY: ReadonlySet<string> = new Set([
  'id',
  'memberCount',
  'userMemberCount',
  'joinedMemberCount',
  'selfUri',
]);

/** 5: a PUT sends back the document of a fresh read, and after-call work alone is another. */
export const putChangesNothingElse: Holds = (trace) =>
  queueWrites(trace).flatMap(({ run, queue, writes }) =>
    writes
      .filter(({ endpoint }) => endpoint === 'set-work')
      .flatMap((write) => {
        const { last } = write;
        const reads = documentsOf(trace, run.index, queue);
        const read = latestBefore(reads, last);
        if (read === undefined) return [`a PUT without a read: ${told(last)}`];
        const between = writes.filter(
          (other) =>
            other !== write &&
            other.last.arrived.tick > read.began.tick &&
            other.last.arrived.tick < last.arrived.tick,
        );
        const sent = plain(last.log.requestBody);
        const expected = plain(read.body);
        const differing = [...new Set([...Object.keys(sent), ...Object.keys(expected)])].filter(
          (field) => field !== 'acwSettings' && !isDeepStrictEqual(sent[field], expected[field]),
        );
        return tested([
          ...(between.length > 0 ? [`a write between read and PUT: ${told(last)}`] : []),
          ...(differing.length > 0 ? [`${differing.join()} sent changed: ${told(last)}`] : []),
          ...illegalWork(sent['acwSettings'], last),
          ...staleness(reads, write),
        ]);
      }),
  );

/** The writable part of a document, without the queue that the first routing rule names. */
const plain = (body: unknown): Record<string, unknown> => {
  const copy = JSON.parse(JSON.stringify(body)) as Record<string, unknown>;
  const rules = (
    copy['conditionalGroupRouting'] as { rules?: Record<string, unknown>[] } | undefined
  )?.rules;
  delete rules?.[0]?.['queue'];
  return Object.fromEntries(Object.entries(copy).filter(([field]) => !READ_ONLY.has(field)));
};

const illegalWork = (settings: unknown, sent: Sent): readonly string[] => {
  const { wrapupPrompt = null, timeoutMs = null } = (settings ?? {}) as {
    readonly wrapupPrompt?: string;
    readonly timeoutMs?: number;
  };
  return isTimed(wrapupPrompt) === isLegalTimeout(timeoutMs) ||
    (!isTimed(wrapupPrompt) && timeoutMs === null)
    ? []
    : [`${wrapupPrompt ?? ''} with the timer ${timeoutMs ?? 'none'}: ${told(sent)}`];
};

/** 5: what nobody manages is as the last person left it, or as a PUT had read it shortly before. */
export const otherFieldsSurvive: Holds = (trace) => {
  const [first, last] = [trace.runs[0], trace.runs.at(-1)];
  const puts = new Set(
    writesOf(trace).flatMap(({ endpoint, queue }) => (endpoint === 'set-work' ? [queue] : [])),
  );
  return [...(last?.after ?? [])].flatMap(([queue, { document }]) => {
    const edited = trace.edits.flatMap(({ queues, handled }) => {
      const state = queues.get(queue);
      return state === null || state === undefined ? [] : [{ handled, document: state.document }];
    });
    const seeded = first?.before.get(queue)?.document ?? edited[0]?.document ?? document;
    const expected = edited.at(-1)?.document ?? seeded;
    return Object.keys({ ...expected, ...document }).flatMap((field) => {
      if (MOVING.has(field) || !puts.has(queue)) return [];
      if (isDeepStrictEqual(expected[field], document[field])) return [null];
      const overwritten = edited.some((edit) => inAWindow(trace, queue, edit.handled));
      return holds(overwritten, `${field} of ${queue} was lost`);
    });
  });
};

const MOVING: ReadonlySet<string> = new Set(['acwSettings', 'dateModified', 'modifiedBy']);

/** Whether something happened between what a PUT had read and the moment when it took effect. */
const inAWindow = (trace: Trace, queue: string, { tick, at }: Sent['arrived']): boolean =>
  writesOf(trace).some((write) => {
    if (write.endpoint !== 'set-work' || write.queue !== queue) return false;
    const effect = write.requests.find(({ log }) => log.tookEffect)?.handled;
    const read = latestBefore(documentsOf(trace, write.run, queue), write.last)?.seen;
    if (effect === null || effect === undefined || read === undefined || effect.tick < tick)
      return false;
    return tick > read.tick || (isLagging(trace, runOf(trace, write.run)) && at >= read.at - 4_000);
  });

/** 5: what others changed in a queue between our PUT and the read after it is told. */
export const othersEditsAreTold: Holds = (trace) =>
  queueWrites(trace).flatMap(({ run, queue, writes }) => {
    if (run.ending.kind !== 'done' || run.ending.report === null) return [];
    const { report } = run.ending;
    const row = report.queues.find(({ id }) => id === queue);
    const put = writes.find(({ endpoint, tookEffect }) => endpoint === 'set-work' && tookEffect);
    const effect = put?.requests.find(({ log }) => log.tookEffect)?.handled;
    if (row?.outcome !== 'applied' || !effect || isLagging(trace, run)) return [];
    const readBack = documentsOf(trace, run.index, queue).find(
      ({ seen }) => seen.tick > effect.tick,
    )?.seen;
    const isEdited = trace.edits.some(
      ({ edit, queues, handled }) =>
        edit.do === 'describe' &&
        queues.has(queue) &&
        handled.tick > effect.tick &&
        handled.tick < (readBack?.tick ?? 0),
    );
    const isTold = report.diagnostics.some(
      (found) => found.code === 'apply.readback-differs' && found.queue === row.name,
    );
    return isEdited ? holds(isTold, `an edit of ${row.name} was not told`) : [];
  });
