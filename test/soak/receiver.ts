/** A receiver of events that keeps little of them, and that can be out of order. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { Clock } from '../../src/domain/clock.js';
import type { Arrived } from './watch.js';
import { SECRETS } from './wishes.js';

export type Mood = 'well' | 500 | 503 | 'nothing';

export interface SoakReceiver {
  readonly url: string;
  readonly port: number;
  /** What it took, in the order in which it came. */
  readonly taken: readonly Arrived[];
  /** What was not signed as it should be. */
  readonly unsigned: number;
  mood: Mood;
  close(): Promise<void>;
}

export const startSoakReceiver = async (clock: Pick<Clock, 'now'>): Promise<SoakReceiver> => {
  const taken: Arrived[] = [];
  const webhook = new Webhook(SECRETS.HOOK);
  let mood: Mood = 'well';
  let unsigned = 0;
  const take = (body: string, headers: IncomingHttpHeaders): void => {
    const id = String(headers['webhook-id']);
    const sentAt = new Date(Number(headers['webhook-timestamp']) * 1_000);
    const isFresh = Math.abs(clock.now() - sentAt.getTime()) < 60_000;
    if (!isFresh || webhook.sign(id, sentAt, body) !== headers['webhook-signature']) unsigned += 1;
    const { type, data } = JSON.parse(body) as {
      readonly type: string;
      readonly data: { readonly queue_id?: string; readonly sequence?: number };
    };
    taken.push({ id, type, queue: data.queue_id ?? null, sequence: data.sequence ?? null });
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (mood === 'nothing') request.socket.destroy();
      else if (mood === 'well') {
        take(Buffer.concat(chunks).toString('utf8'), request.headers);
        response.writeHead(204).end();
      } else response.writeHead(mood, mood === 503 ? { 'retry-after': '10' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    port,
    taken,
    get unsigned() {
      return unsigned;
    },
    get mood() {
      return mood;
    },
    set mood(next) {
      mood = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
