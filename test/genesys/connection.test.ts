import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { queueId } from '../../src/domain/ids.js';
import type { QueueId } from '../../src/domain/ids.js';
import { Secret } from '../../src/domain/secret.js';
import { connect, connectReader } from '../../src/genesys/client.js';
import type { RequestTrace } from '../../src/genesys/transport.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { connected, simulate, towards } from './connected.js';
import { thrownBy } from './thrown.js';
import { VirtualClock } from './virtual-clock.js';

const queueIds = ({ state }: Simulator): QueueId[] =>
  state.queueNames().map((name) => queueId(state.queue(name).id ?? ''));

describe('a reading connection', () => {
  it('has no method that writes, whoever looks for one', async () => {
    const { simulator, clock } = await simulate();
    const connection = await connectReader(towards(simulator, clock));
    onTestFinished(connection.close);
    expect(reachable(connection)).toEqual([
      'close',
      'endings.endingsOf',
      'feed.changesIn',
      'feed.serverNow',
      'probes.aggregates',
      'probes.audits',
      'probes.identify',
      'probes.observations',
      'reader.findCodes',
      'reader.findQueues',
      'reader.interacting',
      'reader.lastChanges',
      'reader.listCodes',
      'reader.listDivisions',
      'reader.listQueues',
      'reader.organization',
      'reader.ownChanges',
      'reader.queueCodes',
      'reader.queueDocument',
      'reader.requests',
    ]);
    expect(Object.isFrozen(connection) && Object.isFrozen(connection.reader)).toBe(true);
  });
});

/** The paths of all functions that can be reached from an object. */
const reachable = (root: object): string[] => {
  const seen = new Set<unknown>([
    Object.prototype,
    Function.prototype,
    Object.getPrototypeOf(async () => undefined),
  ]);
  const visit = (value: unknown, path: string): string[] => {
    if (
      (typeof value !== 'object' && typeof value !== 'function') ||
      value === null ||
      seen.has(value)
    )
      return [];
    seen.add(value);
    const own = Reflect.ownKeys(value)
      .filter(
        (key) =>
          typeof value !== 'function' || !['length', 'name', 'prototype'].includes(String(key)),
      )
      .flatMap((key) =>
        visit(Reflect.get(value, key), path === '' ? String(key) : `${path}.${String(key)}`),
      );
    return [
      ...(typeof value === 'function' ? [path] : []),
      ...own,
      ...visit(Object.getPrototypeOf(value), `${path}.__proto__`),
    ];
  };
  return visit(root, '').sort();
};

describe('several connections in one process', () => {
  it('reach their own organizations with their own tokens and counts', async () => {
    const names = ['North', 'South', 'East'];
    const orgs = await Promise.all(
      names.map((name) =>
        connected({ seed: { organization: { name }, queues: [{ name: `Queue ${name}` }] } }),
      ),
    );
    const seen = await Promise.all(
      orgs.map(async ({ reader }) => [
        (await reader.organization()).name,
        (await reader.listQueues()).items[0]?.name,
      ]),
    );
    expect(seen).toEqual(names.map((name) => [name, `Queue ${name}`]));
    expect(orgs.map(({ reader }) => reader.requests().sent)).toEqual([2, 2, 2]);
  });
});

describe('the limit', () => {
  it('is kept as the server counts it, without a wasted slot or a refusal', async () => {
    const limit = 60;
    const clock = new VirtualClock();
    const simulator = await startSimulator({
      clock,
      size: { queues: 40 },
      limits: { perToken: limit },
    });
    onTestFinished(() => simulator.close());
    let answered = 0;
    const { reader, close } = await connectReader({
      ...towards(simulator, clock),
      credentials: { accessToken: new Secret(simulator.issueToken()) },
      limits: { requestsPerMinute: limit, concurrency: 8 },
      onRequest: () => void (answered += 1),
    });
    onTestFinished(close);
    const ids = queueIds(simulator);
    const startedAt = clock.now();
    const total = 8 * ids.length;
    const reads = Array.from({ length: 8 }, () => ids.map((id) => reader.queueCodes(id))).flat();
    await clock.until(Promise.all(reads), () => answered < reader.requests().sent);
    expect(reader.requests()).toEqual({ sent: total, retried: 0, throttled: 0 });
    expect(simulator.requests.peak(60_000)).toBe(limit);
    const bound = Math.floor((total - 1) / limit) * 60_000;
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(bound);
    expect(clock.now() - startedAt).toBeLessThanOrEqual(bound * 1.03);
  });

  it('of a platform that allows less is obeyed in the end', async () => {
    const org = await connected(
      { size: { queues: 30 }, limits: { perToken: 20 } },
      { limits: { requestsPerMinute: 300, concurrency: 8 } },
    );
    const ids = queueIds(org.simulator);
    const lists = await Promise.all([...ids, ...ids].map((id) => org.reader.queueCodes(id)));
    expect(lists).toHaveLength(60);
    expect(org.reader.requests().throttled).toBeLessThan(40);
    expect(org.simulator.requests.all().filter(({ status }) => status === 200)).toHaveLength(
      60 + 1,
    );
  });
});

