/** How far an apply has come, on a terminal: one line that is written over. A pipe is spared it. */
import type { ApplyObserver } from '../apply/ports.js';
import type { QueueRow } from '../domain/change.js';
import { Progress } from '../report/progress.js';
import type { Screen } from './screen.js';

const CLEAR_LINE = '\r\u001b[2K';

/** The line. It appears when the first queue is begun, and is gone when {@link ProgressLine.end} resolves. */
export class ProgressLine implements ApplyObserver {
  readonly #screen: Screen;
  #progress: Progress | null = null;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** An apply of so many queues begins. */
  begin(total: number): void {
    if (this.#screen.isLive) this.#progress = new Progress(total);
  }

  queueStarted(queue: Pick<QueueRow, 'id' | 'name'>): void {
    this.#progress?.started(queue);
    this.#draw();
  }

  queueFinished(row: QueueRow): void {
    this.#progress?.finished(row);
    this.#draw();
  }

  async end(): Promise<void> {
    if (this.#progress !== null) await this.#screen.tell(CLEAR_LINE);
    this.#progress = null;
  }

  #draw(): void {
    if (this.#progress === null) return;
    // A line as wide as the terminal would wrap, and could not be written over.
    void this.#screen.tell(CLEAR_LINE + this.#progress.render(this.#screen.err.width - 1));
  }
}
