/**
 * GitHub's REST API over HTTP, as a workflow may use it: one token, bounded waits, errors that say what to do.
 * Addresses come from the runner (`GITHUB_API_URL`), so that a GitHub of one's own works too.
 */
import { request } from 'undici';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../domain/clock.js';
import { AppError } from '../../domain/errors.js';
import type { Secret } from '../../domain/secret.js';
import { failureOf } from '../../genesys/network.js';
import { openConnections } from '../../genesys/proxy.js';
import type { Environment } from '../../cli/io.js';
import { pauseAfter } from './pause.js';
import { refused } from './refusal.js';
import type { Answer, Method } from './refusal.js';

/** A repository on GitHub, with a token. All methods throw `AppError` `action.github`. */
export interface GitHub {
  /** `/repos/OWNER/NAME`, before whatever is asked of this repository. */
  readonly repository: string;
  send(method: Method, path: string, body?: unknown): Promise<unknown>;
  /** The items of a list, page after page: all of them, or an error. */
  items(path: string): AsyncGenerator<unknown, void>;
  /** The answer of a query in GraphQL, where REST cannot tell. */
  query(query: string, variables?: Readonly<Record<string, string>>): Promise<unknown>;
}

export interface GitHubOptions {
  readonly env: Environment;
  readonly token: Secret;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 20_000;
const ATTEMPTS = 5;
/** So long a run waits for GitHub in all; then it says what GitHub waits for. */
const MOST_WAITING_MS = 180_000;
const MOST_PAGES = 200;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/**
 * Opens the repository of this run.
 *
 * @throws AppError `action.github` where the runner does not say which one
 */
export const openGitHub = ({ env, token, clock, signal }: GitHubOptions): GitHub => {
  const api = addressIn(env, 'GITHUB_API_URL', 'https://api.github.com');
  const graphql = addressIn(env, 'GITHUB_GRAPHQL_URL', `${api}/graphql`);
  const repository = env['GITHUB_REPOSITORY'] ?? '';
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw new AppError('action.github', 'GITHUB_REPOSITORY does not name a repository.', {
      remedy: 'Run the Action in a workflow of GitHub Actions.',
    });
  }
  const { dispatcher, proxyOf } = openConnections(env, TIMEOUT_MS);
  let waitedMs = 0;

  const once = async (method: Method, url: string, body: unknown): Promise<Answer | string> => {
    try {
      return await ask({ method, url, body, token, dispatcher, signal });
    } catch (error) {
      return failureOf(error, { url, timeoutMs: TIMEOUT_MS, proxy: proxyOf(url) }).text;
    }
  };

  /** A POST whose answer was lost may have had its effect: only what GitHub refused is sent again. */
  const ever = async (method: Method, url: string, body?: unknown): Promise<Answer> => {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await once(method, url, body);
      if (typeof answer !== 'string' && answer.status < 300) return answer;
      // What GraphQL is asked for changes nothing.
      const kind = url === graphql ? 'GET' : method;
      const pauseMs = pauseAfter(answer, { method: kind, attempt, now: clock.now() });
      const isOver =
        pauseMs === null ||
        attempt === ATTEMPTS ||
        waitedMs + pauseMs > MOST_WAITING_MS ||
        signal.aborted;
      if (isOver) throw refused(method, url, answer, token);
      waitedMs += pauseMs;
      await clock.sleep(pauseMs, signal);
    }
  };

  return {
    repository: `/repos/${repository}`,
    send: async (method, path, body) => (await ever(method, `${api}${path}`, body)).body,
    query: async (query, variables = {}) =>
      (await ever('POST', graphql, { query, variables })).body,
    async *items(path) {
      let url: string | null = `${api}${path}${path.includes('?') ? '&' : '?'}per_page=100`;
      for (let page = 0; url !== null; page += 1) {
        if (page === MOST_PAGES) throw refused('GET', url, 'the list has no end', token);
        const answer: Answer = await ever('GET', url);
        if (!Array.isArray(answer.body)) throw refused('GET', url, 'the answer is no list', token);
        yield* answer.body as readonly unknown[];
        const next = nextPage(answer.headers['link']);
        // The token goes to no other place than the API, whatever a header says.
        if (next !== null && !next.startsWith(`${api}/`))
          throw refused('GET', url, 'the next page of the list lies on another server', token);
        url = next;
      }
    },
  };
};

const ask = async (call: {
  readonly method: Method;
  readonly url: string;
  readonly body: unknown;
  readonly token: Secret;
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
}): Promise<Answer> => {
  const { method, url, body, token, dispatcher, signal } = call;
  const answer = await request(url, {
    method,
    dispatcher,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token.reveal()}`,
      'user-agent': 'wrapkeeper',
      'x-github-api-version': '2022-11-28',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > MAX_ANSWER_BYTES) throw new RangeError('the answer is too large');
  }
  return {
    status: answer.statusCode,
    headers: Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : value,
      ]),
    ),
    body: jsonOf(Buffer.concat(chunks).toString('utf8')),
  };
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const nextPage = (link: string | undefined): string | null =>
  /<([^>]+)>\s*;[^,]*\brel="?next\b/.exec(link ?? '')?.[1] ?? null;

const addressIn = (env: Environment, name: string, otherwise: string): string => {
  const written = (env[name] ?? '').trim().replace(/\/+$/, '') || otherwise;
  if (/^https?:$/.test(URL.canParse(written) ? new URL(written).protocol : '')) return written;
  throw new AppError('action.github', `${name} does not hold an address.`);
};
