/** What `doctor` finds about a daemon: real files, a real address, and no secret in any word of it. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkDaemon } from '../../src/cli/doctor-daemon.js';
import { checksOf } from '../../src/domain/check.js';
import type { Check } from '../../src/domain/check.js';
import { CODES } from '../../src/domain/codes.js';
import { parseSettings } from '../../src/policy/parse-settings.js';
import { settings as file } from '../e2e/policies.js';

const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const GOOD = 'a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6';
const AUDITS = checksOf('permissions').ok('audits', 'the audit log answers at once');

const folder = async (): Promise<string> => {
  const root = await mkdtemp(join(tmpdir(), 'wrapkeeper-doctor-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
};

/** What is found with these lines of settings, by name. */
const examine = async (
  lines: readonly string[],
  {
    env = {},
    root = '/',
    audits = AUDITS,
  }: { env?: Readonly<Record<string, string>>; root?: string; audits?: Check | null } = {},
): Promise<ReadonlyMap<string, Check>> => {
  const { settings, diagnostics } = parseSettings(
    { path: 'wrapkeeper.yaml', text: file(...lines) },
    { now: 0, ci: false },
  );
  expect(diagnostics).toEqual([]);
  const checks = await checkDaemon({ settings, places: { env, root }, audits });
  for (const { group, status, remedy, code } of checks) {
    expect(group).toBe('daemon');
    // Whatever is wrong, there is something to do about it; whatever failed has a page.
    if (status === 'failure' || status === 'warning') expect(remedy).toMatch(/\w/);
    if (status === 'failure') expect(Object.keys(CODES)).toContain(code);
  }
  for (const value of [...Object.values(env), ...Object.values(env).map((text) => text.slice(6))])
    if (value.trim().length > 5) expect(JSON.stringify(checks)).not.toContain(value.trim());
  return new Map(checks.map((check) => [check.name, check]));
};

const one = async (name: string, ...asked: Parameters<typeof examine>): Promise<Check> => {
  const found = (await examine(...asked)).get(name);
  if (found === undefined) throw new Error(`no check ${name}`);
  return found;
};

describe('whether there is to be one', () => {
  test('settings that say nothing of it are told in one line', async () => {
    const checks = await examine(['region: us-east-1']);
    expect([...checks.keys()]).toEqual(['daemon']);
    expect(checks.get('daemon')?.status).toBe('skipped');
  });

  test('a journal on a branch is none of its business then, and refused otherwise', async () => {
    const journal = 'journal: { branch: wrapkeeper-journal }';
    expect(await one('daemon', [journal])).toMatchObject({
      status: 'skipped',
      message: expect.stringContaining('wrapkeeper-journal') as string,
    });
    expect(await one('journal of it', [journal, 'daemon: { interval: 30s }'])).toMatchObject({
      status: 'failure',
      code: 'daemon.journal-branch',
      remedy: expect.stringContaining('journal: { folder: .wrapkeeper }') as string,
    });
    expect(await one('journal of it', ['daemon: { interval: 30s }'])).toMatchObject({
      status: 'ok',
    });
  });
});

describe('where it listens', () => {
  test.each([
    ['127.0.0.1:8080', 'ok', /for this machine alone/],
    ['localhost:8080', 'ok', /for this machine alone/],
    ['0.0.0.0:8080', 'warning', /can be reached from other machines.*no token/],
    ['192.0.2.1:8080', 'failure', /the address is none of this machine/],
    ['no-such-host.invalid:8080', 'failure', /the name has no address/],
    ['127.0.0.1:99999', 'failure', /a port up to 65535/],
  ])('%s: %s', async (listen, status, message) => {
    const found = await one('listen', [`daemon: { listen: "${listen}", interval: 30s }`]);
    expect(found).toMatchObject({ status, message: expect.stringMatching(message) as string });
    if (status === 'failure') expect(found.code).toBe('daemon.listen');
  });

  test('a token makes an open address a choice', async () => {
    const lines = ['daemon: { listen: 0.0.0.0:8080, apiToken: { env: TOKEN } }'];
    expect(await one('listen', lines, { env: { TOKEN: GOOD } })).toMatchObject({ status: 'ok' });
  });

  test('a daemon that runs there is in nobody’s way, and nobody in its', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const found = await one('listen', [`daemon: { listen: 127.0.0.1:${port} }`]);
    expect(found.status).toBe('ok');
  });
});

