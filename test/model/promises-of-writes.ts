/** What holds of every write: its order, what it rests on, and what it leaves behind (design section 6, 3 to 6). */
import { isDeepStrictEqual } from 'node:util';
import { isLegalTimeout, isMandatory, isTimed } from '../../src/domain/state.js';
import {
  addedIds,
  disturbances,
  documentsOf,
  isDisturbed,
  isGood,
  isLagging,
  queueWrites,
  readingsOf,
  runOf,
  told,
  workOf,
  writesOf,
} from './evidence.js';
import type { Write } from './evidence.js';
import type { Endpoint } from './script.js';
import type { Sent, Trace } from './trace.js';
import type { Moment } from './traffic.js';

/** A promise as a function of what happened: every breach of it, each as a sentence. */
export type Holds = (trace: Trace) => readonly string[];

const FRESH_FOR_MS = 60_000;
const ORDER: Readonly<Partial<Record<Endpoint, number>>> = {
  'add-codes': 1,
  'set-work': 2,
  'remove-code': 3,
};
const orderOf = ({ endpoint }: Write): number => ORDER[endpoint] ?? 0;

/** 3: no more writes than the plan has instructions, in whatever trouble. */
export const fewestWrites: Holds = (trace) =>
  queueWrites(trace).flatMap(({ run, queue, writes }) => {
    if (run.ending.kind !== 'done') return [];
    const change = run.ending.plan.queues.find(({ id }) => id === queue);
    const most: Readonly<Record<string, number>> = {
      'add-codes': Math.ceil((change?.wrapupCodes?.add.length ?? 0) / 100),
      'set-work': change?.afterCallWork === undefined ? 0 : 1,
      'remove-code': change?.wrapupCodes?.remove.length ?? 0,
    };
    return Object.entries(most).flatMap(([endpoint, count]) => {
      const sent = writes.filter((write) => write.endpoint === endpoint);
      return sent.length > count
        ? [`${sent.length} × ${endpoint} where ${count} would do: ${told(sent[0]!.last)}`]
        : [];
    });
  });

/** 4: the catalog first; then codes are added, after-call work set, codes removed. */
export const inOrder: Holds = (trace) => [
  ...trace.runs.flatMap(({ index }) => {
    const writes = writesOf(trace).filter(({ run }) => run === index);
    const firstOfQueues = writes.findIndex(({ queue }) => queue !== null);
    return writes
      .filter(({ queue }, at) => queue === null && firstOfQueues !== -1 && at > firstOfQueues)
      .map(({ last }) => `the catalog after a queue: ${told(last)}`);
  }),
  ...queueWrites(trace).flatMap(({ writes }) =>
    writes.flatMap((write, at) => {
      const previous = writes[at - 1];
      return previous !== undefined && orderOf(previous) > orderOf(write)
        ? [`${write.endpoint} after ${previous.endpoint}: ${told(write.last)}`]
        : [];
    }),
  ),
];

/** 4: what a queue has before and after a run it has all the time. */
export const keepsWhatStays: Holds = (trace) =>
  writesOf(trace).flatMap(({ endpoint, run: index, queue, codes, last, tookEffect }) => {
    if (endpoint !== 'remove-code' || queue === null || !tookEffect) return [];
    const run = runOf(trace, index);
    const [code = ''] = codes;
    return run.after.get(queue)?.codes.has(code) === true && !isDisturbed(trace, run, queue)
      ? [`a code was gone for a while: ${told(last)}`]
      : [];
  });

/** 4: no write leaves a MANDATORY* queue without a code, as far as its run could know. */
export const mandatoryHasACode: Holds = (trace) =>
  trace.requests.flatMap((sent) => {
    const { queue, after, handled, run: index } = sent;
    if (queue === null || after === null || handled === null) return [];
    if (!isMandatory(after.prompt) || after.codes.size > 0) return [];
    const run = runOf(trace, index);
    const known = lastLook(trace, sent);
    const isExcused = disturbances(trace, run, queue).some(({ tick, at }) => {
      const seenAt = known === null ? run.began : known;
      return (
        (tick > seenAt.tick || (isLagging(trace, run) && at >= seenAt.at - 5_000)) &&
        tick < handled.tick
      );
    });
    return isExcused ? [] : [`${after.prompt ?? ''} without a code: ${told(sent)}`];
  });

