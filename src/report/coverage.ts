/** What `coverage` finds, as plain data. */
import { compareText } from '../domain/order.js';
import { PLAN_FORMAT } from '../domain/change.js';
import type { DiagnosticJson } from '../domain/change.js';
import { diagnosticJson } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { LiveQueue, Organization } from '../domain/state.js';
import type { CodeOnQueues, Coverage, IdlePolicy, StrayCode } from '../diff/coverage.js';
import type { Provenance } from '../policy/model.js';
import { selectorText } from '../resolve/selector-text.js';
import { groupBy } from '../domain/group-by.js';

interface Place {
  readonly file: string;
  readonly line: number;
}

interface NamedQueue {
  readonly id: string;
  readonly name: string;
}

/** A code that no policy lists; `id` is null where only a catalog names it, `catalog` where none does. */
interface StrayCodeJson {
  readonly id: string | null;
  readonly name: string;
  readonly catalog: Place | null;
  /** False for one that a queue has and the list of codes does not show. */
  readonly isVisible: boolean;
}

interface CodeOnQueuesJson extends StrayCodeJson {
  readonly queues: readonly NamedQueue[];
}

/** The result of `coverage`, format 1.0. */
export interface CoverageReport {
  readonly kind: 'Coverage';
  readonly formatVersion: typeof PLAN_FORMAT;
  readonly organization: Organization;
  readonly region: string;
  /** What narrowed the look at the organization; null: nothing. */
  readonly only: {
    readonly queues: readonly string[];
    readonly divisions: readonly string[];
  } | null;
  /** Numbers of codes are null where the queues were not read. */
  readonly summary: {
    readonly queues: number;
    readonly queuesGoverned: number;
    readonly queuesReportedOnly: number;
    readonly queuesUngoverned: number;
    readonly policies: number;
    readonly policiesIdle: number;
    readonly entriesIdle: number;
    readonly codes: number;
    readonly codesUnused: number | null;
    readonly codesUnlisted: number | null;
    readonly codesRetired: number | null;
  };
  /** By division; `of` is how many queues of it were looked at. */
  readonly ungoverned: readonly {
    readonly division: string;
    readonly of: number;
    readonly queues: readonly NamedQueue[];
  }[];
  readonly reportedOnly: readonly NamedQueue[];
  readonly idlePolicies: readonly (Place & {
    readonly policy: string;
    readonly why: IdlePolicy['why'];
    /** When its period begins or has ended, where that is why. */
    readonly at: string | null;
  })[];
  readonly idleEntries: readonly (Place & {
    readonly policy: string;
    readonly list: 'include' | 'exclude';
    readonly text: string;
  })[];
  readonly unusedCodes: readonly StrayCodeJson[] | null;
  readonly unlistedCodes: readonly CodeOnQueuesJson[] | null;
  readonly retiredCodes: readonly CodeOnQueuesJson[] | null;
  readonly diagnostics: readonly DiagnosticJson[];
  readonly requests: { readonly sent: number; readonly queuesRead: number };
}

export interface CoverageFacts {
  readonly organization: Organization;
  readonly region: string;
  readonly only: CoverageReport['only'];
  readonly coverage: Coverage;
  /** How many policies and codes there are. */
  readonly policies: number;
  readonly codes: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly requests: CoverageReport['requests'];
}

/** What is told here in lists of its own is no finding besides. */
const TOLD = new Set<string>(['policy.selects-nothing']);

export const coverageReport = (facts: CoverageFacts): CoverageReport => {
  const { coverage, organization } = facts;
  const { unused, unlisted, retired } = coverage.codes;
  return {
    kind: 'Coverage',
    formatVersion: PLAN_FORMAT,
    organization: { id: organization.id, name: organization.name },
    region: facts.region,
    only: facts.only,
    summary: {
      queues: coverage.queues.length,
      queuesGoverned: coverage.governed.size,
      queuesReportedOnly: coverage.reportedOnly.length,
      queuesUngoverned: coverage.ungoverned.length,
      policies: facts.policies,
      policiesIdle: coverage.idlePolicies.length,
      entriesIdle: coverage.idleEntries.length,
      codes: facts.codes,
      codesUnused: unused?.length ?? null,
      codesUnlisted: unlisted?.length ?? null,
      codesRetired: retired?.length ?? null,
    },
    ungoverned: groupBy(coverage.ungoverned, ({ division }) => division.id)
      .map((queues) => {
        const [{ division }] = queues;
        return {
          division: division.name,
          of: coverage.queues.filter((queue) => queue.division.id === division.id).length,
          queues: queues.map(named),
        };
      })
      .toSorted((a, b) => b.queues.length - a.queues.length || compareText(a.division, b.division)),
    reportedOnly: coverage.reportedOnly.map(named),
    idlePolicies: coverage.idlePolicies.map(({ policy, why }) => ({
      policy: policy.name,
      ...placeOf(policy.from),
      why,
      at: whenOf(policy.active, why),
    })),
    idleEntries: coverage.idleEntries.map(({ policy, entry, list }) => ({
      policy,
      ...placeOf(entry.from),
      list,
      text: selectorText(entry),
    })),
    unusedCodes: unused?.map(strayJson) ?? null,
    unlistedCodes: unlisted?.map(onQueuesJson) ?? null,
    retiredCodes: retired?.map(onQueuesJson) ?? null,
    diagnostics: facts.diagnostics.filter(({ code }) => !TOLD.has(code)).map(diagnosticJson),
    requests: facts.requests,
  };
};

const whenOf = (
  active: { readonly from: number | null; readonly until: number | null } | null,
  why: IdlePolicy['why'],
): string | null => {
  const at = why === 'not-yet' ? active?.from : why === 'over' ? active?.until : null;
  return at === null || at === undefined ? null : new Date(at).toISOString();
};

const named = ({ id, name }: LiveQueue): NamedQueue => ({ id, name });

const placeOf = ({ span: { file, line } }: Provenance): Place => ({ file, line });

const strayJson = ({ id, name, catalog, isVisible }: StrayCode): StrayCodeJson => ({
  id,
  name,
  catalog: catalog === null ? null : placeOf(catalog),
  isVisible,
});

const onQueuesJson = (code: CodeOnQueues): CodeOnQueuesJson => ({
  ...strayJson(code),
  queues: code.queues.map(named),
});
