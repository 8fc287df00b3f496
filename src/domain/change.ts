/**
 * A plan as plain JSON-safe data: what apply takes, what the file holds, what reporters print. The
 * names and their order are format 1.0 and a promise to other tools.
 */
import type { CodeId, DivisionId, OrganizationId, QueueId } from './ids.js';
import type { Api, Requirement } from './requirement.js';
import type { AfterCallWork, LiveAfterCallWork, QueueSnapshot } from './state.js';

export const PLAN_FORMAT = '1.0';

/** What a run did to one queue, with the ids of all codes. */
export interface UndoneQueue {
  readonly id: QueueId;
  readonly name: string;
  readonly change: ChangedSections;
  readonly before: QueueSnapshot;
}

/** What a run did, as far as it can be undone. */
export interface Undo {
  readonly run: string;
  readonly queues: readonly UndoneQueue[];
  readonly renames: readonly CodeRename[];
}

/** A code in a change; `id` is null while the catalog has still to create it. */
export interface CodeInChange {
  readonly id: CodeId | null;
  readonly name: string;
}

export interface AfterCallWorkChange {
  readonly from: LiveAfterCallWork;
  readonly to: AfterCallWork;
}

/** A code that a queue gets. */
export interface AddedCode extends CodeInChange {
  /** Its row of the requirement matrix: under `wrapupcodes-put`, and there alone. */
  readonly requirement?: Requirement;
}

/** A code that stays on a queue, with another row of the requirement matrix. */
export interface CodeUpdate {
  readonly id: CodeId;
  readonly name: string;
  /** null where the row that was read is not understood; such a change is always held. */
  readonly from: Requirement | null;
  readonly to: Requirement;
}

export interface WrapupCodesChange {
  /** Sorted by name. */
  readonly add: readonly AddedCode[];
  /** Sorted by name. Under `wrapupcodes-put` it always stands, and under the public API never. */
  readonly update?: readonly CodeUpdate[];
  /** Sorted by name; these all have ids. */
  readonly remove: readonly { readonly id: CodeId; readonly name: string }[];
  /** How many codes the queue keeps as they are. */
  readonly unchanged: number;
}

/** How many codes stay on the queue, with whatever row. */
export const keptCodes = ({ unchanged, update = [] }: WrapupCodesChange): number =>
  unchanged + update.length;

/** How many codes the queue has afterwards. */
export const codesAfter = (change: WrapupCodesChange): number =>
  keptCodes(change) + change.add.length;

/** Whether the codes are written as a whole list with rows (`wrapupcodes-put`). */
export const replacesList = ({ update }: WrapupCodesChange): boolean => update !== undefined;

/** Why a queue differs: the policy is new, or somebody changed the queue; `unknown` where it was never in sync. */
export type Cause = 'policy' | 'drift' | 'unknown';

/** The sections of a queue that change. */
export interface ChangedSections {
  readonly afterCallWork?: AfterCallWorkChange;
  readonly wrapupCodes?: WrapupCodesChange;
}

/** One instruction of a plan: all that happens to one queue. A section stands only where it changes. */
export interface QueueChange extends ChangedSections {
  readonly id: QueueId;
  readonly name: string;
  /** The division's name. */
  readonly division: string;
  /** Names of the policies that govern the queue, sorted. */
  readonly policies: readonly string[];
  /** `sha256:…` of the managed fields as they were read. */
  readonly liveDigest: string;
  readonly cause: Cause;
}

/** What keeps a change from being written. */
export const HOLDS = [
  'report',
  'suspend',
  'unresolved',
  'conflict',
  'unsafe',
  'window',
  'busy',
  'disabled',
  'flapping',
] as const;
export type Hold = (typeof HOLDS)[number];

/** A change that is left out, with its content, who holds it, why, and until when (ISO 8601, or null). */
export interface HeldChange extends QueueChange {
  readonly by: Hold;
  readonly reason: string;
  readonly until: string | null;
}

export interface CodeCreation {
  readonly name: string;
  readonly description: string | null;
  /** A division's id, `"*"` for all, or null for the platform's default. */
  readonly divisionId: DivisionId | null;
}

export interface CodeRename {
  readonly id: CodeId;
  readonly from: string;
  readonly to: string;
}

export interface CatalogChanges {
  readonly create: readonly CodeCreation[];
  readonly rename: readonly CodeRename[];
}

export interface GuardVerdict {
  readonly measure: string;
  readonly actual: number;
  /** What it is a part of, or null where the limit is an absolute number. */
  readonly of: number | null;
  readonly limit: string;
  readonly verdict: 'pass' | 'refuse' | 'allowed';
  /** The queues that weigh most, the heaviest first, at most five. */
  readonly worst: readonly { readonly queue: string; readonly count: number }[];
}

/** Counted over the queues that the plan was asked for; guards alone count over all. */
export interface PlanSummary {
  /** Queues that at least one policy governs. */
  readonly queuesGoverned: number;
  readonly queuesChanged: number;
  /** Governed queues without any difference, held ones included in the other numbers. */
  readonly queuesInSync: number;
  /** Queues with at least one held change; they may also be among the changed. */
  readonly queuesHeld: number;
  readonly codesAdded: number;
  /** Under `wrapupcodes-put` alone. */
  readonly codesUpdated?: number;
  readonly codesRemoved: number;
  readonly acwChanged: number;
  /** None where the catalog waits for a change window. */
  readonly codesCreated: number;
}

/** A diagnostic as JSON output shows it: flat, a place or nulls. */
export interface DiagnosticJson {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly remedy: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly queue: string | null;
}

/** A queue by its id, with the name that people know it by. */
export interface NamedQueue {
  readonly id: QueueId;
  readonly name: string;
}

