import { describe, expect, it, onTestFinished } from 'vitest';
import type { LastChange } from '../../src/apply/ports.js';
import { codeId, queueId } from '../../src/domain/ids.js';
import { connect } from '../../src/genesys/client.js';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import { contractAbsence, loadContract } from '../support/contract.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { connected, towards } from './connected.js';
import type { Connected } from './connected.js';
import { startStub } from './stub-server.js';
import type { Reply } from './stub-server.js';

const REALTIME = 'POST /api/v2/audits/query/realtime';
const ASKED = 'POST /api/v2/audits/query';
const POLLED = 'GET /api/v2/audits/query/{transactionId}';
const RESULTS = 'GET /api/v2/audits/query/{transactionId}/results';

const SEED = { codes: ['A', 'B'], queues: [{ name: 'Billing', codes: ['A'] }, { name: 'Sales' }] };

const Q = (org: Connected) => queueId(org.simulator.state.queue('Billing').id ?? '');

const at = (seconds: number): number => NOW + seconds * 1_000;
const iso = (seconds: number): string => new Date(at(seconds)).toISOString();

/** Lets some seconds pass, and acts. */
type Act = (org: Connected) => unknown;
const after = async (org: Connected, ...acts: readonly Act[]): Promise<void> => {
  for (const act of acts) {
    org.clock.advance(10_000);
    await act(org);
  }
  org.clock.advance(10_000);
};

const NEVER = new AbortController().signal;

/** Who changed the queue "Billing" since the beginning. */
const ask = (org: Connected, since = NOW, withinMs = 20_000): Promise<LastChange> =>
  org.reader.lastChange(Q(org), { since, until: org.clock.now(), withinMs, signal: NEVER });

const told = (change: LastChange) =>
  change.by === 'unknown'
    ? change
    : {
        by: change.by,
        who: change.author.name ?? change.author.id,
        action: change.action,
        at: new Date(change.at).toISOString(),
      };

const setPrompt: Act = ({ simulator }) =>
  simulator.admin.setAcw('Billing', { wrapupPrompt: 'MANDATORY' });
const addByAdmin: Act = ({ simulator }) => simulator.admin.addCode('Billing', 'B');
const removeByAdmin: Act = ({ simulator }) => simulator.admin.removeCode('Billing', 'A');
const addByUs: Act = (org) =>
  org.writer.addCodes(Q(org), [codeId(org.simulator.state.code('B').id ?? '')]);
const removeByUs: Act = (org) =>
  org.writer.removeCode(Q(org), codeId(org.simulator.state.code('A').id ?? ''));

/** Another OAuth client than the one that asks. */
const addByTerraform: Act = async (org) => {
  const { simulator, clock } = org;
  const other = await connect(
    towards(
      { clientId: 'terraform', clientSecret: 's', host: simulator.host, port: simulator.port },
      clock,
    ),
  );
  await other.writer.addCodes(Q(org), [codeId(simulator.state.code('B').id ?? '')]);
  await other.close();
};
const CLIENTS = [
  { id: 'demo', secret: 'demo' },
  { id: 'terraform', secret: 's' },
];

/** Realtime queries serve queues, or do not: nobody knows, and the answer is the same. */
describe.each([true, false])('where realtime is %s', (realtime) => {
  const start = (options: SimulatorOptions = {}) =>
    connected({ seed: SEED, clients: CLIENTS, audits: { realtime }, ...options });

  it.each<[string, readonly Act[], object]>([
    ['a person', [setPrompt], { by: 'exact', who: 'Ada Admin', action: 'Update', at: iso(10) }],
    [
      'a person more than once: the last time',
      [setPrompt, addByAdmin, removeByAdmin],
      { by: 'exact', who: 'Ada Admin', action: 'WrapupCodeRemove', at: iso(30) },
    ],
    [
      'another client',
      [addByTerraform],
      { by: 'exact', who: 'terraform', action: 'WrapupCodeAdd', at: iso(10) },
    ],
    [
      'several: the last of them',
      [addByTerraform, removeByAdmin],
      { by: 'window', who: 'Ada Admin', action: 'WrapupCodeRemove', at: iso(20) },
    ],
    [
      'a person, before writes of ours',
      [setPrompt, addByUs, removeByUs],
      { by: 'exact', who: 'Ada Admin', action: 'Update', at: iso(10) },
    ],
    [
      'nobody else: then it is us',
      [addByUs],
      { by: 'exact', who: 'demo', action: 'WrapupCodeAdd', at: iso(10) },
    ],
    ['nobody at all', [], { by: 'unknown', why: null }],
    [
      'somebody who deleted it',
      [({ simulator }) => simulator.admin.deleteQueue('Billing')],
      { by: 'exact', who: 'Ada Admin', action: 'Delete', at: iso(10) },
    ],
    [
      'nobody, but members and another queue were changed',
      [
        ({ simulator }) => simulator.admin.updateMembers('Billing', 700),
        ({ simulator }) => simulator.admin.addCode('Sales', 'B'),
      ],
      { by: 'unknown', why: null },
    ],
  ])('the queue was changed by %s', async (_what, acts, expected) => {
    const org = await start();
    const id = Q(org);
    await after(org, ...acts);
    const change = await org.reader.lastChange(id, {
      since: NOW,
      until: org.clock.now(),
      withinMs: 20_000,
      signal: NEVER,
    });
    expect(told(change)).toEqual(expected);
    if (change.by !== 'unknown') expect(change.author.isOurs).toBe(change.author.id === 'demo');
  });

  it('only the time that is asked about counts', async () => {
    const org = await start();
    await after(org, addByTerraform, removeByAdmin);
    expect(told(await ask(org, at(15)))).toMatchObject({ by: 'exact', who: 'Ada Admin' });
    expect(told(await ask(org, at(25)))).toMatchObject({ by: 'unknown' });
  });

  it('without the permission the answer says which', async () => {
    const permissions = ['routing:queue:view'];
    const org = await start({
      clients: [{ id: 'c', secret: 's', grants: [{ permissions, divisions: '*' }] }],
    });
    await after(org, setPrompt);
    expect(await ask(org)).toEqual({
      by: 'unknown',
      why: 'the OAuth client lacks the permission audits:audit:view',
    });
  });

  it('what could be read in part is not exact', async () => {
    const org = await start({
      faults: [
        {
          match: ({ path, body }) =>
            path.startsWith('/api/v2/audits') &&
            JSON.stringify(body ?? '').includes('WrapupCodeAdd'),
          effect: { kind: 'error', status: 403, code: 'missing.permissions' },
        },
      ],
    });
    await after(org, setPrompt);
    expect(told(await ask(org))).toMatchObject({ by: 'window', who: 'Ada Admin' });
  });

  it.skipIf(contractAbsence !== null)(
    'every request is one of the published contract',
    async () => {
      const contract = loadContract();
      const org = await start({ audits: { realtime, pollsUntilDone: 3 } });
      await after(org, setPrompt);
      await ask(org);
      const audits = org.simulator.requests.all().filter(({ path }) => path.includes('/audits/'));
      expect(audits.length).toBeGreaterThan(3);
      expect(audits.flatMap((logged) => contract.violations(logged))).toEqual([]);
    },
  );
});

