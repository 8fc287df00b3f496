/** What is written down of a soak while it goes on, in as little memory as it takes, and what must hold of it in the end. */
import { isDeepStrictEqual } from 'node:util';
import type { DaemonStatus, QueueStatus } from '../../src/daemon/status.js';
import { QUEUE_STATES } from '../../src/daemon/status.js';
import { eventIdOf } from '../../src/domain/audit.js';
import { eventTypeOf } from '../../src/domain/journal.js';
import type { JournalRecord, RunStarted } from '../../src/domain/journal.js';
import type { LoggedRequest } from '../../src/simulator/request-log.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import type { Revision } from './authors.js';
import { familyOf } from './wishes.js';

const MINUTE_MS = 60_000;

/** A write to a queue that took effect. */
interface Write {
  readonly at: number;
  readonly what: 'add' | 'remove' | 'work';
  readonly queue: string;
  /** The queue's name at that time; null: it was gone by then. */
  readonly name: string | null;
  readonly codes: readonly string[];
  readonly timeoutMs: number | null;
}

/** An event as the receiver took it. */
export interface Arrived {
  readonly id: string;
  readonly type: string;
  readonly queue: string | null;
  readonly sequence: number | null;
}

const QUEUE_WRITE = /^\/api\/v2\/routing\/queues\/([^/]+)(?:\/wrapupcodes(?:\/([^/]+))?)?$/;

/** Looks at every request that the simulator answers. */
export class TrafficWatch {
  readonly arrivals: number[] = [];
  readonly writes: Write[] = [];
  requests = 0;
  throttled = 0;
  #latest: LoggedRequest | null = null;

  constructor(simulator: Simulator) {
    // Nothing fits, and so it goes on being asked.
    void simulator.requests.next((entry) => {
      if (entry !== this.#latest) this.#see(entry, simulator);
      this.#latest = entry;
      return false;
    });
  }

  /** The most requests in any minute of one life of the daemon. */
  peak({ from, to }: { readonly from: number; readonly to: number }): number {
    const own = this.arrivals.filter((at) => at >= from && at <= to).sort((a, b) => a - b);
    let first = 0;
    return own.reduce((most, at, index) => {
      while (at - (own[first] ?? at) >= MINUTE_MS) first += 1;
      return Math.max(most, index - first + 1);
    }, 0);
  }

  #see(entry: LoggedRequest, { state }: Simulator): void {
    if (entry.clientId === null) return;
    this.requests += 1;
    this.arrivals.push(entry.at);
    if (entry.status === 429) this.throttled += 1;
    const [, queue, code] = QUEUE_WRITE.exec(entry.path) ?? [];
    if (queue === undefined || !entry.tookEffect) return;
    const body = entry.requestBody as {
      readonly acwSettings?: { readonly timeoutMs?: number };
    } & readonly { readonly id: string }[];
    const name = state.queueNames().find((each) => state.queue(each).id === queue) ?? null;
    const what = entry.method === 'PUT' ? 'work' : entry.method === 'POST' ? 'add' : 'remove';
    this.writes.push({
      at: entry.at,
      what,
      queue,
      name,
      codes: what === 'add' ? body.map(({ id }) => id) : code === undefined ? [] : [code],
      timeoutMs: what === 'work' ? (body.acwSettings?.timeoutMs ?? null) : null,
    });
  }
}

/** What a status says of itself that is not so; `queues` is what was told right after it, if nothing happened in between. */
export const contradictions = (
  status: DaemonStatus,
  queues: readonly QueueStatus[] | null,
): readonly string[] => {
  const { source, lastPass, ready, notReady, consecutiveFailures, nextPassAt, detection } = status;
  const found: string[] = [];
  const mustBe = (isSo: boolean, what: string): void => void (isSo || found.push(what));
  mustBe(ready === (notReady === null), 'ready, and why not');
  if (queues !== null) {
    mustBe(
      (source.message === null) === (source.state === 'following' || source.state === 'waiting'),
      'following, and why not',
    );
    mustBe(
      source.state !== 'following' || source.seen?.commit === source.accepted?.commit,
      'follows, and enforces another commit',
    );
    mustBe(
      source.state !== 'refused' || source.refusal !== null,
      'refused, and nothing was refused',
    );
  }
  mustBe((detection.by === 'audits') === (detection.why === null), 'detection, and why not');
  if (lastPass === null) mustBe(consecutiveFailures === 0, 'failed passes before the first');
  else {
    mustBe((lastPass.outcome === 'error') === (lastPass.problem !== null), 'error, and no problem');
    mustBe(consecutiveFailures > 0 === (lastPass.outcome === 'error'), 'counted failures');
    mustBe(lastPass.startedAt <= lastPass.endedAt, 'a pass that ended before it began');
    mustBe(lastPass.endedAt <= status.at, 'a pass of the future');
    mustBe(status.isRunning || nextPassAt !== null, 'no next pass');
  }
  if (queues !== null)
    mustBe(
      isDeepStrictEqual(
        status.queues,
        Object.fromEntries(
          QUEUE_STATES.map((state) => [
            state,
            queues.filter((queue) => queue.state === state).length,
          ]),
        ),
      ),
      `queues ${JSON.stringify(status.queues)}, and ${queues.length} in the list`,
    );
  for (const { name, state, heldBy, reason } of queues ?? []) {
    mustBe(
      state !== 'in-sync' || (heldBy === null && reason === null),
      `${name}: in sync, and held`,
    );
    mustBe(state !== 'failing' || reason !== null, `${name}: failing, and no reason`);
  }
  return found;
};

