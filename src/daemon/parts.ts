/** What a daemon is put together from; `src/cli/daemon.ts` does that. */
import type { RunAbout } from '../apply/ledger-entries.js';
import type { ChangeFeed, OrgReader, OrgWriter, RunJournal } from '../apply/ports.js';
import type { Clock } from '../domain/clock.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { JournalEntry, JournalRecord } from '../domain/journal.js';
import type { Secret } from '../domain/secret.js';
import type { Settings } from '../policy/settings.js';
import type { PolicySource, PolicyState } from './policies.js';
import type { SinkStatus, Trigger } from './status.js';

/** A connection that lasts for many passes. */
export interface OrgConnection {
  readonly reader: OrgReader;
  readonly writer: OrgWriter;
  readonly feed: ChangeFeed;
  readonly region: string;
  /** Does some work whose reading and waiting ends with the signal. */
  readonly endingWith: <Result>(
    signal: AbortSignal,
    work: () => Promise<Result>,
  ) => Promise<Result>;
  readonly close: () => Promise<void>;
}

/** Told of what goes on; `run` is the same in log, journal and events. */
export type DaemonLog = (
  level: 'error' | 'warn' | 'info' | 'debug',
  message: string,
  about?: Readonly<Record<string, unknown>>,
) => void;

export interface DaemonParts {
  /** `wrapkeeper/<version>` */
  readonly tool: string;
  readonly mode: 'enforce' | 'report';
  /** In place of the interval of the settings, in milliseconds; or null. */
  readonly intervalMs: number | null;
  readonly source: PolicySource;
  /** Connects as these settings say; nothing is sent yet. In report mode a connection that cannot write. */
  readonly connect: (settings: Settings) => Promise<OrgConnection>;
  /** The journal, which the daemon holds for its life; `onAppend` is called behind each append of a pass. */
  readonly journalWith: (onAppend: (entries: readonly JournalEntry[]) => void) => RunJournal;
  /** What the journal tells of the last time, oldest first. */
  readonly recent: () => AsyncIterable<JournalRecord>;
  readonly sinks: () => readonly SinkStatus[];
  /** Other policies and settings are in force. What was wrong with what they need is told. */
  readonly onAccepted: (state: PolicyState) => Promise<readonly Diagnostic[]>;
  /** What the journal is to keep of a run. */
  readonly about: (
    state: PolicyState,
    trigger: Trigger,
    overrides: RunAbout['overrides'],
  ) => Promise<RunAbout>;
  readonly planKey: Secret | null;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly log: DaemonLog;
}
