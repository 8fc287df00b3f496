import { describe, expect, it } from 'vitest';
import type { BaseMark, Plan, PlanBase } from '../../src/domain/change.js';
import { findMarks } from '../../src/plan/base-marks.js';
import { isReviewed, restrictToBase, whyIncomparable } from '../../src/plan/compare-base.js';
import { findSettingChanges } from '../../src/plan/setting-changes.js';
import type { PolicySet } from '../../src/policy/model.js';
import type { Settings } from '../../src/policy/settings.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import { planOver } from '../support/pass.js';
import {
  allowance,
  catalog,
  DEFAULT_GUARDS,
  policy,
  policySet,
  selector,
  settings,
} from '../support/policy-set.js';

const COMMIT = '9c41f0be2d7a6e5c4b3a29181706f5e4d3c2b1a0';
const HOUR = 3_600_000;
const WINDOW = {
  kind: 'allow',
  schedule: '0 2 * * *',
  durationMs: HOUR,
  timeZone: 'UTC',
  queues: [],
} as const;

interface Sides {
  readonly before: PolicySet;
  readonly after: PolicySet;
  readonly settingsBefore?: Partial<Settings>;
  readonly settingsAfter?: Partial<Settings>;
}

const compare = async ({
  before,
  after,
  settingsBefore = {},
  settingsAfter = {},
}: Sides): Promise<Plan & { readonly base: PlanBase }> => {
  const org = new MemoryOrg(
    {
      codes: ['A', 'B', 'C'],
      queues: [
        { name: 'Billing', codes: ['A', 'B'] },
        { name: 'Sales', codes: ['A'] },
        { name: 'Support', codes: ['C'] },
      ],
    },
    new FakeClock(),
  );
  const plan = await planOver(org, after, {
    settings: settings(settingsAfter),
    base: { ref: 'main', commit: COMMIT, policySet: before, settings: settings(settingsBefore) },
  });
  if (plan.base === undefined) throw new Error('not compared');
  return { ...plan, base: plan.base };
};

const named = ({ queues, held, base }: Plan & { readonly base: PlanBase }): readonly string[] =>
  [...queues, ...held].filter(({ id }) => base.queues.includes(id)).map(({ name }) => name);

const lists = (codes: readonly string[], rest = {}) =>
  policy('p', { codes: { codes, unlisted: 'keep' }, ...rest });

describe('the rows of a branch', () => {
  it('are those with another effect: names, files and words do not count', async () => {
    const codes = { codes: ['A', 'C'], unlisted: 'keep' } as const;
    const plan = await compare({
      before: policySet(policy('old', { codes, priority: 2 })),
      after: policySet(policy('new', { codes, priority: 5 })),
    });
    expect(plan.queues.length).toBeGreaterThan(0);
    expect(plan.base).toMatchObject({ queues: [], marks: [], wantedOtherwise: [] });
  });

  it('are whole rows, with what was pending on the same queue', async () => {
    const plan = await compare({
      before: policySet(lists(['A', 'C'], { include: ['Billing'] })),
      after: policySet(lists(['A', 'C'], { include: ['Billing'], work: 'MANDATORY' })),
    });
    expect(named(plan)).toEqual(['Billing']);
    expect(restrictToBase(plan).queues).toMatchObject([
      { afterCallWork: { to: { prompt: 'MANDATORY' } }, wrapupCodes: { add: [{ name: 'C' }] } },
    ]);
  });

  it('are held ones too, where the base holds them by nothing or by something else', async () => {
    const suspend = { reason: 'Audit', by: 'j.doe', until: NOW + HOUR };
    const plan = await compare({
      before: policySet(lists(['A', 'C'])),
      after: policySet(lists(['A', 'C'], { suspend })),
    });
    expect(named(plan)).toHaveLength(3);
    const other = { ...suspend, reason: 'Another', until: NOW + 2 * HOUR };
    const longer = await compare({
      before: policySet(lists(['A', 'C'], { suspend })),
      after: policySet(lists(['A', 'C'], { suspend: other })),
    });
    expect(longer.base).toMatchObject({ queues: [], marks: [] });
  });

  it('are the same whether a window is open or not', async () => {
    const sides = { before: policySet(lists(['A'])), after: policySet(lists(['A', 'B'])) };
    const open = await compare(sides);
    const closed = await compare({ ...sides, settingsAfter: { changeWindows: [WINDOW] } });
    expect(closed.queues).toEqual([]);
    expect(closed.base.queues).toEqual(open.base.queues);
    expect(closed.base.digest).toBe(open.base.digest);
    expect(restrictToBase(closed).held.map(({ by }) => by)).toEqual(['window', 'window']);
  });
});

