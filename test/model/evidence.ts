/** What a trace says when its requests are put together: whole reads of lists, writes with their repetitions. */
import { isTimed } from '../../src/domain/state.js';
import type { LiveAfterCallWork } from '../../src/domain/state.js';
import type { Plan, QueueChange } from '../../src/domain/change.js';
import { SETTLE_FOR_MS } from './script.js';
import type { Endpoint } from './script.js';
import { WRITES } from './trace.js';
import type { QueueState, Run, Sent, Trace } from './trace.js';
import type { Moment } from './traffic.js';

/**
 * A write and its repetitions after refusals that say that it was not taken (401, 409, 429). Where it was read
 * anew in between, the last one may carry something else.
 */
export interface Write {
  readonly endpoint: Endpoint;
  readonly run: number;
  readonly queue: string | null;
  /** Ids of the codes that it adds or removes in the end. */
  readonly codes: readonly string[];
  readonly requests: readonly Sent[];
  readonly first: Sent;
  readonly last: Sent;
  readonly tookEffect: boolean;
}

/** All codes of a queue, read in one or several pages that fit together. */
export interface Reading {
  readonly began: Moment;
  readonly ended: Moment;
  /** When the simulator looked. */
  readonly seen: Moment;
  readonly codes: ReadonlySet<string>;
}

/** A request as a person would name it. */
export const told = ({ log, run, arrived }: Sent): string =>
  `run ${run}, request ${log.seq} at +${arrived.at % 1_000_000} ms: ${log.method} ${log.path} → ${log.status ?? 'no answer'}${log.tookEffect ? ' (took effect)' : ''}`;

const isWrite = ({ endpoint }: Sent): boolean => WRITES.has(endpoint);

/** Whether the client has read an accepted answer whole. */
export const isGood = ({ isAnswered, log }: Sent): boolean =>
  isAnswered && log.status !== null && log.status < 300 && !log.faults.includes('html');

const NOT_TAKEN: ReadonlySet<number | null> = new Set([401, 409, 429]);

/**
 * Whether a write took effect so long after its client had given up that no read within `settleFor` could
 * show it: several delays have come together.
 */
export const tookEffectTooLate = ({ log, handled, ended }: Sent): boolean =>
  log.tookEffect && handled !== null && ended !== null && handled.at > ended.at + SETTLE_FOR_MS;

/** All writes, in order of arrival. */
export const writesOf = (trace: Trace): readonly Write[] => {
  const groups: Sent[][] = [];
  const latest = new Map<string, Sent[]>();
  for (const sent of trace.requests.filter(isWrite)) {
    const { method, path, requestBody } = sent.log;
    const key = JSON.stringify([sent.run, method, path, sent.queue === null && requestBody]);
    const group = latest.get(key);
    if (group !== undefined && NOT_TAKEN.has(group.at(-1)?.log.status ?? null)) group.push(sent);
    else {
      const begun = [sent];
      latest.set(key, begun);
      groups.push(begun);
    }
  }
  return groups.map((requests) => {
    const [first, last] = [requests[0] as Sent, requests.at(-1) as Sent];
    return {
      endpoint: first.endpoint,
      run: first.run,
      queue: first.queue,
      codes: codesIn(last),
      requests,
      first,
      last,
      tookEffect: requests.some(({ log }) => log.tookEffect),
    };
  });
};

const codesIn = ({ endpoint, code, log }: Sent): readonly string[] => {
  if (endpoint === 'remove-code') return code === null ? [] : [code];
  if (endpoint !== 'add-codes') return [];
  return (log.requestBody as readonly { readonly id: string }[]).map(({ id }) => id);
};

/** The writes of one queue in one run. */
export const queueWrites = (
  trace: Trace,
): readonly { readonly run: Run; readonly queue: string; readonly writes: readonly Write[] }[] => {
  const groups = new Map<string, Write[]>();
  for (const write of writesOf(trace)) {
    if (write.queue === null) continue;
    const key = `${write.run} ${write.queue}`;
    groups.set(key, [...(groups.get(key) ?? []), write]);
  }
  return [...groups.values()].map((writes) => ({
    run: runOf(trace, (writes[0] as Write).run),
    queue: (writes[0] as Write).queue as string,
    writes,
  }));
};

export const runOf = ({ runs }: Trace, index: number): Run => {
  const run = runs[index];
  if (run === undefined) throw new Error(`there is no run ${index}`);
  return run;
};

