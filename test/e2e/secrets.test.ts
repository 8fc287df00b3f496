/**
 * A secret or token appears nowhere, whatever happens and however much is logged: every command runs with
 * canaries, when all goes well and in each kind of failure, and every byte that it leaves behind is searched.
 */
import { subscribe } from 'node:diagnostics_channel';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ApplyReport } from '../../src/domain/change.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { startReceiver } from '../webhooks/receiver.js';
import type { Receiver } from '../webhooks/receiver.js';
import { environmentFor, repository, run } from './cli.js';
import { runHere } from './here.js';
import type { Result } from './cli.js';
import { BILLING, settings } from './policies.js';

const CLIENT = { id: 'client-of-the-canary', secret: 'canary-secret-5e1c8b' };
const PLAN_KEY = 'canary-plan-key-77aa31';
const HOOK = `whsec_${Buffer.from('canary-of-the-webhook-91c2e4').toString('base64')}`;
const HOOK_FILE = `whsec_${Buffer.from('canary-of-the-old-key-0d4f7b').toString('base64')}`;
/** A secret that is none, as somebody pastes it. */
const BROKEN = 'canary-that-is-no-key-3b9d';

let simulator: Simulator;
let receiver: Receiver;
let cwd: string;
let results: Result[];
let canaries: string[];
/** As people run them; many failures are played in this process, which takes a tenth of the time. */
let asProcesses: boolean;