/** What a branch changes of what policies and settings say, whatever it comes to in queues now. */
export const BASE_MARKS = [
  'report-to-enforce',
  'enforce-to-report',
  'suspension-ended',
  'allowance-added',
  'allowance-changed',
  'setting-loosened',
  'setting-changed',
  'probably-renamed',
] as const;

/** Something that a reviewer must not overlook, and that stands in no row. */
export interface BaseMark {
  readonly kind: (typeof BASE_MARKS)[number];
  /** Of a policy, an allowance, a code, or the key of a setting as people write it. */
  readonly name: string;
  /** For people, part of a sentence; null where the name says it all. */
  readonly detail: string | null;
}

/** What a branch changes, apart from what was pending without it (`plan --base`). */
export interface PlanBase {
  /** As it was asked for, such as `main`. */
  readonly ref: string;
  readonly commit: string;
  /** Why the base cannot be compared, so that everything counts as changed; null: it can. */
  readonly incomparable: string | null;
  /** `sha256:…` of {@link Plan.digest}'s content, over this catalog and the rows of these queues alone. */
  readonly digest: string;
  /** What the branch creates and renames, and what its rows wait for. */
  readonly catalog: CatalogChanges;
  /** Queues whose rows, written or held, are not those of the base, sorted. All other rows were pending. */
  readonly queues: readonly QueueId[];
  /** Sorted by name, like all that follow. Empty where the base cannot be compared. */
  readonly newlyGoverned: readonly NamedQueue[];
  readonly noLongerGoverned: readonly NamedQueue[];
  /** The base would change them; with the branch nothing is to be done. */
  readonly settled: readonly NamedQueue[];
  /** Something else is wanted of them than on the base, which they happen to be already: no row tells it. */
  readonly wantedOtherwise: readonly NamedQueue[];
  /** Measures of guards that refuse what was pending, without the branch too. */
  readonly refusedAlready: readonly string[];
  readonly marks: readonly BaseMark[];
}

export interface Plan {
  readonly kind: 'Plan';
  readonly formatVersion: typeof PLAN_FORMAT;
  /** `sha256:…` of what would be written: equal digests mean equal effects. */
  readonly digest: string;
  /** ISO 8601, like `expiresAt`. */
  readonly createdAt: string;
  readonly expiresAt: string;
  /** `wrapkeeper/<version>`. */
  readonly tool: string;
  readonly organization: { readonly id: OrganizationId; readonly name: string };
  readonly region: string;
  readonly api: Api;
  readonly source: {
    readonly commit: string | null;
    readonly dirty: boolean;
    readonly policiesDigest: string;
  };
  readonly catalog: CatalogChanges;
  /** Sorted by name, then id; only queues with changes. */
  readonly queues: readonly QueueChange[];
  readonly held: readonly HeldChange[];
  readonly guards: readonly GuardVerdict[];
  readonly summary: PlanSummary;
  /** What a complete apply from here costs: API requests (reads included), and seconds at the limit. */
  readonly cost: { readonly requests: number; readonly estimatedSeconds: number };
  readonly diagnostics: readonly DiagnosticJson[];
  /** What it undoes, where it is the inverse of a run; what policies want stands in no such plan. */
  readonly undoes?: Undo;
  /** Only with `--base`. */
  readonly base?: PlanBase;
  /** `sha256:…` (or `hmac-sha256:…`) of the rest: an edited file is refused. */
  readonly seal: string;
}

export type RowOutcome = 'applied' | 'in-sync' | 'failed' | 'stale' | 'held' | 'not-attempted';

/** One request that was meant to change a queue or a code, and what became of it. */
export interface Step {
  readonly action:
    | 'create-code'
    | 'rename-code'
    | 'add-codes'
    | 'set-after-call-work'
    | 'remove-code'
    | 'put-codes';
  /** For people: names of codes, or the new prompt. */
  readonly detail: string;
  /** `unknown`: no answer came, and reading could not settle it. */
  readonly result: 'applied' | 'failed' | 'unknown';
  readonly correlationId: string | null;
}

export interface QueueRow {
  readonly id: QueueId;
  readonly name: string;
  readonly outcome: RowOutcome;
  readonly steps: readonly Step[];
  readonly reason: string | null;
  /** From the queue's first request of this apply to its last; null where none was sent. */
  readonly latencyMs: number | null;
  readonly correlationId: string | null;
}

export interface CatalogRow {
  readonly id: CodeId | null;
  readonly name: string;
  readonly action: 'create' | 'rename';
  readonly outcome: RowOutcome;
  readonly reason: string | null;
  readonly correlationId: string | null;
}

export interface RequestCounts {
  readonly sent: number;
  readonly retried: number;
  readonly throttled: number;
}

export interface ApplyReport {
  readonly kind: 'ApplyReport';
  readonly formatVersion: typeof PLAN_FORMAT;
  readonly planDigest: string;
  /** The run's id. */
  readonly run: string;
  readonly outcome: 'applied' | 'nothing' | 'held' | 'partial' | 'failed' | 'refused' | 'stale';
  /** Every queue of the plan, changed or held, once. */
  readonly queues: readonly QueueRow[];
  readonly catalog: readonly CatalogRow[];
  readonly guards: readonly GuardVerdict[];
  readonly diagnostics: readonly DiagnosticJson[];
  readonly summary: {
    readonly applied: number;
    readonly inSync: number;
    readonly failed: number;
    readonly stale: number;
    readonly held: number;
    readonly notAttempted: number;
  };
  readonly requests: RequestCounts;
  /** The head of the journal after this run; null where none is kept. */
  readonly journal: { readonly seq: number; readonly hash: string } | null;
}
