/** What happens in a soak, from a seed: four tracks that go on side by side, each step some time after the one before. */
import { between, pick, seededRandom } from '../../src/simulator/random.js';
import type { Random } from '../../src/simulator/random.js';
import { CODES, FAMILY_NAMES, GOVERNED, NEW_CODES, UNGOVERNED } from './wishes.js';
import type { Family } from './wishes.js';

/** Somebody at the vendor's own screens. */
export type HandEdit =
  | { readonly do: 'add-code' | 'remove-code'; readonly queue: string; readonly code: string }
  | { readonly do: 'set-work'; readonly queue: string; readonly timeoutMs: number }
  | { readonly do: 'rename-queue' | 'delete-queue'; readonly queue: string }
  | { readonly do: 'create-queue'; readonly name: string }
  | { readonly do: 'rename-code'; readonly code: string; readonly forMs: number };

/** Somebody who writes policies; `fight`: nobody does, while another writer keeps changing a queue back. */
export type GitEdit =
  | {
      readonly do: 'swap-code';
      readonly family: Family;
      readonly code: string;
      readonly at: number;
    }
  | { readonly do: 'set-timeout'; readonly family: Family; readonly timeoutS: number }
  | { readonly do: 'set-limit'; readonly requestsPerMinute: number }
  | { readonly do: 'say-the-same' | 'break' | 'rewrite' }
  | { readonly do: 'hide'; readonly forMs: number }
  | { readonly do: 'remove-all'; readonly ending: 'allow' | 'accept' | 'take-back' }
  | { readonly do: 'fight'; readonly queue: string };

/** What goes wrong with requests and receivers. */
export type Weather =
  | { readonly do: 'throttle'; readonly retryAfterSeconds: number; readonly times: number }
  | {
      readonly do: 'fail';
      readonly on: 'reads' | 'writes';
      readonly when: 'before' | 'after';
      readonly how: 500 | 503 | 'cut';
      readonly times: number;
    }
  | {
      readonly do: 'slow' | 'lag' | 'no-audits' | 'no-realtime';
      readonly forMs: number;
      readonly ms: number;
    }
  | { readonly do: 'expire' }
  | { readonly do: 'receiver'; readonly answers: 500 | 503 | 'nothing'; readonly forMs: number };

/** Who runs the daemon. */
export type Operation = {
  readonly do: 'restart' | 'reload' | 'ask' | 'tell';
};

export interface Step<What> {
  readonly afterMs: number;
  readonly what: What;
}

export interface Script {
  readonly people: readonly Step<HandEdit>[];
  readonly authors: readonly Step<GitEdit>[];
  readonly weather: readonly Step<Weather>[];
  readonly operators: readonly Step<Operation>[];
}

/** Requests a minute, as revisions want them. */
export const LIMITS = [110, 115, 120];

/** Deals every card once before any comes again. */
const deck = <Card>(random: Random, cards: readonly Card[]): (() => Card) => {
  let left: Card[] = [];
  return () => {
    if (left.length === 0) left = [...cards];
    return left.splice(between(random, 0, left.length - 1), 1)[0] as Card;
  };
};

const stepsFor = <What>(
  random: Random,
  forMs: number,
  [least, most]: readonly [number, number],
  next: () => What,
): readonly Step<What>[] => {
  const steps: Step<What>[] = [];
  for (let at = 0; at < forMs;) {
    const afterMs = between(random, least, most) * 1_000;
    at += afterMs;
    steps.push({ afterMs, what: next() });
  }
  return steps;
};

