import { describe, expect, it } from 'vitest';
import type { ApplyReport, QueueRow } from '../../src/domain/change.js';
import { AppError } from '../../src/domain/errors.js';
import type { PolicySet } from '../../src/policy/model.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import type { Behaviour, OrgRequest, QueueSeed, WriteAction } from '../support/memory-org.js';
import { applyOver } from '../support/pass.js';
import { catalog, policy, policySet, settings } from '../support/policy-set.js';
import type { PolicySpec } from '../support/policy-set.js';

interface Run {
  readonly org: MemoryOrg;
  readonly report: ApplyReport;
  readonly row: QueueRow;
}

/** Applies policies to one queue, "Billing". Codes A to D and X exist. */
const run = async (
  spec: PolicySpec | PolicySet,
  live: Omit<QueueSeed, 'name'>,
  behaviour: Partial<Behaviour> = {},
  request: Parameters<typeof applyOver>[2] = {},
): Promise<Run> => {
  const clock = new FakeClock();
  const org = new MemoryOrg(
    { codes: ['A', 'B', 'C', 'D', 'X'], queues: [{ name: 'Billing', ...live }] },
    clock,
    behaviour,
  );
  const set = 'policies' in spec ? spec : policySet(policy('p', spec));
  const { report } = await applyOver(org, set, request);
  expect(report.queues).toHaveLength(1);
  return { org, report, row: report.queues[0] as QueueRow };
};

/** What was asked of the queue, once the plan was made: reads of its codes, of it, and writes. */
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

const REFUSED = {
  refuse: new AppError('genesys.rejected', 'Refused.', { correlationId: 'c-400' }),
};
const FORBIDDEN = {
  refuse: new AppError('genesys.forbidden', 'Not permitted.', { correlationId: 'c-403' }),
};
const UNREADABLE = {
  refuse: new AppError('genesys.unavailable', 'Cannot be read.', { correlationId: 'c-503' }),
};

describe('the order', () => {
  it('is: add, after-call work after a fresh read, remove after another, read back', async () => {
    const done = await run(
      { work: 'MANDATORY', codes: { codes: ['A', 'B'] } },
      { codes: ['B', 'C', 'X'] },
    );
    expect(asked(done)).toEqual([
      'addCodes',
      'queueDocument',
      'updateAfterCallWork',
      'queueDocument',
      'queueCodes',
      'removeCode',
      'removeCode',
      'queueCodes',
    ]);
    expect(done.row).toMatchObject({ outcome: 'applied', reason: null });
    expect(done.row.steps).toEqual([
      { action: 'add-codes', detail: 'A', result: 'applied', correlationId: 'correlation-1' },
      {
        action: 'set-after-call-work',
        detail: 'MANDATORY',
        result: 'applied',
        correlationId: 'correlation-2',
      },
      { action: 'remove-code', detail: 'C', result: 'applied', correlationId: 'correlation-3' },
      { action: 'remove-code', detail: 'X', result: 'applied', correlationId: 'correlation-4' },
    ]);
    expect(done.org.queue('Billing')).toMatchObject({ prompt: 'MANDATORY', codeNames: ['A', 'B'] });
  });

  it('looks at the first code before the prompt needs one', async () => {
    const done = await run({ work: 'MANDATORY', codes: { codes: ['A'] } }, { codes: [] });
    expect(asked(done).slice(0, 4)).toEqual([
      'addCodes',
      'queueCodes',
      'queueDocument',
      'updateAfterCallWork',
    ]);
  });

  it('looks at the prompt before the last code goes', async () => {
    const done = await run({ codes: { codes: [], allowEmpty: true } }, { codes: ['X'] });
    expect(asked(done)).toEqual(['queueCodes', 'queueDocument', 'removeCode', 'queueCodes']);
    expect(done.org.queue('Billing').codes).toEqual([]);
  });

  it('sends a hundred codes a request', async () => {
    const many = Array.from(
      { length: 230 },
      (_, index) => `Code ${String(index).padStart(3, '0')}`,
    );
    const org = new MemoryOrg({ codes: many, queues: [{ name: 'Billing' }] }, new FakeClock());
    await applyOver(org, policySet(policy('p', { codes: { codes: many } })));
    expect(org.writes.map(({ sent }) => sent.length)).toEqual([100, 100, 30]);
  });
});

