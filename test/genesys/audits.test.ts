import { describe, expect, it, onTestFinished } from 'vitest';
import type { LastChange, OrgReader, OwnChanges } from '../../src/apply/ports.js';
import { codeId, queueId } from '../../src/domain/ids.js';
import type { QueueId } from '../../src/domain/ids.js';
import { Secret } from '../../src/domain/secret.js';
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

const SEED = {
  codes: ['A', 'B'],
  queues: [
    { name: 'Billing', codes: ['A'] },
    ...['Sales', 'Support', 'Spam', 'Night'].map((name) => ({ name })),
  ],
};
const ALL = ['Billing', 'Sales', 'Support', 'Spam', 'Night'];

const Q = (org: Connected, name = 'Billing') => queueId(org.simulator.state.queue(name).id ?? '');

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
const ask = (org: Connected, since = NOW, queue = Q(org)): Promise<LastChange> =>
  lastChange(org.reader, queue, periodOf(org, since));

const periodOf = (org: Connected, since = NOW) => ({
  since,
  until: org.clock.now(),
  withinMs: 20_000,
  signal: NEVER,
});

const lastChange = async (
  reader: OrgReader,
  queue: QueueId,
  period: Parameters<OrgReader['lastChanges']>[1],
): Promise<LastChange> => {
  const changes = await reader.lastChanges([queue], period);
  return changes.get(queue) ?? { by: 'unknown', why: 'not answered' };
};

/** Who changed each of these queues, by name. */
const askAll = async (org: Connected, names: readonly string[], since = NOW) => {
  const ids = names.map((name) => Q(org, name));
  const changes = await org.reader.lastChanges(ids, periodOf(org, since));
  expect([...changes.keys()]).toEqual(ids);
  return Object.fromEntries([...changes.values()].map((one, index) => [names[index], told(one)]));
};

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

/** Changes of one kind, in pairs: more than a page has hide what else was changed. */
const makeNoise = ({ simulator: { admin } }: Connected, pairs: number): void => {
  for (let pair = 0; pair < pairs; pair += 1) {
    admin.addCode('Spam', 'A');
    admin.removeCode('Spam', 'A');
  }
};

const isSecondPage = (body: unknown): boolean =>
  JSON.stringify(body ?? '').includes('"pageNumber":2,');

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
    const change = await ask(org, NOW, id);
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
      makeNoise(org, 501);
      await after(org);
      await ask(org);
      await askAll(org, ALL);
      await org.reader.ownChanges(Q(org), periodOf(org));
      const audits = org.simulator.requests.all().filter(({ path }) => path.includes('/audits/'));
      const isPaged = audits.some(
        ({ query, requestBody }) => 'cursor' in query || isSecondPage(requestBody),
      );
      expect(isPaged).toBe(true);
      expect(audits.flatMap((logged) => contract.violations(logged))).toEqual([]);
    },
  );
});

