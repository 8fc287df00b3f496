/** Policies as the parser gives them, in few words: parts with defaults. Every value has a place. */
import type {
  AfterCallWorkRule,
  CatalogCode,
  GuardAllowance,
  ListedCode,
  PolicySet,
  Provenance,
  QueuePolicy,
  QueueSelector,
  Unmanaged,
  WrapupCodeCatalog,
  WrapupCodesRule,
} from '../../src/policy/model.js';
import type { Bypass, Requirement } from '../../src/domain/requirement.js';
import type { Settings } from '../../src/policy/settings.js';
import type { WrapupPrompt } from '../../src/domain/state.js';

/** A line of a policy's own file. */
export const at = (policy: string, line = 1): Provenance => ({
  policy,
  span: { file: `policies/${policy}.yaml`, line, column: 1, endLine: line, endColumn: 9 },
});

const NO_BYPASS: Bypass = {
  selfAssignment: false,
  supervisorAssignment: false,
  agentAssignment: false,
  transfer: false,
  wrapup: false,
  postCallWork: false,
};

export const requirement = (required: boolean, bypass: Partial<Bypass> = {}): Requirement => ({
  required,
  bypass: { ...NO_BYPASS, ...bypass },
});

/** A code as a test names it: a name, or parts of what the parser gives. */
export type CodeSpec =
  | string
  | {
      readonly name?: string;
      readonly id?: string;
      readonly required?: boolean;
      readonly bypass?: Partial<Bypass>;
    };

const listed = (policy: string, spec: CodeSpec, index: number): ListedCode => {
  const {
    name = null,
    id = null,
    required = false,
    bypass = {},
  } = typeof spec === 'string' ? { name: spec } : spec;
  return { name, id, requirement: requirement(required, bypass), from: at(policy, 30 + index) };
};

export interface CodesSpec {
  readonly unlisted?: 'remove' | 'keep';
  readonly codes?: readonly CodeSpec[];
  readonly forbidden?: readonly CodeSpec[];
  readonly allowEmpty?: boolean;
}

const codesRule = (policy: string, spec: CodesSpec): WrapupCodesRule => ({
  unlisted: spec.unlisted ?? 'remove',
  codes: (spec.codes ?? []).map((code, index) => listed(policy, code, index)),
  codesWritten: spec.codes !== undefined,
  forbidden: (spec.forbidden ?? []).map((code, index) => listed(policy, code, 60 + index)),
  allowEmpty: spec.allowEmpty ?? false,
  from: at(policy, 20),
});

const workRule = (
  policy: string,
  prompt: WrapupPrompt,
  timeoutMs: number | null = null,
): AfterCallWorkRule => ({ prompt, timeoutMs, from: at(policy, 10) });

const unmanaged = (policy: string, line = 10): Unmanaged => ({
  unmanaged: true,
  from: at(policy, line),
});

/** An entry of `include` or `exclude`; a text alone is a name. */
export const selector = (
  policy: string,
  spec: string | Partial<Omit<QueueSelector, 'from'>>,
  line = 5,
): QueueSelector => ({
  name: null,
  id: null,
  division: null,
  ...(typeof spec === 'string' ? { name: spec } : spec),
  from: at(policy, line),
});

export interface PolicySpec extends Partial<
  Pick<QueuePolicy, 'priority' | 'combine' | 'enforcement' | 'suspend' | 'active'>
> {
  readonly include?: readonly Parameters<typeof selector>[1][];
  readonly exclude?: readonly Parameters<typeof selector>[1][];
  readonly work?: 'unmanaged' | WrapupPrompt | readonly [WrapupPrompt, number];
  readonly codes?: 'unmanaged' | CodesSpec;
}

/** A policy for every queue, unless `include` says otherwise. */
export const policy = (name: string, spec: PolicySpec = {}): QueuePolicy => {
  const { include = ['*'], exclude = [], work, codes, ...rest } = spec;
  const prompt = typeof work === 'string' ? ([work, null] as const) : work;
  return {
    kind: 'QueuePolicy',
    name,
    owner: null,
    description: null,
    priority: 0,
    combine: 'merge',
    enforcement: 'enforce',
    suspend: null,
    active: null,
    ...rest,
    include: include.map((entry, index) => selector(name, entry, 5 + index)),
    exclude: exclude.map((entry, index) => selector(name, entry, 8 + index)),
    afterCallWork:
      prompt === undefined
        ? null
        : prompt[0] === 'unmanaged'
          ? unmanaged(name)
          : workRule(name, prompt[0], prompt[1]),
    wrapupCodes:
      codes === undefined
        ? null
        : codes === 'unmanaged'
          ? unmanaged(name, 20)
          : codesRule(name, codes),
    from: at(name),
  };
};

export const catalog = (
  codes: readonly (string | (Partial<CatalogCode> & { readonly name: string }))[],
  { create = true, name = 'catalog' } = {},
): WrapupCodeCatalog => ({
  kind: 'WrapupCodeCatalog',
  name,
  create,
  codes: codes.map((code, index) => ({
    description: null,
    division: null,
    previously: null,
    retired: false,
    create,
    ...(typeof code === 'string' ? { name: code } : code),
    from: at(name, 5 + index),
  })),
  from: at(name),
});

export const allowance = (
  allows: GuardAllowance['allows'],
  until: number,
  name = 'allowance',
): GuardAllowance => ({
  kind: 'GuardAllowance',
  name,
  allows,
  reason: 'Reviewed.',
  until,
  from: at(name),
});

export const policySet = (
  ...documents: readonly (QueuePolicy | WrapupCodeCatalog | GuardAllowance)[]
): PolicySet => ({
  policies: documents.filter((document) => document.kind === 'QueuePolicy'),
  catalogs: documents.filter((document) => document.kind === 'WrapupCodeCatalog'),
  allowances: documents.filter((document) => document.kind === 'GuardAllowance'),
});

/** Settings with their documented defaults, and guards that let everything pass. */
export const settings = (rest: Partial<Settings> = {}): Settings => ({
  organizationId: null,
  region: 'us-east-1',
  policies: ['policies'],
  api: 'public',
  suspend: null,
  limits: { requestsPerMinute: 300, concurrency: 8 },
  guards: OPEN_GUARDS,
  activity: { maxInteracting: 0, onBusy: 'ignore' },
  changeWindows: [],
  journal: { store: { folder: '.wrapkeeper' }, keepMs: null },
  settleForMs: 10_000,
  webhooks: [],
  daemon: {
    intervalMs: 60_000,
    sweepIntervalMs: 21_600_000,
    verifyCommits: 'off',
    listen: '127.0.0.1:8080',
    apiToken: null,
    gitSecret: null,
    inboundSecrets: [],
    flap: { reversals: 3, withinMs: 3_600_000 },
  },
  ...rest,
});

/** Guards that let everything pass. */
export const OPEN_GUARDS: Settings['guards'] = {
  queuesChanged: { percent: 100, count: 1_000_000, floor: 0 },
  codesRemoved: { percent: 100, count: 1_000_000, floor: 0 },
  codesRemovedPerQueue: { percent: 100, floor: 0 },
  codesPerQueue: 1_000,
};

/** The guards of design section 2. */
export const DEFAULT_GUARDS: Settings['guards'] = {
  queuesChanged: { percent: 30, count: 100, floor: 5 },
  codesRemoved: { percent: 25, count: 200, floor: 3 },
  codesRemovedPerQueue: { percent: 50, floor: 3 },
  codesPerQueue: 50,
};
