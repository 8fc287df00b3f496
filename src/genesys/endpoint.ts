/** Where Genesys Cloud is: a region of the vendor's, or a gateway that stands before one. */
import { AppError } from '../domain/errors.js';
import { closestName } from '../domain/text.js';

/** The vendor's regions, as its SDK lists them (`PureCloudRegionHosts`); a test compares the two. */
export const REGIONS: Readonly<Record<string, string>> = {
  'us-east-1': 'mypurecloud.com',
  'us-east-2': 'use2.us-gov-pure.cloud',
  'us-west-2': 'usw2.pure.cloud',
  'ca-central-1': 'cac1.pure.cloud',
  'mx-central-1': 'mxc1.pure.cloud',
  'sa-east-1': 'sae1.pure.cloud',
  'eu-west-1': 'mypurecloud.ie',
  'eu-west-2': 'euw2.pure.cloud',
  'eu-central-1': 'mypurecloud.de',
  'eu-central-2': 'euc2.pure.cloud',
  'eusc-de-east-1': 'edee1.eusc-pure.cloud',
  'me-central-1': 'mec1.pure.cloud',
  'ap-south-1': 'aps1.pure.cloud',
  'ap-southeast-1': 'apse1.pure.cloud',
  'ap-southeast-2': 'mypurecloud.com.au',
  'ap-northeast-1': 'mypurecloud.jp',
  'ap-northeast-2': 'apne2.pure.cloud',
  'ap-northeast-3': 'apne3.pure.cloud',
};

export interface Region {
  /** Such as `us-east-1`. */
  readonly name: string;
  /** Such as `mypurecloud.com`. */
  readonly domain: string;
}

/** A host that takes API and login requests in place of the region's own (a proxy product, or a simulator). */
export interface Gateway {
  readonly host: string;
  /** Null for the protocol's own. */
  readonly port: number | null;
  readonly protocol: 'http' | 'https';
}

export interface Endpoint {
  /** Where API paths begin: protocol, host and port, no slash at the end. */
  readonly apiUrl: string;
  /** Where `/oauth/token` is. */
  readonly loginUrl: string;
  readonly region: Region | null;
  readonly gateway: Gateway | null;
}

/**
 * The region that a person means: its name, its domain, or a host of it, in any case.
 *
 * @throws AppError `genesys.unknown-region`, with the closest name
 * @example findRegion('https://api.mypurecloud.ie').name // 'eu-west-1'
 */
export const findRegion = (text: string): Region => {
  const wanted = text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[/:].*$/, '')
    .replace(/^(?:api|login|apps)\./, '');
  const found = Object.entries(REGIONS).find(
    ([regionName, domain]) => wanted === domain || wanted.replaceAll('_', '-') === regionName,
  );
  if (found !== undefined) return { name: found[0], domain: found[1] };
  const names = [...Object.keys(REGIONS), ...Object.values(REGIONS)];
  const closest = closestName(wanted, names);
  throw new AppError(
    'genesys.unknown-region',
    `\`${text}\` is not a region of Genesys Cloud${closest === null ? '.' : `; did you mean \`${closest}\`?`}`,
    {
      remedy: `Use one of ${Object.keys(REGIONS).sort().join(', ')}, or its domain such as mypurecloud.com.`,
    },
  );
};

/**
 * The addresses to talk to. A gateway takes everything, login included; the region is then only a name.
 *
 * @throws AppError `genesys.unknown-region` for a region that nobody knows, and where neither is given;
 *   `genesys.unreachable` for a gateway whose host is none
 */
export const resolveEndpoint = (where: {
  readonly region?: string | null | undefined;
  readonly gateway?: Gateway | null | undefined;
}): Endpoint => {
  const region =
    where.region === undefined || where.region === null ? null : findRegion(where.region);
  if (where.gateway !== undefined && where.gateway !== null) {
    const gateway = { ...where.gateway, host: bracketed(where.gateway.host) };
    const url = gatewayUrl(gateway);
    return { apiUrl: url, loginUrl: url, region, gateway };
  }
  if (region === null) throw new AppError('genesys.unknown-region', 'No region is given.');
  return {
    apiUrl: `https://api.${region.domain}`,
    loginUrl: `https://login.${region.domain}`,
    region,
    gateway: null,
  };
};

/** An IPv6 address stands in brackets inside a URL, and people leave them out in a variable. */
const bracketed = (host: string): string =>
  /^[\da-f.]*:[\da-f:.]*$/i.test(host) ? `[${host}]` : host;

const gatewayUrl = ({ protocol, host, port }: Gateway): string => {
  const url = `${protocol}://${host}${port === null ? '' : `:${port}`}`;
  if (URL.canParse(url) && !/[/?#@\s]/.test(host)) return url;
  // Not the value itself: people write passwords into addresses.
  throw new AppError('genesys.unreachable', 'The host of the gateway is not a host name.', {
    remedy: 'Name the host alone; protocol and port have settings of their own.',
  });
};
