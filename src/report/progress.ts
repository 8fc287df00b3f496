/** How far an apply has come, for stderr: one line that is written over and over, or a line an item. */
import type { QueueRow } from '../domain/change.js';
import { truncate } from './layout.js';
import { visible } from './visible.js';

/**
 * Counts what was begun and finished. It writes nothing: the terminal's edge asks for the line after
 * each step, or prints what `finished` returns where there is no terminal.
 */
export class Progress {
  readonly #total: number;
  readonly #running = new Map<string, string>();
  #finished = 0;
  #failed = 0;

  /** `total` is the number of queues that the plan changes. */
  constructor(total: number) {
    this.#total = total;
  }

  /** A queue's first request is about to be sent. */
  started({ id, name }: Pick<QueueRow, 'id' | 'name'>): void {
    this.#running.set(id, name);
  }

  /** A queue has its outcome. @returns a line about it: `12/145 failed Billing EN: the reason` */
  finished({
    id,
    name,
    outcome,
    reason,
  }: Pick<QueueRow, 'id' | 'name' | 'outcome' | 'reason'>): string {
    this.#running.delete(id);
    this.#finished += 1;
    if (outcome === 'failed') this.#failed += 1;
    return `${this.#count()} ${outcome} ${visible(name)}${reason === null ? '' : `: ${visible(reason)}`}`;
  }

  /** @returns one line of at most `width` columns: `applying 12/145 · 1 failed · Billing EN` */
  render(width: number): string {
    const current = [...this.#running.values()].at(-1);
    const parts = [
      `applying ${this.#count()}`,
      ...(this.#failed > 0 ? [`${this.#failed} failed`] : []),
      ...(current === undefined ? [] : [visible(current)]),
    ];
    return truncate(parts.join(' · '), width);
  }

  #count(): string {
    return `${this.#finished}/${this.#total}`;
  }
}
