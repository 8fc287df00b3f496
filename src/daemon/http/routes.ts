/** Every path of the server, and what it does. */
import { Registry } from 'prom-client';
import { enforcementSync } from './enforcement-sync.js';
import type { Handler, Route } from './exchange.js';
import { gitPush } from './git-push.js';
import type { DaemonServerOptions } from './options.js';
import { listQueues, listRuns } from './queue-list.js';
import { reconcile } from './reconcile.js';
import { json, PAGE_CSP } from './reply.js';

const get = (handle: Handler): Route => ({ method: 'GET', handle, looksAtHost: true });
const post = (handle: Handler): Route => ({ method: 'POST', handle, looksAtHost: true });

/** The paths, exactly as they must be asked for. */
export const routesOf = (options: DaemonServerOptions): ReadonlyMap<string, Route> => {
  const { view, page, metrics } = options;
  return new Map([
    // Who asks whether the process lives learns nothing else, and asks under any name.
    ['/healthz', { ...get(() => json(200, { alive: true })), looksAtHost: false }],
    ['/readyz', { ...get(() => readiness(view.status())), looksAtHost: false }],
    [
      '/metrics',
      get(async () => ({
        status: 200,
        type: Registry.PROMETHEUS_CONTENT_TYPE,
        body: await metrics(),
      })),
    ],
    ['/api/status', get(() => json(200, view.status()))],
    ['/api/queues', get(({ query }) => json(200, listQueues(view.queues(), query)))],
    ['/api/runs', get(({ query }) => json(200, listRuns(view.runs(), query)))],
    ['/api/reconcile', post(reconcile(options))],
    ['/webhooks/enforcement-sync', { ...post(enforcementSync(options)), looksAtHost: false }],
    ['/webhooks/git', { ...post(gitPush(options)), looksAtHost: false }],
    [
      '/',
      get(({ query }) => ({
        status: 200,
        type: 'text/html; charset=utf-8',
        body: page.render({
          status: view.status(),
          queues: view.queues(),
          runs: view.runs(),
          query,
        }),
        headers: { 'content-security-policy': PAGE_CSP },
      })),
    ],
    ['/page.css', get(() => ({ status: 200, type: 'text/css; charset=utf-8', body: page.style }))],
    [
      '/page.js',
      get(() => ({ status: 200, type: 'text/javascript; charset=utf-8', body: page.script })),
    ],
  ]);
};

const readiness = ({
  ready,
  notReady,
}: Pick<ReturnType<DaemonServerOptions['view']['status']>, 'ready' | 'notReady'>) =>
  ready ? json(200, { ready }) : json(503, { ready, reason: notReady });
