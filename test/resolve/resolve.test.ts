import { describe, expect, it } from 'vitest';
import type { Inventory, LiveQueue } from '../../src/domain/state.js';
import type { PolicySet } from '../../src/policy/model.js';
import type { Settings } from '../../src/policy/settings.js';
import type { DesiredQueue, DesiredState } from '../../src/resolve/model.js';
import { resolveDesired } from '../../src/resolve/resolve.js';
import { NOW } from '../support/fake-clock.js';
import { division, liveCode, liveQueue } from '../support/live.js';
import { catalog, policy, policySet, settings } from '../support/policy-set.js';

const CODES = ['A', 'B', 'C', 'Resolved'].map((name) => liveCode(name));
const SOON = NOW + 3_600_000;
const LONG_AGO = NOW - 3_600_000;

const resolve = (
  set: PolicySet,
  {
    queues = [liveQueue('Billing')],
    codes = CODES,
    ...rest
  }: Partial<Pick<Inventory, 'queues' | 'codes'>> & Partial<Pick<Settings, 'suspend' | 'api'>> = {},
): DesiredState =>
  resolveDesired({
    policySet: set,
    inventory: {
      queues,
      codes,
      divisions: [division('Home'), ...queues.map(({ division: home }) => home)],
    },
    settings: settings(rest),
    now: NOW,
  });

const only = ({ queues }: DesiredState): DesiredQueue => {
  expect(queues).toHaveLength(1);
  return queues[0] as DesiredQueue;
};
const found = ({ diagnostics }: DesiredState): readonly string[] =>
  diagnostics.map(({ severity, code }) => `${severity} ${code}`);
const holds = (queue: DesiredQueue): readonly string[] =>
  queue.holds.map(({ section, by, reason }) => `${section} by ${by}: ${reason}`);
const listed = (sections: DesiredQueue['enforced']): readonly string[] =>
  [...(sections.wrapupCodes?.listed.values() ?? [])].map(({ name }) => name);

describe('which policies count', () => {
  it.each([
    ['before it begins', { from: SOON, until: null, afterwards: 'remove' as const }, null],
    ['after it ended, keep', { from: null, until: LONG_AGO, afterwards: 'keep' as const }, null],
    ['after it ended, remove', { from: null, until: LONG_AGO, afterwards: 'remove' as const }, []],
    ['while it lasts', { from: LONG_AGO, until: SOON, afterwards: 'keep' as const }, ['A']],
  ])('%s', (_when, active, codes) => {
    const state = resolve(policySet(policy('season', { active, codes: { codes: ['A'] } })));
    expect(state.queues.map(({ enforced }) => listed(enforced))).toEqual(
      codes === null ? [] : [codes],
    );
    expect(state.nextBoundaryAt).toBe([active.from, active.until].includes(SOON) ? SOON : null);
  });

  it('governs nothing by a policy that has ended and listed no code', () => {
    const active = { from: null, until: LONG_AGO, afterwards: 'remove' as const };
    expect(resolve(policySet(policy('season', { active, work: 'MANDATORY' }))).queues).toEqual([]);
  });

  it('says nothing of names in a policy that has ended or not begun', () => {
    const gone = { include: ['Nowhere', '*'], codes: { codes: ['Nothing', 'A'] } };
    const ended = policy('over', {
      ...gone,
      active: { from: null, until: LONG_AGO, afterwards: 'remove' },
    });
    const ahead = policy('ahead', {
      ...gone,
      active: { from: SOON, until: null, afterwards: 'keep' },
    });
    expect(found(resolve(policySet(ended, ahead)))).toEqual([]);
  });
});

