import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import { environmentFor, repository, run, start } from './cli.js';
import type { Result, RunOptions } from './cli.js';
import { BILLING, settings } from './policies.js';

const CODES = ['Resolved', 'Escalated', 'Call back', 'Other'];
const SEED = {
  organization: { name: 'Example Contact Centre' },
  codes: CODES,
  queues: [
    { name: 'Billing DE', codes: CODES.slice(0, 3) },
    { name: 'Billing EN', codes: ['Resolved', 'Other'] },
    { name: 'Sales EN', codes: ['Other'] },
  ],
};

let simulator: Simulator;
let cwd: string;

const simulate = async (options: SimulatorOptions = {}): Promise<void> => {
  simulator = await startSimulator({ seed: SEED, ...options });
};

beforeEach(async () => {
  await simulate();
  cwd = await repository({ '.git/HEAD': '', 'policies/billing.yaml': BILLING });
});
afterEach(async () => {
  // Whatever plan was asked for: it has written nothing.
  expect(simulator.requests.effective()).toEqual([]);
  await simulator.close();
});

const plan = (args: readonly string[] = [], options: RunOptions = {}): Promise<Result> =>
  run(['plan', ...args], {
    cwd,
    ...options,
    env: { ...environmentFor(simulator), ...options.env },
  });

describe('output', () => {
  test('text for people', async () => {
    const { exit, stdout, stderr } = await plan();
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toContain('~ Billing EN');
    expect(stdout).toContain('Plan: 2 queues to change');
  });

  test('JSON is a Plan and nothing else', async () => {
    const { exit, stdout, stderr } = await plan(['--format', 'json']);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'Plan',
      formatVersion: '1.0',
      tool: expect.stringMatching(/^wrapkeeper\/\d/) as string,
      organization: { name: 'Example Contact Centre' },
      region: 'us-east-1',
      source: { commit: null, dirty: false },
      queues: [{ name: 'Billing DE' }, { name: 'Billing EN' }],
      summary: { queuesGoverned: 2, queuesChanged: 2, codesAdded: 2, codesRemoved: 1 },
    });
  });

  test('Markdown for pull requests', async () => {
    const { exit, stdout } = await plan(['--format', 'markdown']);
    expect(exit).toBe(0);
    expect(stdout).toContain('**REVIEW** · <code>Example Contact Centre</code>');
  });

  test.each([80, 200])('no line is wider than %i columns', async (columns) => {
    const { stdout } = await plan([], { env: { COLUMNS: String(columns) } });
    const widest = Math.max(...stdout.split('\n').map(({ length }) => length));
    expect(widest).toBeLessThanOrEqual(columns);
  });

  test.each([
    [{}, [], false],
    [{ FORCE_COLOR: '1' }, [], true],
    [{ FORCE_COLOR: '0' }, [], false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, [], false],
    [{ FORCE_COLOR: '1' }, ['--no-color'], false],
    [{ FORCE_COLOR: '1', NO_COLOR: '' }, [], true],
  ])('colour with %j and %j: %s', async (env, args, colored) => {
    const { stdout } = await plan(args, { env });
    expect(stdout.includes('\u001b[')).toBe(colored);
  });

  test('logs are JSON lines on stderr, and the result stays clean', async () => {
    const { stdout, stderr } = await plan(['--format', 'json', '--log-level', 'debug']);
    expect(JSON.parse(stdout)).toHaveProperty('kind', 'Plan');
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 'debug',
        method: 'GET',
        path: '/api/v2/routing/queues',
        status: 200,
      }),
    );
  });
});

describe('--detailed-exitcode', () => {
  test('is 2 where there is something to do', async () => {
    expect((await plan(['--detailed-exitcode'])).exit).toBe(2);
    expect((await plan(['--detailed-exitcode', '--format', 'json'])).exit).toBe(2);
  });

  test('is 0 where there is not', async () => {
    await run(['-C', cwd, 'apply', '--auto-approve'], { env: environmentFor(simulator) });
    simulator.requests.clear();
    expect((await plan(['--detailed-exitcode'])).exit).toBe(0);
  });

  test('is 2 where everything is held', async () => {
    cwd = await repository({
      'policies/billing.yaml': BILLING.replace('spec:', 'spec:\n  enforcement: report'),
    });
    const { exit, stdout } = await plan(['--detailed-exitcode', '--format', 'json']);
    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      queues: [],
      held: [{ by: 'report' }, { by: 'report' }],
    });
  });
});

describe('--queue', () => {
  test('keeps the others out of the plan, and guards count them all the same', async () => {
    const { stdout } = await plan(['--queue', '* DE', '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      queues: [{ name: 'Billing DE' }],
      guards: expect.arrayContaining([
        expect.objectContaining({ measure: 'queuesChanged', actual: 2, of: 2 }),
      ]) as unknown,
    });
  });

  test('may stand several times', async () => {
    const { stdout } = await plan(['--queue', '* DE', '--queue', 'Billing EN', '--format', 'json']);
    expect(JSON.parse(stdout)).toHaveProperty('queues.length', 2);
  });

  test('that matches no governed queue is a mistake, not good news', async () => {
    const { exit, stdout, stderr } = await plan(['--queue', 'Biling EN']);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
    expect(stderr).toContain('--queue "Biling EN" matches no governed queue');
    expect(stderr).toContain('Did you mean "Billing EN"?');
  });
});