describe('a PUT', () => {
  it('follows a fresh read, and keeps what somebody changed since the plan', async () => {
    const done = await run(
      { work: 'MANDATORY', codes: { codes: ['A'] } },
      { codes: ['X'] },
      on('addCodes', 1, (org) =>
        org.edit('Billing', { raw: { description: 'Edited', fieldOfTomorrow: 2 } }),
      ),
    );
    expect(done.org.queue('Billing').raw).toMatchObject({
      description: 'Edited',
      fieldOfTomorrow: 2,
    });
    expect(done.report.diagnostics).toEqual([]);
  });

  it('that finds after-call work changed by somebody else is not sent', async () => {
    const done = await run(
      { work: 'MANDATORY', codes: { codes: ['A'] } },
      { codes: ['X'] },
      on('addCodes', 1, (org) =>
        org.edit('Billing', {
          raw: { acwSettings: { wrapupPrompt: 'AGENT_REQUESTED', timeoutMs: 9_000 } },
        }),
      ),
    );
    expect(done.row.outcome).toBe('stale');
    expect(done.row.reason).toBe(
      'after-call work is AGENT_REQUESTED 9s now, and was OPTIONAL when the plan was made; what was written before is there',
    );
    expect(asked(done)).toEqual(['addCodes', 'queueDocument', 'lastChanges']);
    expect(done.report.outcome).toBe('partial');
  });

  it('that finds it as wanted is not sent either', async () => {
    const done = await run(
      { work: 'AGENT_REQUESTED' },
      { prompt: 'OPTIONAL', timeoutMs: 9_000 },
      on('queueDocument', 1, (org) =>
        org.edit('Billing', {
          raw: { acwSettings: { wrapupPrompt: 'AGENT_REQUESTED', timeoutMs: 9_000 } },
        }),
      ),
    );
    expect(done.row).toMatchObject({ outcome: 'in-sync', steps: [], reason: null });
    expect(done.org.writes).toEqual([]);
    expect(done.report.outcome).toBe('nothing');
  });

  it('is not moved by a timer that the platform does not look at', async () => {
    const done = await run(
      { work: 'AGENT_REQUESTED' },
      { prompt: 'OPTIONAL', timeoutMs: 9_000 },
      on('queueDocument', 1, (org) =>
        org.edit('Billing', {
          raw: { acwSettings: { wrapupPrompt: 'OPTIONAL', timeoutMs: 8_000 } },
        }),
      ),
    );
    expect(done.row.outcome).toBe('applied');
    expect(done.org.queue('Billing')).toMatchObject({
      prompt: 'AGENT_REQUESTED',
      timeoutMs: 9_000,
    });
  });

  it('is held where a number would be lost by now', async () => {
    const done = await run(
      { work: 'OPTIONAL' },
      { prompt: 'MANDATORY' },
      on('queueDocument', 1, (org) =>
        org.edit('Billing', { raw: { unsafeNumber: '/outboundId' } }),
      ),
    );
    expect(done.row).toMatchObject({
      outcome: 'held',
      reason:
        'unsafe: the field /outboundId holds a number that would not survive being written back; left out: after-call work MANDATORY → OPTIONAL',
    });
    expect(done.org.writes).toEqual([]);
    expect(done.report.outcome).toBe('held');
  });

  it('is not sent to a queue that is gone', async () => {
    const done = await run(
      { work: 'OPTIONAL' },
      { prompt: 'MANDATORY' },
      on('queueDocument', 1, (org) => org.deleteQueue('Billing')),
    );
    expect(done.row).toMatchObject({ outcome: 'stale', reason: 'the queue no longer exists' });
    expect(done.report.outcome).toBe('stale');
  });

  it('is read back in all fields, and one that differs is told', async () => {
    const done = await run(
      { work: 'OPTIONAL' },
      { prompt: 'MANDATORY' },
      on('queueDocument', 2, (org) => org.edit('Billing', { raw: { description: 'Edited' } })),
    );
    expect(done.row.outcome).toBe('applied');
    expect(done.report.diagnostics).toMatchObject([
      { code: 'apply.readback-differs', severity: 'warning', queue: 'Billing' },
    ]);
    expect(done.report.diagnostics[0]?.message).toContain('description');
  });

  it('that cannot be seen for so long as reads may lag has failed', async () => {
    const done = await run({ work: 'OPTIONAL' }, { prompt: 'MANDATORY' }, { lagMs: 11_000 });
    expect(done.row).toMatchObject({
      outcome: 'failed',
      reason:
        'reading back does not show the new after-call work; the platform accepted what was written',
    });
    expect(done.report.outcome).toBe('partial');
  });
});

