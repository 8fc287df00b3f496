import { describe, expect, it } from 'vitest';
import { queuesAtOnce } from '../../src/apply/execute.js';
import type { ApplyReport } from '../../src/domain/change.js';
import { AppError } from '../../src/domain/errors.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import type { Behaviour, Fault, OrgSeed } from '../support/memory-org.js';
import { applyOver } from '../support/pass.js';
import { catalog, policy, policySet, settings } from '../support/policy-set.js';

const REFUSED: Fault = { refuse: new AppError('genesys.rejected', 'Refused.') };

/** Four queues that want code A; what happens to each is told by its first letter. */
const SEED: OrgSeed = {
  codes: ['A'],
  queues: ['Applied', 'Failed', 'Gone', 'Lost'].map((name) => ({ name })),
};
const SET = policySet(policy('p', { codes: { codes: ['A'] } }));

const execute = async (
  fate: Partial<Record<string, Fault | ((org: MemoryOrg) => void)>>,
  {
    seed = SEED,
    set = SET,
    ...rest
  }: { readonly seed?: OrgSeed; readonly set?: typeof SET } & Partial<Behaviour> = {},
  request: Parameters<typeof applyOver>[2] = {},
): Promise<ApplyReport> => {
  const names = new Map<string, string>();
  const org = new MemoryOrg(seed, new FakeClock(), {
    ...rest,
    onRequest: ({ action, queue }, found) => {
      const fault = action === 'addCodes' ? fate[names.get(queue ?? '') ?? ''] : undefined;
      if (typeof fault !== 'function') return fault;
      fault(found);
      return undefined;
    },
  });
  for (const { name } of seed.queues) names.set(org.queue(name).id, name);
  return (await applyOver(org, set, request)).report;
};

const outcomes = ({ queues }: ApplyReport): readonly string[] =>
  queues.map(({ name, outcome }) => `${name}: ${outcome}`);

describe('the report', () => {
  it('tells the truth about each queue, and one never stops another', async () => {
    const report = await execute({
      Failed: REFUSED,
      Gone: (org) => org.deleteQueue('Gone'),
      Lost: { lost: 'after' },
    });
    expect(outcomes(report)).toEqual([
      'Applied: applied',
      'Failed: failed',
      'Gone: stale',
      'Lost: applied',
    ]);
    expect(report.summary).toEqual({
      applied: 2,
      inSync: 0,
      failed: 1,
      stale: 1,
      held: 0,
      notAttempted: 0,
    });
    expect(report.outcome).toBe('partial');
  });

  const gone = (name: string) => (org: MemoryOrg) => org.deleteQueue(name);
  const everywhere = (fault: Fault) =>
    Object.fromEntries(SEED.queues.map(({ name }) => [name, fault]));

  it.each<[string, Parameters<typeof execute>[0], ApplyReport['outcome']]>([
    ['all applied', {}, 'applied'],
    ['one failed, others written', { Failed: REFUSED }, 'partial'],
    ['one stale, others written', { Gone: gone('Gone') }, 'partial'],
    ['all failed', everywhere(REFUSED), 'failed'],
    ['all lost without effect', everywhere({ lost: 'before' }), 'failed'],
    ['all stale', Object.fromEntries(SEED.queues.map(({ name }) => [name, gone(name)])), 'stale'],
    ['stale and failed, none written', { ...everywhere(REFUSED), Gone: gone('Gone') }, 'failed'],
    ['a bug that may have written', everywhere({ bug: new Error('bug') }), 'partial'],
  ])('%s', async (_what, fate, outcome) => {
    expect((await execute(fate)).outcome).toBe(outcome);
  });

  it('is empty where nothing is to be done', async () => {
    const seed: OrgSeed = { queues: [{ name: 'Billing', codes: ['A'] }] };
    const report = await execute({}, { seed });
    expect(report).toMatchObject({
      outcome: 'nothing',
      queues: [],
      requests: { sent: 4, retried: 0, throttled: 0 },
    });
  });

  it('has a row for a queue that is held, and the hold in the reason of one that is held in part', async () => {
    const set = policySet(
      policy('p', { codes: { codes: ['A'] } }),
      policy('timer', { include: ['Applied'], work: 'MANDATORY_TIMEOUT' }),
      policy('pilot', { include: ['Held'], enforcement: 'report', work: 'MANDATORY' }),
    );
    const seed: OrgSeed = { queues: [{ name: 'Applied' }, { name: 'Held', codes: ['A'] }] };
    const report = await execute({}, { seed, set });
    expect(outcomes(report)).toEqual(['Applied: applied', 'Held: held']);
    expect(report.queues.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^held by unsafe: MANDATORY_TIMEOUT needs a timer/),
      'held by report: "pilot" only reports (`enforcement: report`); left out: after-call work OPTIONAL → MANDATORY',
    ]);
    expect(report).toMatchObject({ outcome: 'applied', summary: { applied: 1, held: 1 } });
  });

  it('is held where everything is', async () => {
    const set = policySet(policy('pilot', { enforcement: 'report', codes: { codes: ['A'] } }));
    expect(await execute({}, { set })).toMatchObject({ outcome: 'held', summary: { held: 4 } });
  });

  it('does not attempt queues whose new code could not be created, and goes on with the others', async () => {
    const set = policySet(
      policy('a', { include: ['Applied'], codes: { codes: ['A'] } }),
      policy('n', { include: ['Failed'], work: 'MANDATORY', codes: { codes: ['N'] } }),
      catalog(['N']),
    );
    const org = new MemoryOrg(SEED, new FakeClock(), {
      onRequest: ({ action }) => (action === 'createCode' ? REFUSED : undefined),
    });
    const { report } = await applyOver(org, set);
    expect(report.queues).toMatchObject([
      { name: 'Applied', outcome: 'applied' },
      {
        name: 'Failed',
        outcome: 'not-attempted',
        reason: 'the code "N" could not be created',
        steps: [],
        latencyMs: null,
      },
    ]);
    expect(report.catalog).toMatchObject([{ name: 'N', outcome: 'failed' }]);
    expect(report.outcome).toBe('partial');
    expect(org.queue('Failed').prompt).toBe('OPTIONAL');
  });

  it('counts the catalog into its outcome', async () => {
    const set = policySet(policy('p', { codes: { codes: ['A'] } }), catalog(['A', 'N']));
    const seed: OrgSeed = { queues: [{ name: 'Billing', codes: ['A'] }] };
    expect((await execute({}, { seed, set })).outcome).toBe('applied');
    const org = new MemoryOrg(seed, new FakeClock(), {
      onRequest: ({ action }) => (action === 'createCode' ? REFUSED : undefined),
    });
    expect((await applyOver(org, set)).report.outcome).toBe('failed');
  });

  it('counts the requests of its own pass', async () => {
    const org = new MemoryOrg(SEED, new FakeClock());
    const first = await applyOver(org, SET);
    expect(first.report.requests.sent).toBe(first.plan.cost.requests);
    const second = await applyOver(org, SET);
    expect(second.plan.cost.requests).toBe(7);
    expect(second.report.requests.sent).toBe(7);
  });
});

