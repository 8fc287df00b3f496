import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/domain/change.js';
import { buildPlan } from '../../src/plan/build-plan.js';
import type { PlanInput } from '../../src/plan/build-plan.js';
import { sealOf } from '../../src/plan/digest.js';
import type { PolicySet } from '../../src/policy/model.js';
import type { Settings } from '../../src/policy/settings.js';
import { organizationId, queueId } from '../../src/domain/ids.js';
import { driftOver } from '../support/drift.js';
import type { LiveOrg } from '../support/drift.js';
import { NOW } from '../support/fake-clock.js';
import { liveQueue } from '../support/live.js';
import {
  allowance,
  catalog,
  DEFAULT_GUARDS,
  policy,
  policySet,
  settings,
} from '../support/policy-set.js';

const plan = (
  set: PolicySet,
  org: LiveOrg,
  rest: Partial<PlanInput> & { readonly set?: Partial<Settings> } = {},
): Plan => {
  const { set: changed = {}, ...input } = rest;
  const { desired, drifts } = driftOver(set, org, changed);
  return buildPlan({
    organization: { id: organizationId('o1'), name: 'Acme' },
    region: 'us-east-1',
    source: { commit: null, dirty: false },
    tool: 'wrapkeeper/0.1.0',
    policySet: set,
    settings: settings(changed),
    desired,
    drifts,
    diagnostics: desired.diagnostics,
    selects: () => true,
    reads: 5,
    now: NOW,
    ...input,
  });
};

const ORG: LiveOrg = {
  queues: [
    [liveQueue('Sales', { id: 'q3' }), ['X']],
    [liveQueue('Billing', { id: 'q2' }), ['A', 'B']],
    [liveQueue('Billing', { id: 'q1' }), ['A', 'X']],
    [liveQueue('Support', { id: 'q4' }), ['A', 'B']],
  ],
};
const BASE = policy('base', { codes: { codes: ['A', 'B'] } });

