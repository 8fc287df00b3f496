import { describe, expect, it } from 'vitest';
import type { ApplyReport, QueueRow } from '../../src/domain/change.js';
import { AppError } from '../../src/domain/errors.js';
import type { PolicySet } from '../../src/policy/model.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import type { Behaviour, OrgRequest, QueueSeed } from '../support/memory-org.js';
import { applyOver, planOver } from '../support/pass.js';
import { catalog, policy, policySet, requirement, settings } from '../support/policy-set.js';
import type { PolicySpec } from '../support/policy-set.js';

interface Run {
  readonly org: MemoryOrg;
  readonly report: ApplyReport;
  readonly row: QueueRow;
}

const THROUGH_GATEWAY = { settings: settings({ api: 'wrapupcodes-put' }) };

/** Applies policies to one queue, "Billing", behind a gateway. Codes A to D and X exist. */
const run = async (
  spec: PolicySpec | PolicySet,
  live: Omit<QueueSeed, 'name'>,
  behaviour: Partial<Behaviour> = {},
): Promise<Run> => {
  const org = new MemoryOrg(
    {
      api: 'wrapupcodes-put',
      codes: ['A', 'B', 'C', 'D', 'X'],
      queues: [{ name: 'Billing', ...live }],
    },
    new FakeClock(),
    behaviour,
  );
  const set = 'policies' in spec ? spec : policySet(policy('p', spec));
  const { report } = await applyOver(org, set, THROUGH_GATEWAY);
  expect(report.queues).toHaveLength(1);
  return { org, report, row: report.queues[0] as QueueRow };
};

/** What was asked of the queue, once the plan was made. */
const asked = ({ org }: Run): readonly string[] =>
  org.requests
    .filter(({ queue }) => queue !== null)
    .map(({ action }) => action)
    .slice(1);

const on = (
  action: OrgRequest['action'],
  nth: number,
  then: ReturnType<Behaviour['onRequest']> | ((org: MemoryOrg) => void),
): Partial<Behaviour> => ({
  onRequest: (request, org) => {
    if (request.action !== action || request.nth !== nth) return undefined;
    if (typeof then !== 'function') return then;
    then(org);
    return undefined;
  },
});

const A_REQUIRED = { name: 'A', required: true };
/** Adds A, changes B, removes X, and sets a prompt that needs a code. */
const EVERYTHING: PolicySpec = {
  work: 'MANDATORY',
  codes: { codes: [A_REQUIRED, { name: 'B', bypass: { transfer: true } }] },
};
const LIVE = { codes: ['B', 'X'] };
const emptied: PolicySpec = { codes: { codes: [], allowEmpty: true } };

describe('the order', () => {
  it('is: a read, one PUT, a read back, and then after-call work', async () => {
    const done = await run(EVERYTHING, LIVE);
    expect(asked(done)).toEqual([
      'queueCodes',
      'putCodes',
      'queueCodes',
      'queueDocument',
      'updateAfterCallWork',
      'queueDocument',
    ]);
    expect(done.row).toMatchObject({ outcome: 'applied', reason: null });
    expect(done.row.steps).toMatchObject([
      { action: 'put-codes', detail: '+ A, ~ B, - X', result: 'applied' },
      { action: 'set-after-call-work', detail: 'MANDATORY', result: 'applied' },
    ]);
    expect(done.org.queue('Billing')).toMatchObject({
      prompt: 'MANDATORY',
      rows: { A: requirement(true), B: requirement(false, { transfer: true }) },
    });
  });

  it('puts first codes before the prompt needs one', async () => {
    const done = await run({ ...EVERYTHING, codes: { codes: ['A'] } }, { codes: [] });
    expect(asked(done).slice(0, 5)).toEqual([
      'queueCodes',
      'putCodes',
      'queueCodes',
      'queueDocument',
      'updateAfterCallWork',
    ]);
  });

  it('empties the list after the prompt needs no code any more', async () => {
    const done = await run({ ...emptied, work: 'OPTIONAL' }, { prompt: 'MANDATORY', codes: ['X'] });
    expect(done.org.writes.map(({ action }) => action)).toEqual([
      'updateAfterCallWork',
      'putCodes',
    ]);
    expect(done.org.queue('Billing')).toMatchObject({ prompt: 'OPTIONAL', codes: [] });
  });

  it('looks at the prompt before the list is emptied', async () => {
    const done = await run(emptied, { codes: ['X'] });
    expect(asked(done)).toEqual(['queueCodes', 'queueDocument', 'putCodes', 'queueCodes']);
  });

  it('gives a code that the catalog creates its row', async () => {
    const set = policySet(
      policy('p', { codes: { codes: [{ name: 'N', required: true }] } }),
      catalog(['N']),
    );
    const done = await run(set, { codes: [] });
    expect(done.org.queue('Billing').rows).toEqual({ N: requirement(true) });
  });
});

