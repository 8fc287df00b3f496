/** Events of other systems: completed, kept in the journal, and answered alike when they come again. */
import type { RunJournal } from '../apply/ports.js';
import type { Clock } from '../domain/clock.js';
import type { ExternalEvent, JournalEntry } from '../domain/journal.js';
import type { ReceivedEvent } from './view.js';

/** Senders try again for a while, not for ever. */
const MOST_REMEMBERED = 1_000;

export class Inbox {
  readonly #journal: Pick<RunJournal, 'append'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #newId: () => string;
  /** By `webhook-id`, the oldest first. */
  readonly #answers = new Map<string, Promise<ExternalEvent>>();

  constructor(journal: Pick<RunJournal, 'append'>, clock: Pick<Clock, 'now'>, newId: () => string) {
    this.#journal = journal;
    this.#clock = clock;
    this.#newId = newId;
  }

  /** Remembers what the journal has already. */
  follow(entry: JournalEntry): void {
    if (entry.kind === 'external') this.#remember(entry.webhookId, Promise.resolve(entry.event));
  }

  /** @throws AppError `journal.*`: then it was not kept, and the sender is to try again */
  receive(received: ReceivedEvent): Promise<ExternalEvent> {
    const { webhookId } = received;
    const known = this.#answers.get(webhookId);
    if (known !== undefined) return known;
    const kept = this.#keep(received);
    this.#remember(webhookId, kept);
    kept.catch(() => this.#answers.delete(webhookId));
    return kept;
  }

  async #keep(received: ReceivedEvent): Promise<ExternalEvent> {
    const { webhookId, queueId, queueName, doneAt, complianceMet, auditLog, details } = received;
    const now = this.#clock.now();
    const event: ExternalEvent = {
      event_id: this.#newId(),
      queue_id: queueId,
      queue_name: queueName,
      timestamp: new Date(doneAt ?? now).toISOString(),
      // Two clocks are never the same: what comes from the future took no time.
      latency_ms: Math.max(0, Math.round(now - (doneAt ?? now))),
      compliance_met: complianceMet,
      audit_log:
        auditLog ??
        `Another system says that the queue ${queueName ?? queueId} is ${complianceMet ? '' : 'not '}as it should be.`,
      details,
    };
    await this.#journal.append([{ kind: 'external', webhookId, event }]);
    return event;
  }

  #remember(id: string, answer: Promise<ExternalEvent>): void {
    this.#answers.set(id, answer);
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= MOST_REMEMBERED) return;
      this.#answers.delete(oldest);
    }
  }
}