describe.each([true, false])('many queues, where realtime is %s', (realtime) => {
  const start = (options: SimulatorOptions = {}) =>
    connected({ seed: SEED, clients: CLIENTS, audits: { realtime }, ...options });

  it('are each told who changed it, and in which way', async () => {
    const org = await start();
    await after(
      org,
      setPrompt,
      addByTerraform,
      ({ simulator }) => simulator.admin.addCode('Sales', 'A'),
      ({ simulator }) => simulator.admin.updateMembers('Support', 700),
      (own) =>
        own.writer.addCodes(Q(own, 'Spam'), [codeId(own.simulator.state.code('B').id ?? '')]),
    );
    expect(await askAll(org, ALL)).toEqual({
      Billing: { by: 'window', who: 'terraform', action: 'WrapupCodeAdd', at: iso(20) },
      Sales: { by: 'exact', who: 'Ada Admin', action: 'WrapupCodeAdd', at: iso(30) },
      Support: { by: 'unknown', why: null },
      Spam: { by: 'exact', who: 'demo', action: 'WrapupCodeAdd', at: iso(50) },
      Night: { by: 'unknown', why: null },
    });
  });

  it('are found on later pages', async () => {
    const org = await start();
    await after(org, ({ simulator }) => simulator.admin.addCode('Sales', 'A'));
    makeNoise(org, 1_499);
    await after(org);
    const { Sales, Spam, Night } = await askAll(org, ALL);
    expect(Sales).toMatchObject({ by: 'exact', who: 'Ada Admin', at: iso(10) });
    expect(Spam).toMatchObject({ by: 'exact', who: 'Ada Admin', at: iso(20) });
    expect(Night).toEqual({ by: 'unknown', why: null });
  });

  it('are no more than `window` where not all pages are read, and unknown with a reason', async () => {
    const org = await start();
    makeNoise(org, 1_501);
    await after(org, ({ simulator }) => simulator.admin.addCode('Sales', 'A'));
    expect(await askAll(org, ['Sales', 'Night', 'Billing', 'Spam'])).toEqual({
      Sales: { by: 'window', who: 'Ada Admin', action: 'WrapupCodeAdd', at: iso(10) },
      Night: { by: 'unknown', why: TOO_MANY },
      Billing: { by: 'unknown', why: TOO_MANY },
      Spam: expect.objectContaining({ by: 'window', who: 'Ada Admin' }),
    });
    expect(told(await ask(org, NOW, Q(org, 'Sales')))).toMatchObject({ by: 'exact' });
  });

  it('keep what was read where a later page fails', async () => {
    const org = await start({
      faults: [
        {
          match: ({ path, query, body }) =>
            query.has('cursor') || (path.includes('realtime') && isSecondPage(body)),
          effect: { kind: 'error', status: 403, code: 'missing.permissions' },
        },
      ],
    });
    makeNoise(org, 600);
    await after(org, ({ simulator }) => simulator.admin.addCode('Sales', 'A'));
    const why = 'the OAuth client lacks the permission audits:audit:view';
    expect(await askAll(org, ['Sales', 'Night', 'Billing', 'Support'])).toMatchObject({
      Sales: { by: 'window', who: 'Ada Admin' },
      Night: { by: 'unknown', why },
    });
  });
});

const TOO_MANY = 'the audit log shows more changes in that time than are read';

describe('what goes back far', () => {
  const DAYS = 86_400;

  it('is asked about in the way that reaches it, and in realtime again the next time', async () => {
    const org = await connected({ seed: SEED });
    await after(org, setPrompt);
    org.clock.advance(20 * DAYS * 1_000);
    expect(told(await ask(org))).toMatchObject({ by: 'exact', who: 'Ada Admin' });
    expect(org.simulator.requests.counts()).toMatchObject({ [ASKED]: 4, [RESULTS]: 4 });
    await ask(org, org.clock.now() - 60_000);
    expect(org.simulator.requests.counts()).toMatchObject({ [REALTIME]: 4, [ASKED]: 4 });
  });

  it('is not exact where it is more than the log answers for', async () => {
    const org = await connected({ seed: SEED });
    org.clock.advance(40 * DAYS * 1_000);
    await after(org, setPrompt);
    expect(told(await ask(org))).toMatchObject({ by: 'window', who: 'Ada Admin' });
    expect(await org.reader.ownChanges(Q(org), periodOf(org))).toEqual({
      kind: 'unknown',
      why: 'the audit service answers for 30 days at a time',
    });
  });
});

describe.each([true, false])('what we did ourselves, where realtime is %s', (realtime) => {
  const start = (options: SimulatorOptions = {}) =>
    connected({ seed: SEED, clients: CLIENTS, audits: { realtime }, ...options });

  it.each<[string, readonly Act[], OwnChanges]>([
    ['nothing', [], { kind: 'known', ours: [], others: [] }],
    ['a write', [addByUs], { kind: 'known', ours: ['WrapupCodeAdd'], others: [] }],
    [
      'several, and one of them twice',
      [addByUs, removeByUs, ({ simulator }) => simulator.admin.removeCode('Billing', 'B'), addByUs],
      {
        kind: 'known',
        ours: ['WrapupCodeAdd', 'WrapupCodeRemove'],
        others: ['WrapupCodeRemove'],
      },
    ],
    [
      'nothing, but others did',
      [setPrompt, addByTerraform],
      { kind: 'known', ours: [], others: ['Update', 'WrapupCodeAdd'] },
    ],
    [
      'nothing, and others did it elsewhere',
      [({ simulator }) => simulator.admin.addCode('Sales', 'A')],
      { kind: 'known', ours: [], others: [] },
    ],
  ])('is told: %s', async (_what, acts, expected) => {
    const org = await start();
    await after(org, ...acts);
    const { sent } = org.reader.requests();
    expect(await org.reader.ownChanges(Q(org), periodOf(org))).toEqual(expected);
    if (realtime) expect(org.reader.requests().sent - sent).toBe(3);
  });

  it('is unknown where only a part of the log could be read', async () => {
    const org = await start({
      faults: [
        {
          match: ({ path, body }) =>
            path.startsWith('/api/v2/audits') && JSON.stringify(body ?? '').includes('"Update"'),
          effect: { kind: 'error', status: 403, code: 'missing.permissions' },
        },
      ],
    });
    await after(org, addByUs);
    expect(await org.reader.ownChanges(Q(org), periodOf(org))).toEqual({
      kind: 'unknown',
      why: 'the OAuth client lacks the permission audits:audit:view',
    });
  });
});

