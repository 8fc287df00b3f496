import { describe, expect, it, onTestFinished } from 'vitest';
import type { ChangePeriod, OrgChange, OrgChanges } from '../../src/apply/ports.js';
import { codeId, queueId } from '../../src/domain/ids.js';
import { connect } from '../../src/genesys/client.js';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import { contractAbsence, loadContract } from '../support/contract.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { connected, simulate, towards } from './connected.js';
import type { Connected } from './connected.js';
import { startStub } from './stub-server.js';
import type { Reply } from './stub-server.js';

const REALTIME = 'POST /api/v2/audits/query/realtime';
const ASKED = 'POST /api/v2/audits/query';
const POLLED = 'GET /api/v2/audits/query/{transactionId}';
const RESULTS = 'GET /api/v2/audits/query/{transactionId}/results';
const DAY = 86_400_000;

const SEED = {
  codes: ['A', 'B'],
  queues: [{ name: 'Billing', codes: ['A'] }, { name: 'Sales' }],
};
const CLIENTS = [
  { id: 'demo', secret: 'demo' },
  { id: 'terraform', secret: 's' },
];
const NEVER = new AbortController().signal;

const periodOf = (org: Pick<Connected, 'feed'>, since = NOW): ChangePeriod => ({
  since,
  until: org.feed.serverNow(),
  withinMs: 20_000,
  signal: NEVER,
});

type Act = (org: Connected) => unknown;

/** Lets ten seconds pass, and acts. */
const after = async (org: Connected, ...acts: readonly Act[]): Promise<void> => {
  for (const act of acts) {
    org.clock.advance(10_000);
    await act(org);
  }
  org.clock.advance(10_000);
};

const told = ({ entity, action, at, author }: OrgChange): string =>
  `${entity} ${action} ${(at - NOW) / 1_000} ${author?.name ?? author?.id ?? 'nobody'}`;

const ask = async (org: Connected, since = NOW): Promise<readonly string[]> => {
  const { changes, missing } = await org.feed.changesIn(periodOf(org, since));
  expect(missing).toBeNull();
  return changes.map(told);
};

const admin =
  (act: (admin: Connected['simulator']['admin']) => unknown): Act =>
  ({ simulator }) =>
    act(simulator.admin);

const Q = ({ simulator }: Connected, name = 'Billing') =>
  queueId(simulator.state.queue(name).id ?? '');
const C = ({ simulator }: Connected, name: string) => codeId(simulator.state.code(name).id ?? '');

