/** What a pass is doing at this moment, on a terminal. A pipe is spared it. */
import type { ApplyObserver } from '../apply/ports.js';
import type { QueueRow } from '../domain/change.js';
import type { RequestTrace } from '../genesys/transport.js';
import { Progress } from '../report/progress.js';
import { count } from '../report/words.js';
import type { Screen } from './screen.js';

/** One line for a whole run: first how much was read, then how far the apply has come. */
export class PassStatus implements ApplyObserver {
  readonly #screen: Screen;
  #requests = 0;
  #progress: Progress | null = null;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  connecting(host: string): void {
    this.#screen.status(`connecting to ${host}`);
  }

  /** An attempt of a request has ended. While something is applied, queues tell more than requests. */
  requested({ status }: Pick<RequestTrace, 'status'>): void {
    this.#requests += 1;
    if (this.#progress !== null) return;
    const trouble =
      status === null ? ' · no answer' : status === 429 ? ' · waiting for the rate limit' : '';
    this.#screen.status(`reading · ${count(this.#requests, 'request')}${trouble}`);
  }

  /** An apply of so many queues begins. */
  applying(queues: number): void {
    this.#progress = new Progress(queues);
  }

  queueStarted(queue: Pick<QueueRow, 'id' | 'name'>): void {
    this.#progress?.started(queue);
    this.#draw();
  }

  queueFinished(row: QueueRow): void {
    this.#progress?.finished(row);
    this.#draw();
  }

  #draw(): void {
    if (this.#progress !== null)
      this.#screen.status(this.#progress.render(this.#screen.statusWidth));
  }
}
