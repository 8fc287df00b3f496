/** The vendor's own JavaScript client, used as a stranger would use it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as PlatformClient from 'purecloud-platform-client-v2';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { FakeClock } from '../support/fake-clock.js';
import { simulate } from './driver.js';

type Sdk = typeof PlatformClient;
type SdkClient = InstanceType<Sdk['ApiClientClass']>;

const codes = Array.from({ length: 7 }, (_, index) => `Code ${index}`);
const seed = {
  codes,
  queues: [
    { name: 'Billing', codes: codes.slice(0, 3) },
    { name: 'Störungen' },
    { name: '客服 中文' },
  ],
};

let home: string;
let sdk: Sdk;
beforeAll(async () => {
  // The SDK looks for a settings file in the home directory; give it an empty one.
  home = mkdtempSync(path.join(tmpdir(), 'wrapkeeper-sdk-'));
  vi.stubEnv('HOME', home);
  const loaded = (await import('purecloud-platform-client-v2')) as unknown as { default: Sdk };
  sdk = loaded.default;
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

const connect = async (options: SimulatorOptions = {}) => {
  const { simulator } = await simulate({ seed, ...options });
  const client = new sdk.ApiClientClass();
  client.config.live_reload_config = false;
  client.setGateway({ host: simulator.host, port: simulator.port, protocol: 'http' });
  return { simulator, client, routing: new sdk.RoutingApi(client) };
};

const login = (client: SdkClient, simulator: Simulator) =>
  client.loginClientCredentialsGrant(simulator.clientId, simulator.clientSecret);

describe('the official SDK', () => {
  it('logs in, and is told where its credentials are wrong', async () => {
    const { simulator, client } = await connect();
    const { accessToken } = await login(client, simulator);
    expect(accessToken).toMatch(/^[0-9a-f]{32}$/);
    await expect(client.loginClientCredentialsGrant('demo', 'wrong')).rejects.toMatchObject({
      response: { status: 401, data: { error: 'invalid_client' } },
    });
  });

  it('lists queues and pages through codes', async () => {
    const { simulator, client, routing } = await connect();
    await login(client, simulator);
    const queues = await routing.getRoutingQueues({ pageSize: 500, name: '*', sortOrder: 'desc' });
    expect(queues.entities?.map(({ name }) => name)).toEqual(['客服 中文', 'Störungen', 'Billing']);

    const found: string[] = [];
    for (let pageNumber = 1, pageCount = 1; pageNumber <= pageCount; pageNumber += 1) {
      const page = await routing.getRoutingWrapupcodes({ pageSize: 3, pageNumber });
      found.push(...(page.entities ?? []).map(({ name }) => name));
      pageCount = page.pageCount ?? 0;
    }
    expect(found).toEqual(codes);
    const some = await routing.getRoutingQueues({
      id: ['Billing', 'Störungen'].map((name) => String(simulator.state.queue(name).id)),
    });
    expect(some.total).toBe(2);
  });

  it('adds and removes codes of a queue', async () => {
    const { simulator, client, routing } = await connect();
    await login(client, simulator);
    const queue = String(simulator.state.queue('Billing').id);
    const id = String(simulator.state.code('Code 5').id);
    expect(await routing.postRoutingQueueWrapupcodes(queue, [{ id }])).toMatchObject([{ id }]);
    expect(simulator.state.codesOf('Billing')).toHaveLength(4);
    await routing.deleteRoutingQueueWrapupcode(queue, id);
    expect(simulator.state.codesOf('Billing')).toEqual(codes.slice(0, 3));
    const listed = await routing.getRoutingQueueWrapupcodes(queue, { pageSize: 100 });
    expect(listed.total).toBe(3);
  });

  it('creates, renames and deletes a code', async () => {
    const { simulator, client, routing } = await connect();
    await login(client, simulator);
    const { id = '' } = await routing.postRoutingWrapupcodes({ name: 'New' });
    await routing.putRoutingWrapupcode(id, { name: 'Newer' });
    expect((await routing.getRoutingWrapupcode(id)).name).toBe('Newer');
    await expect(routing.postRoutingWrapupcodes({ name: 'Newer' })).rejects.toMatchObject({
      status: 400,
      code: 'duplicate.name',
    });
    await routing.deleteRoutingWrapupcode(id);
    expect(simulator.state.codeNames()).toEqual(codes);
  });

  it('reads, modifies and writes a queue without losing a field', async () => {
    const { simulator, client, routing } = await connect({ clock: new FakeClock() });
    await login(client, simulator);
    const before = simulator.state.queue('Störungen');
    const { id = '', ...queue } = await routing.getRoutingQueue(String(before.id));
    const { selfUri: _self, memberCount: _members, userMemberCount: _users, ...rest } = queue;
    const { joinedMemberCount: _joined, ...body } = rest;
    delete body.conditionalGroupRouting?.rules?.[0]?.queue;
    body.acwSettings = { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 };
    await routing.putRoutingQueue(id, { ...body, name: body.name ?? '' });
    const after = simulator.state.queue('Störungen');
    expect({ ...after, acwSettings: null, dateModified: null, modifiedBy: null }).toEqual({
      ...before,
      acwSettings: null,
      dateModified: null,
      modifiedBy: null,
    });
    expect(after.acwSettings).toEqual(body.acwSettings);
  });

  it('gets status, headers and body of a refusal', async () => {
    const { simulator, client, routing } = await connect({ limits: { perToken: 1 } });
    await login(client, simulator);
    client.setReturnExtendedResponses(true);
    await routing.getRoutingQueues();
    await expect(routing.getRoutingQueues()).rejects.toMatchObject({
      status: 429,
      body: { code: 'too.many.requests.retry.after' },
      headers: {
        'retry-after': '60',
        'inin-correlation-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
  });

  it('sees its token expire, and logs in again', async () => {
    const { simulator, client, routing } = await connect();
    await login(client, simulator);
    simulator.expireTokens();
    await expect(routing.getRoutingQueues()).rejects.toMatchObject({
      status: 401,
      code: 'bad.credentials',
    });
    await login(client, simulator);
    expect((await routing.getRoutingQueues()).total).toBe(3);
  });

  it('asks who changed what, what goes on, and how interactions ended', async () => {
    const { simulator, client } = await connect();
    await login(client, simulator);
    simulator.admin.addCode('Billing', 'Code 6');
    const audit = new sdk.AuditApi(client);
    const interval = [-3_600_000, 3_600_000]
      .map((ms) => new Date(Date.now() + ms).toISOString())
      .join('/');
    const { id = '' } = await audit.postAuditsQuery({ interval, serviceName: 'ContactCenter' });
    expect((await audit.getAuditsQueryTransactionId(id)).state).toBe('Succeeded');
    const { entities } = await audit.getAuditsQueryTransactionIdResults(id);
    expect(entities).toMatchObject([{ action: 'WrapupCodeAdd', entity: { name: 'Billing' } }]);

    const analytics = new sdk.AnalyticsApi(client);
    const queueId = String(simulator.state.queue('Billing').id);
    const predicates = [{ dimension: 'queueId', value: queueId }];
    const now = await analytics.postAnalyticsQueuesObservationsQuery({
      filter: { type: 'or', predicates },
      metrics: ['oInteracting'],
    });
    expect(now.results).toMatchObject([{ group: { queueId } }]);
    const ended = await analytics.postAnalyticsConversationsAggregatesQuery({
      interval,
      groupBy: ['queueId', 'wrapUpCode'],
      metrics: ['tAcw'],
    });
    expect(ended.results).toEqual([]);
  });

  it('asks who it is', async () => {
    const { simulator, client } = await connect();
    await login(client, simulator);
    const organization = await new sdk.OrganizationApi(client).getOrganizationsMe();
    expect(organization.id).toBe(simulator.state.organization.id);
    expect((await new sdk.TokensApi(client).getTokensMe()).OAuthClient?.id).toBe('demo');
    const divisions = await new sdk.AuthorizationApi(client).getAuthorizationDivisions();
    expect(divisions.entities).toMatchObject([{ name: 'Home', homeDivision: true }]);
  });
});
