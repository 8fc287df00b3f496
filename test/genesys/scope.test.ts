import { expect, it } from 'vitest';
import { codeId, queueId } from '../../src/domain/ids.js';
import { connected } from './connected.js';

const ADD = 'POST /api/v2/routing/queues/{queueId}/wrapupcodes';

it.each([[['Held', 'Free']], [['Free', 'Held']], [['Free', 'Held', 'Free']]])(
  'a last check is for its own write, whoever waits beside it (%j)',
  async (names) => {
    const org = await connected(
      { seed: { codes: ['A'], queues: [{ name: 'Held' }, { name: 'Free' }] } },
      { limits: { requestsPerMinute: 300, concurrency: 1 } },
    );
    const code = codeId(org.simulator.state.code('A').id ?? '');
    const held = new Error('held at the last moment');
    const ends = await Promise.allSettled(
      names.map((name) => {
        const queue = queueId(org.simulator.state.queue(name).id ?? '');
        const add = () => org.writer.addCodes(queue, [code]);
        return name === 'Free'
          ? add()
          : org.writer.withLastCheck(() => {
              throw held;
            }, add);
      }),
    );
    expect(ends.map((end) => (end.status === 'fulfilled' ? 'sent' : end.reason))).toEqual(
      names.map((name) => (name === 'Free' ? 'sent' : held)),
    );
    expect(org.simulator.requests.counts()[ADD]).toBe(
      names.filter((name) => name === 'Free').length,
    );
    expect(org.reader.requests().sent).toBe(org.simulator.requests.total());
  },
);

it('a check that passes is asked once for each attempt', async () => {
  const org = await connected({
    seed: { codes: ['A'], queues: [{ name: 'Q' }] },
    faults: [
      { match: { method: 'POST' }, skip: 1, times: 2, effect: { kind: 'error', status: 429 } },
    ],
  });
  let asked = 0;
  const queue = queueId(org.simulator.state.queue('Q').id ?? '');
  const code = codeId(org.simulator.state.code('A').id ?? '');
  await org.writer.withLastCheck(
    () => (asked += 1),
    () => org.writer.addCodes(queue, [code]),
  );
  expect(asked).toBe(3);
});

it('a check that throws gives its place under the limit to others', async () => {
  const org = await connected(
    { seed: { codes: ['A'], queues: [{ name: 'Q' }] } },
    { limits: { requestsPerMinute: 1, concurrency: 1 } },
  );
  const queue = queueId(org.simulator.state.queue('Q').id ?? '');
  const code = codeId(org.simulator.state.code('A').id ?? '');
  const startedAt = org.clock.now();
  const add = () => org.writer.addCodes(queue, [code]);
  const held = (): never => {
    throw new Error('held at the last moment');
  };
  await expect(org.writer.withLastCheck(held, add)).rejects.toThrow('held at the last moment');
  await add();
  expect(org.clock.now()).toBe(startedAt);
});
