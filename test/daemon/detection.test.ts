import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrgChange, OrgChanges } from '../../src/apply/ports.js';
import {
  INITIAL_DETECTION,
  nextLook,
  OVERLAP_MS,
  rolled,
  rollingReads,
  told,
} from '../../src/daemon/detection.js';
import type { AskedPeriod, DetectionState } from '../../src/daemon/detection.js';
import { KnownOrg } from '../../src/daemon/known-org.js';
import type { Clock } from '../../src/domain/clock.js';
import type { QueueId } from '../../src/domain/ids.js';
import { ServerClock } from '../../src/genesys/server-clock.js';
import { NOW } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TIMES = { sweepIntervalMs: 6 * HOUR, intervalMs: MINUTE };

const look = (
  state: DetectionState,
  now: number,
  more: Partial<Parameters<typeof nextLook>[1]> = {},
) => nextLook(state, { now, serverNow: now, oldestReadAt: null, ...TIMES, ...more });

const tell = (
  state: DetectionState,
  answer: Partial<OrgChanges>,
  now: number,
  more: Partial<Parameters<typeof told>[2]> = {},
) =>
  told(
    state,
    { changes: [], missing: null, ...answer },
    {
      asked: { since: now - MINUTE, until: now },
      now,
      serverNow: now,
      intervalMs: MINUTE,
      settleForMs: 10_000,
      ...more,
    },
  );

const change = (record: string, rest: Partial<OrgChange> = {}): OrgChange => ({
  record,
  entity: 'queue',
  id: 'q1',
  action: 'Update',
  at: NOW,
  author: null,
  ...rest,
});

/** After the first sweep. */
const swept = look(INITIAL_DETECTION, NOW).state;

describe('the next look', () => {
  it('is a sweep at the start, with nothing to ask', () => {
    expect(look(INITIAL_DETECTION, NOW, { serverNow: NOW + 7 })).toEqual({
      state: { ...INITIAL_DETECTION, cursor: NOW + 7, lastSweepAt: NOW },
      ask: null,
      sweep: true,
    });
  });

  it('asks from before the cursor up to now, by the platform’s time', () => {
    const later = NOW + MINUTE;
    expect(look(swept, later, { serverNow: later + HOUR })).toMatchObject({
      ask: { since: NOW - OVERLAP_MS, until: later + HOUR },
      sweep: false,
    });
  });

  it.each([
    ['just before the sweep interval', 6 * HOUR - 1, null, false],
    ['when it is over', 6 * HOUR, null, true],
    ['when all was read since', 6 * HOUR, NOW + HOUR, false],
    ['when not all was read since', 6 * HOUR, NOW - HOUR, true],
  ])('%s', (_what, ms, oldestReadAt, sweep) => {
    expect(look(swept, NOW + ms, { oldestReadAt })).toMatchObject({ sweep });
  });

  it('asks before a sweep what had changed, and starts from before it', () => {
    const { state, ask, sweep } = look(swept, NOW + 6 * HOUR);
    expect(sweep).toBe(true);
    expect(ask).toEqual({ since: NOW - OVERLAP_MS, until: NOW + 6 * HOUR });
    expect(state.cursor).toBe(NOW + 6 * HOUR);
  });

  it('goes on from the oldest reading where that is later, by its age', () => {
    const { state } = look(swept, NOW + HOUR, {
      serverNow: NOW + HOUR - 500,
      oldestReadAt: NOW + HOUR - MINUTE,
    });
    expect(state.cursor).toBe(NOW + HOUR - 500 - MINUTE);
    expect(look(swept, NOW + HOUR, { oldestReadAt: NOW - HOUR }).state.cursor).toBe(NOW);
    expect(look(swept, NOW + HOUR, { oldestReadAt: NOW + 9 * HOUR }).state.cursor).toBe(NOW + HOUR);
  });

  it('does not put a sweep off for ever when the clock is set back, nor sweep twice when it is set on', () => {
    const back = look(swept, NOW - 100 * HOUR);
    expect(back.sweep).toBe(false);
    expect(look(back.state, NOW - 94 * HOUR).sweep).toBe(true);
    const on = look(swept, NOW + 1_000 * HOUR);
    expect(on.sweep).toBe(true);
    expect(look(on.state, NOW + 1_000 * HOUR + MINUTE).sweep).toBe(false);
  });
});

