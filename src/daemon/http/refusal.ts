/** A request that is not done, as an answer in the manner of the command line. */
import { PLAN_FORMAT } from '../../domain/change.js';
import type { DiagnosticJson } from '../../domain/change.js';
import { CODES } from '../../domain/codes.js';
import type { DiagnosticCode } from '../../domain/codes.js';
import { diagnosticJson, problem } from '../../domain/diagnostics.js';
import { json } from './reply.js';
import type { Reply } from './reply.js';

/** What an answer with a status of 400 or more holds, `/readyz` apart. */
export interface HttpErrorReport {
  readonly kind: 'Error';
  readonly formatVersion: typeof PLAN_FORMAT;
  readonly diagnostics: readonly DiagnosticJson[];
}

/** Ends the handling of a request. Its messages are for whoever asks: they hold no secret and no path of the machine. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: DiagnosticCode;
  readonly messages: readonly string[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: DiagnosticCode,
    messages: string | readonly string[],
    headers: Readonly<Record<string, string>> = {},
    /** What was thrown, for the log alone. */
    cause?: unknown,
  ) {
    const list = typeof messages === 'string' ? [messages] : messages;
    super(list.join(' '), cause === undefined ? undefined : { cause });
    this.status = status;
    this.code = code;
    this.messages = list;
    this.headers = headers;
  }
}

/** The answer to a request that is refused. */
export const refusalReply = ({ status, code, messages, headers }: Refusal): Reply => {
  const report: HttpErrorReport = {
    kind: 'Error',
    formatVersion: PLAN_FORMAT,
    diagnostics: messages.map((message) =>
      diagnosticJson(problem({ code, message, remedy: CODES[code].remedy })),
    ),
  };
  return { ...json(status, report), headers };
};