interface PageBody {
  readonly entities: readonly { readonly id: string }[];
  readonly total: number;
}

/** The complete reads of a queue's codes in a run, in order. */
export const readingsOf = (trace: Trace, run: number, queue: string): readonly Reading[] => {
  const tries: Sent[][] = [];
  for (const sent of trace.requests) {
    if (sent.run !== run || sent.queue !== queue || sent.endpoint !== 'read-codes') continue;
    if (pageOf(sent) === 1) tries.push([sent]);
    else tries.at(-1)?.push(sent);
  }
  return tries.flatMap((requests) => whole(requests.filter(isGood)));
};

const pageOf = ({ log }: Sent): number => Number(log.query['pageNumber']?.[0] ?? 1);

const whole = (pages: readonly Sent[]): readonly Reading[] => {
  const [first, last] = [pages[0], pages.at(-1)];
  if (!first?.handled || !last?.ended) return [];
  const bodies = pages.map(({ log }) => log.responseBody as PageBody);
  const ids = bodies.flatMap(({ entities }) => entities.map(({ id }) => id));
  const totals = new Set(bodies.map(({ total }) => total));
  const codes = new Set(ids);
  return totals.size === 1 && totals.has(ids.length) && codes.size === ids.length
    ? [{ began: first.arrived, ended: last.ended, seen: first.handled, codes }]
    : [];
};

/** The good reads of a queue's document in a run, in order. */
export const documentsOf = (
  trace: Trace,
  run: number,
  queue: string,
): readonly (Omit<Reading, 'codes'> & { readonly body: unknown })[] =>
  trace.requests.flatMap((sent) => {
    const { arrived: began, handled: seen, ended, log } = sent;
    const isOne = sent.run === run && sent.queue === queue && sent.endpoint === 'read-queue';
    return isOne && isGood(sent) && seen !== null && ended !== null
      ? [{ began, seen, ended, body: log.responseBody }]
      : [];
  });

/** A queue as it was at a place in the order of things; null where it was gone. */
export const stateAt = (trace: Trace, queue: string, tick: number): QueueState | null => {
  let found = trace.runs[0]?.before.get(queue) ?? null;
  let latest = 0;
  const take = (moment: Moment | null, state: QueueState | null): void => {
    if (moment === null || moment.tick > tick || moment.tick < latest) return;
    latest = moment.tick;
    found = state;
  };
  for (const { handled, after, queue: own } of trace.requests)
    if (after !== null && own === queue) take(handled, after);
  for (const { handled, queues } of trace.edits)
    if (queues.has(queue)) take(handled, queues.get(queue) ?? null);
  return found;
};

/** Reads lag by this much at most, in the scripts. */
export const LAG_MS = 4_000;

/** Whether any of a run's reads may have shown the past. */
export const isLagging = ({ script }: Trace, run: Run): boolean =>
  run.kind === 'hostile' &&
  (script.runs[run.index - 1]?.troubles.some(({ fault }) => fault.kind === 'lag') ?? false);

/**
 * Whether reads of a run may have shown the past for longer than `settleFor`: they lag by a count, and
 * the count took its time.
 */
export const lagsTooLong = ({ script }: Trace, run: Run): boolean =>
  run.kind === 'hostile' &&
  run.ended.at - run.began.at > SETTLE_FOR_MS &&
  (script.runs[run.index - 1]?.troubles.some(
    ({ fault }) => fault.kind === 'lag' && 'reads' in fault,
  ) ??
    false);

/**
 * When somebody else changed a queue, or what is still seen of it, during a run: an administrator, or a
 * write that an earlier run had left behind.
 */
export const disturbances = (trace: Trace, run: Run, queue: string): readonly Moment[] =>
  [
    ...trace.edits.flatMap(({ handled, queues }) => (queues.has(queue) ? [handled] : [])),
    ...foreignEffects(trace, run, queue),
  ].filter((moment) => isSeenIn(trace, run, moment));

/** Whether somebody else changed codes of the organization during a run; so is what it may see of before. */
export const isCatalogDisturbed = (trace: Trace, run: Run): boolean =>
  isCatalogEdited(trace) ||
  foreignEffects(trace, run, null).some((moment) => isSeenIn(trace, run, moment));

const foreignEffects = (trace: Trace, run: Run, queue: string | null): readonly Moment[] =>
  trace.requests.flatMap((sent) =>
    sent.run !== run.index && sent.queue === queue && sent.log.tookEffect && sent.handled !== null
      ? [sent.handled]
      : [],
  );

