/** A remote behind HTTP: git's own server, and a network that can be cut, and that remembers what it was told. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request. `lose`: it arrives, and the answer does not. `delay`: it arrives with the next one; `forbid`: a password is asked for. `login`: only where none was given. */
export type Fate = 'deliver' | 'lose' | 'delay' | 'hang' | 'forbid' | 'login';

export interface HttpRemote {
  readonly url: (user?: string) => string;
  /** The Authorization header of each request, in order; all of them, where it has several. */
  readonly authorizations: readonly string[];
  /** What becomes of the next pushes, one after the other, and of requests of all kinds. */
  readonly fates: Fate[];
  allRequests: Fate;
  /** Resolves when a request hangs. */
  readonly hanging: Promise<void>;
  close(): Promise<void>;
}

/** Serves the bare repositories of a folder. */
export const serveGit = async (root: string): Promise<HttpRemote> => {
  const authorizations: string[] = [];
  const fates: Fate[] = [];
  const late: (() => Promise<Buffer>)[] = [];
  let hangs = (): void => undefined;
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    authorizations.push(
      request.rawHeaders
        .filter((_, at, all) => at % 2 === 1 && all[at - 1]?.toLowerCase() === 'authorization')
        .join(', '),
    );
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const serve = (): Promise<Buffer> => serveOne(root, request, Buffer.concat(chunks));
    const isPush = request.method === 'POST' && (request.url ?? '').endsWith('/git-receive-pack');
    const fate = isPush ? (fates.shift() ?? remote.allRequests) : remote.allRequests;
    if (fate === 'hang') return hangs();
    if (fate === 'forbid' || (fate === 'login' && authorizations.at(-1) === '')) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    if (fate === 'delay') {
      late.push(serve);
      return cut(response);
    }
    if (isPush) for (const one of late.splice(0)) await one();
    const answered = await serve();
    if (fate === 'lose') return cut(response);
    send(answered, response);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const remote: HttpRemote = {
    url: (user) => `http://${user === undefined ? '' : `${user}@`}127.0.0.1:${port}/remote.git`,
    authorizations,
    fates,
    allRequests: 'deliver',
    hanging: new Promise((resolve) => {
      hangs = resolve;
    }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return remote;
};

const serveOne = async (root: string, request: IncomingMessage, body: Buffer): Promise<Buffer> => {
  const { pathname, search } = new URL(request.url ?? '', 'http://localhost');
  const backend = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'somebody',
      REMOTE_ADDR: '127.0.0.1',
      REQUEST_METHOD: request.method,
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: String(body.length),
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      HTTP_GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  });
  backend.stdin.on('error', () => undefined);
  backend.stdin.end(body);
  const answered: Buffer[] = [];
  for await (const chunk of backend.stdout) answered.push(chunk as Buffer);
  return Buffer.concat(answered);
};

/** Begins to answer, so that the client does not ask again by itself, and goes away. */
const cut = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-length': 1000 });
  response.write('0', () => response.destroy());
};

/** Takes the headers of a CGI answer apart. */
const send = (answered: Buffer, response: ServerResponse): void => {
  const end = answered.indexOf('\r\n\r\n');
  for (const line of answered.subarray(0, end).toString().split('\r\n')) {
    const [name = '', value = ''] = line.split(': ');
    if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.end(answered.subarray(end + 4));
};