describe('a policy in report mode', () => {
  const pilot = policy('pilot', {
    enforcement: 'report',
    work: 'MANDATORY',
    codes: { codes: ['B'] },
  });

  it('is left out of the enforced merge, and its codes are protected', () => {
    const queue = only(resolve(policySet(policy('base', { codes: { codes: ['A'] } }), pilot)));
    expect(listed(queue.enforced)).toEqual(['A']);
    expect([...(queue.enforced.wrapupCodes?.protected ?? [])]).toEqual(['id of B']);
    expect(queue.enforced.afterCallWork).toBeNull();
    expect(listed(queue.full)).toEqual(['A', 'B']);
    expect(queue.full.afterCallWork?.prompt).toBe('MANDATORY');
    expect(queue).toMatchObject({ policies: ['base', 'pilot'], reporting: ['pilot'] });
  });

  it('alone leaves nothing to enforce', () => {
    expect(only(resolve(policySet(pilot))).enforced).toEqual({
      afterCallWork: null,
      wrapupCodes: null,
    });
  });

  it('protects nothing once it has ended', () => {
    const over = policy('over', {
      enforcement: 'report',
      codes: { codes: ['B'] },
      active: { from: null, until: LONG_AGO, afterwards: 'remove' },
    });
    const queue = only(resolve(policySet(policy('base', { codes: { codes: ['A'] } }), over)));
    expect([...(queue.enforced.wrapupCodes?.protected ?? [])]).toEqual([]);
  });

  it('holds pruning where one of its codes is not understood: it could not be protected', () => {
    const misspelt = policy('pilot', { enforcement: 'report', codes: { codes: ['Resolvd'] } });
    const queue = only(resolve(policySet(policy('base', { codes: { codes: ['A'] } }), misspelt)));
    expect(holds(queue)).toEqual([
      'wrapupCodes by unresolved: No wrap-up code is named "Resolvd".',
    ]);
  });

  it('does not hold what others enforce where it may select too much', () => {
    const greedy = policy('pilot', {
      enforcement: 'report',
      exclude: ['Gone'],
      codes: { codes: ['B'] },
    });
    const queue = only(resolve(policySet(policy('base', { codes: { codes: ['A'] } }), greedy)));
    expect(holds(queue)).toEqual([]);
  });
});

describe('a suspension', () => {
  const suspend = { reason: 'Audit week', by: 'j.doe', until: SOON };
  const told = 'is suspended by j.doe: Audit week';

  it('of a policy holds each section that it contributes to, and ends by itself', () => {
    const base = policy('base', { work: 'OPTIONAL', codes: { codes: ['A'] } });
    const codes = policy('codes', { suspend, codes: { codes: ['B'] } });
    const state = resolve(policySet(base, codes));
    expect(listed(only(state).enforced)).toEqual(['A', 'B']);
    expect(only(state).holds).toEqual([
      { section: 'wrapupCodes', by: 'suspend', reason: `"codes" ${told}`, until: SOON },
    ]);
    expect(state.nextBoundaryAt).toBe(SOON);
    const over = policy('codes', { suspend: { ...suspend, until: NOW }, codes: { codes: ['B'] } });
    expect(only(resolve(policySet(base, over))).holds).toEqual([]);
  });

  it('of a policy that does not count holds nothing', () => {
    const low = policy('low', { suspend, work: 'MANDATORY', codes: { codes: ['A'] } });
    const high = policy('high', {
      priority: 1,
      combine: 'replace',
      work: 'OPTIONAL',
      codes: { codes: ['B'] },
    });
    expect(only(resolve(policySet(low, high))).holds).toEqual([]);
  });

  it('of a policy holds what it would leave behind', () => {
    const over = policy('over', {
      suspend,
      codes: { codes: ['B'] },
      active: { from: null, until: LONG_AGO, afterwards: 'remove' },
    });
    expect(holds(only(resolve(policySet(over))))).toEqual([
      `wrapupCodes by suspend: "over" ${told}`,
    ]);
  });

  it('of the organization holds both sections everywhere', () => {
    const state = resolve(
      policySet(policy('base', { work: 'OPTIONAL', codes: { codes: ['A'] } })),
      { suspend },
    );
    expect(holds(only(state))).toEqual([
      `afterCallWork by suspend: the organization ${told}`,
      `wrapupCodes by suspend: the organization ${told}`,
    ]);
    expect(state.nextBoundaryAt).toBe(SOON);
  });
});

