/** `wrapkeeper` as a function of its arguments, the environment and the streams. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import { AppError } from '../domain/errors.js';
import { parseArguments, peekArguments } from './arguments.js';
import type { GlobalOptions } from './arguments.js';
import { exitOfSignal } from './exit.js';
import { asAppError, bugReport } from './failure.js';
import type { Io } from './io.js';
import { Screen } from './screen.js';
import type { Session } from './session.js';
import { readVersion } from './version.js';

/** Runs one command line to its end. Never throws, and never ends the process. */
export const runCli = async (io: Io): Promise<ExitCode> => {
  const peeked = peekArguments(io.argv);
  const screen = new Screen(io, peeked.color);
  const sources = new Map<string, string>();
  try {
    const version = readVersion();
    const parsed = parseArguments(io.argv, { version, width: screen.out.width });
    if (parsed.kind === 'help') {
      await screen.print(parsed.text);
      return EXIT.done;
    }
    const session = await openSession(io, screen, sources, version, parsed.options);
    const exit = await parsed.run(session);
    return parsed.drains ? exit : (exitOfSignal(io.signal) ?? exit);
  } catch (error) {
    return await fail(error, io, screen, sources, peeked);
  }
};

const openSession = async (
  io: Io,
  screen: Screen,
  sources: Map<string, string>,
  version: string,
  { directory, config, format, logLevel }: GlobalOptions,
): Promise<Session> => {
  const folder = resolve(io.cwd, directory ?? '.');
  if (directory !== null && !(await isFolder(folder))) {
    const where = folder === directory ? '' : ` (${folder})`;
    throw new AppError('cli.usage', `-C names \`${directory}\`${where}, which is no folder.`, {
      remedy: 'Create it, or name a folder that exists.',
    });
  }
  return { io, screen, format, logLevel, folder, config, version, sources };
};

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
};

/** A failure has one exit code and, with `--format json`, one shape, whatever it was. */
const fail = async (
  thrown: unknown,
  io: Io,
  screen: Screen,
  sources: ReadonlyMap<string, string>,
  { format, logLevel }: Pick<GlobalOptions, 'format' | 'logLevel'>,
): Promise<ExitCode> => {
  const error = asAppError(thrown);
  const exitCode = exitOfSignal(io.signal) ?? error.exitCode;
  const isBug = error.code === 'cli.internal';
  if (isBug) await screen.tell(bugReport(thrown, logLevel));
  if (format === 'json' && error.code !== 'cli.output') {
    const { errorReport, renderJson } = await import('../report/json.js');
    try {
      await screen.print(renderJson({ ...errorReport(error), exitCode }));
    } catch (unprinted) {
      return await fail(unprinted, io, screen, sources, { format: 'text', logLevel });
    }
  } else if (!isBug) {
    const { renderErrorText } = await import('../report/text-diagnostics.js');
    await screen.tell(renderErrorText(error, sources, screen.err));
  }
  return exitCode;
};
