/** A server over real HTTP, and clients that do what libraries would not. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { HttpErrorReport } from '../../../src/daemon/http/refusal.js';
import { startDaemonServer } from '../../../src/daemon/http/server.js';
import type {
  DaemonSecrets,
  DaemonServerOptions,
  HttpLogEntry,
} from '../../../src/daemon/http/options.js';
import { Secret } from '../../../src/domain/secret.js';
import { FakeClock } from '../../support/fake-clock.js';
import { OTHER_SECRET, SECRET } from '../../webhooks/verify.js';
import { SampleView } from '../sample-view.js';

export const TOKEN = 'a-token-of-the-daemon-0123456789';
/** The secret of GitHub's documentation. */
export const GIT_SECRET = "It's a Secret to Everybody";

export const SECRETS: DaemonSecrets = {
  apiToken: new Secret(TOKEN),
  gitSecret: new Secret(GIT_SECRET),
  inbound: [new Secret(SECRET), new Secret(OTHER_SECRET)],
};

export const NO_SECRETS: DaemonSecrets = { apiToken: null, gitSecret: null, inbound: [] };

/** Serves until the test ends. */
export const serve = async (changes: Partial<DaemonServerOptions> = {}) => {
  const view = new SampleView();
  const clock = new FakeClock();
  const logged: HttpLogEntry[] = [];
  const server = await startDaemonServer({
    view,
    listen: '127.0.0.1:0',
    secrets: () => SECRETS,
    branch: () => 'main',
    page: {
      render: ({ status, queues, runs }) =>
        `<!doctype html><title>${status.kind} ${queues.length} ${runs.length}</title>`,
      style: 'body { margin: 0 }',
      script: '"use strict";',
    },
    clock,
    log: (entry) => logged.push(entry),
    metrics: async () => '# HELP one One.\n# TYPE one gauge\none 1\n',
    ...changes,
  });
  onTestFinished(() => server.close());
  return { server, view, clock, logged, at: (path: string) => `${server.url}${path}` };
};

/** The first message of an answer that refuses. */
export const messagesOf = async (response: Response): Promise<readonly string[]> => {
  const report = (await response.json()) as HttpErrorReport;
  return report.diagnostics.map(({ message }) => message);
};

/** A connection on which anything can be written. */
export interface Raw {
  readonly socket: Socket;
  /** What came until the other side ended the connection, or cut it. */
  readonly ended: Promise<string>;
  /** Resolves once this has come. */
  readonly said: (text: string) => Promise<void>;
}

export const open = (port: number, host = '127.0.0.1'): Raw => {
  const socket = connect(port, host);
  let came = '';
  const waiting = new Set<() => void>();
  socket.setEncoding('latin1').on('data', (text: string) => {
    came += text;
    for (const look of waiting) look();
  });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  const ended = new Promise<string>((resolve) => socket.on('close', () => resolve(came)));
  const said = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!came.includes(text)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { socket, ended, said };
};

/** Writes this and nothing more, and returns all that comes back until the other side ends the connection. */
export const exchange = (port: number, text: string): Promise<string> => {
  const raw = open(port);
  raw.socket.write(text);
  return raw.ended;
};
