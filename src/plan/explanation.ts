/** The answer of `explain`: everything about one queue, as plain data that is safe for JSON. */
import type { AfterCallWorkChange, DiagnosticJson, Hold, Plan } from '../domain/change.js';
import type { PLAN_FORMAT } from '../domain/change.js';
import type { CodeId } from '../domain/ids.js';
import type { JudgedRequirement } from '../domain/requirement.js';
import type { LiveAfterCallWork, Organization } from '../domain/state.js';
import type { Standing } from '../resolve/trace-queue.js';

/** A place in a policy. */
export interface Origin {
  readonly policy: string;
  readonly file: string;
  readonly line: number;
}

/** Why something that a policy says does not count; instants are ISO 8601. */
export interface WhyNot {
  readonly kind: Exclude<Standing['kind'], 'counts'>;
  /** What it gives way to, where that is something that a policy or the catalog says. */
  readonly by: Origin | null;
  /** When its period begins or has ended. */
  readonly at: string | null;
}

/** A policy that means the queue, or nearly does. */
export interface ExplainedPolicy extends Origin {
  readonly owner: string | null;
  readonly priority: number;
  readonly combine: 'merge' | 'replace';
  readonly enforcement: 'enforce' | 'report';
  /** Whether anything that it says counts for this queue: `reports` where that is only reported. */
  readonly standing: 'counts' | 'reports' | 'excluded' | 'not-yet' | 'over' | 'nearly';
  /** When its period begins or has ended, where that is why. */
  readonly at: string | null;
  /** The entries of `include` that mean the queue. */
  readonly entries: readonly (Pick<Origin, 'file' | 'line'> & { readonly text: string })[];
  /** Where the entry stands that excludes it, or nearly means it; why, where that needs words. */
  readonly because: (Pick<Origin, 'file' | 'line'> & { readonly text: string | null }) | null;
  readonly suspended: {
    readonly by: string;
    readonly reason: string;
    readonly until: string;
  } | null;
}

/** What keeps a change from being written. */
export interface ExplainedHold {
  readonly by: Hold;
  readonly reason: string;
  readonly until: string | null;
}

/**
 * What becomes of a difference: it is written, or held for the first of the reasons. There may be two: what is written,
 * and what a policy in report mode would change then.
 */
export interface Outcome<Action> {
  readonly action: Action;
  readonly held: ExplainedHold | null;
}

/** A wish that does not count. */
export interface Overridden extends Origin {
  readonly says: string;
  readonly why: WhyNot;
}

export interface ExplainedWork {
  readonly live: LiveAfterCallWork;
  /** null: no policy that is enforced manages it. */
  readonly wanted: (LiveAfterCallWork & { readonly from: readonly Origin[] }) | null;
  /** None where it is as wanted; what is written comes first. */
  readonly changes: readonly Outcome<AfterCallWorkChange>[];
  readonly overridden: readonly Overridden[];
}

export interface ExplainedCode {
  /** null while the catalog has still to create it. */
  readonly id: CodeId | null;
  readonly name: string;
  readonly live: boolean;
  /**
   * `listed`: by a policy that counts; `reported`: by policies in report mode alone; `forbidden` and `retired`: it must
   * go; `left-over`: so it must, as a policy that listed it has ended; `unlisted`: by nobody.
   */
  readonly wanted: 'listed' | 'reported' | 'forbidden' | 'retired' | 'left-over' | 'unlisted';
  /** Who lists it, or does not want it. */
  readonly from: readonly Origin[];
  /** Its row of the requirement matrix, where it is listed. */
  readonly row: JudgedRequirement | null;
  /** As for after-call work. */
  readonly changes: readonly Outcome<'add' | 'remove' | 'update'>[];
  readonly overridden: readonly Overridden[];
}

export interface ExplainedCodes {
  /** null: no policy that is enforced manages them. */
  readonly unlisted: 'remove' | 'keep' | null;
  /** Who says so. */
  readonly from: readonly Origin[];
  /** By name. */
  readonly codes: readonly ExplainedCode[];
  /** Sections that do not count. */
  readonly overridden: readonly Overridden[];
}

/** The answer of `explain`. */
export interface Explanation {
  readonly kind: 'Explanation';
  readonly formatVersion: typeof PLAN_FORMAT;
  readonly organization: Organization;
  readonly region: string;
  readonly api: Plan['api'];
  readonly queue: { readonly id: string; readonly name: string; readonly division: string };
  readonly policies: readonly ExplainedPolicy[];
  readonly afterCallWork: ExplainedWork;
  readonly wrapupCodes: ExplainedCodes;
  /** Everything that holds the queue, whether or not there is something to hold. */
  readonly holds: readonly (ExplainedHold & { readonly sections: readonly string[] })[];
  /** How many sections would be written, and how many are held: nothing where all is in sync. */
  readonly summary: { readonly written: number; readonly held: number };
  readonly diagnostics: readonly DiagnosticJson[];
  /** Errors about other queues, because of which `plan` and `apply` stop all the same. */
  readonly errorsElsewhere: number;
  /** Requests that it took. */
  readonly requests: number;
}
