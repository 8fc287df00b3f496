/** Another update in progress (409): over one queue, and over the catalog. */
import { describe, expect, it } from 'vitest';
import type { ApplyReport, QueueRow } from '../../src/domain/change.js';
import { AppError } from '../../src/domain/errors.js';
import type { PolicySet } from '../../src/policy/model.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import type { OrgRequest, QueueSeed } from '../support/memory-org.js';
import { applyOver } from '../support/pass.js';
import { catalog, policy, policySet } from '../support/policy-set.js';

const CONFLICT = {
  refuse: new AppError('genesys.conflict', 'Another update.', { correlationId: 'c-409' }),
};

interface Done {
  readonly org: MemoryOrg;
  readonly report: ApplyReport;
  readonly row: QueueRow | undefined;
  readonly tookMs: number;
}

/** Refuses the first `times` calls of an action; `during` happens before the first refusal is answered. */
const run = async (
  set: PolicySet,
  live: Omit<QueueSeed, 'name'>,
  action: OrgRequest['action'],
  times: number,
  during: (org: MemoryOrg) => void = () => undefined,
  controller = new AbortController(),
): Promise<Done> => {
  let refusals = 0;
  const clock = new FakeClock();
  const org = new MemoryOrg(
    { codes: ['A', 'B', 'C', 'X'], queues: [{ name: 'Billing', ...live }] },
    clock,
    {
      onRequest: (request, at) => {
        if (request.action !== action || refusals >= times) return undefined;
        refusals += 1;
        if (refusals === 1) during(at);
        return CONFLICT;
      },
    },
  );
  const { report } = await applyOver(org, set, { request: { signal: controller.signal } });
  return { org, report, row: report.queues[0], tookMs: clock.now() - NOW };
};

const WORK = policySet(policy('p', { work: 'MANDATORY' }));
const EASY = policySet(policy('p', { work: 'OPTIONAL' }));
const CODES = policySet(policy('p', { codes: { codes: ['A', 'B'] } }));

const sent = ({ org }: Done): readonly string[] =>
  org.requests
    .slice(org.requests.findIndex(({ action }) => WRITES.has(action)))
    .map(({ action }) => action);

/** Writes that took effect. */
const took = ({ org }: Done) => org.writes.filter(({ effect }) => effect);

const WRITES: ReadonlySet<string> = new Set([
  'addCodes',
  'removeCode',
  'updateAfterCallWork',
  'createCode',
]);

