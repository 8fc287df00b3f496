/** Answers that are remembered until they are forgotten. */

/** A read that has begun so long ago is not under way any more. */
const LONGEST_READ_MS = 3_600_000;

/** Keys whose reads are not to be relied on yet: what was written may not show. */
export class Unsettled<Key> {
  readonly #until = new Map<Key, number>();
  #allUntil = -Infinity;

  /** A read that begins before `until` is not relied on. */
  add(key: Key, until: number, now: number): void {
    for (const [other, when] of this.#until)
      if (when + LONGEST_READ_MS < now) this.#until.delete(other);
    if (until > Math.max(now, this.#until.get(key) ?? now)) this.#until.set(key, until);
  }

  addAll(until: number): void {
    this.#allUntil = Math.max(this.#allUntil, until);
  }

  /** Whether a read that began at this time may be too early for this key. */
  has(key: Key, beganAt: number): boolean {
    return beganAt < Math.max(this.#allUntil, this.#until.get(key) ?? -Infinity);
  }

  /** The keys for which a read that began at this time may be too early. */
  keys(beganAt: number): readonly Key[] {
    return [...this.#until].flatMap(([key, until]) => (beganAt < until ? [key] : []));
  }
}

interface Remembered<Value> {
  readonly value: Value;
  readonly beganAt: number;
}

/**
 * Answers by the key of their question. Whoever asks what is being asked already waits for the same answer. An
 * answer whose question was forgotten meanwhile is given to those who wait for it and not remembered: what made
 * it be forgotten may have come in between. Failures are never remembered.
 */
export class Memory<Key, Value> {
  readonly #now: () => number;
  /** In the order in which they came. */
  readonly #known = new Map<Key, Remembered<Value>>();
  readonly #underWay = new Map<Key, Promise<Value>>();
  readonly #unsettled = new Unsettled<Key>();

  /** `now` must never go back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#known.size;
  }

  /** The oldest first. */
  entries(): IterableIterator<[Key, Remembered<Value>]> {
    return this.#known.entries();
  }

  /** When the oldest answer was asked for; infinite where there is none. */
  get oldestAt(): number {
    let oldest = Infinity;
    for (const { beganAt } of this.#known.values()) oldest = Math.min(oldest, beganAt);
    return oldest;
  }

  recall(key: Key, read: () => Promise<Value>): Promise<Value> {
    const known = this.#known.get(key);
    if (known !== undefined) return Promise.resolve(known.value);
    const begun = this.#underWay.get(key);
    if (begun !== undefined) return begun;
    const reading: Promise<Value> = this.#read(
      key,
      read,
      () => this.#underWay.get(key) === reading,
    );
    this.#underWay.set(key, reading);
    return reading;
  }

  async #read(key: Key, read: () => Promise<Value>, isCurrent: () => boolean): Promise<Value> {
    const beganAt = this.#now();
    try {
      const value = await read();
      if (isCurrent() && !this.#unsettled.has(key, beganAt))
        this.#known.set(key, { value, beganAt });
      return value;
    } finally {
      if (isCurrent()) this.#underWay.delete(key);
    }
  }

  /** Answers to questions that are asked before `unsettledUntil` are not remembered. */
  forget(key: Key, unsettledUntil = -Infinity): void {
    this.#unsettled.add(key, unsettledUntil, this.#now());
    this.#known.delete(key);
    this.#underWay.delete(key);
  }

  /** As {@link forget}, for every answer of which this is true; and for all that are still to come. */
  forgetWhere(holds: (value: Value) => boolean, unsettledUntil = -Infinity): void {
    this.#underWay.clear();
    for (const [key, { value }] of this.#known) if (holds(value)) this.forget(key, unsettledUntil);
  }

  /** As {@link forget}, for every question. */
  forgetAll(unsettledUntil = -Infinity): void {
    this.#unsettled.addAll(unsettledUntil);
    this.#known.clear();
    this.#underWay.clear();
  }
}
