/**
 * Who still waits for which event: a fold over the journal. Pure; the journal keeps it, the webhooks act
 * upon it. Whose turn it is stands in `turns.ts`.
 */
import { Backlog } from './backlog.js';
import type { PendingEvent, Waiting } from './backlog.js';
import { outgoingEventOf } from './journal.js';
import type { DeliveryAttempted, JournalRecord, OutgoingEvent } from './journal.js';

/** What is known of one sink. It is live: it changes with the records that its {@link OutboxFold} is given. */
export interface SinkState {
  readonly name: string;
  /** Types, or `*`. */
  readonly events: readonly string[];
  /** Why it gets nothing until it is asked for (410 Gone), or null. */
  readonly disabled: string | null;
  /** Until when it is left alone, in milliseconds since the epoch, or null. */
  readonly restUntil: number | null;
  /**
   * How often in a row it had to be left alone. Attempts that were under way together and failed together
   * count once.
   */
  readonly failures: number;
  readonly pending: Waiting;
  /** What was tried for too long: listed, and sent again only when somebody asks. By seq of the event. */
  readonly givenUp: ReadonlyMap<number, PendingEvent>;
}

/** By the name of the sink. */
export type OutboxState = ReadonlyMap<string, SinkState>;

interface Sink {
  readonly name: string;
  events: readonly string[];
  disabled: string | null;
  restUntil: number | null;
  failures: number;
  readonly pending: Backlog;
  readonly givenUp: Map<number, PendingEvent>;
}

/**
 * Follows the journal, record by record; each costs about the same however many events wait.
 *
 * | record                  | what becomes of a sink |
 * |-------------------------|------------------------|
 * | has an event            | it waits for it, if it asks for the type or for `*` |
 * | `sink.added`, unknown   | it begins here: only what comes later |
 * | `sink.added`, known     | its choice holds for what comes later; what it waits for already, it still gets |
 * | `sink.removed`          | forgotten, with all that it waited for |
 * | `delivery` delivered    | has the event |
 * | `delivery` failed       | the event waits until `nextAt` |
 * | `delivery` given-up     | the event is listed, and not sent until somebody asks |
 * | `delivery` disabled     | still waits for the event, and gets nothing until somebody asks |
 * | … with `restUntil`      | is left alone until then: one failure more, unless it was left alone already |
 * | … answered, without     | was reached: failures and rest are over, unless it is left alone at that moment |
 * | `redelivery`            | waits for these events as if they had never been tried, each in its old place; no longer disabled, resting or failing |
 *
 * @example
 * const outbox = new OutboxFold();
 * for (const { record } of journal) outbox.add(record);
 * outbox.state.get('reporting')?.pending.size;
 */
export class OutboxFold {
  readonly #sinks: Map<string, Sink>;

  /** From nothing, or from where a snapshot stood ({@link outboxFromJson}). */
  constructor(sinks: readonly Sink[] = []) {
    this.#sinks = new Map(sinks.map((sink) => [sink.name, sink]));
  }

  get state(): OutboxState {
    return this.#sinks;
  }

  add(record: JournalRecord): void {
    if (record.kind === 'sink.added') this.#choose(record.sink, record.events);
    else if (record.kind === 'sink.removed') this.#sinks.delete(record.sink);
    else if (record.kind === 'delivery') this.#deliver(record);
    else if (record.kind === 'redelivery') this.#ask(record.sink, record.events);
    else this.#publish(outgoingEventOf(record));
  }

  #choose(name: string, events: readonly string[]): void {
    const sink = this.#sinks.get(name);
    if (sink === undefined) this.#sinks.set(name, newSink(name, events));
    else sink.events = events;
  }

  #publish(event: OutgoingEvent | null): void {
    if (event === null) return;
    for (const { events, pending } of this.#sinks.values()) {
      if (events.includes('*') || events.includes(event.type)) pending.put(untried(event));
    }
  }

  #ask(name: string, events: readonly OutgoingEvent[]): void {
    const sink = this.#sinks.get(name);
    if (sink === undefined) return;
    for (const event of events) {
      sink.givenUp.delete(event.seq);
      sink.pending.put(untried(event));
    }
    Object.assign(sink, REACHED, { disabled: null });
  }

  #deliver(record: JournalRecord<DeliveryAttempted>): void {
    const sink = this.#sinks.get(record.sink);
    if (sink === undefined) return;
    settle(sink, record);
    if (record.result === 'disabled') sink.disabled = record.why ?? 'it is gone';
    const at = Date.parse(record.at);
    // While a sink is left alone nothing new is sent: what ends then had begun before, and says nothing new.
    const isLeftAlone = sink.restUntil !== null && at < sink.restUntil;
    if (record.restUntil !== null) {
      if (!isLeftAlone) sink.failures += 1;
      sink.restUntil = Math.max(Date.parse(record.restUntil), sink.restUntil ?? 0);
    } else if (record.status !== null && !isLeftAlone) Object.assign(sink, REACHED);
  }
}

const REACHED = { failures: 0, restUntil: null } as const;

/** What becomes of the event that was tried. */
const settle = ({ pending, givenUp }: Sink, record: JournalRecord<DeliveryAttempted>): void => {
  const event = pending.get(record.of);
  if (event === undefined) return;
  if (record.result === 'delivered') {
    pending.delete(record.of);
    return;
  }
  const tried: PendingEvent = {
    ...event,
    attempts: record.attempt,
    firstAttemptAt: event.firstAttemptAt ?? Date.parse(record.at),
    nextAt: record.nextAt === null ? null : Date.parse(record.nextAt),
  };
  if (record.result !== 'given-up') return pending.put(tried);
  pending.delete(record.of);
  givenUp.set(record.of, tried);
};

const untried = ({ seq, type, subject, run }: OutgoingEvent): PendingEvent => ({
  seq,
  type,
  subject,
  run,
  attempts: 0,
  firstAttemptAt: null,
  nextAt: null,
});

const newSink = (name: string, events: readonly string[]): Sink => ({
  name,
  events,
  disabled: null,
  ...REACHED,
  pending: new Backlog(),
  givenUp: new Map(),
});

/** An outbox as a snapshot holds it. */
export interface OutboxJson {
  readonly sinks: readonly (Omit<SinkState, 'pending' | 'givenUp'> & {
    readonly pending: readonly PendingEvent[];
    readonly givenUp: readonly PendingEvent[];
  })[];
}

export const outboxToJson = (state: OutboxState): OutboxJson => ({
  sinks: Array.from(state.values(), ({ pending, givenUp, ...sink }) => ({
    ...sink,
    pending: pending.all(),
    givenUp: bySeq(givenUp.values()),
  })),
});

/** Goes on where {@link outboxToJson} stood. Whether the text is what was written, its keeper has to know. */
export const outboxFromJson = ({ sinks }: OutboxJson): OutboxFold =>
  new OutboxFold(
    sinks.map(({ pending, givenUp, ...sink }) => ({
      ...sink,
      pending: new Backlog(pending),
      givenUp: new Map(givenUp.map((event) => [event.seq, event])),
    })),
  );

const bySeq = (events: Iterable<PendingEvent>): readonly PendingEvent[] =>
  [...events].sort((a, b) => a.seq - b.seq);
