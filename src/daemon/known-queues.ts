/** The list of queues, remembered queue by queue. */
import type { Listing, OrgReader } from '../apply/ports.js';
import { AppError } from '../domain/errors.js';
import type { QueueId } from '../domain/ids.js';
import type { LiveQueue } from '../domain/state.js';
import { Unsettled } from './memory.js';

/** A list that was read whole, with what was read of single queues since then. */
interface KnownList {
  readonly queues: ReadonlyMap<QueueId, LiveQueue>;
  readonly listing: Listing<LiveQueue>;
  /** When the whole list was asked for, by the time that never goes back. */
  readonly beganAt: number;
}

/** One queue as it was read by itself; null: it does not exist any more. */
interface Anew {
  readonly id: QueueId;
  readonly queue: LiveQueue | null;
  readonly beganAt: number;
}

/**
 * Remembers the list, and reads forgotten queues anew: by themselves, or with the whole list where that costs
 * fewer requests. As in `Memory`, a reading during which something is forgotten is not remembered.
 */
export class KnownQueues {
  readonly #reader: Pick<OrgReader, 'listQueues' | 'queueDocument'>;
  readonly #now: () => number;
  readonly #onGone: (queue: QueueId) => void;
  #known: KnownList | null = null;
  /** Whether the list has to be read whole. */
  #isForgotten = true;
  #underWay: Promise<Listing<LiveQueue>> | null = null;
  #forgotten = new Set<QueueId>();
  readonly #unsettled = new Unsettled<QueueId>();

  /** `now` must never go back. `onGone` is told of each queue that is not there any more. */
  constructor(
    reader: Pick<OrgReader, 'listQueues' | 'queueDocument'>,
    now: () => number,
    onGone: (queue: QueueId) => void,
  ) {
    this.#reader = reader;
    this.#now = now;
    this.#onGone = onGone;
  }

  get size(): number {
    return this.#known?.queues.size ?? 0;
  }

  get pages(): number {
    return this.#known?.listing.pages ?? 1;
  }

  /** When the list was asked for; null where it has to be read. */
  get oldestAt(): number | null {
    return this.#isForgotten ? null : (this.#known?.beganAt ?? null);
  }

  /** `readAt` is that of the whole list: queues that were read since then may be younger. */
  list(): Promise<Listing<LiveQueue>> {
    if (this.#underWay !== null) return this.#underWay;
    if (this.#known !== null && !this.#isForgotten && this.#forgotten.size === 0)
      return Promise.resolve(this.#known.listing);
    const reading: Promise<Listing<LiveQueue>> = this.#read(() => this.#underWay === reading);
    this.#underWay = reading;
    return reading;
  }

  forget(queue: QueueId, unsettledUntil: number): void {
    this.#unsettled.add(queue, unsettledUntil, this.#now());
    this.#forgotten.add(queue);
    this.#underWay = null;
  }

  forgetAll(): void {
    this.#isForgotten = true;
    this.#underWay = null;
  }

  async #read(isCurrent: () => boolean): Promise<Listing<LiveQueue>> {
    try {
      const { known, open } = await this.#readAnew();
      if (isCurrent()) {
        const before = this.#known?.queues.keys() ?? [];
        this.#known = known;
        this.#isForgotten = false;
        this.#forgotten = new Set(open);
        for (const id of before) if (!known.queues.has(id)) this.#onGone(id);
      }
      return known.listing;
    } finally {
      if (isCurrent()) this.#underWay = null;
    }
  }

  /** The list as it is now, and the queues whose reading came too early to be kept. */
  async #readAnew(): Promise<{ readonly known: KnownList; readonly open: readonly QueueId[] }> {
    const known = this.#known;
    if (known !== null && !this.#isForgotten && this.#forgotten.size <= known.listing.pages) {
      const anew = await this.#readEach([...this.#forgotten]);
      if (anew !== null)
        return {
          known: renewed(known, anew),
          open: anew.flatMap(({ id, beganAt }) => (this.#unsettled.has(id, beganAt) ? [id] : [])),
        };
    }
    const beganAt = this.#now();
    const listing = await this.#reader.listQueues();
    const queues = new Map(listing.items.map((queue) => [queue.id, queue]));
    return { known: { queues, listing, beganAt }, open: this.#unsettled.keys(beganAt) };
  }

  /** Null where one of them may not be read by itself: whether it counts is what the list tells. */
  async #readEach(queues: readonly QueueId[]): Promise<readonly Anew[] | null> {
    try {
      return await Promise.all(
        queues.map(async (id) => {
          const beganAt = this.#now();
          const document = await this.#reader.queueDocument(id);
          return { id, queue: document?.queue ?? null, beganAt };
        }),
      );
    } catch (error) {
      if (error instanceof AppError && error.code === 'genesys.forbidden') return null;
      throw error;
    }
  }
}

/** Queues keep their places; new ones come last. */
const renewed = (known: KnownList, anew: readonly Anew[]): KnownList => {
  const queues = new Map(known.queues);
  for (const { id, queue } of anew) {
    if (queue === null) queues.delete(id);
    else queues.set(id, queue);
  }
  return { ...known, queues, listing: { ...known.listing, items: [...queues.values()] } };
};
