/** An import, over organizations that nobody would make: what it writes asks for nothing but what is there. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readForImport } from '../../src/apply/read-import.js';
import { hasErrors } from '../../src/domain/diagnostics.js';
import { AppError } from '../../src/domain/errors.js';
import { importQueues } from '../../src/plan/import-org.js';
import type { PolicySet } from '../../src/policy/model.js';
import { validatePolicies } from '../../src/policy/rules.js';
import type { Settings } from '../../src/policy/settings.js';
import { renderPolicyFiles } from '../../src/report/policy-yaml.js';
import type { RenderedFile } from '../../src/report/policy-yaml.js';
import { world } from '../support/arbitraries.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';
import type { Behaviour, OrgSeed } from '../support/memory-org.js';
import { planOver } from '../support/pass.js';
import { settings } from '../support/policy-set.js';
import { wildGateway, wildOrg } from '../support/wild-org.js';

const NO_POLICIES: PolicySet = { policies: [], catalogs: [], allowances: [] };

const importOf = async (
  org: MemoryOrg,
  policySet: PolicySet = NO_POLICIES,
  api: Settings['api'] = 'public',
) => {
  const read = await readForImport({
    reader: org.reader,
    organization: org.organization,
    policySet,
    settings: { ...settings(), api },
    choose: (queues) => queues,
    beforeCodes: () => Promise.resolve(),
    now: NOW,
  });
  const divisions = importQueues(read);
  const files = renderPolicyFiles(divisions, {
    organization: org.organization.name,
    schema: '../schemas/policy.schema.json',
  });
  return { read, divisions, files };
};

const parse = (
  files: readonly RenderedFile[],
  api: Settings['api'],
  change: (text: string) => string = (text) => text,
) => {
  const { set, diagnostics } = validatePolicies(
    files.map(({ name, text }) => ({ path: `policies/${name}`, text: change(text) })),
    { now: NOW, api },
  );
  expect(diagnostics).toEqual([]);
  return set;
};

const enforced = (text: string): string =>
  text.replaceAll('\n  enforcement: report\n', '\n  enforcement: enforce\n');

const EMPTY = { queues: [], held: [], catalog: { create: [], rename: [] }, diagnostics: [] };

/** Plans over the imported policies, in report mode and enforced, and finds nothing. */
const mustPlanToNothing = async (
  seed: OrgSeed,
  api: Settings['api'],
  behaviour: Partial<Behaviour> = {},
): Promise<void> => {
  const org = new MemoryOrg(seed, new FakeClock(), behaviour);
  const { files, divisions } = await importOf(org, NO_POLICIES, api);
  const managed = divisions.flatMap(({ policies }) => policies.flatMap(({ queues }) => queues));
  const unmanaged = divisions.flatMap((division) => division.unmanaged);
  expect(managed.length + unmanaged.length).toBe(seed.queues.length);
  for (const change of [(text: string) => text, enforced]) {
    const set = parse(files, api, change);
    const plan = await planOver(org, set, { settings: { ...settings(), api } });
    expect(plan).toMatchObject(EMPTY);
    expect(plan.summary.queuesGoverned).toBe(managed.length);
  }
  expect(org.writes).toEqual([]);
};

describe('a plan right after an import is empty', () => {
  it('whatever names, timers and prompts there are', async () => {
    await fc.assert(
      fc.asyncProperty(wildOrg, (seed) => mustPlanToNothing(seed, 'public')),
      { numRuns: 300 },
    );
  });

  it('behind a gateway, row by row', async () => {
    await fc.assert(
      fc.asyncProperty(wildGateway, (seed) => mustPlanToNothing(seed, 'wrapupcodes-put')),
      { numRuns: 150 },
    );
  });

  it('for the queues that other policies leave free', async () => {
    let imported = 0;
    await fc.assert(
      fc.asyncProperty(world, async ({ seed, set }) => {
        const org = new MemoryOrg(seed, new FakeClock());
        const result = await importOf(org, set).catch((error: unknown) => {
          if (error instanceof AppError && hasErrors(error.diagnostics)) return null;
          throw error;
        });
        if (result === null) return;
        const own = parse(result.files, 'public', enforced);
        const both = { ...set, policies: [...set.policies, ...own.policies] };
        const ids = new Set(result.read.queues.map(({ queue }) => queue.id));
        imported += own.policies.length;
        const plan = await planOver(org, both);
        expect([...plan.queues, ...plan.held].filter(({ id }) => ids.has(id))).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(imported).toBeGreaterThan(50);
  });
});

describe('an import', () => {
  it('gives the same bytes whatever order the platform lists things in', async () => {
    await fc.assert(
      fc.asyncProperty(wildOrg, async (seed) => {
        const reversed: OrgSeed = {
          ...seed,
          codes: [...(seed.codes ?? [])].reverse(),
          queues: [...seed.queues]
            .reverse()
            .map((queue) => ({ ...queue, codes: [...(queue.codes ?? [])].reverse() })),
        };
        const [first, second] = await Promise.all(
          [seed, reversed].map((each) => importOf(new MemoryOrg(each, new FakeClock()))),
        );
        expect(second?.files).toEqual(first?.files);
      }),
    );
  });
});
