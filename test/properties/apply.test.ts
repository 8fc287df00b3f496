/** Promises about writes, with and without things going wrong. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApplyReport, Plan } from '../../src/domain/change.js';
import { AppError } from '../../src/domain/errors.js';
import { world } from '../support/arbitraries.js';
import type { World } from '../support/arbitraries.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import type { Behaviour, Fault, QueueSnapshot } from '../support/memory-org.js';
import { expectNoHarm } from '../support/no-harm.js';
import { applyOver, planOver } from '../support/pass.js';

interface Applied {
  readonly org: MemoryOrg;
  readonly plan: Plan;
  readonly report: ApplyReport;
  readonly before: ReadonlyMap<string, QueueSnapshot>;
}

const apply = async (
  { seed, set }: World,
  behaviour: Partial<Behaviour> = {},
): Promise<Applied> => {
  const org = new MemoryOrg(seed, new FakeClock(), behaviour);
  const before = org.snapshots();
  return { org, before, ...(await applyOver(org, set, { onUnresolved: 'hold' })) };
};

/** What goes wrong: which write of the run, and how. */
const faults: fc.Arbitrary<ReadonlyMap<number, Fault>> = fc
  .array(
    fc.tuple(
      fc.nat({ max: 12 }),
      fc.constantFrom<Fault>(
        { lost: 'before' },
        { lost: 'after' },
        { refuse: new AppError('genesys.rejected', 'Refused.') },
        { refuse: new AppError('genesys.forbidden', 'Not permitted.') },
        { bug: new TypeError('x is undefined') },
      ),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((entries) => new Map(entries));

const WRITES = new Set([
  'createCode',
  'renameCode',
  'addCodes',
  'removeCode',
  'updateAfterCallWork',
]);

const failing = (found: ReadonlyMap<number, Fault>, lagMs: number): Partial<Behaviour> => {
  let writes = 0;
  return {
    lagMs,
    onRequest: ({ action }) => (WRITES.has(action) ? found.get(writes++) : undefined),
  };
};

describe('an apply to which nothing happens', () => {
  it('leaves nothing to plan', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (found) => {
        const { org, report, plan } = await apply(found);
        expect(report.summary).toMatchObject({ failed: 0, stale: 0, notAttempted: 0 });
        const again = await planOver(org, found.set, { onUnresolved: 'hold' });
        expect(again.queues).toEqual([]);
        expect(again.catalog).toEqual({ create: [], rename: [] });
        // What a report would do to a code that did not exist yet is told once it does.
        const holds = ({ held }: Plan): readonly string[] =>
          held.flatMap(({ id, by }) =>
            by === 'report' && plan.catalog.create.length > 0 ? [] : [`${id} ${by}`],
          );
        expect(holds(again)).toEqual(holds(plan));
      }),
      { numRuns: 200 },
    );
  });

  it('writes the fewest times: a PUT, ⌈adds/100⌉ POSTs, a DELETE a code, and nothing elsewhere', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (found) => {
        const { org, plan } = await apply(found);
        const rows = new Map(plan.queues.map((row) => [row.id, row]));
        for (const id of org.snapshots().keys()) {
          const row = rows.get(id);
          const count = (action: string): number =>
            org.writes.filter((write) => write.queue === id && write.action === action).length;
          expect(count('updateAfterCallWork')).toBe(row?.afterCallWork === undefined ? 0 : 1);
          expect(count('addCodes')).toBe(Math.ceil((row?.wrapupCodes?.add.length ?? 0) / 100));
          expect(count('removeCode')).toBe(row?.wrapupCodes?.remove.length ?? 0);
        }
      }),
    );
  });

  it('costs what the plan said', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (found) => {
        const { plan, report } = await apply(found);
        const nothing =
          plan.queues.length + plan.catalog.create.length + plan.catalog.rename.length === 0;
        expect(report.requests.sent).toBe(plan.cost.requests);
        expect(report.outcome).toBe(
          nothing ? (plan.held.length > 0 ? 'held' : 'nothing') : 'applied',
        );
      }),
      { numRuns: 200 },
    );
  });

  it('brings about what the plan said, and changes nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (found) => {
        const { org, plan, before } = await apply(found);
        const rows = new Map(plan.queues.map((row) => [row.id, row]));
        for (const [id, after] of org.snapshots()) {
          const row = rows.get(id);
          const was = before.get(id);
          const removed = new Set<string>(row?.wrapupCodes?.remove.map((code) => code.id));
          const added = (row?.wrapupCodes?.add ?? []).map(
            (code) => code.id ?? org.codeId(code.name),
          );
          expect(after.codes).toEqual(
            [...(was?.codes ?? []).filter((code) => !removed.has(code)), ...added].toSorted(),
          );
          expect({ prompt: after.prompt, timeoutMs: after.timeoutMs }).toEqual(
            row?.afterCallWork?.to ?? { prompt: was?.prompt, timeoutMs: was?.timeoutMs },
          );
        }
      }),
    );
  });

  it('does no harm on the way', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.constantFrom(0, 3_000), async (found, lagMs) => {
        expectNoHarm(await apply(found, { lagMs }));
      }),
      { numRuns: 200 },
    );
  });
});