describe('what is not understood', () => {
  it('holds everything on the queues of a policy that may select too much', () => {
    const state = resolve(
      policySet(policy('base', { exclude: ['Biling'], codes: { codes: ['A'] } })),
    );
    expect(found(state)).toEqual(['error reference.unknown-queue']);
    expect(holds(only(state))).toEqual([
      'afterCallWork by unresolved: an entry of `exclude` in "base" is not understood',
      'wrapupCodes by unresolved: an entry of `exclude` in "base" is not understood',
    ]);
  });

  it('removes nothing by a policy that has ended and may select too much, holds nothing of others, and tells', () => {
    const over = policy('over', {
      exclude: ['Biling'],
      codes: { codes: ['B'] },
      active: { from: null, until: LONG_AGO, afterwards: 'remove' },
    });
    const state = resolve(policySet(policy('base', { codes: { codes: ['A'] } }), over));
    expect(found(state)).toEqual(['warning reference.unknown-queue']);
    expect(only(state)).toMatchObject({ policies: ['base'], holds: [] });
  });

  it('holds a queue that a policy means under a name that it no longer has', () => {
    const set = policySet(
      policy('special', {
        priority: 1,
        include: [{ id: 'q1', name: 'Billing' }],
        codes: { codes: ['B'] },
      }),
      policy('base', { codes: { codes: ['A'] } }),
    );
    const queues = [liveQueue('Billing EN', { id: 'q1' }), liveQueue('Sales', { id: 'q2' })];
    const state = resolve(set, { queues });
    expect(found(state)).toEqual(['error reference.renamed']);
    const [billing, sales] = state.queues;
    expect(holds(billing as DesiredQueue)).toEqual([
      'afterCallWork by unresolved: The queue q1 is named "Billing EN", not "Billing".',
      'wrapupCodes by unresolved: The queue q1 is named "Billing EN", not "Billing".',
    ]);
    expect(holds(sales as DesiredQueue)).toEqual([]);
  });

  it('protects the codes of a policy that may not find all of its queues', () => {
    const set = policySet(
      policy('special', {
        include: ['Billing', { division: 'Home', name: 'Billing *' }],
        codes: { codes: ['B'] },
      }),
      policy('base', { codes: { codes: ['A'] } }),
    );
    const state = resolve(set, { queues: [liveQueue('Rechnung')] });
    expect(found(state)).toEqual([
      'error reference.unknown-queue',
      'warning policy.selects-nothing',
    ]);
    expect([...(only(state).enforced.wrapupCodes?.protected ?? [])]).toEqual(['id of B']);
  });

  it('holds the codes of queues that want an unknown one, and calls no list empty for its sake', () => {
    const state = resolve(
      policySet(policy('base', { work: 'MANDATORY', codes: { codes: ['Resolvd'] } })),
    );
    expect(found(state)).toEqual(['error reference.unknown-code']);
    expect(holds(only(state))).toEqual([
      'wrapupCodes by unresolved: No wrap-up code is named "Resolvd".',
    ]);
  });

  it('does not hold queues for the sake of a policy that is replaced there', () => {
    const state = resolve(
      policySet(
        policy('low', { codes: { codes: ['Resolvd'] } }),
        policy('high', { priority: 1, combine: 'replace', codes: { codes: ['A'] } }),
      ),
    );
    expect(found(state)).toEqual(['error reference.unknown-code']);
    expect(only(state).holds).toEqual([]);
  });

  it('holds the codes where a listed one is retired', () => {
    const state = resolve(
      policySet(
        policy('base', { codes: { codes: [{ id: 'id of A' }, 'B'] } }),
        catalog([{ name: 'A', retired: true }, 'B']),
      ),
    );
    expect(found(state)).toEqual(['error catalog.retired-listed']);
    expect(holds(only(state))).toEqual([
      'wrapupCodes by unresolved: "A" is retired by the catalog and listed by "base".',
    ]);
  });

  it.each([
    [
      'listed',
      { codes: ['New'] },
      [
        'wrapupCodes by unresolved: The catalog lists "New", which does not exist, and `create` is false.',
      ],
    ],
    ['forbidden', { codes: ['A'], forbidden: ['New'] }, []],
  ])('a code that the catalog misses, %s', (_how, codes, expected) => {
    const state = resolve(
      policySet(policy('base', { codes }), catalog(['New'], { create: false })),
    );
    expect(found(state)).toEqual(['error catalog.missing-code']);
    expect(holds(only(state))).toEqual(expected);
  });

  it('holds both sections of queues over which policies disagree', () => {
    const state = resolve(
      policySet(policy('a', { work: 'OPTIONAL' }), policy('b', { work: 'MANDATORY' })),
    );
    expect(found(state)).toEqual(['error policy.conflict']);
    expect(only(state).holds.map(({ section, by }) => [section, by])).toEqual([
      ['afterCallWork', 'conflict'],
      ['wrapupCodes', 'conflict'],
    ]);
  });

  it('does not hold what is enforced where only a report disagrees', () => {
    const state = resolve(
      policySet(
        policy('a', { work: 'OPTIONAL' }),
        policy('b', { enforcement: 'report', work: 'MANDATORY' }),
      ),
    );
    expect(found(state)).toEqual(['error policy.conflict']);
    expect(only(state).holds).toEqual([]);
  });

  it('is looked for by itself, once the lists are known to have several pages', () => {
    const state = resolve(
      policySet(
        policy('base', {
          include: ['*', 'Nowhere'],
          codes: { codes: ['Nothing', { id: 'c0' }, 'New'] },
        }),
        catalog(['New']),
      ),
    );
    expect(state.absent).toEqual({
      queues: [{ name: 'Nowhere' }],
      codes: [{ name: 'New' }, { name: 'Nothing' }, { id: 'c0' }],
    });
  });
});

