/** The organization as a daemon knows it: one connection for many passes, and what is remembered of what was read. */
import type { ChangeFeed, OrgReader, OrgWriter, PlanningReader } from '../apply/ports.js';
import type { RequestCounts } from '../domain/change.js';
import type { Clock } from '../domain/clock.js';
import type { QueueId } from '../domain/ids.js';
import type { Organization } from '../domain/state.js';
import type { Settings } from '../policy/settings.js';
import { digestOf } from '../plan/digest.js';
import { INITIAL_DETECTION, nextLook, rolled, rollingReads, told } from './detection.js';
import type { AskedPeriod, DetectionState } from './detection.js';
import { KnownOrg } from './known-org.js';
import type { DaemonLog, DaemonParts, OrgConnection } from './parts.js';
import type { DetectionStatus, PassStatus } from './status.js';
import { WrittenQueues } from './written-queues.js';

export interface Refreshing {
  readonly settings: Settings;
  readonly intervalMs: number;
  /** Whether everything is to be read, whatever the audit log says. */
  readonly mustSweep: boolean;
  readonly signal: AbortSignal;
}

/** What was found out before a pass. */
export interface Refreshed {
  readonly extent: PassStatus['extent'];
  /** Queues of which the audit log told this time. */
  readonly spoken: ReadonlySet<QueueId>;
  /** Whether what this pass finds beyond that was missed by the audit log. */
  readonly showsMisses: boolean;
  readonly reader: OrgReader;
}

/** So long a new connection waits for the requests of the old one to leave the minute that is counted. */
const MINUTE_MS = 60_000;
/** So long a pass waits for what the audit log tells. */
const ASK_FOR_MS = 60_000;

export class OrgLink {
  readonly #connection: OrgConnection;
  readonly #key: string;
  readonly #clock: Clock;
  readonly #log: DaemonLog;
  readonly #known: KnownOrg;
  #detection: DetectionState = INITIAL_DETECTION;
  #organization: Organization | null = null;
  readonly #written = new WrittenQueues();
  #settleForMs = 0;
  #missed = 0;
  /** With how many requests this pass reads codes in place of the log; null: it does not. */
  #rolling: number | null = null;

  private constructor(
    connection: OrgConnection,
    key: string,
    { clock, log }: Pick<DaemonParts, 'clock' | 'log'>,
  ) {
    this.#connection = connection;
    this.#key = key;
    this.#clock = clock;
    this.#log = log;
    this.#known = new KnownOrg({ reader: connection.reader, clock });
  }

  /** Connects as these settings say, in place of another link. */
  static async open(
    before: OrgLink | null,
    settings: Settings,
    parts: Pick<DaemonParts, 'connect' | 'clock' | 'log'>,
    signal: AbortSignal,
  ): Promise<OrgLink> {
    if (before !== null) {
      await before.close();
      // A new connection counts from nothing, and the platform does not.
      await parts.clock.sleep(MINUTE_MS, signal);
    }
    return new OrgLink(await parts.connect(settings), keyOf(settings), parts);
  }

  /** Whether it is what these settings would connect to, and how. */
  fits(settings: Settings): boolean {
    return this.#key === keyOf(settings);
  }

  get writer(): OrgWriter {
    return this.#connection.writer;
  }

  /** For the plan: what is remembered, and what was forgotten afresh. */
  get known(): PlanningReader {
    return this.#known;
  }

  get region(): string {
    return this.#connection.region;
  }

  get organization(): Organization | null {
    return this.#organization;
  }

  requests(): RequestCounts {
    return this.#connection.reader.requests();
  }

