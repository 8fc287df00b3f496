/** Both outputs, and how text is laid out on them. */
import { AppError } from '../domain/errors.js';
import type { TextOptions } from '../report/layout.js';
import type { Environment, Io, Output } from './io.js';

const DEFAULT_WIDTH = 80;
/** Narrower than this nothing can be laid out well. */
const LEAST_WIDTH = 40;
const CLEAR_LINE = '\r\u001b[2K';

/** stdout carries the result and nothing else; what is only told goes to stderr. */
export class Screen {
  readonly out: TextOptions;
  readonly err: TextOptions;
  /** Whether stderr is a terminal, on which a line can be written over. */
  readonly isLive: boolean;
  readonly #io: Io;
  #hasStatus = false;

  constructor(io: Io, wantsColor: boolean) {
    this.out = textOptions(io.stdout, io.env, wantsColor);
    this.err = textOptions(io.stderr, io.env, wantsColor);
    this.isLive = io.stderr.isTTY === true && io.env['TERM'] !== 'dumb';
    this.#io = io;
  }

  /** Whether somebody is there who can be asked, and sees the question. */
  get isInteractive(): boolean {
    return this.#io.stderr.isTTY === true && this.#io.stdin.isTTY === true;
  }

  /**
   * Writes the result, whole, before it resolves. Whoever reads from us may have had enough:
   * `wrapkeeper plan | head` is not an error.
   *
   * @throws AppError `cli.output`
   */
  async print(text: string): Promise<void> {
    this.#clearStatus();
    const error = await write(this.#io.stdout, text);
    if (error === null || isClosedPipe(error)) return;
    throw new AppError('cli.output', `The result could not be written: ${error.message}`, {
      cause: error,
    });
  }

  /** Writes to stderr. What cannot be told is lost: nothing depends on it. */
  async tell(text: string): Promise<void> {
    this.#clearStatus();
    await write(this.#io.stderr, text);
  }

  /** The most columns of a status: a line as wide as the terminal would wrap, and could not be written over. */
  get statusWidth(): number {
    return this.err.width - 1;
  }

  /** Shows a line that is written over by the next one, and gone before anything else is written. */
  status(text: string): void {
    if (!this.isLive) return;
    this.#hasStatus = true;
    void write(this.#io.stderr, CLEAR_LINE + text);
  }

  /** Not awaited, so that no other status comes between this and what follows. */
  #clearStatus(): void {
    if (!this.#hasStatus) return;
    this.#hasStatus = false;
    void write(this.#io.stderr, CLEAR_LINE);
  }
}

const write = (output: Output, text: string): Promise<Error | null> =>
  new Promise((resolve) => {
    output.write(text, (error) => resolve(error ?? null));
  });

const isClosedPipe = (error: Error): boolean =>
  'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED');

const textOptions = (output: Output, env: Environment, wantsColor: boolean): TextOptions => ({
  width: Math.max(LEAST_WIDTH, output.columns ?? columnsOf(env) ?? DEFAULT_WIDTH),
  color: wantsColor && isColorful(output, env),
});

/** NO_COLOR, FORCE_COLOR, and a terminal that can, in this order; an empty variable says nothing. */
const isColorful = (output: Output, env: Environment): boolean => {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false';
  return output.isTTY === true && env['TERM'] !== 'dumb';
};

const columnsOf = ({ COLUMNS = '' }: Environment): number | null =>
  /^[1-9]\d{0,4}$/.test(COLUMNS) ? Number(COLUMNS) : null;
