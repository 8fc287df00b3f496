/** The platform's errors: what handlers throw, and the body that a client then reads. */
import type { Models } from 'purecloud-platform-client-v2';

interface ErrorRow {
  readonly status: number;
  /** What the client reads; `{name}` stands for a parameter. */
  readonly message: string;
  /** Answered in the form of OAuth: `{ error, error_description }`. */
  readonly oauth?: true;
}

/** Every error that the simulator gives, by the code of the vendor's contract (`x-inin-error-codes`). */
const PLATFORM_ERRORS = {
  'bad.request': { status: 400, message: 'The request is not valid: {reason}' },
  'constraint.validation': { status: 400, message: '{reason}' },
  'duplicate.name': { status: 400, message: 'The name {name} is taken.' },
  'invalid.date': { status: 400, message: 'Not an ISO-8601 date or interval: {value}' },
  'invalid.id': { status: 400, message: 'An id is missing or not a UUID: {value}' },
  'invalid.name': { status: 400, message: 'The name is missing or not valid.' },
  'invalid.page.number': { status: 400, message: 'The page number {value} is not valid.' },
  'invalid.property': {
    status: 400,
    message: 'Value [{value}] is not a valid property for object [{object}]',
  },
  'invalid.query.param.value': {
    status: 400,
    message:
      'Value [{value}] is not valid for parameter [{parameter}]. Allowable values are: {allowed}',
  },
  'invalid.rule': { status: 400, message: 'A routing rule is not valid: {reason}' },
  'invalid.value': {
    status: 400,
    message:
      'Value [{value}] is not valid for field type [{field}]. Allowable values are: {allowed}',
  },
  'response.entity.too.large': {
    status: 400,
    message: 'The response is over the size limit. Reduce pageSize to {limit} or less.',
  },
  'authentication.required': {
    status: 401,
    message: 'No bearer token in the authorization header.',
  },
  'bad.credentials': { status: 401, message: 'Invalid login credentials.' },
  'missing.permissions': {
    status: 403,
    message:
      'Unable to perform the requested action. You are missing the following permission(s): {permissions}',
  },
  'missing.division.permission': {
    status: 403,
    message:
      "Unable to perform the requested action. You are missing the following permission '{permission}' in the provided division(s): {divisions}",
  },
  'not.found': { status: 404, message: 'The requested resource was not found.' },
  'resource.not.found': { status: 404, message: 'The {entity} could not be found.' },
  'method.not.allowed': { status: 405, message: 'The method {method} is not offered here.' },
  'client.timeout': { status: 408, message: 'The request did not arrive within the limit.' },
  'request.conflict': {
    status: 409,
    message: 'The request conflicts with the current state of the resource.',
  },
  'request.entity.too.large': {
    status: 413,
    message: 'The request is over the size limit. Maximum bytes: {limit}',
  },
  'unsupported.media.type': { status: 415, message: 'The content type must be application/json.' },
  'too.many.requests.retry.after': {
    status: 429,
    message: 'Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds',
  },
  'too.many.requests': {
    status: 429,
    message: 'Rate limit exceeded the maximum [{limit}] requests within [60] seconds',
  },
  'internal.server.error': {
    status: 500,
    message: 'The server met an unexpected condition: {reason}',
  },
  'bad.gateway': { status: 502, message: 'The gateway got no valid answer.' },
  'service.unavailable': { status: 503, message: 'The server is currently unavailable.' },
  'request.timeout': { status: 504, message: 'The request timed out.' },
  invalid_client: { status: 401, message: 'authentication failed', oauth: true },
  // Even a throttled token request is a 400: the vendor's Terraform provider looks for these words.
  invalid_request: {
    status: 400,
    message: 'rate limit exceeded; try again in {seconds} seconds',
    oauth: true,
  },
  unsupported_grant_type: {
    status: 400,
    message: 'only client_credentials is offered',
    oauth: true,
  },
} as const satisfies Record<string, ErrorRow>;

/** A code of {@link PLATFORM_ERRORS}. */
export type PlatformErrorCode = keyof typeof PLATFORM_ERRORS;

/** The form of the login's errors. */
export interface OAuthErrorBody {
  readonly error: string;
  readonly description: string;
  readonly error_description: string;
}

/** What an error may carry beside its parameters. */
export interface PlatformErrorExtras {
  /** Another status than the table's, where the contract lists the code under several. */
  readonly status?: number;
  readonly details?: readonly Models.Detail[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown by handlers and by changes to the org; the server turns it into an answer. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
  readonly code: PlatformErrorCode;
  readonly status: number;
  readonly params: Readonly<Record<string, string>>;
  readonly details: readonly Models.Detail[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: PlatformErrorCode,
    params: Readonly<Record<string, string>> = {},
    extras: PlatformErrorExtras = {},
  ) {
    super(render(PLATFORM_ERRORS[code].message, params));
    this.code = code;
    this.status = extras.status ?? PLATFORM_ERRORS[code].status;
    this.params = params;
    this.details = extras.details ?? [];
    this.headers = extras.headers ?? {};
  }

  /** The body in the platform's form; `contextId` is the correlation id of the answer. */
  body(contextId: string): Models.ErrorBody | OAuthErrorBody {
    const row: ErrorRow = PLATFORM_ERRORS[this.code];
    if (row.oauth) {
      return { error: this.code, description: this.message, error_description: this.message };
    }
    return {
      message: this.message,
      code: this.code,
      status: this.status,
      messageWithParams: row.message,
      messageParams: { ...this.params },
      contextId,
      details: [...this.details],
      errors: [],
    };
  }
}

const render = (template: string, params: Readonly<Record<string, string>>): string =>
  template.replace(/\{(\w+)\}/g, (placeholder, name: string) => params[name] ?? placeholder);

/** The code that goes with a bare status, for faults that name none. */
export const codeForStatus = (status: number): PlatformErrorCode =>
  DEFAULT_CODES[status] ?? (status < 500 ? 'bad.request' : 'internal.server.error');

const DEFAULT_CODES: Readonly<Record<number, PlatformErrorCode>> = {
  401: 'bad.credentials',
  403: 'missing.permissions',
  404: 'not.found',
  408: 'client.timeout',
  409: 'request.conflict',
  413: 'request.entity.too.large',
  415: 'unsupported.media.type',
  429: 'too.many.requests.retry.after',
  502: 'bad.gateway',
  503: 'service.unavailable',
  504: 'request.timeout',
};
