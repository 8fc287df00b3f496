/** What `doctor` finds when something is not in place, and that it sends no write whatever that is. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Check } from '../../src/domain/check.js';
import type { DoctorReport } from '../../src/report/doctor.js';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor, repository } from './cli.js';
import type { Result } from './cli.js';
import { runHere as run } from './here.js';
import { BILLING, settings } from './policies.js';

const SEED = {
  organization: { name: 'Example Contact Centre' },
  divisions: [{ name: 'Home', home: true }, { name: 'Retail' }],
  codes: ['Resolved', 'Escalated', 'Call back'],
  queues: [
    { name: 'Billing DE', codes: ['Resolved'] },
    { name: 'Sales EN', division: 'Retail', codes: [] },
  ],
};
const READS = [
  'routing:queue:view',
  'routing:wrapupCode:view',
  'audits:audit:view',
  'analytics:queueObservation:view',
  'analytics:conversationAggregate:view',
];
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

let simulator: Simulator;
const simulate = async (options: SimulatorOptions = {}): Promise<void> => {
  await simulator?.close();
  simulator = await startSimulator({ seed: SEED, ...options });
};
beforeEach(() => simulate());
afterEach(async () => {
  // Whatever was looked at: nothing was written.
  expect(simulator.requests.effective()).toEqual([]);
  await simulator.close();
});

interface Asked {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly format?: 'text' | 'json';
  readonly cwd?: string;
}

const doctor = async ({
  env = {},
  files = {},
  format = 'text',
  cwd,
}: Asked = {}): Promise<Result> =>
  run(['doctor', '--format', format], {
    cwd: cwd ?? (await repository({ '.git/HEAD': '', 'policies/billing.yaml': BILLING, ...files })),
    env: { ...environmentFor(simulator), ...env },
  });

/** The report, wherever it stands, and the exit code. */
const examine = async (
  asked: Asked = {},
): Promise<{
  readonly exit: Result['exit'];
  readonly report: DoctorReport;
  readonly stdout: string;
}> => {
  const { exit, stdout, stderr } = await doctor({ ...asked, format: 'json' });
  expect(stderr).toBe('');
  const printed = JSON.parse(stdout) as DoctorReport | { readonly doctor: DoctorReport };
  return { exit, stdout, report: 'doctor' in printed ? printed.doctor : printed };
};

