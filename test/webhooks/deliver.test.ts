import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import { codeId, queueId } from '../../src/domain/ids.js';
import type { QueueOutcome } from '../../src/domain/journal.js';
import { Secret } from '../../src/domain/secret.js';
import type { Clock } from '../../src/domain/clock.js';
import { Deliveries } from '../../src/webhooks/deliver.js';
import type { DeliveryOptions, Sink } from '../../src/webhooks/deliver.js';
import { ManualClock } from '../support/manual-clock.js';
import { BEFORE, BILLING, completed, corrected } from '../support/records.js';
import { MemoryOutbox, startReceiver } from './receiver.js';
import type { Receiver } from './receiver.js';
import { isSigned, OTHER_SECRET, SECRET } from './verify.js';

/** A slow machine is no failure. */
const SOON = { interval: 1, timeout: 30_000 };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const now = (): number => Date.now();

/** Real time, in which a sleep ends. */
const REAL: Clock = {
  now,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const end = (): void => {
        clearTimeout(timer);
        resolve();
      };
      if (signal?.aborted === true) end();
      else signal?.addEventListener('abort', end);
    }),
};

const open: Receiver[] = [];
const receiver: typeof startReceiver = async (answer) => {
  const one = await startReceiver(answer);
  open.push(one);
  return one;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const sinkOf = (url: string, changes: Partial<Sink> = {}): Sink => ({
  name: 'reporting',
  url,
  secrets: [new Secret(SECRET)],
  allowPrivateNetwork: true,
  ...changes,
});

const deliveriesOf = (
  outbox: MemoryOutbox,
  sinks: readonly Sink[],
  changes: Partial<DeliveryOptions> = {},
): Deliveries =>
  new Deliveries({
    outbox,
    sinks,
    organizationId: 'org-1',
    clock: REAL,
    random: () => 0,
    ...changes,
  });

const NEVER = new AbortController().signal;

/** Delivers what is due at once. */
const drain = (deliveries: Deliveries, clock: Clock = REAL) =>
  deliveries.drain({ until: clock.now() + 2_000, signal: NEVER });

const ofQueue = (queue: number, sequence: number): QueueOutcome =>
  corrected({ queue: { ...BILLING, id: queueId(`queue-${queue}`) }, sequence });

describe('a delivery', () => {
  it('is a signed CloudEvent that both verifiers take', async () => {
    const at = await receiver();
    const outbox = new MemoryOutbox(now, 'reporting');
    outbox.add(corrected());
    const secrets = [new Secret(OTHER_SECRET), new Secret(SECRET)];
    const left = await drain(deliveriesOf(outbox, [sinkOf(at.url, { secrets })]));
    expect(left).toEqual([{ sink: 'reporting', undelivered: 0, why: null }]);
    const [request] = at.received;
    expect(request?.method).toBe('POST');
    expect(request?.headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'user-agent': 'wrapkeeper',
      'webhook-id': `evt_00000002${'a'.repeat(24)}`,
    });
    const { body = '', headers = {} } = request ?? {};
    for (const secret of [SECRET, OTHER_SECRET]) {
      expect(isSigned(headers, body, secret)).toBe(true);
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
        id: headers['webhook-id'],
        type: 'wrapkeeper.queue.corrected',
      });
    }
    expect(isSigned(headers, body.replace('Billing', 'Billinh'), SECRET)).toBe(false);
    expect(outbox.attempts()).toMatchObject([
      { of: 2, attempt: 1, result: 'delivered', status: 204 },
    ]);
  });

  it('is under 20 kB with 500 codes', async () => {
    const at = await receiver();
    const outbox = new MemoryOutbox(now, 'reporting');
    const wrapupCodes = Array.from({ length: 500 }, (_, index) => ({
      id: codeId(`code-${index}`),
      name: `A long name of a reason, number ${index}`,
    }));
    outbox.add(
      corrected({ before: { ...BEFORE, wrapupCodes }, after: { ...BEFORE, wrapupCodes } }),
    );
    await drain(deliveriesOf(outbox, [sinkOf(at.url)]));
    expect(Buffer.byteLength(at.received[0]?.body ?? '')).toBeLessThan(20_001);
    expect(at.received[0]?.body).toContain('"count":500');
  });

  it('keeps the order of a queue, and sends a run last', async () => {
    const at = await receiver();
    const outbox = new MemoryOutbox(now, 'reporting');
    outbox.add(completed(), ...[1, 2, 3, 4, 5].map((sequence) => ofQueue(1, sequence)));
    await drain(deliveriesOf(outbox, [sinkOf(at.url)]));
    expect(at.order()).toEqual([1, 2, 3, 4, 5, 'wrapkeeper.run.completed']);
  });

  it.each([
    ['410', 410, {}, { result: 'disabled', status: 410, nextAt: null, restUntil: null }],
    ['a redirect', 302, { location: 'URL' }, { result: 'failed', status: 302, restUntil: null }],
    ['404', 404, {}, { result: 'failed', status: 404, restUntil: null }],
  ])('that is answered with %s', async (_name, status, headers, expected) => {
    const other = await receiver();
    const at = await receiver((response) =>
      response
        .writeHead(status, 'location' in headers ? { location: other.url } : {})
        .end('over there'),
    );
    const outbox = new MemoryOutbox(now, 'reporting');
    outbox.add(corrected());
    const [left] = await drain(deliveriesOf(outbox, [sinkOf(at.url)]));
    expect(outbox.attempts()).toMatchObject([expected]);
    expect(left).toEqual({
      sink: 'reporting',
      undelivered: 1,
      why: expect.stringContaining(String(status)) as string,
    });
    expect(other.received).toEqual([]);
  });

  it.each([429, 503])('that is answered with %i and Retry-After rests the sink', async (status) => {
    const at = await receiver((response) =>
      response.writeHead(status, { 'retry-after': '120' }).end(),
    );
    const clock = new ManualClock();
    const outbox = new MemoryOutbox(() => clock.now(), 'reporting');
    outbox.add(ofQueue(1, 1), ofQueue(1, 2));
    await drain(deliveriesOf(outbox, [sinkOf(at.url)], { clock }), clock);
    const until = new Date(clock.now() + 2 * MINUTE).toISOString();
    expect(outbox.attempts()).toMatchObject([{ status, restUntil: until, nextAt: until }]);
  });

  it('that gets no answer in time is a failure', async () => {
    const at = await receiver(() => {});
    const outbox = new MemoryOutbox(now, 'reporting');
    outbox.add(corrected());
    await drain(deliveriesOf(outbox, [sinkOf(at.url)], { timeoutMs: 100 }));
    expect(outbox.attempts()).toMatchObject([
      {
        result: 'failed',
        status: null,
        why: `no answer from ${new URL(at.url).origin} within 0.1 s`,
      },
    ]);
    expect(outbox.attempts()[0]?.restUntil).not.toBeNull();
  });

  it('whose answer does not end is a failure', async () => {
    const at = await receiver((response) => void response.writeHead(200).write('and'));
    const outbox = new MemoryOutbox(now, 'reporting');
    outbox.add(corrected());
    await drain(deliveriesOf(outbox, [sinkOf(at.url)], { timeoutMs: 100 }));
    expect(outbox.attempts()).toMatchObject([{ result: 'failed', status: null }]);
  });

  it('reads no more of an answer than a little, and repeats no secret of the URL', async () => {
    const at = await receiver((response, { path }) => {
      response
        .writeHead(500)
        .write(`Cannot POST ${path}\u001B[2J\n token hunter%20two, hunter two. `);
      response.write('x'.repeat(5_000_000));
    });
    const outbox = new MemoryOutbox(now, 'reporting');
    outbox.add(corrected());
    const url = `${at.url}/T0001234?token=hunter%20two`;
    await drain(deliveriesOf(outbox, [sinkOf(url)], { timeoutMs: 5_000 }));
    const why = outbox.attempts()[0]?.why ?? '';
    expect(why).toContain('the receiver answered 500: Cannot POST …<U+001B>[2J token …, ….');
    expect(why).not.toMatch(/hunter|T0001234|\p{Cc}/u);
    expect(why.length).toBeLessThan(200);
  });

  it('to nobody says where nobody was, and no more', async () => {
    const at = await startReceiver();
    await at.close();
    const outbox = new MemoryOutbox(now, 'reporting');
    outbox.add(corrected());
    await drain(deliveriesOf(outbox, [sinkOf(`${at.url}?token=hunter2`)]));
    expect(outbox.attempts()[0]?.why).toBe(
      `no answer from ${new URL(at.url).origin} (ECONNREFUSED)`,
    );
  });
});