describe('a removal', () => {
  const prune: PolicySpec = { codes: { codes: ['A', 'B'] } };

  it('starts only after the adds can be seen', async () => {
    const done = await run(prune, { codes: ['B', 'X'] }, { lagMs: 3_000 });
    const [add, remove] = done.org.writes;
    expect([add?.action, remove?.action]).toEqual(['addCodes', 'removeCode']);
    expect((remove?.at ?? 0) - (add?.at ?? 0)).toBeGreaterThanOrEqual(3_000);
    expect(done.row.outcome).toBe('applied');
  });

  it('starts only after a code can be seen that the catalog has just created', async () => {
    const set = policySet(
      policy('p', { codes: { codes: ['N'], forbidden: ['X'], unlisted: 'keep' } }),
      catalog(['N']),
    );
    const done = await run(set, { codes: ['B', 'X'] }, { lagMs: 3_000 });
    const [, add, remove] = done.org.writes;
    expect([add?.action, remove?.action]).toEqual(['addCodes', 'removeCode']);
    expect((remove?.at ?? 0) - (add?.at ?? 0)).toBeGreaterThanOrEqual(3_000);
  });

  it('does not start where the adds do not come to sight', async () => {
    const done = await run(prune, { codes: ['B', 'X'] }, { lagMs: 11_000 });
    expect(done.org.writes.map(({ action }) => action)).toEqual(['addCodes']);
    expect(done.row).toMatchObject({
      outcome: 'failed',
      reason: 'reading back does not show the added codes; the platform accepted what was written',
    });
  });

  it.each<[string, Parameters<MemoryOrg['edit']>[1]]>([
    ['added', { add: ['D'] }],
    ['removed', { remove: ['B'] }],
  ])('does not start where somebody else has %s a code', async (_what, edit) => {
    const done = await run(
      { codes: { codes: ['B'] } },
      { codes: ['B', 'C', 'X'] },
      on('queueCodes', 2, (org) => org.edit('Billing', edit)),
    );
    expect(done.org.writes).toEqual([]);
    expect(done.row).toMatchObject({
      outcome: 'stale',
      steps: [],
      reason: 'somebody else changed its wrap-up codes since the plan was made',
    });
    expect(done.org.clock.now()).toBe(new FakeClock().now()); // and it did not wait for what cannot come
  });

  it('is not sent where somebody else was faster', async () => {
    const done = await run(
      { codes: { codes: ['B'] } },
      { codes: ['B', 'X'] },
      on('queueCodes', 2, (org) => org.edit('Billing', { remove: ['X'] })),
    );
    expect(done.row).toMatchObject({ outcome: 'in-sync', steps: [] });
    expect(done.org.writes).toEqual([]);
  });

  it('does not mind codes that nobody manages', async () => {
    const keep: PolicySpec = { codes: { codes: ['A'], forbidden: ['X'], unlisted: 'keep' } };
    const done = await run(
      keep,
      { codes: ['B', 'X'] },
      on('addCodes', 1, (org) => org.edit('Billing', { add: ['D'], remove: ['B'] })),
    );
    expect(done.row.outcome).toBe('applied');
    expect(done.org.queue('Billing').codeNames).toEqual(['A', 'D']);
  });

  it('is not sent for a code that a look after another removal no longer shows', async () => {
    const done = await run(
      { codes: { codes: ['A'] } },
      { codes: ['A', 'B', 'C'] },
      {
        onRequest: ({ action, nth }, org) => {
          if (action === 'queueCodes' && nth === 3) org.edit('Billing', { remove: ['C'] });
          return action === 'removeCode' && nth === 1 ? { lost: 'after' } : undefined;
        },
      },
    );
    expect(done.org.writes.map(({ action }) => action)).toEqual(['removeCode']);
    expect(done.row.outcome).toBe('applied');
    expect(done.org.queue('Billing').codeNames).toEqual(['A']);
  });

  it('of the last code is held where the prompt is MANDATORY by now', async () => {
    const done = await run(
      { codes: { codes: [], allowEmpty: true } },
      { codes: ['X'] },
      on('queueDocument', 1, (org) =>
        org.edit('Billing', { raw: { acwSettings: { wrapupPrompt: 'MANDATORY' } } }),
      ),
    );
    expect(done.org.writes).toEqual([]);
    expect(done.row).toMatchObject({
      outcome: 'held',
      reason:
        'unsafe: MANDATORY needs a code to choose, and the queue would be left without one; left out: remove "X"',
    });
  });

  it('of what has become the last code of a MANDATORY queue is held', async () => {
    const done = await run(
      { codes: { forbidden: ['X'], unlisted: 'keep' } },
      { prompt: 'MANDATORY', codes: ['B', 'X'] },
      on('queueCodes', 2, (org) => org.edit('Billing', { remove: ['B'] })),
    );
    expect(done.org.writes).toEqual([]);
    expect(done.row.outcome).toBe('held');
  });

  it('of a last code that is gone already needs no look at the prompt', async () => {
    const done = await run(
      { codes: { codes: [], allowEmpty: true } },
      { codes: ['X'] },
      on('queueCodes', 2, (org) =>
        org.edit('Billing', { remove: ['X'], raw: { acwSettings: { wrapupPrompt: 'MANDATORY' } } }),
      ),
    );
    expect(done.row.outcome).toBe('in-sync');
  });
});

