/** The simulator's time. Tests pass their own, so that limits, lags and token lives need no waiting. */
export interface SimulatorClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after so many milliseconds. */
  sleep(ms: number): Promise<void>;
}

/** The time of this machine. Waiting does not keep the process alive. */
export const systemClock: SimulatorClock = {
  now: () => Date.now(),
  sleep: (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms).unref();
    }),
};

/** An instant as the platform writes it (ISO 8601 in UTC, with milliseconds). */
export const isoInstant = (ms: number): string => new Date(ms).toISOString();
