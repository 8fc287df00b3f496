/** What went wrong on the way to the platform or back, in plain words. */

export interface NetworkFailure {
  readonly kind: 'failure';
  readonly reason: 'unreachable' | 'tls' | 'timeout' | 'lost' | 'unreadable' | 'interrupted';
  /** False only where it is certain that not one byte of the request left. */
  readonly wasSent: boolean;
  /** Whether the next attempt may fare better. */
  readonly isTransient: boolean;
  /** For people: what, and which host and port. No capital, no full stop. */
  readonly text: string;
  readonly cause: unknown;
}

interface Way {
  readonly url: string;
  readonly timeoutMs: number;
  /** Host and port of the proxy that the variables name, or null. */
  readonly proxy: string | null;
}

type Found = Omit<NetworkFailure, 'kind' | 'cause'>;

/** Codes of Node and OpenSSL for a certificate that is not trusted: the request was not sent. */
const CERTIFICATE = /CERT|ERR_TLS_|UNABLE_TO_|HOSTNAME_MISMATCH/;
/** A handshake that broke, or rarely a connection later on: nobody can tell whether something was sent. */
const HANDSHAKE = /^EPROTO$|^ERR_SSL_/;

/** Sorts what undici throws. */
export const failureOf = (error: unknown, way: Way): NetworkFailure => ({
  kind: 'failure',
  cause: error,
  ...sort(error, way),
});

const sort = (error: unknown, way: Way): Found => {
  const { hostname, host, port, protocol } = new URL(way.url);
  const place = port === '' ? `${host}:${protocol === 'https:' ? 443 : 80}` : host;
  const code = codeOf(error);
  const because = code === '' ? '' : ` (${code})`;
  const proxied =
    way.proxy === null ? '' : `, or to the proxy ${way.proxy} that the environment names,`;
  const message = error instanceof Error ? error.message : '';

  if (error instanceof RangeError) return found('unreadable', true, false, `${place}: ${message}`);
  if (code.startsWith('HPE_')) {
    return found('unreadable', true, false, `${place} does not speak HTTP${because}`);
  }
  if (nameOf(error) === 'TimeoutError' || /^UND_ERR_(?:HEADERS|BODY)_TIMEOUT$/.test(code)) {
    return found('timeout', true, true, `no answer from ${place} within ${way.timeoutMs / 1000} s`);
  }
  const refusal = /Proxy response \((\d+)\)|Proxy Authentication Required \((407)\)/.exec(message);
  if (refusal !== null) {
    const status = refusal[1] ?? refusal[2] ?? '';
    const text = `the proxy ${way.proxy ?? ''} answered ${status} for ${place}`;
    return found('unreachable', false, status !== '407', text);
  }
  if (nameOf(error) === 'AbortError') {
    return found('interrupted', true, false, `the request to ${place} was stopped`);
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const text = `the host name ${unresolved(error) ?? hostname} cannot be resolved${because}`;
    return found('unreachable', false, true, text);
  }
  if (code === 'ECONNREFUSED') {
    const text = `the connection to ${place}${proxied} was refused${because}`;
    return found('unreachable', false, true, text);
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || failedToConnect(error)) {
    const text = `no connection to ${place}${proxied} could be made${because}`;
    return found('unreachable', false, true, text);
  }
  if (CERTIFICATE.test(code)) {
    const text = `the certificate of ${place} is not trusted${because}: ${message}`;
    return found('tls', false, false, text);
  }
  if (HANDSHAKE.test(code)) {
    return found('tls', true, false, `no secure connection to ${place}${because}`);
  }
  return found(
    'lost',
    true,
    true,
    `the connection to ${place} was lost before the answer was complete${because}`,
  );
};

const found = (
  reason: NetworkFailure['reason'],
  wasSent: boolean,
  isTransient: boolean,
  text: string,
): Found => ({
  reason,
  wasSent,
  isTransient,
  text,
});

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

const codeOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? codeOf(error.cause) : '';
};

/** The name that Node could not look up: the platform's host or a proxy's. */
const unresolved = (error: unknown): string | null =>
  error instanceof Error && 'hostname' in error && typeof error.hostname === 'string'
    ? error.hostname
    : null;

/** Where a name has several addresses, Node tries them all and reports every failure. */
const failedToConnect = (error: unknown): boolean => {
  if (error instanceof AggregateError)
    return error.errors.length > 0 && error.errors.every(failedToConnect);
  return error instanceof Error && 'syscall' in error && error.syscall === 'connect';
};