describe.each([true, false])('changes, where realtime is %s', (realtime) => {
  const start = (options: SimulatorOptions = {}) =>
    connected({ seed: SEED, clients: CLIENTS, audits: { realtime }, ...options });

  it('of every kind are told, the oldest first, whoever made them', async () => {
    const org = await start();
    await after(
      org,
      admin((they) => they.createQueue('New')),
      admin((they) => they.renameQueue('New', 'Newer')),
      admin((they) => they.setAcw('Billing', { wrapupPrompt: 'MANDATORY' })),
      admin((they) => they.addCode('Sales', 'A')),
      admin((they) => they.removeCode('Sales', 'A')),
      admin((they) => they.deleteQueue('Newer')),
      admin((they) => they.createCode('C')),
      admin((they) => they.renameCode('C', 'D')),
      admin((they) => they.deleteCode('D')),
      (own) => own.writer.addCodes(Q(own), [C(own, 'B')]),
      admin((they) => they.updateMembers('Billing', 700)),
    );
    expect(await ask(org)).toEqual([
      'queue Create 10 Ada Admin',
      'queue Update 20 Ada Admin',
      'queue Update 30 Ada Admin',
      'queue WrapupCodeAdd 40 Ada Admin',
      'queue WrapupCodeRemove 50 Ada Admin',
      'queue Delete 60 Ada Admin',
      'code Create 70 Ada Admin',
      'code Update 80 Ada Admin',
      'code Delete 90 Ada Admin',
      'queue WrapupCodeAdd 100 demo',
    ]);
  });

  it('say which queue or code it was, and are told apart', async () => {
    const org = await start();
    await after(
      org,
      admin((they) => they.addCode('Sales', 'A')),
      admin((they) => they.renameCode('B', 'Better')),
    );
    const { changes } = await org.feed.changesIn(periodOf(org));
    expect(changes.map(({ id }) => id)).toEqual([Q(org, 'Sales'), C(org, 'Better')]);
    expect(new Set(changes.map(({ record }) => record)).size).toBe(2);
    const again = await org.feed.changesIn(periodOf(org, NOW + 15_000));
    expect(again.changes.map(({ record }) => record)).toEqual([changes[1]?.record]);
  });

  it('by us are marked', async () => {
    const org = await start();
    await after(
      org,
      (own) => own.writer.addCodes(Q(own), [C(own, 'B')]),
      admin((they) => they.removeCode('Billing', 'B')),
    );
    const { changes } = await org.feed.changesIn(periodOf(org));
    expect(changes.map(({ author }) => author?.isOurs)).toEqual([true, false]);
  });

  it('show with a delay, which the next question finds', async () => {
    const org = await start({ audits: { realtime, lagMs: 120_000 } });
    await after(
      org,
      admin((they) => they.addCode('Sales', 'A')),
    );
    expect(await ask(org)).toEqual([]);
    org.clock.advance(120_000);
    expect(await ask(org)).toEqual(['queue WrapupCodeAdd 10 Ada Admin']);
  });

  it('are asked for once where the service refuses, and the answer says which permission', async () => {
    const permissions = ['routing:queue:view'];
    const org = await start({
      clients: [{ id: 'c', secret: 's', grants: [{ permissions, divisions: '*' }] }],
    });
    expect(await org.feed.changesIn(periodOf(org))).toEqual({
      changes: [],
      missing: 'the OAuth client lacks the permission audits:audit:view',
    });
    expect(org.reader.requests()).toMatchObject({ sent: 1 });
  });

  it('that were found are told where another query fails', async () => {
    const org = await start({
      faults: [
        {
          match: ({ path, body }) =>
            path.includes('/audits/') && JSON.stringify(body ?? '').includes('"Delete"'),
          effect: { kind: 'error', status: 403, code: 'missing.permissions' },
        },
      ],
    });
    await after(
      org,
      admin((they) => they.addCode('Sales', 'A')),
    );
    const { changes, missing } = await org.feed.changesIn(periodOf(org));
    expect(changes.map(told)).toEqual(['queue WrapupCodeAdd 10 Ada Admin']);
    expect(missing).toBe('the OAuth client lacks the permission audits:audit:view');
  });

  it('are read up to a bound, and then it is told that there are more', async () => {
    const org = await start();
    for (let update = 0; update < 5_001; update += 1)
      org.simulator.admin.editQueue('Sales', { description: String(update) });
    await after(
      org,
      admin((they) => they.addCode('Sales', 'A')),
    );
    const { changes, missing } = await org.feed.changesIn(periodOf(org));
    expect(missing).toBe('the audit log shows more changes in that time than are read');
    expect(changes).toHaveLength(5_001);
    expect(changes.some(({ action }) => action === 'WrapupCodeAdd')).toBe(true);
    const pages = org.simulator.requests.counts()[realtime ? REALTIME : RESULTS];
    expect(pages).toBe(10 + 5);
  });

  it.skipIf(contractAbsence !== null)('are asked for as the contract has it', async () => {
    const contract = loadContract();
    const org = await start();
    await after(
      org,
      admin((they) => they.addCode('Sales', 'A')),
    );
    await ask(org);
    const audits = org.simulator.requests.all().filter(({ path }) => path.includes('/audits/'));
    expect(audits.length).toBeGreaterThan(5);
    expect(audits.flatMap((logged) => contract.violations(logged))).toEqual([]);
  });
});

