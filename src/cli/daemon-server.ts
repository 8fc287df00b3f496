/** The HTTP server of a daemon, with its secrets and its metrics. */
import type { Daemon } from '../daemon/daemon.js';
import { canBeToken } from '../daemon/http/bearer.js';
import type { DaemonSecrets } from '../daemon/http/options.js';
import { startDaemonServer } from '../daemon/http/server.js';
import type { DaemonServer } from '../daemon/http/server.js';
import { DaemonMetrics } from '../daemon/metrics.js';
import { parseFilter } from '../daemon/page/filter.js';
import { PAGE_SCRIPT } from '../daemon/page/script.js';
import { renderStatusPage } from '../daemon/page/status-page.js';
import { PAGE_STYLE } from '../daemon/page/style.js';
import type { DaemonLog } from '../daemon/parts.js';
import { asWarning, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import type { Secret } from '../domain/secret.js';
import type { DaemonSettings, SecretReference } from '../policy/settings.js';
import { readSigningKey } from '../webhooks/sign.js';
import { resolveSecret } from './secrets.js';
import type { SecretPlaces } from './secrets.js';
import type { Session } from './session.js';

/** The secrets of the HTTP server: read when the daemon starts, and anew when settings are. */
export class ServerSecrets {
  readonly #places: SecretPlaces;
  #secrets: DaemonSecrets = { apiToken: null, gitSecret: null, inbound: [] };

  constructor(places: SecretPlaces) {
    this.#places = places;
  }

  get current(): DaemonSecrets {
    return this.#secrets;
  }

  /** One that cannot be read lets nobody in, and is told. */
  async use({
    apiToken,
    gitSecret,
    inboundSecrets,
  }: DaemonSettings): Promise<readonly Diagnostic[]> {
    const findings: Diagnostic[] = [];
    const read = async (reference: SecretReference | null): Promise<Secret | null> => {
      if (reference === null) return null;
      try {
        return await resolveSecret(reference, this.#places);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        findings.push(...error.diagnostics.map(asWarning));
        return null;
      }
    };
    const inbound = (await Promise.all(inboundSecrets.map(read))).filter(
      (secret) => secret !== null,
    );
    this.#secrets = { apiToken: await read(apiToken), gitSecret: await read(gitSecret), inbound };
    return [...findings, ...inbound.flatMap(unusableKey), ...unusableToken(this.#secrets.apiToken)];
  }
}

export const serveDaemon = async (
  { io }: Session,
  daemon: Daemon,
  about: {
    readonly listen: string;
    readonly branch: string | null;
    readonly secrets: ServerSecrets;
    readonly log: DaemonLog;
  },
): Promise<DaemonServer> => {
  const { listen, branch, secrets, log } = about;
  const metrics = new DaemonMetrics({ view: daemon, clock: io.clock, node: process.version });
  daemon.onPass = (seen) => metrics.observePass(seen);
  daemon.onExternal = ({ compliance_met: met }) => metrics.observeExternal(met);
  const server = await startDaemonServer({
    view: daemon,
    listen,
    secrets: () => secrets.current,
    branch: () => branch,
    page: {
      render: ({ query, ...content }) =>
        renderStatusPage({ ...content, filter: parseFilter(query) }),
      style: PAGE_STYLE,
      script: PAGE_SCRIPT,
    },
    clock: io.clock,
    log: ({ level, message, error, ...entry }) =>
      log(level, message, error === undefined ? entry : { ...entry, error: wordsOf(error) }),
    metrics: () => metrics.render(),
  });
  log('info', `listening on ${server.url}`);
  return server;
};

/** A secret that is no signing key would let nobody in, and nobody would know why. */
const unusableKey = (secret: Secret, index: number): readonly Diagnostic[] => {
  const key = readSigningKey(secret);
  return key.kind === 'bad'
    ? [
        warning({
          code: 'webhook.bad-secret',
          message: `Number ${index + 1} of \`daemon.inboundSecrets\` ${key.why}: nothing is taken in with it.`,
        }),
      ]
    : [];
};

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : typeof error);

const unusableToken = (token: Secret | null): readonly Diagnostic[] =>
  token === null || canBeToken(token)
    ? []
    : [
        warning({
          code: 'daemon.bad-token',
          message:
            '`daemon.apiToken` holds characters that no bearer token can have: nobody is let in with it.',
        }),
      ];