const isSeenIn = (trace: Trace, run: Run, { tick, at }: Moment): boolean =>
  (tick > run.began.tick || (isLagging(trace, run) && at >= run.began.at - LAG_MS)) &&
  tick < run.ended.tick;

export const isDisturbed = (trace: Trace, run: Run, queue: string): boolean =>
  disturbances(trace, run, queue).length > 0;

/** Whether an administrator changed codes of the organization during a run, as far as it could see it. */
export const losesCodes = (trace: Trace, run: Run): boolean =>
  trace.edits.some(
    ({ edit, handled }) => 'code' in edit && !('queue' in edit) && isSeenIn(trace, run, handled),
  );

/** Whether codes of the organization were edited so that policies may mean something else by now. */
export const isCatalogEdited = ({ edits }: Trace): boolean =>
  edits.some(({ edit }) => 'code' in edit && !('queue' in edit));

/**
 * Whether a queue that a policy calls by its name is gone or has another one: what that policy lists is then
 * pruned nowhere, because nobody knows which queues it means.
 */
export const losesNamedQueue = ({ edits, script }: Trace): boolean => {
  const named = new Set(
    script.world.set.policies
      .flatMap(({ include, exclude }) => [...include, ...exclude])
      .flatMap(({ name }) => (name === null ? [] : [name.replaceAll('\\*', '*')])),
  );
  return edits.some(
    ({ edit }) =>
      (edit.do === 'rename-queue' || edit.do === 'delete-queue') && named.has(edit.queue),
  );
};

/** After-call work without a timer where it means nothing. */
export const workOf = ({ prompt, timeoutMs }: LiveAfterCallWork): string =>
  `${prompt ?? 'none'}${isTimed(prompt) ? ` ${timeoutMs ?? 'without timer'}` : ''}`;

/** Holds that pass by themselves: an apply judges them anew. */
const PASSING: ReadonlySet<string> = new Set(['window', 'busy', 'disabled', 'flapping']);

/** All that a plan sets out to write: its changes, and those that it only expects to be held. */
export const changesOf = ({ queues, held }: Plan): readonly QueueChange[] => [
  ...queues,
  ...held.filter(({ by }) => PASSING.has(by)),
];

/** What a run set out to do to a queue, as far as its plan is known. */
export const changeIn = ({ plan }: Run, queue: string): QueueChange | null =>
  plan === null ? null : (changesOf(plan).find(({ id }) => id === queue) ?? null);

/** The ids of the codes that a change adds; of those that are created meanwhile, the ones that exist in the end. */
export const addedIds = (trace: Trace, change: QueueChange): readonly string[] =>
  (change.wrapupCodes?.add ?? []).flatMap(
    ({ id, name }) => id ?? (isCatalogEdited(trace) ? [] : (trace.codeIds.get(name) ?? [])),
  );

/** What of a change a queue does not show; empty where it shows all. */
export const missingOf = (
  trace: Trace,
  change: QueueChange,
  state: QueueState | null,
): readonly string[] => {
  if (state === null) return ['the queue is gone'];
  const { afterCallWork: work, wrapupCodes } = change;
  return [
    ...(work !== undefined && workOf(work.to) !== workOf(state)
      ? [`after-call work is ${workOf(state)}, not ${workOf(work.to)}`]
      : []),
    ...addedIds(trace, change).flatMap((id) =>
      state.codes.has(id) ? [] : [`the code ${id} is missing`],
    ),
    ...(wrapupCodes?.remove ?? []).flatMap(({ id, name }) =>
      state.codes.has(id) ? [`"${name}" is still there`] : [],
    ),
  ];
};

/** A read, from when it was asked for until it was answered. */
export interface Looked {
  readonly began: Moment;
  readonly ended: Moment;
}

/** The latest of these reads that had ended when a request arrived. */
export const latestBefore = <Read extends Looked>(
  reads: readonly Read[],
  { arrived }: Sent,
): Read | undefined => reads.findLast(({ ended }) => ended.tick < arrived.tick);

const ORDER: Readonly<Partial<Record<Endpoint, number>>> = {
  'add-codes': 1,
  'set-work': 2,
  'remove-code': 3,
};
/** The place of a write among those of its queue: adds, after-call work, removals. */
export const orderOf = ({ endpoint }: Write): number => ORDER[endpoint] ?? 0;
