/** Signals of one's own that follow another for a while. */

export interface Followed {
  readonly signal: AbortSignal;
  /** From now on the other signal changes nothing here. */
  readonly letGo: () => void;
}

/** A signal that aborts with another, for the same reason, until it is let go. */
export const followSignal = (other: AbortSignal): Followed => {
  const controller = new AbortController();
  const follow = (): void => controller.abort(other.reason);
  if (other.aborted) follow();
  else other.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    letGo: () => other.removeEventListener('abort', follow),
  };
};
