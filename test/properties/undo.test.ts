/** What a run has done can be taken back, by a plan like every other. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { UndoCollector } from '../../src/plan/collect-undo.js';
import type { Undo } from '../../src/domain/change.js';
import { gatewayWorld, world } from '../support/arbitraries.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryJournal } from '../support/memory-journal.js';
import { MemoryOrg } from '../support/memory-org.js';
import type { OrgSeed, QueueSnapshot } from '../support/memory-org.js';
import { applyOver, planOver } from '../support/pass.js';
import { policySet, settings } from '../support/policy-set.js';

const SEED = 5;

const undoOf = (journal: MemoryJournal, run: string): Undo => {
  const collector = new UndoCollector(run);
  for (const record of journal.records) collector.take(record);
  return collector.result().undo;
};

/** Queues as people see them: a timer counts only under a prompt that runs on one. */
const seen = (snapshots: ReadonlyMap<string, QueueSnapshot>): unknown =>
  [...snapshots].map(([name, { prompt, timeoutMs, codes }]) => ({
    name,
    prompt,
    timeoutMs: ['OPTIONAL', 'MANDATORY', null].includes(prompt) ? null : timeoutMs,
    codes,
  }));

const APIS = [
  { api: 'public' as const, worlds: world, seed: SEED },
  { api: 'wrapupcodes-put' as const, worlds: gatewayWorld, seed: SEED },
];

/** The rows of the requirement matrix, by the ids of queues; those of the public API say nothing. */
const rowsOf = (org: MemoryOrg, { queues }: OrgSeed): ReadonlyMap<string, unknown> =>
  new Map(
    queues.map(({ name }) => {
      const { id, rows } = org.queue(name);
      return [id, rows];
    }),
  );

it.each(APIS)(
  'apply, then undo, leaves every queue as it was ($api, seed $seed)',
  async ({ api, worlds }) => {
    const pass = { settings: settings({ api }) };
    let undone = 0;
    await fc.assert(
      fc.asyncProperty(worlds, async ({ seed, set }) => {
        const org = new MemoryOrg(seed, new FakeClock());
        const journal = new MemoryJournal(org.clock);
        const before = org.snapshots();
        const request = { journal };
        const rowsBefore = rowsOf(org, seed);
        await applyOver(org, set, {
          ...pass,
          onUnresolved: 'hold',
          request: { ...request, run: 'run-1' },
        });
        const between = org.snapshots();
        const nobody = policySet();
        const undo = undoOf(journal, 'run-1');
        // Without policies nothing else is wanted; an apply of the plan as it was saved.
        const saved = await planOver(org, nobody, { ...pass, undo });
        const nameOf = new Map<string, string>(undo.queues.map(({ id, name }) => [id, name]));
        const isPossible = (id: string): boolean =>
          !saved.held.some((held) => held.id === id) &&
          !saved.diagnostics.some(
            ({ code, queue }) => code === 'undo.left-out' && queue === nameOf.get(id),
          );
        const { report } = await applyOver(org, nobody, {
          ...pass,
          request: { ...request, run: 'run-2', saved, accept: saved.digest },
        });
        expect(['applied', 'nothing', 'held']).toContain(report.outcome);
        const after = org.snapshots();
        const expected = new Map(
          [...before].map(([id, state]) => [id, isPossible(id) ? state : (after.get(id) ?? state)]),
        );
        expect(seen(after)).toEqual(seen(expected));
        for (const [id, rows] of rowsOf(org, seed))
          if (isPossible(id)) expect(rows).toEqual(rowsBefore.get(id));
        if (JSON.stringify(seen(between)) !== JSON.stringify(seen(before))) undone += 1;
        // Once more there is nothing to undo: no queue is as the first run has left it.
        const again = await planOver(org, nobody, { ...pass, undo });
        expect(again.queues).toEqual([]);
      }),
      { seed: SEED, numRuns: 200 },
    );
    expect(undone).toBeGreaterThan(50);
  },
);

it(`is refused, queue by queue, where the policies would do it again (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ seed, set }) => {
      const org = new MemoryOrg(seed, new FakeClock());
      const journal = new MemoryJournal(org.clock);
      await applyOver(org, set, { onUnresolved: 'hold', request: { journal } });
      const plan = await planOver(org, set, {
        onUnresolved: 'hold',
        undo: undoOf(journal, 'run-1'),
      });
      const { report } = await applyOver(org, set, {
        onUnresolved: 'hold',
        request: { journal, run: 'run-2', saved: plan, accept: plan.digest },
      });
      expect(['applied', 'nothing', 'held', 'stale']).toContain(report.outcome);
      // What was undone is not done again by the next apply of the same policies.
      const next = await planOver(org, set, { onUnresolved: 'hold' });
      const again = next.queues.filter(({ id }) =>
        report.queues.some((row) => row.id === id && row.outcome === 'applied'),
      );
      expect(again).toEqual([]);
    }),
    { seed: SEED, numRuns: 200 },
  );
});
