/** What holds of every write: its order, its number, and what it leaves behind (design section 6, 3, 4 and 6). */
import { isDeepStrictEqual } from 'node:util';
import { isMandatory } from '../../src/domain/state.js';
import {
  latestBefore,
  changeIn,
  disturbances,
  documentsOf,
  isDisturbed,
  isGood,
  isLagging,
  orderOf,
  queueWrites,
  readingsOf,
  runOf,
  told,
  workOf,
  writesOf,
} from './evidence.js';
import type { Write } from './evidence.js';
import { holds } from './finding.js';
import type { Holds } from './finding.js';
import type { Endpoint } from './script.js';
import type { Sent, Trace } from './trace.js';

/** 3: no more writes than the plan has instructions, in whatever trouble. */
export const fewestWrites: Holds = (trace) =>
  queueWrites(trace).flatMap(({ run, queue, writes }) => {
    if (run.plan === null) return [];
    const change = changeIn(run, queue);
    const most: Readonly<Record<string, number>> = {
      'add-codes': Math.ceil((change?.wrapupCodes?.add.length ?? 0) / 100),
      'set-work': change?.afterCallWork === undefined ? 0 : 1,
      'remove-code': change?.wrapupCodes?.remove.length ?? 0,
    };
    return Object.entries(most).flatMap(([endpoint, count]) => {
      const sent = writes.filter((write) => write.endpoint === endpoint);
      const [first] = sent;
      if (first === undefined) return [];
      return holds(
        sent.length <= count,
        `${sent.length} × ${endpoint} where ${count} would do: ${told(first.last)}`,
      );
    });
  });

/** 4: the catalog first; then codes are added, after-call work set, codes removed. */
export const inOrder: Holds = (trace) => [
  ...trace.runs.flatMap(({ index }) => {
    const writes = writesOf(trace).filter(({ run }) => run === index);
    const firstOfQueues = writes.findIndex(({ queue }) => queue !== null);
    return writes.flatMap(({ queue, last }, at) =>
      queue === null && firstOfQueues !== -1
        ? holds(at < firstOfQueues, `the catalog after a queue: ${told(last)}`)
        : [],
    );
  }),
  ...queueWrites(trace).flatMap(({ writes }) =>
    writes.flatMap((write, at) => {
      const previous = writes[at - 1];
      return previous !== undefined && previous.endpoint !== write.endpoint
        ? holds(
            orderOf(previous) <= orderOf(write),
            `${write.endpoint} after ${previous.endpoint}: ${told(write.last)}`,
          )
        : [];
    }),
  ),
];

/** 4: what a queue has before and after a run it has all the time. */
export const keepsWhatStays: Holds = (trace) =>
  writesOf(trace).flatMap(({ endpoint, run: index, queue, codes, requests, last }) => {
    const effect = requests.find(({ log }) => log.tookEffect)?.handled ?? null;
    if (endpoint !== 'remove-code' || queue === null || effect === null) return [];
    const run = runOf(trace, index);
    const [code = ''] = codes;
    // What a killed run had sent may take effect after it: then it says nothing about how the run ended.
    return isDisturbed(trace, run, queue) || effect.tick > run.ended.tick
      ? []
      : holds(
          run.after.get(queue)?.codes.has(code) !== true,
          `a code was gone for a while: ${told(last)}`,
        );
  });

/** 4: no write leaves a MANDATORY* queue without a code, as far as its run could know. */
export const mandatoryHasACode: Holds = (trace) =>
  trace.requests.flatMap((sent) => {
    const { queue, after, handled, run: index } = sent;
    if (queue === null || after === null || handled === null) return [];
    if (!isMandatory(after.prompt)) return [];
    if (after.codes.size > 0) return [null];
    const run = runOf(trace, index);
    const known = lastLook(trace, sent);
    const isExcused = disturbances(trace, run, queue).some(({ tick, at }) => {
      const seenAt = known === null ? run.began : known;
      return (
        (tick > seenAt.tick || (isLagging(trace, run) && at >= seenAt.at - 5_000)) &&
        tick < handled.tick
      );
    });
    return holds(isExcused, `${after.prompt ?? ''} without a code: ${told(sent)}`);
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

/** Reads that show what became of a write. */
const LOOKS: Readonly<Partial<Record<Endpoint, readonly Endpoint[]>>> = {
  'add-codes': ['read-codes'],
  'remove-code': ['read-codes'],
  'set-work': ['read-queue', 'list-queues'],
  'create-code': ['list-codes'],
  'rename-code': ['list-codes', 'read-code'],
};

/** 6: between a write and the same write again somebody has looked, unless it only waited for its turn (401, 429). */
export const noBlindRepeat: Holds = (trace) => {
  const writes = writesOf(trace);
  const isLookedAt = ({ endpoint, queue }: Write, after: Sent, again: Sent): boolean =>
    trace.requests.some(
      (sent) =>
        (LOOKS[endpoint]?.includes(sent.endpoint) ?? false) &&
        (sent.queue === null || sent.queue === queue) &&
        isGood(sent) &&
        sent.arrived.tick > after.arrived.tick &&
        sent.arrived.tick < again.arrived.tick,
    );
  return writes.flatMap((write, at) => {
    // While another update goes on (409), the state may become another before the same write fits again.
    const refused = write.requests.flatMap((sent, index) => {
      const again = write.requests[index + 1];
      return sent.log.status === 409 && again !== undefined ? [[sent, again] as const] : [];
    });
    const next = writes.slice(at + 1).find((other) => sameAim(write, other));
    return [...refused, ...(next === undefined ? [] : [[write.last, next.first] as const])].flatMap(
      ([sent, again]) =>
        holds(isLookedAt(write, sent, again), `sent again blindly: ${told(again)}`),
    );
  });
};

const sameAim = (one: Write, other: Write): boolean =>
  one.endpoint === other.endpoint &&
  one.first.log.path === other.first.log.path &&
  (one.endpoint === 'set-work' ||
    isDeepStrictEqual(one.first.log.requestBody, other.first.log.requestBody));

/** 6: a write that is not needed any more is not sent: a PUT only where the read shows another state. */
export const noPointlessPut: Holds = (trace) =>
  queueWrites(trace).flatMap(({ writes }) =>
    writes.flatMap(({ endpoint, last }) => {
      if (endpoint !== 'set-work' || last.queue === null) return [];
      const read = latestBefore(documentsOf(trace, last.run, last.queue), last);
      const now = stateOfDocument(read?.body);
      return now === null
        ? []
        : holds(
            now !== stateOfDocument(last.log.requestBody),
            `a PUT of what is there: ${told(last)}`,
          );
    }),
  );

const stateOfDocument = (body: unknown): string | null => {
  const work = (body as { acwSettings?: { wrapupPrompt?: string; timeoutMs?: number } } | undefined)
    ?.acwSettings;
  return work === undefined
    ? null
    : workOf({ prompt: work.wrapupPrompt ?? null, timeoutMs: work.timeoutMs ?? null });
};
