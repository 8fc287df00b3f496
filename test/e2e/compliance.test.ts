import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ComplianceReport } from '../../src/domain/compliance.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import { expectFile } from '../support/expected.js';
import { environmentFor, repository, run } from './cli.js';
import type { Result } from './cli.js';

/** Ended long enough ago to lie before midnight, and within the week, whenever the test runs. */
const AGO = { agoMs: 3 * 86_400_000 };
const SEED = {
  organization: { name: 'Example Contact Centre' },
  divisions: [{ name: 'Home', home: true }, { name: 'Retail' }],
  codes: ['Resolved', 'Escalated', 'Test', 'Other'],
  queues: [
    { name: 'Billing DE', acwSettings: { wrapupPrompt: 'MANDATORY' } },
    { name: 'Billing EN', division: 'Retail', acwSettings: { wrapupPrompt: 'OPTIONAL' } },
    { name: 'Billing FR', acwSettings: { wrapupPrompt: 'MANDATORY' } },
    { name: 'Sales EN' },
    { name: 'Timers EN' },
    { name: 'Ungoverned' },
  ],
  interactions: [
    { queue: 'Billing DE', code: 'Resolved', count: 90, ...AGO },
    { queue: 'Billing DE', code: 'Escalated', count: 5, ...AGO },
    { queue: 'Billing DE', code: 'ININ-WRAP-UP-TIMEOUT', count: 5, ...AGO },
    { queue: 'Billing EN', code: 'Resolved', count: 30, ...AGO },
    { queue: 'Billing EN', code: 'ININ-WRAP-UP-SKIPPED', count: 20, ...AGO },
    { queue: 'Billing EN', code: null, count: 8, mediaType: 'chat' as const, ...AGO },
    { queue: 'Billing EN', code: 'Other', count: 2, mediaType: 'chat' as const, ...AGO },
    { queue: 'Sales EN', code: 'Other', count: 7, ...AGO },
    { queue: 'Sales EN', code: 'Test', count: 1, ...AGO },
    { queue: 'Sales EN', code: null, count: 12, ...AGO },
    { queue: 'Ungoverned', code: 'Other', count: 1000, ...AGO },
    { queue: 'Billing FR', code: 'Resolved', count: 3, agoMs: 40 * 86_400_000 },
  ],
};

const POLICIES = `apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata: { name: billing }
spec:
  queues: { include: [{ name: "Billing *" }] }
  afterCallWork: { prompt: MANDATORY }
  wrapupCodes: { unlisted: remove, required: true, codes: [Resolved, Escalated] }
---
apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata: { name: sales }
spec:
  enforcement: report
  queues: { include: [{ name: "Sales *" }] }
  wrapupCodes: { unlisted: keep, codes: [Resolved], forbidden: [Test] }
---
apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata: { name: timers }
spec:
  queues: { include: [{ name: "Timers *" }] }
  afterCallWork: { prompt: OPTIONAL }
`;

let simulator: Simulator;
let cwd: string;

const simulate = async (options: SimulatorOptions = {}): Promise<void> => {
  simulator = await startSimulator({ seed: SEED, ...options });
};
beforeEach(async () => {
  await simulate();
  cwd = await repository({ 'policies/all.yaml': POLICIES });
});
afterEach(async () => {
  // A report writes nothing.
  expect(simulator.requests.effective()).toEqual([]);
  await simulator.close();
});

const compliance = (...args: readonly string[]): Promise<Result> =>
  run(['compliance', ...args], { cwd, env: environmentFor(simulator) });
const reportOf = ({ stdout }: Result): ComplianceReport => JSON.parse(stdout) as ComplianceReport;
/** Days differ from run to run. */
const undated = (text: string): string => text.replaceAll(/\d{4}-\d\d-\d\d/g, 'YYYY-MM-DD');

