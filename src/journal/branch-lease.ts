/**
 * One writer at a time, where the journal is kept on a branch: the lease is a record, and git lets one
 * writer through.
 *
 * | the last lease on the branch                   | a run that wants to write     |
 * |------------------------------------------------|-------------------------------|
 * | none, given back, or over                      | takes it with its first push  |
 * | another run's, and not over                    | is refused                    |
 *
 * | a push of the holder                           | the holder                    |
 * |------------------------------------------------|-------------------------------|
 * | arrives                                        | has two minutes more          |
 * | is refused, because somebody else has pushed   | has lost it                   |
 * | does not arrive                                | tries again; before the two minutes are over it has lost it |
 */
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import type { Journal } from './journal.js';
import type { Lease } from './lease.js';
import type { Sharing } from './run-journal.js';
import type { HeldLease } from './state.js';

const LEASE_MS = 120_000;
const RENEW_EVERY_MS = 20_000;
/** A holder believes in a lease for less time than others do: two clocks are never the same. */
const TRUSTED_FOR_MS = 90_000;

export interface BranchLeaseOptions {
  readonly journal: Journal;
  readonly run: string;
  /** The host, for messages. */
  readonly holder: string;
  readonly clock: Clock;
  /** Pushes what was appended. */
  readonly push: () => Promise<void>;
}

/** @throws AppError `lease.held` */
export const mustBeFree = (lease: HeldLease | null, run: string, now: number): void => {
  if (lease === null || lease.run === run) return;
  const leftMs = Date.parse(lease.until) - now;
  if (leftMs <= 0) return;
  throw new AppError(
    'lease.held',
    `The run ${lease.run} (on ${lease.holder}) holds the lease on the journal's branch. One run at a time may write; nothing was read or written.`,
    {
      remedy: `Wait until it is done. Should it have died, its lease ends by itself within ${Math.ceil(leftMs / 1000)} s.`,
    },
  );
};

/** A lease that is taken with the first push, and renewed until it is released. */
export class BranchLease implements Pick<Lease, 'lost' | 'mustBeHeld'>, Sharing {
  readonly wantsAllIntents = true;
  readonly #options: BranchLeaseOptions;
  readonly #lost = new AbortController();
  readonly #released = new AbortController();
  readonly #begunAt: number;
  #renewing: Promise<void> | null = null;
  #pushing: Promise<void> = Promise.resolve();
  /** When the last push began that arrived; null before the first. */
  #pushedAt: number | null = null;

  constructor(options: BranchLeaseOptions) {
    this.#options = options;
    this.#begunAt = options.journal.state.head.seq;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  readonly publish = async (): Promise<void> => {
    const turn = this.#pushing.then(() => this.#push());
    this.#pushing = turn.catch(() => undefined);
    await turn;
    this.#renewing ??= this.#renewUntilReleased();
  };

  readonly mustBeHeld = (): Promise<void> => {
    const { clock } = this.#options;
    if (this.#pushedAt === null) throw new Error('a write before the lease was taken');
    if (clock.now() - this.#pushedAt > TRUSTED_FOR_MS)
      this.#lose('it could not be renewed in time');
    if (this.#lost.signal.aborted) throw this.#lost.signal.reason;
    return Promise.resolve();
  };

  /**
   * Gives it back, closes the journal, and pushes everything that was not pushed yet.
   *
   * @throws AppError `journal.*`
   */
  async finish(): Promise<void> {
    const { journal, run, holder } = this.#options;
    this.#released.abort();
    await this.#renewing;
    await this.#pushing;
    if (this.#pushedAt !== null && !this.#lost.signal.aborted)
      await journal.append([{ kind: 'lease', run, until: null, holder }]);
    await journal.close();
    if (journal.state.head.seq > this.#begunAt) await this.#send();
  }

  async #push(): Promise<void> {
    const { journal, run, holder, clock } = this.#options;
    const until = new Date(clock.now() + LEASE_MS).toISOString();
    await journal.append([{ kind: 'lease', run, until, holder }]);
    await this.#send();
  }

  async #send(): Promise<void> {
    const { clock, push } = this.#options;
    if (this.#lost.signal.aborted) throw this.#lost.signal.reason;
    const now = clock.now();
    try {
      await push();
      this.#pushedAt = now;
    } catch (error) {
      if (error instanceof AppError && error.code === 'journal.branch-moved')
        this.#lose('another run has pushed to the branch');
      throw error;
    }
  }

  async #renewUntilReleased(): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      await clock.sleep(RENEW_EVERY_MS, this.#released.signal);
      if (this.#released.signal.aborted || this.#lost.signal.aborted) return;
      // What does not arrive may arrive with the next one.
      await this.publish().catch(() => undefined);
    }
  }

  #lose(why: string): void {
    this.#lost.abort(
      new AppError(
        'lease.lost',
        `The lease on the journal's branch was lost: ${why}. Nothing more was written.`,
      ),
    );
  }
}
