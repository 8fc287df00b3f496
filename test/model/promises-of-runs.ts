/** What holds of whole runs: guards, change windows, busy queues, and a stop (design section 6, 9 and 12). */
import type { QueueChange } from '../../src/domain/change.js';
import { isCatalogClosed, isQueueClosed } from './calendar.js';
import { changesOf, isGood, readingsOf, told, writesOf } from './evidence.js';
import type { Write } from './evidence.js';
import { holds, tested } from './finding.js';
import type { Finding, Holds } from './finding.js';
import type { Run, Sent, Trace } from './trace.js';

const applies = ({ runs }: Trace): readonly Run[] =>
  runs.filter(({ kind }) => kind === 'hostile' || kind === 'calm');

/** All codes that a run saw on a queue before it could write. */
const seenCodes = (trace: Trace, run: Run, queue: string): ReadonlySet<string> =>
  new Set(
    readingsOf(trace, run.index, queue)
      .filter(({ ended }) => ended.tick < (run.planned?.tick ?? Infinity))
      .flatMap(({ codes }) => [...codes]),
  );

/** Which limits a run was about to break, counted from what it had read. */
const broken = (trace: Trace, run: Run): readonly string[] => {
  if (run.plan === null) return [];
  const { guards, allows } = trace.script.rules;
  const changes = changesOf(run.plan);
  const queues = new Set(
    trace.requests.flatMap(({ run: index, endpoint, queue }) =>
      index === run.index && endpoint === 'read-codes' && queue !== null ? [queue] : [],
    ),
  );
  const had = new Map([...queues].map((queue) => [queue, seenCodes(trace, run, queue).size]));
  const removed = ({ wrapupCodes }: QueueChange): number => wrapupCodes?.remove.length ?? 0;
  const sum = (counts: readonly number[]): number => counts.reduce((all, each) => all + each, 0);
  const over = (count: number, of: number, percent: number, floor: number): boolean =>
    count > floor && 100 * count > percent * of;

  const changed = changes.filter(
    (change) =>
      removed(change) > 0 || change.afterCallWork?.from.prompt !== change.afterCallWork?.to.prompt,
  ).length;
  const { queuesChanged, codesRemoved, codesRemovedPerQueue, codesPerQueue } = guards;
  const lost = sum(changes.map(removed));
  const emptied = changes.filter((change) =>
    over(
      removed(change),
      had.get(change.id) ?? 0,
      codesRemovedPerQueue.percent,
      codesRemovedPerQueue.floor,
    ),
  );
  const filled = changes.filter(
    ({ id, wrapupCodes: codes }) =>
      codes !== undefined &&
      codes.add.length > codes.remove.length &&
      (had.get(id) ?? 0) + codes.add.length - codes.remove.length > codesPerQueue,
  );
  const allowed = {
    queuesChanged: changed <= (allows.queuesChanged ?? -1),
    codesRemoved: lost <= (allows.codesRemoved ?? -1),
  };
  return [
    ...((changed > queuesChanged.count ||
      over(changed, run.plan.summary.queuesGoverned, queuesChanged.percent, queuesChanged.floor)) &&
    !allowed.queuesChanged
      ? [`${changed} queues changed`]
      : []),
    ...((lost > codesRemoved.count ||
      over(lost, sum([...had.values()]), codesRemoved.percent, codesRemoved.floor)) &&
    !allowed.codesRemoved
      ? [`${lost} codes removed`]
      : []),
    ...emptied.map(({ name }) => `"${name}" loses too many codes`),
    ...filled.map(({ name }) => `"${name}" gets too many codes`),
  ];
};

/** 9: a plan over the limits is never applied unless it was accepted; one within them is never refused. */
export const guardsHold: Holds = (trace) =>
  applies(trace).flatMap((run) => {
    const { plan, accepted, ending, index } = run;
    if (plan === null) return [];
    const breaks = broken(trace, run);
    const mayPass = breaks.length === 0 || accepted === plan.digest;
    const isRefused = ending.kind === 'done' && ending.report?.outcome === 'refused';
    const sent = writesOf(trace).filter((write) => write.run === index);
    if (mayPass) return holds(!isRefused, `run ${index} was refused, and nothing is over a limit`);
    return tested([
      ...sent.map(({ last }) => `over the limits (${breaks.join(', ')}): ${told(last)}`),
      ...(isRefused || ending.kind !== 'done'
        ? []
        : [`run ${index} was not refused: ${breaks.join(', ')}`]),
    ]);
  });

const MINUTE_MS = 60_000;

/** The names of queues as a run read them in the list, by id. */
const namesIn = (trace: Trace, run: Run): ReadonlyMap<string, string> =>
  new Map(
    trace.requests
      .filter((sent) => sent.run === run.index && sent.endpoint === 'list-queues' && isGood(sent))
      .flatMap(({ log }) =>
        (
          log.responseBody as { readonly entities: readonly { id: string; name: string }[] }
        ).entities.map(({ id, name }) => [id, name] as const),
      ),
  );

/** The first writes of each queue in a run, and every write of the catalog: until then all can be left. */
const firstWrites = (trace: Trace, run: Run): readonly Write[] => {
  const begun = new Set<string>();
  return writesOf(trace).filter((write) => {
    if (write.run !== run.index) return false;
    if (write.queue === null) return true;
    const isFirst = !begun.has(write.queue);
    begun.add(write.queue);
    return isFirst;
  });
};

