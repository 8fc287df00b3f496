/** The desired state, queue by queue, with the place that each value comes from. */
import type { Diagnostic } from '../domain/diagnostics.js';
import type { Hold } from '../domain/change.js';
import type { CodeCreation, CodeRename } from '../domain/change.js';
import type { CodeId, QueueId } from '../domain/ids.js';
import type { Requirement } from '../domain/requirement.js';
import type { LiveQueue, WrapupPrompt } from '../domain/state.js';
import type { Provenance } from '../policy/model.js';
import type { ChangeWindow } from '../policy/settings.js';

/** The key of a code while ids may be missing: its id, or `new:<name>` while the catalog has to create it. */
export type CodeKey = string;

export interface DesiredCode {
  /** null while the catalog has still to create it. */
  readonly id: CodeId | null;
  readonly name: string;
  readonly requirement: Requirement;
  /** Every policy that lists it, the one whose row counts first. */
  readonly from: readonly Provenance[];
}

export interface DesiredAfterCallWork {
  readonly prompt: WrapupPrompt;
  /** null: the policy says nothing about the timer. */
  readonly timeoutMs: number | null;
  readonly from: readonly Provenance[];
}

export interface DesiredCodes {
  readonly unlisted: 'remove' | 'keep';
  readonly allowEmpty: boolean;
  /** Whether policies wrote a list of codes and all of it is understood, so that an empty one is a wish. */
  readonly explicit: boolean;
  readonly listed: ReadonlyMap<CodeKey, DesiredCode>;
  /** Codes that must go whatever `unlisted` says: forbidden, retired, or left over by a policy that ended. */
  readonly unwanted: ReadonlyMap<
    CodeId,
    { readonly name: string; readonly from: readonly Provenance[] }
  >;
  /** Never pruned: listed by a policy in report mode, or by one that may not find all of its queues. */
  readonly protected: ReadonlySet<CodeId>;
  readonly from: readonly Provenance[];
}

/** What one merge of policies wants of one queue; null: unmanaged. */
export interface DesiredSections {
  readonly afterCallWork: DesiredAfterCallWork | null;
  readonly wrapupCodes: DesiredCodes | null;
}

export interface SectionHold {
  readonly section: 'afterCallWork' | 'wrapupCodes';
  readonly by: Hold;
  readonly reason: string;
  /** Milliseconds since the epoch, or null. */
  readonly until: number | null;
}

export interface DesiredQueue {
  readonly queue: LiveQueue;
  /** The policies that govern it, the highest priority first. */
  readonly policies: readonly string[];
  /** Those among them that only report. */
  readonly reporting: readonly string[];
  /** The merge of the policies that are enforced. */
  readonly enforced: DesiredSections;
  /** The merge of these and of the policies in report mode; the same object where there are none. */
  readonly full: DesiredSections;
  /** Sections that must not be written, and why. The first that names a section counts. */
  readonly holds: readonly SectionHold[];
}

/** A change window, and the queues that it holds for. */
export interface SelectedWindow extends Omit<ChangeWindow, 'queues'> {
  readonly queues: ReadonlySet<QueueId> | 'all';
  /** An entry of its `queues` is not understood: it may hold for others too. */
  readonly inDoubt: boolean;
}

/** Something that was looked for in a list by its whole name (NFC) or id. */
export type QueueLookup = { readonly name: string } | { readonly id: string };
export type CodeLookup = QueueLookup;

export interface DesiredState {
  readonly queues: readonly DesiredQueue[];
  readonly catalog: {
    readonly create: readonly CodeCreation[];
    readonly rename: readonly CodeRename[];
  };
  readonly changeWindows: readonly SelectedWindow[];
  readonly diagnostics: readonly Diagnostic[];
  /**
   * What the lists did not show. An absence in a list of several pages is asked for by itself before
   * it counts, as an error or as a reason to create something.
   */
  readonly absent: {
    readonly queues: readonly QueueLookup[];
    readonly codes: readonly CodeLookup[];
  };
  /** The next instant at which an `active` or `suspend` begins or ends, in milliseconds, or null. */
  readonly nextBoundaryAt: number | null;
}
