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
  /** For a connection to stand, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends connections that are still being made. */
  readonly signal: AbortSignal;
}

/** The way to one sink: no proxy, no redirects, certificates verified. */
export const agentFor = (options: ConnectionOptions, connections: number): Agent =>
  new Agent({
    connect: options.allowPrivateNetwork ? freeConnector(options) : guardedConnector(options),
    connections,
    pipelining: 1,
    // One time-out holds for the whole of a request; it is kept where the request is made.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

const freeConnector = ({ resolve, timeoutMs }: ConnectionOptions): buildConnector.connector =>
  buildConnector({ timeout: timeoutMs, lookup: lookupBy(resolve, () => null) });

type Judge = typeof whyRefused;

/** What a guarded connection is made with; tests look at what happens between a judgement and a connection. */
export interface Guard extends Omit<ConnectionOptions, 'allowPrivateNetwork'> {
  readonly judge?: Judge;
  readonly connect?: (options: net.TcpNetConnectOpts) => net.Socket;
  /** A certificate to trust instead of those that Node trusts. */
  readonly ca?: string;
}

/**
 * First a connection to an address that was judged, which is judged once more when it stands; then TLS over
 * it. Until then not a byte is sent.
 */
export const guardedConnector = (guard: Guard): buildConnector.connector => {
  const { resolve, judge = whyRefused, connect = net.connect, timeoutMs, signal, ca } = guard;
  const overTls = buildConnector({ timeout: timeoutMs, ...(ca !== undefined && { ca }) });
  const lookup = lookupBy(resolve, judge);
  return (options, callback) => {
    const { hostname, port, protocol } = options;
    const host = hostname.replace(/^\[|\]$/g, '');
    const refused = refusalOf(protocol, host, judge);
    if (refused !== null) return callback(refused, null);
    const socket = connect({ host, port: Number(port === '' ? 443 : port), lookup });
    const onError = (error: Error): void => callback(error, null);
    socket.once('error', onError);
    // Not the option `signal`: on a signal that lives as long as a daemon, sockets leave their listeners.
    const onAbort = (): void => void socket.destroy(new Error('stopped'));
    const forget = (): void => signal.removeEventListener('abort', onAbort);
    signal.addEventListener('abort', onAbort);
    socket.once('close', forget);
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('no connection in time')));
    socket.once('connect', () => {
      forget();
      socket.setTimeout(0);
      const found = refusal(host, socket.remoteAddress ?? '', judge);
      if (found === null) {
        socket.off('error', onError);
        overTls({ ...options, httpSocket: socket }, callback);
      } else socket.destroy(found);
    });
  };
};

/** What is refused before anything is looked up; null where the name has to be. */
const refusalOf = (protocol: string, host: string, judge: Judge): RefusedAddress | null => {
  if (protocol !== 'https:') return refusalFor(host, 'events go over https alone');
  if (net.isIP(host) !== 0) return refusal(host, host, judge);
  return LOCALHOST.test(host) ? refusalFor(host, 'it is a name of this machine') : null;
};

/** RFC 6761: whatever a name server says. */
const LOCALHOST = /(?:^|\.)localhost\.?$/i;

const refusal = (host: string, address: string, judge: Judge): RefusedAddress | null => {
  const why = judge(address);
  if (why === null) return null;
  return refusalFor(host === address ? address : `${address}, an address of ${host},`, why);
};

const refusalFor = (what: string, why: string): RefusedAddress =>
  new RefusedAddress(
    `${what} is not connected to: ${why}, and \`allowPrivateNetwork\` is not set for this webhook`,
  );

/**
 * Looks a name up once, and gives all of its addresses or none: a name that means one address of the
 * internet and another of this network is up to no good.
 */
const lookupBy =
  (resolve: Resolve, judge: Judge): net.LookupFunction =>
  (hostname, options, callback) => {
    const answer = async (): Promise<void> => {
      const found = await addressesOf(hostname, resolve, judge).catch((error: Error) => error);
      if (found instanceof Error) callback(found, '');
      else if (options.all === true) callback(null, [...found]);
      else callback(null, found[0].address, found[0].family);
    };
    void answer();
  };

/** What a connection would meet. Reasons are sentences without an end. */
export type ReceiverLook =
  | { readonly kind: 'found'; readonly addresses: readonly string[] }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'unresolved'; readonly why: string };

/** Looks a receiver up as a connection would, and judges its addresses. Nothing is connected to. */
export const lookAtReceiver = async (
  url: string,
  { allowPrivateNetwork, resolve }: Pick<ConnectionOptions, 'allowPrivateNetwork' | 'resolve'>,
): Promise<ReceiverLook> => {
  const { hostname, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const judge: Judge = allowPrivateNetwork ? () => null : whyRefused;
  const refused = allowPrivateNetwork ? null : refusalOf(protocol, host, judge);
  if (refused !== null) return { kind: 'refused', why: refused.message };
  if (net.isIP(host) !== 0) return { kind: 'found', addresses: [host] };
  try {
    const found = await addressesOf(host, resolve, judge);
    return { kind: 'found', addresses: found.map(({ address }) => address) };
  } catch (error) {
    if (error instanceof RefusedAddress) return { kind: 'refused', why: error.message };
    if (!(error instanceof Error)) throw error;
    return { kind: 'unresolved', why: error.message };
  }
};

type Address = Awaited<ReturnType<Resolve>>[number];

const addressesOf = async (
  hostname: string,
  resolve: Resolve,
  judge: Judge,
): Promise<readonly [Address, ...Address[]]> => {
  const [first, ...others] = await resolve(hostname);
  if (first === undefined) throw new Error(`the host name ${hostname} has no address`);
  for (const { address } of [first, ...others]) {
    const refused = refusal(hostname, address, judge);
    if (refused !== null) throw refused;
  }
  return [first, ...others];
};