/** No first write of a queue, and none of the catalog, while a window is closed for it. */
export const windowsHold: Holds = (trace) =>
  applies(trace).flatMap((run) => {
    if (trace.script.rules.windows.length === 0 || run.ignoresWindows) return [];
    const names = namesIn(trace, run);
    return firstWrites(trace, run).flatMap(({ queue, requests }) =>
      requests.flatMap((sent) => {
        const isClosed =
          queue === null
            ? isCatalogClosed(trace.script.rules.windows, [...names.values()], sent.arrived.at)
            : isQueueClosed(trace.script.rules.windows, names.get(queue) ?? '', sent.arrived.at);
        return holds(!isClosed, `outside of its window: ${told(sent)}`);
      }),
    );
  });

/** How many interactions an answer shows in a queue, or null where it is no good answer. */
const interactingIn = (sent: Sent, queue: string): number | null => {
  if (!isGood(sent)) return null;
  const { results } = sent.log.responseBody as {
    readonly results: readonly {
      readonly group: { readonly queueId: string };
      readonly data: readonly { readonly stats: { readonly count: number } }[];
    }[];
  };
  return results
    .filter(({ group }) => group.queueId === queue)
    .flatMap(({ data }) => data.map(({ stats }) => stats.count))
    .reduce((sum, count) => sum + count, 0);
};

const asksAbout = ({ endpoint, log }: Sent, queue: string): boolean =>
  endpoint === 'observe' && JSON.stringify(log.requestBody).includes(queue);

/** What a run was told of a queue's interactions once it could write, in order. */
const observations = (trace: Trace, run: Run, queue: string): readonly Sent[] =>
  trace.requests.filter(
    (sent) =>
      sent.run === run.index &&
      asksAbout(sent, queue) &&
      sent.ended !== null &&
      sent.arrived.tick > (run.planned?.tick ?? Infinity),
  );

/** No first write of a queue but on an answer of the last minute that shows it quiet enough. */
export const busyQueuesAreLeft: Holds = (trace) =>
  applies(trace).flatMap((run) => {
    const { onBusy, maxInteracting } = trace.script.rules.activity;
    if (onBusy === 'ignore') return [];
    return firstWrites(trace, run).flatMap(({ queue, requests }): readonly Finding[] => {
      if (queue === null) return [];
      return requests.flatMap((sent) => {
        const last = observations(trace, run, queue).findLast(
          ({ ended }) => (ended?.tick ?? Infinity) < sent.arrived.tick,
        );
        const count = last === undefined ? null : interactingIn(last, queue);
        const isFresh = last !== undefined && sent.arrived.at - last.arrived.at <= MINUTE_MS;
        return holds(
          count !== null && count <= maxInteracting && isFresh,
          `${count ?? 'unknown'} interactions${isFresh ? '' : ', long ago'}: ${told(sent)}`,
        );
      });
    });
  });

/** What is held by a window or by calls was closed, or busy, at some instant of the run. */
export const holdsHaveCause: Holds = (trace) =>
  applies(trace).flatMap((run) => {
    if (run.ending.kind !== 'done') return [];
    const names = namesIn(trace, run);
    return (run.ending.report?.queues ?? []).flatMap(({ id, name, outcome, reason }) => {
      const by = /^held by (window|busy)\b/.exec(reason ?? '')?.[1];
      if (outcome !== 'held' || by === undefined) return [];
      const hasCause =
        by === 'window'
          ? instants(run).some(
              (at) =>
                !run.ignoresWindows &&
                (isQueueClosed(trace.script.rules.windows, names.get(id) ?? '', at) ||
                  isCatalogClosed(trace.script.rules.windows, [...names.values()], at)),
            )
          : isBusyIn(trace, run, id);
      return holds(hasCause, `run ${run.index}, "${name}": nothing causes "${reason ?? ''}"`);
    });
  });

const SECOND_MS = 1_000;

const instants = ({ began, ended }: Run): readonly number[] => [
  ...Array.from(
    { length: Math.floor((ended.at - began.at) / SECOND_MS) + 1 },
    (_, index) => began.at + index * SECOND_MS,
  ),
  ended.at,
];

const isBusyIn = (trace: Trace, run: Run, queue: string): boolean =>
  trace.requests.some((sent) => {
    if (sent.run !== run.index || !asksAbout(sent, queue)) return false;
    const count = interactingIn(sent, queue);
    return count === null || count > trace.script.rules.activity.maxInteracting;
  });

/** 12: after a stop no queue is begun, and what is under way sends the write that it was about to, and no other. */
export const stopsGently: Holds = (trace) =>
  applies(trace).flatMap((run) => {
    const { stopped, started, index } = run;
    if (stopped === null || run.ending.kind === 'killed') return [];
    const late = writesOf(trace).filter(
      (write) => write.run === index && write.first.arrived.tick > stopped.tick,
    );
    // A queue whose request is under way waits for its answer: it is not about to send a write.
    const isAnsweredLater = (queue: string | null): boolean =>
      trace.requests.some(
        (sent) =>
          sent.run === index &&
          sent.queue === queue &&
          sent.arrived.tick < stopped.tick &&
          (sent.ended?.tick ?? Infinity) > stopped.tick,
      );
    const ends = new Map<string | null, number>();
    for (const { queue } of late) ends.set(queue, (ends.get(queue) ?? 0) + 1);
    return tested([
      ...[...started].flatMap(([queue, { tick }]) =>
        tick > stopped.tick ? [`run ${index} began ${queue} after it was stopped`] : [],
      ),
      ...late.flatMap(({ queue, first }) =>
        queue !== null && isAnsweredLater(queue)
          ? [`another step after a stop: ${told(first)}`]
          : [],
      ),
      ...[...ends].flatMap(([queue, count]) =>
        count > 1
          ? [`run ${index} sent ${count} writes of ${queue ?? 'the catalog'} after it was stopped`]
          : [],
      ),
      ...(run.ending.kind === 'done' && run.ending.report === null
        ? [`run ${index} was stopped, and reports nothing`]
        : []),
    ]);
  });
