/** How far every event of a journal is on its way to every sink. */
import type { Delivery } from '../domain/audit.js';
import type { DeliveryAttempted, JournalRecord } from '../domain/journal.js';
import { OutboxFold, outboxFromJson } from '../domain/outbox.js';
import type { OutboxJson, SinkState } from '../domain/outbox.js';

const PAGE = 4096;
const MOST_ATTEMPTS = 255;

/** After how many attempts an event was delivered: one byte each, so that years of them have room. */
class Delivered {
  readonly #pages = new Map<number, Uint8Array>();

  put(seq: number, attempts: number): void {
    const number = Math.floor(seq / PAGE);
    const page = this.#pages.get(number) ?? new Uint8Array(PAGE);
    page[seq % PAGE] = Math.min(attempts, MOST_ATTEMPTS);
    this.#pages.set(number, page);
  }

  /** 0 where it was not. */
  get(seq: number): number {
    return this.#pages.get(Math.floor(seq / PAGE))?.[seq % PAGE] ?? 0;
  }
}

/** A fold: to be given the records of a journal, in order, before it is asked. */
export class DeliveryBook {
  readonly #outbox: OutboxFold;
  readonly #delivered = new Map<string, Delivered>();
  /** Why the last attempt failed, by sink and seq; of what is not delivered alone. */
  readonly #whys = new Map<string, Map<number, string>>();

  /** From nothing, or from what was waited for where the journal begins. */
  constructor(from: OutboxJson | null) {
    this.#outbox = from === null ? new OutboxFold() : outboxFromJson(from);
  }

  add(record: JournalRecord): void {
    this.#outbox.add(record);
    if (record.kind === 'delivery') this.#attempted(record);
    else if (record.kind === 'sink.removed') this.#whys.delete(record.sink);
    else if (record.kind === 'redelivery')
      for (const { seq } of record.events) this.#whys.get(record.sink)?.delete(seq);
  }

  /** By the names of the sinks. */
  of(seq: number): readonly Delivery[] {
    const sinks = this.#outbox.state;
    const names = new Set([...sinks.keys(), ...this.#delivered.keys()]);
    return [...names].sort().flatMap((sink): readonly Delivery[] => {
      const waiting = this.#waiting(sinks.get(sink), seq);
      if (waiting !== null) return [waiting];
      const attempts = this.#delivered.get(sink)?.get(seq) ?? 0;
      return attempts === 0
        ? []
        : [{ sink, state: 'delivered', attempts, nextAt: null, why: null }];
    });
  }

  #attempted({ sink, of, result, attempt, why }: DeliveryAttempted): void {
    const whys = this.#whys.get(sink) ?? new Map<number, string>();
    this.#whys.set(sink, whys);
    if (result !== 'delivered') {
      if (why !== null) whys.set(of, why);
      return;
    }
    whys.delete(of);
    const delivered = this.#delivered.get(sink) ?? new Delivered();
    this.#delivered.set(sink, delivered);
    delivered.put(of, attempt);
  }

  #waiting(sink: SinkState | undefined, seq: number): Delivery | null {
    if (sink === undefined) return null;
    const { name, pending, givenUp, disabled, restUntil } = sink;
    const why = this.#whys.get(name)?.get(seq) ?? null;
    const lost = givenUp.get(seq);
    if (lost !== undefined)
      return { sink: name, state: 'given-up', attempts: lost.attempts, nextAt: null, why };
    const event = pending.get(seq);
    if (event === undefined) return null;
    const { attempts } = event;
    if (disabled !== null)
      return { sink: name, state: 'disabled', attempts, nextAt: null, why: disabled };
    const nextAt = Math.max(event.nextAt ?? 0, restUntil ?? 0);
    return {
      sink: name,
      state: 'pending',
      attempts,
      nextAt: nextAt === 0 ? null : new Date(nextAt).toISOString(),
      why,
    };
  }
}
