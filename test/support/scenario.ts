/**
 * Whole passes as folders: policies and settings as people write them, an organization in a few lines,
 * and what is then printed. Time and ids are fixed, so that the same folder gives the same bytes.
 *
 * | file                                | holds                                                        |
 * |-------------------------------------|--------------------------------------------------------------|
 * | `scenario.yaml`                     | what it shows, and how it is run: see {@link SCENARIO}       |
 * | `policies/*.yaml`                   | policies; or the folders that the settings name              |
 * | `wrapkeeper.yaml`                   | settings, where the defaults are not enough                  |
 * | `base/`                             | policies and settings of the base, for `--base main`         |
 * | `org.yaml`                          | the organization: see {@link ORG}; none for input that is refused offline |
 * | `plan.txt`, `plan.json`, `plan.md`  | the plan as it is printed, 80 columns wide, without colour   |
 * | `error.txt`, `error.json`           | the failure, where there is no plan                          |
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { judgeBase } from '../../src/cli/base-source.js';
import type { ReadBase } from '../../src/cli/base-source.js';
import { selectQueues } from '../../src/cli/selection.js';
import { readWorkspaceAt } from '../../src/cli/workspace.js';
import type { ApplyReport, Plan } from '../../src/domain/change.js';
import { hasErrors } from '../../src/domain/diagnostics.js';
import { parseDuration } from '../../src/domain/duration.js';
import { AppError, invalidInput } from '../../src/domain/errors.js';
import { BYPASSES } from '../../src/domain/requirement.js';
import type { Bypass } from '../../src/domain/requirement.js';
import type { Pass } from '../../src/reconcile.js';
import { errorReport, renderJson } from '../../src/report/json.js';
import { renderBaseMarkdown } from '../../src/report/markdown-base.js';
import { renderPlanMarkdown } from '../../src/report/markdown-plan.js';
import { renderBaseText } from '../../src/report/text-base.js';
import { renderErrorText } from '../../src/report/text-diagnostics.js';
import type { Sources } from '../../src/report/text-diagnostics.js';
import { renderPlanText } from '../../src/report/text-plan.js';
import { FakeClock, NOW } from './fake-clock.js';
import { MemoryOrg } from './memory-org.js';
import type { OrgSeed } from './memory-org.js';
import { applyOver, planOver } from './pass.js';

const WIDTH = 80;

const SCENARIO = z.strictObject({
  /** What the scenario shows, in a sentence. */
  shows: z.string(),
  /** The instant at which it happens; 2026-11-23T09:00:00Z where nothing is said. */
  now: z.iso.datetime().optional(),
  /** `--queue`. */
  queue: z.string().optional(),
  /** `hold`: as the daemon, which holds what does not resolve and goes on. */
  mode: z.enum(['refuse', 'hold']).default('refuse'),
  /** Why a plan right after an apply is not empty. */
  partial: z.string().optional(),
});

/** After-call work in a few letters: `OPTIONAL`, `MANDATORY_TIMEOUT 45s`, `none`. */
const LIVE_WORK = z
  .string()
  .regex(/^\w+( \d+(ms|s|m|h|d))?$/)
  .transform((text) => {
    const [prompt = '', timeout = ''] = text.split(' ');
    return { prompt: prompt === 'none' ? null : prompt, timeoutMs: parseDuration(timeout) };
  });

/** A code on a queue: its name, or its name with its row of the requirement matrix. */
const ROW = z.union([
  z.string(),
  z.strictObject({
    name: z.string(),
    required: z.boolean().default(false),
    bypass: z
      .partialRecord(z.enum(BYPASSES), z.boolean())
      .default({})
      .transform((flags) => flags as Partial<Bypass>),
  }),
]);

const ORG = z.strictObject({
  /** Which contract the codes of queues follow. */
  api: z.enum(['public', 'wrapupcodes-put']).default('public'),
  divisions: z.array(z.string()).default([]),
  /** The catalog; codes that a queue has are added to it. */
  codes: z
    .array(z.union([z.string(), z.strictObject({ name: z.string(), id: z.uuid() })]))
    .default([]),
  queues: z.array(
    z.strictObject({
      /** One queue, or several that are alike. */
      name: z.union([z.string(), z.array(z.string())]),
      id: z.uuid().optional(),
      division: z.string().default('Home'),
      acw: LIVE_WORK.default({ prompt: 'OPTIONAL', timeoutMs: null }),
      codes: z.array(ROW).default([]),
      /** False only behind a gateway that knows disabled queues. */
      enabled: z.boolean().default(true),
      /** How many interactions go on in it; null: the platform does not tell. */
      interacting: z.int().nullable().default(0),
      /** The path of a number that would not survive being read and written back. */
      unsafeNumber: z.string().nullable().default(null),
    }),
  ),
});

