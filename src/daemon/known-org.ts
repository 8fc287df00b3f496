/**
 * What a daemon remembers of the organization from pass to pass, so that a pass over an organization in which
 * nothing changed reads nothing, whatever its size.
 *
 * It never decides by itself what to read anew: whoever owns it tells what to forget.
 */
import type { Listing, OrgReader, PlanningReader } from '../apply/ports.js';
import { steadyTime } from '../domain/clock.js';
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import type { CodeId, QueueId } from '../domain/ids.js';
import type { Division, LiveCode, LiveQueue, LiveQueueCodes } from '../domain/state.js';
import { KnownQueues } from './known-queues.js';
import { Memory } from './memory.js';

/** How something is forgotten. */
export interface Forgetting {
  /**
   * Reads lag writes: what is read anew before this instant of the clock is used, and forgotten again.
   */
  readonly notKeptUntil?: number | undefined;
}

/** The questions that have one answer. */
const WHOLE = 'whole';

type ById<Id> = { readonly id: Id } | { readonly name: string };

export class KnownOrg implements PlanningReader {
  readonly #reader: OrgReader;
  readonly #clock: Clock;
  readonly #now: () => number;
  readonly #queues: KnownQueues;
  readonly #lists: Memory<QueueId, LiveQueueCodes>;
  readonly #catalog: Memory<typeof WHOLE, Listing<LiveCode>>;
  readonly #divisions: Memory<typeof WHOLE, Listing<Division>>;
  readonly #foundQueues: Memory<string, readonly LiveQueue[]>;
  readonly #foundCodes: Memory<string, readonly LiveCode[]>;
  /** The catalog whose names stand in lists of codes. */
  #named: Listing<LiveCode> | null = null;
  #names: ReadonlyMap<CodeId, string> = new Map();
  #catalogUnsettledUntil = -Infinity;

  constructor({ reader, clock }: { readonly reader: OrgReader; readonly clock: Clock }) {
    this.#reader = reader;
    this.#clock = clock;
    this.#now = steadyTime(clock);
    this.#queues = new KnownQueues(reader, this.#now, (id) => this.#lists.forget(id));
    this.#lists = new Memory(this.#now);
    this.#catalog = new Memory(this.#now);
    this.#divisions = new Memory(this.#now);
    this.#foundQueues = new Memory(this.#now);
    this.#foundCodes = new Memory(this.#now);
  }

  // What a plan is made of.

  listQueues(): Promise<Listing<LiveQueue>> {
    return this.#queues.list();
  }

  async listCodes(): Promise<Listing<LiveCode>> {
    const listing = await this.#catalog.recall(WHOLE, () => this.#reader.listCodes());
    if (listing !== this.#named) this.#rename(listing);
    return listing;
  }

  listDivisions(): Promise<Listing<Division>> {
    return this.#divisions.recall(WHOLE, () => this.#reader.listDivisions());
  }

  findQueues(by: ById<QueueId>): Promise<readonly LiveQueue[]> {
    return this.#foundQueues.recall(JSON.stringify(by), () => this.#reader.findQueues(by));
  }

  findCodes(by: ById<CodeId>): Promise<readonly LiveCode[]> {
    return this.#foundCodes.recall(JSON.stringify(by), () => this.#reader.findCodes(by));
  }

  /** Codes bear the names that the catalog gives them now. */
  async queueCodes(queue: QueueId): Promise<LiveQueueCodes> {
    try {
      const list = await this.#lists.recall(queue, () => this.#reader.queueCodes(queue));
      return withNames(list, this.#names);
    } catch (error) {
      if (error instanceof AppError && error.code === 'genesys.not-found') this.forgetQueue(queue);
      throw error;
    }
  }

  // What to read anew.

  /** The queue itself and its codes; also a queue of which nobody knew yet. */
  forgetQueue(queue: QueueId, { notKeptUntil }: Forgetting = {}): void {
    const until = this.#steady(notKeptUntil);
    this.#queues.forget(queue, until);
    this.#lists.forget(queue, until);
    this.#foundQueues.forgetAll(until);
  }

  /** The list of the organization's codes. The codes of a queue that holds one that is gone are forgotten with it. */
  forgetCatalog({ notKeptUntil }: Forgetting = {}): void {
    const until = this.#steady(notKeptUntil);
    this.#catalogUnsettledUntil = Math.max(this.#catalogUnsettledUntil, until);
    this.#catalog.forget(WHOLE, until);
    this.#foundCodes.forgetAll(until);
  }

  /** All but the codes of the queues: {@link listRequests} is what reading it anew costs. */
  forgetLists(): void {
    this.#queues.forgetAll();
    this.#catalog.forgetAll();
    this.#divisions.forgetAll();
    this.#foundQueues.forgetAll();
    this.#foundCodes.forgetAll();
  }

  forgetAll(): void {
    this.forgetLists();
    this.#lists.forgetAll();
  }

  /**
   * The codes of the queues that were read longest ago, as many as can be read anew with so many requests; of one
   * queue at least, unless it is to cost nothing. Returns how many requests it takes.
   */
  forgetOldest(mostRequests: number): number {
    let requests = 0;
    for (const [queue, { value }] of this.#lists.entries()) {
      if (requests + (requests === 0 ? 1 : value.pages) > mostRequests) break;
      requests += value.pages;
      this.#lists.forget(queue);
    }
    return requests;
  }

  // What is known.

  /**
   * When the oldest of what is remembered was read, by the clock as it goes now: where that was set meanwhile,
   * how long ago it was is what counts. Null while the lists have to be read.
   */
  oldestReadAt(): number | null {
    const { oldestAt } = this.#queues;
    if (oldestAt === null || this.#catalog.size === 0) return null;
    const memories = [this.#lists, this.#catalog, this.#divisions, this.#foundQueues];
    const oldest = Math.min(
      oldestAt,
      this.#foundCodes.oldestAt,
      ...memories.map((memory) => memory.oldestAt),
    );
    return this.#clock.now() - (this.#now() - oldest);
  }

  get knownQueues(): number {
    return this.#queues.size;
  }

  /** How many requests it takes to read anew what {@link forgetLists} forgets. */
  get listRequests(): number {
    let requests = this.#queues.pages + this.#foundQueues.size + this.#foundCodes.size;
    for (const memory of [this.#catalog, this.#divisions])
      for (const [, { value }] of memory.entries()) requests += value.pages;
    return Math.max(requests, 2);
  }

  /** An instant of the clock as one of the time that never goes back. */
  #steady(until = -Infinity): number {
    return this.#now() + (until - this.#clock.now());
  }

  /** Names stand in the codes of queues, too, and a code that is gone from the catalog is gone from them. */
  #rename(listing: Listing<LiveCode>): void {
    const before = this.#names;
    const names = new Map(listing.items.map(({ id, name }) => [id, name]));
    this.#named = listing;
    this.#names = names;
    const gone = new Set([...before.keys()].filter((id) => !names.has(id)));
    if (gone.size === 0) return;
    this.#lists.forgetWhere(
      ({ codes }) => codes.some(({ id }) => gone.has(id)),
      this.#catalogUnsettledUntil,
    );
  }
}

/** The same list where it bears these names already. */
const withNames = (list: LiveQueueCodes, names: ReadonlyMap<CodeId, string>): LiveQueueCodes =>
  list.codes.every(({ id, name }) => (names.get(id) ?? name) === name)
    ? list
    : {
        ...list,
        codes: list.codes.map((code) => ({ ...code, name: names.get(code.id) ?? code.name })),
      };
