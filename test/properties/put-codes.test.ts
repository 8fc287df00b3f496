/** The promises about writes where the list of codes is replaced (`wrapupcodes-put`), rows included. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApplyReport, Plan } from '../../src/domain/change.js';
import { AppError } from '../../src/domain/errors.js';
import type { Requirement } from '../../src/domain/requirement.js';
import { gatewayWorld } from '../support/arbitraries.js';
import type { World } from '../support/arbitraries.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import type { Behaviour, Fault, QueueSnapshot } from '../support/memory-org.js';
import { expectNoHarm } from '../support/no-harm.js';
import { applyOver, planOver } from '../support/pass.js';
import { settings } from '../support/policy-set.js';

const PASS = { onUnresolved: 'hold', settings: settings({ api: 'wrapupcodes-put' }) } as const;

type Rows = Readonly<Record<string, Requirement>>;

interface Applied {
  readonly org: MemoryOrg;
  readonly plan: Plan;
  readonly report: ApplyReport;
  readonly before: ReadonlyMap<string, QueueSnapshot>;
  readonly rowsBefore: ReadonlyMap<string, Rows>;
}

const apply = async (
  { seed, set }: World,
  behaviour: Partial<Behaviour> = {},
): Promise<Applied> => {
  const org = new MemoryOrg(seed, new FakeClock(), behaviour);
  const before = org.snapshots();
  const rowsBefore = new Map(seed.queues.map(({ name }) => [name, org.queue(name).rows]));
  return { org, before, rowsBefore, ...(await applyOver(org, set, PASS)) };
};

const faults: fc.Arbitrary<ReadonlyMap<number, Fault>> = fc
  .array(
    fc.tuple(
      fc.nat({ max: 8 }),
      fc.constantFrom<Fault>(
        { lost: 'before' },
        { lost: 'after' },
        { refuse: new AppError('genesys.rejected', 'Refused.') },
      ),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((entries) => new Map(entries));

const WRITES = new Set(['createCode', 'renameCode', 'putCodes', 'updateAfterCallWork']);

const failing = (found: ReadonlyMap<number, Fault>, lagMs: number): Partial<Behaviour> => {
  let writes = 0;
  return {
    lagMs,
    onRequest: ({ action }) => (WRITES.has(action) ? found.get(writes++) : undefined),
  };
};

describe('an apply to which nothing happens', () => {
  it('leaves nothing to plan, and costs what the plan said', async () => {
    await fc.assert(
      fc.asyncProperty(gatewayWorld, async (found) => {
        const { org, report, plan } = await apply(found);
        expect(report.summary).toMatchObject({ failed: 0, stale: 0, notAttempted: 0 });
        expect(report.requests.sent).toBe(plan.cost.requests);
        const again = await planOver(org, found.set, PASS);
        expect(again.queues).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('writes the fewest times: the list once where codes differ, and never a code by itself', async () => {
    await fc.assert(
      fc.asyncProperty(gatewayWorld, async (found) => {
        const { org, plan } = await apply(found);
        const rows = new Map(plan.queues.map((row) => [row.id, row]));
        for (const id of org.snapshots().keys()) {
          const row = rows.get(id);
          const count = (action: string): number =>
            org.writes.filter((write) => write.queue === id && write.action === action).length;
          expect(count('updateAfterCallWork')).toBe(row?.afterCallWork === undefined ? 0 : 1);
          expect(count('putCodes')).toBe(row?.wrapupCodes === undefined ? 0 : 1);
          expect(count('addCodes') + count('removeCode')).toBe(0);
        }
      }),
    );
  });

  it('brings about the rows that the plan said, and changes no other', async () => {
    await fc.assert(
      fc.asyncProperty(gatewayWorld, async (found) => {
        const { org, plan, rowsBefore } = await apply(found);
        const renamed = new Map(plan.catalog.rename.map(({ from, to }) => [from, to]));
        for (const { name } of found.seed.queues) {
          const row = plan.queues.find((change) => change.name === name);
          const expected = new Map(
            Object.entries(rowsBefore.get(name) ?? {}).map(([code, is]) => [
              renamed.get(code) ?? code,
              is,
            ]),
          );
          for (const code of row?.wrapupCodes?.remove ?? []) {
            expected.delete(renamed.get(code.name) ?? code.name);
          }
          for (const code of row?.wrapupCodes?.update ?? []) {
            expect(expected.get(renamed.get(code.name) ?? code.name)).toEqual(code.from);
            expected.set(renamed.get(code.name) ?? code.name, code.to);
          }
          for (const { name: added, requirement } of row?.wrapupCodes?.add ?? [])
            if (requirement !== undefined) expected.set(added, requirement);
          expect(org.queue(name).rows).toEqual(Object.fromEntries(expected));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('does no harm on the way', async () => {
    await fc.assert(
      fc.asyncProperty(gatewayWorld, fc.constantFrom(0, 3_000), async (found, lagMs) => {
        expectNoHarm(await apply(found, { lagMs }));
      }),
    );
  });
});

describe('an apply in which writes fail or their answers are lost', () => {
  const troubled = fc.tuple(gatewayWorld, faults, fc.constantFrom(0, 3_000));

  it('does no harm, sends no write twice, and tells of each what became of it', async () => {
    await fc.assert(
      fc.asyncProperty(troubled, async ([found, trouble, lagMs]) => {
        const { org, before, report } = await apply(found, failing(trouble, lagMs));
        expectNoHarm({ org, before });
        for (const { id, steps } of report.queues) {
          const writes = org.writes.filter(({ queue }) => queue === id);
          expect(new Set(writes.map(({ action }) => action)).size).toBe(writes.length);
          expect(steps).toHaveLength(writes.length);
          for (const [index, { result }] of steps.entries())
            expect(result === 'applied').toBe(writes[index]?.effect);
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
        await applyOver(org, found.set, PASS);
        expect((await planOver(org, found.set, PASS)).queues).toEqual([]);
      }),
    );
  });
});
