/** What the HTTP server of a daemon is given. */
import type { Clock } from '../../domain/clock.js';
import type { Secret } from '../../domain/secret.js';
import type { DaemonStatus, QueueStatus, RunStatus } from '../status.js';
import type { DaemonView } from '../view.js';

/** What lets requests in that are more than a look. */
export interface DaemonSecrets {
  /** Of `POST /api/reconcile`; null: nobody is let in. */
  readonly apiToken: Secret | null;
  /** Of `POST /webhooks/git`; null: nobody is let in. */
  readonly gitSecret: Secret | null;
  /** Of `POST /webhooks/enforcement-sync`, `whsec_…`: each of them is good. Those of another form are passed over. */
  readonly inbound: readonly Secret[];
}

/** All that the status page shows. */
export interface PageContent {
  readonly status: DaemonStatus;
  readonly queues: readonly QueueStatus[];
  readonly runs: readonly RunStatus[];
  /** What it was asked to show. */
  readonly query: URLSearchParams;
}

/** The status page; its style and script are served as files of their own, `/page.css` and `/page.js`. */
export interface StatusPage {
  readonly render: (content: PageContent) => string;
  readonly style: string;
  readonly script: string;
}

/** Something to log. No secret and no body of a request ever is. */
export interface HttpLogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  /** null: it is not about a request. */
  readonly method: string | null;
  /** Without the query, bounded. */
  readonly path: string | null;
  /** null: no answer was sent, because whoever asked has gone. */
  readonly status: number | null;
  readonly ms: number;
  /** The address that the connection comes from. */
  readonly from: string | null;
  /** What was thrown, where something was that should not have been. */
  readonly error?: unknown;
}

/** How much is borne, and for how long. */
export interface HttpLimits {
  readonly connections: number;
  /** Bodies that are read at one time. */
  readonly bodies: number;
  readonly headerBytes: number;
  /** From a connection, or the request before, to the end of the header. */
  readonly headerMs: number;
  /** To the end of the body. */
  readonly requestMs: number;
  /** How long a connection may lie idle, also while an answer is not taken. */
  readonly idleMs: number;
  /** How often the times are looked at. */
  readonly checkMs: number;
  /** How long `close()` waits for answers that are on their way. */
  readonly graceMs: number;
}

export const HTTP_LIMITS: HttpLimits = {
  connections: 256,
  bodies: 32,
  headerBytes: 16 * 1024,
  headerMs: 10_000,
  requestMs: 20_000,
  idleMs: 15_000,
  checkMs: 1_000,
  graceMs: 3_000,
};

export interface DaemonServerOptions {
  readonly view: DaemonView;
  /** `host:port`, `[address]:port`; port 0: any free one. */
  readonly listen: string;
  /** Asked for each request, so that secrets can be changed while the server runs. */
  readonly secrets: () => DaemonSecrets;
  /** The branch that is followed; null where there is none: then every push counts. */
  readonly branch: () => string | null;
  readonly page: StatusPage;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: (entry: HttpLogEntry) => void;
  /** The text of `/metrics`. */
  readonly metrics: () => Promise<string>;
  readonly limits?: Partial<HttpLimits>;
}
