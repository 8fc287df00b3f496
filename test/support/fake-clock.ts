import type { Clock } from '../../src/domain/clock.js';

/** The instant at which tests begin. */
export const NOW = Date.parse('2026-11-23T09:00:00.000Z');

/** A clock that stands still until somebody sleeps: then it is that much later. */
export class FakeClock implements Clock {
  #now: number;

  constructor(startAt = NOW) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  // oxlint-disable-next-line require-await -- a port is asynchronous
  async sleep(ms: number): Promise<void> {
    this.advance(ms);
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}