beforeEach(async () => {
  simulator = await startSimulator({
    clients: [CLIENT],
    seed: {
      codes: ['Resolved', 'Escalated', 'Call back', 'Other'],
      queues: ['Billing DE', 'Billing EN'].map((name) => ({ name, codes: ['Resolved'] })),
    },
  });
  receiver = await startReceiver();
  cwd = await repository({
    'policies/billing.yaml': BILLING,
    'hook.secret': `${HOOK_FILE}\n`,
    'wrapkeeper.yaml': settings(
      'settleFor: 20ms',
      'webhooks:',
      `  - name: reporting`,
      `    url: "${receiver.url}"`,
      '    secrets: [{ env: HOOK }, { file: hook.secret }]',
      '    allowPrivateNetwork: true',
    ),
  });
  results = [];
  asProcesses = false;
  const token = simulator.issueToken();
  canaries = [
    CLIENT.secret,
    Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64'),
    token,
    PLAN_KEY,
    BROKEN,
    ...[HOOK, HOOK_FILE].flatMap((secret) => [secret, secret.replace('whsec_', '')]),
    ...[HOOK, HOOK_FILE].map((secret) =>
      Buffer.from(secret.replace('whsec_', ''), 'base64').toString('utf8'),
    ),
  ];
});
/** Tokens that runs in this process were given, as they are sent. */
const seeToken = (message: unknown): void => {
  const { request } = message as { readonly request: { readonly headers: unknown } };
  const [, token] = /Bearer ([^"\s,\\]+)/.exec(JSON.stringify(request.headers)) ?? [];
  if (token !== undefined && !canaries.includes(token)) canaries.push(token);
};
subscribe('undici:request:create', seeToken);

afterEach(async () => {
  await receiver.close();
  await simulator.close();
});

const cli = async (args: readonly string[], env: Record<string, string> = {}): Promise<Result> => {
  const options = {
    cwd,
    env: { ...environmentFor(simulator), WRAPKEEPER_PLAN_KEY: PLAN_KEY, HOOK, ...env },
  };
  const result = await (asProcesses ? run : runHere)([...args, '--log-level', 'debug'], options);
  results.push(result);
  return result;
};

/** All that was left behind, by name. */
const everything = async (): Promise<ReadonlyMap<string, string>> => {
  const left = new Map<string, string>();
  for (const [index, { stdout, stderr }] of results.entries())
    left.set(`output of command ${index + 1}`, stdout + stderr);
  for (const [index, { body, path, headers }] of receiver.received.entries())
    left.set(`event ${index + 1}`, `${path}\n${JSON.stringify(headers)}\n${body}`);
  for (const entry of await readdir(cwd, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || entry.name === 'hook.secret') continue;
    left.set(path.slice(cwd.length), await readFile(path, 'utf8'));
  }
  return left;
};

const mustBeClean = async (): Promise<void> => {
  const left = await everything();
  for (const [where, text] of left)
    for (const [index, canary] of canaries.entries())
      expect(text.includes(canary), `canary ${index + 1} in ${where}`).toBe(false);
};

/** Every command, one after the other, as a person would use them. */
const useAll = async (env: Record<string, string> = {}): Promise<void> => {
  await cli(['validate'], env);
  await cli(['validate', '--format', 'json'], env);
  await cli(['schema'], env);
  await cli(['plan', '--out', 'plan.json'], env);
  const applied = await cli(['apply', 'plan.json', '--format', 'json'], env);
  await cli(['apply', '--auto-approve'], env);
  await cli(['audit', 'list', '--format', 'json'], env);
  await cli(['audit', 'list', '--format', 'csv'], env);
  await cli(['audit', 'verify'], env);
  await cli(['audit', 'replay', '--since', '1h'], env);
  const { run: id = 'none' } = parsed(applied.stdout);
  await cli(['audit', 'undo', id, '--out', 'undo.json', '--format', 'json'], env);
};

const parsed = (text: string): { readonly run?: string } => {
  try {
    return JSON.parse(text) as Pick<ApplyReport, 'run'>;
  } catch {
    return {};
  }
};

test('when all goes well', async () => {
  asProcesses = true;
  await useAll();
  expect(results.map(({ exit }) => exit)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  // The last one: policies in force want what the run did.
  expect(receiver.received.length).toBeGreaterThan(6);
  const left = await everything();
  expect([...left.keys()].join(' ')).toMatch(
    /plan\.json.*journal\.\d+\.jsonl|journal\.\d+\.jsonl.*plan\.json/,
  );
  // Of every request there is a line, so that a header in it would be seen.
  expect(results.map(({ stderr }) => stderr).join('')).toContain('"level":"');
  await mustBeClean();
});

test('with a token in place of a client', async () => {
  const token = simulator.issueToken();
  canaries.push(token);
  await cli(['plan', '--format', 'json'], { GENESYSCLOUD_ACCESS_TOKEN: token });
  const { exit } = await cli(['apply', '--auto-approve', '--format', 'json'], {
    GENESYSCLOUD_ACCESS_TOKEN: token,
  });
  expect(exit).toBe(0);
  await mustBeClean();
});

test.each<[string, (org: Simulator) => void]>([
  [
    'when the login is refused',
    ({ faults }) =>
      void faults.add({ match: { path: '/oauth/token' }, effect: { kind: 'error', status: 400 } }),
  ],
  ['when a proxy answers', ({ faults }) => void faults.add({ effect: { kind: 'html' } })],
  [
    'when connections are cut',
    ({ faults }) =>
      void faults.add({ match: { method: 'POST' }, times: 3, effect: { kind: 'cut' } }),
  ],
  [
    'when the platform fails',
    ({ faults }) =>
      void faults.add({ match: { method: 'PUT' }, effect: { kind: 'error', status: 500 } }),
  ],
  [
    'when nothing is permitted',
    ({ faults }) =>
      void faults.add({
        match: ({ path }) => !path.includes('oauth'),
        effect: { kind: 'error', status: 403 },
      }),
  ],
])('%s', async (when, prepare) => {
  prepare(simulator);
  const known = canaries.length;
  await useAll();
  // Where the login is refused, or never answered, there is none.
  if (!/login|proxy/.test(when)) expect(canaries.length).toBeGreaterThan(known);
  await mustBeClean();
});

test('when secrets are wrong', async () => {
  const wrong = `${CLIENT.secret}-wrong`;
  await useAll({ GENESYSCLOUD_OAUTHCLIENT_SECRET: wrong });
  await useAll({ HOOK: BROKEN });
  await useAll({ HOOK: '', WRAPKEEPER_PLAN_KEY: 'canary-plan-key-77aa31-other' });
  expect(results.map(({ stdout, stderr }) => stdout + stderr).join('')).toContain(
    'webhook.bad-secret',
  );
  await mustBeClean();
});

test('when somebody writes secrets into the settings', async () => {
  const before = await readFile(join(cwd, 'wrapkeeper.yaml'), 'utf8');
  for (const text of [
    before.replace('{ env: HOOK }', HOOK),
    before.replace('{ env: HOOK }', `{ env: ${HOOK} }`),
    before.replace('http://', `http://user:${BROKEN}@`),
    `${before}\ndaemon: { apiToken: ${BROKEN} }`,
    `${before}\nsecret: ${BROKEN}`,
  ]) {
    await writeFile(join(cwd, 'wrapkeeper.yaml'), text);
    for (const command of [['validate'], ['validate', '--format', 'sarif'], ['plan'], ['apply']])
      expect((await cli(command)).exit).not.toBe(0);
  }
  await writeFile(join(cwd, 'wrapkeeper.yaml'), before);
  await mustBeClean();
});

test('when the receiver is gone, slow, or says what it was sent', async () => {
  await receiver.close();
  await cli(['apply', '--auto-approve']);
  await cli(['audit', 'replay']);
  receiver = await startReceiver((response, { headers }) =>
    response.writeHead(500).end(`you sent ${JSON.stringify(headers)}`),
  );
  const text = await readFile(join(cwd, 'wrapkeeper.yaml'), 'utf8');
  await writeFile(
    join(cwd, 'wrapkeeper.yaml'),
    text.replace(/url: ".*"/, `url: "${receiver.url}?token=${BROKEN}"`),
  );
  await cli(['audit', 'replay']);
  await cli(['audit', 'list', '--undelivered']);
  await writeFile(join(cwd, 'wrapkeeper.yaml'), text);
  // That the receiver is asked under its own address is no leak.
  receiver.received.length = 0;
  await mustBeClean();
});

test('when the journal cannot be written, or was changed', async () => {
  await cli(['apply', '--auto-approve']);
  const [file = ''] = (await readdir(join(cwd, '.wrapkeeper'))).filter((name) =>
    name.endsWith('.jsonl'),
  );
  const path = join(cwd, '.wrapkeeper', file);
  await writeFile(path, (await readFile(path, 'utf8')).replace('queue.intent', 'queue.intend'));
  for (const command of [
    ['apply', '--auto-approve'],
    ['audit', 'verify'],
    ['audit', 'list'],
    ['audit', 'replay'],
  ])
    await cli(command);
  await chmod(join(cwd, '.wrapkeeper'), 0o500);
  await cli(['apply', '--auto-approve']);
  await chmod(join(cwd, '.wrapkeeper'), 0o700);
  await mustBeClean();
});
