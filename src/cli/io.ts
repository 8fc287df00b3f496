/** The world as the command line sees it: everything that a run depends on is in one value. */
import type { Readable } from 'node:stream';
import type { Clock } from '../domain/clock.js';

/** A stream that text is written to: a terminal, a pipe or a file. */
export interface Output {
  write(text: string, done: (error?: Error | null) => void): unknown;
  readonly isTTY?: boolean | undefined;
  /** Columns of the terminal. */
  readonly columns?: number | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Signals that stop a run. The reason of {@link Io.signal} is one of them. */
export type StopSignal = 'SIGINT' | 'SIGTERM';

/** What a run is a function of. */
export interface Io {
  /** The arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  /** Aborts with a {@link StopSignal} as its reason. */
  readonly signal: AbortSignal;
  /** Calls back whenever somebody asks to read settings anew (SIGHUP). Returns how to stop that. */
  readonly onReload?: (reload: () => void) => () => void;
  /** From 0 up to 1, like Math.random. */
  readonly random: () => number;
  /** A new id, for runs. */
  readonly newId: () => string;
}
