/** The connections that the servers of this process have accepted; idle ones can be ended, so that counts compare. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

export class Accepted {
  readonly #open = new Map<number, Set<Socket>>();
  readonly #note = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    const port = socket.localPort;
    if (port === undefined) return;
    const sockets = this.#open.get(port) ?? new Set();
    this.#open.set(port, sockets.add(socket));
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0 && this.#open.get(port) === sockets) this.#open.delete(port);
    });
  };

  constructor() {
    subscribe('net.server.socket', this.#note);
  }

  /** How many a server has open. */
  at(port: number): number {
    return this.#open.get(port)?.size ?? 0;
  }

  /** Ends all: to be called when nothing is under way. */
  async end(port: number): Promise<void> {
    const sockets = [...(this.#open.get(port) ?? [])];
    await Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve).destroy())),
    );
  }

  close(): void {
    unsubscribe('net.server.socket', this.#note);
  }
}