describe('buildPlan', () => {
  it('lists queues with changes alone, by name and then by id', () => {
    const { queues, held, summary } = plan(policySet(BASE), ORG);
    expect(queues.map(({ id }) => id)).toEqual(['q1', 'q3']);
    expect(held).toEqual([]);
    expect(summary).toEqual({
      queuesGoverned: 4,
      queuesChanged: 2,
      queuesInSync: 2,
      queuesHeld: 0,
      codesAdded: 3,
      codesRemoved: 2,
      acwChanged: 0,
      codesCreated: 0,
    });
  });

  it('has a section only where it changes', () => {
    const set = policySet(
      BASE,
      policy('work', { include: ['Support'], work: 'AGENT_REQUESTED' }),
      policy('sales', { include: ['Sales'], work: 'MANDATORY' }),
    );
    const rows = new Map(plan(set, ORG).queues.map((row) => [row.id as string, Object.keys(row)]));
    expect(rows.get('q1')).not.toContain('afterCallWork');
    expect(rows.get('q3')).toEqual(expect.arrayContaining(['afterCallWork', 'wrapupCodes']));
  });

  it('counts a queue that is changed in one part and held in the other in both numbers', () => {
    const suspend = { reason: 'Audit', by: 'j.doe', until: NOW + 60_000 };
    const { queues, held, summary, expiresAt } = plan(
      policySet(BASE, policy('work', { suspend, include: ['Sales'], work: 'MANDATORY' })),
      ORG,
    );
    expect(queues.map(({ id }) => id)).toContain('q3');
    expect(held).toMatchObject([
      { id: 'q3', by: 'suspend', until: new Date(NOW + 60_000).toISOString() },
    ]);
    expect(held[0]).not.toHaveProperty('wrapupCodes');
    expect(summary).toMatchObject({ queuesChanged: 2, queuesHeld: 1, queuesInSync: 2 });
    expect(expiresAt).toBe(new Date(NOW + 60_000).toISOString());
  });

  it('lives a day at most', () => {
    const DAY = 86_400_000;
    const expiresAt = (until: number): string =>
      plan(policySet(BASE, policy('p', { active: { from: null, until, afterwards: 'keep' } })), ORG)
        .expiresAt;
    expect(plan(policySet(BASE), ORG).expiresAt).toBe(new Date(NOW + DAY).toISOString());
    expect(expiresAt(NOW + DAY + 1)).toBe(new Date(NOW + DAY).toISOString());
    expect(expiresAt(NOW + DAY - 1)).toBe(new Date(NOW + DAY - 1).toISOString());
    // What ends at this very instant has ended, and is no boundary any more.
    expect(expiresAt(NOW)).toBe(new Date(NOW + DAY).toISOString());
  });

  it('guards count over all queues, whatever it selects', () => {
    const changed = {
      guards: { ...DEFAULT_GUARDS, codesRemoved: { percent: 10, count: 1, floor: 0 } },
    };
    const { queues, guards, summary } = plan(policySet(BASE), ORG, {
      set: changed,
      selects: ({ name }) => name === 'Sales',
    });
    expect(queues.map(({ id }) => id)).toEqual(['q3']);
    expect(summary).toMatchObject({
      queuesGoverned: 1,
      queuesChanged: 1,
      queuesInSync: 0,
      codesRemoved: 1,
    });
    expect(guards).toContainEqual(
      expect.objectContaining({ measure: 'codesRemoved', actual: 2, of: 7, verdict: 'refuse' }),
    );
  });

  it('takes allowances from the policies', () => {
    const changed = {
      guards: { ...DEFAULT_GUARDS, codesRemoved: { percent: 10, count: 1, floor: 0 } },
    };
    const set = policySet(BASE, allowance({ codesRemoved: 2 }, NOW + 1));
    expect(plan(set, ORG, { set: changed }).guards).toContainEqual(
      expect.objectContaining({ measure: 'codesRemoved', verdict: 'allowed' }),
    );
  });

  it('has the same digest whether a change is written or held by a forecast, and another one otherwise', () => {
    const set = policySet(
      BASE,
      policy('r', { include: ['Sales'], enforcement: 'report', work: 'OPTIONAL' }),
      catalog(['A', 'B', 'New']),
    );
    const written = plan(set, ORG);
    expect(written.queues.map(({ id }) => id)).toEqual(['q1', 'q3']);
    for (const by of ['window', 'busy', 'disabled', 'flapping'] as const) {
      const hold = { by, reason: 'for a while', until: NOW + 1 };
      const forecast = { queues: new Map([[queueId('q3'), hold]]), catalog: hold };
      const held = plan(set, ORG, { forecast });
      expect(held.queues.map(({ id }) => id)).toEqual(['q1']);
      expect(held.held.find(({ id }) => id === 'q3')).toEqual({
        ...written.queues[1],
        ...hold,
        until: '2026-11-23T09:00:00.001Z',
      });
      expect([held.digest, held.guards]).toEqual([written.digest, written.guards]);
      expect(held.summary).toMatchObject({ queuesChanged: 1, queuesHeld: 1, queuesInSync: 2 });
    }
    const reported = plan(
      policySet({ ...BASE, include: policy('n', { include: [{ id: 'q1' }] }).include }),
      ORG,
    );
    expect(reported.digest).not.toBe(written.digest);
  });

  it('does not know other holds in its digest', () => {
    const nothing = plan(policySet(policy('none', { work: 'OPTIONAL' })), ORG);
    const reported = plan(
      policySet(
        policy('none', { work: 'OPTIONAL' }),
        policy('r', { priority: 1, enforcement: 'report', work: 'MANDATORY' }),
      ),
      ORG,
    );
    expect(reported.held).toHaveLength(4);
    expect(reported.digest).toBe(nothing.digest);
  });

  it('is sealed', () => {
    const { seal, ...content } = plan(policySet(BASE), ORG);
    expect(seal).toBe(sealOf(content));
  });

  it('holds the catalog while the organization is suspended, and says so', () => {
    const suspend = { reason: 'Audit', by: 'j.doe', until: NOW + 60_000 };
    const { catalog: changes, diagnostics } = plan(policySet(BASE, catalog(['A', 'B', 'N'])), ORG, {
      set: { suspend },
    });
    expect(changes).toEqual({ create: [], rename: [] });
    expect(diagnostics).toMatchObject([{ code: 'catalog.suspended', severity: 'warning' }]);
    expect(diagnostics[0]?.message).toBe(
      'A code waits to be created or renamed: "N". The organization is suspended by j.doe: Audit.',
    );
  });
});

describe('a probable rename', () => {
  const found = (codes: readonly string[], org: LiveOrg): readonly string[] =>
    plan(policySet(policy('base', { codes: { codes } }), catalog([...codes])), org)
      .diagnostics.filter(({ code }) => code === 'catalog.probable-rename')
      .map(({ message }) => message);

  it('is a code created where another goes, on the same queues', () => {
    expect(
      found(['A', 'Call back'], {
        queues: [
          [liveQueue('Billing'), ['A', 'Callback']],
          [liveQueue('Sales'), ['A', 'Callback']],
        ],
      }),
    ).toEqual([
      '"Call back" is created and "Callback" removed on the same 2 queues: probably a rename.',
    ]);
  });

  it('is none where the other goes from some of them only', () => {
    expect(
      found(['A', 'Call back'], {
        queues: [
          [liveQueue('Billing'), ['A', 'Callback']],
          [liveQueue('Sales'), ['A']],
        ],
      }),
    ).toEqual([]);
  });

  it('is none where a code that exists takes the place', () => {
    expect(found(['A'], { queues: [[liveQueue('Billing'), ['Callback']]], codes: ['A'] })).toEqual(
      [],
    );
  });
});
