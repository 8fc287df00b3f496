/** Lists that come in pages, read whole or not at all. */
import type { Listing } from '../apply/ports.js';
import { AppError } from '../domain/errors.js';
import { correlationIdOf, platformCodeOf } from './errors.js';
import { arrayOf, lossyNumbers, numberOf } from './json.js';
import { backoffMs } from './retry.js';
import type { Waiting } from './retry.js';
import type { SdkAnswer } from './sdk.js';

export interface PageQuery {
  readonly pageSize: number;
  readonly pageNumber: number;
}

/** A list, and how to read it. */
export interface PagedList<Item> {
  /** For error messages, which begin with it: `The list of queues`. */
  readonly what: string;
  readonly page: (query: PageQuery) => Promise<SdkAnswer>;
  /** One entity; `lossyNumber` is the path in it of a number that a double does not hold, or null. */
  readonly item: (entity: unknown, lossyNumber: string | null) => Item;
  readonly idOf: (item: Item) => string;
  /** How many items to ask for a page. Shared by all lists of a kind, as a smaller size that the platform wants is kept. */
  readonly size: PageSize;
}

/** How many items a page of one kind of list may have. */
export class PageSize {
  #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  get current(): number {
    return this.#size;
  }

  /** The platform found this size too large. False when there is nothing smaller left to try. */
  shrink(from: number): boolean {
    // Of several readers that are refused at once, the first has already shrunk it for all.
    if (this.#size < from) return true;
    if (from <= MIN_SIZE) return false;
    this.#size = Math.max(MIN_SIZE, Math.floor(from / 2));
    return true;
  }
}

/** The platform's default page size: it cannot be too large. */
const MIN_SIZE = 25;
/** How often a torn list is read before it is given up. */
const TRIES = 5;
const BETWEEN_TRIES = { attempts: TRIES, baseMs: 250, capMs: 2_000, deadlineMs: Infinity };

interface Page<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

/** Something in the pages does not fit: the list changed while it was read. */
class Tear extends Error {}

/**
 * Reads a list whole, in max(1, ⌈n/P⌉) requests, where P is the number of items that the platform really
 * puts on a page. Pages after the first are asked for together.
 *
 * What a page holds is believed before what it says about itself: first the length of `entities`, which
 * also shows a cap that is not told; then `total`, and every page must say the same. `pageCount` counts
 * only where `total` is missing, and the echo of `pageSize` never. Pages after the first are asked for by
 * the length of the first, so that the platform's offsets and ours agree however it applies its cap.
 *
 * @throws AppError `genesys.torn-read` when the pages still do not fit together after several tries
 */
export const readAll = async <Item>(
  list: PagedList<Item>,
  waiting: Waiting,
): Promise<Listing<Item>> => {
  const { clock, random, signal } = waiting;
  for (let tries = 1; ;) {
    const readAt = clock.now();
    const askedFor = list.size.current;
    try {
      return { ...(await readOnce(list, askedFor)), readAt };
    } catch (error) {
      if (platformCodeOf(error) === 'response.entity.too.large' && list.size.shrink(askedFor))
        continue;
      if (!(error instanceof Tear)) throw error;
      if (tries === TRIES) {
        throw new AppError(
          'genesys.torn-read',
          `${list.what} could not be read whole in ${TRIES} tries: ${error.message}.`,
        );
      }
      await clock.sleep(backoffMs(tries, random, BETWEEN_TRIES), signal);
      tries += 1;
    }
  }
};

const readOnce = async <Item>(
  list: PagedList<Item>,
  askedFor: number,
): Promise<Omit<Listing<Item>, 'readAt'>> => {
  const first = await readPage(list, { pageSize: askedFor, pageNumber: 1 });
  const { total } = first;
  const pageSize = first.items.length;
  if (pageSize === 0 && total > 0)
    throw new Tear(`the first page is empty, and says that there are ${total} items`);
  const pages = Math.max(1, Math.ceil(total / Math.max(1, pageSize)));
  const others = await Promise.all(
    Array.from({ length: pages - 1 }, (_, index) =>
      readPage(list, { pageSize, pageNumber: index + 2 }),
    ),
  );
  const odd = others.find((page) => page.total !== total);
  if (odd !== undefined)
    throw new Tear(`one page says that there are ${total} items, another ${odd.total}`);
  const items = [first, ...others].flatMap((page) => page.items);
  if (items.length !== total)
    throw new Tear(`${total} items were announced, and ${items.length} came`);
  const twice = items.length - new Set(items.map(list.idOf)).size;
  if (twice > 0) throw new Tear(`${twice} of ${total} items came twice`);
  return { items, pages };
};

const readPage = async <Item>(list: PagedList<Item>, query: PageQuery): Promise<Page<Item>> => {
  const { headers, body, text } = await list.page(query);
  const entities = arrayOf(body, 'entities');
  const lossy = lossyNumbers(text);
  const items = entities.map((entity, index) =>
    list.item(entity, lossyIn(lossy, ['entities', String(index)])),
  );
  const total =
    numberOf(body, 'total') ?? (numberOf(body, 'pageCount') === 1 ? items.length : null);
  if (total === null) {
    throw new AppError(
      'genesys.not-genesys',
      `${list.what} came on a page that does not say how many items there are.`,
      { correlationId: correlationIdOf(headers, body) },
    );
  }
  return { items, total };
};

/** The first of the paths that lies within a part of the document, written relative to that part. */
export const lossyIn = (
  paths: readonly (readonly string[])[],
  part: readonly string[],
): string | null => {
  const inside = paths.find((path) => part.every((key, index) => path[index] === key));
  return inside === undefined ? null : inside.slice(part.length).join('.');
};
