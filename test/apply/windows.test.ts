/** Change windows, from the settings to the report: what a plan expects, and what holds when it comes to writing. */
import { describe, expect, it } from 'vitest';
import type { ApplyReport } from '../../src/domain/change.js';
import type { ChangeWindow } from '../../src/policy/settings.js';
import type { Settings } from '../../src/policy/settings.js';
import type { SimulatorOptions } from '../../src/simulator/options.js';
import { connected } from '../genesys/connected.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import type { OrgSeed } from '../support/memory-org.js';
import { applyOver, planOver } from '../support/pass.js';
import { catalog, policy, policySet, settings } from '../support/policy-set.js';

const MINUTE = 60_000;

/** Open from 08:00 to 09:00:30; tests begin at 09:00. */
const CLOSING: ChangeWindow = {
  kind: 'allow',
  schedule: '0 8 * * *',
  durationMs: 60 * MINUTE + 30_000,
  timeZone: 'UTC',
  queues: [],
};
/** Opens at two in the morning. */
const NIGHT: ChangeWindow = { ...CLOSING, schedule: '0 2 * * *' };

const SET = policySet(policy('p', { work: 'MANDATORY', codes: { codes: ['A'] } }));
const SEED: OrgSeed = { codes: ['A'], queues: [{ name: 'Billing' }, { name: 'Sales' }] };

const rows = ({ queues }: ApplyReport) =>
  queues.map(({ name, outcome, steps }) => `${name}: ${outcome}, ${steps.length} steps`);

const LEFT_OUT = 'left out: after-call work OPTIONAL → MANDATORY; add "A"';
const CLOSED = `held by window until 2026-11-24T08:00:00Z: no change window is open; ${LEFT_OUT}`;

describe('a plan outside of the change windows', () => {
  it('holds everything, with content, reason and end, and asks nobody', async () => {
    const org = new MemoryOrg(SEED, new FakeClock());
    const { plan, report } = await applyOver(org, SET, {
      settings: settings({ changeWindows: [NIGHT] }),
      request: { approve: () => Promise.reject(new Error('must not be asked')) },
    });
    expect(plan).toMatchObject({ queues: [], summary: { queuesChanged: 0, queuesHeld: 2 } });
    expect(plan.held[0]).toMatchObject({
      name: 'Billing',
      by: 'window',
      reason: 'no change window is open',
      until: '2026-11-24T02:00:00.000Z',
      afterCallWork: { to: { prompt: 'MANDATORY' } },
      wrapupCodes: { add: [{ name: 'A' }] },
    });
    expect(report).toMatchObject({ outcome: 'held', summary: { held: 2 } });
    expect(report.queues[1]).toMatchObject({
      name: 'Sales',
      outcome: 'held',
      steps: [],
      reason: `held by window until 2026-11-24T02:00:00Z: no change window is open; ${LEFT_OUT}`,
    });
    expect(report.requests.sent).toBe(plan.cost.requests);
    expect(org.writes).toEqual([]);
  });

  it.each<[string, Partial<Settings>, Partial<OrgSeed['queues'][number]>]>([
    ['a window', { changeWindows: [NIGHT] }, {}],
    ['activity', { activity: { maxInteracting: 0, onBusy: 'hold' } }, { interacting: 1 }],
    ['being disabled', {}, { enabled: false }],
  ])('has the digest of one that nothing holds, where %s holds it', async (_what, rest, queue) => {
    const digestOf = (some: Partial<Settings>, more: typeof queue) =>
      planOver(
        new MemoryOrg({ codes: ['A'], queues: [{ name: 'Billing', ...more }] }, new FakeClock()),
        SET,
        { settings: settings(some) },
      );
    const held = await digestOf(rest, queue);
    const free = await digestOf({}, {});
    expect([held.queues.length, held.held.length]).toEqual([0, 1]);
    expect([free.queues.length, free.held.length]).toEqual([1, 0]);
    expect(held.digest).toBe(free.digest);
    expect(held.seal).not.toBe(free.seal);
  });
});

describe('ignoring the windows', () => {
  const ignoring = { request: { ignoreWindows: 'Outage 4711' } };

  it('lets changes through, and tells the reason', async () => {
    const org = new MemoryOrg(SEED, new FakeClock());
    const { report } = await applyOver(org, SET, {
      settings: settings({ changeWindows: [NIGHT, { ...CLOSING, kind: 'deny' }] }),
      ...ignoring,
    });
    expect(report).toMatchObject({ outcome: 'applied', summary: { applied: 2 } });
    expect(report.diagnostics).toMatchObject([
      { code: 'apply.windows-ignored', message: 'The change windows are ignored: Outage 4711' },
    ]);
  });

  it.each<[string, Partial<Settings>, Partial<OrgSeed['queues'][number]>]>([
    ['busy', { activity: { maxInteracting: 0, onBusy: 'hold' } }, { interacting: 1 }],
    ['disabled', {}, { enabled: false }],
    ['suspend', { suspend: { reason: 'Peak', by: 'ops', until: NOW + MINUTE } }, {}],
  ])('lifts nothing else: what %s holds stays held', async (by, rest, queue) => {
    const org = new MemoryOrg(
      { codes: ['A'], queues: [{ name: 'Billing', ...queue }] },
      new FakeClock(),
    );
    const { plan, report } = await applyOver(org, SET, {
      settings: settings({ changeWindows: [NIGHT], ...rest }),
      ...ignoring,
    });
    expect(plan.held).toMatchObject([{ by }]);
    expect(report.outcome).toBe('held');
    expect(org.writes).toEqual([]);
  });
});

