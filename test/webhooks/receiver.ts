/** Real receivers on loopback, and an outbox in memory. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DeliveryAttempted, JournalEntry, ReadRecord } from '../../src/domain/journal.js';
import { OutboxFold } from '../../src/domain/outbox.js';
import type { OutboxState } from '../../src/domain/outbox.js';
import type { Outbox } from '../../src/webhooks/deliver.js';
import { hashOf, record } from '../support/records.js';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  /** In the order in which they came. */
  readonly received: Received[];
  /** The sequences of the events that came, or their types where they have none. */
  readonly order: () => readonly unknown[];
  close(): Promise<void>;
}

/** Answers as told; 204 unless told otherwise. */
export const startReceiver = async (
  answer: (response: ServerResponse, request: Received) => void = (response) =>
    response.writeHead(204).end(),
): Promise<Receiver> => {
  const received: Received[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      received.push(one);
      answer(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    order: () =>
      received.map(({ body }) => {
        const event = JSON.parse(body) as { type: string; data: { sequence?: number } };
        return event.data.sequence ?? event.type;
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};

/** A journal in memory. */
export class MemoryOutbox implements Outbox {
  readonly entries: JournalEntry[] = [];
  readonly #fold = new OutboxFold();
  readonly #records: ReadRecord[] = [];
  readonly #now: () => number;
  /** Thrown by the next append. */
  broken: Error | null = null;

  constructor(now: () => number, ...sinks: readonly string[]) {
    this.#now = now;
    for (const sink of sinks) this.add({ kind: 'sink.added', sink, events: ['*'] });
  }

  add(...entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      const seq = this.#records.length + 1;
      const made = record(seq, entry, this.#now());
      this.entries.push(entry);
      this.#records.push({ record: made, hash: hashOf(seq) });
      this.#fold.add(made);
    }
  }

  state(): OutboxState {
    return this.#fold.state;
  }

  // oxlint-disable-next-line require-await -- a port is asynchronous
  async read(seq: number): Promise<ReadRecord> {
    const found = this.#records[seq - 1];
    if (found === undefined) throw new Error(`no record ${seq}`);
    return found;
  }

  // oxlint-disable-next-line require-await -- a port is asynchronous
  async append(entry: DeliveryAttempted): Promise<void> {
    if (this.broken !== null) throw this.broken;
    this.add(entry);
  }

  /** The attempts, in order. */
  attempts(sink?: string): readonly DeliveryAttempted[] {
    return this.entries
      .filter((entry) => entry.kind === 'delivery')
      .filter((entry) => sink === undefined || entry.sink === sink);
  }

  left(sink: string): number {
    return this.#fold.state.get(sink)?.pending.size ?? 0;
  }
}
