/** What a branch changes, apart from what was pending without it. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, PlanBase } from '../../src/domain/change.js';
import { restrictToBase, pendingBeside } from '../../src/plan/compare-base.js';
import { planDigest, sealOf } from '../../src/plan/digest.js';
import { changesToJudge } from '../../src/plan/forecast.js';
import type { PolicySet } from '../../src/policy/model.js';
import { renderBaseMarkdown } from '../../src/report/markdown-base.js';
import { renderBaseText } from '../../src/report/text-base.js';
import { world } from '../support/arbitraries.js';
import type { World } from '../support/arbitraries.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import { applyOver, planOver } from '../support/pass.js';
import { settings } from '../support/policy-set.js';

const COMMIT = '9c41f0be2d7a6e5c4b3a29181706f5e4d3c2b1a0';

type Compared = Plan & { readonly base: PlanBase };

const compare = async (
  { seed, set }: World,
  before: PolicySet | null,
): Promise<{ readonly plan: Compared; readonly org: MemoryOrg }> => {
  const org = new MemoryOrg(seed, new FakeClock());
  const base = { ref: 'main', commit: COMMIT, policySet: before, settings: settings() };
  const plan = await planOver(org, set, { onUnresolved: 'hold', base });
  if (plan.base === undefined) throw new Error('not compared');
  return { plan: { ...plan, base: plan.base }, org };
};

/** What is asked of the organization, each time that it is asked. */
const readsOf = async (head: World, before: PolicySet): Promise<readonly string[]> => {
  const { org } = await compare(head, before);
  return org.requests.map(({ action, queue }) => `${action} ${queue ?? ''}`);
};

const planAlone = ({ seed, set }: World): Promise<Plan> =>
  planOver(new MemoryOrg(seed, new FakeClock()), set, { onUnresolved: 'hold' });

const rowIds = ({ queues, held }: Pick<Plan, 'queues' | 'held'>): readonly string[] =>
  [...new Set([...queues, ...held].map(({ id }) => id))].sort();

const digestOf = (
  plan: Pick<Plan, 'organization' | 'api' | 'catalog' | 'queues' | 'held'>,
): string =>
  planDigest({
    organizationId: plan.organization.id,
    api: plan.api,
    catalog: plan.catalog,
    changes: changesToJudge(plan),
  });

/** An organization, the policies of a branch, and those of its base: of other branches, or a part of them. */
const branches = fc
  .tuple(world, world, fc.boolean(), fc.nat({ max: 4 }))
  .map(([head, other, isRelated, left]) => ({
    head,
    before: isRelated
      ? { ...head.set, policies: head.set.policies.filter((_, index) => index !== left) }
      : other.set,
  }));

