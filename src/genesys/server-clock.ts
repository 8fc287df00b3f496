/** The platform's clock, as its answers tell it. */
import type { Clock } from '../domain/clock.js';

/**
 * Keeps how far the platform's clock is from ours, by the `Date` header of its latest answer: that one counts
 * whole seconds and is as old as the way back took, so the time told is never ahead by more than ours has jumped
 * since, and behind by a second and that way.
 */
export class ServerClock {
  readonly #clock: Clock;
  #offsetMs = 0;
  #toldAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An answer has come with this `Date` header; one that is no date tells nothing. */
  observe(header: string | undefined): void {
    const told = /[a-z]/i.test(header ?? '') ? Date.parse(header ?? '') : NaN;
    if (Number.isNaN(told)) return;
    this.#toldAt = told;
    this.#offsetMs = told - this.#clock.now();
  }

  /**
   * Milliseconds since the epoch; by our own clock before the first answer. Where ours was set back since the
   * latest answer, it is no earlier than that answer said.
   */
  now(): number {
    return Math.max(this.#toldAt, this.#clock.now() + this.#offsetMs);
  }
}
