import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a stub answers; `cut` ends the connection, `hang` never answers. */
export type Reply =
  | 'cut'
  | 'hang'
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly json?: unknown;
      readonly text?: string;
    };

export interface StubRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Stub {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly StubRequest[];
  /** How many connections were made. */
  readonly connections: () => number;
}

/** A server on any free port that answers by a function, for what the simulator does not do. It ends with the test. */
export const startStub = async (
  answer: (request: StubRequest, index: number) => Reply | Promise<Reply>,
): Promise<Stub> => {
  const requests: StubRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((incoming, outgoing) => {
    const handle = async (): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const request = {
        method: incoming.method ?? '',
        url: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      requests.push(request);
      const reply = await answer(request, requests.length - 1);
      if (reply === 'hang') return;
      if (reply === 'cut') {
        incoming.socket.destroy();
        return;
      }
      const type = reply.json === undefined ? {} : { 'content-type': 'application/json' };
      outgoing.writeHead(reply.status ?? 200, { ...type, ...reply.headers });
      outgoing.end(reply.json === undefined ? reply.text : JSON.stringify(reply.json));
    };
    void handle();
  });
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, requests, connections: () => connections };
};

export interface StubProxy {
  /** With a user and a password. */
  readonly url: string;
  readonly port: number;
  /** The targets that tunnels were asked for. */
  readonly asked: readonly string[];
}

/** A proxy that makes tunnels, or does something else with who asks for one: a status, an end, or nothing. */
export const startProxy = async (
  how: 'tunnel' | '407' | '503' | 'close' | 'hang',
): Promise<StubProxy> => {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connect', (incoming, socket: Socket) => {
    asked.push(incoming.url ?? '');
    sockets.add(socket);
    if (how === 'hang') return;
    if (how === 'close') socket.destroy();
    else if (how !== 'tunnel') socket.end(`HTTP/1.1 ${how} No\r\ncontent-length: 0\r\n\r\n`);
    else {
      const { hostname, port } = new URL(`http://${incoming.url}`);
      const target = connect(Number(port), hostname, () => {
        socket.write('HTTP/1.1 200 Fine\r\n\r\n');
        socket.pipe(target).pipe(socket);
      });
      sockets.add(target);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://me:pass-word@127.0.0.1:${port}`, port, asked };
};

/** A port on which nobody listens. */
export const freePort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};
