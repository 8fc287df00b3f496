import { createHash } from 'node:crypto';

/** Numbers from 0 up to, but not including, 1. */
export type Random = () => number;

/** A small generator (mulberry32): the same seed gives the same run of numbers on every machine. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** A whole number from `min` to `max`, both included. */
export const between = (random: Random, min: number, max: number): number =>
  min + Math.floor(random() * (max - min + 1));

/** One of the items; the list must not be empty. */
export const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)] as Item;

/** So many different items, in the order of the list. */
export const sample = <Item>(random: Random, items: readonly Item[], count: number): Item[] => {
  const chosen: Item[] = [];
  items.forEach((item, index) => {
    const wanted = count - chosen.length;
    if (random() * (items.length - index) < wanted) chosen.push(item);
  });
  return chosen;
};

/** A UUID that depends on its labels alone, so that an entity keeps its id from run to run. */
export const uuidOf = (...labels: readonly (string | number)[]): string => {
  const hash = createHash('sha256').update(labels.join('\u0000')).digest('hex');
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `4${hash.slice(13, 16)}`,
    `a${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
};