describe('a run that is not executed', () => {
  const refusing = settings({ guards: { ...settings().guards, codesPerQueue: 0 } });

  it('because a guard refuses writes nothing, asks nobody, and lists every queue', async () => {
    const org = new MemoryOrg(SEED, new FakeClock());
    const approve = () => Promise.reject(new Error('must not be asked'));
    const { report } = await applyOver(org, SET, { settings: refusing, request: { approve } });
    expect(report).toMatchObject({ outcome: 'refused', summary: { notAttempted: 4 } });
    expect(report.queues[0]).toMatchObject({
      outcome: 'not-attempted',
      reason: 'a guard refused the plan',
      steps: [],
      latencyMs: null,
    });
    expect(org.writes).toEqual([]);
  });

  it('is executed where its digest is accepted, and only that digest', async () => {
    const org = new MemoryOrg(SEED, new FakeClock());
    const { plan, report } = await applyOver(org, SET, {
      settings: refusing,
      request: { accept: 'sha256:other' },
    });
    expect(report.outcome).toBe('refused');
    expect(
      (await applyOver(org, SET, { settings: refusing, request: { accept: plan.digest } })).report
        .outcome,
    ).toBe('applied');
  });

  it('because nobody approved it', async () => {
    const org = new MemoryOrg(SEED, new FakeClock());
    const set = policySet(...SET.policies, catalog(['N']));
    const { report } = await applyOver(org, set, {
      request: { approve: () => Promise.resolve(false) },
    });
    expect(report).toMatchObject({
      outcome: 'failed',
      summary: { notAttempted: 4 },
      catalog: [{ name: 'N', outcome: 'not-attempted', reason: 'the plan was not approved' }],
    });
    expect(org.writes).toEqual([]);
  });

  it('asks nobody where nothing would be written', async () => {
    const org = new MemoryOrg(SEED, new FakeClock());
    const set = policySet(policy('pilot', { enforcement: 'report', codes: { codes: ['A'] } }));
    const approve = () => Promise.reject(new Error('must not be asked'));
    expect((await applyOver(org, set, { request: { approve } })).report.outcome).toBe('held');
  });
});

describe('a run that is stopped', () => {
  it('begins no other queue', async () => {
    const controller = new AbortController();
    const started: string[] = [];
    const report = await execute(
      { Failed: () => controller.abort() },
      {},
      {
        settings: settings({ limits: { requestsPerMinute: 300, concurrency: 1 } }),
        request: {
          signal: controller.signal,
          observer: { queueStarted: ({ name }) => started.push(name) },
        },
      },
    );
    expect(outcomes(report)).toEqual([
      'Applied: applied',
      'Failed: applied',
      'Gone: not-attempted',
      'Lost: not-attempted',
    ]);
    expect(report.outcome).toBe('partial');
    expect(started).toEqual(['Applied', 'Failed']);
  });
});

describe('work in parallel', () => {
  it.each([
    [300, 8, 8],
    [20, 8, 5],
    [7, 8, 1],
    [1, 8, 1],
    [0.5, 1, 1],
  ])(
    'leaves room for reads and writes: at %d requests a minute, %d at once is %d queues',
    (requestsPerMinute, concurrency, queues) => {
      expect(queuesAtOnce({ requestsPerMinute, concurrency })).toBe(queues);
    },
  );

  it.each([1, 2, 8])('is on %d queues at a time', async (concurrency) => {
    let working = 0;
    let most = 0;
    const org = new MemoryOrg(
      {
        codes: ['A'],
        queues: Array.from({ length: 20 }, (_, index) => ({ name: `Queue ${index}` })),
      },
      new FakeClock(NOW),
    );
    const observer = {
      queueStarted: () => (most = Math.max(most, ++working)),
      queueFinished: () => (working -= 1),
    };
    await applyOver(org, SET, {
      settings: settings({ limits: { requestsPerMinute: 300, concurrency } }),
      request: { observer },
    });
    expect(most).toBe(concurrency);
    expect(working).toBe(0);
  });
});
