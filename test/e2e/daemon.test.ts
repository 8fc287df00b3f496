/** The daemon as it runs: a process, a Genesys Cloud over HTTP, files, git, webhooks. */
import { createHmac, randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, test } from 'vitest';
import type { JournalRecord } from '../../src/domain/journal.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import { startReceiver } from '../webhooks/receiver.js';
import type { Receiver } from '../webhooks/receiver.js';
import { environmentFor, repository, run } from './cli.js';
import { Remote } from './clones.js';
import { DaemonProcess } from './daemon.js';
import { BILLING, settings } from './policies.js';

const HOOK = `whsec_${randomBytes(32).toString('base64')}`;
const INBOUND = `whsec_${randomBytes(32).toString('base64')}`;
const TOKEN = 'a-token-of-the-daemon-test';
const GIT = 'a secret of the git webhook';
const SECRETS = { HOOK, INBOUND, TOKEN, GIT };
const QUEUES = ['Billing DE', 'Billing EN', 'Billing FR'];
const CODES = ['Call back', 'Escalated', 'Resolved'];

let simulator: Simulator;
const open: { close: () => Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const simulate = async (options: SimulatorOptions = {}): Promise<void> => {
  simulator = await startSimulator({
    seed: {
      codes: ['Resolved', 'Escalated', 'Call back', 'Other'],
      queues: [...QUEUES, 'Sales'].map((name) => ({ name, codes: ['Resolved'] })),
    },
    ...options,
  });
  open.push(simulator);
};

const SETTINGS = (...more: readonly string[]): string =>
  settings(
    'settleFor: 20ms',
    'daemon:',
    '  apiToken: { env: TOKEN }',
    '  gitSecret: { env: GIT }',
    '  inboundSecrets: [{ env: INBOUND }]',
    ...more,
  );
const FILES = { 'policies/billing.yaml': BILLING, 'wrapkeeper.yaml': SETTINGS() };

const daemon = (cwd: string, ...args: readonly string[]): Promise<DaemonProcess> =>
  DaemonProcess.start(simulator, cwd, args, SECRETS);

const codesOf = (name: string): readonly string[] => simulator.state.codesOf(name);
const inSync = async (it: DaemonProcess): Promise<void> => {
  await it.until(
    'all queues are in sync',
    ({ queues, lastPass }) => lastPass !== null && queues['in-sync'] === 3,
  );
};
const journalOf = async (root: string): Promise<readonly JournalRecord[]> =>
  (await readFile(join(root, '.wrapkeeper/journal.000000000001.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalRecord);

const ask = (it: DaemonProcess, body: string, token = TOKEN): Promise<Response> =>
  fetch(`${it.url}/api/reconcile`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${token}` },
  });

describe('a daemon on a folder', () => {
  test('corrects by itself, tells of it everywhere under one run id, and ends with 0', async () => {
    await simulate();
    const receiver: Receiver = await startReceiver();
    open.push(receiver);
    const cwd = await repository({
      ...FILES,
      'wrapkeeper.yaml': `${SETTINGS()}webhooks:\n  - { name: reporting, url: "${receiver.url}", secrets: [{ env: HOOK }], allowPrivateNetwork: true }\n`,
    });
    const it = await daemon(cwd);
    await inSync(it);
    expect(codesOf('Billing DE')).toEqual(CODES);
    expect((await fetch(`${it.url}/readyz`)).status).toBe(200);

    simulator.admin.removeCode('Billing EN', 'Escalated');
    await it.until('it is corrected', () => codesOf('Billing EN').length === 3);
    await it.until('the run is told', async () => (await it.runs())[0]?.trigger === 'interval');
    const [last] = await it.runs();
    expect(last).toMatchObject({ outcome: 'applied' });
    const [queue] = (await it.queues()).filter(({ name }) => name === 'Billing EN');
    expect(queue).toMatchObject({
      state: 'in-sync',
      policies: ['billing'],
      lastCorrection: {
        run: last?.run,
        cause: 'drift',
        changedBy: { by: 'exact', name: 'Ada Admin' },
      },
    });
    await it.until('the event came', () =>
      receiver.received.some(
        ({ body }) =>
          body.includes('"wrapkeeper.queue.corrected"') && body.includes(last?.run ?? '-'),
      ),
    );
    expect(
      it.log
        .filter((line) => line.run === last?.run)
        .map(({ msg }) => msg)
        .join('\n'),
    ).toMatch(/Billing EN: codes added: Escalated, because Ada Admin changed it/);

    const end = await it.stop();
    expect(end).toMatchObject({ exit: 0, stdout: '' });
    const records = await journalOf(cwd);
    expect(
      records.some(
        (record) => 'run' in record && record.run === last?.run && record.kind === 'queue.outcome',
      ),
    ).toBe(true);
    const verified = await runCli(cwd, 'audit', 'verify');
    expect(verified.exit).toBe(0);
    for (const secret of Object.values(SECRETS))
      expect(`${end.stderr}${JSON.stringify(records)}`).not.toContain(secret);
  });

  test('tells of its very first plan, too, and lets somebody accept it where a guard refuses it', async () => {
    await simulate();
    const receiver: Receiver = await startReceiver();
    open.push(receiver);
    const cwd = await repository({
      ...FILES,
      'wrapkeeper.yaml': `${SETTINGS()}guards: { queuesChanged: { percent: 1, count: 1, floor: 0 } }
webhooks:
  - { name: reporting, url: "${receiver.url}", secrets: [{ env: HOOK }], allowPrivateNetwork: true }
`,
    });
    const it = await daemon(cwd);
    const { source } = await it.until('it is refused', (status) => status.source.refusal !== null);
    expect(source.accepted).toBeNull();
    const accept = source.refusal?.digest;
    expect((await ask(it, JSON.stringify({ accept }))).status).toBe(202);
    await inSync(it);
    const types = (): readonly string[] =>
      receiver.received.map(({ body }) => (JSON.parse(body) as { readonly type: string }).type);
    await it.until('the events came', () => types().includes('wrapkeeper.run.completed'));
    expect(types()).toEqual([
      'wrapkeeper.run.refused',
      ...QUEUES.map(() => 'wrapkeeper.queue.corrected'),
      'wrapkeeper.run.completed',
    ]);
    await it.stop();
  });

  test('takes what people save, and goes on with what it accepted where that is broken', async () => {
    await simulate();
    const cwd = await repository(FILES);
    const it = await daemon(cwd, '--interval', '10m');
    await inSync(it);
    const file = join(cwd, 'policies/billing.yaml');
    await writeFile(file, BILLING.replace('Call back]', 'Call back, Other]'));
    await it.until('it is enforced', () => codesOf('Billing DE').length === 4);
    await it.until('the run is told', async () => (await it.runs())[0]?.trigger === 'files');

    await writeFile(file, BILLING.replace('unlisted: remove', 'unlisted: perhaps'));
    const { source } = await it.until('it is broken', (status) => status.source.state === 'broken');
    expect(source.diagnostics[0]).toMatchObject({ file: 'policies/billing.yaml', line: 13 });
    simulator.admin.removeCode('Billing EN', 'Other');
    expect((await ask(it, '')).status).toBe(202);
    await it.until('what was accepted goes on', () => codesOf('Billing EN').length === 4);

    // The same after a restart.
    expect((await it.stop()).exit).toBe(0);
    const next = await daemon(cwd);
    simulator.admin.removeCode('Billing EN', 'Other');
    await next.until('what was accepted goes on', () => codesOf('Billing EN').length === 4);
    expect((await next.status()).source.state).toBe('broken');
  });

  test('needs a token for a pass, and takes a plan that a guard refuses by its digest', async () => {
    await simulate();
    const cwd = await repository(FILES);
    const it = await daemon(cwd);
    await inSync(it);
    expect((await ask(it, '', 'wrong')).status).toBe(401);
    const file = join(cwd, 'policies/billing.yaml');
    await writeFile(file, BILLING.replace('[Resolved, Escalated, Call back]', '[Other]'));
    const { source } = await it.until(
      'it is refused',
      (status) => status.source.state === 'refused',
    );
    await it.nextPass();
    expect(QUEUES.map((name) => codesOf(name))).toEqual([CODES, CODES, CODES]);
    expect(source.message).toContain('codesRemoved');
    expect((await it.text('/')).replaceAll('\n', ' ')).toContain(source.refusal?.digest ?? '-');
    const refusals = (await journalOf(cwd)).filter(({ kind }) => kind === 'run.refused');
    expect(refusals).toHaveLength(1);

    expect((await ask(it, JSON.stringify({ accept: source.refusal?.digest }))).status).toBe(202);
    await it.until('it is enforced', () =>
      QUEUES.every((name) => codesOf(name).join() === 'Other'),
    );
    await it.until('it follows', (status) => status.source.state === 'following');
  });

  test('keeps events of other systems, and never writes because of them', async () => {
    await simulate();
    const cwd = await repository(FILES);
    const it = await daemon(cwd);
    await inSync(it);
    const writes = simulator.requests.effective().length;
    const body = JSON.stringify({
      queue_id: 'q-1',
      queue_name: '<img onerror>',
      compliance_met: false,
      source: 'dialler',
    });
    const send = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${it.url}/webhooks/enforcement-sync`, { method: 'POST', body, headers });
    const at = new Date();
    const signature = new Webhook(INBOUND).sign('msg_1', at, body);
    const headers = {
      'content-type': 'application/json',
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': signature,
    };
    const answer = await send(headers);
    expect(answer.status).toBe(200);
    const event: unknown = await answer.json();
    expect(event).toMatchObject({
      queue_id: 'q-1',
      compliance_met: false,
      details: { source: 'dialler' },
    });
    expect(event).toHaveProperty('event_id');
    expect(event).toHaveProperty('latency_ms');
    expect(await (await send(headers)).json()).toEqual(event);
    expect((await send({ ...headers, 'webhook-signature': 'v1,bm8=' })).status).toBe(401);
    await it.nextPass();
    expect(simulator.requests.effective()).toHaveLength(writes);
    const kept = (await journalOf(cwd)).filter(({ kind }) => kind === 'external');
    expect(kept).toMatchObject([{ webhookId: 'msg_1', event }]);
  });

  test('reports, and has no means to write', async () => {
    await simulate();
    const cwd = await repository({
      ...FILES,
      'policies/catalog.yaml':
        'apiVersion: wrapkeeper/v1\nkind: WrapupCodeCatalog\nmetadata: { name: catalog }\nspec:\n  create: true\n  codes: [{ name: Resolved }, { name: Escalated }, { name: Call back }, { name: New one }]\n',
    });
    const it = await daemon(cwd, '--mode', 'report');
    await it.until('drift is told', ({ queues }) => queues.drifting === 3);
    await it.nextPass();
    expect(simulator.requests.effective()).toEqual([]);
    expect((await journalOf(cwd)).filter(({ kind }) => kind === 'drift.detected')).toHaveLength(3);
  });

  test('is the one that writes: an apply is refused meanwhile, and a second daemon waits for its turn', async () => {
    await simulate();
    const cwd = await repository(FILES);
    const first = await daemon(cwd);
    await inSync(first);
    const refused = await runCli(cwd, 'apply', '--auto-approve');
    expect(refused.exit).toBe(1);
    expect(refused.stderr).toContain('lease.held');
    const second = daemon(cwd);
    simulator.admin.removeCode('Billing EN', 'Escalated');
    await first.until('it is corrected', () => codesOf('Billing EN').length === 3);
    await first.stop();
    await inSync(await second);
  });

  test('reads secrets anew when it is told to', async () => {
    await simulate();
    const cwd = await repository({
      ...FILES,
      'wrapkeeper.yaml': settings('daemon:', '  apiToken: { file: token }'),
      token: 'first',
    });
    const it = await daemon(cwd);
    await inSync(it);
    expect((await ask(it, '', 'first')).status).toBe(202);
    await writeFile(join(cwd, 'token'), 'second');
    it.running.child.kill('SIGHUP');
    await it.until('the new one is good', async () => (await ask(it, '', 'second')).status === 202);
    expect((await ask(it, '', 'first')).status).toBe(401);
  });

  test('that never had policies does not start with broken ones', async () => {
    await simulate();
    const cwd = await repository({ 'policies/billing.yaml': 'kind: Nothing\n' });
    const { exit, stderr } = await runCli(cwd, 'daemon', '--listen', '127.0.0.1:0');
    expect(exit).toBe(6);
    expect(stderr).toContain('policies/billing.yaml');
  });
});