describe('the catalog of a branch', () => {
  const before = policySet(catalog(['N', 'O']), lists(['A']));

  it('is without what the base creates anyway', async () => {
    const plan = await compare({
      before,
      after: policySet(catalog(['N', 'O', 'P']), lists(['A'])),
    });
    expect(plan.catalog.create.map(({ name }) => name)).toEqual(['N', 'O', 'P']);
    expect(plan.base.catalog.create.map(({ name }) => name)).toEqual(['P']);
  });

  it('has what one of its rows waits for', async () => {
    const plan = await compare({
      before,
      after: policySet(catalog(['N', 'O']), lists(['A', 'N'])),
    });
    expect(plan.base.catalog.create.map(({ name }) => name)).toEqual(['N']);
  });

  it('renames what the base does not', async () => {
    const plan = await compare({
      before: policySet(lists(['A'])),
      after: policySet(catalog([{ name: 'Z', previously: 'C' }]), lists(['A'])),
    });
    expect(plan.base.catalog.rename).toMatchObject([{ from: 'C', to: 'Z' }]);
  });

  it('tells what is probably a rename', async () => {
    const plan = await compare({
      before: policySet(policy('p', { include: ['Sales'], codes: { codes: ['A'] } })),
      after: policySet(
        catalog(['N']),
        policy('p', { include: ['Sales'], codes: { codes: ['N'] } }),
      ),
    });
    expect(plan.base.marks).toEqual([{ kind: 'probably-renamed', name: 'A', detail: 'N' }]);
  });
});

describe('a base that cannot be compared', () => {
  it.each<[string, Partial<Settings>, Partial<Settings>, RegExp | null]>([
    ['another API', { api: 'wrapupcodes-put' }, {}, /API `wrapupcodes-put`/],
    [
      'another organization',
      { organizationId: 'one' },
      { organizationId: 'two' },
      /another organization \(one\)/,
    ],
    ['no organization yet', {}, { organizationId: 'two' }, null],
    ['no organization any more', { organizationId: 'one' }, {}, null],
    ['other limits', { settleForMs: 1 }, {}, null],
  ])('%s', (_, before, after, why) => {
    const base = { policySet: policySet(), settings: settings(before) };
    const found = whyIncomparable(base, settings(after));
    if (why === null) expect(found).toBeNull();
    else expect(found).toMatch(why);
  });

  it('leaves no row pending', async () => {
    const set = policySet(lists(['A', 'C']));
    const plan = await compare({
      before: set,
      after: set,
      settingsBefore: { api: 'wrapupcodes-put' },
    });
    expect(plan.base.queues).toHaveLength(3);
    expect(plan.base.digest).toBe(plan.digest);
    expect(plan.base.marks).toMatchObject([{ kind: 'setting-changed', name: 'api' }]);
  });
});

describe('guards', () => {
  it('say whether they refuse without the branch, too', async () => {
    const guards = { ...DEFAULT_GUARDS, codesPerQueue: 2 };
    const over = { settingsBefore: { guards }, settingsAfter: { guards } };
    const many = policySet(lists(['A', 'B', 'C']));
    expect((await compare({ before: many, after: many, ...over })).base.refusedAlready).toEqual([
      'codesPerQueue',
    ]);
    const few = policySet(lists(['A']));
    expect((await compare({ before: few, after: many, ...over })).base.refusedAlready).toEqual([]);
  });
});

describe('a restricted plan', () => {
  it('is made of a plan with a base alone', async () => {
    const org = new MemoryOrg({ queues: [] }, new FakeClock());
    const plan = await planOver(org, policySet());
    expect(() => restrictToBase(plan)).toThrow('not compared');
  });

  it('keeps the guards of the whole', async () => {
    const plan = await compare({
      before: policySet(lists(['A', 'C'])),
      after: policySet(lists(['A', 'B'])),
    });
    expect(restrictToBase(plan).guards).toBe(plan.guards);
    expect(isReviewed(plan.base, plan.base.digest)).toBe(true);
    expect(isReviewed(plan.base, `sha256:${'0'.repeat(64)}`)).toBe(false);
  });

  it('that has nothing left to write needs no review', async () => {
    const same = policySet(lists(['A', 'C']));
    const { base } = await compare({ before: same, after: same });
    expect(isReviewed(base, `sha256:${'0'.repeat(64)}`)).toBe(true);
  });
});

