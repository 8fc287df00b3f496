/** One POST to a receiver. What goes wrong on the way is a value, and no message holds more than the origin of the URL. */
import { errors, request } from 'undici';
import type { Dispatcher } from 'undici';
import { cut, spellInvisible } from '../domain/text.js';
import type { Answer, Stopped } from './answer.js';
import { RefusedAddress } from './connect.js';

export interface Posted {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PostOptions {
  readonly dispatcher: Dispatcher;
  /** For everything: name, connection, TLS, headers, body. In milliseconds of real time: a socket knows no other. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The most of an answer that is read; it is for people alone. */
const MAX_ANSWER_BYTES = 1_024;
const EXCERPT = 120;

/** Sends a body once. Redirects are answers like any other. */
export const post = async (posted: Posted, options: PostOptions): Promise<Answer | Stopped> => {
  // Not AbortSignal.any: on a signal that lives as long as a daemon, older Nodes keep every one of them.
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(STOPPED);
  const timer = setTimeout(() => stop.abort(LATE), options.timeoutMs);
  options.signal.addEventListener('abort', onAbort);
  if (options.signal.aborted) onAbort();
  try {
    // undici looks at a signal only once it has a connection, and making one may hang as well.
    return await Promise.race([
      exchange(posted, options.dispatcher, stop.signal),
      untilAborted(stop.signal),
    ]);
  } catch (error) {
    if (stop.signal.reason === STOPPED) return { kind: 'stopped' };
    if (error instanceof errors.InvalidArgumentError) throw error;
    return failureOf(stop.signal.reason === LATE ? LATE : error, posted.url, options.timeoutMs);
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', onAbort);
  }
};

const STOPPED = new DOMException('', 'AbortError');
const LATE = new DOMException('', 'TimeoutError');

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail);
  });

const exchange = async (
  { url, headers, body }: Posted,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<Answer> => {
  const answer = await request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'user-agent': 'wrapkeeper',
      ...headers,
    },
    body,
    signal,
    dispatcher,
  });
  const start = await firstBytes(answer.body);
  const retryAfter = answer.headers['retry-after'];
  return {
    kind: 'answer',
    status: answer.statusCode,
    retryAfter: [retryAfter ?? []].flat()[0] ?? null,
    excerpt: answer.statusCode < 300 ? null : excerptOf(start, url),
  };
};

/** Leaving the loop ends the connection: what a receiver has to say beyond that is not listened to. */
const firstBytes = async (body: Dispatcher.ResponseData['body']): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8');
};

/** One printable line, without what the URL may hold of secrets: receivers like to repeat it. */
const excerptOf = (text: string, url: string): string | null => {
  const line = secretParts(url).reduce(
    (rest, part) => rest.replaceAll(part, '…'),
    text.replace(/\s+/gu, ' ').trim(),
  );
  return line === '' ? null : cut(spellInvisible(line), EXCERPT);
};

/** Path and query of a URL as a whole and in pieces, as they stand and decoded, the longest first. */
const secretParts = (url: string): readonly string[] => {
  const { pathname, search, searchParams } = new URL(url);
  const raw = search
    .slice(1)
    .split('&')
    .map((pair) => pair.slice(pair.indexOf('=') + 1));
  const segments = pathname.split('/').filter((segment) => segment.length >= 6);
  const parts = [
    pathname + search,
    search.slice(1),
    pathname,
    ...segments,
    ...raw,
    ...searchParams.values(),
  ];
  const decoded = parts.map(safeDecode);
  return [...new Set([...parts, ...decoded])]
    .filter((part) => part.length >= 3)
    .sort((a, b) => b.length - a.length);
};

const safeDecode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const failureOf = (error: unknown, url: string, timeoutMs: number): Answer => {
  const { origin } = new URL(url);
  const refused = refusalIn(error);
  if (refused !== null) return { kind: 'failure', reason: 'refused', text: refused.message };
  if (error === LATE) {
    const text = `no answer from ${origin} within ${timeoutMs / 1_000} s`;
    return { kind: 'failure', reason: 'timeout', text };
  }
  const code = codeOf(error);
  const because = code === '' ? '' : ` (${code})`;
  return { kind: 'failure', reason: 'network', text: `no answer from ${origin}${because}` };
};

/** Where a name has several addresses, Node tries them all and reports every failure. */
const refusalIn = (error: unknown): RefusedAddress | null => {
  if (error instanceof RefusedAddress) return error;
  if (error instanceof Error && error.cause !== undefined) return refusalIn(error.cause);
  return null;
};

const codeOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? codeOf(error.cause) : '';
};