describe('a PUT that meets another update', () => {
  it('is sent again after a fresh read, and is one step', async () => {
    const done = await run(EASY, { prompt: 'MANDATORY' }, 'updateAfterCallWork', 2);
    expect(done.row).toMatchObject({ outcome: 'applied', reason: null });
    expect(done.row?.steps).toHaveLength(1);
    expect(sent(done)).toEqual([
      'updateAfterCallWork',
      'queueDocument',
      'queueDocument',
      'updateAfterCallWork',
      'queueDocument',
      'queueDocument',
      'updateAfterCallWork',
      'queueDocument',
    ]);
  });

  it('sends what the other update has left', async () => {
    const done = await run(WORK, { codes: ['A'] }, 'updateAfterCallWork', 1, (org) =>
      org.edit('Billing', { raw: { description: 'Edited' } }),
    );
    expect(done.row?.outcome).toBe('applied');
    expect(done.org.queue('Billing').raw).toMatchObject({ description: 'Edited' });
    expect(done.report.diagnostics).toEqual([]);
  });

  it('is not sent again where the other update was the same', async () => {
    const done = await run(WORK, { codes: ['A'] }, 'updateAfterCallWork', 9, (org) =>
      org.edit('Billing', { raw: { acwSettings: { wrapupPrompt: 'MANDATORY' } } }),
    );
    expect(done.row).toMatchObject({ outcome: 'in-sync', steps: [] });
    expect(done.tookMs).toBe(0);
  });

  it('is not sent again where the other update was another', async () => {
    const done = await run(WORK, { codes: ['A'] }, 'updateAfterCallWork', 9, (org) =>
      org.edit('Billing', {
        raw: { acwSettings: { wrapupPrompt: 'AGENT_REQUESTED', timeoutMs: 9_000 } },
      }),
    );
    expect(done.row?.outcome).toBe('stale');
    expect(took(done)).toEqual([]);
  });

  it('is not sent again where the other update took the last code', async () => {
    const done = await run(WORK, { codes: ['A'] }, 'updateAfterCallWork', 5, (org) =>
      org.edit('Billing', { remove: ['A'] }),
    );
    expect(done.row?.outcome).toBe('held');
    expect(done.org.queue('Billing').prompt).toBe('OPTIONAL');
  });

  it('is no step where the look after it fails', async () => {
    const unreadable = new AppError('genesys.unavailable', 'Down.', { correlationId: 'c-503' });
    const org = new MemoryOrg(
      { queues: [{ name: 'Billing', prompt: 'MANDATORY' }] },
      new FakeClock(),
      {
        onRequest: ({ action, nth }) =>
          action === 'updateAfterCallWork'
            ? CONFLICT
            : action === 'queueDocument' && nth > 1
              ? { refuse: unreadable }
              : undefined,
      },
    );
    const { report } = await applyOver(org, EASY);
    expect(report.queues).toMatchObject([
      { outcome: 'failed', steps: [], reason: 'Down.', correlationId: 'c-503' },
    ]);
  });

  it('is given up after half a minute', async () => {
    const done = await run(WORK, { codes: ['A'] }, 'updateAfterCallWork', Infinity);
    expect(done.row).toMatchObject({
      outcome: 'failed',
      reason: 'Another update.',
      correlationId: 'c-409',
    });
    expect(done.row?.steps).toMatchObject([{ result: 'failed' }]);
    expect(done.tookMs).toBeGreaterThan(20_000);
    expect(done.tookMs).toBeLessThanOrEqual(30_000);
    expect(done.report.outcome).toBe('failed');
  });

  it('is not waited for once the run is stopped', async () => {
    const controller = new AbortController();
    const stop = (): void => controller.abort('SIGINT');
    const done = await run(
      WORK,
      { codes: ['A'] },
      'updateAfterCallWork',
      Infinity,
      stop,
      controller,
    );
    expect(done.row).toMatchObject({ outcome: 'not-attempted', steps: [] });
  });
});

describe('codes that meet another update', () => {
  it('are added without those that it has added', async () => {
    const done = await run(CODES, { codes: [] }, 'addCodes', 1, (org) =>
      org.edit('Billing', { add: ['A'] }),
    );
    expect(done.row?.outcome).toBe('applied');
    expect(took(done).map(({ sent: ids }) => ids)).toEqual([[done.org.codeId('B')]]);
  });

  it('are not added where it has done something else', async () => {
    const done = await run(CODES, { codes: [] }, 'addCodes', 1, (org) =>
      org.edit('Billing', { add: ['C'] }),
    );
    expect(done.row?.outcome).toBe('stale');
    expect(took(done)).toEqual([]);
  });

  it('are removed once it is over', async () => {
    const done = await run(CODES, { codes: ['A', 'B', 'X'] }, 'removeCode', 3);
    expect(done.row).toMatchObject({ outcome: 'applied' });
    expect(done.org.queue('Billing').codeNames).toEqual(['A', 'B']);
  });

  it('stay where it made the queue MANDATORY and they are the last', async () => {
    const set = policySet(policy('p', { codes: { codes: [], allowEmpty: true } }));
    const done = await run(set, { codes: ['X'] }, 'removeCode', 1, (org) =>
      org.edit('Billing', { raw: { acwSettings: { wrapupPrompt: 'MANDATORY' } } }),
    );
    expect(done.row?.outcome).toBe('held');
    expect(done.org.queue('Billing').codeNames).toEqual(['X']);
  });
});

describe('the catalog', () => {
  it('creates a code once the other update is over', async () => {
    const set = policySet(policy('p', { codes: { codes: ['N'] } }), catalog(['N']));
    const done = await run(set, { codes: [] }, 'createCode', 2);
    expect(done.report.catalog).toMatchObject([{ name: 'N', outcome: 'applied' }]);
    expect(done.org.queue('Billing').codeNames).toEqual(['N']);
  });

  it('takes a code that the other update has created', async () => {
    const set = policySet(policy('p', { codes: { codes: ['N'] } }), catalog(['N']));
    const done = await run(set, { codes: [] }, 'createCode', 9, (org) => org.addCode('N'));
    expect(done.report.catalog).toMatchObject([{ name: 'N', outcome: 'in-sync' }]);
    expect(done.org.queue('Billing').codeNames).toEqual(['N']);
  });
});
