/** What `doctor` finds about the organization: whether it can be reached, whose it is, and what may be read. */
import { checksOf } from '../domain/check.js';
import type { Check } from '../domain/check.js';
import type { DiagnosticCode } from '../domain/codes.js';
import { formatDuration } from '../domain/duration.js';
import { AppError } from '../domain/errors.js';
import type { Organization } from '../domain/state.js';
import type { ReadingConnection } from '../genesys/client.js';
import { findRegion, resolveEndpoint } from '../genesys/endpoint.js';
import type { Identity } from '../genesys/probes.js';
import type { Settings } from '../policy/settings.js';
import { openReader } from './connection.js';
import { checkPermissions } from './doctor-permissions.js';
import { clientIdOf, readAccount } from './environment.js';
import type { Account } from './environment.js';
import type { Session } from './session.js';
import type { PassStatus } from './status.js';
import type { Workspace } from './workspace.js';

/** What was found, and whose organization it is, where that could be asked. */
export interface OrgFindings {
  readonly checks: readonly Check[];
  readonly organization: Organization | null;
}

export interface OrgAsked {
  readonly session: Session;
  readonly workspace: Workspace;
  /** Whether the settings could be read; otherwise what rests on them is not judged. */
  readonly hasSettings: boolean;
  readonly region: string | null;
  readonly status: PassStatus;
}

/** Whoever asks what is wrong does not want to wait for minutes. */
const PATIENCE = {
  retry: { attempts: 2, baseMs: 250, capMs: 1_000, deadlineMs: 15_000 },
  timeoutMs: 15_000,
} as const;

const { ok, warning, failure, skipped, error: errorCheck } = checksOf('organization');

/** Checks one thing after the other; what rests on one that failed is skipped, and says so. */
export const checkOrg = async (asked: OrgAsked): Promise<OrgFindings> => {
  const { session, workspace, region } = asked;
  const { settings } = workspace;
  let account: Account;
  try {
    account = readAccount(session.io.env, { flag: region, settings: settings.region });
  } catch (error) {
    return nobody([wrong('credentials', error), notAsked('there are no credentials to ask with')]);
  }
  const credentials = ok('credentials', credentialsText(account, session));
  let host: Check;
  try {
    host = ok('host', hostText(account));
  } catch (error) {
    return nobody([credentials, wrong('host', error), notAsked('the host is not known')]);
  }
  const connection = await openReader(session, {
    settings,
    region,
    signal: session.io.signal,
    status: asked.status,
    patience: PATIENCE,
  });
  try {
    const { checks, identity } = await identify(connection, settings, asked.hasSettings);
    const begun = [credentials, host, ...checks];
    if (identity === null) return nobody([...begun, notAsked('the organization did not answer')]);
    return {
      checks: [...begun, ...(await checkPermissions(connection, asked, identity.organization))],
      organization: identity.organization,
    };
  } finally {
    await connection.close();
  }
};

const nobody = (checks: readonly Check[]): OrgFindings => ({ checks, organization: null });

const notAsked = (why: string): Check => checksOf('permissions').skipped('permissions', why);

const wrong = (name: string, error: unknown): Check => {
  if (error instanceof AppError) return errorCheck(name, error);
  throw error;
};

const credentialsText = ({ credentials }: Account, { io }: Session): string =>
  'accessToken' in credentials
    ? 'an access token (GENESYSCLOUD_ACCESS_TOKEN); nothing renews it when it ends'
    : `the OAuth client ${clientIdOf(io.env) ?? ''}`;

const hostText = (account: Account): string => {
  const region = findRegion(account.region);
  const { apiUrl } = resolveEndpoint({ region: region.name, gateway: account.gateway });
  return account.gateway === null
    ? `${new URL(apiUrl).host}, region ${region.name}`
    : `the gateway ${apiUrl}, for the region ${region.name}`;
};

/** Failures that speak of the way there, and those that speak of who asks. */
const OF_THE_WAY: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  'genesys.unreachable',
  'genesys.tls',
  'genesys.timeout',
  'genesys.not-genesys',
  'genesys.unavailable',
]);

const identify = async (
  { probes }: ReadingConnection,
  settings: Settings,
  hasSettings: boolean,
): Promise<{ readonly checks: readonly Check[]; readonly identity: Identity | null }> => {
  let identity: Identity;
  try {
    identity = await probes.identify();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const isOfTheWay = OF_THE_WAY.has(error.code);
    return { checks: [errorCheck(isOfTheWay ? 'answer' : 'login', error)], identity: null };
  }
  return {
    identity,
    checks: [
      ok('login', 'the credentials are accepted'),
      checkOrganization(identity, settings, hasSettings),
      checkClock(identity),
      checkLimit(identity, settings),
    ],
  };
};

const checkOrganization = (
  { organization: { id, name } }: Identity,
  { organizationId }: Settings,
  hasSettings: boolean,
): Check => {
  const who = `${name} (${id})`;
  if (!hasSettings) return skipped('organization', `${who}; the settings cannot be read`);
  if (organizationId === null)
    return warning(
      'organization',
      `${who}; the settings name none, so that any is taken`,
      `Write \`organization: { id: ${id} }\` into the settings: every other one is then refused. With CI=true it is required.`,
    );
  return organizationId === id
    ? ok('organization', `${who}, the one of the settings`)
    : failure(
        'organization',
        'genesys.wrong-organization',
        `${who}; the settings name ${organizationId}`,
      );
};

/** Answers tell whole seconds, and take a while. */
const CLOCK_MS = { unsure: 2_000, warning: 10_000, failure: 120_000 } as const;

const checkClock = ({ clockAheadMs }: Identity): Check => {
  const apart = Math.abs(clockAheadMs);
  if (apart <= CLOCK_MS.unsure) return ok('clock', 'that of this machine agrees with the platform');
  const by = formatDuration(Math.round(apart / 1_000) * 1_000);
  const message = `that of this machine is ${by} ${clockAheadMs > 0 ? 'behind' : 'ahead of'} the platform`;
  if (apart <= CLOCK_MS.warning) return ok('clock', message);
  return apart <= CLOCK_MS.failure
    ? warning('clock', message, 'Set the clock of this machine by NTP.')
    : failure('clock', 'doctor.clock-differs', message);
};

const checkLimit = ({ requestsPerMinute: told }: Identity, { limits }: Settings): Check => {
  const own = `${limits.requestsPerMinute} requests a minute by the settings`;
  if (told === null) return ok('rate limit', `${own}; the platform's answers name none`);
  return limits.requestsPerMinute <= told
    ? ok('rate limit', `${own}; the platform's answers name ${told}`)
    : warning(
        'rate limit',
        `${own}, more than the ${told} that the platform's answers name: runs will be throttled`,
        `Set \`limits: { requestsPerMinute: ${told} }\`.`,
      );
};