describe('a queue without a code', () => {
  it('is not made where the prompt has become MANDATORY', async () => {
    const done = await run(
      emptied,
      { codes: ['X'] },
      on('queueDocument', 1, (org) =>
        org.edit('Billing', { raw: { acwSettings: { wrapupPrompt: 'MANDATORY' } } }),
      ),
    );
    expect(done.row).toMatchObject({
      outcome: 'held',
      reason:
        'unsafe: MANDATORY needs a code to choose, and the queue would be left without one; left out: remove "X"',
    });
    expect(done.org.writes).toEqual([]);
  });

  it('is not made, even for a moment, where the others have gone meanwhile', async () => {
    // B was to stay, so that the PUT was to come first; without it, after-call work must.
    const done = await run(
      { work: 'OPTIONAL', codes: { unlisted: 'keep', forbidden: ['X'] } },
      { prompt: 'MANDATORY', codes: ['B', 'X'] },
      on('queueCodes', 2, (org) => org.edit('Billing', { remove: ['B'] })),
    );
    expect(done.org.writes.map(({ action }) => action)).toEqual([
      'updateAfterCallWork',
      'putCodes',
    ]);
    expect(done.row.outcome).toBe('applied');
  });
});

describe('what somebody else does', () => {
  const keep: PolicySpec = { codes: { unlisted: 'keep', codes: [A_REQUIRED] } };

  it.each<[string, Parameters<MemoryOrg['edit']>[1]]>([
    ['another row', { add: [{ name: 'B', required: true }] }],
    ['another code', { add: ['D'] }],
    ['a code less', { remove: ['B'] }],
  ])('to managed codes since the plan makes it stale: %s', async (_what, edit) => {
    const done = await run(
      EVERYTHING,
      LIVE,
      on('queueCodes', 2, (org) => org.edit('Billing', edit)),
    );
    expect(done.row).toMatchObject({
      outcome: 'stale',
      steps: [],
      reason: 'its wrap-up codes have changed since the plan was made',
    });
    expect(done.org.writes).toEqual([]);
  });

  it('to codes that nobody manages is kept, rows and all', async () => {
    const done = await run(
      keep,
      { codes: ['B', { name: 'C', bypass: { wrapup: true } }] },
      on('queueCodes', 2, (org) =>
        org.edit('Billing', { add: [{ name: 'D', required: true }], remove: ['B'] }),
      ),
    );
    expect(done.row.outcome).toBe('applied');
    expect(done.org.queue('Billing').rows).toEqual({
      A: requirement(true),
      C: requirement(false, { wrapup: true }),
      D: requirement(true),
    });
    expect(done.report.diagnostics).toEqual([]);
  });

  it('in our place leaves nothing to do', async () => {
    const done = await run(
      { codes: { codes: [A_REQUIRED] } },
      { codes: ['A', 'X'] },
      on('queueCodes', 2, (org) => org.edit('Billing', { add: [A_REQUIRED], remove: ['X'] })),
    );
    expect(done.row).toMatchObject({ outcome: 'in-sync', steps: [] });
    expect(asked(done)).toEqual(['queueCodes']);
  });

  it('to a managed row between PUT and read-back is found', async () => {
    const done = await run(
      keep,
      { codes: ['A', 'B'] },
      on('queueCodes', 3, (org) => org.edit('Billing', { add: ['A'] })),
    );
    expect(done.row).toMatchObject({
      outcome: 'failed',
      reason:
        'reading back does not show the new requirements of its codes; the platform accepted what was written',
    });
  });

  it.each<[string, Parameters<MemoryOrg['edit']>[1]]>([
    ['to another row', { add: [{ name: 'B', required: true }] }],
    ['to another code, which is gone', { remove: ['B'] }],
  ])('%s between PUT and read-back is told', async (_what, edit) => {
    const done = await run(
      keep,
      { codes: ['A', 'B'] },
      on('queueCodes', 3, (org) => org.edit('Billing', edit)),
    );
    expect(done.row.outcome).toBe('applied');
    expect(done.report.diagnostics).toMatchObject([
      {
        code: 'apply.readback-differs',
        queue: 'Billing',
        message: 'After the write these codes of the queue differ from what was sent: "B".',
      },
    ]);
  });

  it('with the fiftieth row leaves no room: held with both numbers', async () => {
    const many = Array.from({ length: 49 }, (_, index) => `M${index}`);
    const done = await run(
      keep,
      { codes: many },
      on('queueCodes', 2, (org) => org.edit('Billing', { add: ['D'] })),
    );
    expect(done.row).toMatchObject({
      outcome: 'held',
      reason:
        'unsafe: the queue would have 51 wrap-up codes, and the API takes at most 50 of them in its one list; left out: add "A"',
    });
    expect(done.org.writes).toEqual([]);
  });
});