describe('what it costs', () => {
  it('is six requests in realtime', async () => {
    const org = await connected({ seed: SEED });
    await ask(org);
    expect(org.reader.requests()).toMatchObject({ sent: 6, retried: 0 });
    expect(org.simulator.requests.counts()).toMatchObject({ [REALTIME]: 6 });
  });

  it('is eighteen where it is not served, which is found out once a day', async () => {
    const org = await connected({ seed: SEED, audits: { realtime: false } });
    await ask(org);
    expect(org.simulator.requests.counts()).toMatchObject({
      [REALTIME]: 1,
      [ASKED]: 6,
      [POLLED]: 6,
      [RESULTS]: 6,
    });
    const { sent } = org.reader.requests();
    await ask(org);
    expect(org.reader.requests().sent - sent).toBe(18);
    org.clock.advance(DAY);
    await ask(org, org.clock.now() - 60_000);
    expect(org.simulator.requests.counts()).toMatchObject({ [REALTIME]: 2, [ASKED]: 18 });
  });

  it('is one query where the service fails, however often that is tried', async () => {
    const org = await connected({
      seed: SEED,
      faults: [
        { match: ({ path }) => path.includes('/audits/'), effect: { kind: 'error', status: 503 } },
      ],
    });
    const { missing } = await org.feed.changesIn(periodOf(org));
    expect(missing).toContain('503');
    const { sent, retried } = org.reader.requests();
    expect(sent - retried).toBe(1);
  });

  it.each(['Failed', 'Cancelled'] as const)('is one query where it ends as %s', async (endsAs) => {
    const org = await connected({ seed: SEED, audits: { realtime: false, endsAs } });
    expect(await org.feed.changesIn(periodOf(org))).toEqual({
      changes: [],
      missing: `the audit service could not be asked: the query ended as ${endsAs}`,
    });
    expect(org.simulator.requests.counts()).toMatchObject({ [REALTIME]: 1, [ASKED]: 1 });
  });
});

describe('a long period', () => {
  it('is asked about in the way that reaches it', async () => {
    const org = await connected({ seed: SEED });
    await after(
      org,
      admin((they) => they.addCode('Sales', 'A')),
    );
    org.clock.advance(20 * DAY);
    expect(await ask(org)).toEqual(['queue WrapupCodeAdd 10 Ada Admin']);
    expect(org.simulator.requests.counts()).toMatchObject({ [ASKED]: 6 });
    expect(org.simulator.requests.counts()).not.toHaveProperty(REALTIME);
  });

  it.each([0, 1, 999])('is asked about in part where the log ends, and %d ms', async (ms) => {
    const org = await connected({ seed: SEED });
    org.clock.advance(40 * DAY + ms);
    await after(
      org,
      admin((they) => they.addCode('Sales', 'A')),
    );
    const { changes, missing } = await org.feed.changesIn({ ...periodOf(org), since: -Infinity });
    expect(changes).toHaveLength(1);
    expect(missing).toBe('the audit service answers for 30 days at a time');
    expect(org.simulator.requests.all().every(({ status }) => (status ?? 500) < 300)).toBe(true);
  });

  it.each([
    [NOW + 1, NOW],
    [NaN, NOW],
    [NOW, NaN],
  ])('from %d to %d is none, and nothing is sent', async (since, until) => {
    const org = await connected({ seed: SEED });
    const period = { since, until, withinMs: 1_000, signal: NEVER };
    expect((await org.feed.changesIn(period)).missing).toContain('ends before it begins');
    expect(org.reader.requests().sent).toBe(0);
  });
});

