/** `explain` over HTTP: what it prints, what it costs, and what it says when the queue is not found. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Explanation } from '../../src/plan/explanation.js';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentFor, repository } from './cli.js';
import type { Result } from './cli.js';
import { runHere } from './here.js';
import { BILLING, settings } from './policies.js';

const COMMON = `apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata:
  name: common
spec:
  priority: -1
  queues:
    include:
      - name: "*"
    exclude:
      - name: Sales *
  afterCallWork: { prompt: MANDATORY }
  wrapupCodes:
    unlisted: keep
    codes: [Other, { name: Resolved, required: true }]
    forbidden: [Test]
`;
const CODES = ['Resolved', 'Escalated', 'Call back', 'Other', 'Test'];
const SEED = {
  organization: { name: 'Example Contact Centre' },
  codes: CODES,
  queues: [
    { name: 'Billing DE', codes: ['Resolved'] },
    { name: 'Billing EN', codes: ['Resolved', 'Test'] },
    { name: 'Sales EN', codes: ['Other'] },
  ],
};

let simulator: Simulator;
let cwd: string;

const simulate = async (options: SimulatorOptions = {}): Promise<void> => {
  await simulator?.close();
  simulator = await startSimulator({ seed: SEED, ...options });
};
beforeEach(async () => {
  await simulate();
  cwd = await repository({
    '.git/HEAD': '',
    'policies/billing.yaml': BILLING,
    'policies/common.yaml': COMMON,
  });
});
afterEach(async () => {
  expect(simulator.requests.effective()).toEqual([]);
  await simulator.close();
});

const explain = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Result> =>
  runHere(['explain', ...args], { cwd, env: { ...environmentFor(simulator), ...env } });

const explained = async (queue: string): Promise<Explanation> => {
  const { exit, stdout, stderr } = await explain([queue, '--format', 'json']);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  return JSON.parse(stdout) as Explanation;
};

const code = ({ wrapupCodes }: Explanation, name: string) =>
  wrapupCodes.codes.find((each) => each.name === name);

describe('a governed queue', () => {
  test('each value comes with its policy, file and line, and with what gave way to it', async () => {
    const found = await explained('Billing EN');
    expect(found).toMatchObject({
      kind: 'Explanation',
      formatVersion: '1.0',
      queue: { name: 'Billing EN', division: expect.any(String) as string },
      policies: [
        { policy: 'billing', standing: 'counts', entries: [{ text: 'name "Billing *"', line: 8 }] },
        { policy: 'common', standing: 'counts', priority: -1 },
      ],
      afterCallWork: {
        live: { prompt: 'OPTIONAL' },
        wanted: {
          prompt: 'MANDATORY_TIMEOUT',
          timeoutMs: 45_000,
          from: [{ policy: 'billing', file: 'policies/billing.yaml', line: 10 }],
        },
        changes: [{ held: null }],
        overridden: [
          {
            policy: 'common',
            says: 'MANDATORY',
            why: { kind: 'lower-priority', by: { policy: 'billing' } },
          },
        ],
      },
    });
    expect(code(found, 'Escalated')).toMatchObject({
      live: false,
      wanted: 'listed',
      changes: [{ action: 'add', held: null }],
    });
    expect(code(found, 'Test')).toMatchObject({
      live: true,
      wanted: 'forbidden',
      from: [{ policy: 'common', file: 'policies/common.yaml', line: 16 }],
      changes: [{ action: 'remove' }],
    });
    expect(code(found, 'Resolved')).toMatchObject({
      changes: [],
      overridden: [{ policy: 'common', why: { kind: 'lower-priority' } }],
    });
  });

  test('it agrees with the plan', async () => {
    const { stdout } = await runHere(['plan', '--format', 'json'], {
      cwd,
      env: environmentFor(simulator),
    });
    const plan = JSON.parse(stdout) as {
      queues: {
        name: string;
        afterCallWork?: unknown;
        wrapupCodes?: { add: { name: string }[]; remove: { name: string }[] };
      }[];
    };
    for (const row of plan.queues) {
      const found = await explained(row.name);
      const named = (action: string): string[] =>
        found.wrapupCodes.codes.flatMap(({ name, changes }) =>
          changes.some((change) => change.action === action) ? [name] : [],
        );
      expect(found.afterCallWork.changes[0]?.action).toEqual(row.afterCallWork);
      expect(named('add')).toEqual(row.wrapupCodes?.add.map(({ name }) => name) ?? []);
      expect(named('remove')).toEqual(row.wrapupCodes?.remove.map(({ name }) => name) ?? []);
    }
    expect(plan.queues).toHaveLength(2);
  });

  test('it costs the lists and one look at the queue', async () => {
    await explain(['Billing EN']);
    expect(simulator.requests.counts()).toEqual({
      'POST /oauth/token': 1,
      'GET /api/v2/organizations/me': 1,
      'GET /api/v2/routing/queues': 1,
      'GET /api/v2/routing/wrapupcodes': 1,
      'GET /api/v2/routing/queues/{queueId}/wrapupcodes': 1,
    });
    expect((await explained('Billing EN')).requests).toBe(4);
  });

  test('by id, in any case', async () => {
    const { queue } = await explained('Billing EN');
    expect((await explained(queue.id.toUpperCase())).queue).toEqual(queue);
  });

  test('a closed window and a suspension are told, with their ends', async () => {
    cwd = await repository({
      '.git/HEAD': '',
      'policies/billing.yaml': BILLING.replace(
        'spec:',
        'spec:\n  suspend: { reason: Audit week, by: j.doe, until: 2100-01-01T00:00:00Z }',
      ),
      'wrapkeeper.yaml': settings(
        'changeWindows: [{ kind: deny, schedule: "* * * * *", duration: 1h, timeZone: UTC }]',
      ),
    });
    const { holds, afterCallWork } = await explained('Billing EN');
    expect(holds).toMatchObject([
      {
        by: 'suspend',
        until: '2100-01-01T00:00:00.000Z',
        sections: ['afterCallWork', 'wrapupCodes'],
      },
      { by: 'window', sections: ['afterCallWork', 'wrapupCodes'] },
    ]);
    expect(afterCallWork.changes[0]?.held).toMatchObject({ by: 'suspend' });
    const { stdout } = await explain(['Billing EN']);
    expect(stdout).toContain('An apply would change nothing now. Held: after-call work');
  });

  test('report mode is told beside what is enforced', async () => {
    cwd = await repository({
      'policies/billing.yaml': BILLING.replace('spec:', 'spec:\n  enforcement: report'),
    });
    const found = await explained('Billing EN');
    expect(found.afterCallWork.wanted).toBeNull();
    expect(code(found, 'Escalated')).toMatchObject({
      wanted: 'reported',
      changes: [{ action: 'add', held: { by: 'report' } }],
    });
  });

  test('a broken reference elsewhere does not stop it, and is told', async () => {
    cwd = await repository({
      'policies/billing.yaml': BILLING,
      'policies/other.yaml': BILLING.replace('name: billing', 'name: other').replace(
        'Billing *',
        'Nowhere',
      ),
    });
    const found = await explained('Billing EN');
    expect(found).toMatchObject({ errorsElsewhere: 1, diagnostics: [] });
    const { stdout } = await explain(['Billing EN']);
    expect(stdout).toContain('1 error about other queues or codes stops `plan`');
  });

  test('a code that cannot be found holds its queue', async () => {
    cwd = await repository({ 'policies/billing.yaml': BILLING.replace('Escalated', 'Escalatd') });
    const found = await explained('Billing EN');
    expect(found.diagnostics).toMatchObject([{ code: 'reference.unknown-code' }]);
    expect(found.holds).toMatchObject([{ by: 'unresolved', sections: ['wrapupCodes'] }]);
  });

  test.each([80, 200])('no line is wider than %i columns', async (columns) => {
    const { stdout } = await explain(['Billing EN'], { COLUMNS: String(columns) });
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(
      columns,
    );
    expect(stdout).not.toContain('\u001b[');
  });
});

describe('a queue under no policy', () => {
  test('shows what is live, and which policy excludes it', async () => {
    const found = await explained('Sales EN');
    expect(found).toMatchObject({
      policies: [
        { policy: 'common', standing: 'excluded', because: { line: 11, text: 'name "Sales *"' } },
      ],
      afterCallWork: { wanted: null, changes: [] },
      wrapupCodes: { unlisted: null },
    });
    expect(code(found, 'Other')).toMatchObject({
      live: true,
      wanted: 'unlisted',
      overridden: [{ why: { kind: 'excluded' } }],
    });
    const { stdout } = await explain(['Sales EN']);
    expect(stdout).toContain('No policy governs this queue now');
  });
});

describe('a queue that is not found', () => {
  test.each([
    ['Biling EN', 'Did you mean "Billing EN"'],
    ['billing', 'Did you mean "Billing DE", "Billing EN"'],
    ['Bill*EN', 'Did you mean "Billing EN"'],
    ['', 'wrapkeeper coverage'],
    ['xyz', 'wrapkeeper coverage'],
  ])('%s: %s', async (name, advice) => {
    const { exit, stdout, stderr } = await explain([name]);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
    expect(stderr).toContain('explain.unknown-queue');
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(advice);
  });

  test('in a list of several pages it is asked for by itself', async () => {
    await simulate({
      pageCaps: { queues: { max: 2, over: 'clamp' } },
    });
    await explain(['xyz']);
    const asked = simulator.requests.counts()['GET /api/v2/routing/queues'] ?? 0;
    expect(asked).toBeGreaterThan(2);
  });

  test('without a name', async () => {
    const { exit, stderr } = await explain([]);
    expect(exit).toBe(1);
    expect(stderr).toContain('cli.usage');
  });
});

test('another organization than the settings name is refused', async () => {
  cwd = await repository({
    'policies/billing.yaml': BILLING,
    'wrapkeeper.yaml': settings('organization: { id: 00000000-0000-4000-8000-000000000000 }'),
  });
  const { exit, stderr } = await explain(['Billing EN']);
  expect(exit).toBe(1);
  expect(stderr).toContain('genesys.wrong-organization');
});