/** When the run last looked at what else the queue has: at its codes before a PUT, at its prompt before a DELETE. */
const lastLook = (trace: Trace, sent: Sent) => {
  if (sent.queue === null) return null;
  const before = sent.arrived.tick;
  if (sent.endpoint === 'set-work')
    return (
      readingsOf(trace, sent.run, sent.queue).findLast(({ ended }) => ended.tick < before)?.seen ??
      null
    );
  const looks = trace.requests.filter(
    ({ run, endpoint, queue, handled, ended, log }) =>
      run === sent.run &&
      handled !== null &&
      ended !== null &&
      ended.tick < before &&
      (endpoint === 'list-queues' ||
        (queue === sent.queue &&
          (endpoint === 'read-queue' || (endpoint === 'set-work' && log.tookEffect)))),
  );
  return looks.at(-1)?.handled ?? null;
};

/** 5: codes are added on a read of the list that is not older than a minute, and only those that it lacks. */
export const addsRestOnARead: Holds = (trace) =>
  queueWrites(trace).flatMap(({ run, queue, writes }) => {
    const adds = writes.filter(({ endpoint }) => endpoint === 'add-codes');
    return adds.flatMap((write, at) => {
      const { last } = write;
      const reads = readingsOf(trace, run.index, queue);
      const read = before(reads, last);
      if (read === undefined) return [`codes added unread: ${told(last)}`];
      const known = write.codes.filter((id) => read.codes.has(id));
      return [
        ...(known.length > 0 ? [`${known.join()} is there already: ${told(last)}`] : []),
        ...(at === 0 ? staleness(reads, write) : []),
      ];
    });
  });

/** 4 and 5: removals follow a read of the list, made for them, that shows what was added and what goes. */
export const removalsRestOnARead: Holds = (trace) =>
  queueWrites(trace).flatMap(({ run, queue, writes }) => {
    const removals = writes.filter(({ endpoint }) => endpoint === 'remove-code');
    const added = writes.filter(({ endpoint }) => endpoint === 'add-codes');
    const plan = run.ending.kind === 'done' ? run.ending.plan : null;
    const change = plan?.queues.find(({ id }) => id === queue);
    const wanted = [
      ...added.flatMap(({ codes }) => codes),
      ...(change === undefined ? [] : addedIds(trace, change)),
    ];
    const since = Math.max(
      run.planned?.tick ?? 0,
      ...writes.filter((write) => orderOf(write) < 3).map(({ last }) => last.arrived.tick),
    );
    return removals.flatMap((write, at) => {
      const reads = readingsOf(trace, run.index, queue).filter(({ began }) => began.tick > since);
      const read = before(reads, write.last);
      if (read === undefined) return [`a code removed unread: ${told(write.last)}`];
      const missing = wanted.filter((id) => !read.codes.has(id));
      return [
        ...(missing.length > 0 ? [`${missing.join()} not there yet: ${told(write.last)}`] : []),
        ...(write.codes.every((id) => read.codes.has(id))
          ? []
          : [`a code removed that is not there: ${told(write.last)}`]),
        ...(at === 0 ? staleness(reads, write) : []),
      ];
    });
  });

interface Looked {
  readonly began: Moment;
  readonly ended: Moment;
}

/** The latest of these reads that had ended when a request arrived. */
const before = <Read extends Looked>(reads: readonly Read[], { arrived }: Sent): Read | undefined =>
  reads.findLast(({ ended }) => ended.tick < arrived.tick);

