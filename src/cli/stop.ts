/** Signals of one's own that follow others for a while. */

export interface Followed {
  readonly signal: AbortSignal;
  /** From now on the other signals change nothing here. */
  readonly letGo: () => void;
}

/** A signal that aborts with the first of others, for the same reason, until it is let go. */
export const followSignals = (others: readonly AbortSignal[]): Followed => {
  const controller = new AbortController();
  const followers = others.map((other) => ({
    other,
    follow: (): void => controller.abort(other.reason),
  }));
  for (const { other, follow } of followers) {
    if (other.aborted) follow();
    else other.addEventListener('abort', follow, { once: true });
  }
  return {
    signal: controller.signal,
    letGo: () => {
      for (const { other, follow } of followers) other.removeEventListener('abort', follow);
    },
  };
};
