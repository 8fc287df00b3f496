/** Promises about plans, over organizations and policies that nobody would think of. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, QueueChange } from '../../src/domain/change.js';
import { isUnmanaged } from '../../src/policy/model.js';
import type { PolicySet, QueuePolicy, WrapupCodesRule } from '../../src/policy/model.js';
import type { Pass } from '../../src/reconcile.js';
import { governs, phaseOf, world } from '../support/arbitraries.js';
import type { World } from '../support/arbitraries.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import { planOver } from '../support/pass.js';

const plan = ({ seed, set }: World, rest: Partial<Pass> = {}): Promise<Plan> =>
  planOver(new MemoryOrg(seed, new FakeClock()), set, { onUnresolved: 'hold', ...rest });

/** `queue -code`, for every removal of a plan. */
const removals = (queues: readonly QueueChange[]): readonly string[] =>
  queues.flatMap(({ name, wrapupCodes }) =>
    (wrapupCodes?.remove ?? []).map((code) => `${name} -${code.name}`),
  );

const ruleOf = ({ wrapupCodes }: QueuePolicy): WrapupCodesRule | null =>
  wrapupCodes === null || isUnmanaged(wrapupCodes) ? null : wrapupCodes;

/** The enforced policies that govern a queue now, or that have ended on it. */
const enforcedOn = (
  set: PolicySet,
  queue: { readonly name: string; readonly division: string },
  phase: 'active' | 'ended',
) =>
  set.policies.filter(
    (policy) =>
      policy.enforcement === 'enforce' && phaseOf(policy) === phase && governs(policy, queue),
  );

/** Those of them that no `combine: replace` above them sets aside. */
const countingOn = (
  set: PolicySet,
  queue: { readonly name: string; readonly division: string },
): readonly QueuePolicy[] => {
  const present = enforcedOn(set, queue, 'active').filter(
    ({ wrapupCodes }) => wrapupCodes !== null,
  );
  const floor = Math.max(
    ...present.filter(({ combine }) => combine === 'replace').map(({ priority }) => priority),
    -Infinity,
  );
  return present.filter(({ priority }) => priority >= floor);
};

/** The catalogs of these tests rename one code: until then it goes by its old name. */
const nameNow = (name: string): string => (name === 'D2' ? 'D' : name);

const names = (list: readonly { readonly name: string | null }[]): readonly string[] =>
  list.flatMap(({ name }) => (name === null ? [] : nameNow(name)));
const retired = ({ catalogs }: PolicySet): readonly string[] =>
  names(catalogs.flatMap(({ codes }) => codes).filter((code) => code.retired));

