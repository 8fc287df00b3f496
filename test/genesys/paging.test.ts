import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PageSize, readAll } from '../../src/genesys/paging.js';
import type { PageQuery } from '../../src/genesys/paging.js';
import { AppError } from '../../src/domain/errors.js';
import { PlatformRefusal } from '../../src/genesys/errors.js';
import { thrownBy } from './thrown.js';
import { VirtualClock } from './virtual-clock.js';

interface Item {
  readonly id: string;
  readonly lossy: string | null;
}

type Body = Readonly<Record<string, unknown>>;

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `id-${index}`);

/** A list of so many items, as a platform with a cap of its own would page it. */
const listing = (
  all: readonly string[],
  { pageNumber, pageSize }: PageQuery,
  cap = Infinity,
): Body => {
  const size = Math.min(pageSize, cap);
  return {
    entities: all.slice((pageNumber - 1) * size, pageNumber * size).map((id) => ({ id })),
    total: all.length,
    pageSize: size,
    pageNumber,
    pageCount: Math.ceil(all.length / size),
  };
};

const tooLarge = (): AppError =>
  new AppError('genesys.rejected', 'too large', {
    cause: new PlatformRefusal(400, 'response.entity.too.large'),
  });

const read = async (
  answer: (query: PageQuery, count: number) => Body,
  size = new PageSize(500),
  headers: Readonly<Record<string, string>> = {},
) => {
  const clock = new VirtualClock();
  const asked: PageQuery[] = [];
  const result = clock.until(
    readAll<Item>(
      {
        what: 'The list',
        size,
        page: (query) => {
          asked.push(query);
          const body = answer(query, asked.length);
          return Promise.resolve({ headers, body, text: JSON.stringify(body) });
        },
        item: (entity, lossy) => ({ id: (entity as Item).id, lossy }),
        idOf: ({ id }) => id,
      },
      { clock, random: () => 0.5 },
    ),
  );
  return { result, asked, clock };
};

