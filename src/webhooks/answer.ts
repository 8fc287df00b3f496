/** What came of one request to a receiver. */
export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** As it stands in the answer. */
      readonly retryAfter: string | null;
      /** The beginning of the answer, for people; null where it says nothing. */
      readonly excerpt: string | null;
    }
  | {
      readonly kind: 'failure';
      /** `refused`: the address is not one that the sink may have; nothing was sent. */
      readonly reason: 'timeout' | 'network' | 'refused';
      /** For people. No capital, no full stop. */
      readonly text: string;
    };

/** Told to stop before an answer came: it counts as nothing. */
export interface Stopped {
  readonly kind: 'stopped';
}
