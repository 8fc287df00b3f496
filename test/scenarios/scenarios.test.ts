import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planDigest, sealOf } from '../../src/plan/digest.js';
import { changesToJudge } from '../../src/plan/forecast.js';
import type { Plan } from '../../src/domain/change.js';
import { expectFile, UPDATE } from '../support/expected.js';
import { findScenarios, runScenario } from '../support/scenario.js';
import type { ScenarioRun } from '../support/scenario.js';

const SCENARIOS = findScenarios(import.meta.dirname);

/** What a run may print: an expected file of another outcome goes when expectations are rewritten. */
const PRINTED = /^(plan|error)\.(txt|json|md)$/;

/** Paths of all files below a folder, sorted. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();

describe.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
  '%s',
  (_, scenario) => {
    test('prints what is expected', async () => {
      const { inputs, outputs } = await runScenario(scenario);
      const files = [...inputs, ...outputs.keys()].sort();
      if (UPDATE) {
        for (const file of filesIn(scenario.folder))
          if (PRINTED.test(file) && !outputs.has(file)) rmSync(join(scenario.folder, file));
      }
      for (const [file, text] of outputs)
        expectFile(text, `./${scenario.name}/${file}`, import.meta.url);
      expect(filesIn(scenario.folder)).toEqual(files);
    });

    test('seals the plan that it prints', async () => {
      const { outputs } = await runScenario(scenario);
      const text = outputs.get('plan.json');
      if (text === undefined) return;
      const { seal, ...plan } = JSON.parse(text) as Plan;
      expect(sealOf(plan)).toBe(seal);
      expect(digestOf(plan)).toBe(plan.digest);
    });

    test('comes to rest, once applied', async () => {
      const run = await runScenario(scenario);
      if (run.planned === null) {
        expect(run.org.writes).toEqual([]);
        expect(scenario.partial, 'nothing is applied').toBeUndefined();
        return;
      }
      await settle(run.planned, run.org, scenario.partial);
    });
  },
);

/** Applies, and plans anew: nothing is left to write, and only what was held is held again. */
const settle = async (
  { plan, apply, planAgain }: NonNullable<ScenarioRun['planned']>,
  org: ScenarioRun['org'],
  partial: string | undefined,
): Promise<void> => {
  expect(org.writes, 'a plan writes nothing').toEqual([]);
  const report = await apply();
  const again = await planAgain();
  if (plan.guards.some(({ verdict }) => verdict === 'refuse')) {
    expect(report.outcome).toBe('refused');
    expect(org.writes).toEqual([]);
    expect(again.digest).toBe(plan.digest);
    expect(partial, 'a refused plan is to say why').toBeDefined();
    return;
  }
  expect(report.summary).toMatchObject({ failed: 0, stale: 0, notAttempted: 0 });
  const waits = plan.diagnostics.some(({ code }) => code === 'catalog.closed');
  const catalog = waits ? plan.catalog : { create: [], rename: [] };
  expect(again).toMatchObject({ catalog, queues: [] });
  expect(holdsOf(again)).toEqual(holdsOf(plan));
  expect(partial !== undefined, 'a plan that holds something back is to say why').toBe(
    again.held.length > 0,
  );
};

const holdsOf = ({ held }: Plan): readonly string[] => held.map(({ name, by }) => `${name}: ${by}`);

/** The digest of a plan as its file tells it. */
const digestOf = ({ organization, api, catalog, queues, held }: Omit<Plan, 'seal'>): string =>
  planDigest({
    organizationId: organization.id,
    api,
    catalog,
    changes: changesToJudge({ queues, held }),
  });

test('the list of scenarios is complete', () => {
  const rows = SCENARIOS.map(({ name, shows }) => `- [${name}](${name}): ${shows}\n`);
  const text = `# Scenarios\n\nEach folder is a whole pass: policies, an organization, and what is printed. \`test/support/scenario.ts\` says what the files mean; \`WRAPKEEPER_UPDATE_EXPECTED=1 npx vitest run test/scenarios\` rewrites what is expected, to be read in git.\n\n${rows.join('')}`;
  expectFile(text, './README.md', import.meta.url);
  expect(new Set(SCENARIOS.map(({ name }) => name.slice(0, 2))).size).toBe(SCENARIOS.length);
});