describe('the report', () => {
  test('as text: the worst queue first, the whole at the end, in 80 columns', async () => {
    const { exit, stdout, stderr } = await compliance();
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expectFile(undated(stdout), './expected/compliance.txt', import.meta.url);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('as Markdown', async () => {
    const { exit, stdout, stderr } = await compliance('--format', 'markdown');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expectFile(undated(stdout), './expected/compliance.md', import.meta.url);
  });

  test('as JSON, with every number', async () => {
    const result = await compliance('--format', 'json');
    expect({ exit: result.exit, stderr: result.stderr }).toEqual({ exit: 0, stderr: '' });
    const report = reportOf(result);
    expect(report).toMatchObject({
      kind: 'ComplianceReport',
      formatVersion: '1.0',
      organization: { name: 'Example Contact Centre' },
      total: { total: 180, met: { least: 144, most: 144 }, metPercent: { least: 80, most: 80 } },
      unread: [],
      unmanaged: [{ name: 'Timers EN' }],
      failUnder: null,
      requests: { sent: 4, retried: 0, throttled: 0 },
      diagnostics: [{ code: 'compliance.not-enforced', queue: 'Billing EN' }],
    });
    expect(report.queues.map(({ name, total, met }) => [name, total, met.least])).toEqual([
      ['Billing EN', 60, 30],
      // As much as asked in both; here with fewer codes.
      ['Sales EN', 20, 19],
      ['Billing DE', 100, 95],
      ['Billing FR', 0, 0],
    ]);
    expect(report.queues[0]).toMatchObject({
      division: 'Retail',
      policies: ['billing'],
      requirement: { required: true, requiredIs: 'enforced', bypassIs: null },
      prompt: { desired: 'MANDATORY', live: 'OPTIONAL' },
      endings: { allowed: 30, other: 2, timedOut: 0, skipped: 20, noCode: 8, system: 0 },
      media: [
        { mediaType: 'voice', total: 50 },
        { mediaType: 'chat', total: 10 },
      ],
    });
    const { from, until } = report.period;
    expect([from, until].map((at) => at.slice(10))).toEqual(['T00:00:00.000Z', 'T00:00:00.000Z']);
    expect(Date.parse(until) - Date.parse(from)).toBe(7 * 86_400_000);
  });
});

describe('options', () => {
  test('--queue and --division narrow it, and must meet a governed queue', async () => {
    const names = async (...args: readonly string[]) =>
      reportOf(await compliance('--format', 'json', ...args)).queues.map(({ name }) => name);
    expect(await names('--queue', 'Billing *')).toEqual(['Billing EN', 'Billing DE', 'Billing FR']);
    expect(await names('--division', 'Retail')).toEqual(['Billing EN']);
    for (const [option, pattern] of [
      ['--queue', 'Ungoverned'],
      ['--division', 'Retial'],
    ] as const) {
      const { exit, stderr } = await compliance(option, pattern);
      expect(exit).toBe(1);
      expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
        `${option} "${pattern}" matches no governed queue.`,
      );
    }
  });

  test('a longer time is asked for in parts', async () => {
    const result = await compliance('--interval', '60d', '--format', 'json');
    const report = reportOf(result);
    expect(report.requests.sent).toBe(5);
    expect(report.queues.find(({ name }) => name === 'Billing FR')?.total).toBe(3);
  });

  test('--interval and --since exclude each other', async () => {
    const { exit, stderr } = await compliance('--interval', '7d', '--since', '3d');
    expect(exit).toBe(1);
    expect(stderr).toContain('cli.usage');
  });

  test.each([
    ['50', 0, []],
    ['80', 1, ['Billing EN']],
    ['95.5', 1, ['Billing EN', 'Sales EN', 'Billing DE']],
  ])('--fail-under %s exits with %d', async (percent, exit, names) => {
    const result = await compliance('--fail-under', percent, '--format', 'json');
    expect(result.exit).toBe(exit);
    const { failUnder, diagnostics } = reportOf(result);
    expect(failUnder?.queues.map(({ name }) => name)).toEqual(names);
    expect(diagnostics.filter(({ code }) => code === 'compliance.under')).toHaveLength(
      names.length,
    );
  });

  test.each(['101', '-1', 'most'])('--fail-under %s is wrong usage', async (percent) => {
    const { exit, stdout, stderr } = await compliance(`--fail-under=${percent}`);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('a number from 0 to 100');
  });
});

describe('where it cannot be computed', () => {
  const clients = (permissions: readonly string[], divisions: readonly string[] | '*') => [
    {
      id: 'c',
      secret: 's',
      grants: [
        { permissions: ['routing:queue:view', 'routing:wrapupCode:view'], divisions: '*' as const },
        { permissions, divisions },
      ],
    },
  ];

  test('a missing permission is named, with what to do and the correlation id', async () => {
    await simulator.close();
    await simulate({ clients: clients([], '*') });
    const { exit, stdout, stderr } = await compliance();
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
    const told = stderr.replaceAll(/\s+/g, ' ');
    expect(told).toContain('error genesys.forbidden');
    expect(told).toContain('without the permission analytics:conversationAggregate:view');
    expect(told).toContain('help: Give the role of the OAuth client the permission');
    expect(told).toMatch(/correlation id [\w-]{8,}/i);
  });

  test('a queue that the token does not reach is told, and the others are reported', async () => {
    await simulator.close();
    const permission = 'analytics:conversationAggregate:view';
    await simulate({ clients: clients([permission], ['Home']) });
    const { exit, stdout } = await compliance();
    expect(exit).toBe(0);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /Not known of Billing EN: the permission analytics:conversationAggregate:view does not reach its division \(correlation id [\w-]+\)/,
    );
    expect(stdout).toContain('Billing DE');
  });

  test('an unknown code ends it as it ends a plan', async () => {
    cwd = await repository({ 'policies/all.yaml': POLICIES.replace('Escalated', 'Escalatd') });
    const { exit, stderr } = await compliance();
    expect(exit).toBe(6);
    expect(stderr).toContain('reference.unknown-code');
  });
});
