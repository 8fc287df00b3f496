/** What GitHub did not do, as an error that says what to do about it. */
import { AppError } from '../../domain/errors.js';
import type { Secret } from '../../domain/secret.js';
import { oneLine } from '../../domain/text.js';

export type Method = 'GET' | 'POST' | 'PATCH';

/** What GitHub answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}

const LONGEST_MESSAGE = 300;

/** What each answer that GitHub gives to a token with too few permissions asks for. */
const REMEDIES: Readonly<Record<number, string>> = {
  401: 'The token is not valid: leave the input `github-token` out, or give one that is.',
  403: 'Give the job the permission in `permissions:`; docs/github.md lists what each command needs.',
  404: 'It is not there, or the token may not see it: check `permissions:` of the job.',
};

/** What GitHub refused, or did not answer, in words and with what to do. `answer` is a text where none came. */
export const refused = (
  method: Method,
  url: string,
  answer: Answer | string,
  token: Secret,
): AppError => {
  const { pathname } = new URL(url);
  const told =
    typeof answer === 'string' ? `: ${answer}` : ` with ${answer.status}${messageIn(answer.body)}`;
  const said = typeof answer === 'string' ? 'did not answer' : 'answered';
  const text = `GitHub ${said} ${method} ${pathname}${told}.`.replaceAll(
    token.reveal(),
    '[secret]',
  );
  const remedy = typeof answer === 'string' ? undefined : REMEDIES[answer.status];
  return new AppError('action.github', text, {
    cause: new Unanswered(typeof answer === 'string' || answer.status >= 500),
    ...(remedy === undefined ? {} : { remedy }),
  });
};

/** Why a request failed: whether it may have had its effect all the same. */
class Unanswered extends Error {
  readonly wasPerhapsDone: boolean;

  constructor(wasPerhapsDone: boolean) {
    super('GitHub did not do it');
    this.wasPerhapsDone = wasPerhapsDone;
  }
}

/** Whether what failed may have been done: its answer was lost, or GitHub failed in the middle of it. */
export const wasPerhapsDone = (error: unknown): boolean =>
  error instanceof AppError && error.cause instanceof Unanswered && error.cause.wasPerhapsDone;

const messageIn = (body: unknown): string => {
  const message =
    typeof body === 'object' && body !== null && 'message' in body ? body.message : null;
  return typeof message === 'string'
    ? `: ${oneLine(message, LONGEST_MESSAGE).replace(/[.!]$/, '')}`
    : '';
};
