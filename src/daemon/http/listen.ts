/** Where the server listens, and why it cannot. */
import { isIP } from 'node:net';
import { AppError } from '../../domain/errors.js';
import { quote } from '../../domain/text.js';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Takes `host:port` apart; an IPv6 address stands in brackets.
 *
 * @example parseListen('[::1]:8080') // { host: '::1', port: 8080 }
 * @throws AppError `daemon.listen`
 */
export const parseListen = (listen: string): ListenAddress => {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(listen);
  const host = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3]);
  if (host === undefined || port > 65_535 || (parts?.[1] !== undefined && isIP(host) !== 6)) {
    throw new AppError(
      'daemon.listen',
      `${quote(listen)} is no address and port to listen on, such as 127.0.0.1:8080 or [::1]:8080, with a port up to 65535.`,
    );
  }
  return { host, port };
};

/** Such as `127.0.0.1:8080` or `[::1]:8080`. */
export const hostAndPort = (host: string, port: number): string =>
  `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;

/** Whether only this machine can reach such an address. */
export const isLoopback = (address: string): boolean =>
  address === '::1' || /^(::ffff:)?127\./.test(address);

/** What a person can do about a server that could not listen; anything else is a bug, and stays as it is. */
export const listenFailure = (error: unknown, { host, port }: ListenAddress): unknown => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words = WORDS.get(code);
  if (words === undefined) return error;
  const where = quote(hostAndPort(host, port));
  return new AppError('daemon.listen', `The HTTP server cannot listen on ${where}: ${words.why}.`, {
    remedy: words.remedy,
    cause: error,
  });
};

const ELSEWHERE = 'in `--listen`, or in `daemon.listen` of the settings.';
const WORDS: ReadonlyMap<string, { readonly why: string; readonly remedy: string }> = new Map([
  [
    'EADDRINUSE',
    {
      why: 'another process listens there already',
      remedy: `End it, if it is a daemon that was forgotten, or name another port ${ELSEWHERE}`,
    },
  ],
  [
    'EACCES',
    {
      why: 'this process may not',
      remedy: `Ports below 1024 are for those with a special right: name a higher one ${ELSEWHERE}`,
    },
  ],
  [
    'EADDRNOTAVAIL',
    {
      why: 'the address is none of this machine',
      remedy: `Name one of its own, or 0.0.0.0 for all of them, ${ELSEWHERE}`,
    },
  ],
  [
    'EAFNOSUPPORT',
    {
      why: 'this machine has no address of that kind',
      remedy: `Name one of the kind that it has, such as 127.0.0.1, ${ELSEWHERE}`,
    },
  ],
  ...['ENOTFOUND', 'EAI_AGAIN'].map(
    (code) =>
      [
        code,
        {
          why: 'the name has no address',
          remedy: `Name an address such as 127.0.0.1 ${ELSEWHERE}`,
        },
      ] as const,
  ),
]);