it('what we did cannot be told with a token alone, and nothing is asked', async () => {
  const stub = await startStub(() => 'hang');
  const server = { clientId: 'c', clientSecret: 's', host: '127.0.0.1', port: stub.port };
  const { credentials: _, ...place } = towards(server, new FakeClock());
  const connection = await connect({ ...place, credentials: { accessToken: new Secret('t') } });
  onTestFinished(() => connection.close());
  const period = { since: NOW, until: NOW, withinMs: 5_000, signal: NEVER };
  expect(await connection.reader.ownChanges(queueId('q'), period)).toEqual({
    kind: 'unknown',
    why: 'an access token does not tell which OAuth client is ours',
  });
  expect(stub.requests).toEqual([]);
});

describe('what it costs', () => {
  it.each([
    [0, 0],
    [1, 4],
    [3, 12],
    [4, 4],
    [5, 4],
  ])('for %d queues is %d requests in realtime', async (queues, requests) => {
    const org = await connected({ seed: SEED });
    await askAll(org, ALL.slice(0, queues));
    expect(org.reader.requests().sent).toBe(requests);
  });

  it('has a bound, however much happens', async () => {
    const org = await connected({ seed: SEED });
    makeNoise(org, 1_501);
    await after(org);
    await askAll(org, ALL);
    expect(org.simulator.requests.counts()).toMatchObject({ [REALTIME]: 3 + 3 + 1 + 1 });
  });

  it('has the same bound where a query is polled', async () => {
    const org = await connected({ seed: SEED, audits: { realtime: false } });
    makeNoise(org, 1_501);
    await after(org);
    await askAll(org, ALL);
    expect(org.simulator.requests.counts()).toMatchObject({
      [ASKED]: 4,
      [POLLED]: 4,
      [RESULTS]: 3 + 3 + 1 + 1,
    });
  });

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
    const change = await lastChange(connection.reader, queueId('q'), {
      since: NOW,
      until: NOW,
      withinMs,
      signal,
    });
    return { change, stub };
  };

  const someone = (rest: object) => ({
    eventDate: iso(-5),
    action: 'Update',
    entity: { id: 'q' },
    ...rest,
  });

  it('where the log names nobody: then nobody is blamed alone', async () => {
    const nameless = someone({ user: null });
    const ada = someone({ user: { id: 'u', name: 'Ada' } });
    expect((await asked({ json: { entities: [nameless] } })).change).toEqual({
      by: 'unknown',
      why: 'the audit log does not name who it was',
    });
    const both = await asked({ json: { entities: [nameless, ada] } });
    expect(told(both.change)).toMatchObject({ by: 'window', who: 'Ada' });
  });

  it.each([
    [
      'one page, where it is not full',
      { pageSize: 2, entities: [someone({ user: { id: 'u' } })] },
      1,
    ],
    [
      'as many as are read, where they are full',
      { pageSize: 1, entities: [someone({ user: { id: 'u' } })] },
      3,
    ],
    ['as many as are read, where they are empty', { total: 7, entities: [] }, 3],
  ])('where a total is missing or wrong: it reads %s', async (_what, json, pages) => {
    const { stub } = await asked({ json }, undefined, 5_000);
    expect(stub.requests.filter(({ url }) => url.includes('realtime'))).toHaveLength(4 * pages);
  });

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