describe('a plan', () => {
  it('has the same digest whatever policies and files are called, and in whatever order all of it comes', async () => {
    const order = fc.infiniteStream(fc.nat());
    await fc.assert(
      fc.asyncProperty(world, order, async (first, random) => {
        const shuffled = <Item>(items: readonly Item[]): readonly Item[] =>
          items
            .map((item) => [random.next().value, item] as const)
            .toSorted(([a], [b]) => a - b)
            .map(([, item]) => item);
        const renamed = JSON.parse(
          JSON.stringify(first.set).replaceAll(
            /p(\d)/gu,
            (_, digit: string) => `q${9 - Number(digit)}`,
          ),
        ) as PolicySet;
        const second: World = {
          seed: {
            ...first.seed,
            codes: shuffled(first.seed.codes ?? []),
            queues: shuffled(first.seed.queues),
          },
          set: {
            policies: shuffled(renamed.policies),
            catalogs: renamed.catalogs.map((catalog) => ({
              ...catalog,
              codes: shuffled(catalog.codes),
            })),
            allowances: [],
          },
        };
        expect((await plan(second)).digest).toBe((await plan(first)).digest);
      }),
    );
  });

  it('with `unlisted: keep` removes nothing but what is forbidden, retired, or left over', async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ seed, set }) => {
        for (const { name, division, wrapupCodes } of (await plan({ seed, set })).queues) {
          const active = countingOn(set, { name, division });
          if (active.some((policy) => ruleOf(policy)?.unlisted === 'remove')) continue;
          const allowed = new Set([
            ...active.flatMap((policy) => names(ruleOf(policy)?.forbidden ?? [])),
            ...retired(set),
            ...enforcedOn(set, { name, division }, 'ended').flatMap((policy) =>
              names(ruleOf(policy)?.codes ?? []),
            ),
          ]);
          for (const code of wrapupCodes?.remove ?? []) expect(allowed).toContain(code.name);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('never adds a code that is forbidden or retired, nor one that no policy lists', async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ seed, set }) => {
        for (const { name, division, wrapupCodes } of (await plan({ seed, set })).queues) {
          const active = countingOn(set, { name, division });
          const forbidden = [
            ...active.flatMap((policy) => names(ruleOf(policy)?.forbidden ?? [])),
            ...retired(set),
          ];
          const listed = active.flatMap((policy) => names(ruleOf(policy)?.codes ?? []));
          for (const code of wrapupCodes?.add ?? []) {
            expect(forbidden).not.toContain(nameNow(code.name));
            expect(listed).toContain(nameNow(code.name));
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('removes nothing for the sake of a policy that only reports, or is suspended', async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ seed, set }) => {
        const withAll = await plan({ seed, set });
        for (const policy of set.policies) {
          if (policy.enforcement !== 'report' && policy.suspend === null) continue;
          const without = await plan({
            seed,
            set: { ...set, policies: set.policies.filter((other) => other !== policy) },
          });
          // Where the others alone contradict themselves, there is nothing to compare with.
          const judged = withAll.queues.filter(
            ({ id }) => !without.held.some((held) => held.id === id && held.by === 'conflict'),
          );
          // What is unsafe alone may be safe once the report protects a code.
          const wished = [...without.queues, ...without.held.filter(({ by }) => by === 'unsafe')];
          expect(removals(wished)).toEqual(expect.arrayContaining([...removals(judged)]));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('never prunes what a policy in report mode lists', async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ seed, set }) => {
        for (const { name, division, wrapupCodes } of (await plan({ seed, set })).queues) {
          const listed = set.policies
            .filter(
              (policy) =>
                policy.enforcement === 'report' &&
                phaseOf(policy) === 'active' &&
                governs(policy, { name, division }),
            )
            .flatMap((policy) => names(ruleOf(policy)?.codes ?? []));
          const forbidden = [
            ...countingOn(set, { name, division }).flatMap((policy) =>
              names(ruleOf(policy)?.forbidden ?? []),
            ),
            ...retired(set),
          ];
          for (const code of wrapupCodes?.remove ?? [])
            if (!forbidden.includes(code.name)) expect(listed).not.toContain(code.name);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('counts every governed queue once: changed, held or in sync', async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ seed, set }) => {
        const { queues, held, summary } = await plan({ seed, set });
        const touched = new Set([...queues, ...held].map(({ id }) => id));
        expect(summary.queuesGoverned).toBe(touched.size + summary.queuesInSync);
        const governed = seed.queues.filter(({ name, division = 'Home' }) =>
          set.policies.some(
            (policy) =>
              governs(policy, { name, division }) &&
              (phaseOf(policy) === 'active' ||
                (phaseOf(policy) === 'ended' && ruleOf(policy)?.codes.length !== 0)),
          ),
        );
        expect(summary.queuesGoverned).toBeLessThanOrEqual(governed.length);
        expect(new Set(queues.map(({ id }) => id)).size).toBe(queues.length);
      }),
    );
  });

  it('for some queues is the part of the whole plan that is theirs, and its guards count all', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (found) => {
        const whole = await plan(found);
        const part = await plan(found, { selects: ({ name }) => name.endsWith('EN') });
        expect(part.queues).toEqual(whole.queues.filter(({ name }) => name.endsWith('EN')));
        expect(part.held).toEqual(whole.held.filter(({ name }) => name.endsWith('EN')));
        expect(part.guards).toEqual(whole.guards);
      }),
    );
  });
});