describe('the desired state', () => {
  const QUEUES: readonly LiveQueue[] = [
    liveQueue('Billing'),
    liveQueue('Sales'),
    liveQueue('Support'),
  ];

  it('is shared by queues under the same policies, and a finding about them is told once', () => {
    const state = resolve(
      policySet(
        policy('base', { codes: { codes: [{ name: 'A', required: true }] } }),
        policy('sales', { include: ['Sales'], codes: { codes: ['B'] } }),
      ),
      { queues: QUEUES },
    );
    expect(found(state)).toEqual(['warning policy.required-advisory']);
    const byName = new Map(state.queues.map((queue) => [queue.queue.name, queue]));
    expect(byName.get('Billing')?.enforced).toBe(byName.get('Support')?.enforced);
    expect(listed(byName.get('Sales')?.enforced as DesiredQueue['enforced'])).toEqual(['A', 'B']);
  });

  it('holds only queues that a policy governs', () => {
    const state = resolve(policySet(policy('base', { include: ['Billing'], work: 'OPTIONAL' })), {
      queues: QUEUES,
    });
    expect(state.queues.map(({ queue }) => queue.name)).toEqual(['Billing']);
  });

  it('names policies by priority, then by name', () => {
    const state = resolve(
      policySet(
        policy('b', { work: 'OPTIONAL' }),
        policy('c', { priority: 2, work: 'OPTIONAL' }),
        policy('a', { work: 'OPTIONAL' }),
      ),
    );
    expect(only(state).policies).toEqual(['c', 'a', 'b']);
  });

  it('has findings in the order of places', () => {
    const state = resolve(
      policySet(
        policy('z', { include: ['X1', 'X2'], work: 'OPTIONAL' }),
        policy('a', { priority: -1, include: ['X3'], work: 'OPTIONAL' }),
      ),
    );
    expect(state.diagnostics.map(({ span }) => `${span?.file}:${span?.line}`)).toEqual([
      'policies/a.yaml:5',
      'policies/z.yaml:5',
      'policies/z.yaml:6',
    ]);
  });
});