describe('what settings demand', () => {
  test('CI=true without an organization is exit 6', async () => {
    const { exit, stderr } = await plan([], { env: { CI: 'true' } });
    expect(exit).toBe(6);
    expect(stderr).toContain('settings.organization-required');
    expect(simulator.requests.total()).toBe(0);
  });

  test('with the right one it goes on', async () => {
    const { id } = simulator.state.organization;
    cwd = await repository({
      'policies/billing.yaml': BILLING,
      'wrapkeeper.yaml': settings(`organization: { id: ${id} }`),
    });
    expect((await plan([], { env: { CI: 'true' } })).exit).toBe(0);
  });

  test('another organization is refused', async () => {
    cwd = await repository({
      'policies/billing.yaml': BILLING,
      'wrapkeeper.yaml': settings('organization: { id: 00000000-0000-4000-8000-000000000000 }'),
    });
    const { exit, stderr } = await plan();
    expect(exit).toBe(1);
    expect(stderr).toContain('genesys.wrong-organization');
    expect(stderr).toContain('Example Contact Centre');
  });
});

describe('failures of the world', () => {
  const failing = async (
    env: Readonly<Record<string, string>>,
    code: string,
    args: readonly string[] = [],
  ): Promise<string> => {
    const [text, json] = await Promise.all([
      plan(args, { env }),
      plan([...args, '--format', 'json'], { env }),
    ]);
    expect(text).toMatchObject({ exit: 1, stdout: '' });
    expect(text.stderr).toContain(code);
    expect(text.stderr).toContain('help: ');
    expect(text.stderr).not.toMatch(/\n\s+at /);
    expect(json).toMatchObject({ exit: 1, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({
      kind: 'Error',
      exitCode: 1,
      diagnostics: [{ code }],
    });
    return text.stderr;
  };

  test('no credentials', async () => {
    const env = { GENESYSCLOUD_OAUTHCLIENT_ID: '', GENESYSCLOUD_OAUTHCLIENT_SECRET: '' };
    await failing(env, 'genesys.no-credentials');
  });

  test('wrong credentials', async () => {
    const env = { GENESYSCLOUD_OAUTHCLIENT_SECRET: 'canary-of-the-wrong-secret' };
    expect(await failing(env, 'genesys.login-failed')).not.toContain('canary');
  });

  test('a token that nobody knows', async () => {
    const env = { GENESYSCLOUD_ACCESS_TOKEN: 'canary-of-a-token' };
    expect(await failing(env, 'genesys.unauthorized')).not.toContain('canary');
  });

  test('an unknown region, by flag, environment and settings', async () => {
    await failing({}, 'genesys.unknown-region', ['--region', 'eu-west-9']);
    await failing({ GENESYSCLOUD_REGION: 'mypurecloud.example' }, 'genesys.unknown-region');
    cwd = await repository({
      'policies/a.yaml': BILLING,
      'wrapkeeper.yaml': settings('region: eu-west-9'),
    });
    await failing({}, 'genesys.unknown-region');
    expect((await plan(['--region', 'eu-west-1'])).exit).toBe(0);
  });

  test('a gateway port that is none', async () => {
    await failing({ GENESYSCLOUD_GATEWAY_PORT: 'http' }, 'cli.environment');
  });

  test('a page of a proxy', async () => {
    simulator.faults.add({ effect: { kind: 'html' } });
    await failing({}, 'genesys.not-genesys');
  });

  test('a missing permission is named, with the correlation id', async () => {
    await simulator.close();
    await simulate({
      clients: [
        {
          id: 'few',
          secret: 'few',
          grants: [{ permissions: ['routing:wrapupCode:view'], divisions: '*' }],
        },
      ],
    });
    const stderr = await failing({}, 'genesys.forbidden');
    expect(stderr).toContain('routing:queue:view');
    expect(stderr).toMatch(/[Cc]orrelation id/);
  });

  test('an unresolved reference is exit 6, with its place', async () => {
    cwd = await repository({ 'policies/billing.yaml': BILLING.replace('Call back', 'Cal back') });
    const { exit, stdout, stderr } = await plan();
    expect({ exit, stdout }).toEqual({ exit: 6, stdout: '' });
    expect(stderr).toContain('reference.unknown-code');
    expect(stderr).toContain('policies/billing.yaml:14:');
    expect(stderr).toContain('Call back');
  });
});

test('a port where nobody listens', async () => {
  await simulator.close();
  const env = environmentFor(simulator);
  const { exit, stderr } = await run(['plan'], { cwd, env });
  await simulate();
  expect(exit).toBe(1);
  expect(stderr).toContain('genesys.unreachable');
  expect(stderr).toContain(`127.0.0.1:${env['GENESYSCLOUD_GATEWAY_PORT'] ?? ''}`);
});

test('a signal while reading ends it at once', async () => {
  simulator.faults.add({
    match: { path: '/api/v2/routing/queues' },
    effect: { kind: 'latency', ms: 30_000 },
  });
  for (const [signal, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const read = simulator.requests.next(({ route }) => route === '/api/v2/organizations/me');
    const running = start(['plan', '--format', 'json'], { cwd, env: environmentFor(simulator) });
    await read;
    running.child.kill(signal);
    const result = await running.result;
    expect(result).toMatchObject({ exit, stderr: '' });
    expect(JSON.parse(result.stdout)).toMatchObject({
      kind: 'Error',
      exitCode: exit,
      diagnostics: [{ code: 'cli.interrupted' }],
    });
  }
});
