/** What a request is, and what its answer means for it. */
import { OutcomeUnknown } from '../apply/ports.js';
import type { AppError } from '../domain/errors.js';
import { errorOfAnswer, errorOfFailure, jsonOf } from './errors.js';
import type { RequestName } from './errors.js';
import type { NetworkFailure } from './network.js';
import { isServerTrouble, mayRepeat } from './retry.js';
import type { Attempt, Effect } from './retry.js';
import type { WireAnswer } from './wire.js';

/** An accepted request. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed JSON, or undefined where the answer has no body. */
  readonly data: unknown;
  /** The JSON as it came. */
  readonly text: string;
}

/** Queries that are too long for a URL: POSTs that change nothing. */
const READING_POST = /^\/api\/v2\/(?:analytics\/.+\/query|audits\/query(?:\/realtime)?)$/;

/** Whether a request may change the organization. */
export const effectOf = ({ method, path }: RequestName): Effect =>
  method === 'GET' || method === 'HEAD' || (method === 'POST' && READING_POST.test(path))
    ? 'read'
    : 'write';

/** What an answer, or its absence, means for a read or a write; 429 and a token that ended are settled before. */
export const judge = (
  name: RequestName,
  effect: Effect,
  outcome: WireAnswer | NetworkFailure,
): Attempt<Answer> => {
  if (outcome.kind === 'answer' && outcome.status >= 200 && outcome.status < 300) {
    const data = outcome.text === '' ? undefined : jsonOf(outcome);
    if (outcome.text === '' || data !== undefined)
      return { kind: 'done', result: { ...outcome, data } };
  }
  const error =
    outcome.kind === 'answer' ? errorOfAnswer(name, outcome) : errorOfFailure(name, outcome);
  if (mayRepeat(effect, outcome)) return { kind: 'again', error };
  return {
    kind: 'failed',
    error: effect === 'write' && isUnsure(outcome) ? outcomeUnknown(name, error) : error,
  };
};

const isUnsure = (outcome: WireAnswer | NetworkFailure): boolean =>
  outcome.kind === 'failure'
    ? outcome.wasSent
    : outcome.status < 300 || isServerTrouble(outcome.status);

const outcomeUnknown = (name: RequestName, cause: AppError): OutcomeUnknown =>
  new OutcomeUnknown(
    `Whether ${name.method} ${name.path} took effect is not known. ${cause.message}`,
    cause.correlationId,
    cause,
  );
