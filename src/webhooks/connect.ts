/**
 * Connections to receivers. Where a sink may not reach into a private network, addresses are judged when a
 * connection is made, and not before: a name can mean another address each time that it is looked up.
 */
import { lookup as systemLookup } from 'node:dns';
import net from 'node:net';
import { Agent, buildConnector } from 'undici';
import { whyRefused } from './addresses.js';

/** All addresses of a host name. */
export type Resolve = (
  hostname: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** By the operating system, as everything else on this machine does it. */
export const resolveBySystem: Resolve = (hostname) =>
  new Promise((done, fail) => {
    systemLookup(hostname, { all: true, verbatim: true }, (error, addresses) =>
      error === null ? done(addresses) : fail(error),
    );
  });

/** A receiver has an address that the sink may not have. Nothing was sent. */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress';
}

export interface ConnectionOptions {
  readonly allowPrivateNetwork: boolean;
  readonly resolve: Resolve;
  /** The most connections at a time. */
  readonly connections: number;
}

/** The way to one sink: no proxy, no redirects, certificates verified. */
export const agentFor = (options: ConnectionOptions): Agent =>
  new Agent({
    connect: options.allowPrivateNetwork
      ? freeConnector(options)
      : guardedConnector(options.resolve),
    connections: options.connections,
    pipelining: 1,
    // One time-out holds for the whole of a request; it is kept where the request is made.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

const freeConnector = ({ resolve }: ConnectionOptions): buildConnector.connector =>
  buildConnector({ timeout: 0, lookup: lookupBy(resolve, () => null) });

/**
 * First a connection to an address that was judged, which is judged once more when it stands; then TLS over
 * it. Until then not a byte is sent.
 */
const guardedConnector = (resolve: Resolve): buildConnector.connector => {
  const overTls = buildConnector({ timeout: 0 });
  const lookup = lookupBy(resolve, whyRefused);
  return (options, callback) => {
    const { hostname, port, protocol } = options;
    if (protocol !== 'https:') return callback(new RefusedAddress('it is plain http'), null);
    const host = hostname.replace(/^\[|\]$/g, '');
    const why = net.isIP(host) === 0 ? null : refusal(host, host);
    if (why !== null) return callback(why, null);
    const socket = net.connect({ host, port: Number(port === '' ? 443 : port), lookup });
    socket.once('error', (error) => callback(error, null));
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      const found = refusal(host, socket.remoteAddress ?? '');
      if (found === null) return overTls({ ...options, httpSocket: socket }, callback);
      socket.once('error', () => {});
      socket.destroy();
      callback(found, null);
    });
  };
};

const refusal = (
  host: string,
  address: string,
  judge: typeof whyRefused = whyRefused,
): RefusedAddress | null => {
  const why = judge(address);
  if (why === null) return null;
  const of = host === address ? address : `${address}, an address of ${host},`;
  return new RefusedAddress(
    `${of} is not connected to: ${why}, and \`allowPrivateNetwork\` is not set for this webhook`,
  );
};

/**
 * Looks a name up once, and gives all of its addresses or none: a name that means one address of the
 * internet and another of this network is up to no good.
 */
const lookupBy =
  (resolve: Resolve, judge: typeof whyRefused): net.LookupFunction =>
  (hostname, options, callback) => {
    const answer = async (): Promise<void> => {
      const found = await addressesOf(hostname, resolve, judge).catch((error: Error) => error);
      if (found instanceof Error) callback(found, '');
      else if (options.all === true) callback(null, [...found]);
      else callback(null, found[0].address, found[0].family);
    };
    void answer();
  };

type Address = Awaited<ReturnType<Resolve>>[number];

const addressesOf = async (
  hostname: string,
  resolve: Resolve,
  judge: typeof whyRefused,
): Promise<readonly [Address, ...Address[]]> => {
  const [first, ...others] = await resolve(hostname);
  if (first === undefined) throw new Error(`the host name ${hostname} has no address`);
  for (const { address } of [first, ...others]) {
    const refused = refusal(hostname, address, judge);
    if (refused !== null) throw refused;
  }
  return [first, ...others];
};
