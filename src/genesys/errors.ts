/** Answers and failures of the platform as errors for people. */
import { AppError } from '../domain/errors.js';
import type { DiagnosticCode } from '../domain/codes.js';
import { oneLine } from '../domain/text.js';
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
export const platformText = (text: string): string => oneLine(text, MAX_TEXT);

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
  if (!isJson(answer)) return undefined;
  try {
    return JSON.parse(answer.text);
  } catch {
    return undefined;
  }
};

const isJson = (answer: WireAnswer): boolean =>
  /^application\/(?:[\w.+-]*\+)?json\b/i.test(answer.headers['content-type'] ?? '');

/** The platform's id of a request, which its support asks for: a header, or the body of an error. */
export const correlationIdOf = (headers: WireAnswer['headers'], body: unknown): string | null => {
  const id = headers['inin-correlation-id'] ?? textOf(body, 'contextId');
  return id === null || id === '' ? null : platformText(id);
};

/** What a status means, and how to say it before the request's name. */
const MEANINGS: Readonly<Record<number, readonly [DiagnosticCode, string]>> = {
  401: ['genesys.unauthorized', 'did not accept the access token for'],
  403: ['genesys.forbidden', 'did not permit'],
  404: ['genesys.not-found', 'did not find the object of'],
  408: ['genesys.timeout', 'gave up on'],
  409: ['genesys.conflict', 'was already changing the object of'],
  413: ['genesys.rejected', 'found too large'],
  429: ['genesys.rate-limited', 'kept refusing, because of its rate limit,'],
};

const meaningOf = (status: number): readonly [DiagnosticCode, string] =>
  MEANINGS[status] ??
  (status >= 500 ? ['genesys.unavailable', 'failed at'] : ['genesys.rejected', 'rejected']);

/** An answer that is not what was asked for: a refusal, a failure of the platform, or not the platform at all. */
export const errorOfAnswer = (request: RequestName, answer: WireAnswer): AppError => {
  const { status, headers } = answer;
  const body = jsonOf(answer);
  const correlationId = correlationIdOf(headers, body);
  const isStrange = body === undefined && answer.text !== '';
  if (status < 400 || (status < 500 && isStrange)) {
    return new AppError('genesys.not-genesys', strangerText(request, answer), { correlationId });
  }
  const [code, did] = meaningOf(status);
  const platformCode = textOf(body, 'code');
  const permissions = code === 'genesys.forbidden' ? permissionsOf(body) : [];
  const said = [saidBy(body), ...detailsOf(body)].filter((text) => text !== '');
  const message = [
    `Genesys Cloud ${did} ${request.method} ${request.path}`,
    permissions.length === 0 ? '' : ` without the permission ${permissions.join(' or ')}`,
    `: ${status}`,
    platformCode === null ? '' : ` ${platformText(platformCode)}`,
    isStrange ? `, from ${request.host} with ${contentTypeOf(answer)} instead of JSON` : '',
    said.length === 0 ? '' : `, ${said.join('; ')}`,
    correlationId === null ? '' : `. Correlation id ${correlationId}`,
  ].join('');
  const cause = new PlatformRefusal(status, platformCode);
  return new AppError(code, message, { correlationId, cause });
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
  const what = isJson(answer) ? 'JSON that cannot be read' : contentTypeOf(answer);
  const how = location === undefined ? what : `a redirect to ${hostOf(location)}`;
  return `${request.method} ${request.path}: ${request.host} answered ${answer.status} with ${how}, which is not how Genesys Cloud answers`;
};

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'another place');

/** What the platform said, as a part of a sentence. */
const saidBy = (body: unknown): string =>
  platformText(textOf(body, 'message') ?? textOf(body, 'messageWithParams') ?? '').replace(
    /\.$/,
    '',
  );

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
