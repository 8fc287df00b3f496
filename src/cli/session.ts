/** What every command is given: the world, and what was said about it before the command's own options. */
import type { Io } from './io.js';
import type { Screen } from './screen.js';

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type Format = 'text' | 'json' | 'markdown' | 'github' | 'sarif' | 'csv';

export interface Session {
  readonly io: Io;
  readonly screen: Screen;
  readonly format: Format;
  readonly logLevel: LogLevel;
  /** The folder to work in: `-C`, or where the process was started. Absolute. */
  readonly folder: string;
  /** `--config`, as written, or null. */
  readonly config: string | null;
  readonly version: string;
  /** Texts of the files that were read, secrets covered, so that an error can show the place that it speaks of. */
  readonly sources: Map<string, string>;
}
