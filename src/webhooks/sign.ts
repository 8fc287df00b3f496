/** The headers of Standard Webhooks: by them a receiver knows who sent a body, when, and which one it is. */
import { Webhook } from 'standardwebhooks';
import { AppError } from '../domain/errors.js';
import type { Secret } from '../domain/secret.js';
import { quote } from '../domain/text.js';

/** What is put beside the body of one attempt. */
export interface SignedHeaders {
  readonly 'webhook-id': string;
  /** Seconds since the epoch, at the time of this attempt. */
  readonly 'webhook-timestamp': string;
  /** One signature for each secret, so that secrets can be changed without a gap. */
  readonly 'webhook-signature': string;
}

/** Signs a body at an instant (milliseconds since the epoch). */
export type Signer = (id: string, body: string, now: number) => SignedHeaders;

/** The form and the length that the specification of Standard Webhooks gives. */
const FORM = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;
const BYTES = { min: 24, max: 64 } as const;

/**
 * Signs with every secret of a sink.
 *
 * @throws AppError `webhook.bad-secret`, which repeats nothing of the secret
 */
export const signerOf = (sink: string, secrets: readonly Secret[]): Signer => {
  if (secrets.length === 0) throw badSecret(sink, 'there is none');
  const keys = secrets.map((secret, at) => keyOf(secret, sink, at + 1));
  return (id, body, now) => {
    const at = new Date(now);
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now / 1_000)),
      'webhook-signature': keys.map((key) => key.sign(id, at, body)).join(' '),
    };
  };
};

const keyOf = (secret: Secret, sink: string, which: number): Webhook => {
  const read = readSigningKey(secret);
  if (read.kind === 'bad') throw badSecret(sink, `number ${which} ${read.why}`);
  return new Webhook(read.key, { format: 'raw' });
};

/** The key that a secret of Standard Webhooks holds, or why it holds none, which repeats nothing of it. */
export type SigningKey =
  { readonly kind: 'key'; readonly key: Buffer } | { readonly kind: 'bad'; readonly why: string };

/** Reads the key out of `whsec_<base64>`. */
export const readSigningKey = (secret: Secret): SigningKey => {
  const base64 = FORM.exec(secret.reveal().trim())?.[1];
  if (base64 === undefined) return { kind: 'bad', why: 'is not of the form `whsec_<base64>`' };
  const key = Buffer.from(base64, 'base64');
  if (key.length < BYTES.min || key.length > BYTES.max) {
    const why = `is a key of ${key.length} bytes, and ${BYTES.min} to ${BYTES.max} are wanted`;
    return { kind: 'bad', why };
  }
  return { kind: 'key', key };
};

const badSecret = (sink: string, what: string): AppError =>
  new AppError('webhook.bad-secret', `The secrets of the webhook ${quote(sink)}: ${what}.`);
