/** What the HTTP server asks of the daemon behind it. */
import type { ExternalEvent } from '../domain/journal.js';
import type { DaemonStatus, QueueStatus, RunStatus } from './status.js';

/** An enforcement event of another system, as far as it was checked. */
export interface ReceivedEvent {
  readonly webhookId: string;
  readonly queueId: string;
  readonly queueName: string | null;
  /** Milliseconds since the epoch; null where the sender does not say. */
  readonly doneAt: number | null;
  readonly complianceMet: boolean;
  readonly auditLog: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface DaemonView {
  status(): DaemonStatus;
  /** Sorted by name. */
  queues(): readonly QueueStatus[];
  /** The newest first; a bounded number. */
  runs(): readonly RunStatus[];
  /**
   * A person, or a program with the token, asks for a pass now. It clears what is held as flapping and what waits to be
   * tried again. `accept`: the digest of a plan for which the guards are lifted, this once.
   */
  request(asked: { readonly accept: string | null }): void;
  /** Somebody pushed to the branch: look again. */
  pushed(): void;
  /**
   * Completes an event and keeps it in the journal; the same `webhookId` is kept once and answered alike.
   *
   * @throws AppError `journal.*`
   */
  receive(event: ReceivedEvent): Promise<ExternalEvent>;
}