describe('a plan with a base', () => {
  it('is the same plan as without, and says besides which rows are of the branch', async () => {
    await fc.assert(
      fc.asyncProperty(branches, async ({ head, before }) => {
        const { plan } = await compare(head, before);
        const { base: _base, seal, cost: _cost, ...rest } = plan;
        const { seal: _seal, cost: _alone, ...alone } = await planAlone(head);
        expect(rest).toEqual(alone);
        const { seal: _own, ...sealed } = plan;
        expect(seal).toBe(sealOf(sealed));
      }),
      { numRuns: 150 },
    );
  });

  it('has every row once: of the branch, or pending', async () => {
    await fc.assert(
      fc.asyncProperty(branches, async ({ head, before }) => {
        const { plan } = await compare(head, before);
        const own = rowIds(restrictToBase(plan));
        const pending = rowIds(pendingBeside(plan));
        expect(own).toEqual(plan.base.queues);
        expect([...own, ...pending].sort()).toEqual(rowIds(plan));
      }),
      { numRuns: 150 },
    );
  });

  it('leaves to the base what the base alone would do, too', async () => {
    await fc.assert(
      fc.asyncProperty(branches, async ({ head, before }) => {
        const { plan } = await compare(head, before);
        const alone = await planAlone({ ...head, set: before });
        const effects = ({ queues, held }: Pick<Plan, 'queues' | 'held'>): unknown =>
          [...queues, ...held.map(({ reason: _reason, until: _until, ...row }) => row)].map(
            ({ liveDigest: _live, policies: _policies, cause: _cause, wrapupCodes, ...row }) => ({
              ...row,
              wrapupCodes: wrapupCodes && { ...wrapupCodes, unchanged: 0 },
            }),
          );
        const pending = pendingBeside(plan);
        const ids = new Set(rowIds(pending));
        expect(effects(pending)).toEqual(
          effects({
            queues: alone.queues.filter(({ id }) => ids.has(id)),
            held: alone.held.filter(({ id }) => ids.has(id)),
          }),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('has nothing of the branch where head and base say the same', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (head) => {
        const { plan } = await compare(head, head.set);
        expect(plan.base).toMatchObject({
          incomparable: null,
          queues: [],
          catalog: { create: [], rename: [] },
          newlyGoverned: [],
          noLongerGoverned: [],
          settled: [],
          wantedOtherwise: [],
          marks: [],
        });
        expect(plan.base.digest).toBe(
          digestOf({ ...plan, catalog: { create: [], rename: [] }, queues: [], held: [] }),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('counts everything as changed where the base is not valid', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (head) => {
        const { plan } = await compare(head, null);
        expect(plan.base.incomparable).not.toBeNull();
        expect(plan.base.digest).toBe(plan.digest);
        expect(plan.base.queues).toEqual(rowIds(plan));
        expect(plan.base.newlyGoverned).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('costs one live read: what either plan would read, once', async () => {
    await fc.assert(
      fc.asyncProperty(branches, async ({ head, before }) => {
        const asked = await readsOf(head, before);
        const either = new Set([
          ...(await readsOf(head, head.set)),
          ...(await readsOf({ ...head, set: before }, before)),
        ]);
        expect([...asked].sort()).toEqual([...either].sort());
      }),
      { numRuns: 50 },
    );
  });
});

describe('a plan restricted to its branch', () => {
  it('adds no row, and has the digest of the base', async () => {
    await fc.assert(
      fc.asyncProperty(branches, async ({ head, before }) => {
        const { plan } = await compare(head, before);
        const own = restrictToBase(plan);
        for (const row of own.queues) expect(plan.queues).toContain(row);
        for (const row of own.held) expect(plan.held).toContain(row);
        for (const code of own.catalog.create) expect(plan.catalog.create).toContain(code);
        for (const code of own.catalog.rename) expect(plan.catalog.rename).toContain(code);
        expect(digestOf(own)).toBe(own.digest);
        expect(own.digest).toBe(plan.base.digest);
        const { seal, ...sealed } = own;
        expect(seal).toBe(sealOf(sealed));
        expect(own.summary.queuesChanged).toBe(own.queues.length);
        // Whatever is yet to be created, and a row needs, comes with it.
        const created = new Set(own.catalog.create.map(({ name }) => name));
        for (const { wrapupCodes } of changesToJudge(own))
          for (const { id, name } of wrapupCodes?.add ?? [])
            if (id === null) expect(created).toContain(name);
      }),
      { numRuns: 150 },
    );
  });

  it('is what an apply of the reviewed digest writes, and leaves what was pending', async () => {
    await fc.assert(
      fc.asyncProperty(branches, async ({ head, before }) => {
        const { plan, org } = await compare(head, before);
        const base = { ref: 'main', commit: COMMIT, policySet: before, settings: settings() };
        const { report } = await applyOver(org, head.set, {
          onUnresolved: 'hold',
          base,
          request: { reviewed: plan.base.digest },
        });
        expect(report.planDigest).toBe(plan.base.digest);
        expect(report.summary).toMatchObject({ failed: 0, stale: 0, notAttempted: 0 });
        expect(report.queues.map(({ id }) => id).sort()).toEqual(plan.base.queues);
        const again = await planOver(org, head.set, { onUnresolved: 'hold' });
        const left = new Set(again.queues.map(({ id }) => id));
        for (const id of plan.base.queues) expect(left.has(id)).toBe(false);
        for (const { id } of pendingBeside(plan).queues) expect(left.has(id)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('writes nothing where something else was reviewed', async () => {
    await fc.assert(
      fc.asyncProperty(branches, async ({ head, before }) => {
        const org = new MemoryOrg(head.seed, new FakeClock());
        const base = { ref: 'main', commit: COMMIT, policySet: before, settings: settings() };
        const { report } = await applyOver(org, head.set, {
          onUnresolved: 'hold',
          base,
          request: { reviewed: `sha256:${'0'.repeat(64)}` },
        });
        expect(org.writes).toEqual([]);
        const { plan } = await compare(head, before);
        const { create, rename } = plan.base.catalog;
        const isDone = plan.base.queues.length + create.length + rename.length === 0;
        // Where all of the branch is there already, nothing is left that somebody should have reviewed.
        expect(report.outcome).toBe(isDone ? 'nothing' : 'stale');
        expect(report.diagnostics.some(({ code }) => code === 'plan.not-reviewed')).toBe(!isDone);
      }),
      { numRuns: 30 },
    );
  });
});

describe('what is printed of it', () => {
  it('begins with the verdict and fits', async () => {
    await fc.assert(
      fc.asyncProperty(branches, async ({ head, before }) => {
        const { plan } = await compare(head, before);
        expect(renderBaseMarkdown(plan)).toMatch(
          /^\*\*(?:NOTHING TO DO|OK|REVIEW|REFUSED)\*\* · <code>.*: this change touches /,
        );
        for (const width of [80, 200])
          for (const line of renderBaseText(plan, { width, color: false }).split('\n'))
            expect(line.length).toBeLessThanOrEqual(width);
      }),
      { numRuns: 50 },
    );
  });
});