describe('a section that was read more than a minute ago', () => {
  /** The first read of the queue's codes takes so long. */
  const slow = (ms: number, edit?: Parameters<MemoryOrg['edit']>[1]): Partial<Behaviour> => ({
    onRequest: (request, org) => {
      if (request.action === 'queueCodes' && request.nth === 1) {
        queueMicrotask(() => {
          (org.clock as FakeClock).advance(ms);
          if (edit !== undefined) org.edit('Billing', edit);
        });
      }
      return undefined;
    },
  });

  it('is read again before its first write', async () => {
    const done = await run({ codes: { codes: ['A', 'X'] } }, { codes: ['X'] }, slow(60_001));
    expect(asked(done)).toEqual(['queueCodes', 'addCodes', 'queueCodes']);
    expect(
      asked(await run({ codes: { codes: ['A', 'X'] } }, { codes: ['X'] }, slow(60_000))),
    ).toEqual(['addCodes', 'queueCodes']);
  });

  it('is stale where it has changed', async () => {
    const done = await run(
      { codes: { codes: ['A', 'X'] } },
      { codes: ['X'] },
      slow(60_001, { add: ['D'] }),
    );
    expect(done.row).toMatchObject({
      outcome: 'stale',
      reason: 'its wrap-up codes have changed since the plan was made',
    });
    expect(done.org.writes).toEqual([]);
  });

  it('is in sync where somebody else did it', async () => {
    const done = await run(
      { codes: { codes: ['A', 'X'] } },
      { codes: ['X'] },
      slow(60_001, { add: ['A'] }),
    );
    expect(done.row.outcome).toBe('in-sync');
  });

  it('is read again before a prompt needs a code', async () => {
    const done = await run(
      { work: 'MANDATORY' },
      { codes: ['X'] },
      slow(60_001, { remove: ['X'] }),
    );
    expect(done.row).toMatchObject({
      outcome: 'held',
      reason:
        'unsafe: MANDATORY needs a code to choose, and the queue has none; left out: after-call work OPTIONAL → MANDATORY',
    });
    expect(done.org.writes).toEqual([]);
  });
});

