import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backlog } from '../../src/domain/backlog.js';
import type { PendingEvent } from '../../src/domain/backlog.js';
import type { SinkState } from '../../src/domain/outbox.js';
import { OutboxFold } from '../../src/domain/outbox.js';
import { nextDue, wakeAt } from '../../src/domain/turns.js';
import { queueId } from '../../src/domain/ids.js';
import { NOW } from '../support/fake-clock.js';
import { BILLING, completed, corrected, delivery, record } from '../support/records.js';

const NONE: ReadonlySet<number> = new Set();

const event = (
  seq: number,
  subject: string | null,
  changes: Partial<PendingEvent> = {},
): PendingEvent => ({
  seq,
  type: subject === null ? 'wrapkeeper.run.completed' : 'wrapkeeper.queue.corrected',
  subject,
  run: 'run-1',
  attempts: 0,
  firstAttemptAt: null,
  nextAt: null,
  ...changes,
});

const sink = (
  pending: readonly PendingEvent[],
  changes: Partial<Omit<SinkState, 'pending'>> = {},
): SinkState => ({
  name: 'reporting',
  events: ['*'],
  disabled: null,
  restUntil: null,
  failures: 0,
  givenUp: new Map(),
  ...changes,
  pending: new Backlog(pending),
});

const A1 = event(1, 'a');
const A2 = event(2, 'a');
const B3 = event(3, 'b');
const R4 = event(4, null);
const later = { attempts: 1, firstAttemptAt: NOW, nextAt: NOW + 1_000 } as const;

describe('whose turn it is, and when to look again', () => {
  it.each<[string, SinkState, readonly number[], readonly number[], number | null]>([
    ['nothing waits', sink([]), [], [], null],
    ['the first of each subject', sink([A1, A2, B3]), [], [1, 3], NOW],
    ['one under way keeps its subject', sink([A1, A2, B3]), [1], [3], NOW],
    ['an earlier one put back under a later one', sink([A1, A2]), [2], [], null],
    ['one that waits keeps its subject', sink([event(1, 'a', later), A2]), [], [], NOW + 1_000],
    ['a run waits for first attempts', sink([A1, R4]), [], [1], NOW],
    ['also while they are under way', sink([A1, R4]), [1], [], null],
    ['but not for second ones', sink([event(1, 'a', later), R4]), [], [4], NOW],
    ['nor for those of other runs', sink([event(1, 'a', { run: 'run-0' }), R4]), [], [1, 4], NOW],
    [
      'runs do not wait for each other',
      sink([event(3, null, { run: 'run-0' }), R4]),
      [],
      [3, 4],
      NOW,
    ],
    ['disabled', sink([A1], { disabled: 'gone' }), [], [], null],
    ['resting', sink([A1], { restUntil: NOW + 1, failures: 1 }), [], [], NOW + 1],
    ['rested: one probe', sink([A1, B3], { restUntil: NOW, failures: 1 }), [], [1], NOW],
    ['one probe at a time', sink([A1, B3], { failures: 1 }), [1], [], null],
    [
      'the probe is the one that was tried least',
      sink([event(1, 'a', { attempts: 2 }), B3], { failures: 1 }),
      [],
      [3],
      NOW,
    ],
    [
      'resting, and later still',
      sink([event(1, 'a', later)], { restUntil: NOW + 5, failures: 1 }),
      [],
      [],
      NOW + 1_000,
    ],
  ])('%s', (_name, state, inFlight, due, at) => {
    const under = new Set(inFlight);
    expect(nextDue(state, NOW, under).map(({ seq }) => seq)).toEqual(due);
    expect(wakeAt(state, NOW, under)).toBe(at);
  });

  it('gives at most as many as are wanted', () => {
    expect(nextDue(sink([A1, B3]), NOW, NONE, 1)).toEqual([A1]);
    expect(nextDue(sink([A1, B3]), NOW, NONE, 0)).toEqual([]);
    expect(nextDue(sink([A1, B3], { failures: 1 }), NOW, NONE, 0)).toEqual([]);
  });
});

