import { describe, expect, it } from 'vitest';
import { History } from '../../src/daemon/history.js';
import { Inbox } from '../../src/daemon/inbox.js';
import type { ReceivedEvent } from '../../src/daemon/view.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { MemoryJournal } from '../support/memory-journal.js';
import { BILLING, completed, corrected, refused, settled } from '../support/records.js';
import { started } from '../support/every-record.js';

const AT = new Date(NOW).toISOString();
const LATER = new Date(NOW + 5_000).toISOString();

describe('the history', () => {
  it('tells runs with their beginning, the newest first, fifty at most', () => {
    const history = new History();
    for (let run = 1; run <= 60; run += 1) {
      history.follow(started({ run: `run-${run}` }), AT);
      history.follow(completed({ run: `run-${run}` }), LATER);
    }
    expect(history.runs).toHaveLength(50);
    expect(history.runs[0]).toMatchObject({
      run: 'run-60',
      startedAt: AT,
      endedAt: LATER,
      problem: null,
    });
  });

  it('tells a refusal, and a run whose beginning it did not see', () => {
    const history = new History();
    history.follow(refused({ run: 'run-7' }), LATER);
    expect(history.runs).toMatchObject([
      {
        run: 'run-7',
        outcome: 'refused',
        startedAt: LATER,
        trigger: 'unknown',
        problem: 'a guard refused the plan',
      },
    ]);
  });

  it('keeps the last correction of a queue, settled ones included, failures not', () => {
    const history = new History();
    history.follow(corrected({ run: 'run-1' }), AT);
    history.follow(corrected({ run: 'run-2', outcome: 'failed' }), LATER);
    expect(history.correctionOf(BILLING.id)).toMatchObject({ run: 'run-1', at: AT });
    history.follow(settled({ run: 'run-3', verdict: 'applied' }), LATER);
    expect(history.correctionOf(BILLING.id)).toMatchObject({ run: 'run-3', at: LATER });
  });
});

const EVENT: ReceivedEvent = {
  webhookId: 'msg_1',
  queueId: 'q-1',
  queueName: 'Billing',
  doneAt: NOW - 1_500,
  complianceMet: false,
  auditLog: null,
  details: { source: 'dialler' },
};

describe('the inbox', () => {
  it('completes an event with an id, a time and a latency, and keeps it', async () => {
    const clock = new FakeClock();
    const journal = new MemoryJournal(clock);
    const inbox = new Inbox(journal, clock, () => 'id-1');
    const event = await inbox.receive(EVENT);
    expect(event).toEqual({
      event_id: 'id-1',
      queue_id: 'q-1',
      queue_name: 'Billing',
      timestamp: new Date(NOW - 1_500).toISOString(),
      latency_ms: 1_500,
      compliance_met: false,
      audit_log: 'Another system says that the queue Billing is not as it should be.',
      details: { source: 'dialler' },
    });
    expect(journal.of('external')).toMatchObject([{ webhookId: 'msg_1', event }]);
  });

  it('takes now for an event without a time, and no time for one of the future', async () => {
    const clock = new FakeClock();
    const inbox = new Inbox(new MemoryJournal(clock), clock, () => 'id');
    expect(await inbox.receive({ ...EVENT, doneAt: null })).toMatchObject({
      timestamp: AT,
      latency_ms: 0,
    });
    expect(
      await inbox.receive({ ...EVENT, webhookId: 'msg_2', doneAt: NOW + 9_000 }),
    ).toMatchObject({ latency_ms: 0 });
  });

  it('answers what comes again alike, at once and after a restart, and keeps it once', async () => {
    const clock = new FakeClock();
    const journal = new MemoryJournal(clock);
    let ids = 0;
    const inbox = new Inbox(journal, clock, () => `id-${(ids += 1)}`);
    const [first, second] = await Promise.all([inbox.receive(EVENT), inbox.receive(EVENT)]);
    expect(second).toEqual(first);
    const next = new Inbox(journal, clock, () => 'another');
    for (const record of journal.records) next.follow(record);
    expect(await next.receive(EVENT)).toEqual(first);
    expect(journal.of('external')).toHaveLength(1);
  });

  it('keeps nothing that the journal refuses, and takes it when it comes again', async () => {
    const clock = new FakeClock();
    const journal = new MemoryJournal(clock);
    const inbox = new Inbox(journal, clock, () => 'id');
    journal.beforeAppend = () => {
      throw new Error('full');
    };
    await expect(inbox.receive(EVENT)).rejects.toThrow('full');
    journal.beforeAppend = () => undefined;
    await expect(inbox.receive(EVENT)).resolves.toMatchObject({ event_id: 'id' });
  });
});