describe('a write that waits for its turn', () => {
  /** The first so many turns of a kind of write come so late. */
  const late = (action: WriteAction, ms: number, times = 1): Partial<Behaviour> => {
    let left = times;
    return { turnMs: (each) => (each === action && left-- > 0 ? ms : 0) };
  };

  it.each<[WriteAction, PolicySpec, readonly string[]]>([
    ['addCodes', { codes: { codes: ['A', 'X'] } }, ['queueCodes', 'addCodes', 'queueCodes']],
    [
      'updateAfterCallWork',
      { work: ['AGENT_REQUESTED', 30_000], codes: { codes: ['X'] } },
      ['queueDocument', 'queueDocument', 'updateAfterCallWork', 'queueDocument'],
    ],
    [
      'removeCode',
      { codes: { codes: [], allowEmpty: true }, work: 'OPTIONAL' },
      ['queueCodes', 'queueDocument', 'queueCodes', 'queueDocument', 'removeCode', 'queueCodes'],
    ],
  ])('rests on a new read after a minute: %s', async (action, spec, requests) => {
    const live = { codes: ['X'], prompt: 'OPTIONAL' };
    const done = await run(spec, live, late(action, 60_001));
    expect(asked(done)).toEqual(requests);
    expect(done.row.outcome).toBe('applied');
    expect(done.row.steps).toHaveLength(1);
    const inTime = await run(spec, live, late(action, 60_000));
    expect(asked(inTime)).toHaveLength(requests.length - (action === 'removeCode' ? 2 : 1));
  });

  it('is stale where others were faster meanwhile', async () => {
    const behaviour = late('updateAfterCallWork', 60_001);
    const done = await run(
      { work: 'MANDATORY' },
      { codes: ['X'] },
      {
        ...behaviour,
        ...on('queueDocument', 2, (org) =>
          org.edit('Billing', { raw: { acwSettings: { wrapupPrompt: 'AGENT_REQUESTED' } } }),
        ),
      },
    );
    expect(done.row.outcome).toBe('stale');
    expect(done.org.writes).toEqual([]);
  });

  it('fails where its turn never comes within a minute, and says so', async () => {
    const done = await run(
      { work: 'MANDATORY' },
      { codes: ['X'] },
      late('updateAfterCallWork', 60_001, Infinity),
    );
    expect(done.row).toMatchObject({
      outcome: 'failed',
      steps: [],
      reason:
        'A write waited for its turn until what it rests on was read more than 60 s ago; it was not sent.',
    });
    expect(asked(done).filter((action) => action === 'queueDocument')).toHaveLength(5);
    expect(done.org.writes).toEqual([]);
  });

  it('is held where the window closes meanwhile, and only before the first', async () => {
    // NOW is 09:00 of that day.
    const settled = settings({
      changeWindows: [
        {
          kind: 'allow',
          schedule: '0 8 * * *',
          durationMs: 3_630_000,
          timeZone: 'UTC',
          queues: [],
        },
      ],
    });
    const spec: PolicySpec = { codes: { codes: ['A', 'X'] }, work: 'MANDATORY' };
    const first = await run(spec, { codes: ['X'] }, late('addCodes', 40_000), {
      settings: settled,
    });
    expect(first.row.outcome).toBe('held');
    expect(first.row.reason).toMatch(
      /^held by window until .*: no change window is open; left out: /,
    );
    expect(first.org.writes).toEqual([]);
    const second = await run(spec, { codes: ['X'] }, late('updateAfterCallWork', 40_000), {
      settings: settled,
    });
    expect(second.row.outcome).toBe('applied');
  });

  it('rests on a new look at what goes on in the queue', async () => {
    const settled = settings({ activity: { maxInteracting: 0, onBusy: 'hold' } });
    const spec: PolicySpec = { codes: { codes: ['A', 'X'] } };
    const done = await run(spec, { codes: ['X'] }, late('addCodes', 60_001), { settings: settled });
    expect(asked(done)).toEqual([
      'interacting',
      'interacting',
      'interacting',
      'queueCodes',
      'addCodes',
      'queueCodes',
    ]);
    const busy = await run(
      spec,
      { codes: ['X'] },
      {
        ...late('addCodes', 60_001),
        onRequest: ({ action, nth }, org) => {
          if (action === 'interacting' && nth === 3) org.setInteracting('Billing', 1);
          return undefined;
        },
      },
      { settings: settled },
    );
    expect(busy.row).toMatchObject({ outcome: 'held', steps: [] });
    expect(busy.org.writes).toEqual([]);
  });
});

