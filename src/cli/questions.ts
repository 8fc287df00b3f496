/** Questions on a terminal, one line each. */
import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import { AppError } from '../domain/errors.js';
import type { Session } from './session.js';

/** Why an answer cannot be taken, or null. */
export type Check = (answer: string) => string | null;

/** Asks as long as somebody is there to answer; where nobody is, every question has its default. */
export class Questions {
  readonly #session: Session;
  readonly #lines: Interface | null;
  readonly #said: string[] = [];
  #waiting: ((line: string | null) => void) | null = null;
  #isOver = false;

  /** `mayAsk`: false takes the defaults, terminal or not. */
  constructor(session: Session, mayAsk: boolean) {
    this.#session = session;
    const { io, screen } = session;
    if (!mayAsk || !screen.isInteractive) {
      this.#lines = null;
      return;
    }
    // Without raw mode, so that Ctrl-C stays the signal that it is everywhere else.
    this.#lines = createInterface({ input: io.stdin, terminal: false });
    this.#lines.on('line', (line) => {
      if (this.#waiting === null) this.#said.push(line);
      else this.#answer(line);
    });
    const end = (): void => {
      this.#isOver = true;
      this.#answer(null);
    };
    this.#lines.on('close', end);
    io.signal.addEventListener('abort', end, { once: true });
  }

  /**
   * Asks until the answer can be taken; an empty one is the default, which may be empty itself.
   *
   * @throws AppError `cli.interrupted`
   */
  async ask(question: string, byDefault: string, check: Check = () => null): Promise<string> {
    const { screen, io } = this.#session;
    if (this.#lines === null) return byDefault;
    for (;;) {
      await screen.tell(`${question} [${byDefault === '' ? 'later' : byDefault}]: `);
      const line = await this.#nextLine();
      if (io.signal.aborted)
        throw new AppError('cli.interrupted', `${String(io.signal.reason)} stopped the run.`);
      if (line === null) await screen.tell('\n');
      const answer = line?.trim() ?? '';
      if (answer === '') return byDefault;
      const wrong = check(answer);
      if (wrong === null) return answer;
      await screen.tell(`${wrong}\n`);
    }
  }

  /** Nothing more is read from the terminal. */
  close(): void {
    this.#lines?.close();
  }

  #nextLine(): Promise<string | null> {
    const said = this.#said.shift();
    if (said !== undefined) return Promise.resolve(said);
    if (this.#isOver) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  #answer(line: string | null): void {
    this.#waiting?.(line);
    this.#waiting = null;
  }
}
