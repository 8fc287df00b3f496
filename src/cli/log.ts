/** Logs, to stderr: lines for people on a terminal, JSON for everybody else. */
import type { DestinationStream, Logger } from 'pino';
import type { RequestTrace } from '../genesys/transport.js';
import type { Session } from './session.js';

/** Opens the log. pino is loaded here, and only by commands that have something to log. */
export const openLog = async ({ screen, io, logLevel }: Session): Promise<Logger> => {
  const { pino } = await import('pino');
  const destination: DestinationStream = {
    write: (line) => void screen.tell(screen.isLive ? forPeople(line) : line),
  };
  return pino(
    {
      level: logLevel,
      base: null,
      timestamp: () => `,"time":"${new Date(io.clock.now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    destination,
  );
};

/** One attempt of one request. Being throttled or failing is worth more attention than an answer. */
export const logRequest =
  (log: Logger) =>
  (trace: RequestTrace): void => {
    const { method, path, status, ms, attempt } = trace;
    const answer = status === null ? 'no answer' : String(status);
    const again = attempt === 1 ? '' : `, attempt ${attempt}`;
    const level = status !== null && status < 400 ? 'debug' : 'info';
    log[level](trace, `${method} ${path}: ${answer} after ${Math.round(ms)} ms${again}`);
  };

/** @example '10:42:07 info  GET /api/v2/routing/queues: 429 after 12 ms' */
const forPeople = (line: string): string => {
  const { time, level, msg } = JSON.parse(line) as Readonly<
    Record<'time' | 'level' | 'msg', string>
  >;
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${msg}\n`;
};
