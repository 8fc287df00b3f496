/** Whatever was thrown, as an error for people. */
import { AppError } from '../domain/errors.js';
import type { LogLevel } from './session.js';

/** An AppError as it is; anything else is a bug of ours. */
export const asAppError = (thrown: unknown): AppError =>
  thrown instanceof AppError
    ? thrown
    : new AppError('cli.internal', `An unexpected error: ${firstLine(thrown)}`, { cause: thrown });

/** What is told about a bug: one line, and the stack only for those who asked for it. */
export const bugReport = (thrown: unknown, logLevel: LogLevel): string => {
  const stack = logLevel === 'debug' && thrown instanceof Error ? `${thrown.stack ?? ''}\n` : '';
  return `An unexpected error: ${firstLine(thrown)} This is a bug: please report it, with the command and this line (--log-level debug shows more).\n${stack}`;
};

const firstLine = (thrown: unknown): string => {
  const [line = ''] = (thrown instanceof Error ? thrown.message : String(thrown)).split('\n');
  return /[.!?]$/.test(line) ? line : `${line}.`;
};
