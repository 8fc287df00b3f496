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
 *
 * At its end a run pushes what it did, even where it has lost the lease: without force that takes nothing
 * from anybody, and what others know they need not find out.
 */
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import type { JournalHead } from '../domain/journal.js';
import { quote } from '../domain/text.js';
import type { Journal } from './journal.js';
import type { Lease } from './lease.js';
import type { Sharing } from './run-journal.js';
import type { HeldLease } from './state.js';

const LEASE_MS = 120_000;
const RENEW_EVERY_MS = 20_000;
/** A holder believes in a lease for less time than others do: two clocks are never the same. */
const TRUSTED_FOR_MS = 90_000;

export interface BranchLeaseOptions {
  readonly branch: string;
  readonly journal: Journal;
  readonly run: string;
  /** The host, for messages. */
  readonly holder: string;
  readonly clock: Clock;
  /** Pushes what was appended. */
  readonly push: () => Promise<void>;
}

/**
 * Whether a run may go on to take the lease.
 *
 * @throws AppError `lease.held` while another run holds it
 */
export const mustBeFree = (
  lease: HeldLease | null,
  { branch, run, clock }: Pick<BranchLeaseOptions, 'branch' | 'run' | 'clock'>,
): void => {
  if (lease === null || lease.run === run) return;
  const leftMs = Date.parse(lease.until) - clock.now();
  if (leftMs <= 0) return;
  throw new AppError(
    'lease.held',
    `The run ${lease.run} (on ${lease.holder}) holds the lease on the branch ${quote(branch)}. One run at a time may write; nothing was read or written.`,
    {
      remedy: `Wait until it is done. Should it have died, its lease ends by itself within ${Math.ceil(leftMs / 1000)} s.`,
    },
  );
};

/** A lease that is taken with the first push, and renewed until the run has finished. */
export class BranchLease implements Pick<Lease, 'lost' | 'mustBeHeld'>, Sharing {
  readonly isShared = true;
  readonly #options: BranchLeaseOptions;
  readonly #lost = new AbortController();
  readonly #finished = new AbortController();
  readonly #begunAt: number;
  #renewing: Promise<void> | null = null;
  #pushing: Promise<void> = Promise.resolve();
  /** When the last push began that arrived; null before the first. */
  #pushedAt: number | null = null;
  /** Up to which record the branch has the journal, as far as we know. */
  #kept: JournalHead;

  constructor(options: BranchLeaseOptions) {
    this.#options = options;
    this.#begunAt = options.journal.state.head.seq;
    this.#kept = options.journal.state.head;
  }

  /** The last record that is known to have arrived. */
  get kept(): JournalHead {
    return this.#kept;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Pushes what was appended, and has the lease for two minutes from now.
   *
   * @throws AppError `journal.*`; `lease.lost` where it was lost before
   */
  readonly publish = async (): Promise<void> => {
    const turn = this.#pushing.then(() => this.#push());
    this.#pushing = turn.catch(() => undefined);
    await turn;
    this.#renewing ??= this.#renewUntilFinished();
  };

  readonly mustBeHeld = async (): Promise<void> => {
    if (this.#pushedAt === null) throw new Error('a write before the lease was taken');
    this.#loseInTime(this.#pushedAt);
    if (this.#lost.signal.aborted) throw this.#lost.signal.reason;
  };

  /**
   * Pushes what was not pushed yet, whether or not the lease was ever taken: nothing is written any more.
   *
   * @throws AppError `journal.*`
   */
  readonly publishRest = async (): Promise<void> => {
    const turn = this.#pushing.then(async () => {
      if (this.#options.journal.state.head.seq > this.#kept.seq) await this.#send();
    });
    this.#pushing = turn.catch(() => undefined);
    await turn;
  };

  /**
   * Gives it back, closes the journal, and pushes everything that was not pushed yet.
   *
   * @throws AppError `journal.*`
   */
  async finish(): Promise<void> {
    const { journal, run, holder } = this.#options;
    this.#finished.abort();
    await this.#renewing;
    await this.#pushing;
    try {
      // A push that was not answered may have taken it, too.
      if (journal.state.lease?.run === run)
        await journal.append([{ kind: 'lease', run, until: null, holder }]);
      await journal.close();
    } finally {
      // Whatever is wrong with the folder: what stands in it is told.
      if (journal.state.head.seq > this.#begunAt) await this.#send();
    }
  }

  async #send(): Promise<void> {
    const { journal, push } = this.#options;
    const { head } = journal.state;
    await push();
    this.#kept = head;
  }

  async #push(): Promise<void> {
    const { journal, run, holder, clock } = this.#options;
    if (this.#lost.signal.aborted) throw this.#lost.signal.reason;
    const now = clock.now();
    const until = new Date(now + LEASE_MS).toISOString();
    await journal.append([{ kind: 'lease', run, until, holder }]);
    try {
      await this.#send();
      this.#pushedAt = now;
    } catch (error) {
      if (error instanceof AppError && error.code === 'journal.branch-moved')
        this.#lose('another run has pushed to it');
      throw error;
    }
  }

  async #renewUntilFinished(): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      await clock.sleep(RENEW_EVERY_MS, this.#finished.signal);
      if (this.#finished.signal.aborted || this.#lost.signal.aborted) return;
      // What does not arrive may arrive with the next one.
      await this.publish().catch(() => undefined);
      if (this.#pushedAt !== null) this.#loseInTime(this.#pushedAt);
    }
  }

  #loseInTime(pushedAt: number): void {
    if (this.#options.clock.now() - pushedAt > TRUSTED_FOR_MS)
      this.#lose('it could not be renewed in time');
  }

  #lose(why: string): void {
    this.#lost.abort(
      new AppError(
        'lease.lost',
        `The lease on the branch ${quote(this.#options.branch)} was lost: ${why}. Nothing more was written.`,
      ),
    );
  }
}
