/** Bodies of requests: read, measured, parsed. */
import type { IncomingMessage } from 'node:http';
import { isSafeNumber, LosslessNumber, parse as parseLossless } from 'lossless-json';
import { PlatformError } from './errors.js';

const MAX_BODY_BYTES = 512_000;

/** Reads a body whole; refuses with 413 more bytes than the platform takes. */
export const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk as Buffer);
  }
  if (bytes > MAX_BODY_BYTES) {
    throw new PlatformError('request.entity.too.large', { limit: String(MAX_BODY_BYTES) });
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** A body as the endpoint takes it: a form, or JSON (415 and 400 for anything else); undefined where it is empty. */
export const parseBody = (
  text: string,
  consumes: 'form' | 'json',
  contentType: string | undefined,
): unknown => {
  if (consumes === 'form') return Object.fromEntries(new URLSearchParams(text));
  if (text === '') return undefined;
  if (!/^application\/json\b/i.test(contentType ?? '')) {
    throw new PlatformError('unsupported.media.type');
  }
  try {
    return parseJson(text);
  } catch {
    throw new PlatformError('bad.request', { reason: 'the body is not JSON' });
  }
};

/** JSON in which a number that a double would change stays as it was written. */
export const parseJson = (text: string): unknown =>
  parseLossless(text, null, (digits) =>
    isSafeNumber(digits) ? Number(digits) : new LosslessNumber(digits),
  );
