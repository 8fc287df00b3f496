import type { Clock } from '../../src/domain/clock.js';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that jumps to the next sleeper whenever nothing else can run: minutes pass in no time. */
export class VirtualClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];

  constructor(startAt = 1_750_000_000_000) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  /** Somebody sets the clock; who sleeps is not concerned. */
  setBack(ms: number): void {
    this.#now -= ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        at: this.#now + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener('abort', sleeper.wake);
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
          resolve();
        },
      };
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      signal?.addEventListener('abort', sleeper.wake);
      this.#sleepers.push(sleeper);
    });
  }

  /**
   * Runs until the promise settles, and passes on what became of it. No time passes while somebody is
   * busy with what this clock does not see, such as a request under way.
   */
  async until<Result>(
    promise: Promise<Result>,
    isBusy: () => boolean = () => false,
  ): Promise<Result> {
    let isSettled = false;
    const settled = promise.finally(() => (isSettled = true));
    settled.catch(() => undefined);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isSettled) return await settled;
      if (isBusy()) continue;
      const next = this.#sleepers.reduce<Sleeper | null>(
        (soonest, sleeper) => (soonest === null || sleeper.at < soonest.at ? sleeper : soonest),
        null,
      );
      if (next === null) continue;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
  }
}
