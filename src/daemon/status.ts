/**
 * What a daemon tells of itself, as plain JSON: `GET /api/status`, `/api/queues` and `/api/runs`, the status page and
 * the metrics are all made of this. Instants are ISO 8601.
 */
import type { ApplyReport, GuardVerdict, Hold, RequestCounts } from '../domain/change.js';
import type { DiagnosticJson } from '../domain/change.js';
import type { Cause } from '../domain/change.js';
import type { ChangedBy } from '../domain/journal.js';

/**
 * | state      | means                                                                                   |
 * |------------|-----------------------------------------------------------------------------------------|
 * | `in-sync`  | it is as the policies want it                                                           |
 * | `drifting` | it differs, and nothing was done about it yet, or will be: its policies only report     |
 * | `held`     | it differs, and something keeps the change back: a window, a suspension, another writer |
 * | `failing`  | it differs, and the last attempt to correct it failed                                   |
 */
export type QueueState = 'in-sync' | 'drifting' | 'held' | 'failing';
export const QUEUE_STATES = [
  'in-sync',
  'drifting',
  'held',
  'failing',
] as const satisfies readonly QueueState[];

export interface Correction {
  readonly at: string;
  readonly run: string;
  readonly cause: Cause;
  readonly changedBy: ChangedBy;
}

/** A governed queue. */
export interface QueueStatus {
  readonly id: string;
  readonly name: string;
  readonly division: string;
  /** Names of the policies that govern it, sorted. */
  readonly policies: readonly string[];
  readonly state: QueueState;
  /** What holds it; null where nothing does. */
  readonly heldBy: Hold | null;
  /** Why it is held, or what failed; for people. */
  readonly reason: string | null;
  /** Since when it is in this state. */
  readonly since: string;
  /** When the hold ends, or it is tried again; null where nobody knows. */
  readonly until: string | null;
  /** null: none that is remembered. */
  readonly lastCorrection: Correction | null;
}

/** A pass that left a record in the journal. */
export interface RunStatus {
  readonly run: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** What set it off: see {@link Trigger}. */
  readonly trigger: string;
  readonly commit: string | null;
  readonly outcome: ApplyReport['outcome'] | 'error';
  readonly summary: ApplyReport['summary'] | null;
  readonly requests: RequestCounts;
  /** What went wrong; null where nothing did. */
  readonly problem: string | null;
}

/** Why a pass was asked for. The first is the timer; the last a person, or a program with the token. */
export const TRIGGERS = [
  'start',
  'interval',
  'sweep',
  'files',
  'push',
  'settings',
  'request',
] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** The last pass, whatever became of it. */
export interface PassStatus {
  readonly run: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly trigger: Trigger;
  readonly outcome: ApplyReport['outcome'] | 'error';
  /** Whether everything was read, or only what had changed. */
  readonly extent: 'all' | 'changed';
  readonly requests: RequestCounts;
  /** What went wrong; null where nothing did. */
  readonly problem: DiagnosticJson | null;
}

/**
 * | state         | means                                                                                  |
 * |---------------|----------------------------------------------------------------------------------------|
 * | `following`   | what is enforced is what the repository says now                                       |
 * | `broken`      | what the repository says now is invalid: the policies accepted last go on              |
 * | `refused`     | a guard refuses what it says now: the policies accepted last go on                     |
 * | `unreachable` | the remote does not answer, or the folder is not there                                 |
 * | `rewritten`   | the branch no longer holds the commit accepted last: somebody rewrote it               |
 * | `deleted`     | the branch is not there any more                                                       |
 * | `unsigned`    | the commit has no good signature, and `daemon.verifyCommits` demands one               |
 * | `waiting`     | nothing was seen yet                                                                   |
 */
export const SOURCE_STATES = [
  'following',
  'broken',
  'refused',
  'unreachable',
  'rewritten',
  'deleted',
  'unsigned',
  'waiting',
] as const;
export type SourceState = (typeof SOURCE_STATES)[number];

/** A state of the policies, by which it is known again. */
export interface Revision {
  /** `sha256:…` of settings and policies. */
  readonly digest: string;
  readonly commit: string | null;
  /** Whether files differ from that commit. */
  readonly dirty: boolean;
}

export interface SourceStatus {
  readonly kind: 'folder' | 'remote';
  /** The folder, or the address without what it takes to log in. */
  readonly location: string;
  readonly branch: string | null;
  readonly state: SourceState;
  readonly since: string;
  /** For people: why it is in this state and what to do; null where it follows. */
  readonly message: string | null;
  /** What was seen last; null: nothing. */
  readonly seen: Revision | null;
  /** What is enforced, and since when; null: nothing was accepted yet, and nothing is enforced. */
  readonly accepted: (Revision & { readonly at: string }) | null;
  /** What is wrong with what was seen. */
  readonly diagnostics: readonly DiagnosticJson[];
  /** The plan that a guard refuses, where one does: its digest can be accepted. */
  readonly refusal: { readonly digest: string; readonly guards: readonly GuardVerdict[] } | null;
}

/** How drift is found. */
export interface DetectionStatus {
  readonly by: 'audits' | 'sweeps';
  /** Why the audit log is of no use; null where it is used. */
  readonly why: string | null;
  /** Up to when (by the platform's clock) the audit log was read completely. */
  readonly cursor: string | null;
  /** When everything had been read last. */
  readonly lastSweepAt: string | null;
  /** When the oldest of what is known was read. */
  readonly oldestReadAt: string | null;
  /** Drift that a sweep has found and the audit log had not shown, since the start. */
  readonly missedByAudits: number;
}

/** A sink, and what waits for it. */
export interface SinkStatus {
  readonly name: string;
  readonly undelivered: number;
  /** Given up after many days; they can be replayed. */
  readonly givenUp: number;
  readonly isDisabled: boolean;
  /** When the event that waits longest was tried first; null: none waits, or none was tried yet. */
  readonly oldestAt: string | null;
}

export interface DaemonStatus {
  readonly kind: 'DaemonStatus';
  readonly formatVersion: '1.0';
  /** `wrapkeeper/<version>` */
  readonly tool: string;
  readonly startedAt: string;
  /** When this was said. */
  readonly at: string;
  readonly mode: 'enforce' | 'report';
  /** null before the first pass that got so far. */
  readonly organization: { readonly id: string; readonly name: string } | null;
  readonly region: string;
  readonly ready: boolean;
  /** Why it is not ready, for people; null where it is. */
  readonly notReady: string | null;
  readonly source: SourceStatus;
  readonly detection: DetectionStatus;
  readonly queues: Readonly<Record<QueueState, number>>;
  readonly lastPass: PassStatus | null;
  readonly lastSuccessAt: string | null;
  /** Passes that failed since the last one that did not. */
  readonly consecutiveFailures: number;
  readonly isRunning: boolean;
  readonly nextPassAt: string | null;
  readonly sinks: readonly SinkStatus[];
  /** What people should know: warnings of the last pass, of settings, of secrets. */
  readonly diagnostics: readonly DiagnosticJson[];
}