/** `restarts`: whether the daemon is stopped now and then; `fights`: whether there is time for another writer. */
export const scriptOf = (
  seed: number,
  {
    forMs,
    restarts,
    fights,
  }: { readonly forMs: number; readonly restarts: boolean; readonly fights: boolean },
): Script => {
  const random = seededRandom(seed);
  const some = (least: number, most: number): number => between(random, least, most);
  const queue = (): string => pick(random, random() < 0.15 ? UNGOVERNED : GOVERNED);
  const people = deck<HandEdit['do']>(random, [
    ...(['add-code', 'add-code', 'remove-code', 'remove-code', 'set-work', 'set-work'] as const),
    ...(['rename-queue', 'create-queue', 'delete-queue', 'rename-code'] as const),
  ]);
  const authors = deck<GitEdit['do']>(random, [
    ...(['swap-code', 'swap-code', 'set-timeout', 'set-limit', 'say-the-same'] as const),
    ...(['break', 'rewrite', 'hide', 'remove-all', 'remove-all'] as const),
    ...(fights ? (['fight'] as const) : []),
  ]);
  const ends = deck<'allow' | 'accept' | 'take-back'>(random, ['allow', 'accept', 'take-back']);
  const weather = deck<Weather['do']>(random, [
    ...(['throttle', 'fail', 'fail', 'fail', 'fail', 'slow', 'lag'] as const),
    ...(['no-audits', 'no-realtime', 'expire', 'receiver', 'receiver'] as const),
  ]);
  const operations = deck<Operation['do']>(random, [
    ...(restarts ? (['restart'] as const) : []),
    ...(['reload', 'ask', 'tell'] as const),
  ]);

  const onQueue = (what: 'add-code' | 'remove-code') => (): HandEdit => ({
    do: what,
    queue: queue(),
    code: pick(random, CODES),
  });
  const handEdits: Readonly<Record<HandEdit['do'], () => HandEdit>> = {
    'add-code': onQueue('add-code'),
    'remove-code': onQueue('remove-code'),
    'set-work': () => ({ do: 'set-work', queue: queue(), timeoutMs: some(5, 120) * 1_000 }),
    'rename-queue': () => ({ do: 'rename-queue', queue: queue() }),
    'delete-queue': () => ({ do: 'delete-queue', queue: queue() }),
    'create-queue': () => ({
      do: 'create-queue',
      name: `${pick(random, FAMILY_NAMES)} new ${some(1, 9)}`,
    }),
    'rename-code': () => ({
      do: 'rename-code',
      code: pick(random, CODES),
      forMs: some(60, 150) * 1_000,
    }),
  };
  const gitEdits: Readonly<Record<GitEdit['do'], () => GitEdit>> = {
    'swap-code': () => ({
      do: 'swap-code',
      family: pick(random, FAMILY_NAMES),
      code: pick(random, [...CODES, ...NEW_CODES]),
      at: some(0, 3),
    }),
    'set-timeout': () => ({
      do: 'set-timeout',
      family: pick(random, FAMILY_NAMES),
      timeoutS: some(10, 90),
    }),
    'set-limit': () => ({ do: 'set-limit', requestsPerMinute: pick(random, LIMITS) }),
    'say-the-same': () => ({ do: 'say-the-same' }),
    break: () => ({ do: 'break' }),
    rewrite: () => ({ do: 'rewrite' }),
    hide: () => ({ do: 'hide', forMs: some(40, 150) * 1_000 }),
    'remove-all': () => ({ do: 'remove-all', ending: ends() }),
    fight: () => ({ do: 'fight', queue: pick(random, GOVERNED) }),
  };
  const troubles: Readonly<Record<Weather['do'], () => Weather>> = {
    throttle: () => ({ do: 'throttle', retryAfterSeconds: some(2, 25), times: some(1, 3) }),
    fail: () => ({
      do: 'fail',
      on: pick(random, ['reads', 'writes', 'writes']),
      when: pick(random, ['before', 'after']),
      how: pick(random, [500, 503, 'cut']),
      times: some(1, 3),
    }),
    slow: () => ({ do: 'slow', forMs: some(20, 60) * 1_000, ms: some(300, 3_000) }),
    lag: () => ({ do: 'lag', forMs: some(30, 90) * 1_000, ms: some(500, 6_000) }),
    'no-audits': () => ({ do: 'no-audits', forMs: some(60, 200) * 1_000, ms: 0 }),
    'no-realtime': () => ({ do: 'no-realtime', forMs: some(60, 200) * 1_000, ms: 0 }),
    expire: () => ({ do: 'expire' }),
    receiver: () => ({
      do: 'receiver',
      answers: pick(random, [500, 503, 'nothing']),
      forMs: some(3, 12) * 1_000,
    }),
  };
  // However short it is, it has a restart where it is to have any.
  let isFirst = restarts;
  const nextOperation = (): Operation => {
    const what = isFirst ? 'restart' : operations();
    isFirst = false;
    return { do: what };
  };

  return {
    people: stepsFor(random, forMs, [6, 30], () => handEdits[people()]()),
    authors: stepsFor(random, forMs, [20, 60], () => gitEdits[authors()]()),
    weather: stepsFor(random, forMs, [10, 45], () => troubles[weather()]()),
    operators: stepsFor(random, forMs, [20, 60], nextOperation),
  };
};