describe('sinks', () => {
  it('that hang delay no other', async () => {
    const slow = await receiver(() => {});
    const fast = await receiver();
    const outbox = new MemoryOutbox(now, 'slow', 'fast');
    outbox.add(...[1, 2, 3, 4, 5, 6, 7, 8].map((queue) => ofQueue(queue, queue)));
    const deliveries = deliveriesOf(outbox, [
      sinkOf(slow.url, { name: 'slow' }),
      sinkOf(fast.url, { name: 'fast' }),
    ]);
    const stop = new AbortController();
    const running = deliveries.run(stop.signal);
    await expect.poll(() => outbox.left('fast'), SOON).toBe(0);
    await expect.poll(() => slow.received.length, SOON).toBe(4);
    stop.abort();
    expect(await running).toBeNull();
    expect(fast.received).toHaveLength(8);
    // What was cut counts as nothing.
    expect(outbox.attempts('slow')).toEqual([]);
    expect(outbox.left('slow')).toBe(8);
  });

  it('are told of new events while they wait', async () => {
    const at = await receiver();
    const outbox = new MemoryOutbox(now, 'reporting');
    const deliveries = deliveriesOf(outbox, [sinkOf(at.url)]);
    const stop = new AbortController();
    const running = deliveries.run(stop.signal);
    outbox.add(corrected());
    deliveries.notify();
    await expect.poll(() => at.received.length, SOON).toBe(1);
    expect(await drain(deliveries)).toMatchObject([{ undelivered: 0 }]);
    stop.abort();
    await running;
  });

  it('that are not known to the journal get nothing', async () => {
    const at = await receiver();
    const outbox = new MemoryOutbox(now);
    outbox.add(corrected());
    expect(await drain(deliveriesOf(outbox, [sinkOf(at.url)]))).toEqual([
      { sink: 'reporting', undelivered: 0, why: null },
    ]);
    expect(at.received).toEqual([]);
  });
});

