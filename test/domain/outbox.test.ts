import { describe, expect, it } from 'vitest';
import { queueId } from '../../src/domain/ids.js';
import type { JournalEntry, OutgoingEvent } from '../../src/domain/journal.js';
import { OutboxFold, outboxFromJson, outboxToJson } from '../../src/domain/outbox.js';
import type { SinkState } from '../../src/domain/outbox.js';
import { NOW } from '../support/fake-clock.js';
import { BILLING, completed, corrected, delivery, record, refused } from '../support/records.js';

const ALL: JournalEntry = { kind: 'sink.added', sink: 'reporting', events: ['*'] };

const SECOND = 1_000;
const iso = (ms: number): string => new Date(ms).toISOString();

/** Entries as records with seqs from 1, one a second. */
const fold = (...entries: readonly JournalEntry[]): OutboxFold => {
  const outbox = new OutboxFold();
  for (const [at, entry] of entries.entries()) outbox.add(record(at + 1, entry, NOW + at * SECOND));
  return outbox;
};

const sinkOf = (outbox: OutboxFold, name = 'reporting'): SinkState => {
  const sink = outbox.state.get(name);
  if (sink === undefined) throw new Error(`no sink ${name}`);
  return sink;
};

const waits = ({ pending }: SinkState): readonly number[] => pending.all().map(({ seq }) => seq);

const eventOf = (seq: number): OutgoingEvent => ({
  seq,
  type: 'wrapkeeper.queue.corrected',
  subject: BILLING.id,
  run: 'run-1',
});

describe('a sink waits', () => {
  it('for what comes after it was added, of the types that it asks for', () => {
    const outbox = fold(
      corrected(),
      ALL,
      { kind: 'sink.added', sink: 'refusals', events: ['wrapkeeper.run.refused'] },
      corrected(),
      refused(),
      corrected({ outcome: 'in-sync', steps: [] }),
    );
    expect(waits(sinkOf(outbox))).toEqual([4, 5]);
    expect(waits(sinkOf(outbox, 'refusals'))).toEqual([5]);
  });

  it('for what it waited for, when its choice changes; and for the new choice from then on', () => {
    const outbox = fold(
      ALL,
      corrected(),
      { kind: 'sink.added', sink: 'reporting', events: ['wrapkeeper.run.completed'] },
      corrected(),
      completed(),
    );
    expect(waits(sinkOf(outbox))).toEqual([2, 5]);
  });

  it('for nothing once it is removed, and from its return on for what comes later', () => {
    const removed: JournalEntry = { kind: 'sink.removed', sink: 'reporting', undelivered: 1 };
    expect(fold(ALL, corrected(), removed).state.size).toBe(0);
    expect(waits(sinkOf(fold(ALL, corrected(), removed, ALL, corrected())))).toEqual([5]);
  });
});

describe('an attempt', () => {
  const nextAt = iso(NOW + 300_000);

  it('that delivered takes the event away', () => {
    expect(waits(sinkOf(fold(ALL, corrected(), corrected(), delivery({ of: 2 }))))).toEqual([3]);
  });

  it('that failed for the event alone leaves the sink as it is', () => {
    const sink = sinkOf(
      fold(
        ALL,
        corrected(),
        delivery({ of: 2, result: 'failed', status: 404, nextAt }),
        delivery({ of: 2, attempt: 2, result: 'failed', status: 404, nextAt }),
      ),
    );
    expect(sink.pending.all()).toEqual([
      {
        ...eventOf(2),
        attempts: 2,
        firstAttemptAt: NOW + 2 * SECOND,
        nextAt: NOW + 300_000,
      },
    ]);
    expect(sink).toMatchObject({ failures: 0, restUntil: null, disabled: null });
  });

  it('that rests the sink counts once for all that were under way together', () => {
    const lost = (of: number, restUntil: number): JournalEntry =>
      delivery({ of, result: 'failed', status: null, nextAt, restUntil: iso(restUntil) });
    const together = fold(
      ALL,
      corrected(),
      corrected(),
      lost(2, NOW + 60 * SECOND),
      lost(3, NOW + 8 * SECOND),
    );
    expect(sinkOf(together)).toMatchObject({ failures: 1, restUntil: NOW + 60 * SECOND });
    const apart = fold(ALL, corrected(), lost(2, NOW + 3 * SECOND), lost(2, NOW + 60 * SECOND));
    expect(sinkOf(apart)).toMatchObject({ failures: 2, restUntil: NOW + 60 * SECOND });
  });

  it.each([
    { result: 'delivered', status: 204 },
    { result: 'failed', status: 404, nextAt },
  ] as const)('that reached the sink ends failures and rest: $status', (answer) => {
    const rested = delivery({
      of: 2,
      result: 'failed',
      status: 503,
      nextAt,
      restUntil: iso(NOW + 3 * SECOND),
    });
    const sink = sinkOf(fold(ALL, corrected(), rested, delivery({ of: 2, ...answer })));
    expect(sink).toMatchObject({ failures: 0, restUntil: null });
  });

  it('that had begun before the sink was left alone does not end that', () => {
    const restUntil = iso(NOW + 60 * SECOND);
    const sink = sinkOf(
      fold(
        ALL,
        corrected(),
        corrected(),
        delivery({ of: 2, result: 'failed', status: 429, nextAt, restUntil }),
        delivery({ of: 3 }),
      ),
    );
    expect(sink).toMatchObject({ failures: 1, restUntil: NOW + 60 * SECOND });
    expect(waits(sink)).toEqual([2]);
  });

  it('that reached nothing and rests nothing, such as a refused address, says nothing of the sink', () => {
    const restUntil = iso(NOW + 3 * SECOND);
    const sink = sinkOf(
      fold(
        ALL,
        corrected(),
        delivery({ of: 2, result: 'failed', status: null, nextAt, restUntil }),
        delivery({ of: 2, attempt: 2, result: 'failed', status: null, nextAt }),
      ),
    );
    expect(sink.failures).toBe(1);
  });

  it('that found the receiver gone disables the sink, which keeps the event', () => {
    const sink = sinkOf(
      fold(ALL, corrected(), delivery({ of: 2, result: 'disabled', status: 410, why: 'gone' })),
    );
    expect(sink.disabled).toBe('gone');
    expect(waits(sink)).toEqual([2]);
  });

  it('of a sink or an event that is not known changes nothing', () => {
    const before = outboxToJson(fold(ALL, corrected()).state);
    const after = fold(ALL, corrected(), delivery({ sink: 'other', of: 2 }), delivery({ of: 7 }));
    expect(outboxToJson(after.state)).toEqual(before);
  });
});

