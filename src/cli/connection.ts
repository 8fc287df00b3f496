/** From settings and environment to a connection. The SDK is loaded here, and only when this is called. */
import type { ConnectOptions, GenesysConnection, ReadingConnection } from '../genesys/client.js';
import { findRegion, resolveEndpoint } from '../genesys/endpoint.js';
import type { Settings } from '../policy/settings.js';
import { readAccount } from './environment.js';
import { logRequest, openLog } from './log.js';
import type { Session } from './session.js';
import type { PassStatus } from './status.js';

/** A connection with the name of the region that it leads to. */
type InRegion<Connection> = Connection & { readonly region: string };

/** What a command knows about the connection that it wants. */
export interface Asked {
  readonly settings: Settings;
  /** `--region`, or null. */
  readonly region: string | null;
  /** Ends what waits or reads. */
  readonly signal: AbortSignal;
  /** Asked just before each write leaves; throws where it must not. */
  readonly beforeWrite?: () => Promise<void>;
  /** Where the requests are shown as they go on; null: nowhere. */
  readonly status: PassStatus | null;
  /** How patient it is; very, where nothing is said. */
  readonly patience?: Pick<ConnectOptions, 'retry' | 'timeoutMs'>;
}

/** A connection that cannot write. */
export const openReader = async (
  session: Session,
  asked: Asked,
): Promise<InRegion<ReadingConnection>> => {
  const options = await connectOptions(session, asked);
  const { connectReader } = await import('../genesys/client.js');
  return { ...(await connectReader(options)), region: options.region };
};

/** A connection that reads and writes. */
export const openWriter = async (
  session: Session,
  asked: Asked,
): Promise<InRegion<GenesysConnection>> => {
  const options = await connectOptions(session, asked);
  const { connect } = await import('../genesys/client.js');
  return { ...(await connect(options)), region: options.region };
};

/** A connection that lasts; in report mode it has the methods that write, and the transport refuses what they send. */
export const openConnection = async (
  session: Session,
  { mayWrite, ...asked }: Asked & { readonly mayWrite: boolean },
): Promise<InRegion<GenesysConnection>> => {
  const options = await connectOptions(session, asked);
  const { connect } = await import('../genesys/client.js');
  return { ...(await connect({ ...options, mayWrite })), region: options.region };
};

const connectOptions = async (
  session: Session,
  { settings, region, signal, beforeWrite, status, patience = {} }: Asked,
): Promise<ConnectOptions & { readonly region: string }> => {
  const { io } = session;
  const account = readAccount(io.env, { flag: region, settings: settings.region });
  const place = { ...account, region: findRegion(account.region).name };
  const log = logRequest(await openLog(session));
  status?.connecting(new URL(resolveEndpoint(place).apiUrl).host);
  return {
    ...place,
    ...patience,
    api: settings.api,
    limits: settings.limits,
    clock: io.clock,
    random: io.random,
    environment: io.env,
    signal,
    ...(beforeWrite === undefined ? {} : { beforeWrite }),
    onRequest: (trace) => {
      log(trace);
      status?.requested(trace);
    },
  };
};
