/** What plans make of rows: what is held, what guards count, what the summary says. */
import { describe, expect, it } from 'vitest';
import type { Requirement } from '../../src/domain/requirement.js';
import type { LiveQueueCodes } from '../../src/domain/state.js';
import { buildPlan } from '../../src/plan/build-plan.js';
import { organizationId } from '../../src/domain/ids.js';
import type { Plan } from '../../src/domain/change.js';
import { driftOver } from '../support/drift.js';
import { NOW } from '../support/fake-clock.js';
import { liveQueue, liveRows } from '../support/live.js';
import { policy, policySet, requirement, settings } from '../support/policy-set.js';
import type { PolicySpec } from '../support/policy-set.js';

const OPEN = requirement(false);
const REQUIRED = requirement(true);

/** The plan for one queue, "Billing", behind a gateway. */
const plan = (
  spec: PolicySpec,
  codes: LiveQueueCodes,
  live: Parameters<typeof liveQueue>[1] = {},
): Plan => {
  const set = policySet(policy('p', spec));
  const api = 'wrapupcodes-put';
  const { desired, drifts } = driftOver(
    set,
    { queues: [[liveQueue('Billing', live), codes]], codes: ['A', 'B', 'C'] },
    { api },
  );
  return buildPlan({
    organization: { id: organizationId('o1'), name: 'Acme' },
    region: 'us-east-1',
    source: { commit: null, dirty: false },
    tool: 'wrapkeeper/0.1.0',
    policySet: set,
    settings: settings({ api }),
    desired,
    drifts,
    diagnostics: desired.diagnostics,
    selects: () => true,
    reads: 4,
    now: NOW,
  });
};

const numbered = (count: number, letter = 'C'): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${String(index).padStart(2, '0')}`);
const rows = (names: readonly string[], row: Requirement = OPEN): Record<string, Requirement> =>
  Object.fromEntries(names.map((name) => [name, row]));

describe('a plan of rows', () => {
  it('counts codes that stay with another row by themselves', () => {
    const { summary, queues } = plan(
      { codes: { codes: ['A', { name: 'B', required: true }] } },
      liveRows({ A: OPEN, B: OPEN }),
    );
    expect(queues[0]?.wrapupCodes).toMatchObject({ add: [], remove: [], unchanged: 1 });
    expect(summary).toMatchObject({ queuesChanged: 1, codesUpdated: 1, codesAdded: 0 });
  });

  it('has guards that count no row, however many change, and every code that stays', () => {
    const names = numbered(8);
    const { guards } = plan(
      { codes: { unlisted: 'remove', codes: names.map((name) => ({ name, required: true })) } },
      liveRows({ ...rows(names), X: OPEN }),
    );
    expect(guards).toMatchObject([
      { measure: 'queuesChanged', actual: 1 },
      { measure: 'codesRemoved', actual: 1, of: 9 },
      { measure: 'codesRemovedPerQueue', actual: 1, of: 9 },
      { measure: 'codesPerQueue', verdict: 'pass' },
    ]);
    const harmless = plan(
      { codes: { codes: names.map((name) => ({ name, required: true })) } },
      liveRows(rows(names)),
    );
    expect(harmless.guards.map(({ actual }) => actual)).toEqual([0, 0, 0, 0]);
  });

  it('sees that a code stays for a MANDATORY prompt when it only gets another row', () => {
    const { queues, held } = plan(
      { codes: { codes: [{ name: 'A', required: true }] } },
      liveRows({ A: OPEN, X: OPEN }),
      { prompt: 'MANDATORY' },
    );
    expect([queues.length, held.length]).toEqual([1, 0]);
  });
});

describe('a list that cannot be replaced', () => {
  const keep = (...codes: readonly string[]): PolicySpec => ({
    work: 'AGENT_REQUESTED',
    codes: { unlisted: 'keep', codes: codes.map((name) => ({ name, required: true })) },
  });
  const work: PolicySpec = { work: ['AGENT_REQUESTED', 9_000] };

  it.each<[string, PolicySpec, LiveQueueCodes, string | null]>([
    ['has fifty rows: none', keep('A'), liveRows(rows(numbered(49))), null],
    [
      'would have one more',
      keep('A'),
      liveRows(rows(numbered(50))),
      'the queue would have 51 wrap-up codes, and the API takes at most 50 of them in its one list',
    ],
    [
      'has one more, and loses it',
      { codes: { codes: numbered(50) } },
      liveRows(rows(numbered(51))),
      null,
    ],
    [
      'has more than enough, and would lose too few',
      { codes: { codes: numbered(52) } },
      liveRows(rows(numbered(53))),
      'the queue would have 52 wrap-up codes, and the API takes at most 50 of them in its one list',
    ],
    [
      'has a listed code whose row is not understood',
      keep('A', 'B'),
      liveRows({ A: null, B: OPEN }),
      'the row of "A" has a flag that is neither true nor false',
    ],
    ['has such a row, and keeps it as it is', keep('B'), liveRows({ A: null, B: OPEN }), null],
    [
      'cannot be sent back',
      keep('A'),
      liveRows({ A: OPEN }, 'its row 2 has no id'),
      'its row 2 has no id',
    ],
  ])('%s', (_what, spec, codes, reason) => {
    const { queues, held } = plan({ ...spec, ...work }, codes);
    expect(held.map((row) => [row.by, row.reason])).toEqual(
      reason === null ? [] : [['unsafe', reason]],
    );
    expect(queues[0]?.afterCallWork).toBeDefined();
    expect(queues[0]?.wrapupCodes !== undefined).toBe(reason === null);
  });

  it('matters only where it is to be replaced, and is told all the same', () => {
    const { queues, held, diagnostics } = plan(
      keep('A'),
      liveRows({ A: REQUIRED }, 'its row 2 has no id'),
      {
        prompt: 'AGENT_REQUESTED',
      },
    );
    expect([queues, held]).toEqual([[], []]);
    expect(diagnostics).toMatchObject([
      {
        code: 'plan.codes-not-understood',
        severity: 'warning',
        queue: 'Billing',
        message:
          '"Billing" is compared as far as its wrap-up codes are understood, and they are not written: its row 2 has no id.',
      },
    ]);
  });
});
