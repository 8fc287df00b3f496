/**
 * Policies as the core uses them: defaults filled in, texts in NFC, every value with the place it was
 * written at. What people write is in `schema.ts`.
 */
import type { SourceSpan } from '../domain/diagnostics.js';
import type { Requirement } from '../domain/requirement.js';
import type { WrapupPrompt } from '../domain/state.js';

/** Where a desired value comes from. */
export interface Provenance {
  /** `metadata.name` of the document. */
  readonly policy: string;
  readonly span: SourceSpan;
}

/** Nothing is written while it lasts; it ends by itself. Instants are milliseconds since the epoch. */
export interface Suspension {
  readonly reason: string;
  readonly by: string;
  readonly until: number;
}

/** When a policy counts. `null` is an open end. */
export interface ActivePeriod {
  readonly from: number | null;
  readonly until: number | null;
  readonly afterwards: 'keep' | 'remove';
}

/** One entry of `queues.include` or `exclude`: every key that is there must hold. */
export interface QueueSelector {
  /** A name or a pattern (`*` any run of characters, `\*` a star), in NFC. */
  readonly name: string | null;
  readonly id: string | null;
  /** A division's name, in NFC. */
  readonly division: string | null;
  readonly from: Provenance;
}

/** How a policy points at a code: by name (NFC), by id, or by both, which must then agree. */
export interface CodeReference {
  readonly name: string | null;
  readonly id: string | null;
  readonly from: Provenance;
}

export interface ListedCode extends CodeReference {
  readonly requirement: Requirement;
}

export interface AfterCallWorkRule {
  readonly prompt: WrapupPrompt;
  /** Milliseconds; null where the policy says nothing about the timer. */
  readonly timeoutMs: number | null;
  readonly from: Provenance;
}

export interface WrapupCodesRule {
  readonly unlisted: 'remove' | 'keep';
  readonly codes: readonly ListedCode[];
  /** Whether `codes` was written, so that an empty list is a wish and not an omission. */
  readonly codesWritten: boolean;
  readonly forbidden: readonly CodeReference[];
  readonly allowEmpty: boolean;
  readonly from: Provenance;
}

/** Hands off the section on these queues (with `combine: replace`). */
export interface Unmanaged {
  readonly unmanaged: true;
  readonly from: Provenance;
}

export interface QueuePolicy {
  readonly kind: 'QueuePolicy';
  readonly name: string;
  readonly owner: string | null;
  readonly description: string | null;
  readonly priority: number;
  readonly combine: 'merge' | 'replace';
  readonly enforcement: 'enforce' | 'report';
  readonly suspend: Suspension | null;
  readonly active: ActivePeriod | null;
  readonly include: readonly QueueSelector[];
  readonly exclude: readonly QueueSelector[];
  /** null: this policy says nothing about it. */
  readonly afterCallWork: AfterCallWorkRule | Unmanaged | null;
  readonly wrapupCodes: WrapupCodesRule | Unmanaged | null;
  readonly from: Provenance;
}

export interface CatalogCode {
  readonly name: string;
  readonly description: string | null;
  /** A division's name, `"*"` for all, or null where nothing was said (the platform's default). */
  readonly division: string | null;
  readonly previously: string | null;
  readonly retired: boolean;
  /** Whether its catalog may create it. */
  readonly create: boolean;
  readonly from: Provenance;
}

export interface WrapupCodeCatalog {
  readonly kind: 'WrapupCodeCatalog';
  readonly name: string;
  readonly create: boolean;
  readonly codes: readonly CatalogCode[];
  readonly from: Provenance;
}

/** The four measures of the guards. */
export const GUARD_MEASURES = [
  'queuesChanged',
  'codesRemoved',
  'codesRemovedPerQueue',
  'codesPerQueue',
] as const;
export type GuardMeasure = (typeof GUARD_MEASURES)[number];

export interface GuardAllowance {
  readonly kind: 'GuardAllowance';
  readonly name: string;
  readonly allows: Partial<Readonly<Record<GuardMeasure, number>>>;
  readonly reason: string;
  readonly until: number;
  readonly from: Provenance;
}

/** Everything that the policies of a repository say. */
export interface PolicySet {
  readonly policies: readonly QueuePolicy[];
  readonly catalogs: readonly WrapupCodeCatalog[];
  readonly allowances: readonly GuardAllowance[];
}

export const isUnmanaged = (
  section: AfterCallWorkRule | WrapupCodesRule | Unmanaged,
): section is Unmanaged => 'unmanaged' in section;