describe('what lets requests in', () => {
  const shared = [
    ['api token', 'apiToken'],
    ['git secret', 'gitSecret'],
  ] as const;

  test.each(
    shared.flatMap(([name, key]) =>
      (
        [
          [GOOD, 'ok', null],
          [`${GOOD}\n`, 'ok', null],
          [undefined, 'failure', 'secret.missing'],
          ['   ', 'failure', 'secret.missing'],
          ['canary-7', 'warning', null],
        ] as const
      ).map(([text, status, code]) => [name, key, text, status, code] as const),
    ),
  )('%s (%s) of %j: %s', async (name, key, text, status, code) => {
    const env: Readonly<Record<string, string>> = text === undefined ? {} : { GIVEN: text };
    expect(await one(name, [`daemon: { ${key}: { env: GIVEN } }`], { env })).toMatchObject({
      status,
      code,
    });
  });

  test('a token that no header can carry', async () => {
    const found = await one('api token', ['daemon: { apiToken: { env: GIVEN } }'], {
      env: { GIVEN: `${GOOD} with blanks` },
    });
    expect(found).toMatchObject({ status: 'failure', code: 'daemon.bad-token' });
  });

  test('a secret of git with a blank at its end is doubted', async () => {
    const found = await one('git secret', ['daemon: { gitSecret: { env: GIVEN } }'], {
      env: { GIVEN: `${GOOD} ` },
    });
    expect(found).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('blanks') as string,
    });
  });

  test('none: what is closed for it', async () => {
    const checks = await examine(['daemon: { interval: 30s }']);
    for (const [name, path] of [
      ['api token', '/api/reconcile'],
      ['git secret', '/webhooks/git'],
      ['inbound secrets', '/webhooks/enforcement-sync'],
    ] as const)
      expect(checks.get(name)).toMatchObject({
        status: 'skipped',
        message: expect.stringContaining(path) as string,
      });
  });

  test.each([
    [{ ONE: KEY, TWO: KEY }, 'ok', null, '2 secrets'],
    [{ ONE: KEY }, 'failure', 'secret.missing', 'The variable TWO'],
    [{ ONE: KEY, TWO: GOOD }, 'failure', 'webhook.bad-secret', 'number 2 is not of the form'],
    [
      { ONE: 'whsec_c2hvcnQ=', TWO: KEY },
      'failure',
      'webhook.bad-secret',
      'number 1 is a key of 5',
    ],
  ])('inbound secrets %j: %s', async (env, status, code, message) => {
    const lines = ['daemon: { inboundSecrets: [{ env: ONE }, { env: TWO }] }'];
    expect(await one('inbound secrets', lines, { env })).toMatchObject({
      status,
      code,
      message: expect.stringContaining(message) as string,
    });
  });

  test('files: there, not there, a folder', async () => {
    const root = await folder();
    await writeFile(join(root, 'token'), `${GOOD}\n`);
    const asked = (path: string) =>
      one('api token', [`daemon: { apiToken: { file: "${path}" } }`], { root });
    expect(await asked('token')).toMatchObject({ status: 'ok' });
    expect(await asked('tokens')).toMatchObject({ status: 'failure', code: 'secret.missing' });
    expect(await asked('.')).toMatchObject({ status: 'failure', code: 'secret.unreadable' });
  });
});

describe('how drift is found', () => {
  const lines = ['daemon: { interval: 30s }', 'limits: { requestsPerMinute: 200 }'];

  test('by the audit log, where that may be asked', async () => {
    expect(await one('detection', lines)).toMatchObject({
      status: 'ok',
      message: 'the audit log is asked every 30s; everything is read every 6h',
    });
    expect(await one('detection', lines, { audits: null })).toMatchObject({ status: 'skipped' });
  });

  test('by reading, where it may not, and behind a gateway too', async () => {
    const { warning } = checksOf('permissions');
    const audits = warning('audits', 'refused', 'Give it audits:audit:view.');
    expect(await one('detection', lines, { audits })).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('a quarter of the 200 requests') as string,
      remedy: 'Give it audits:audit:view.',
    });
    expect(await one('detection', [...lines, 'api: wrapupcodes-put'])).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('behind a gateway') as string,
    });
  });
});