describe('what was told', () => {
  it('is forgotten once, with the time that reads may lag', () => {
    const first = tell(
      swept,
      { changes: [change('r1'), change('r2', { at: NOW + 5 }), change('r3', { entity: 'code' })] },
      NOW + MINUTE,
      { serverNow: NOW + MINUTE - 1_000 },
    );
    expect(first.queues).toEqual(new Map([['q1', { notKeptUntil: NOW + 5 + 11_000 }]]));
    expect(first.catalog).toEqual({ notKeptUntil: NOW + 11_000 });
    const second = tell(first.state, { changes: [change('r1'), change('r4', { id: 'q2' })] }, NOW);
    expect(second.changes.map(({ record }) => record)).toEqual(['r4']);
    expect([...second.queues.keys()]).toEqual(['q2']);
    expect(second.catalog).toBeNull();
    // Of what the latest answer does not show any more nothing is kept.
    expect(second.state.seen).toEqual(new Set(['r1', 'r4']));
  });

  it('moves the cursor where it is complete, but not past the platform’s time', () => {
    const asked = { since: NOW, until: NOW + HOUR };
    expect(tell(swept, {}, NOW + 2 * HOUR, { asked }).state.cursor).toBe(NOW + HOUR);
    expect(tell(swept, {}, NOW + MINUTE, { asked }).state.cursor).toBe(NOW + MINUTE);
  });

  it('is forgotten where it is not complete, and the cursor stays', () => {
    const { state, queues } = tell(
      swept,
      { changes: [change('r1')], missing: 'it is down' },
      NOW + MINUTE,
    );
    expect([...queues.keys()]).toEqual(['q1']);
    expect(state).toMatchObject({
      cursor: NOW,
      mode: { by: 'sweeps', why: 'it is down', since: NOW + MINUTE },
      seen: new Set(['r1']),
    });
    const again = tell(state, { missing: 'still' }, NOW + 2 * MINUTE).state;
    expect(again.mode).toEqual({ by: 'sweeps', why: 'still', since: NOW + MINUTE });
    expect(again.seen).toEqual(new Set(['r1']));
    expect(tell(again, {}, NOW + 3 * MINUTE).state.mode).toEqual({ by: 'audits' });
  });

  it('of a queue without its id is a change of any queue, until all was read since', () => {
    const nameless = { changes: [change('r1', { id: null })] };
    const { state, queues } = tell(swept, nameless, NOW + MINUTE);
    expect(queues.size).toBe(0);
    expect(state.mode).toMatchObject({ by: 'sweeps', why: expect.stringContaining('which queue') });
    expect(tell(state, nameless, NOW + 2 * MINUTE).state.mode.by).toBe('sweeps');
    const read = look(state, NOW + HOUR, { oldestReadAt: NOW + 30 * MINUTE });
    expect(read.ask?.since).toBe(NOW + 15 * MINUTE);
  });

  it('is asked again after 1, 2, 4 … intervals, up to half an hour', () => {
    let state = swept;
    let now = NOW;
    const waits = Array.from({ length: 8 }, () => {
      state = tell(state, { missing: 'it is down' }, now).state;
      let waited = 0;
      do {
        now += MINUTE;
        waited += 1;
      } while (look(state, now).ask === null);
      return waited;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
    // A clock that is set back does not put it off.
    const back = look(state, now - 100 * HOUR);
    expect(look(back.state, now - 100 * HOUR + 30 * MINUTE).ask).not.toBeNull();
    // A pass that is a little early is early enough.
    const once = tell(swept, { missing: 'it is down' }, NOW).state;
    expect(look(once, NOW + 0.9 * MINUTE).ask).not.toBeNull();
  });

  it('never keeps more records than it may', () => {
    let state = swept;
    for (let answer = 0; answer < 5; answer += 1) {
      const changes = Array.from({ length: 20_000 }, (_, index) => change(`${answer} ${index}`));
      state = tell(state, { changes, missing: 'too many' }, NOW).state;
      expect(state.seen.size).toBeLessThanOrEqual(50_000);
    }
  });
});

describe('reading in place of the log', () => {
  const down = tell(swept, { missing: 'it is down' }, NOW).state;
  const roll = (state: DetectionState, now: number, requestsPerMinute = 300, listRequests = 2) =>
    rollingReads(state, { now, requestsPerMinute, listRequests, logShowsAll: true });

  it('is for when it is of no use, or does not show all', () => {
    expect(roll(swept, NOW)).toEqual({ state: swept, lists: false, codeRequests: 0 });
    const at = { now: NOW, requestsPerMinute: 300, listRequests: 2, logShowsAll: false };
    expect(rollingReads(swept, at)).toMatchObject({ lists: true, codeRequests: 73 });
  });

  it('takes a quarter of the limit in a minute, from the end of the last reading', () => {
    const first = roll(down, NOW);
    expect(first).toMatchObject({ lists: true, codeRequests: 73 });
    expect(roll(first.state, NOW + 59_999)).toMatchObject({ lists: false, codeRequests: 0 });
    const done = rolled(first.state, { now: NOW + 20_000, codeRequests: 60 });
    expect(roll(done, NOW + MINUTE)).toMatchObject({ lists: true, codeRequests: 11 });
    expect(roll(done, NOW + 80_000)).toMatchObject({ lists: true, codeRequests: 73 });
    expect(rolled(down, { now: NOW, codeRequests: 0 })).toEqual(down);
  });

  it.each([
    [300, 50],
    [20, 3],
    [3, 2],
    [0.5, 12],
  ])('comes to both at a limit of %d and lists of %d requests', (limit, listRequests) => {
    let state = down;
    let [lists, codes] = [0, 0];
    const minutes = 4_000;
    for (let minute = 0; minute < minutes; minute += 1) {
      const reads = roll(state, NOW + minute * MINUTE, limit, listRequests);
      state = reads.state;
      if (reads.lists) lists += listRequests;
      codes += reads.codeRequests;
      expect(state.spent.length).toBeLessThan(500);
    }
    const quarter = (limit / 4) * minutes;
    expect(lists + codes).toBeLessThanOrEqual(quarter + 2 * listRequests + 1);
    expect(lists).toBeGreaterThan(quarter / 5);
    expect(codes).toBeGreaterThan(quarter / 5);
  });

  it('goes on when the clock is set back', () => {
    const { state } = roll(down, NOW);
    const back = roll(state, NOW - 100 * HOUR);
    expect(back.codeRequests).toBe(0);
    expect(roll(back.state, NOW - 100 * HOUR + MINUTE).codeRequests).toBe(73);
  });
});

/** A world in which time passes, and whose clock may be set. */
class World implements Clock {
  /** The platform's time. */
  time = NOW;
  /** How far our clock is from it. */
  offset = 0;
  readonly #due: { readonly at: number; readonly act: () => void }[] = [];

  now(): number {
    return this.time + this.offset;
  }

  sleep(): Promise<void> {
    return Promise.reject(new Error('nobody sleeps'));
  }

  at(when: number, act: () => void): void {
    this.#due.push({ at: when, act });
    this.#due.sort((a, b) => a.at - b.at);
  }

  pass(ms: number): void {
    this.time += ms;
    while ((this.#due[0]?.at ?? Infinity) <= this.time) this.#due.shift()?.act();
  }
}

interface Script {
  /** How long a request takes: a sweep may last longer than the questions overlap. */
  readonly requestMs: number;
  readonly edits: readonly {
    readonly at: number;
    readonly queue: number;
    readonly lateMs: number;
  }[];
  readonly outages: readonly { readonly from: number; readonly ms: number }[];
  readonly jumps: readonly { readonly at: number; readonly ms: number }[];
}

const QUEUES = 12;
const NAMES = Array.from({ length: QUEUES }, (_, index) => `Q${index}`);

/** The parts put together as a daemon does it; one request takes a while. */
const play = async (
  { requestMs, edits, outages, jumps }: Script,
  { minutes, requestsPerMinute }: { readonly minutes: number; readonly requestsPerMinute: number },
) => {
  const world = new World();
  const server = new ServerClock(world);
  const sentAt: number[] = [];
  const answered = (): void => {
    world.pass(requestMs);
    server.observe(new Date(world.time).toUTCString());
  };
  const org = new MemoryOrg({ codes: ['A'], queues: NAMES.map((name) => ({ name })) }, world, {
    onRequest: () => {
      sentAt.push(world.time);
      answered();
      return undefined;
    },
  });
  const log: (OrgChange & { readonly shownAt: number })[] = [];
  for (const { at, queue, lateMs } of edits)
    world.at(NOW + at, () => {
      const name = `Q${queue}`;
      const { id, codes } = org.queue(name);
      org.edit(name, codes.length === 0 ? { add: ['A'] } : { remove: ['A'] });
      const record = { ...change(`r${log.length}`), id, at: world.time };
      log.push({ ...record, shownAt: world.time + lateMs });
    });
  for (const { at, ms } of jumps) world.at(NOW + at, () => (world.offset += ms));

  const changesIn = ({ since, until }: AskedPeriod): OrgChanges => {
    if (outages.some(({ from, ms }) => world.time >= NOW + from && world.time < NOW + from + ms))
      return { changes: [], missing: 'it is down' };
    const [asked, shownBy] = [until, world.time];
    answered();
    return {
      changes: log.filter(({ at, shownAt }) => at >= since && at <= asked && shownAt <= shownBy),
      missing: null,
    };
  };

  const known = new KnownOrg({ reader: org.reader, clock: world });
  const pass = async (): Promise<void> => {
    const queues = await known.listQueues();
    await known.listCodes();
    for (const { id } of queues.items) await known.queueCodes(id);
  };
  let state = INITIAL_DETECTION;
  answered();
  for (let minute = 0; minute < minutes; minute += 1) {
    const next = nextLook(state, {
      now: world.now(),
      serverNow: server.now(),
      oldestReadAt: known.oldestReadAt(),
      // Never again: what is found is found by the log, or in its place.
      sweepIntervalMs: Infinity,
      intervalMs: MINUTE,
    });
    ({ state } = next);
    if (next.ask !== null) {
      const found = told(state, changesIn(next.ask), {
        asked: next.ask,
        now: world.now(),
        serverNow: server.now(),
        intervalMs: MINUTE,
        settleForMs: 0,
      });
      ({ state } = found);
      for (const [id, how] of found.queues) known.forgetQueue(id, how);
      if (found.catalog !== null) known.forgetCatalog(found.catalog);
    }
    if (next.sweep) known.forgetAll();
    const reads = rollingReads(state, {
      now: world.now(),
      requestsPerMinute,
      listRequests: known.listRequests,
      logShowsAll: true,
    });
    ({ state } = reads);
    if (reads.lists) known.forgetLists();
    const codeRequests = known.forgetOldest(reads.codeRequests);
    await pass();
    if (reads.lists || codeRequests > 0) state = rolled(state, { now: world.now(), codeRequests });
    world.pass(MINUTE);
  }
  return { org, known, state, sentAt };
};

const wrong = async ({
  org,
  known,
}: Awaited<ReturnType<typeof play>>): Promise<readonly QueueId[]> => {
  const found: QueueId[] = [];
  for (const name of NAMES) {
    const { id, codes } = org.queue(name);
    if ((await known.queueCodes(id)).codes.length !== codes.length) found.push(id);
  }
  return found;
};

const HOURS_OF_TROUBLE = 2;
const within = fc.nat({ max: HOURS_OF_TROUBLE * HOUR });
const script = (more: {
  readonly forwards: boolean;
  readonly requestMs: number;
}): fc.Arbitrary<Script> =>
  fc.record({
    requestMs: fc.constantFrom(150, more.requestMs),
    edits: fc.array(
      fc.record({
        at: within,
        queue: fc.nat({ max: QUEUES - 1 }),
        lateMs: fc.nat({ max: OVERLAP_MS - 2_000 }),
      }),
      { maxLength: 8 },
    ),
    outages: fc.array(fc.record({ from: within, ms: fc.nat({ max: HOUR }) }), { maxLength: 2 }),
    jumps: fc.array(
      fc.record({
        at: within,
        ms: fc.integer({ min: -3 * HOUR, max: more.forwards ? 3 * HOUR : 0 }),
      }),
      { maxLength: 3 },
    ),
  });

describe('put together', () => {
  it('every change is found, whatever is late, down or set', async () => {
    await fc.assert(
      fc.asyncProperty(script({ forwards: true, requestMs: 100_000 }), async (one) => {
        const played = await play(one, { minutes: 225, requestsPerMinute: 40 });
        expect(await wrong(played)).toEqual([]);
        expect(played.state.mode).toEqual({ by: 'audits' });
      }),
      { numRuns: 60 },
    );
  });

  it('where the log never serves every change is found, with a quarter of the limit in any minute', async () => {
    await fc.assert(
      fc.asyncProperty(
        script({ forwards: false, requestMs: 900 }),
        fc.integer({ min: 16, max: 80 }),
        async (one, limit) => {
          const outages = [{ from: 0, ms: 99 * HOUR }];
          const played = await play(
            { ...one, outages },
            { minutes: 180, requestsPerMinute: limit },
          );
          expect(await wrong(played)).toEqual([]);
          // After the first sweep.
          const sentAt = played.sentAt.slice(2 + QUEUES);
          for (const [index, at] of sentAt.entries()) {
            const inMinute = sentAt.slice(index).filter((other) => other < at + MINUTE).length;
            expect(inMinute).toBeLessThanOrEqual(limit / 4);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('where the log serves, what did not change is not read again', async () => {
    await fc.assert(
      fc.asyncProperty(script({ forwards: true, requestMs: 100_000 }), async (one) => {
        const { sentAt } = await play(
          { ...one, outages: [] },
          { minutes: 150, requestsPerMinute: 300 },
        );
        expect(sentAt.length).toBeLessThanOrEqual(2 + QUEUES + 2 * one.edits.length);
      }),
      { numRuns: 30 },
    );
  });
});
