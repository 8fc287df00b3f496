/** The organization as a daemon knows it: one connection for many passes, and what is remembered of what was read. */
import type { OrgReader, OrgWriter, PlanningReader } from '../apply/ports.js';
import type { RequestCounts } from '../domain/change.js';
import type { QueueId } from '../domain/ids.js';
import type { Organization } from '../domain/state.js';
import type { Settings } from '../policy/settings.js';
import { digestOf } from '../plan/digest.js';
import type { DaemonParts, OrgConnection } from './parts.js';
import type { DetectionStatus, PassStatus } from './status.js';

export interface Refreshing {
  readonly settings: Settings;
  readonly intervalMs: number;
  /** Whether everything is to be read. */
  readonly mustSweep: boolean;
  readonly signal: AbortSignal;
}

/** So long a new connection waits for the requests of the old one to leave the minute that is counted. */
const MINUTE_MS = 60_000;

export class OrgLink {
  readonly #connection: OrgConnection;
  readonly #key: string;
  #organization: Organization | null = null;

  private constructor(connection: OrgConnection, key: string) {
    this.#connection = connection;
    this.#key = key;
  }

  /** The link that fits these settings: the one that is there, or a new one in its place. */
  static async for(
    current: OrgLink | null,
    settings: Settings,
    { connect, clock }: Pick<DaemonParts, 'connect' | 'clock'>,
    signal: AbortSignal,
  ): Promise<OrgLink> {
    const { organizationId, region, api, limits } = settings;
    const key = digestOf([organizationId, region, api, limits]);
    if (current !== null && current.#key === key) return current;
    if (current !== null) {
      await current.close();
      // A new connection counts from nothing, and the platform does not.
      await clock.sleep(MINUTE_MS, signal);
    }
    return new OrgLink(await connect(settings), key);
  }

  get reader(): OrgReader {
    return this.#connection.reader;
  }

  get writer(): OrgWriter {
    return this.#connection.writer;
  }

  get known(): PlanningReader {
    return this.#connection.reader;
  }

  get region(): string {
    return this.#connection.region;
  }

  get organization(): Organization | null {
    return this.#organization;
  }

  get counted(): Pick<OrgReader, 'requests'> {
    return this.#connection.reader;
  }

  requests(): RequestCounts {
    return this.#connection.reader.requests();
  }

  endingWith<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    return this.#connection.endingWith(signal, work);
  }

  /** Finds out what changed since the last time, and forgets it: it is read anew. */
  async refresh(_asked: Refreshing): Promise<PassStatus['extent']> {
    this.#organization = await this.#connection.reader.organization();
    return 'all';
  }

  /** These queues were written, or were to be. */
  touched(_queues: ReadonlySet<QueueId>): void {}

  catalogTouched(): void {}

  status(): DetectionStatus {
    return {
      by: 'sweeps',
      why: null,
      cursor: null,
      lastSweepAt: null,
      oldestReadAt: null,
      missedByAudits: 0,
    };
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
