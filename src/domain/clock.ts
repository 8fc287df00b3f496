/** Time, passed in. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after so many milliseconds, or at once when the signal aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The time of a clock that may be set back: this one then stands still and goes on, so that nobody waits for the difference. */
export const steadyTime = (clock: Clock): (() => number) => {
  let last = clock.now();
  let setBackMs = 0;
  return () => {
    const read = clock.now();
    setBackMs += Math.max(0, last - read);
    last = read;
    return read + setBackMs;
  };
};