describe('lists that another client replaces (`wrapupcodes-put`)', () => {
  it('are told by the codes that came and went; rows that changed alone are not', async () => {
    const org = await connected({ seed: SEED, api: 'wrapupcodes-put', clients: CLIENTS });
    const put = async (rows: readonly object[]): Promise<void> => {
      const { status } = await fetch(
        `${org.simulator.url}/api/v2/routing/queues/${Q(org)}/wrapupcodes`,
        {
          method: 'PUT',
          headers: {
            authorization: `Bearer ${org.simulator.issueToken('terraform')}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify(rows),
        },
      );
      expect(status).toBe(200);
    };
    await after(
      org,
      () => put([{ wrapupCodeId: C(org, 'B') }]),
      () => put([{ wrapupCodeId: C(org, 'B'), isRequired: true }]),
    );
    expect([...(await ask(org))].sort()).toEqual([
      'queue WrapupCodeAdd 10 terraform',
      'queue WrapupCodeRemove 10 terraform',
    ]);
  });
});

describe('records of another kind', () => {
  const asked = async (
    reply: (body: string) => Reply,
    more: Partial<ChangePeriod> = {},
  ): Promise<{ answer: OrgChanges; requests: number }> => {
    const stub = await startStub(({ url, body }) =>
      url.endsWith('/oauth/token')
        ? { json: { access_token: 'token-1', expires_in: 3600 } }
        : reply(body),
    );
    const server = { clientId: 'c', clientSecret: 's', host: '127.0.0.1', port: stub.port };
    const connection = await connect(towards(server, new FakeClock()));
    onTestFinished(() => connection.close());
    const answer = await connection.feed.changesIn({
      since: NOW - 60_000,
      until: NOW,
      withinMs: 5_000,
      signal: NEVER,
      ...more,
    });
    return { answer, requests: stub.requests.filter(({ url }) => !url.includes('oauth')).length };
  };

  /** To the query for updates of queues, and nothing to the others. */
  const updates = (...entities: readonly unknown[]) =>
    asked((body) => ({ json: { entities: body.includes('"Update"') ? entities : [] } }));

  const record = (rest: object) => ({
    id: 'r1',
    eventDate: new Date(NOW - 5_000).toISOString(),
    action: 'Update',
    entityType: 'Queue',
    entity: { id: 'q' },
    user: { id: 'u' },
    ...rest,
  });

  it.each<[string, object, Partial<OrgChange>]>([
    ['without an entity', { entity: null }, { id: null }],
    ['without a kind', { entityType: undefined }, { entity: 'queue', id: 'q' }],
    ['of an action that nobody knows', { action: 'Undelete' }, { action: 'Undelete' }],
    ['without an author', { user: null }, { author: null }],
    ['without a date', { eventDate: 'soon' }, { at: NOW }],
    ['of another century', { eventDate: '1926-01-01T00:00:00Z' }, { at: NOW - 60_000 }],
    ['of the future', { eventDate: '2999-01-01T00:00:00Z' }, { at: NOW }],
    [
      'without an id',
      { id: undefined },
      { record: '["Queue","q","Update","2026-11-23T08:59:55.000Z","u"]' },
    ],
  ])('%s count', async (_what, rest, expected) => {
    const { answer } = await updates(record(rest));
    expect(answer).toMatchObject({ changes: [expected], missing: null });
  });

  it.each<[string, unknown]>([
    ['a failure', record({ status: 'FAILURE' })],
    ['something else', record({ entityType: 'User' })],
    ['nothing', null],
    ['a number', 7],
  ])('about %s do not', async (_what, one) => {
    expect((await updates(one)).answer).toEqual({ changes: [], missing: null });
  });

  it('that come twice are told once', async () => {
    const { answer } = await updates(record({}), record({}), record({ id: 'r2' }));
    expect(answer.changes.map((change) => change.record)).toEqual(['r1', 'r2']);
  });

  it('where no answer comes: it waits as long as it may', async () => {
    const { answer, requests } = await asked(() => 'hang', { withinMs: 500 });
    expect(answer).toEqual({ changes: [], missing: TOO_LATE });
    expect(requests).toBeLessThanOrEqual(1);
  });

  it('where the run is stopped: it ends at once', async () => {
    const stop = new AbortController();
    const { answer, requests } = await asked(
      () => {
        stop.abort();
        return 'hang';
      },
      { withinMs: 60_000, signal: stop.signal },
    );
    expect(answer).toEqual({ changes: [], missing: TOO_LATE });
    expect(requests).toBe(1);
  });

  it('where the answer is the page of a proxy: one question, and what went wrong', async () => {
    const { answer, requests } = await asked(() => ({ text: '<html>' }), { withinMs: 60_000 });
    expect(answer.changes).toEqual([]);
    expect(answer.missing).toContain('the audit service could not be asked');
    expect(requests).toBe(1);
  });
});

const TOO_LATE = 'the audit service did not answer in time';

describe('the clock', () => {
  it.each([-1, 1])('an hour off (%d) still asks about the right time', async (hours) => {
    const { simulator, clock: theirs } = await simulate({ seed: SEED });
    const ours = new FakeClock(NOW + hours * 3_600_000);
    const connection = await connect(towards(simulator, ours));
    onTestFinished(() => connection.close());
    await connection.reader.organization();
    const since = connection.feed.serverNow();
    expect(since).toBe(NOW);
    for (const clock of [theirs, ours]) clock.advance(30_000);
    simulator.admin.addCode('Sales', 'A');
    for (const clock of [theirs, ours]) clock.advance(30_000);
    const { changes, missing } = await connection.feed.changesIn(periodOf(connection, since));
    expect(missing).toBeNull();
    expect(changes.map(told)).toEqual(['queue WrapupCodeAdd 30 Ada Admin']);
    expect(simulator.requests.counts()).toMatchObject({ [REALTIME]: 6 });
    expect(connection.feed.serverNow()).toBe(theirs.now());
  });
});
