/** From settings and environment to a connection. The SDK is loaded here, and only when this is called. */
import type { ConnectOptions, GenesysConnection, ReadingConnection } from '../genesys/client.js';
import { findRegion } from '../genesys/endpoint.js';
import type { Settings } from '../policy/settings.js';
import { readAccount } from './environment.js';
import { logRequest, openLog } from './log.js';
import type { Session } from './session.js';

/** A connection with the name of the region that it leads to. */
type InRegion<Connection> = Connection & { readonly region: string };

interface Flags {
  /** `--region`. */
  readonly region?: string;
}

/** A connection that cannot write. The signal ends what waits or reads. */
export const openReader = async (
  session: Session,
  settings: Settings,
  flags: Flags,
  signal: AbortSignal,
): Promise<InRegion<ReadingConnection>> => {
  const options = await connectOptions(session, settings, flags, signal);
  const { connectReader } = await import('../genesys/client.js');
  return { ...(await connectReader(options)), region: options.region };
};

/** A connection that reads and writes; as {@link openReader} in all else. */
export const openWriter = async (
  session: Session,
  settings: Settings,
  flags: Flags,
  signal: AbortSignal,
): Promise<InRegion<GenesysConnection>> => {
  const options = await connectOptions(session, settings, flags, signal);
  const { connect } = await import('../genesys/client.js');
  return { ...(await connect(options)), region: options.region };
};

const connectOptions = async (
  session: Session,
  settings: Settings,
  flags: Flags,
  signal: AbortSignal,
): Promise<ConnectOptions & { readonly region: string }> => {
  const { io } = session;
  const account = readAccount(io.env, { flag: flags.region ?? null, settings: settings.region });
  return {
    ...account,
    region: findRegion(account.region).name,
    limits: settings.limits,
    clock: io.clock,
    random: io.random,
    environment: io.env,
    signal,
    onRequest: logRequest(await openLog(session)),
  };
};
