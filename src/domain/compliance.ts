/** How interactions really ended, and what the requirement matrix makes of it: plain data, safe for JSON. */
import type { DiagnosticJson, PLAN_FORMAT, RequestCounts } from './change.js';
import type { JudgedRequirement } from './requirement.js';

/** A time from its first instant up to, but not including, its end; both in milliseconds since the epoch. */
export interface Period {
  readonly from: number;
  readonly until: number;
}

/** Interactions of a queue that ended alike. */
export interface EndingCount {
  /** The platform's word, such as `voice`; null where it tells none. */
  readonly mediaType: string | null;
  /** The id of a code, a word of the platform's such as `ININ-WRAP-UP-TIMEOUT`, or null: without a code. */
  readonly wrapUpCode: string | null;
  readonly count: number;
}

/** How interactions of a queue ended, or why nobody can tell (part of a sentence). */
export type QueueEndings =
  | { readonly kind: 'counted'; readonly endings: readonly EndingCount[] }
  | {
      readonly kind: 'unread';
      readonly reason: string;
      readonly correlationId: string | null;
    };

/** The ways in which an interaction can end, in the order in which people read them. */
export const ENDINGS = ['allowed', 'other', 'timedOut', 'skipped', 'noCode', 'system'] as const;

/**
 * One of them: with a code that the policies allow · with another code · the timer ended first · the agent
 * skipped it · without a code · with a word that the platform itself sets, such as `ININ-OUTBOUND-BUSY`.
 */
export type Ending = (typeof ENDINGS)[number];

/** Numbers of interactions by ending; together they are all that were counted. */
export type EndingNumbers = Readonly<Record<Ending, number>>;

/**
 * What the policies say of a code that was used: `listed`; `kept`, though nobody lists it (`unlisted: keep`);
 * `unlisted`; `forbidden`, by a policy or because it is retired; `deleted` from the organization, which tells
 * no more; `unknown`, an id that the catalog does not show.
 */
export type Standing = 'listed' | 'kept' | 'unlisted' | 'forbidden' | 'deleted' | 'unknown';

/** A code that interactions ended with. */
export interface UsedCode {
  readonly id: string;
  readonly name: string;
  readonly standing: Standing;
  readonly count: number;
}

/** Interactions, and how many of them ended as the policies ask: `least` surely, `most` at best. */
export interface JudgedNumbers {
  readonly total: number;
  readonly endings: EndingNumbers;
  readonly met: { readonly least: number; readonly most: number };
  /** The same in percent of `total`, to two decimals; null where there is none. */
  readonly metPercent: { readonly least: number; readonly most: number } | null;
}

/** The interactions of one media type. */
export interface MediaNumbers extends JudgedNumbers {
  readonly mediaType: string | null;
}

/** One governed queue whose codes the policies manage. */
export interface QueueCompliance extends JudgedNumbers {
  readonly id: string;
  readonly name: string;
  readonly division: string;
  /** The highest priority first. */
  readonly policies: readonly string[];
  /** The requirement matrix in one row: what any of its codes asks for. Who took a way around the platform does not tell. */
  readonly requirement: JudgedRequirement;
  /** The prompt of after-call work: what the policies ask for (null: nothing) and what is there now. */
  readonly prompt: { readonly desired: string | null; readonly live: string | null };
  /** Most used first. */
  readonly codes: readonly UsedCode[];
  /** Most interactions first. */
  readonly media: readonly MediaNumbers[];
}

/** A queue by its id and name. */
export interface NamedQueue {
  readonly id: string;
  readonly name: string;
}

/** The result of `compliance`. */
export interface ComplianceReport {
  readonly kind: 'ComplianceReport';
  readonly formatVersion: typeof PLAN_FORMAT;
  readonly tool: string;
  readonly organization: { readonly id: string; readonly name: string };
  readonly region: string;
  /** ISO 8601; `until` is not part of it. */
  readonly period: { readonly from: string; readonly until: string };
  readonly total: JudgedNumbers;
  /** Most interactions first. */
  readonly media: readonly MediaNumbers[];
  /** The worst first; those without interactions last. */
  readonly queues: readonly QueueCompliance[];
  /** Queues of which the platform does not tell. */
  readonly unread: readonly (NamedQueue & {
    readonly reason: string;
    readonly correlationId: string | null;
  })[];
  /** Governed queues whose codes no policy manages: there is nothing to hold them against. */
  readonly unmanaged: readonly NamedQueue[];
  /** `--fail-under`, and the queues that are surely under it; null where nobody asked. */
  readonly failUnder: { readonly percent: number; readonly queues: readonly NamedQueue[] } | null;
  readonly requests: RequestCounts;
  readonly diagnostics: readonly DiagnosticJson[];
}
