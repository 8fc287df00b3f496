/**
 * One writer at a time: a lease in the journal folder.
 *
 * A lease is a file `lease.N.json` that says who holds it; its modification time says when it was renewed
 * last. N only grows, and the highest one counts: whoever takes over creates N + 1, which only one can do,
 * and whoever sees a higher number than his own has lost. Nothing is ever locked, so that nothing stays
 * locked.
 *
 * | the highest lease                                              | to take one              |
 * |----------------------------------------------------------------|--------------------------|
 * | none, or released (its time is 0)                              | create the next          |
 * | renewed in the last 60 s, by a process that may be running     | refused                  |
 * | renewed in the last 60 s, by a process here that has ended     | create the next          |
 * | older than that                                                | create the next          |
 */
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../domain/clock.js';
import { AppError } from '../domain/errors.js';
import { quote } from '../domain/text.js';
import { errnoOf, inFolder, openFolder } from './folder.js';
import { hasEnded, identifyProcess } from './machine.js';

/** How often a lease is renewed, and how old it may become. */
const RENEW_EVERY_MS = 10_000;
const STALE_AFTER_MS = 60_000;
/** A holder believes in a lease for a little less time than others do. */
const TRUSTED_FOR_MS = 50_000;

const HOLDER = z.object({
  run: z.string(),
  host: z.string(),
  pid: z.number(),
  boot: z.string().nullable(),
  startedAt: z.string().nullable(),
});
type Holder = z.infer<typeof HOLDER>;

/** The right to write to the organization, until it is released or lost. */
export interface Lease {
  /** Aborts when the lease is found lost. */
  readonly lost: AbortSignal;
  /**
   * To be asked before each write.
   *
   * @throws AppError `lease.lost`
   */
  readonly mustBeHeld: () => Promise<void>;
  readonly release: () => Promise<void>;
}

export interface LeaseOptions {
  /** Absolute. */
  readonly folder: string;
  readonly run: string;
  readonly clock: Clock;
  /** The process that holds it; this one by default. */
  readonly pid?: number;
}

/**
 * Takes the lease of a journal folder and renews it until it is released.
 *
 * @throws AppError `lease.held` while another run holds it; `journal.unwritable`
 */
export const acquireLease = async ({
  folder,
  run,
  clock,
  pid = process.pid,
}: LeaseOptions): Promise<Lease> => {
  await openFolder(folder);
  return inFolder(folder, async () => {
    const highest = await highestIn(folder);
    if (highest !== null) await mustBeFree(folder, highest, clock.now());
    const number = (highest ?? 0) + 1;
    const holder: Holder = { run, host: hostname(), ...(await identifyProcess(pid)) };
    const path = pathOf(folder, number);
    try {
      await writeFile(path, `${JSON.stringify(holder)}\n`, { flag: 'wx', mode: 0o600 });
      await touch(path, clock.now());
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      throw heldBy(folder, await readHolder(path), STALE_AFTER_MS);
    }
    // Whoever was slower with a higher number has been here meanwhile, and has it.
    if ((await highestIn(folder)) !== number) {
      await rm(path, { force: true });
      throw heldBy(folder, null, STALE_AFTER_MS);
    }
    await removeBelow(folder, number);
    return new HeldLease(folder, number, clock);
  });
};

/** Who may write now, and how long ago that was renewed, in milliseconds. */
export interface LeaseLook {
  /** null where it was not written whole. */
  readonly holder: { readonly run: string; readonly host: string; readonly pid: number } | null;
  readonly ageMs: number;
}

/**
 * Looks who holds the lease of a folder, and touches nothing; null where whoever asks would get it.
 *
 * @throws an error of the file system
 */
export const lookAtLease = async (folder: string, now: number): Promise<LeaseLook | null> => {
  const highest = await highestIn(folder);
  if (highest === null) return null;
  const path = pathOf(folder, highest);
  const [holder, ageMs] = await Promise.all([readHolder(path), ageOf(path, now)]);
  const isFree = ageMs >= STALE_AFTER_MS || (holder !== null && (await hasEnded(holder)));
  return isFree ? null : { holder, ageMs };
};

class HeldLease implements Lease {
  readonly #folder: string;
  readonly #number: number;
  readonly #clock: Clock;
  readonly #lost = new AbortController();
  readonly #released = new AbortController();
  readonly #renewing: Promise<void>;
  #renewedAt: number;

