import { describe, expect, it } from 'vitest';
import { nextBoard } from '../../src/daemon/board.js';
import type { Board } from '../../src/daemon/board.js';
import type { QueueStatus } from '../../src/daemon/status.js';
import type { ApplyReport, HeldChange, Plan, QueueRow } from '../../src/domain/change.js';
import { policy, policySet } from '../support/policy-set.js';
import { driftOver } from '../support/drift.js';
import { NOW } from '../support/fake-clock.js';
import { liveQueue } from '../support/live.js';
import { heldChange } from '../support/plans.js';

const SALES = liveQueue('Sales');
const { id } = SALES;
const set = policySet(policy('all', { codes: { unlisted: 'remove', codes: ['A'] } }));
const drifted = driftOver(set, { queues: [[SALES, ['B']]], codes: ['A'] }).drifts;
const inSync = driftOver(set, { queues: [[SALES, ['A']]] }).drifts;

const row = (outcome: QueueRow['outcome'], reason: string | null = null): QueueRow => ({
  id,
  name: 'Sales',
  outcome,
  steps: [],
  reason,
  latencyMs: null,
  correlationId: null,
});
const held = (by: HeldChange['by']): HeldChange =>
  heldChange('Sales', { id, by, reason: `by ${by}`, until: '2026-12-01T00:00:00.000Z' });

const standing = (
  what: {
    readonly drifts?: typeof drifted;
    readonly rows?: readonly QueueRow[];
    readonly held?: readonly HeldChange[];
    readonly outcome?: ApplyReport['outcome'];
    readonly waitsUntil?: number;
  },
  before: Board = new Map(),
  now = NOW,
): QueueStatus => {
  const board = nextBoard(
    before,
    {
      plan: { held: what.held ?? [] } as unknown as Plan,
      report: {
        outcome: what.outcome ?? 'applied',
        queues: what.rows ?? [],
      } as unknown as ApplyReport,
      drifts: what.drifts ?? drifted,
    },
    { correctionOf: () => null, waitsUntil: () => what.waitsUntil ?? null, now },
  );
  const status = board.get(id);
  if (status === undefined) throw new Error('the queue is not on the board');
  return status;
};

describe('where a queue stands', () => {
  it.each([
    ['no difference', { drifts: inSync }, 'in-sync', null],
    ['corrected', { rows: [row('applied')] }, 'in-sync', null],
    ['found corrected', { rows: [row('in-sync')] }, 'in-sync', null],
    [
      'corrected although a window was expected',
      { rows: [row('applied')], held: [held('window')] },
      'in-sync',
      null,
    ],
    ['corrected in part', { rows: [row('applied')], held: [held('unsafe')] }, 'held', 'unsafe'],
    ['held by a window', { rows: [row('held', 'w')], held: [held('window')] }, 'held', 'window'],
    ['held at the last moment', { rows: [row('held', 'w')] }, 'held', null],
    ['held by another writer', { held: [held('flapping')] }, 'held', 'flapping'],
    ['only reported', { held: [held('report')] }, 'drifting', 'report'],
    ['reported, and held by more', { held: [held('report'), held('suspend')] }, 'held', 'suspend'],
    ['failed', { rows: [row('failed', '400')], waitsUntil: NOW + 1 }, 'failing', null],
    ['changed meanwhile', { rows: [row('stale', 'changed')] }, 'drifting', null],
    ['not begun', { rows: [row('not-attempted', 'stopped')] }, 'drifting', null],
    ['refused', { rows: [row('not-attempted', 'a guard')], outcome: 'refused' }, 'held', null],
    ['not planned', {}, 'drifting', null],
  ] as const)('%s', (_, what, state, heldBy) => {
    expect(standing(what as Parameters<typeof standing>[0])).toMatchObject({ state, heldBy });
  });

  it('stays failing while it waits to be tried again, with the reason and until when', () => {
    const failed = standing({ rows: [row('failed', '400 bad request')], waitsUntil: NOW + 60_000 });
    const waiting = standing({ waitsUntil: NOW + 60_000 }, new Map([[id, failed]]), NOW + 1_000);
    expect(waiting).toMatchObject({
      state: 'failing',
      reason: '400 bad request',
      until: new Date(NOW + 60_000).toISOString(),
      since: new Date(NOW).toISOString(),
    });
  });

  it('counts since the state changed', () => {
    const first = standing({});
    const second = standing({}, new Map([[id, first]]), NOW + 1_000);
    const third = standing({ drifts: inSync }, new Map([[id, second]]), NOW + 2_000);
    expect([first, second, third].map(({ since }) => Date.parse(since) - NOW)).toEqual([
      0, 0, 2_000,
    ]);
  });

  it('is told of governed queues alone', () => {
    expect(
      nextBoard(
        new Map([[id, standing({})]]),
        { plan: { held: [] } as unknown as Plan, report: null, drifts: [] },
        {
          correctionOf: () => null,
          waitsUntil: () => null,
          now: NOW,
        },
      ).size,
    ).toBe(0);
  });
});
