/** Who may ask for a pass: whoever has the token, and no page of another site. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Secret } from '../../domain/secret.js';
import { Refusal } from './refusal.js';

/**
 * Lets those in who have the token.
 *
 * @throws Refusal 403 where there is no token to have, 401 otherwise
 */
export const requireToken = (headers: IncomingHttpHeaders, token: Secret | null): void => {
  if (token === null) {
    throw new Refusal(
      403,
      'http.not-configured',
      'Nobody can be let in: the settings name no `daemon.apiToken`.',
    );
  }
  const given = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  if (given === undefined || !isSame(Buffer.from(given, 'latin1'), Buffer.from(token.reveal()))) {
    const message =
      given === undefined
        ? 'This asks for the token of the daemon, as `Authorization: Bearer <token>`.'
        : 'The token is not the one of this daemon.';
    throw new Refusal(401, 'http.unauthorized', message, {
      'www-authenticate': 'Bearer realm="wrapkeeper"',
    });
  }
};

/** The characters that a header can carry as a token (RFC 6750). */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** Whether anybody can send it: one with other characters lets nobody in. */
export const canBeToken = (token: Secret): boolean => TOKEN.test(token.reveal());

/** Takes equally long whatever differs, the length included: hashes are compared. */
const isSame = (one: Buffer, other: Buffer): boolean => timingSafeEqual(sha256(one), sha256(other));

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

/**
 * Refuses what a page of another site asks for. Browsers say themselves whether it is another (`Sec-Fetch-Site`), which
 * holds behind proxies too; those that do not are held to `Host`. Programs send neither.
 *
 * @throws Refusal 403
 */
export const requireOwnOrigin = (headers: IncomingHttpHeaders): void => {
  const { origin, host } = headers;
  if (origin === undefined) return;
  const site = headers['sec-fetch-site'];
  const isOwn =
    site === undefined
      ? URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
      : site === 'same-origin' || site === 'none';
  if (!isOwn) throw new Refusal(403, 'http.origin', 'A page of another site asks for this.');
};

/**
 * Whether a name is one under which a server that listens on this machine alone may be asked for. A page of another
 * site can make its own name lead to this machine; it cannot make a browser send another name.
 */
export const isNameOfThisMachine = (host: string | undefined, listens: string): boolean => {
  const name = (host ?? '').toLowerCase().replace(/:\d*$/, '');
  return (
    name === listens.toLowerCase() ||
    /^(.+\.)?localhost$/.test(name) ||
    /^\[[0-9a-f:.]+\]$/.test(name) ||
    /^\d{1,3}(\.\d{1,3}){3}$/.test(name)
  );
};