describe('what it costs', () => {
  it('is one request an action where realtime is served', async () => {
    const org = await connected({ seed: SEED });
    await ask(org);
    expect(org.reader.requests().sent).toBe(4);
    expect(org.simulator.requests.counts()).toMatchObject({ [REALTIME]: 4 });
  });

  it('is a query, its polls and its results where it is not, which is found out once', async () => {
    const org = await connected({ seed: SEED, audits: { realtime: false, pollsUntilDone: 3 } });
    await ask(org);
    await ask(org);
    expect(org.simulator.requests.counts()).toMatchObject({
      [REALTIME]: 4,
      [ASKED]: 8,
      [POLLED]: 24,
      [RESULTS]: 8,
    });
  });
});

describe('it never throws', () => {
  it.each(['Failed', 'Cancelled'] as const)('where queries end as %s', async (endsAs) => {
    const org = await connected({ seed: SEED, audits: { realtime: false, endsAs } });
    await after(org, setPrompt);
    expect(await ask(org)).toEqual({
      by: 'unknown',
      why: `the audit service could not be asked: the query ended as ${endsAs}`,
    });
  });

  it('where the service fails', async () => {
    const org = await connected({
      seed: SEED,
      faults: [
        { match: ({ path }) => path.includes('/audits/'), effect: { kind: 'error', status: 503 } },
      ],
    });
    expect(await ask(org)).toMatchObject({ by: 'unknown', why: expect.stringContaining('503') });
  });

  const asked = async (
    reply: Reply | ((url: string) => Reply),
    stop?: AbortSignal,
    withinMs = 100,
    signal = NEVER,
  ) => {
    const stub = await startStub(({ url }) =>
      url.endsWith('/oauth/token')
        ? { json: { access_token: 'token-1', expires_in: 3600 } }
        : typeof reply === 'function'
          ? reply(url)
          : reply,
    );
    const server = { clientId: 'c', clientSecret: 's', host: '127.0.0.1', port: stub.port };
    const connection = await connect({
      ...towards(server, new FakeClock()),
      ...(stop === undefined ? {} : { signal: stop }),
    });
    onTestFinished(() => connection.close());
    const change = await connection.reader.lastChange(queueId('q'), {
      since: NOW,
      until: NOW,
      withinMs,
      signal,
    });
    return { change, stub };
  };
  const TOO_LATE = { by: 'unknown', why: 'the audit service did not answer in time' };

  it('where no answer comes: it waits as long as it may, and cuts what is under way', async () => {
    expect((await asked('hang')).change).toEqual(TOO_LATE);
  });

  it('where the run is stopped while it waits', async () => {
    const stop = new AbortController();
    const answer = asked(
      () => {
        stop.abort();
        return 'hang';
      },
      undefined,
      60_000,
      stop.signal,
    );
    expect((await answer).change).toEqual(TOO_LATE);
  });

  it('where a query never ends', async () => {
    const { change, stub } = await asked((url) =>
      url.includes('realtime')
        ? { status: 400, json: { code: 'bad.request' } }
        : { json: { id: 'x', state: 'Running' } },
    );
    expect(change).toEqual(TOO_LATE);
    expect(stub.requests.some(({ url }) => url.endsWith('/audits/query/x'))).toBe(true);
  });

  it.each([
    ['no time is left', undefined, 0, NEVER],
    ['the connection was stopped', AbortSignal.abort(), 5_000, NEVER],
    ['the run was stopped', undefined, 5_000, AbortSignal.abort()],
  ])('where %s: nothing is sent', async (_what, stop, withinMs, signal) => {
    const { change, stub } = await asked('hang', stop, withinMs, signal);
    expect(change).toEqual(TOO_LATE);
    expect(stub.requests).toEqual([]);
  });

  it.each<[string, Reply]>([
    ['no object', { json: [] }],
    [
      'entities of another form',
      { json: { entities: [null, 7, { user: 'Ada' }, { user: { id: 'u' } }] } },
    ],
    ['a page of a proxy', { text: '<html>', headers: { 'content-type': 'text/html' } }],
  ])('where the answer is %s', async (_what, reply) => {
    expect((await asked(reply, undefined, 5_000)).change.by).toBe('unknown');
  });
});