describe('a write that goes wrong ends the queue', () => {
  const everything: PolicySpec = { work: 'MANDATORY', codes: { codes: ['A', 'B'] } };
  const live = { codes: ['B', 'C', 'X'] };

  it.each<[string, Partial<Behaviour>, string, readonly string[], RegExp]>([
    [
      'adding is refused',
      on('addCodes', 1, REFUSED),
      'failed',
      ['add-codes failed'],
      /^Refused\.$/,
    ],
    [
      'the PUT is refused',
      on('updateAfterCallWork', 1, REFUSED),
      'failed',
      ['add-codes applied', 'set-after-call-work failed'],
      /^Refused\.; what was written before is there$/,
    ],
    [
      'the second removal is not permitted',
      on('removeCode', 2, FORBIDDEN),
      'failed',
      [
        'add-codes applied',
        'set-after-call-work applied',
        'remove-code applied',
        'remove-code failed',
      ],
      /^Not permitted\./,
    ],
    [
      'adding is lost before its effect',
      on('addCodes', 1, { lost: 'before' }),
      'failed',
      ['add-codes failed'],
      /did not take effect$/,
    ],
    [
      'the PUT is lost before its effect',
      on('updateAfterCallWork', 1, { lost: 'before' }),
      'failed',
      ['add-codes applied', 'set-after-call-work failed'],
      /did not take effect; what was written before is there$/,
    ],
    [
      'a removal is lost before its effect',
      on('removeCode', 1, { lost: 'before' }),
      'failed',
      ['add-codes applied', 'set-after-call-work applied', 'remove-code failed'],
      /did not take effect/,
    ],
    [
      'the fresh read fails',
      on('queueDocument', 1, UNREADABLE),
      'failed',
      ['add-codes applied'],
      /^Cannot be read\./,
    ],
    [
      'the read before the removals fails',
      on('queueCodes', 2, UNREADABLE),
      'failed',
      ['add-codes applied', 'set-after-call-work applied'],
      /^Cannot be read\./,
    ],
    [
      'the last read fails',
      on('queueCodes', 3, UNREADABLE),
      'failed',
      [
        'add-codes applied',
        'set-after-call-work applied',
        'remove-code applied',
        'remove-code applied',
      ],
      /^Cannot be read\./,
    ],
    [
      'the queue is deleted halfway',
      on('queueCodes', 2, (org) => org.deleteQueue('Billing')),
      'stale',
      ['add-codes applied', 'set-after-call-work applied'],
      /^The queue does not exist\./,
    ],
    [
      'the adapter has a bug',
      on('updateAfterCallWork', 1, { bug: new TypeError('x is undefined') }),
      'failed',
      ['add-codes applied', 'set-after-call-work unknown'],
      /^a bug: x is undefined;/,
    ],
  ])('%s', async (_what, behaviour, outcome, steps, reason) => {
    const done = await run(everything, live, behaviour);
    expect(done.row.outcome).toBe(outcome);
    expect(done.row.steps.map(({ action, result }) => `${action} ${result}`)).toEqual(steps);
    expect(done.row.reason).toMatch(reason);
    const wrote = steps.some((step) => !step.endsWith('failed'));
    expect(done.report.outcome).toBe(wrote ? 'partial' : 'failed');
  });

  it.each(['addCodes', 'updateAfterCallWork', 'removeCode'] as const)(
    'but not where %s took effect and its answer was lost',
    async (action) => {
      const done = await run(everything, live, on(action, 1, { lost: 'after' }));
      expect(done.row).toMatchObject({ outcome: 'applied', reason: null });
      expect(done.row.steps.map(({ result }) => result)).toEqual([
        'applied',
        'applied',
        'applied',
        'applied',
      ]);
      expect(done.org.writes.filter((write) => write.action === action)).toHaveLength(
        action === 'removeCode' ? 2 : 1,
      );
    },
  );

  it.each(['addCodes', 'updateAfterCallWork', 'removeCode'] as const)(
    'nor where the answer to %s was lost and reads lag',
    async (action) => {
      const done = await run(everything, live, {
        ...on(action, 1, { lost: 'after' }),
        lagMs: 2_000,
      });
      expect(done.row.outcome).toBe('applied');
    },
  );

  it('nor where a code to be removed is gone, whatever the platform says to that', async () => {
    for (const removalOfAbsent of ['accept', 'refuse'] as const) {
      const done = await run(everything, live, {
        ...on('removeCode', 1, (org) => org.edit('Billing', { remove: ['C'] })),
        removalOfAbsent,
      });
      expect(done.row.outcome).toBe('applied');
    }
  });

  it('nor where a code to be added is there, whatever the platform says to that', async () => {
    for (const addOfPresent of ['accept', 'refuse'] as const) {
      const done = await run(everything, live, {
        ...on('addCodes', 1, (org) => org.edit('Billing', { add: ['A'] })),
        addOfPresent,
      });
      expect(done.row.outcome).toBe('applied');
    }
  });

  it('and a bug is told as one', async () => {
    const done = await run(
      everything,
      live,
      on('addCodes', 1, { bug: new TypeError('x is undefined') }),
    );
    expect(done.report.diagnostics).toMatchObject([
      {
        code: 'cli.internal',
        severity: 'error',
        queue: 'Billing',
        message: '"Billing": x is undefined',
      },
    ]);
  });

  it('and the state that nobody could read counts as written', async () => {
    const done = await run(
      { codes: { codes: ['A', 'B'], unlisted: 'keep' } },
      { codes: ['B'] },
      {
        onRequest: ({ action, nth }) =>
          action === 'addCodes'
            ? { lost: 'after' }
            : action === 'queueCodes' && nth > 1
              ? UNREADABLE
              : undefined,
      },
    );
    expect(done.row.outcome).toBe('failed');
    expect(done.row.steps.map(({ result }) => result)).toEqual(['unknown']);
    expect(done.row.reason).toBe('No answer came; whether it took effect could not be read');
    expect(done.row.correlationId).toBe('correlation-lost');
    expect(done.report.outcome).toBe('partial');
  });
});