describe('marks of policies', () => {
  const suspend = { reason: 'Audit', by: 'j.doe', until: NOW + 2 * HOUR };
  const marks = (before: PolicySet, after: PolicySet): readonly BaseMark[] =>
    findMarks({
      before: { policySet: before, settings: settings() },
      after: { policySet: after, settings: settings() },
      now: NOW,
    });

  it.each([
    ['report → enforce', { enforcement: 'report' }, {}, ['report-to-enforce']],
    ['enforce → report', {}, { enforcement: 'report' }, ['enforce-to-report']],
    ['a suspension taken off', { suspend }, {}, ['suspension-ended']],
    [
      'a shorter one',
      { suspend },
      { suspend: { ...suspend, until: NOW + HOUR } },
      ['suspension-ended'],
    ],
    ['a longer one', { suspend }, { suspend: { ...suspend, until: NOW + 9 * HOUR } }, []],
    ['one that is over', { suspend: { ...suspend, until: NOW } }, {}, []],
    ['a new one', {}, { suspend }, []],
  ] as const)('%s', (_, before, after, kinds) => {
    const found = marks(policySet(policy('p', before)), policySet(policy('p', after)));
    expect(found.map(({ kind }) => kind)).toEqual(kinds);
  });

  it.each([
    ['added', policySet(), 'allowance-added'],
    ['raised', policySet(allowance({ codesRemoved: 5 }, NOW + HOUR)), 'allowance-changed'],
    ['made longer', policySet(allowance({ codesRemoved: 9 }, NOW)), 'allowance-changed'],
  ] as const)('an allowance that is %s', (_, before, kind) => {
    expect(marks(before, policySet(allowance({ codesRemoved: 9 }, NOW + HOUR)))).toMatchObject([
      {
        kind,
        name: 'allowance',
        detail: expect.stringContaining('codesRemoved up to 9') as string,
      },
    ]);
  });

  it('an allowance that stays, or goes, is none', () => {
    const set = policySet(allowance({ codesRemoved: 9 }, NOW + HOUR));
    expect(marks(set, set)).toEqual([]);
    expect(marks(set, policySet())).toEqual([]);
  });
});

describe('settings', () => {
  const { guards } = settings();
  const webhook = {
    name: 'reporting',
    url: 'https://reporting.example.com/hooks',
    secrets: [{ env: 'SECRET' }],
    events: ['*'],
    allowPrivateNetwork: false,
  };
  const flap = { reversals: 3, withinMs: HOUR };

  it.each<[string, Partial<Settings>, Partial<Settings>, string, boolean]>([
    [
      'guards.codesPerQueue',
      {},
      { guards: { ...guards, codesPerQueue: 2_000 } },
      '1000 → 2000',
      true,
    ],
    ['guards.codesPerQueue', {}, { guards: { ...guards, codesPerQueue: 5 } }, '1000 → 5', false],
    [
      'guards.codesRemoved.floor',
      {},
      { guards: { ...guards, codesRemoved: { ...guards.codesRemoved, floor: 9 } } },
      '0 → 9',
      true,
    ],
    [
      'limits.concurrency',
      {},
      { limits: { requestsPerMinute: 300, concurrency: 2 } },
      '8 → 2',
      false,
    ],
    ['settleFor', {}, { settleForMs: 90_000 }, '10s → 90s', false],
    [
      'activity.onBusy',
      { activity: { maxInteracting: 0, onBusy: 'hold' } },
      {},
      'hold → ignore',
      true,
    ],
    [
      'activity.maxInteracting',
      {},
      { activity: { maxInteracting: 4, onBusy: 'ignore' } },
      '0 → 4',
      true,
    ],
    [
      'journal.keep',
      {},
      { journal: { store: { folder: '.wrapkeeper' }, keepMs: 86_400_000 } },
      'forever → 1d',
      false,
    ],
    ['changeWindows', {}, { changeWindows: [WINDOW] }, '', false],
    ['organization.id', { organizationId: 'one' }, {}, '', true],
    ['webhooks.reporting', {}, { webhooks: [webhook] }, '', false],
    [
      'webhooks.reporting',
      { webhooks: [webhook] },
      { webhooks: [{ ...webhook, allowPrivateNetwork: true }] },
      '',
      true,
    ],
    [
      'daemon.verifyCommits',
      { daemon: { ...settings().daemon, verifyCommits: 'signed' } },
      {},
      'signed → off',
      true,
    ],
    [
      'daemon.flap',
      {},
      { daemon: { ...settings().daemon, flap: { ...flap, reversals: 9 } } },
      '',
      false,
    ],
    ['policies', {}, { policies: ['rules'] }, '', false],
    ['suspend', {}, { suspend: { reason: 'Audit', by: 'j.doe', until: NOW + HOUR } }, '', false],
  ])('%s', (key, before, after, words, loosens) => {
    const found = findSettingChanges(settings(before), settings(after));
    expect(
      found.map(({ from, to, ...change }) => ({
        ...change,
        words: from === null || to === null ? '' : `${from} → ${to}`,
      })),
    ).toEqual([{ key, words, loosens }]);
  });

  it('are told with both names where the journal moves to a branch', () => {
    const moved = { journal: { store: { branch: 'journal' }, keepMs: null } };
    expect(findSettingChanges(settings(), settings(moved)).map(({ key }) => key)).toEqual([
      'journal.folder',
      'journal.branch',
    ]);
  });

  it('do not differ by where they are written', () => {
    const at = (line: number) => ({
      changeWindows: [{ ...WINDOW, queues: [selector('settings', 'Billing *', line)] }],
    });
    expect(findSettingChanges(settings(at(1)), settings(at(9)))).toEqual([]);
  });
});
