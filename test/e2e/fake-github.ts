/** A GitHub over HTTP: the few calls that the Action makes, pages, limits and failures included. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const TOKEN = 'ghs_aVeryOwnTokenOfThisJob0123456789';
export const BOT = 'github-actions[bot]';

interface User {
  readonly login: string;
  readonly type: 'Bot' | 'User';
}

/** A comment or an issue. */
export interface Item {
  readonly id: number;
  /** Its name in GraphQL. */
  readonly node_id: string;
  readonly number: number;
  readonly user: User;
  body: string;
  title?: string;
  state?: string;
  /** Who edited it last; as GraphQL tells, and REST does not. */
  editor?: User;
}

interface Pull {
  readonly number: number;
  readonly merged_at: string | null;
  readonly merge_commit_sha: string | null;
}

/** An answer in place of the real one, given once. */
interface Fault {
  readonly match: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Does it all the same. */
  readonly afterwards?: boolean;
}

type Input = Readonly<Record<string, string>> & {
  readonly variables?: Readonly<Record<string, string>>;
};

const US: User = { login: BOT, type: 'Bot' };
export const PERSON: User = { login: 'jo-doe', type: 'User' };

export class FakeGitHub {
  readonly comments = new Map<number, Item[]>();
  readonly issues: Item[] = [];
  /** By commit. */
  readonly pulls = new Map<string, readonly Pull[]>();
  /** Every request, as `METHOD /path?query`. */
  readonly requests: string[] = [];
  readonly faults: Fault[] = [];
  readonly #server: Server;
  #ids = 1_000;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<FakeGitHub> {
    const gitHub = new FakeGitHub();
    await new Promise<void>((resolve) => gitHub.#server.listen(0, '127.0.0.1', resolve));
    return gitHub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  /** Somebody writes a comment. */
  comment(pull: number, body: string, user: User = PERSON): Item {
    const id = (this.#ids += 1);
    const item: Item = { id, node_id: `IC_${id}`, number: 0, user, body };
    this.comments.set(pull, [...this.of(pull), item]);
    return item;
  }

  /** Somebody edits a comment. */
  edit(item: Item, body: string, editor: User = PERSON): void {
    Object.assign(item, { body, editor });
  }

  of(pull: number): Item[] {
    return this.comments.get(pull) ?? [];
  }

  /** What the Action itself wrote on a pull request. */
  ours(pull: number): readonly Item[] {
    return this.of(pull).filter(({ user }) => user.login === BOT);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const method = request.method ?? '';
    const url = new URL(request.url ?? '/', this.url);
    const call = `${method} ${url.pathname}${url.search}`;
    this.requests.push(call);
    const send = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      send(401, { message: 'Bad credentials' });
      return;
    }
    const input =
      chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Input);
    const at = this.faults.findIndex(({ match }) => call.includes(match));
    const fault = at === -1 ? null : (this.faults.splice(at, 1)[0] ?? null);
    const result =
      fault === null || fault.afterwards === true ? this.#route(method, url, input) : null;
    if (fault !== null) send(fault.status, fault.body ?? { message: 'No' }, { ...fault.headers });
    else if (result === null) send(404, { message: 'Not Found' });
    else if (Array.isArray(result)) this.#page(result, url, send);
    else send(method === 'POST' ? 201 : 200, result);
  }

  #page(
    items: readonly unknown[],
    url: URL,
    send: (status: number, body: unknown, headers?: Record<string, string>) => void,
  ): void {
    const size = Number(url.searchParams.get('per_page') ?? 30);
    const page = Number(url.searchParams.get('page') ?? 1);
    const next = new URL(url);
    next.searchParams.set('page', String(page + 1));
    const first = new URL(url);
    first.searchParams.set('page', '1');
    const link = `<${first.href}>; rel="first"${items.length > page * size ? `, <${next.href}>; rel="next"` : ''}`;
    send(200, items.slice((page - 1) * size, page * size), { link });
  }

  #route(method: string, { pathname }: URL, input: Input): unknown {
    if (pathname === '/graphql') return { data: this.#query(input) };
    const path = pathname.replace('/repos/example/policies', '');
    const [, pull] = /^\/issues\/(\d+)\/comments$/.exec(path) ?? [];
    if (pull !== undefined && method === 'GET') return this.of(Number(pull));
    if (pull !== undefined) return this.comment(Number(pull), input['body'] ?? '', US);
    const [, comment] = /^\/issues\/comments\/(\d+)$/.exec(path) ?? [];
    if (comment !== undefined && method === 'PATCH') {
      const item = this.#all().find(({ id }) => id === Number(comment));
      return item === undefined ? null : Object.assign(item, { body: input['body'], editor: US });
    }
    const [, commit] = /^\/commits\/([0-9a-f]+)\/pulls$/.exec(path) ?? [];
    if (commit !== undefined) return this.pulls.get(commit) ?? [];
    if (path === '/issues' && method === 'GET')
      return this.issues.filter(({ state }) => state === 'open');
    if (path === '/issues') {
      const number = this.issues.length + 1;
      const issue: Item = {
        id: number,
        node_id: `I_${number}`,
        number,
        user: US,
        body: '',
        state: 'open',
        ...input,
      };
      this.issues.push(issue);
      return issue;
    }
    const [, issue] = /^\/issues\/(\d+)$/.exec(path) ?? [];
    const found = this.issues.find(({ number }) => number === Number(issue));
    return found === undefined ? null : Object.assign(found, input);
  }

  #all(): readonly Item[] {
    return [...this.comments.values()].flat();
  }

  #query({ variables }: Input): unknown {
    const id = variables?.['id'];
    if (id === undefined) return { viewer: { login: BOT } };
    const item = this.#all().find((one) => one.node_id === id);
    if (item === undefined) return { node: null };
    const { body, editor } = item;
    // An app has no `[bot]` here.
    const login = editor?.login.replace('[bot]', '');
    return {
      node: {
        body,
        lastEditedAt: editor === undefined ? null : '2026-11-26T03:00:00Z',
        editor: login === undefined ? null : { login },
      },
    };
  }
}
