/**
 * What one sink has not got yet, kept so that the next one in line of every subject is at hand however many
 * wait behind it.
 */
import type { OutgoingEvent } from './journal.js';

/** An event that a sink has not got. */
export interface PendingEvent extends OutgoingEvent {
  readonly attempts: number;
  /** Milliseconds since the epoch, like `nextAt`; null before the first. */
  readonly firstAttemptAt: number | null;
  /** When it may be tried (again); null: at once. */
  readonly nextAt: number | null;
}

/** What is to be seen of a backlog. */
export interface Waiting {
  readonly size: number;
  get(seq: number): PendingEvent | undefined;
  /** All that wait, by seq. */
  all(): readonly PendingEvent[];
  /** The first one of every subject, those first that began to wait first. */
  heads(): Iterable<PendingEvent>;
  /** How many events of a run, other than of the run itself, nobody has tried to deliver yet. */
  untried(run: string): number;
}

/** Events of one line go out one after the other: those of a queue, of a code, or of a run itself. */
export const lineOf = ({ subject, run }: OutgoingEvent): string => subject ?? `run ${run}`;

/** Seqs in order; what is before `from` has gone. */
interface Line {
  seqs: number[];
  from: number;
}

/** So many places are given back at a time: an array that loses its first one by one is copied each time. */
const SLACK = 1_024;

/** Adding, changing and taking away cost about the same however many wait. */
export class Backlog implements Waiting {
  readonly #events = new Map<number, PendingEvent>();
  readonly #lines = new Map<string, Line>();
  readonly #untried = new Map<string, number>();

  constructor(events: Iterable<PendingEvent> = []) {
    for (const event of events) this.put(event);
  }

  get size(): number {
    return this.#events.size;
  }

  get(seq: number): PendingEvent | undefined {
    return this.#events.get(seq);
  }

  all(): readonly PendingEvent[] {
    return [...this.#events.values()].sort((a, b) => a.seq - b.seq);
  }

  *heads(): Iterable<PendingEvent> {
    for (const { seqs, from } of this.#lines.values()) {
      const event = this.#events.get(seqs[from] ?? -1);
      if (event !== undefined) yield event;
    }
  }

  untried(run: string): number {
    return this.#untried.get(run) ?? 0;
  }

  /** Adds an event where its seq belongs, or replaces the one of that seq. */
  put(event: PendingEvent): void {
    const before = this.#events.get(event.seq);
    this.#events.set(event.seq, event);
    this.#count(event.run, untriedOf(event) - untriedOf(before));
    if (before === undefined) this.#enqueue(lineOf(event), event.seq);
  }

  delete(seq: number): PendingEvent | undefined {
    const event = this.#events.get(seq);
    if (event === undefined) return undefined;
    this.#events.delete(seq);
    this.#count(event.run, -untriedOf(event));
    this.#dequeue(lineOf(event), seq);
    return event;
  }

  #count(run: string, by: number): void {
    if (by === 0) return;
    const count = this.untried(run) + by;
    if (count === 0) this.#untried.delete(run);
    else this.#untried.set(run, count);
  }

  #enqueue(name: string, seq: number): void {
    const line = this.#lines.get(name);
    if (line === undefined) this.#lines.set(name, { seqs: [seq], from: 0 });
    else line.seqs.splice(placeOf(line, seq), 0, seq);
  }

  #dequeue(name: string, seq: number): void {
    const line = this.#lines.get(name);
    if (line === undefined) return;
    if (line.seqs[line.from] === seq) line.from += 1;
    else line.seqs.splice(placeOf(line, seq), 1);
    if (line.from === line.seqs.length) this.#lines.delete(name);
    else if (line.from >= SLACK && line.from * 2 >= line.seqs.length) {
      line.seqs = line.seqs.slice(line.from);
      line.from = 0;
    }
  }
}

const untriedOf = (event: PendingEvent | undefined): number =>
  event !== undefined && event.subject !== null && event.attempts === 0 ? 1 : 0;

/** Where a seq stands, or would stand. Most are added at the end. */
const placeOf = ({ seqs, from }: Line, seq: number): number => {
  if (seq > (seqs.at(-1) ?? -1)) return seqs.length;
  let [low, high] = [from, seqs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seqs[middle] ?? Infinity) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
};