describe('stopping', () => {
  it('ends what waits and what reads, without a warning for each', async () => {
    const stop = new AbortController();
    const warnings: string[] = [];
    const onWarning = (warning: Error): number => warnings.push(warning.name);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const org = await connected({ size: { queues: 30 } }, { signal: stop.signal });
    const ids = queueIds(org.simulator);
    await org.reader.organization();
    const reads = [...ids, ...ids].map((id) => org.reader.queueCodes(id));
    const outcomes = Promise.allSettled(reads);
    await org.simulator.requests.next(({ route }) => route?.endsWith('/wrapupcodes') === true);
    stop.abort();
    const codes = (await outcomes).flatMap((outcome) =>
      outcome.status === 'rejected' ? [(outcome.reason as { code: string }).code] : [],
    );
    expect(codes.length).toBeGreaterThan(40);
    expect(new Set(codes)).toEqual(new Set(['cli.interrupted']));
    expect(warnings).toEqual([]);
  });

  it('comes with the close: what still reads is not tried again on connections that are gone', async () => {
    const org = await connected({ size: { queues: 30 } });
    const ids = queueIds(org.simulator);
    await org.reader.organization();
    const outcomes = Promise.allSettled([...ids, ...ids].map((id) => org.reader.queueCodes(id)));
    await org.simulator.requests.next(({ route }) => route?.endsWith('/wrapupcodes') === true);
    const [closedAt, sent] = [org.clock.now(), org.reader.requests().sent];
    await org.close();
    const codes = (await outcomes).flatMap((outcome) =>
      outcome.status === 'rejected' ? [(outcome.reason as { code: string }).code] : [],
    );
    expect(codes.length).toBeGreaterThan(40);
    expect(new Set(codes)).toEqual(new Set(['cli.interrupted']));
    expect(org.clock.now()).toBe(closedAt);
    expect(org.reader.requests()).toEqual({ sent, retried: 0, throttled: 0 });
  });
});

describe('what can be seen of a connection', () => {
  it('holds no secret and no token, and the observer is told neither', async () => {
    const { simulator, clock } = await simulate({
      clients: [{ id: 'demo', secret: 'the-secret' }],
    });
    const traces: RequestTrace[] = [];
    const options = {
      ...towards(simulator, clock),
      onRequest: (trace: RequestTrace) => void traces.push(trace),
    };
    const connection = await connect(options);
    onTestFinished(connection.close);
    await connection.reader.findQueues({ name: 'A private name' });
    const shown = `${inspect([options, connection, traces], { depth: 9, showHidden: true })} ${JSON.stringify([options.credentials, traces])}`;
    expect(shown).not.toContain('the-secret');
    expect(shown).not.toMatch(/bearer/i);
    expect(traces).toEqual([
      {
        method: 'GET',
        path: '/api/v2/routing/queues',
        status: 200,
        ms: 0,
        correlationId: simulator.requests.all().at(-1)?.correlationId,
        attempt: 1,
      },
    ]);
  });

  it('tells an unknown region before anything is loaded or sent', async () => {
    const { simulator, clock } = await simulate();
    const { gateway: _gateway, ...options } = towards(simulator, clock);
    const error = await thrownBy(() => connect({ ...options, region: 'eu-west-7' }));
    expect(error.code).toBe('genesys.unknown-region');
    expect(new Secret('x').toString()).not.toContain('x');
  });
});