describe('a PUT that goes wrong', () => {
  const refusal = (code: 'genesys.rejected' | 'genesys.conflict') => ({
    refuse: new AppError(code, 'Refused.', { correlationId: 'c-4xx' }),
  });

  it.each(['genesys.rejected', 'genesys.conflict'] as const)(
    'by %s is final: nobody looks, nobody asks again, and after-call work waits',
    async (code) => {
      const done = await run(EVERYTHING, LIVE, on('putCodes', 1, refusal(code)));
      expect(asked(done)).toEqual(['queueCodes', 'putCodes']);
      expect(done.row).toMatchObject({
        outcome: 'failed',
        reason: 'Refused.',
        correlationId: 'c-4xx',
        steps: [{ action: 'put-codes', result: 'failed' }],
      });
      expect(done.org.clock.now()).toBe(new FakeClock().now());
    },
  );

  it('without an answer took effect: the queue goes on', async () => {
    const done = await run(EVERYTHING, LIVE, on('putCodes', 1, { lost: 'after' }));
    expect(done.row).toMatchObject({
      outcome: 'applied',
      steps: [{ action: 'put-codes', result: 'applied' }, { action: 'set-after-call-work' }],
    });
    expect(done.org.writes.filter(({ action }) => action === 'putCodes')).toHaveLength(1);
  });

  it('without an answer took effect, and reads lag', async () => {
    const done = await run(EVERYTHING, LIVE, {
      lagMs: 3_000,
      ...on('putCodes', 1, { lost: 'after' }),
    });
    expect(done.row.outcome).toBe('applied');
  });

  it('without an answer took no effect: the queue ends', async () => {
    const done = await run(EVERYTHING, LIVE, on('putCodes', 1, { lost: 'before' }));
    expect(done.row).toMatchObject({
      outcome: 'failed',
      reason: 'No answer came; reading shows that it did not take effect',
      steps: [{ action: 'put-codes', result: 'failed' }],
    });
    expect(done.org.writes).toHaveLength(1);
  });

  it('of rows alone is settled by the rows', async () => {
    const rows: PolicySpec = { codes: { codes: [A_REQUIRED] } };
    const live = { codes: ['A'] };
    const after = await run(rows, live, on('putCodes', 1, { lost: 'after' }));
    expect(after.row.outcome).toBe('applied');
    const before = await run(rows, live, on('putCodes', 1, { lost: 'before' }));
    expect(before.row).toMatchObject({ outcome: 'failed', steps: [{ result: 'failed' }] });
  });

  it('without an answer, where somebody else undid a part: nobody can tell', async () => {
    const done = await run(EVERYTHING, LIVE, {
      onRequest: ({ action, nth }, org) => {
        if (action === 'putCodes') return { lost: 'after' };
        if (action === 'queueCodes' && nth === 3) org.edit('Billing', { add: ['X'] });
        return undefined;
      },
    });
    expect(done.row).toMatchObject({
      outcome: 'failed',
      steps: [{ action: 'put-codes', result: 'unknown' }],
    });
  });

  it('that never shows has failed', async () => {
    const done = await run(EVERYTHING, LIVE, { lagMs: 11_000 });
    expect(done.row).toMatchObject({
      outcome: 'failed',
      reason: 'reading back does not show the added codes; the platform accepted what was written',
    });
    expect(done.org.writes.map(({ action }) => action)).toEqual(['putCodes']);
  });
});

describe('a disabled queue', () => {
  it('is held, in the plan and in the apply, and nothing is asked of it', async () => {
    const done = await run(EVERYTHING, { ...LIVE, enabled: false });
    expect(done.row).toMatchObject({
      outcome: 'held',
      reason: expect.stringMatching(
        /^held by disabled: the queue is disabled; left out: /,
      ) as string,
    });
    expect(asked(done)).toEqual([]);
    const set = policySet(policy('p', EVERYTHING));
    const plan = await planOver(done.org, set, THROUGH_GATEWAY);
    expect(plan.held).toMatchObject([{ name: 'Billing', by: 'disabled', until: null }]);
    expect(plan.queues).toEqual([]);
  });
});