describe('a window that closes while an apply goes on', () => {
  it('holds queues whose turn comes too late, and lets the one that has begun finish', async () => {
    const clock = new FakeClock();
    const org = new MemoryOrg(SEED, clock, {
      onRequest: ({ action }) => {
        if (action === 'addCodes') clock.advance(MINUTE);
        return undefined;
      },
    });
    const { plan, report } = await applyOver(org, SET, {
      settings: settings({
        changeWindows: [CLOSING],
        limits: { requestsPerMinute: 300, concurrency: 1 },
      }),
    });
    expect(plan.held).toEqual([]);
    expect(rows(report)).toEqual(['Billing: applied, 2 steps', 'Sales: held, 0 steps']);
    // Nothing was asked for it.
    expect(report.queues[1]).toMatchObject({ reason: CLOSED, latencyMs: null });
    expect(org.queue('Billing')).toMatchObject({ prompt: 'MANDATORY', codeNames: ['A'] });
    expect(org.queue('Sales')).toMatchObject({ prompt: 'OPTIONAL', codeNames: [] });
  });

  it('is judged anew after somebody took long to approve', async () => {
    const clock = new FakeClock();
    const org = new MemoryOrg(SEED, clock);
    const { report } = await applyOver(org, SET, {
      settings: settings({ changeWindows: [CLOSING] }),
      request: {
        approve: () => {
          clock.advance(MINUTE);
          return Promise.resolve(true);
        },
      },
    });
    expect(report).toMatchObject({ outcome: 'held', summary: { held: 2 } });
    expect(org.writes).toEqual([]);
  });

  it('and one that opens meanwhile frees what the plan held', async () => {
    const clock = new FakeClock();
    const org = new MemoryOrg(SEED, clock);
    const deny: ChangeWindow = {
      ...CLOSING,
      kind: 'deny',
      queues: [{ name: 'Billing', id: null, division: null, from: SET.policies[0]!.from }],
    };
    const { plan, report } = await applyOver(org, SET, {
      settings: settings({ changeWindows: [deny] }),
      request: {
        approve: () => {
          clock.advance(MINUTE);
          return Promise.resolve(true);
        },
      },
    });
    expect(plan.held.map(({ name }) => name)).toEqual(['Billing']);
    expect(rows(report)).toEqual(['Billing: applied, 2 steps', 'Sales: applied, 2 steps']);
  });
});

describe('a first write that has to wait, over HTTP', () => {
  const ADD = '/api/v2/routing/queues/{queueId}/wrapupcodes';
  const CREATE = '/api/v2/routing/wrapupcodes';

  const run = async (
    options: SimulatorOptions,
    requestsPerMinute: number,
    set = policySet(policy('p', { codes: { codes: ['A'] } })),
  ) => {
    const org = await connected(
      {
        seed: { codes: ['A'], queues: [{ name: 'Billing' }] },
        limits: { perToken: null },
        ...options,
      },
      { limits: { requestsPerMinute, concurrency: 8 } },
    );
    const { report } = await applyOver(org, set, {
      settings: settings({ changeWindows: [CLOSING] }),
    });
    const sent = (path: string) => org.simulator.requests.counts()[`POST ${path}`] ?? 0;
    return { org, report, sent, waitedMs: org.clock.now() - NOW };
  };
  const LATE = CLOSED.replace(LEFT_OUT, 'left out: add "A"');

  it('leaves while the window is open', async () => {
    const { report, sent, waitedMs } = await run({}, 300);
    expect(rows(report)).toEqual(['Billing: applied, 1 steps']);
    expect([sent(ADD), waitedMs]).toEqual([1, 0]);
  });

  it('for the rate limit is held, and never leaves, where the window closes meanwhile', async () => {
    // Four reads use the limit up: the write is the fifth request of this minute.
    const { report, sent, waitedMs, org } = await run({}, 4);
    expect(waitedMs).toBeGreaterThanOrEqual(MINUTE);
    expect(report.queues).toMatchObject([{ outcome: 'held', steps: [], reason: LATE }]);
    expect(sent(ADD)).toBe(0);
    expect(org.simulator.requests.effective()).toEqual([]);
  });

  it('because it was throttled is held where the window closes meanwhile', async () => {
    const { report, sent, org } = await run(
      {
        faults: [
          {
            match: { method: 'POST', path: ADD },
            times: 1,
            effect: { kind: 'error', status: 429, retryAfterSeconds: 45 },
          },
        ],
      },
      300,
    );
    expect(report.queues).toMatchObject([{ outcome: 'held', steps: [], reason: LATE }]);
    expect(sent(ADD)).toBe(1);
    expect(org.simulator.requests.effective()).toEqual([]);
  });

  it('of the catalog is held likewise, and so is the queue that waits for its code', async () => {
    const set = policySet(policy('p', { codes: { codes: ['N'] } }), catalog(['N']));
    const { report, sent } = await run({}, 4, set);
    expect(report.catalog).toMatchObject([
      {
        name: 'N',
        outcome: 'held',
        reason: 'held by window until 2026-11-24T08:00:00Z: no change window is open',
      },
    ]);
    expect(report.queues).toMatchObject([
      {
        outcome: 'held',
        reason:
          'held by window until 2026-11-24T08:00:00Z: the code "N" is yet to be created: no change window is open; left out: add "N"',
      },
    ]);
    expect(sent(CREATE)).toBe(0);
  });
});
