import { describe, expect, it } from 'vitest';
import type { ChangePeriod, LastChange } from '../../src/apply/ports.js';
import { withWhoChanged } from '../../src/apply/who-changed.js';
import type { QueueRow } from '../../src/domain/change.js';
import { queueId } from '../../src/domain/ids.js';
import type { QueueId } from '../../src/domain/ids.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import { applyOver } from '../support/pass.js';
import { policy, policySet } from '../support/policy-set.js';

const row = (rest: Partial<QueueRow> = {}): QueueRow => ({
  id: queueId('billing'),
  name: 'Billing',
  outcome: 'stale',
  steps: [],
  reason: 'after-call work is MANDATORY now',
  latencyMs: 0,
  correlationId: null,
  ...rest,
});
const many = (count: number): readonly QueueRow[] =>
  Array.from({ length: count }, (_, at) => row({ id: queueId(`queue ${at}`) }));
const step = (result: QueueRow['steps'][number]['result']) => ({
  action: 'add-codes' as const,
  detail: 'A',
  result,
  correlationId: null,
});

const change = (
  by: 'exact' | 'window',
  author: Partial<Extract<LastChange, { by: 'exact' | 'window' }>['author']> = {},
  at = NOW - 5_000,
): LastChange => ({
  by,
  author: { kind: 'user', id: 'u-1', name: 'Ada Admin', isOurs: false, ...author },
  at,
  action: 'Update',
});

const ask = async (rows: readonly QueueRow[], answer: LastChange, { isStopped = false } = {}) => {
  const periods: ChangePeriod[] = [];
  const queues: (readonly QueueId[])[] = [];
  const { rows: told, diagnostics } = await withWhoChanged(rows, {
    reader: {
      lastChanges: (asked, period) => {
        periods.push(period);
        queues.push(asked);
        return Promise.resolve(new Map(asked.map((queue) => [queue, answer])));
      },
    },
    clock: new FakeClock(),
    signal: isStopped ? AbortSignal.abort() : new AbortController().signal,
    plannedAt: NOW - 10_000,
  });
  return { reasons: told.map(({ reason }) => reason), periods, queues, diagnostics };
};

describe('a stale row', () => {
  it.each<[LastChange, string]>([
    [change('exact'), 'changed by Ada Admin at 2026-11-23T08:59:55Z'],
    [change('window'), 'last changed by Ada Admin at 2026-11-23T08:59:55Z, and perhaps by others'],
    [change('exact', { name: null }), 'changed by the user u-1 at 2026-11-23T08:59:55Z'],
    [
      change('exact', { kind: 'client', id: 'c-1', name: null }),
      'changed by the OAuth client c-1 at 2026-11-23T08:59:55Z',
    ],
    [
      change('exact', { kind: 'client', id: 'c-0', name: null, isOurs: true }),
      'changed by another run of this OAuth client (c-0) at 2026-11-23T08:59:55Z',
    ],
  ])('tells who it was (%#)', async (answer, text) => {
    const { reasons } = await ask([row()], answer);
    expect(reasons).toEqual([`after-call work is MANDATORY now; ${text}`]);
  });

  it.each([
    ['of this run', row({ steps: [step('applied')] }), NOW],
    ['of this run whose answer was lost', row({ steps: [step('unknown')] }), NOW],
    ['before the plan', row(), NOW - 10_001],
  ])('blames no write of ours %s', async (_what, found, at) => {
    const { reasons } = await ask([found], change('exact', { isOurs: true }, at));
    expect(reasons).toEqual([found.reason]);
  });

  it.each([
    [null, []],
    [
      'the OAuth client lacks the permission audits:audit:view',
      [
        'Who changed the stale queues could not be found out for all of them: the OAuth client lacks the permission audits:audit:view.',
      ],
    ],
  ])('is as it was where nobody knows, and it is told once why (%s)', async (why, messages) => {
    const { reasons, diagnostics } = await ask(many(2), { by: 'unknown', why });
    expect(reasons).toEqual([row().reason, row().reason]);
    expect(diagnostics.map(({ message }) => message)).toEqual(messages);
  });

  it('asks about the time since the plan was made, and a little before', async () => {
    const { periods } = await ask([row()], change('exact'));
    expect(periods).toMatchObject([{ since: NOW - 70_000, until: NOW, withinMs: 5_000 }]);
  });

  it('is asked about together with all others, in one question', async () => {
    const { reasons, queues } = await ask(
      [row({ outcome: 'applied', id: queueId('another') }), ...many(40)],
      change('exact'),
    );
    expect(queues).toEqual([many(40).map(({ id }) => id)]);
    expect(reasons.filter((reason) => reason?.includes('Ada Admin'))).toHaveLength(40);
  });
});

it('other rows are left alone, and so are all where the run was stopped', async () => {
  const others = (['applied', 'in-sync', 'failed', 'held', 'not-attempted'] as const).map(
    (outcome) => row({ outcome }),
  );
  expect((await ask(others, change('exact'))).periods).toEqual([]);
  expect((await ask([row()], change('exact'), { isStopped: true })).periods).toEqual([]);
});

it('stands in the report of an apply', async () => {
  const org = new MemoryOrg({ queues: [{ name: 'Billing', codes: ['A'] }] }, new FakeClock(), {
    lastChange: () => change('exact'),
  });
  const { report } = await applyOver(org, policySet(policy('p', { work: 'MANDATORY' })), {
    request: {
      approve: () => {
        org.edit('Billing', {
          raw: { acwSettings: { wrapupPrompt: 'AGENT_REQUESTED', timeoutMs: 9_000 } },
        });
        return Promise.resolve(true);
      },
    },
  });
  expect(report).toMatchObject({
    outcome: 'stale',
    queues: [
      {
        outcome: 'stale',
        reason:
          'after-call work is AGENT_REQUESTED 9s now, and was OPTIONAL when the plan was made; changed by Ada Admin at 2026-11-23T08:59:55Z',
      },
    ],
  });
});