  constructor(folder: string, number: number, clock: Clock) {
    this.#folder = folder;
    this.#number = number;
    this.#clock = clock;
    this.#renewedAt = clock.now();
    this.#renewing = this.#renewUntilReleased();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  readonly mustBeHeld = async (): Promise<void> => {
    if (!this.#lost.signal.aborted) {
      const highest = await highestIn(this.#folder).catch(() => null);
      if (highest === null) this.#lose('its folder cannot be read any more');
      else if (highest !== this.#number) this.#lose('another run has taken it');
      else if (this.#clock.now() - this.#renewedAt > TRUSTED_FOR_MS)
        this.#lose('it could not be renewed in time');
    }
    if (this.#lost.signal.aborted) throw this.#lost.signal.reason;
  };

  readonly release = async (): Promise<void> => {
    this.#released.abort();
    await this.#renewing;
    // Not removed: the numbers go on. Whether it is still ours does not matter to a lease of this number.
    await touch(pathOf(this.#folder, this.#number), 0).catch(() => undefined);
  };

  async #renewUntilReleased(): Promise<void> {
    for (;;) {
      await this.#clock.sleep(RENEW_EVERY_MS, this.#released.signal);
      if (this.#released.signal.aborted || this.#lost.signal.aborted) return;
      await this.#renew();
    }
  }

  async #renew(): Promise<void> {
    const now = this.#clock.now();
    try {
      await touch(pathOf(this.#folder, this.#number), now);
      this.#renewedAt = now;
    } catch (error) {
      // Only whoever takes over removes it. Anything else may pass, and is not waited for very long.
      if (errnoOf(error) === 'ENOENT') this.#lose('another run has taken it');
    }
  }

  #lose(why: string): void {
    this.#lost.abort(
      new AppError(
        'lease.lost',
        `The lease in ${quote(this.#folder)} was lost: ${why}. Nothing more was written.`,
      ),
    );
  }
}

const mustBeFree = async (folder: string, number: number, now: number): Promise<void> => {
  const path = pathOf(folder, number);
  const [holder, ageMs] = await Promise.all([readHolder(path), ageOf(path, now)]);
  if (ageMs >= STALE_AFTER_MS) return;
  if (holder !== null && (await hasEnded(holder))) return;
  throw heldBy(folder, holder, STALE_AFTER_MS - ageMs);
};

const heldBy = (folder: string, holder: Holder | null, leftMs: number): AppError => {
  const who =
    holder === null
      ? 'Another run'
      : `The run ${holder.run} (process ${holder.pid} on ${holder.host})`;
  return new AppError(
    'lease.held',
    `${who} holds the lease in ${quote(folder)}. One run at a time may write; nothing was read or written.`,
    {
      remedy: `Wait until it is done. Should it have died, its lease ends by itself within ${Math.ceil(leftMs / 1000)} s.`,
    },
  );
};

/** Null where the file is gone, or was not written whole. */
const readHolder = async (path: string): Promise<Holder | null> => {
  try {
    return HOLDER.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
};

/** How long ago it was renewed, in milliseconds; below zero where the clock that said so is ahead of ours. */
const ageOf = async (path: string, now: number): Promise<number> => {
  try {
    const { mtimeMs } = await stat(path);
    return now - mtimeMs;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return Infinity;
    throw error;
  }
};

const touch = (path: string, at: number): Promise<void> => utimes(path, at / 1000, at / 1000);

const pathOf = (folder: string, number: number): string => join(folder, `lease.${number}.json`);

const numbersIn = async (folder: string): Promise<readonly number[]> =>
  (await readdir(folder)).flatMap((name) => {
    const [, digits] = /^lease\.(\d{1,15})\.json$/.exec(name) ?? [];
    return digits === undefined ? [] : [Number(digits)];
  });

const highestIn = async (folder: string): Promise<number | null> => {
  const numbers = await numbersIn(folder);
  return numbers.length === 0 ? null : Math.max(...numbers);
};

const removeBelow = async (folder: string, number: number): Promise<void> => {
  for (const other of await numbersIn(folder))
    if (other < number) await rm(pathOf(folder, other), { force: true });
};