describe('a quiet pass', () => {
  test.each([
    ['in realtime', true, 8],
    ['asynchronously', false, 20],
  ])('over 300 queues costs no more where the audit log answers %s', async (_, realtime, most) => {
    await simulate({
      seed: {
        codes: ['Resolved', 'Escalated', 'Call back'],
        queues: Array.from({ length: 300 }, (__, index) => ({
          name: `Billing ${index}`,
          codes: ['Resolved', 'Escalated', 'Call back'],
          acwSettings: { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 },
        })),
      },
      audits: { realtime },
      limits: { perToken: 100_000 },
    });
    const cwd = await repository({
      'policies/billing.yaml': BILLING,
      'wrapkeeper.yaml': settings(
        'settleFor: 20ms',
        'limits: { requestsPerMinute: 100000, concurrency: 8 }',
      ),
    });
    const it = await daemon(cwd);
    await it.until('all was read', ({ queues }) => queues['in-sync'] === 300);
    // What was written shows in the audit log, and is read once more.
    await it.until('it is quiet', ({ lastPass }) => (lastPass?.requests.sent ?? 0) <= most);
    for (let pass = 0; pass < 3; pass += 1) {
      const { lastPass } = await it.nextPass();
      expect(lastPass).toMatchObject({ outcome: 'nothing', extent: 'changed' });
      expect(lastPass?.requests.sent).toBeLessThanOrEqual(most);
    }
    expect((await it.status()).detection.by).toBe('audits');
  });
});

