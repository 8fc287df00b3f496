/** Events of real runs, at a real receiver: sent, kept while it is away, and sent again. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Webhook } from 'standardwebhooks';
import type { ApplyReport } from '../../src/domain/change.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { startReceiver } from '../webhooks/receiver.js';
import type { Receiver } from '../webhooks/receiver.js';
import { environmentFor, repository, run } from './cli.js';
import type { Result } from './cli.js';
import { BILLING, settings } from './policies.js';

const SECRET = `whsec_${Buffer.from('a secret for the events test').toString('base64')}`;

let simulator: Simulator;
let receiver: Receiver;
let cwd: string;
let answer: number;

const cli = (args: readonly string[], env: Record<string, string> = {}): Promise<Result> =>
  run(args, { cwd, env: { ...environmentFor(simulator), HOOK: SECRET, ...env } });
const apply = async (env: Record<string, string> = {}): Promise<ApplyReport> => {
  const { exit, stdout } = await cli(['apply', '--auto-approve', '--format', 'json'], env);
  expect(exit).toBe(0);
  return JSON.parse(stdout) as ApplyReport;
};
interface Event {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly data: Readonly<Record<string, unknown>>;
}
const events = (): readonly Event[] =>
  receiver.received.map(({ body, headers }) => {
    return new Webhook(SECRET).verify(body, headers as Record<string, string>) as Event;
  });

beforeEach(async () => {
  simulator = await startSimulator({
    seed: {
      codes: ['Resolved', 'Escalated', 'Call back', 'Other'],
      queues: ['Billing DE', 'Billing EN'].map((name) => ({ name, codes: ['Resolved'] })),
    },
  });
  answer = 204;
  receiver = await startReceiver((response) => response.writeHead(answer).end());
  cwd = await repository({
    'policies/billing.yaml': BILLING,
    'wrapkeeper.yaml': settings(
      'settleFor: 20ms',
      'webhooks:',
      `  - { name: reporting, url: "${receiver.url}", secrets: [{ env: HOOK }], allowPrivateNetwork: true }`,
    ),
  });
});
afterEach(async () => {
  await receiver.close();
  await simulator.close();
});

describe('a correction', () => {
  test('is told, signed, with all that section 7 promises', async () => {
    const { run: id, journal, planDigest } = await apply();
    expect(events().map(({ type }) => type)).toEqual([
      'wrapkeeper.queue.corrected',
      'wrapkeeper.queue.corrected',
      'wrapkeeper.run.completed',
    ]);
    // Queues are written beside each other: whichever ends first is told first.
    const corrected = events().find(({ data }) => data['queue_name'] === 'Billing DE');
    const last = events().at(-1);
    expect(corrected?.data).toMatchObject({
      event_id: corrected?.id,
      queue_id: simulator.state.queue('Billing DE').id,
      queue_name: 'Billing DE',
      timestamp: expect.stringMatching(/Z$/),
      latency_ms: expect.any(Number),
      compliance_met: true,
      audit_log: expect.stringContaining('Billing DE: '),
      sequence: 1,
      cause: 'unknown',
      before: {
        after_call_work: { prompt: 'OPTIONAL', timeout_ms: null },
        wrapup_codes: [{ name: 'Resolved' }],
      },
      after: {
        after_call_work: { prompt: 'MANDATORY_TIMEOUT', timeout_ms: 45_000 },
        wrapup_codes: [{ name: 'Call back' }, { name: 'Escalated' }, { name: 'Resolved' }],
      },
      policies: [
        { name: 'billing', file: 'policies/billing.yaml', line: 10 },
        { name: 'billing', file: 'policies/billing.yaml', line: 14 },
      ],
      commit: null,
      commit_author: null,
      plan_digest: planDigest,
      changed_by: { by: 'unknown' },
      run: id,
    });
    expect(last?.data['journal']).toEqual(journal);
  });

  test('of drift says who drifted it', async () => {
    await apply();
    simulator.admin.addCode('Billing EN', 'Other');
    await apply();
    const { actor } =
      simulator.state.audits().findLast(({ action }) => action === 'WrapupCodeAdd') ?? {};
    const drift = events().find(({ data }) => data['cause'] === 'drift');
    expect(drift?.data).toMatchObject({
      queue_name: 'Billing EN',
      sequence: 2,
      changed_by: { by: 'exact', kind: 'user', name: actor?.name },
    });
    expect(drift?.data['audit_log']).toContain(actor?.name);
  });

  test('works where nobody may look into the audit log', async () => {
    await apply();
    simulator.admin.addCode('Billing EN', 'Other');
    simulator.faults.add({
      match: { path: '/api/v2/audits/query/realtime' },
      effect: { kind: 'error', status: 403 },
    });
    const report = await apply();
    expect(report.outcome).toBe('applied');
    expect(
      events().find(({ data }) => data['cause'] === 'drift')?.data['changed_by'],
    ).toMatchObject({
      by: 'unknown',
      why: expect.stringContaining('audits:audit:view'),
    });
  });

  test('never waits for an audit service that does not answer', async () => {
    await apply();
    simulator.admin.addCode('Billing EN', 'Other');
    simulator.faults.add({
      match: { path: '/api/v2/audits/query/realtime' },
      effect: { kind: 'latency', ms: 60_000 },
    });
    const began = Date.now();
    const report = await apply();
    expect(report.outcome).toBe('applied');
    expect(Date.now() - began).toBeLessThan(30_000);
  });
});

describe('a receiver that is away', () => {
  test('changes nothing but what is told, and gets everything when it is back', async () => {
    answer = 503;
    const report = await apply();
    expect(report.outcome).toBe('applied');
    expect(report.diagnostics).toMatchObject([
      {
        code: 'webhook.undelivered',
        severity: 'warning',
        message: expect.stringContaining('3 events wait'),
      },
    ]);
    const list = await cli(['audit', 'list', '--undelivered', '--format', 'json']);
    expect((JSON.parse(list.stdout) as { records: unknown[] }).records).toHaveLength(3);
    const inVain = await cli(['audit', 'replay', '--format', 'json']);
    expect(inVain.exit).toBe(1);
    expect(JSON.parse(inVain.stdout)).toMatchObject({
      kind: 'Error',
      diagnostics: [{ code: 'webhook.undelivered' }],
      replay: { sinks: [{ sink: 'reporting', sent: 0, undelivered: 3 }] },
    });
    answer = 204;
    receiver.received.length = 0;
    const replay = await cli(['audit', 'replay']);
    expect([replay.exit, replay.stdout]).toEqual([0, '"reporting": 3 events sent.\n']);
    expect(events().map(({ type }) => type)).toEqual([
      'wrapkeeper.queue.corrected',
      'wrapkeeper.queue.corrected',
      'wrapkeeper.run.completed',
    ]);
    expect((await cli(['audit', 'replay'])).stdout).toBe('"reporting": nothing to send.\n');
  });

  test('for good is left alone until somebody asks', async () => {
    answer = 410;
    await apply();
    const tried = receiver.received.length;
    simulator.admin.addCode('Billing EN', 'Other');
    await apply();
    expect(receiver.received).toHaveLength(tried);
    answer = 204;
    const { exit, stdout } = await cli([
      'audit',
      'replay',
      '--sink',
      'reporting',
      '--format',
      'json',
    ]);
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      sinks: [{ sink: 'reporting', sent: 5, undelivered: 0 }],
    });
  });

  test('without its secret keeps its events in the journal', async () => {
    const report = await apply({ HOOK: '' });
    expect(report.outcome).toBe('applied');
    expect(report.diagnostics.map(({ code }) => code)).toEqual(['secret.missing']);
    expect(receiver.received).toEqual([]);
    expect((await cli(['audit', 'replay'])).exit).toBe(0);
    expect(events()).toHaveLength(3);
  });
});

describe('replay', () => {
  test('sends one event again under its id, or all since a time', async () => {
    await apply();
    const [first] = events();
    receiver.received.length = 0;
    const { exit } = await cli(['audit', 'replay', first?.id ?? '']);
    expect(exit).toBe(0);
    expect(events().map(({ id }) => id)).toEqual([first?.id]);
    await cli(['audit', 'replay', '--since', '1h']);
    expect(events()).toHaveLength(4);
  });

  test.each([
    [['evt_00000000000000000000000000000000'], 'audit.unknown-event'],
    [['--sink', 'reportin'], 'Did you mean "reporting"?'],
    [['--since', 'tomorrow'], 'cli.usage'],
  ])('%j is refused', async (args, words) => {
    await apply();
    const { exit, stderr } = await cli(['audit', 'replay', ...args]);
    expect(exit).toBe(1);
    expect(stderr).toContain(words);
  });
});
