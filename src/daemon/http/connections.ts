/** The connections of a server, so that it can end without waiting for those who say nothing. */
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Knows which connections have a request under way. */
export class Connections {
  /** How many answers each of them still waits for. */
  readonly #waiting = new Map<Socket, number>();
  #isClosing = false;

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#waiting.set(socket, 0);
      socket.once('close', () => this.#waiting.delete(socket));
    });
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** A request has come whole as far as its header; its answer is awaited until it has left or cannot. */
  began(socket: Socket, response: ServerResponse): void {
    this.#add(socket, 1);
    response.once('close', () => {
      this.#add(socket, -1);
      if (this.#isClosing && this.#waiting.get(socket) === 0) socket.destroySoon();
    });
  }

  /** Ends those that wait for nothing, at once; also those that never finish a header. The others end with their answers. */
  close(): void {
    this.#isClosing = true;
    for (const [socket, waiting] of this.#waiting) if (waiting === 0) socket.destroy();
  }

  /** Ends all. */
  destroy(): void {
    for (const socket of this.#waiting.keys()) socket.destroy();
  }

  #add(socket: Socket, change: 1 | -1): void {
    const waiting = this.#waiting.get(socket);
    if (waiting !== undefined) this.#waiting.set(socket, waiting + change);
  }
}
