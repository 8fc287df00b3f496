/** What `explain` says of a queue, over worlds that nobody would think of: the plan's rows, and nothing else. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findQueue, lookAtOrg, lookAtQueue } from '../../src/apply/look-at-org.js';
import type { HeldChange, QueueChange } from '../../src/domain/change.js';
import { requirementOfQueue } from '../../src/diff/judge-endings.js';
import { explainQueue } from '../../src/plan/explain-queue.js';
import type { Explanation, Outcome } from '../../src/plan/explanation.js';
import { checkRequirements } from '../../src/policy/sections.js';
import type { Settings } from '../../src/policy/settings.js';
import type { DesiredQueue } from '../../src/resolve/model.js';
import { traceQueue } from '../../src/resolve/trace-queue.js';
import { gatewayWorld, world } from '../support/arbitraries.js';
import type { World } from '../support/arbitraries.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import { planOver } from '../support/pass.js';
import { settings } from '../support/policy-set.js';

/** Always open, and closed at this hour. */
const windows: fc.Arbitrary<Settings['changeWindows']> = fc.constantFrom<
  Settings['changeWindows'][]
>(
  [],
  [],
  [{ kind: 'allow', schedule: '0 2 * * *', durationMs: 3_600_000, timeZone: 'UTC', queues: [] }],
);

/** As the command does it. */
const explainIn = async (
  { seed, set }: World,
  name: string,
  rest: Partial<Settings>,
): Promise<Explanation> => {
  const org = new MemoryOrg(seed, new FakeClock());
  const looking = { reader: org.reader, policySet: set, settings: settings(rest), now: NOW };
  const look = await lookAtOrg(looking);
  const [queue] = findQueue(look.lists, name);
  if (queue === undefined) throw new Error(`no queue ${name}`);
  const seen = await lookAtQueue(queue, look, looking);
  return explainQueue({
    ...seen,
    organization: look.lists.organization,
    region: 'us-east-1',
    api: looking.settings.api,
    queue,
    trace: traceQueue({ queue, policySet: set, inventory: look.lists, now: NOW }),
    diagnostics: [],
    errorsElsewhere: 0,
    requests: 0,
  });
};

/** What becomes of each section and each code, one line each, and what holds it. */
type Line = readonly [what: string, held: string | null];

const heldBy = (held: Outcome<unknown>['held']): string | null =>
  held === null ? null : JSON.stringify([held.by, held.reason, held.until]);

const explainedLines = ({ afterCallWork, wrapupCodes }: Explanation): readonly Line[] => [
  ...afterCallWork.changes.map(({ action, held }): Line => [
    `work ${JSON.stringify(action)}`,
    heldBy(held),
  ]),
  ...wrapupCodes.codes.flatMap(({ id, name, changes }) =>
    changes.map(({ action, held }): Line => [`${action} ${id ?? name}`, heldBy(held)]),
  ),
];

const plannedLines = (row: QueueChange | HeldChange): readonly Line[] => {
  const { afterCallWork, wrapupCodes } = row;
  const held = 'by' in row ? JSON.stringify([row.by, row.reason, row.until]) : null;
  const codes = (action: string, some: readonly { readonly id: string | null; name: string }[]) =>
    some.map(({ id, name }): Line => [`${action} ${id ?? name}`, held]);
  return [
    ...(afterCallWork === undefined
      ? []
      : [[`work ${JSON.stringify(afterCallWork)}`, held] as const]),
    ...codes('add', wrapupCodes?.add ?? []),
    ...codes('update', wrapupCodes?.update ?? []),
    ...codes('remove', wrapupCodes?.remove ?? []),
  ];
};

const sorted = (lines: readonly Line[]): readonly string[] =>
  lines.map((line) => JSON.stringify(line)).toSorted();

const desiredOf = async (
  { seed, set }: World,
  name: string,
  rest: Partial<Settings>,
): Promise<DesiredQueue | null> => {
  const { reader } = new MemoryOrg(seed, new FakeClock());
  const look = await lookAtOrg({ reader, policySet: set, settings: settings(rest), now: NOW });
  return look.desired.queues.find(({ queue }) => queue.name === name) ?? null;
};

/** The warnings of the merge, the rows of `explain` and the verdict of `compliance` rest on one table. */
const mustAgreeOnRequirements = (
  { wrapupCodes }: Explanation,
  desired: DesiredQueue | null,
  api: Settings['api'],
): void => {
  if (desired === null) return;
  const rows = wrapupCodes.codes.flatMap(({ row }) => (row === null ? [] : [row]));
  const isAdvisory = rows.some(({ requiredIs }) => requiredIs === 'advisory');
  expect(checkRequirements(desired.enforced, api).length > 0).toBe(isAdvisory);
  const { requiredIs } = requirementOfQueue(desired.enforced, api);
  expect(requiredIs).toBe(rows.find((row) => row.required)?.requiredIs ?? null);
};

const mustAgree = async (found: World, rest: Partial<Settings>): Promise<number> => {
  const plan = await planOver(new MemoryOrg(found.seed, new FakeClock()), found.set, {
    onUnresolved: 'hold',
    settings: settings(rest),
  });
  let lines = 0;
  for (const { name } of found.seed.queues) {
    const explained = await explainIn(found, name, rest);
    const rows = [...plan.queues, ...plan.held].filter(({ id }) => id === explained.queue.id);
    expect(sorted(explainedLines(explained))).toEqual(sorted(rows.flatMap(plannedLines)));
    // Whatever holds something is told with its reason.
    const told = explained.holds.map(heldBy);
    for (const [, held] of explainedLines(explained))
      if (held !== null) expect(told).toContain(held);
    const sections = rows.flatMap((row) =>
      [row.afterCallWork, row.wrapupCodes].flatMap((section) =>
        section === undefined ? [] : ['by' in row],
      ),
    );
    expect(explained.summary).toEqual({
      written: sections.filter((isHeld) => !isHeld).length,
      held: sections.filter(Boolean).length,
    });
    mustAgreeOnRequirements(explained, await desiredOf(found, name, rest), rest.api ?? 'public');
    lines += sections.length;
  }
  return lines;
};

describe('explain', () => {
  it('says of every queue what the plan says of it: what is written, what is held, and by what', async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(world, windows, async (found, changeWindows) => {
        seen += await mustAgree(found, { changeWindows });
      }),
      { numRuns: 200 },
    );
    expect(seen).toBeGreaterThan(300);
  });

  it('behind a gateway too', async () => {
    await fc.assert(
      fc.asyncProperty(gatewayWorld, windows, async (found, changeWindows) => {
        await mustAgree(found, { api: 'wrapupcodes-put', changeWindows });
      }),
      { numRuns: 100 },
    );
  });
});
