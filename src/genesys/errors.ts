/** Answers and failures of the platform as errors for people. */
import { AppError } from '../domain/errors.js';
import type { DiagnosticCode } from '../domain/codes.js';
import { arrayOf, isObject, textOf } from './json.js';
import type { NetworkFailure } from './network.js';
import type { WireAnswer } from './wire.js';

/** Which request it was, without query, body or headers. */
export interface RequestName {
  readonly method: string;
  readonly path: string;
  readonly host: string;
}

/** What the platform said when it refused: the cause of the AppError, for those who must tell refusals apart. */
export class PlatformRefusal extends Error {
  override readonly name = 'PlatformRefusal';
  readonly status: number;
  /** The platform's own code, such as `duplicate.name`. */
  readonly platformCode: string | null;

  constructor(status: number, platformCode: string | null) {
    super(platformCode === null ? `${status}` : `${status} ${platformCode}`);
    this.status = status;
    this.platformCode = platformCode;
  }
}

/** The platform's code for what it refused, where an error comes from such a refusal. */
export const platformCodeOf = (error: unknown): string | null =>
  error instanceof AppError && error.cause instanceof PlatformRefusal
    ? error.cause.platformCode
    : null;

const MAX_TEXT = 300;

/** A text of the platform's: one line, of bounded length, without control or invisible formatting characters. */
export const platformText = (text: string): string => {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  return line.length <= MAX_TEXT
    ? line
    : `${line.slice(0, MAX_TEXT).replace(/[\uD800-\uDBFF]$/, '')}…`;
};

/** An answer in which no secret of ours stands, should the other side have sent one back. */
export const withoutSecrets = (answer: WireAnswer, secrets: readonly string[]): WireAnswer => {
  const clean = (text: string): string =>
    secrets.reduce(
      (rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '[secret]')),
      text,
    );
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name, clean(value)]),
  );
  return { ...answer, headers, text: clean(answer.text) };
};

/** The parsed body of an answer, or undefined where it has none or is no JSON. */
export const jsonOf = (answer: WireAnswer): unknown => {
  if (!/^application\/(?:[\w.+-]*\+)?json\b/i.test(answer.headers['content-type'] ?? ''))
    return undefined;
  try {
    return JSON.parse(answer.text);
  } catch {
    return undefined;
  }
};

/** The platform's id of a request, which its support asks for: a header, or the body of an error. */
export const correlationIdOf = (headers: WireAnswer['headers'], body: unknown): string | null => {
  const id = headers['inin-correlation-id'] ?? textOf(body, 'contextId');
  return id === null || id === '' ? null : platformText(id);
};

const BY_STATUS: Readonly<Record<number, DiagnosticCode>> = {
  401: 'genesys.unauthorized',
  403: 'genesys.forbidden',
  404: 'genesys.not-found',
  408: 'genesys.timeout',
  409: 'genesys.conflict',
  429: 'genesys.rate-limited',
};

const WHAT: Partial<Record<DiagnosticCode, string>> = {
  'genesys.unauthorized': 'did not accept the access token for',
  'genesys.forbidden': 'did not permit',
  'genesys.not-found': 'did not find',
  'genesys.timeout': 'gave up on',
  'genesys.conflict': 'was already changing the object of',
  'genesys.rate-limited': 'kept refusing, because of its rate limit,',
  'genesys.unavailable': 'failed at',
  'genesys.rejected': 'rejected',
};

