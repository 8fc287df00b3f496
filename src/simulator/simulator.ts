/** The embedded Genesys Cloud: `startSimulator` puts the parts together and listens. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Tokens, type OAuthClient } from './access.js';
import { adminOf, type Admin } from './admin.js';
import { analyticsRoutes } from './analytics-routes.js';
import { auditRoutes } from './audit-routes.js';
import { buildOrg } from './build-org.js';
import { systemClock } from './clock.js';
import { codeRowRoutes } from './code-row-routes.js';
import { codeRoutes } from './code-routes.js';
import { generateSeed, type SimulatorSize } from './generate.js';
import { FaultTable, type FaultHandle, type FaultRule } from './faults.js';
import { limitsFrom, limitsOf, RateLimiter } from './limits.js';
import type { SimulatorOptions } from './options.js';
import { Org } from './org.js';
import type { PageCap } from './paging.js';
import { platformRoutes } from './platform-routes.js';
import { queueCodeRoutes } from './queue-code-routes.js';
import { queueRoutes } from './queue-routes.js';
import { uuidOf } from './random.js';
import { RequestLog } from './request-log.js';
import { createPlatformServer } from './server.js';
import { snapshotOf, type Snapshot } from './snapshot.js';

/** A running simulator. */
export interface Simulator {
  /** Such as `http://127.0.0.1:40123`: login and API both answer here. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Of the first client. */
  readonly clientId: string;
  readonly clientSecret: string;
  readonly state: Snapshot;
  /** A person at the vendor's screens. */
  readonly admin: Admin;
  readonly faults: { add(rule: FaultRule<Admin>): FaultHandle; clear(): void };
  readonly requests: RequestLog;
  /** A token without a login, of the first client or the one named. */
  issueToken(clientId?: string): string;
  /** Ends all tokens: the next request of each gets 401. */
  expireTokens(): void;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

const DEFAULT_CAP: PageCap = { max: 500, over: 'clamp' };
/** Longer than clients keep a connection, so that none is closed under a request of theirs. */
const KEEP_ALIVE_MS = 65_000;
const DEFAULT_SIZE: SimulatorSize = { queues: 25 };

/** Starts a simulator. It answers until it is closed. */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const clock = options.clock ?? systemClock;
  const org = new Org(
    buildOrg(options.seed ?? generateSeed(options.size ?? DEFAULT_SIZE), clock.now()),
    clock,
  );
  const clients: readonly OAuthClient[] = (options.clients ?? [{ id: 'demo', secret: 'demo' }]).map(
    (client) => ({
      name: client.id,
      grants: [{ permissions: '*', divisions: '*' }],
      ...client,
    }),
  );
  const [first] = clients;
  if (first === undefined) throw new Error('The simulator needs at least one client.');

  const tokens = new Tokens(clock, options.tokenTtlSeconds ?? 86_399);
  const limiter = new RateLimiter(clock);
  const limits = limitsFrom(options.limits);
  const admin = adminOf(org, {
    kind: 'user',
    id: uuidOf(org.state.organization.id ?? '', 'user', 'admin'),
    name: 'Ada Admin',
  });
  const faults = new FaultTable<Admin>(org, clock);
  if (options.latencyMs !== undefined) {
    faults.add({ effect: { kind: 'latency', ms: options.latencyMs } });
  }
  for (const rule of options.faults ?? []) faults.add(rule);
  const log = new RequestLog(options.logLimit ?? 20_000);
  const caps = options.pageCaps ?? {};
  const assignments = {
    onPresent: 'ok',
    onAbsent: 'ok',
    movesDateModified: false,
    maxCodes: null,
    ...options.assignments,
  } as const;
  const gateway = options.api === 'wrapupcodes-put';

  const server = createPlatformServer({
    org,
    tokens,
    limiter,
    faults,
    admin,
    log,
    clock,
    limitsOf: limitsOf(limits),
    routes: [
      ...platformRoutes({
        clients,
        tokens,
        limiter,
        tokenRequestsPerMinute: limits.tokenRequests,
      }),
      ...queueRoutes(org, {
        pageCap: caps.queues ?? DEFAULT_CAP,
        tellsEnabled: gateway,
      }),
      ...codeRoutes(org, caps.codes ?? DEFAULT_CAP),
      ...(gateway
        ? codeRowRoutes(org, assignments)
        : queueCodeRoutes(org, assignments, caps.queueCodes ?? DEFAULT_CAP)),
      ...auditRoutes(org, clock, options.audits ?? {}),
      ...analyticsRoutes(options.aggregates ?? {}),
    ],
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  const { address, family, port } = server.address() as AddressInfo;

  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    host: address,
    port,
    clientId: first.id,
    clientSecret: first.secret,
    state: snapshotOf(org),
    admin,
    faults,
    requests: log,
    issueToken: (clientId = first.id) => {
      const client = clients.find((each) => each.id === clientId);
      if (client === undefined) throw new Error(`The simulator has no client ${clientId}.`);
      return tokens.issue(client);
    },
    expireTokens: () => tokens.expireAll(),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
