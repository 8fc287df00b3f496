/**
 * Who still waits for which event: a fold over the journal, and whose turn it is. Pure; the journal keeps
 * it, the webhooks act upon it.
 */
import type { OutgoingEvent } from './journal.js';

/** An event that a sink has not got. */
export interface PendingEvent extends OutgoingEvent {
  readonly attempts: number;
  /** Milliseconds since the epoch, like `nextAt`; null before the first. */
  readonly firstAttemptAt: number | null;
  /** When it may be tried (again); null: at once. */
  readonly nextAt: number | null;
}

export interface SinkState {
  readonly name: string;
  /** Types, or `*`. */
  readonly events: readonly string[];
  /** Why it gets nothing until it is asked for (410 Gone), or null. */
  readonly disabled: string | null;
  /** Until when it is left alone, in milliseconds since the epoch, or null. */
  readonly restUntil: number | null;
  /** Attempts since the last one that reached it. */
  readonly failures: number;
  /** By seq. */
  readonly pending: readonly PendingEvent[];
  /** What was tried for too long: listed, and sent again only when somebody asks. By seq. */
  readonly givenUp: readonly PendingEvent[];
}

/** By the name of the sink. */
export type OutboxState = ReadonlyMap<string, SinkState>;

export interface OutboxJson {
  readonly sinks: readonly SinkState[];
}
export class OutboxFold {
  constructor(_from: OutboxJson | null) {
    /* stub */
  }
  fold(_record: unknown): void {
    /* stub */
  }
  toJson(): OutboxJson {
    return { sinks: [] };
  }
  undelivered(): readonly PendingEvent[] {
    return [];
  }
}