describe('who asks for events', () => {
  const gaveUp = delivery({ of: 2, attempt: 30, result: 'given-up', status: 404 });
  const gone = delivery({ of: 3, result: 'disabled', status: 410, why: 'gone' });
  const asked: JournalEntry = {
    kind: 'redelivery',
    sink: 'reporting',
    events: [eventOf(4), eventOf(2)],
  };
  const before = [ALL, corrected(), corrected(), corrected(), delivery({ of: 4 }), gaveUp, gone];

  it('finds what was given up listed, and out of the way', () => {
    const sink = sinkOf(fold(...before));
    expect([...sink.givenUp.keys()]).toEqual([2]);
    expect(waits(sink)).toEqual([3]);
  });

  it('gets them in their old places, as if they had never been tried', () => {
    const sink = sinkOf(fold(...before, asked));
    expect(waits(sink)).toEqual([2, 3, 4]);
    expect(sink.givenUp.size).toBe(0);
    expect(sink.pending.get(2)).toEqual({
      ...eventOf(2),
      attempts: 0,
      firstAttemptAt: null,
      nextAt: null,
    });
    expect([...sink.pending.heads()].map(({ seq }) => seq)).toEqual([2]);
    expect(sink).toMatchObject({ disabled: null, restUntil: null, failures: 0 });
  });
});

describe('a snapshot', () => {
  it('goes on where it stood', () => {
    const entries = [
      ALL,
      corrected(),
      corrected(),
      completed(),
      delivery({ of: 2, attempt: 9, result: 'given-up', status: 500, restUntil: iso(NOW) }),
    ];
    const fresh = fold(...entries);
    const restored = outboxFromJson(
      JSON.parse(JSON.stringify(outboxToJson(fresh.state))) as ReturnType<typeof outboxToJson>,
    );
    for (const outbox of [fresh, restored]) {
      outbox.add(record(6, corrected()));
      outbox.add(record(7, delivery({ of: 3 })));
    }
    expect(outboxToJson(restored.state)).toEqual(outboxToJson(fresh.state));
    expect(waits(sinkOf(restored))).toEqual([4, 6]);
    expect(sinkOf(restored).pending.untried('run-1')).toBe(1);
  });
});

describe('a long journal', () => {
  it.each([
    ['one queue', 1],
    ['many queues', 500],
  ])('of %s is folded in no time, even after a week without deliveries', (_name, queues) => {
    const events = 50_000;
    const all = Array.from({ length: events }, (_, at) =>
      record(
        at + 2,
        corrected({ queue: { ...BILLING, id: queueId(`queue-${at % queues}`) }, steps: [STEP] }),
      ),
    );
    const delivered = all.map(({ seq }) => record(events + seq, delivery({ of: seq })));
    const outbox = fold(ALL);
    const startedAt = performance.now();
    for (const each of all) outbox.add(each);
    expect(sinkOf(outbox).pending.size).toBe(events);
    for (const each of delivered) {
      if (each.of % 5_000 === 0) {
        const heads = Array.from(sinkOf(outbox).pending.heads(), ({ seq }) => seq);
        expect(Math.min(...heads)).toBe(each.of);
        expect(heads).toHaveLength(Math.min(queues, sinkOf(outbox).pending.size));
      }
      outbox.add(each);
    }
    expect(sinkOf(outbox).pending.size).toBe(0);
    // Some 100 ms where nobody else wants the machine; anything that is not linear takes minutes.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

const STEP = {
  action: 'add-codes',
  detail: 'Escalated',
  result: 'applied',
  correlationId: null,
} as const;