  endingWith<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    return this.#connection.endingWith(signal, work);
  }

  /** Finds out what changed since the last time, and forgets it: the plan reads it anew. */
  async refresh({ settings, intervalMs, mustSweep, signal }: Refreshing): Promise<Refreshed> {
    const { reader, feed } = this.#connection;
    const { api, limits, settleForMs, daemon } = settings;
    const known = this.#known;
    this.#settleForMs = settleForMs;
    // Whose it is; and its answer tells what time it is there.
    const organization = await reader.organization();
    this.#organization = organization;

    const now = this.#clock.now();
    const isFirst = this.#detection.lastSweepAt === null;
    const look = nextLook(this.#detection, {
      now,
      serverNow: feed.serverNow(),
      oldestReadAt: known.oldestReadAt(),
      sweepIntervalMs: mustSweep ? 0 : daemon.sweepIntervalMs,
      intervalMs,
    });
    this.#detection = look.state;
    const spoken =
      look.ask === null
        ? new Set<QueueId>()
        : await this.#ask(look.ask, { feed, intervalMs, settleForMs, signal });
    this.#written.seen(spoken);
    const isSweep = look.sweep || mustSweep;
    if (isSweep) known.forgetAll();
    else this.#roll(limits.requestsPerMinute, api === 'public' && !this.#written.isMissed(now));
    return {
      extent: isSweep ? 'all' : 'changed',
      spoken,
      showsMisses: look.sweep && !isFirst && this.#detection.mode.by === 'audits',
      reader: { ...reader, organization: () => Promise.resolve(organization) },
    };
  }

  async #ask(
    asked: AskedPeriod,
    {
      feed,
      intervalMs,
      settleForMs,
      signal,
    }: {
      readonly feed: ChangeFeed;
      readonly intervalMs: number;
      readonly settleForMs: number;
      readonly signal: AbortSignal;
    },
  ): Promise<ReadonlySet<QueueId>> {
    const answer = await feed.changesIn({ ...asked, withinMs: ASK_FOR_MS, signal });
    const before = this.#detection.mode;
    const { state, queues, catalog } = told(this.#detection, answer, {
      asked,
      now: this.#clock.now(),
      serverNow: feed.serverNow(),
      intervalMs,
      settleForMs,
    });
    this.#detection = state;
    for (const [id, forgetting] of queues) this.#known.forgetQueue(id, forgetting);
    if (catalog !== null) this.#known.forgetCatalog(catalog);
    if (state.mode.by !== before.by)
      this.#log(
        state.mode.by === 'audits' ? 'info' : 'warn',
        state.mode.by === 'audits'
          ? 'the audit log answers again: drift is found by what it tells'
          : `drift is found by reading everything round and round: ${state.mode.why}`,
      );
    return new Set(queues.keys());
  }

  /** Where the audit log is of no use, everything is read round and round, with a part of the limit. */
  #roll(requestsPerMinute: number, logShowsAll: boolean): void {
    const now = this.#clock.now();
    const rolling = rollingReads(this.#detection, {
      now,
      requestsPerMinute,
      listRequests: this.#known.listRequests,
      logShowsAll,
    });
    this.#detection = rolling.state;
    if (rolling.lists) this.#known.forgetLists();
    const codeRequests =
      rolling.codeRequests === 0 ? 0 : this.#known.forgetOldest(rolling.codeRequests);
    if (rolling.lists || codeRequests > 0) this.#rolling = codeRequests;
  }

  /** The pass is over: what it read in place of the log counts from now. */
  ended(): void {
    if (this.#rolling === null) return;
    this.#detection = rolled(this.#detection, {
      now: this.#clock.now(),
      codeRequests: this.#rolling,
    });
    this.#rolling = null;
  }

  /** Other policies: they may name divisions, queues or codes of which nobody knew anything. */
  forgetLists(): void {
    this.#known.forgetLists();
  }

  /** These queues were written: the audit log has to show that. */
  wrote(queues: readonly QueueId[]): void {
    this.#written.add(queues, this.#clock.now());
  }

  /** These queues were written, or were to be: they are read anew, and not relied on before the write must show. */
  touched(queues: Iterable<QueueId>): void {
    const notKeptUntil = this.#clock.now() + this.#settleForMs;
    for (const id of queues) this.#known.forgetQueue(id, { notKeptUntil });
  }

  catalogTouched(): void {
    this.#known.forgetCatalog({ notKeptUntil: this.#clock.now() + this.#settleForMs });
  }

  /** A sweep has found so many queues of which the audit log had not told. */
  missed(queues: number): void {
    this.#missed += queues;
  }

  status(): DetectionStatus {
    const { mode, cursor, lastSweepAt } = this.#detection;
    const isMissed = this.#written.isMissed(this.#clock.now());
    return {
      by: isMissed ? 'sweeps' : mode.by,
      why: mode.by === 'sweeps' ? mode.why : isMissed ? NOT_SHOWN : null,
      cursor: isoOrNull(cursor),
      lastSweepAt: isoOrNull(lastSweepAt),
      oldestReadAt: isoOrNull(this.#known.oldestReadAt()),
      missedByAudits: this.#missed,
    };
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

const NOT_SHOWN =
  'the audit log does not show what was written some minutes ago; it is asked, and everything is read round and round as well';

const keyOf = ({ organizationId, region, api, limits }: Settings): string =>
  digestOf([organizationId, region, api, limits]);

const isoOrNull = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();