describe('a list that keeps still', () => {
  it('costs one request a page, and one where it is empty', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat({ max: 30 }),
        async (count, size, spare) => {
          // A cap below what is asked for, at it, or above it.
          const cap = Math.max(1, spare);
          const all = ids(count);
          const { result, asked } = await read(
            (query) => listing(all, query, cap),
            new PageSize(size),
          );
          const listed = await result;
          expect(listed.items.map(({ id }) => id)).toEqual(all);
          expect(asked).toHaveLength(Math.max(1, Math.ceil(count / Math.min(size, cap))));
          expect(listed.pages).toBe(asked.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is read through a cap that is told nowhere', async () => {
    const all = ids(240);
    const { result, asked } = await read((query) => ({
      ...listing(all, query, 100),
      pageSize: query.pageSize,
      pageCount: 1,
    }));
    expect((await result).items).toHaveLength(240);
    expect(asked).toEqual([
      { pageSize: 500, pageNumber: 1 },
      { pageSize: 100, pageNumber: 2 },
      { pageSize: 100, pageNumber: 3 },
    ]);
  });

  it('tells when the first page was asked for', async () => {
    const { result, clock } = await read((query) => listing(ids(3), query));
    expect((await result).readAt).toBe(clock.now());
  });

  it('shows where a number does not survive', async () => {
    const text = '{"total":2,"entities":[{"id":"a"},{"id":"b","x":{"y":12345678901234567890}}]}';
    const clock = new VirtualClock();
    const { items } = await clock.until(
      readAll<Item>(
        {
          what: 'The list',
          size: new PageSize(500),
          page: () => Promise.resolve({ headers: {}, body: JSON.parse(text) as unknown, text }),
          item: (entity, lossy) => ({ id: (entity as Item).id, lossy }),
          idOf: ({ id }) => id,
        },
        { clock, random: () => 0.5 },
      ),
    );
    expect(items).toEqual([
      { id: 'a', lossy: null },
      { id: 'b', lossy: 'x.y' },
    ]);
  });
});

describe('a page that is too large', () => {
  it('is asked for again with half the size, down to 25, and the size is kept', async () => {
    const size = new PageSize(500);
    const all = ids(60);
    const limited = (query: PageQuery): Body => {
      if (query.pageSize > 30) throw tooLarge();
      return listing(all, query);
    };
    const first = await read(limited, size);
    expect((await first.result).items).toHaveLength(60);
    expect(first.asked.map(({ pageSize }) => pageSize)).toEqual([
      500, 250, 125, 62, 31, 25, 25, 25,
    ]);
    const second = await read(limited, size);
    await second.result;
    expect(second.asked).toHaveLength(3);
  });

  it('is given up below 25', async () => {
    const { result, asked } = await read(() => {
      throw tooLarge();
    });
    await expect(result).rejects.toThrow('too large');
    expect(asked.at(-1)).toEqual({ pageSize: 25, pageNumber: 1 });
  });

  it('may be a later one', async () => {
    const all = ids(300);
    const { result } = await read((query) => {
      if (query.pageNumber === 2 && query.pageSize > 60) throw tooLarge();
      return listing(all, query);
    }, new PageSize(100));
    expect((await result).items).toHaveLength(300);
  });

  it('shrinks once for readers that are refused together', () => {
    const size = new PageSize(100);
    const shrunk = [size.shrink(100), size.shrink(50), size.shrink(100), size.shrink(25)];
    expect([...shrunk, size.current]).toEqual([true, true, true, false, 25]);
  });
});

describe('a torn list', () => {
  const all = ids(10);
  const size = (): PageSize => new PageSize(4);
  const tears: readonly (readonly [string, (page: Body, number: number) => Body, RegExp])[] = [
    [
      'an item slipped away between two pages',
      (page, number) => (number === 2 ? cut(page) : page),
      /10 items were announced, and 9 came/,
    ],
    [
      'an item came twice',
      (page, number) =>
        number === 3 ? { ...page, entities: [{ id: 'id-0' }, { id: 'id-9' }] } : page,
      /1 of 10 items came twice/,
    ],
    [
      'the total changed',
      (page, number) => (number === 2 ? { ...page, total: 11 } : page),
      /one page says that there are 10 items, another 11/,
    ],
    [
      'a page is missing',
      (page, number) => (number === 3 ? { ...page, entities: [] } : page),
      /10 items were announced, and 8 came/,
    ],
    [
      'the first page is empty',
      (page, number) => (number === 1 ? { ...page, entities: [] } : page),
      /the first page is empty/,
    ],
    [
      'the first page has a hole',
      (page, number) => (number === 1 ? cut(page) : page),
      /came twice|were announced/,
    ],
  ];
  const cut = (page: Body): Body => ({
    ...page,
    entities: (page['entities'] as unknown[]).slice(1),
  });

  it.each(tears)('is read again: %s', async (_name, tear) => {
    let tries = 0;
    const { result } = await read((query) => {
      if (query.pageNumber === 1) tries += 1;
      const page = listing(all, query);
      return tries === 1 ? tear(page, query.pageNumber) : page;
    }, size());
    expect((await result).items.map(({ id }) => id)).toEqual(all);
    expect(tries).toBe(2);
  });

  it.each(tears)('is given up after a few tries: %s', async (_name, tear, reason) => {
    const { result, asked } = await read(
      (query) => tear(listing(all, query), query.pageNumber),
      size(),
    );
    const error = await thrownBy(() => result);
    expect(error.code).toBe('genesys.torn-read');
    expect(error.message).toMatch(reason);
    expect(error.message).toContain('The list could not be read whole in 5 tries');
    expect(asked.filter(({ pageNumber }) => pageNumber === 1)).toHaveLength(5);
  });

  it('never passes for whole, whatever changes between the pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 7 }),
        fc.array(
          fc.record({ at: fc.nat({ max: 12 }), adds: fc.boolean(), where: fc.nat({ max: 40 }) }),
          { maxLength: 4 },
        ),
        async (count, pageSize, edits) => {
          // Items come and go while pages are read: the total tells, unless one goes as another comes.
          const list = ids(count);
          let fresh = 0;
          const states: string[][] = [[...list]];
          const { result } = await read((query, number) => {
            for (const edit of edits.filter(({ at }) => at + 1 === number)) {
              const where = edit.where % (list.length + 1);
              if (edit.adds) list.splice(where, 0, `new-${fresh++}`);
              else list.splice(where, 1);
              states.push([...list]);
            }
            return listing(list, query);
          }, new PageSize(pageSize));
          const outcome = await result.catch((error: unknown) => error);
          if (outcome instanceof AppError) return;
          const items = (outcome as { items: readonly Item[] }).items.map(({ id }) => id);
          expect(new Set(items).size).toBe(items.length);
          expect(states.some((state) => state.length === items.length)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('an answer that is no list', () => {
  it.each([[{}], [{ entities: [{ id: 'a' }] }], [{ entities: [], pageCount: 3 }]])(
    'is refused: %j',
    async (body) => {
      const { result } = await read(() => body);
      expect((await thrownBy(() => result)).code).toBe('genesys.not-genesys');
    },
  );

  it('is told with the id by which the vendor finds it', async () => {
    const page = { entities: [{ id: 'a' }] };
    const headers = { 'inin-correlation-id': 'c0ffee' };
    const { result } = await read(() => page, new PageSize(500), headers);
    const error = await thrownBy(() => result);
    expect(error.message).toBe(
      'The list came on a page that does not say how many items there are.',
    );
    expect(error.correlationId).toBe('c0ffee');
  });

  it('may leave out the total where it says that there is one page', async () => {
    const { result } = await read(() => ({ entities: [{ id: 'a' }], pageCount: 1 }));
    expect((await result).items).toHaveLength(1);
  });
});
