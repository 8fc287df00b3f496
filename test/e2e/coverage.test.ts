/** `coverage` over HTTP: what it finds, and that it reads no more than its answers need. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CoverageReport } from '../../src/report/coverage.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor, repository } from './cli.js';
import type { Result } from './cli.js';
import { runHere } from './here.js';
import { BILLING } from './policies.js';

const CATALOG = `apiVersion: wrapkeeper/v1
kind: WrapupCodeCatalog
metadata: { name: catalog }
spec:
  create: true
  codes:
    - { name: Resolved }
    - { name: Escalated }
    - { name: Call back }
    - { name: Planned }
    - { name: Old reason, retired: true }
`;
const IDLE = `apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata: { name: chat }
spec:
  queues: { include: [{ name: "Chat *" }] }
  afterCallWork: { prompt: OPTIONAL }
`;
const KNOWN = ['Resolved', 'Escalated', 'Call back'];
const QUEUES = [
  { name: 'Billing DE', codes: ['Resolved', 'Stray'] },
  { name: 'Billing EN', codes: ['Old reason'] },
  { name: 'Sales DE', division: 'Retail', codes: ['Old reason'] },
  { name: 'Sales EN', division: 'Retail', codes: [] },
  { name: 'Voicemail', codes: ['Stray'] },
];
const DIVISIONS = [{ name: 'Home', home: true }, { name: 'Retail' }];

let simulator: Simulator;
let cwd: string;

const simulate = async (
  codes: readonly string[],
  queues: readonly { name: string }[] = QUEUES,
): Promise<void> => {
  await simulator?.close();
  simulator = await startSimulator({
    limits: { perToken: null, perClient: null },
    seed: { divisions: DIVISIONS, codes: [...codes], queues: [...queues] },
  });
};
beforeEach(async () => {
  await simulate([...KNOWN, 'Old reason', 'Stray', 'Never']);
  cwd = await repository({
    '.git/HEAD': '',
    'policies/billing.yaml': BILLING,
    'policies/catalog.yaml': CATALOG,
    'policies/chat.yaml': IDLE,
  });
});
afterEach(async () => {
  expect(simulator.requests.effective()).toEqual([]);
  await simulator.close();
});

const coverage = (
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Result> =>
  runHere(['coverage', ...args], { cwd, env: { ...environmentFor(simulator), ...env } });

const covered = async (args: readonly string[] = []): Promise<CoverageReport> => {
  const { exit, stdout, stderr } = await coverage([...args, '--format', 'json']);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  return JSON.parse(stdout) as CoverageReport;
};

const read = (): number =>
  simulator.requests.counts()['GET /api/v2/routing/queues/{queueId}/wrapupcodes'] ?? 0;

test('everything that policies do not reach', async () => {
  const report = await covered();
  expect(report).toMatchObject({
    kind: 'Coverage',
    formatVersion: '1.0',
    only: null,
    summary: {
      queues: 5,
      queuesGoverned: 2,
      queuesUngoverned: 3,
      policies: 2,
      policiesIdle: 1,
      codes: 6,
      codesUnused: 2,
      codesUnlisted: 1,
      codesRetired: 1,
    },
    ungoverned: [
      { division: 'Retail', of: 2, queues: [{ name: 'Sales DE' }, { name: 'Sales EN' }] },
      { division: 'Home', of: 3, queues: [{ name: 'Voicemail' }] },
    ],
    idlePolicies: [{ policy: 'chat', file: 'policies/chat.yaml', why: 'selects-nothing' }],
    unusedCodes: [
      { name: 'Never', catalog: null },
      { id: null, name: 'Planned', catalog: { file: 'policies/catalog.yaml', line: 10 } },
    ],
    unlistedCodes: [{ name: 'Stray', queues: [{ name: 'Billing DE' }, { name: 'Voicemail' }] }],
    // Of Billing EN the next apply removes it.
    retiredCodes: [{ name: 'Old reason', queues: [{ name: 'Sales DE' }] }],
  });
  // Organization, two lists, and the codes of each queue.
  expect(report.requests).toEqual({ sent: 8, queuesRead: 5 });
  expect(read()).toBe(5);
});

describe('it reads what its answers need', () => {
  test('without stray codes: queues alone on which a retired one may be', async () => {
    await simulate(
      [...KNOWN, 'Old reason', 'Planned'],
      QUEUES.map((queue) => ({ ...queue, codes: queue.codes.filter((code) => code !== 'Stray') })),
    );
    cwd = await repository({
      'policies/billing.yaml': BILLING.replace('[Resolved', '[Planned, Resolved'),
      'policies/catalog.yaml': CATALOG,
    });
    expect((await covered()).retiredCodes).toMatchObject([{ name: 'Old reason' }]);
    expect(read()).toBe(3);
  });

  test('without retired codes either: none', async () => {
    await simulate(KNOWN, [{ name: 'Billing DE' }, { name: 'Sales EN' }]);
    cwd = await repository({ 'policies/billing.yaml': BILLING });
    expect(await covered()).toMatchObject({ unusedCodes: [], unlistedCodes: [], retiredCodes: [] });
    expect(read()).toBe(0);
  });

  test('--lists-only: none, and says what it cannot tell', async () => {
    const report = await covered(['--lists-only']);
    expect(report).toMatchObject({
      summary: { codesUnused: null, codesUnlisted: null, codesRetired: null, queuesUngoverned: 3 },
      requests: { sent: 3, queuesRead: 0 },
    });
    expect((await coverage(['--lists-only'])).stdout).toContain('leave `--lists-only` out');
  });

  test('--division and --queue: these alone', async () => {
    expect(await covered(['--division', 'Retail'])).toMatchObject({
      only: { queues: [], divisions: ['Retail'] },
      summary: { queues: 2, codesUnused: null, codesRetired: 1 },
      requests: { queuesRead: 2 },
    });
    expect(await covered(['--queue', 'Sales E*'])).toMatchObject({ summary: { queues: 1 } });
  });
});

test.each([
  [['--division', 'Retial'], 'Did you mean "Retail"?'],
  [['--queue', 'Salse EN'], 'Did you mean "Sales EN"?'],
])('%j is a mistake', async (args, advice) => {
  const { exit, stdout, stderr } = await coverage(args);
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
  expect(stderr).toContain(advice);
});

test.each([80, 200])('text of at most %i columns, numbers first', async (columns) => {
  const { stdout } = await coverage([], { COLUMNS: String(columns) });
  expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(columns);
  expect(stdout).toMatch(/^.*\n\n {2}3 {2}of 5 queues under no policy\n/);
  expect(stdout).toContain('8 requests; the codes of 5 queues were read.');
});
