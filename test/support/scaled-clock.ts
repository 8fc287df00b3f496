import type { Clock } from '../../src/domain/clock.js';
import { NOW } from './fake-clock.js';

const BEAT_MS = 20;
/** A machine that stands still for longer lets no more time pass than this. */
const LONGEST_BEAT_MS = 100;

/**
 * A clock that runs so many times faster than real time, and that sleeps so many times shorter. Where the process is
 * kept from running for a while, time stands still: a busy machine is not taken for an hour of silence.
 */
export class ScaledClock implements Clock {
  readonly #factor: number;
  readonly #beat: NodeJS.Timeout;
  #beatAt = performance.now();
  #beatNow = NOW;
  #sleeping = 0;

  constructor(factor: number) {
    this.#factor = factor;
    this.#beat = setInterval(() => {
      const now = this.now();
      this.#beatAt = performance.now();
      this.#beatNow = now;
    }, BEAT_MS).unref();
  }

  /** How many sleep at this moment. */
  get sleeping(): number {
    return this.#sleeping;
  }

  now(): number {
    const passedMs = Math.min(performance.now() - this.#beatAt, LONGEST_BEAT_MS);
    return this.#beatNow + Math.floor(passedMs * this.#factor);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const until = this.now() + ms;
    this.#sleeping += 1;
    try {
      for (let left = ms; left > 0; left = until - this.now()) {
        if (signal?.aborted === true) return;
        await pause(left / this.#factor, signal);
      }
    } finally {
      this.#sleeping -= 1;
    }
  }

  stop(): void {
    clearInterval(this.#beat);
  }
}

const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, Math.ceil(ms));
    signal?.addEventListener('abort', wake);
  });