describe('a run that is stopped', () => {
  it('finishes the step and writes nothing more', async () => {
    const controller = new AbortController();
    const done = await run(
      { work: 'MANDATORY', codes: { codes: ['A', 'B'] } },
      { codes: ['B', 'X'] },
      on('addCodes', 1, () => controller.abort()),
      { request: { signal: controller.signal } },
    );
    expect(done.org.writes.map(({ action }) => action)).toEqual(['addCodes']);
    expect(done.row).toMatchObject({
      outcome: 'failed',
      reason: 'the run was stopped; what was written before is there',
    });
  });

  it('has not attempted a queue whose reads it stopped', async () => {
    const stopped = {
      refuse: new AppError('cli.interrupted', 'Stopped before the request was sent.'),
    };
    const done = await run(
      { codes: { codes: ['B'] } },
      { codes: ['B', 'X'] },
      on('queueCodes', 2, stopped),
    );
    expect(done.row).toMatchObject({
      outcome: 'not-attempted',
      reason: 'the run was stopped',
      latencyMs: null,
    });
  });
});

describe('the row', () => {
  it('says how long it took, and the correlation id of its last write', async () => {
    const done = await run({ codes: { codes: ['A', 'B'] } }, { codes: ['B', 'X'] }, { lagMs: 500 });
    expect(done.row.correlationId).toBe('correlation-2');
    expect(done.row.latencyMs).toBeGreaterThanOrEqual(1_000);
  });

  it('has the correlation id of what went wrong', async () => {
    const done = await run(
      { codes: { codes: ['A', 'B'] } },
      { codes: ['B', 'X'] },
      on('removeCode', 1, REFUSED),
    );
    expect(done.row.correlationId).toBe('c-400');
  });

  it('has none where what went wrong has none: that of an earlier write would mislead', async () => {
    const done = await run(
      { codes: { codes: ['A', 'B'] } },
      { codes: ['B', 'X'] },
      on('removeCode', 1, { refuse: new AppError('genesys.unreachable', 'No connection.') }),
    );
    expect(done.row.steps.map(({ correlationId }) => correlationId)).toEqual([
      'correlation-1',
      null,
    ]);
    expect(done.row).toMatchObject({ outcome: 'failed', correlationId: null });
  });
});