const check = ({ checks }: DoctorReport, name: string): Check => {
  const found = checks.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no check ${name}`);
  return found;
};

/** Names of checks that did not end well. */
const faults = ({ checks }: DoctorReport): readonly string[] =>
  checks.flatMap(({ name, status }) =>
    status === 'failure' || status === 'warning' ? [`${status}: ${name}`] : [],
  );

const grants = (permissions: readonly string[], divisions: '*' | readonly string[] = '*') => ({
  clients: [{ id: 'few', secret: 'few', grants: [{ permissions, divisions }] }],
});

describe('where all is well', () => {
  test('nothing fails, and what cannot be proved is told', async () => {
    const { id } = simulator.state.organization;
    const { exit, report } = await examine({
      files: { 'wrapkeeper.yaml': settings(`organization: { id: ${id} }`) },
    });
    expect(exit).toBe(0);
    expect(report).toMatchObject({ kind: 'Doctor', formatVersion: '1.0', healthy: true });
    expect(faults(report)).toEqual(['warning: repository']);
    expect(check(report, 'organization').message).toBe(
      `Example Contact Centre (${id}), the one of the settings`,
    );
    for (const name of ['change queues', 'create codes', 'rename codes'])
      expect(check(report, name)).toMatchObject({
        status: 'skipped',
        message: expect.stringContaining('not provable without a write') as string,
      });
  });

  test('it costs a handful of requests, whatever the number of queues', async () => {
    await simulate({
      seed: {
        ...SEED,
        queues: Array.from({ length: 400 }, (_, at) => ({ name: `Billing ${at}` })),
      },
    });
    await doctor();
    expect(simulator.requests.counts()).toEqual({
      'POST /oauth/token': 1,
      'GET /api/v2/organizations/me': 1,
      'GET /api/v2/routing/queues': 1,
      'GET /api/v2/routing/wrapupcodes': 1,
      'GET /api/v2/authorization/divisions': 1,
      'GET /api/v2/routing/queues/{queueId}/wrapupcodes': 1,
      'POST /api/v2/audits/query/realtime': 1,
      'POST /api/v2/analytics/queues/observations/query': 1,
      'POST /api/v2/analytics/conversations/aggregates/query': 1,
    });
  });

  test.each([80, 200])('no line is wider than %i columns', async (columns) => {
    const { stdout } = await doctor({ env: { COLUMNS: String(columns) } });
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(
      columns,
    );
    expect(stdout).not.toContain('\u001b[');
  });
});

describe('credentials and organization', () => {
  test('none: what needs them is skipped, and the rest is looked at', async () => {
    const { exit, report } = await examine({
      env: { GENESYSCLOUD_OAUTHCLIENT_ID: '', GENESYSCLOUD_OAUTHCLIENT_SECRET: '' },
    });
    expect(exit).toBe(1);
    expect(check(report, 'credentials')).toMatchObject({
      status: 'failure',
      code: 'genesys.no-credentials',
      remedy: expect.stringContaining('GENESYSCLOUD_OAUTHCLIENT_ID') as string,
    });
    expect(check(report, 'permissions').status).toBe('skipped');
    expect(check(report, 'records').status).toBe('ok');
    expect(simulator.requests.total()).toBe(0);
  });

  test('a wrong secret, which is not repeated', async () => {
    const { exit, report, stdout } = await examine({
      env: { GENESYSCLOUD_OAUTHCLIENT_SECRET: 'canary-of-the-wrong-secret' },
    });
    expect(exit).toBe(1);
    expect(check(report, 'login').code).toBe('genesys.login-failed');
    expect(stdout).not.toContain('canary');
  });

  test('an expired token keeps its correlation id, in text and JSON', async () => {
    const env = { GENESYSCLOUD_ACCESS_TOKEN: 'canary-of-a-token' };
    const { exit, report, stdout } = await examine({ env });
    expect(exit).toBe(1);
    const login = check(report, 'login');
    expect(login).toMatchObject({
      status: 'failure',
      code: 'genesys.unauthorized',
      correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      remedy: expect.any(String) as string,
    });
    const text = (await doctor({ env })).stdout;
    expect(text).toMatch(/^Failed: login;/);
    expect(text.replaceAll(/\s+/g, ' ')).toMatch(/Correlation id [0-9a-f-]{36}/);
    expect(text + stdout).not.toContain('canary');
  });

  test('another organization than the settings name', async () => {
    const { exit, report } = await examine({
      files: {
        'wrapkeeper.yaml': settings('organization: { id: 00000000-0000-4000-8000-000000000000 }'),
      },
    });
    expect(exit).toBe(1);
    expect(check(report, 'organization')).toMatchObject({
      status: 'failure',
      code: 'genesys.wrong-organization',
    });
    // The rest is looked at all the same.
    expect(check(report, 'queues').status).toBe('ok');
  });

  test('a host that nobody listens on, within seconds', async () => {
    const port = await freePort();
    const { exit, report } = await examine({ env: { GENESYSCLOUD_GATEWAY_PORT: String(port) } });
    expect(exit).toBe(1);
    expect(check(report, 'answer')).toMatchObject({
      status: 'failure',
      code: 'genesys.unreachable',
    });
    expect(check(report, 'permissions').status).toBe('skipped');
  });

  test('an unknown region', async () => {
    const { report } = await examine({ env: { GENESYSCLOUD_REGION: 'eu-west-9' } });
    expect(check(report, 'host')).toMatchObject({
      status: 'failure',
      code: 'genesys.unknown-region',
    });
  });

  test.each([
    [3_600_000, 'failure', 'behind'],
    [-3_600_000, 'failure', 'ahead of'],
    [60_000, 'warning', 'behind'],
    [0, 'ok', 'agrees'],
  ])('a clock that is %i ms off: %s', async (ms, status, word) => {
    await simulate({
      clock: {
        now: () => Date.now() + ms,
        sleep: () => Promise.resolve(),
      },
    });
    const { report, exit } = await examine();
    expect(check(report, 'clock')).toMatchObject({
      status,
      message: expect.stringContaining(word) as string,
    });
    expect(exit).toBe(status === 'failure' ? 1 : 0);
  });
});

describe('permissions', () => {
  const few = { GENESYSCLOUD_OAUTHCLIENT_ID: 'few', GENESYSCLOUD_OAUTHCLIENT_SECRET: 'few' };

  test.each([
    ['routing:queue:view', 'failure: queues', 1],
    ['routing:wrapupCode:view', 'failure: wrap-up codes', 1],
    ['audits:audit:view', 'warning: audits', 0],
    ['analytics:queueObservation:view', 'warning: observations', 0],
    ['analytics:conversationAggregate:view', 'warning: aggregates', 0],
  ])('without %s: %s', async (missing, fault, exitCode) => {
    await simulate(grants(READS.filter((permission) => permission !== missing)));
    const { exit, report } = await examine({ env: few });
    expect(exit).toBe(exitCode);
    expect(faults(report)).toContain(fault);
    const found = check(report, fault.replace(/^\w+: /, ''));
    expect(found.message).toContain(missing);
    expect(found.correlationId).toMatch(/^[0-9a-f-]{36}$/);
    expect(found.remedy).not.toBeNull();
  });

  test('without the audit log a daemon reads round and round, and is told what that permits', async () => {
    const files = { 'wrapkeeper.yaml': settings('daemon: { interval: 30s }') };
    expect(check((await examine({ files })).report, 'detection')).toMatchObject({
      status: 'ok',
      message: 'the audit log is asked every 30s; everything is read every 6h',
    });
    await simulate(grants(READS.filter((permission) => !permission.includes('audits'))));
    const { report } = await examine({ env: few, files });
    expect(check(report, 'detection')).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('a quarter of the 300 requests a minute') as string,
      remedy: expect.any(String) as string,
    });
  });

  test('busy queues are to be held: then observations are needed', async () => {
    await simulate(grants(READS.filter((permission) => !permission.includes('Observation'))));
    const { exit, report } = await examine({
      env: few,
      files: { 'wrapkeeper.yaml': settings('activity: { onBusy: hold }') },
    });
    expect(exit).toBe(1);
    expect(check(report, 'observations').status).toBe('failure');
  });

  test('every one is missing: each says so', async () => {
    await simulate(grants([]));
    const { exit, report } = await examine({ env: few });
    expect(exit).toBe(1);
    expect(faults(report)).toEqual(
      expect.arrayContaining(['failure: queues', 'failure: wrap-up codes', 'warning: audits']),
    );
    expect(check(report, 'observations').status).toBe('skipped');
  });

  test('a division that the client does not reach has no visible queue', async () => {
    await simulate(grants(READS, ['Home']));
    const { report } = await examine({ env: few });
    expect(check(report, 'queues').message).toContain('1 queue visible');
    expect(check(report, 'divisions').message).toMatch(/no queue is visible in "Retail"/);
  });

  test('realtime audits are not served: asked the other way', async () => {
    await simulate({ audits: { realtime: false } });
    const { report } = await examine();
    expect(check(report, 'audits')).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('realtime is not served') as string,
    });
  });

  test('a reference that nobody can resolve', async () => {
    const { exit, report } = await examine({
      files: { 'policies/billing.yaml': BILLING.replace('Billing *', 'Biling DE') },
    });
    expect(exit).toBe(1);
    expect(check(report, 'references')).toMatchObject({
      code: 'reference.unknown-queue',
      remedy: expect.stringContaining('Billing DE') as string,
    });
  });
});

describe('files, webhooks and journal', () => {
  test('broken settings and policies are checks, and no crash', async () => {
    const { exit, report } = await examine({
      files: {
        'wrapkeeper.yaml': settings('regionn: x'),
        'policies/billing.yaml': BILLING.replace('unlisted: remove', 'unlisted: perhaps'),
      },
    });
    expect(exit).toBe(1);
    expect(check(report, 'settings')).toMatchObject({
      status: 'failure',
      message: expect.stringContaining('wrapkeeper.yaml:3') as string,
    });
    expect(check(report, 'policies').status).toBe('failure');
    expect(check(report, 'login').status).toBe('ok');
    for (const name of ['organization', 'references', 'webhooks', 'journal', 'daemon'])
      expect(check(report, name).status).toBe('skipped');
  });

  const webhook = (url: string, more = ''): string =>
    settings(
      'webhooks:',
      `  - { name: reporting, url: "${url}", secrets: [{ env: HOOK }]${more} }`,
    );

  test.each([
    [
      'https://203.0.113.7/hooks?key=canary',
      '',
      { HOOK: SECRET },
      'reporting, address',
      'doctor.address',
    ],
    ['https://127.0.0.1/hooks', '', { HOOK: SECRET }, 'reporting, address', 'doctor.address'],
    ['https://8.8.8.8/hooks', '', {}, 'reporting, secret', 'secret.missing'],
    ['https://8.8.8.8/hooks', '', { HOOK: 'canary' }, 'reporting, secret', 'webhook.bad-secret'],
    ['https://no-such-host.invalid/', '', { HOOK: SECRET }, 'reporting, address', 'doctor.address'],
  ])('a webhook at %s %s with %j: %s', async (url, more, env, name, code) => {
    const { exit, report, stdout } = await examine({
      env,
      files: { 'wrapkeeper.yaml': webhook(url, more) },
    });
    expect(exit).toBe(1);
    expect(check(report, name)).toMatchObject({ status: 'failure', code });
    expect(stdout).not.toContain('canary');
    expect(stdout).not.toContain(SECRET);
  });

  test('a receiver on this machine, where that is allowed: nothing arrives there', async () => {
    let connections = 0;
    const server = createServer(() => (connections += 1)).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    const { port } = server.address() as AddressInfo;
    const { report } = await examine({
      env: { HOOK: SECRET },
      files: {
        'wrapkeeper.yaml': webhook(`http://127.0.0.1:${port}/`, ', allowPrivateNetwork: true'),
      },
    });
    server.close();
    expect(check(report, 'reporting, address')).toMatchObject({ status: 'ok' });
    expect(check(report, 'reporting, secret')).toMatchObject({ status: 'ok' });
    expect(connections).toBe(0);
  });

  const journalOf = async (): Promise<string> => {
    const cwd = await repository({ '.git/HEAD': '', 'policies/billing.yaml': BILLING });
    const org = await startSimulator({ seed: SEED });
    await run(['apply', '--auto-approve'], { cwd, env: environmentFor(org) });
    await org.close();
    return cwd;
  };

  test('a journal that was altered', async () => {
    const cwd = await journalOf();
    const folder = join(cwd, '.wrapkeeper');
    const name = (await readdir(folder)).find((each) => each.endsWith('.jsonl')) ?? '';
    const text = await readFile(join(folder, name), 'utf8');
    expect(check((await examine({ cwd })).report, 'records').message).toMatch(
      /records, the chain holds/,
    );
    await writeFile(join(folder, name), text.replace('"kind":"', '"kind" :"'));
    const { exit, report } = await examine({ cwd });
    expect(exit).toBe(1);
    expect(check(report, 'records')).toMatchObject({ status: 'failure', code: 'journal.broken' });
    expect(await readFile(join(folder, name), 'utf8')).toContain('"kind" :"');
  });

  test('a lease that somebody holds is named, and left alone', async () => {
    const cwd = await repository({ '.git/HEAD': '', 'policies/billing.yaml': BILLING });
    await mkdir(join(cwd, '.wrapkeeper'));
    const holder = { run: 'r-1', host: hostname(), pid: 1, boot: null, startedAt: null };
    await writeFile(join(cwd, '.wrapkeeper', 'lease.7.json'), JSON.stringify(holder));
    const { exit, report } = await examine({ cwd });
    expect(exit).toBe(0);
    expect(check(report, 'lease')).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('the run r-1 (process 1 on') as string,
    });
  });

  test('a folder that is a file', async () => {
    const { exit, report } = await examine({ files: { '.wrapkeeper': 'not a folder' } });
    expect(exit).toBe(1);
    expect(check(report, 'folder')).toMatchObject({
      status: 'failure',
      code: 'journal.unwritable',
    });
  });

  test('nothing is made on the way', async () => {
    const cwd = await repository({ '.git/HEAD': '', 'policies/billing.yaml': BILLING });
    await doctor({ cwd });
    expect((await readdir(cwd)).sort()).toEqual(['.git', 'policies']);
  });

  test('a journal on a branch, outside of a clone', async () => {
    const { exit, report } = await examine({
      files: { 'wrapkeeper.yaml': settings('journal: { branch: wrapkeeper-journal }') },
    });
    expect(exit).toBe(1);
    expect(check(report, 'branch')).toMatchObject({
      status: 'failure',
      code: 'journal.branch-unusable',
    });
  });
});

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
};