describe('a daemon on a remote branch', () => {
  const pushTo = (it: DaemonProcess): Promise<Response> => {
    const body = JSON.stringify({ ref: 'refs/heads/main' });
    const signature = createHmac('sha256', GIT).update(body).digest('hex');
    return fetch(`${it.url}/webhooks/git`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'push',
        'x-hub-signature-256': `sha256=${signature}`,
      },
    });
  };

  test('follows pushes, and keeps the last accepted commit through all that can happen to a remote', async () => {
    await simulate();
    const remote = await Remote.with(FILES);
    const home = await repository({});
    const args = ['--repo', `file://${remote.path}`, '--interval', '10m'];
    const it = await daemon(home, ...args);
    await inSync(it);
    const clone = remote.clone();
    const first = remote.in(clone, 'rev-parse', 'HEAD');
    expect((await it.status()).source).toMatchObject({
      kind: 'remote',
      branch: 'main',
      state: 'following',
      accepted: { commit: first },
    });

    await remote.commit(clone, {
      'policies/billing.yaml': BILLING.replace('Call back]', 'Call back, Other]'),
    });
    const second = remote.in(clone, 'rev-parse', 'HEAD');
    expect((await pushTo(it)).status).toBe(202);
    await it.until('it is enforced', () => codesOf('Billing DE').length === 4);
    await it.until('the run is told', async () => (await it.runs())[0]?.trigger === 'push');
    expect((await it.runs())[0]).toMatchObject({ commit: second });

    // Broken.
    await remote.commit(clone, { 'policies/billing.yaml': 'no: policy\n' });
    await pushTo(it);
    await it.until('it is broken', ({ source }) => source.state === 'broken');
    simulator.admin.removeCode('Billing EN', 'Other');
    await ask(it, '');
    await it.until('the accepted one goes on', () => codesOf('Billing EN').length === 4);

    // Rewritten.
    remote.git('config', 'receive.denyNonFastForwards', 'false');
    remote.in(clone, 'checkout', '--quiet', '--orphan', 'other');
    await writeFile(
      join(clone, 'policies/billing.yaml'),
      BILLING.replace('[Resolved, Escalated, Call back]', '[Escalated, Call back, Other]'),
    );
    remote.in(clone, 'add', '--all');
    remote.in(clone, 'commit', '--quiet', '--message', 'Another history');
    remote.in(clone, 'push', '--quiet', '--force', 'origin', 'HEAD:refs/heads/main');
    await pushTo(it);
    const { source } = await it.until(
      'it is rewritten',
      (status) => status.source.state === 'rewritten',
    );
    expect(source.accepted?.commit).toBe(second);
    expect(source.message).toContain('--adopt');
    simulator.admin.removeCode('Billing EN', 'Other');
    await ask(it, '');
    await it.until('the accepted one goes on', () => codesOf('Billing EN').length === 4);

    // Gone, over a restart.
    await rename(remote.path, `${remote.path}.away`);
    expect((await it.stop()).exit).toBe(0);
    const next = await daemon(home, ...args);
    await next.until('it is unreachable', (status) => status.source.state === 'unreachable');
    simulator.admin.removeCode('Billing EN', 'Other');
    await ask(next, '');
    await next.until('the accepted one goes on', () => codesOf('Billing EN').length === 4);
    expect((await next.status()).source.accepted?.commit).toBe(second);

    // Back, and adopted by somebody who looked at it.
    await rename(`${remote.path}.away`, remote.path);
    await next.stop();
    const adopted = remote.in(clone, 'rev-parse', 'HEAD');
    const last = await daemon(home, ...args, '--adopt', adopted);
    await last.until('it follows', (status) => status.source.accepted?.commit === adopted);
    expect(codesOf('Billing DE')).not.toContain('Resolved');
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  });
});

const runCli = (cwd: string, ...args: readonly string[]): ReturnType<typeof run> =>
  run(args, { cwd, env: { ...environmentFor(simulator), ...SECRETS } });
