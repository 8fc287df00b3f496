/** A verifier written from the specification of Standard Webhooks alone. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Whether any of the signatures is of this id, time and body under this secret. */
export const isSigned = (
  headers: IncomingHttpHeaders | Readonly<Record<string, string>>,
  body: string,
  secret: string,
): boolean => {
  const [id, timestamp, signatures] = [
    headers['webhook-id'],
    headers['webhook-timestamp'],
    headers['webhook-signature'],
  ];
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key)
    .update(`${String(id)}.${String(timestamp)}.${body}`)
    .digest();
  return String(signatures)
    .split(' ')
    .map((signature) => signature.split(','))
    .some(([version, encoded]) => {
      const given = Buffer.from(encoded ?? '', 'base64');
      return (
        version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
      );
    });
};

/** The secrets of the tests: 32 bytes each. */
export const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
export const OTHER_SECRET = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