/** Requests of a section's first write that rest on a read of more than a minute ago, each in words. */
const staleness = (reads: readonly Looked[], { requests }: Write): readonly string[] =>
  requests.flatMap((sent) => {
    const readAt = before(reads, sent)?.began.at ?? -Infinity;
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
        const read = before(reads, last);
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
        return [
          ...(between.length > 0 ? [`a write between read and PUT: ${told(last)}`] : []),
          ...(differing.length > 0 ? [`${differing.join()} sent changed: ${told(last)}`] : []),
          ...illegalWork(sent['acwSettings'], last),
          ...staleness(reads, write),
        ];
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
  return [...(last?.after ?? [])].flatMap(([queue, { document }]) => {
    const edited = trace.edits.flatMap(({ queues, handled }) => {
      const state = queues.get(queue);
      return state === null || state === undefined ? [] : [{ handled, document: state.document }];
    });
    const seeded = first?.before.get(queue)?.document ?? edited[0]?.document ?? document;
    const expected = edited.at(-1)?.document ?? seeded;
    return Object.keys({ ...expected, ...document }).flatMap((field) => {
      if (MOVING.has(field) || isDeepStrictEqual(expected[field], document[field])) return [];
      const overwritten = edited.some((edit) => inAWindow(trace, queue, edit.handled));
      return overwritten ? [] : [`${field} of ${queue} was lost`];
    });
  });
};

const MOVING: ReadonlySet<string> = new Set(['acwSettings', 'dateModified', 'modifiedBy']);

/** Whether something happened between what a PUT had read and the moment when it took effect. */
const inAWindow = (trace: Trace, queue: string, { tick, at }: Sent['arrived']): boolean =>
  writesOf(trace).some((write) => {
    if (write.endpoint !== 'set-work' || write.queue !== queue) return false;
    const effect = write.requests.find(({ log }) => log.tookEffect)?.handled;
    const read = before(documentsOf(trace, write.run, queue), write.last)?.seen;
    if (effect === null || effect === undefined || read === undefined || effect.tick < tick)
      return false;
    return tick > read.tick || (isLagging(trace, runOf(trace, write.run)) && at >= read.at - 4_000);
  });

/** Reads that show what became of a write. */
const LOOKS: Readonly<Partial<Record<Endpoint, readonly Endpoint[]>>> = {
  'add-codes': ['read-codes'],
  'remove-code': ['read-codes'],
  'set-work': ['read-queue', 'list-queues'],
  'create-code': ['list-codes'],
  'rename-code': ['list-codes', 'read-code'],
};

/** 6: between a write and the same write again somebody has looked, unless it was certainly not taken. */
export const noBlindRepeat: Holds = (trace) => {
  const writes = writesOf(trace);
  return writes.flatMap((write, at) => {
    const again = writes.slice(at + 1).find((other) => sameAim(write, other));
    if (again === undefined) return [];
    const looks = trace.requests.some(
      (sent) =>
        (LOOKS[write.endpoint]?.includes(sent.endpoint) ?? false) &&
        (sent.queue === null || sent.queue === write.queue) &&
        isGood(sent) &&
        sent.arrived.tick > write.last.arrived.tick &&
        sent.arrived.tick < again.first.arrived.tick,
    );
    return looks ? [] : [`sent again blindly: ${told(again.first)}`];
  });
};

const sameAim = (one: Write, other: Write): boolean =>
  one.endpoint === other.endpoint &&
  one.first.log.path === other.first.log.path &&
  (one.endpoint === 'set-work' ||
    isDeepStrictEqual(one.first.log.requestBody, other.first.log.requestBody));

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
    return isEdited && !isTold ? [`an edit of ${row.name} was not told`] : [];
  });

/** 6: a write that is not needed any more is not sent: a PUT only where the read shows another state. */
export const noPointlessPut: Holds = (trace) =>
  queueWrites(trace).flatMap(({ writes }) =>
    writes.flatMap(({ endpoint, last }) => {
      if (endpoint !== 'set-work' || last.queue === null) return [];
      const read = before(documentsOf(trace, last.run, last.queue), last);
      const now = stateOfDocument(read?.body);
      return now !== null && now === stateOfDocument(last.log.requestBody)
        ? [`a PUT of what is there: ${told(last)}`]
        : [];
    }),
  );

const stateOfDocument = (body: unknown): string | null => {
  const work = (body as { acwSettings?: { wrapupPrompt?: string; timeoutMs?: number } } | undefined)
    ?.acwSettings;
  return work === undefined
    ? null
    : workOf({ prompt: work.wrapupPrompt ?? null, timeoutMs: work.timeoutMs ?? null });
};
