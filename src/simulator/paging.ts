/** Lists in pages: what the query asks for, what a page shows, and how a page tears. */
import { PlatformError } from './errors.js';

/** The most entities a page of one list can have, and what happens to a client that asks for more. */
export interface PageCap {
  readonly max: number;
  readonly over: 'clamp' | 'refuse';
}

/**
 * How a page differs from what a still list would show: `missing` (something left an earlier page, so
 * one entity slipped through between two pages), `duplicate` (something came in earlier, so one entity
 * is shown twice), `total` (the count changed), `empty` (the page came back without entities).
 */
export type Tear = 'missing' | 'duplicate' | 'total' | 'empty';

const TEARS: Readonly<Record<Tear, { shift: number; total: number; empty: boolean }>> = {
  missing: { shift: 1, total: 0, empty: false },
  duplicate: { shift: -1, total: 0, empty: false },
  total: { shift: 0, total: 1, empty: false },
  empty: { shift: 0, total: 0, empty: true },
};

const DEFAULT_PAGE_SIZE = 25;

/** The page that a query asks for. */
export interface PageRequest {
  readonly pageNumber: number;
  readonly pageSize: number;
}

/** Reads `pageSize` and `pageNumber`; refuses what is no positive whole number, or over a cap that refuses. */
export const pageRequest = (query: URLSearchParams, cap: PageCap): PageRequest => {
  const pageSize = positive(query, 'pageSize', DEFAULT_PAGE_SIZE, (value) => {
    throw new PlatformError('invalid.query.param.value', {
      value,
      parameter: 'pageSize',
      allowed: 'positive whole numbers',
    });
  });
  const pageNumber = positive(query, 'pageNumber', 1, (value) => {
    throw new PlatformError('invalid.page.number', { value });
  });
  if (pageSize > cap.max && cap.over === 'refuse') {
    throw new PlatformError('response.entity.too.large', { limit: String(cap.max) });
  }
  return { pageNumber, pageSize: Math.min(pageSize, cap.max) };
};

const positive = (
  query: URLSearchParams,
  name: string,
  fallback: number,
  refuse: (value: string) => never,
): number => {
  const value = query.get(name);
  if (value === null || value === '') return fallback;
  const parsed = Number(value);
  return Number.isInteger(parsed) && parsed > 0 ? parsed : refuse(value);
};

/** The platform's entity listing. */
export interface EntityListing<Entity> {
  readonly entities: readonly Entity[];
  readonly pageSize: number;
  readonly pageNumber: number;
  readonly total: number;
  readonly pageCount: number;
  readonly selfUri: string;
  readonly firstUri: string;
  readonly lastUri: string;
  readonly nextUri?: string;
  readonly previousUri?: string;
}

/** One page of a list, with links to the others. */
export const entityListing = <Entity>(
  items: readonly Entity[],
  { pageNumber, pageSize }: PageRequest,
  path: string,
  tear: Tear | null,
): EntityListing<Entity> => {
  const torn = tear === null ? { shift: 0, total: 0, empty: false } : TEARS[tear];
  const total = items.length + torn.total;
  const pageCount = Math.ceil(total / pageSize);
  const start = (pageNumber - 1) * pageSize + torn.shift;
  const uri = (page: number): string => `${path}?pageSize=${pageSize}&pageNumber=${page}`;
  return {
    entities: torn.empty ? [] : items.slice(Math.max(0, start), Math.max(0, start + pageSize)),
    pageSize,
    pageNumber,
    total,
    pageCount,
    selfUri: uri(pageNumber),
    firstUri: uri(1),
    lastUri: uri(Math.max(1, pageCount)),
    ...(pageNumber < pageCount ? { nextUri: uri(pageNumber + 1) } : {}),
    ...(pageNumber > 1 ? { previousUri: uri(pageNumber - 1) } : {}),
  };
};

/** A test for names: `*` at either end stands for any run of characters; case and Unicode form do not matter. */
export const nameMatcher = (pattern: string | null): ((name: string | undefined) => boolean) => {
  if (pattern === null || pattern === '') return () => true;
  const open = { start: pattern.startsWith('*'), end: pattern.length > 1 && pattern.endsWith('*') };
  const wanted = folded(pattern.slice(open.start ? 1 : 0, open.end ? -1 : undefined));
  return (name) => {
    const given = folded(name ?? '');
    if (open.start && open.end) return given.includes(wanted);
    if (open.start) return given.endsWith(wanted);
    return open.end ? given.startsWith(wanted) : given === wanted;
  };
};

const folded = (text: string): string => text.normalize('NFC').toLowerCase();

/** Orders by name regardless of case, then by id, the same on every machine. */
export const byNameThenId = (
  one: { readonly id?: string; readonly name?: string },
  other: { readonly id?: string; readonly name?: string },
): number =>
  compare(folded(one.name ?? ''), folded(other.name ?? '')) ||
  compare(one.id ?? '', other.id ?? '');

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** An id as it stands in a path, a query or a body: a UUID, or 400. */
export const requireId = (value: unknown): string => {
  if (typeof value !== 'string' || !UUID.test(value)) {
    throw new PlatformError('invalid.id', { value: String(value) });
  }
  return value;
};

/** A test for an id filter: true where the query names none, or this one. */
export const idFilter = (
  query: URLSearchParams,
  parameter: string,
): ((id: string | undefined) => boolean) => {
  const wanted = new Set(query.getAll(parameter).flatMap((value) => value.split(',')));
  return wanted.size === 0 ? () => true : (id) => wanted.has(id ?? '');
};