type Act =
  | { readonly kind: 'event'; readonly subject: number }
  | { readonly kind: 'run' }
  | { readonly kind: 'look'; readonly limit: number }
  | { readonly kind: 'end'; readonly which: number; readonly how: 'well' | 'alone' | 'rest' | 'up' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'ask'; readonly which: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('event' as const), subject: fc.nat({ max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('run' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('look' as const), limit: fc.nat({ max: 4 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat(),
      how: fc.constantFrom('well' as const, 'well', 'alone', 'rest', 'up'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 4_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('ask' as const), which: fc.nat() }) },
);

/** Plays acts on an outbox, and says what breaks the order. */
class Play {
  readonly breaches: string[] = [];
  readonly #outbox = new OutboxFold();
  readonly #inFlight = new Set<number>();
  readonly #published: { seq: number; subject: string | null; run: string }[] = [];
  /** Attempted at least once since it last began to wait. */
  readonly #tried = new Set<number>();
  /** Delivered or given up, and not asked for again since. */
  readonly #over = new Set<number>();
  #seq = 1;
  #run = 1;
  #now = NOW;

  constructor() {
    this.#outbox.add(record(1, { kind: 'sink.added', sink: 'reporting', events: ['*'] }, NOW));
  }

  do(step: Act): void {
    if (step.kind === 'wait') this.#now += step.ms;
    if (step.kind === 'event') this.#publish(`queue-${step.subject}`);
    if (step.kind === 'run') this.#publish(null);
    if (step.kind === 'look') this.#look(step.limit);
    if (step.kind === 'end') this.#end(step.which, step.how);
    if (step.kind === 'ask') this.#ask(step.which);
  }

  /** Lets everything succeed from here on; what is left then would never be sent. */
  finish(): number {
    for (let turn = 0; turn < 10_000 && this.#sink().pending.size > 0; turn += 1) {
      this.#look(4);
      if (this.#inFlight.size > 0) this.#end(0, 'well');
      else this.#now = Math.max(this.#now, wakeAt(this.#sink(), this.#now, this.#inFlight) ?? 0);
    }
    return this.#sink().pending.size;
  }

  #sink(): SinkState {
    const state = this.#outbox.state.get('reporting');
    if (state === undefined) throw new Error('the sink is gone');
    return state;
  }

  #publish(subject: string | null): void {
    this.#seq += 1;
    const run = `run-${this.#run}`;
    this.#published.push({ seq: this.#seq, subject, run });
    const entry =
      subject === null
        ? completed({ run })
        : corrected({ run, queue: { ...BILLING, id: queueId(subject) } });
    this.#outbox.add(record(this.#seq, entry, this.#now));
    if (subject === null) this.#run += 1;
  }

  #look(limit: number): void {
    const free = Math.min(limit, 4 - this.#inFlight.size);
    const failing = this.#sink().failures > 0;
    for (const { seq, subject, run } of nextDue(this.#sink(), this.#now, this.#inFlight, free)) {
      const others = this.#published.filter((other) => other.seq !== seq);
      const open = others.filter((other) => !this.#over.has(other.seq));
      if (subject !== null && open.some((other) => other.subject === subject && other.seq < seq))
        this.breaches.push(`${seq} before an earlier one of ${subject}`);
      if (others.some((other) => other.subject === subject && this.#inFlight.has(other.seq)))
        if (subject !== null) this.breaches.push(`${seq} beside another of ${subject}`);
      if (
        subject === null &&
        open.some(
          (other) => other.run === run && other.subject !== null && !this.#tried.has(other.seq),
        )
      )
        this.breaches.push(`${seq} before the first attempts of ${run}`);
      if (failing && this.#inFlight.size > 0) this.breaches.push(`${seq} beside a probe`);
      this.#inFlight.add(seq);
    }
  }

  #end(which: number, how: 'well' | 'alone' | 'rest' | 'up'): void {
    const flying = [...this.#inFlight];
    const of = flying[which % flying.length];
    if (of === undefined) return;
    this.#inFlight.delete(of);
    this.#tried.add(of);
    if (how === 'well' || how === 'up') this.#over.add(of);
    this.#seq += 1;
    const soon = new Date(this.#now + 2_000).toISOString();
    const attempt = (this.#sink().pending.get(of)?.attempts ?? 0) + 1;
    const ends = {
      well: { result: 'delivered' },
      alone: { result: 'failed', status: 404, nextAt: soon },
      rest: { result: 'failed', status: 503, nextAt: soon, restUntil: soon },
      up: { result: 'given-up', status: 404 },
    } as const;
    this.#outbox.add(record(this.#seq, delivery({ of, attempt, ...ends[how] }), this.#now));
  }

  #ask(which: number): void {
    const asked = this.#published[which % this.#published.length];
    if (asked === undefined || this.#inFlight.has(asked.seq)) return;
    const type = 'wrapkeeper.queue.corrected';
    this.#seq += 1;
    this.#outbox.add(
      record(
        this.#seq,
        { kind: 'redelivery', sink: 'reporting', events: [{ ...asked, type }] },
        this.#now,
      ),
    );
    this.#over.delete(asked.seq);
    this.#tried.delete(asked.seq);
  }
}

describe('whatever happens', () => {
  const seed = Number(process.env['TURNS_SEED'] ?? Date.now());

  it(`events of a subject go out in order, one at a time, and all of them (TURNS_SEED=${seed})`, () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
        const play = new Play();
        for (const step of acts) play.do(step);
        expect(play.finish()).toBe(0);
        expect(play.breaches).toEqual([]);
      }),
      { numRuns: 1_000, seed },
    );
  });
});
