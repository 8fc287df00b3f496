/** Signatures of those who send to the daemon: Standard Webhooks, and GitHub's. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Hmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Secret } from '../../domain/secret.js';
import { readSigningKey } from '../../webhooks/sign.js';
import { Refusal } from './refusal.js';

/** How far the time of a signature may be from ours, both ways (https://www.standardwebhooks.com). */
const TOLERANCE_SECONDS = 5 * 60;

/** Names of headers that a person can mend are told; what was wrong with a signature is not. */
const unsigned = (message: string): Refusal => new Refusal(401, 'http.unauthorized', message);

/**
 * Holds a body against the headers of Standard Webhooks, and returns its `webhook-id`. It is computed here and not by
 * the library of that name, which reads the clock itself and takes text in place of bytes.
 *
 * @throws Refusal 401
 */
export const requireSigned = (
  headers: IncomingHttpHeaders,
  body: Uint8Array,
  secrets: readonly Secret[],
  now: number,
): string => {
  const keys = secrets.map(readSigningKey).filter((read) => read.kind === 'key');
  if (keys.length === 0) {
    throw new Refusal(
      401,
      'http.not-configured',
      'Nobody can be let in: the settings name no good secret in `daemon.inboundSecrets`.',
    );
  }
  const id = textOf(headers['webhook-id']);
  const timestamp = textOf(headers['webhook-timestamp']);
  const signatures = textOf(headers['webhook-signature']);
  if (!/^[\x21-\x7e]{1,200}$/.test(id)) {
    throw unsigned('`webhook-id` is missing, or is not 1 to 200 printable characters.');
  }
  if (!/^\d{1,12}$/.test(timestamp)) {
    throw unsigned('`webhook-timestamp` is missing, or is not in seconds since 1970.');
  }
  if (Math.abs(Math.floor(now / 1_000) - Number(timestamp)) > TOLERANCE_SECONDS) {
    throw unsigned('`webhook-timestamp` is more than five minutes away from the time here.');
  }
  const given = signatures
    .split(' ')
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice('v1,'.length), 'base64'));
  const isGood = keys.some(({ key }) => {
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
    return given.some((signature) => isSame(signature, expected));
  });
  if (!isGood) throw unsigned('`webhook-signature` holds no signature that fits.');
  return id;
};

/**
 * Begins to hold a body against GitHub's `X-Hub-Signature-256`: feed it to `hmac`, then call `check`, which throws a
 * Refusal 401 (https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries).
 */
export const checkGitHubSignature = (
  headers: IncomingHttpHeaders,
  secret: Secret | null,
): { readonly hmac: Hmac; readonly check: () => void } => {
  if (secret === null) {
    throw new Refusal(
      401,
      'http.not-configured',
      'Nobody can be let in: the settings name no `daemon.gitSecret`.',
    );
  }
  const hmac = createHmac('sha256', secret.reveal());
  const header = textOf(headers['x-hub-signature-256']);
  const check = (): void => {
    const hex = /^sha256=([0-9a-f]{64})$/.exec(header)?.[1];
    const given = Buffer.from(hex ?? '', 'hex');
    if (!isSame(given, hmac.digest())) {
      throw unsigned('`X-Hub-Signature-256` is missing, or does not fit.');
    }
  };
  return { hmac, check };
};

const isSame = (given: Buffer, expected: Buffer): boolean =>
  given.length === expected.length && timingSafeEqual(given, expected);

const textOf = (header: string | string[] | undefined): string =>
  typeof header === 'string' ? header : '';
