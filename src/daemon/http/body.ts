/** Bodies of requests: counted while they come, and read no further than they may be. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TextDecoder } from 'node:util';
import { Refusal } from './refusal.js';

/** Reads the bodies of requests, so many at a time, whoever sends them. */
export class BodyReader {
  readonly #most: number;
  #reading = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Hands the body over as it comes.
   *
   * @throws Refusal 413 as soon as more bytes come, or are announced, than `limit`; 503 where too many are read already
   */
  async read(
    request: IncomingMessage,
    response: ServerResponse,
    limit: number,
    take: (chunk: Buffer) => void,
  ): Promise<void> {
    if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
    if (this.#reading >= this.#most) {
      throw new Refusal(503, 'http.busy', 'Too many requests are being read.', {
        'retry-after': '1',
      });
    }
    this.#reading += 1;
    try {
      // Who asks first whether to send the body at all is told so only now that it would be read.
      if (request.headers.expect !== undefined) response.writeContinue();
      let bytes = 0;
      // The answer has still to leave by the connection, which would end with the request.
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        bytes += (chunk as Buffer).length;
        if (bytes > limit) throw tooLarge(limit);
        take(chunk as Buffer);
      }
    } finally {
      this.#reading -= 1;
    }
  }
}

const tooLarge = (limit: number): Refusal =>
  new Refusal(413, 'http.too-large', `The body is larger than ${limit} bytes.`);

/** How deep JSON from outside may be nested: its outermost map is the first level. */
const DEEPEST = 8;

/**
 * Parses JSON that somebody has sent. A key `__proto__` is refused: wherever such a map is copied later, it could
 * become another kind of thing.
 *
 * @throws Refusal 400
 */
export const parseJson = (bytes: Uint8Array): unknown => {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const what = error instanceof SyntaxError ? 'JSON' : 'UTF-8 text';
    throw new Refusal(400, 'http.bad-json', `The body is not ${what}.`);
  }
  refuseTraps(value, 1);
  return value;
};

/** Goes no deeper than is allowed, so that it cannot be made to run out of stack. */
const refuseTraps = (value: unknown, level: number): void => {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Refusal(400, 'http.bad-json', 'The body holds a number that is too large.');
  if (typeof value !== 'object' || value === null) return;
  if (level > DEEPEST) {
    throw new Refusal(400, 'http.bad-json', `The body is nested more than ${DEEPEST} levels deep.`);
  }
  if (Object.hasOwn(value, '__proto__')) {
    throw new Refusal(400, 'http.bad-json', 'The body has a key `__proto__`.');
  }
  for (const inner of Object.values(value)) refuseTraps(inner, level + 1);
};