describe('an end', () => {
  it('comes at the deadline, whatever hangs', async () => {
    const at = await receiver(() => {});
    const outbox = new MemoryOutbox(now, 'reporting');
    outbox.add(corrected());
    const deliveries = deliveriesOf(outbox, [sinkOf(at.url)]);
    const left = await deliveries.drain({ until: now() + 200, signal: NEVER });
    expect(left).toEqual([
      { sink: 'reporting', undelivered: 1, why: 'there was no time to send them' },
    ]);
  });

  it('comes by itself once it is closed: what is under way is answered for, and nothing is begun', async () => {
    const answers: (() => void)[] = [];
    const at = await receiver((response) => {
      answers.push(() => response.writeHead(204).end());
    });
    const outbox = new MemoryOutbox(now, 'reporting');
    outbox.add(ofQueue(1, 1), ofQueue(1, 2));
    const deliveries = deliveriesOf(outbox, [sinkOf(at.url)]);
    const running = deliveries.run(NEVER);
    await expect.poll(() => answers.length, SOON).toBe(1);
    deliveries.close();
    for (const answer of answers) answer();
    expect(await running).toBeNull();
    expect(at.received).toHaveLength(1);
    expect(outbox.attempts()).toMatchObject([{ result: 'delivered' }]);
    expect(outbox.left('reporting')).toBe(1);
  });

  it('comes when it is told to stop before it began', async () => {
    const at = await receiver();
    const outbox = new MemoryOutbox(now, 'reporting');
    outbox.add(corrected());
    const signal = AbortSignal.abort();
    const left = await deliveriesOf(outbox, [sinkOf(at.url)]).drain({
      until: now() + 60_000,
      signal,
    });
    expect(left).toMatchObject([{ undelivered: 1 }]);
    expect(at.received).toEqual([]);
  });

  it('comes when the journal cannot be written, and is told, not thrown', async () => {
    const at = await receiver();
    const outbox = new MemoryOutbox(now, 'reporting');
    outbox.add(ofQueue(1, 1), ofQueue(1, 2));
    outbox.broken = new AppError('journal.unwritable', 'The disk is full.');
    const deliveries = deliveriesOf(outbox, [sinkOf(at.url)]);
    expect(await deliveries.run(NEVER)).toBe(outbox.broken);
    expect(at.received).toHaveLength(1);
    expect(await drain(deliveries)).toEqual([
      { sink: 'reporting', undelivered: 2, why: 'The disk is full.' },
    ]);
    expect(at.received).toHaveLength(1);
  });
});

describe('a week', () => {
  it('without a receiver loses nothing, and nothing comes out of order', async () => {
    let isDown = true;
    const at = await receiver((response) => response.writeHead(isDown ? 500 : 204).end());
    const clock = new ManualClock();
    const outbox = new MemoryOutbox(() => clock.now(), 'reporting');
    const deliveries = deliveriesOf(outbox, [sinkOf(at.url)], { clock });
    const stop = new AbortController();
    const running = deliveries.run(stop.signal);
    const startedAt = clock.now();
    let made = 0;
    /** Nothing is under way: the worker sleeps until something is due, or until it is told. */
    const idle = () => expect.poll(() => clock.sleeping, SOON).toBe(1);
    outbox.add(ofQueue(0, 0));
    deliveries.notify();
    while (clock.now() < startedAt + 7 * DAY) {
      await idle();
      for (const queue of [1, 2, 3]) outbox.add(ofQueue(queue, (made += 1)));
      clock.advance(HOUR);
    }
    await idle();
    expect(outbox.attempts().every(({ result }) => result === 'failed')).toBe(true);
    expect(outbox.attempts().length).toBeGreaterThan(8);
    expect(outbox.attempts().length).toBeLessThan(30);
    isDown = false;
    at.received.length = 0;
    for (let hour = 0; hour < 48 && outbox.left('reporting') > 0; hour += 1) {
      clock.advance(HOUR);
      await expect
        .poll(() => clock.sleeping === 1 || outbox.left('reporting') === 0, SOON)
        .toBe(true);
    }
    stop.abort();
    await running;
    expect(outbox.left('reporting')).toBe(0);
    expect(at.received).toHaveLength(made + 1);
    const byQueue = new Map<string, number[]>();
    for (const { body, headers } of at.received) {
      expect(isSigned(headers, body, SECRET)).toBe(true);
      const { data } = JSON.parse(body) as { data: { queue_id: string; sequence: number } };
      byQueue.set(data.queue_id, [...(byQueue.get(data.queue_id) ?? []), data.sequence]);
    }
    expect(byQueue.size).toBe(4);
    for (const order of byQueue.values()) expect(order).toEqual(order.toSorted((a, b) => a - b));
  });
});