describe('an apply in which writes fail or their answers are lost', () => {
  const troubled = fc.tuple(world, faults, fc.constantFrom(0, 3_000));

  it('does no harm on the way', async () => {
    await fc.assert(
      fc.asyncProperty(troubled, async ([found, trouble, lagMs]) => {
        expectNoHarm(await apply(found, failing(trouble, lagMs)));
      }),
      { numRuns: 200 },
    );
  });

  it('sends no write twice', async () => {
    await fc.assert(
      fc.asyncProperty(troubled, async ([found, trouble, lagMs]) => {
        const { org } = await apply(found, failing(trouble, lagMs));
        const sent = org.writes.map(({ action, queue, sent: body }) =>
          JSON.stringify([action, queue, body]),
        );
        expect(new Set(sent).size).toBe(sent.length);
      }),
    );
  });

  it('has a row for every planned queue, once, and one outcome that follows from the rows', async () => {
    await fc.assert(
      fc.asyncProperty(troubled, async ([found, trouble, lagMs]) => {
        const { plan, report } = await apply(found, failing(trouble, lagMs));
        const planned = new Set([...plan.queues, ...plan.held].map(({ id }) => id));
        expect(report.queues.map(({ id }) => id).toSorted()).toEqual([...planned].toSorted());
        expect(Object.values(report.summary).reduce((sum, count) => sum + count, 0)).toBe(
          planned.size,
        );
        expect(report.catalog).toHaveLength(
          plan.catalog.create.length + plan.catalog.rename.length,
        );

        const rows = [...report.queues, ...report.catalog];
        const is = (outcome: string): number =>
          rows.filter((row) => row.outcome === outcome).length;
        const [f, s, n] = [is('failed'), is('stale'), is('not-attempted')];
        const wrote =
          report.queues.some(({ steps }) => steps.some(({ result }) => result !== 'failed')) ||
          report.catalog.some(
            ({ outcome, reason }) => outcome === 'applied' || reason?.startsWith('a bug') === true,
          );
        const expected =
          f + s + n === 0
            ? wrote
              ? 'applied'
              : is('held') > 0
                ? 'held'
                : 'nothing'
            : wrote
              ? 'partial'
              : f + n > 0
                ? 'failed'
                : 'stale';
        expect(report.outcome).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('tells of every write what became of it', async () => {
    await fc.assert(
      fc.asyncProperty(troubled, async ([found, trouble, lagMs]) => {
        const { org, before, report } = await apply(found, failing(trouble, lagMs));
        const after = org.snapshots();
        for (const { id, outcome, steps } of report.queues) {
          const writes = org.writes.filter(({ queue }) => queue === id);
          expect(steps).toHaveLength(writes.length);
          for (const [index, { result }] of steps.entries())
            if (result !== 'unknown') expect(result === 'applied').toBe(writes[index]?.effect);
          if (outcome === 'applied')
            expect(steps.every(({ result }) => result === 'applied')).toBe(true);
          if (outcome === 'in-sync') expect(after.get(id)).toEqual(before.get(id));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is made good by the next one', async () => {
    await fc.assert(
      fc.asyncProperty(troubled, async ([found, trouble, lagMs]) => {
        const { onRequest, ...behaviour } = failing(trouble, lagMs);
        let isOver = false;
        const { org } = await apply(found, {
          ...behaviour,
          onRequest: (request, at) => (isOver ? undefined : onRequest?.(request, at)),
        });
        isOver = true;
        await org.clock.sleep(lagMs);
        await applyOver(org, found.set, { onUnresolved: 'hold' });
        expect((await planOver(org, found.set, { onUnresolved: 'hold' })).queues).toEqual([]);
      }),
    );
  });
});