/** What the journal and the simulator must agree on. */
export interface Evidence {
  readonly journal: readonly JournalRecord[];
  readonly writes: readonly Write[];
  readonly events: readonly Arrived[];
  readonly revisions: ReadonlyMap<string, Revision>;
  /** Names of codes by id; of codes that have had one name all the time. */
  readonly codes: ReadonlyMap<string, string>;
}

/** Every write stands behind an intent of a run whose commit wants it, and may be enforced. */
export const writesAreWanted = ({
  journal,
  writes,
  revisions,
  codes,
}: Evidence): readonly string[] => {
  const runs = new Map<string, RunStarted>();
  const accepted = new Set<string | null>();
  const allowed = new Map<string, boolean>();
  const open = new Map<string, { run: string; from: number; to: number }[]>();
  for (const record of journal) {
    if (record.kind === 'run.started') {
      runs.set(record.run, record);
      if (record.overrides.accept !== null) accepted.add(record.source.commit);
      const may = revisions.get(record.source.commit ?? '')?.may ?? 'never';
      allowed.set(
        record.run,
        may === 'valid' || (may === 'guarded' && accepted.has(record.source.commit)),
      );
    }
    if (record.kind === 'queue.intent') {
      const spans = open.get(record.queue.id) ?? [];
      spans.push({ run: record.run, from: Date.parse(record.at), to: Infinity });
      open.set(record.queue.id, spans);
    }
    if (record.kind === 'queue.outcome') {
      const span = open.get(record.queue.id)?.at(-1);
      if (span !== undefined && span.to === Infinity) span.to = Date.parse(record.at);
    }
  }
  return writes.flatMap(({ at, what, queue, name, codes: ids, timeoutMs }) => {
    const told = `${what} on ${name ?? queue} at ${new Date(at).toISOString()}`;
    const span = open.get(queue)?.find(({ from, to }) => from <= at && at <= to);
    if (span === undefined) return [`${told}: no intent`];
    const commit = runs.get(span.run)?.source.commit ?? '';
    const wish = revisions.get(commit)?.wish ?? null;
    if (wish === null || allowed.get(span.run) !== true)
      return [`${told}: the commit ${commit.slice(0, 7)} may not be enforced`];
    const family = name === null ? null : familyOf(name);
    // It was renamed a moment ago, or is gone.
    if (family === null) return [];
    const wanted = wish.families[family];
    const names = ids.flatMap((id) => codes.get(id) ?? []);
    if (what === 'add')
      return names
        .filter((code) => !wanted.codes.includes(code))
        .map((code) => `${told}: ${code} is not wanted`);
    if (what === 'remove')
      return names
        .filter((code) => wanted.codes.includes(code))
        .map((code) => `${told}: ${code} is wanted`);
    return timeoutMs === wanted.timeoutS * 1_000 ? [] : [`${told}: ${timeoutMs} ms are not wanted`];
  });
};

/** No queue is written that no policy has ever named; one that was renamed away is left alone as soon as that can be known. */
export const ungovernedIsLeft = (
  { writes }: Evidence,
  ungoverned: ReadonlySet<string>,
): readonly string[] =>
  writes
    .filter(({ queue }) => ungoverned.has(queue))
    .map(
      ({ what, name, at }) =>
        `${what} on ${name} at ${new Date(at).toISOString()}, which nobody governs`,
    );

/**
 * Every record that tells of something has its event at the receiver, and nothing else has; the events of a queue came
 * in order, as far as they came for the first time. `head` is the hash of the last record.
 */
export const eventsAreTold = ({ journal, events }: Evidence, head: string): readonly string[] => {
  const wanted = new Map<string, string>();
  for (const [index, record] of journal.entries()) {
    const type = eventTypeOf(record);
    if (type !== null) wanted.set(eventIdOf(journal[index + 1]?.prev ?? head), type);
  }
  const first = new Map<string, Arrived>();
  for (const event of events) if (!first.has(event.id)) first.set(event.id, event);
  const found = [
    ...[...wanted].flatMap(([id, type]) =>
      first.get(id)?.type === type ? [] : [`the event ${id} (${type}) has not come`],
    ),
    ...[...first].flatMap(([id, { type }]) =>
      wanted.has(id) ? [] : [`the event ${id} (${type}) came, and nothing tells of it`],
    ),
  ];
  const last = new Map<string, number>();
  for (const { queue, sequence } of first.values()) {
    if (queue === null || sequence === null) continue;
    const before = last.get(queue) ?? 0;
    if (sequence !== before + 1) found.push(`${queue}: event ${sequence} came after ${before}`);
    last.set(queue, sequence);
  }
  return found;
};

/** Every write that took effect is told by a record of its queue that has an event. */
export const changesAreTold = ({ journal, writes }: Evidence): readonly string[] =>
  writes.flatMap(({ queue, at, what, name }) =>
    journal.some(
      (record) =>
        (record.kind === 'queue.outcome' || record.kind === 'queue.settled') &&
        record.queue.id === queue &&
        eventTypeOf(record) !== null &&
        Date.parse(record.at) >= at,
    )
      ? []
      : [`nobody tells of ${what} on ${name ?? queue} at ${new Date(at).toISOString()}`],
  );