/** An answer that is not what was asked for: a refusal, a failure of the platform, or not the platform at all. */
export const errorOfAnswer = (request: RequestName, answer: WireAnswer): AppError => {
  const body = jsonOf(answer);
  const correlationId = correlationIdOf(answer.headers, body);
  const { status } = answer;
  if (status < 500 && body === undefined && (status < 400 || answer.text !== '')) {
    return new AppError('genesys.not-genesys', strangerText(request, answer), { correlationId });
  }
  const code = BY_STATUS[status] ?? (status >= 500 ? 'genesys.unavailable' : 'genesys.rejected');
  const platformCode = textOf(body, 'code');
  const said = [saidBy(body), ...detailsOf(body)].filter((text) => text !== '').join('; ');
  const permissions = code === 'genesys.forbidden' ? permissionsOf(body) : [];
  const message = [
    `Genesys Cloud ${WHAT[code] ?? 'rejected'} ${request.method} ${request.path}`,
    permissions.length === 0 ? '' : ` without the permission ${permissions.join(' or ')}`,
    `: ${[`${status}`, platformCode === null ? '' : platformText(platformCode)].join(' ').trim()}`,
    said === '' ? '' : `, ${said}`,
    body === undefined && answer.text !== ''
      ? ` (${request.host} answered with ${contentTypeOf(answer)}, not JSON)`
      : '',
    correlationId === null ? '' : `. Correlation id ${correlationId}`,
  ].join('');
  return new AppError(code, message, {
    correlationId,
    cause: new PlatformRefusal(status, platformCode),
  });
};

/** A request that brought no answer. */
export const errorOfFailure = (request: RequestName, failure: NetworkFailure): AppError =>
  new AppError(
    FAILURE_CODES[failure.reason],
    `${request.method} ${request.path}: ${failure.text}`,
    {
      cause: failure.cause,
    },
  );

const FAILURE_CODES: Readonly<Record<NetworkFailure['reason'], DiagnosticCode>> = {
  unreachable: 'genesys.unreachable',
  tls: 'genesys.tls',
  timeout: 'genesys.timeout',
  lost: 'genesys.unreachable',
  unreadable: 'genesys.not-genesys',
  interrupted: 'cli.interrupted',
};

const contentTypeOf = (answer: WireAnswer): string =>
  platformText(answer.headers['content-type']?.split(';')[0] ?? '') || 'no content type';

const strangerText = (request: RequestName, answer: WireAnswer): string => {
  const location = answer.headers['location'];
  const what = location === undefined ? contentTypeOf(answer) : `a redirect to ${hostOf(location)}`;
  return `${request.method} ${request.path}: ${request.host} answered ${answer.status} with ${what}, which is not how Genesys Cloud answers`;
};

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'another place');

/** `messageWithParams` is the message with its gaps filled in. */
const saidBy = (body: unknown): string =>
  platformText(textOf(body, 'message') ?? textOf(body, 'messageWithParams') ?? '');

const MAX_DETAILS = 5;

const detailsOf = (body: unknown): readonly string[] => {
  const named = arrayOf(body, 'details').flatMap((detail) => {
    const field = textOf(detail, 'fieldName');
    const why = [
      textOf(detail, 'errorCode'),
      textOf(detail, 'entityName') ?? textOf(detail, 'entityId'),
    ];
    const text = [field === null ? null : `field ${field}`, ...why].filter(
      (part) => part !== null && part !== '',
    );
    return text.length === 0 ? [] : [platformText(text.join(': '))];
  });
  const nested = arrayOf(body, 'errors')
    .map(saidBy)
    .filter((text) => text !== '');
  const all = [...named, ...nested];
  return all.length <= MAX_DETAILS
    ? all
    : [...all.slice(0, MAX_DETAILS), `and ${all.length - MAX_DETAILS} more`];
};

/** Permissions as the platform writes them, `routing:queue:edit`, wherever a 403 mentions them. */
const permissionsOf = (body: unknown): readonly string[] => {
  const parameters =
    isObject(body) && isObject(body['messageParams']) ? Object.values(body['messageParams']) : [];
  const texts = [
    textOf(body, 'message'),
    textOf(body, 'messageWithParams'),
    ...parameters.map(String),
  ];
  const found = texts.flatMap(
    (text) => platformText(text ?? '').match(/\b[A-Za-z]\w*:\w+:[\w*]+/g) ?? [],
  );
  return [...new Set(found)].sort();
};