export type Scenario = z.output<typeof SCENARIO> & {
  readonly name: string;
  readonly folder: string;
};

/** The scenarios of a folder, in the order of their numbers. */
export const findScenarios = (root: string): readonly Scenario[] =>
  readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((name) => {
      const folder = join(root, name);
      return { ...SCENARIO.parse(readYaml(folder, 'scenario.yaml')), name, folder };
    });

const readYaml = (folder: string, file: string): unknown =>
  parse(readFileSync(join(folder, file), 'utf8'));

const readOrg = ({ folder }: Scenario): OrgSeed => {
  if (!existsSync(join(folder, 'org.yaml'))) return { queues: [] };
  const { queues, ...rest } = ORG.parse(readYaml(folder, 'org.yaml'));
  return {
    ...rest,
    queues: queues.flatMap(({ name, id, acw, ...queue }) =>
      [name].flat().map((each) => ({
        ...queue,
        ...acw,
        ...(id === undefined ? {} : { id }),
        name: each,
      })),
    ),
  };
};

/** What became of a scenario: what is printed, by file, and the organization to go on with. */
export interface ScenarioRun {
  /** Paths of the files that went in, relative to the folder. */
  readonly inputs: readonly string[];
  readonly outputs: ReadonlyMap<string, string>;
  readonly org: MemoryOrg;
  /** null where the input was refused. */
  readonly planned: {
    readonly plan: Plan;
    readonly planAgain: () => Promise<Plan>;
    readonly apply: () => Promise<ApplyReport>;
  } | null;
}

/** Plans as the command line does: reads the files, checks them, reads the organization, compares. */
export const runScenario = async (scenario: Scenario): Promise<ScenarioRun> => {
  const { folder, mode, queue } = scenario;
  const clock = new FakeClock(scenario.now === undefined ? NOW : Date.parse(scenario.now));
  const org = new MemoryOrg(readOrg(scenario), clock);
  const sources = new Map<string, string>();
  const run = { org, inputs: ['scenario.yaml', ...orgFile(folder), ...baseFiles(folder)] };
  try {
    const io = { clock, env: {} };
    const { policySet, settings, diagnostics } = await readWorkspaceAt(folder, undefined, {
      io,
      sources,
    });
    if (hasErrors(diagnostics)) throw invalidInput(diagnostics);
    const base = existsSync(join(folder, 'base')) ? await readBaseFolder(folder, io) : null;
    const selection = selectQueues(queue === undefined ? [] : [queue]);
    const rest: Partial<Pass> = {
      settings,
      diagnostics: [...diagnostics, ...(base?.findings ?? [])],
      ...(base !== null && { base: base.base }),
      region: settings.region ?? 'us-east-1',
      onUnresolved: mode,
      selects: selection.selects,
    };
    const plan = await planOver(org, policySet, rest);
    selection.mustHaveMatched();
    return {
      ...run,
      inputs: [...run.inputs, ...sources.keys()],
      outputs: planFiles(plan),
      planned: {
        plan,
        planAgain: () => planOver(org, policySet, rest),
        apply: async () => (await applyOver(org, policySet, rest)).report,
      },
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return {
      ...run,
      inputs: [...run.inputs, ...sources.keys()],
      outputs: errorFiles(error, sources),
      planned: null,
    };
  }
};

const orgFile = (folder: string): readonly string[] =>
  existsSync(join(folder, 'org.yaml')) ? ['org.yaml'] : [];

const baseFiles = (folder: string): readonly string[] =>
  existsSync(join(folder, 'base'))
    ? readdirSync(join(folder, 'base'), { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    : [];

/** The base as git would give it. */
const readBaseFolder = (folder: string, io: { readonly clock: FakeClock }): Promise<ReadBase> =>
  judgeBase(
    'main',
    {
      commit: '9c41f0be2d7a6e5c4b3a29181706f5e4d3c2b1a0',
      diverged: false,
      unusable: null,
      root: join(folder, 'base'),
      config: undefined,
    },
    io.clock.now(),
  );

const planFiles = (plan: Plan): ReadonlyMap<string, string> => {
  const text = { width: WIDTH, color: false };
  const isCompared = plan.base !== undefined;
  return new Map([
    ['plan.txt', isCompared ? renderBaseText(plan, text) : renderPlanText(plan, text)],
    ['plan.json', renderJson(plan)],
    ['plan.md', isCompared ? renderBaseMarkdown(plan) : renderPlanMarkdown(plan)],
  ]);
};

const errorFiles = (error: AppError, sources: Sources): ReadonlyMap<string, string> =>
  new Map([
    ['error.txt', renderErrorText(error, sources, { width: WIDTH, color: false })],
    ['error.json', renderJson(errorReport(error))],
  ]);
