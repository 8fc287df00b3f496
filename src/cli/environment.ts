/** Where the organization is and who we are there: flag, environment, settings, default, in this order. */
import { AppError } from '../domain/errors.js';
import { Secret } from '../domain/secret.js';
import { quote } from '../domain/text.js';
import type { Gateway } from '../genesys/endpoint.js';
import type { Credentials } from '../genesys/token.js';
import type { Environment } from './io.js';

export const DEFAULT_REGION = 'us-east-1';

export interface Account {
  readonly credentials: Credentials;
  /** As it was written: a name or a domain. */
  readonly region: string;
  readonly gateway: Gateway | null;
}

interface RegionSources {
  /** `--region`. */
  readonly flag: string | null;
  readonly settings: string | null;
}

/**
 * Reads what a connection needs. Secrets are wrapped here and revealed only where they are sent. An
 * empty variable counts as unset: that is what CI makes of a secret that it does not have.
 *
 * @throws AppError `genesys.no-credentials` or `cli.environment`
 */
export const readAccount = (env: Environment, region: RegionSources): Account => ({
  credentials: readCredentials(env),
  region: region.flag ?? textOf(env, 'GENESYSCLOUD_REGION') ?? region.settings ?? DEFAULT_REGION,
  gateway: readGateway(env),
});

const textOf = (env: Environment, name: string): string | null => env[name]?.trim() || null;

/** The first name of each pair that Genesys' Terraform users have, and the names of older tools. */
const CLIENTS = [
  ['GENESYSCLOUD_OAUTHCLIENT_ID', 'GENESYSCLOUD_OAUTHCLIENT_SECRET'],
  ['GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET'],
] as const;

/** The OAuth client that the environment names; null where only a token was given. */
export const clientIdOf = (env: Environment): string | null =>
  textOf(env, 'GENESYSCLOUD_ACCESS_TOKEN') === null
    ? (CLIENTS.map(([id]) => textOf(env, id)).find((id) => id !== null) ?? null)
    : null;

const readCredentials = (env: Environment): Credentials => {
  const accessToken = textOf(env, 'GENESYSCLOUD_ACCESS_TOKEN');
  if (accessToken !== null) return { accessToken: new Secret(accessToken) };
  for (const [idName, secretName] of CLIENTS) {
    const clientId = textOf(env, idName);
    const clientSecret = textOf(env, secretName);
    if (clientId !== null && clientSecret !== null)
      return { clientId, clientSecret: new Secret(clientSecret) };
    if (clientId !== null || clientSecret !== null) {
      const [known, missing] = clientId === null ? [secretName, idName] : [idName, secretName];
      const state = env[missing] === undefined ? 'not set' : 'empty';
      throw new AppError('genesys.no-credentials', `${known} is set, but ${missing} is ${state}.`, {
        remedy: `Set ${missing} as well.`,
      });
    }
  }
  const empty = CLIENTS.flat().filter((name) => env[name] !== undefined);
  throw new AppError(
    'genesys.no-credentials',
    empty.length === 0
      ? 'There are no credentials in the environment.'
      : `There are no credentials in the environment: ${empty.join(' and ')} ${empty.length === 1 ? 'is' : 'are'} empty.`,
    {
      remedy:
        'Set GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET (an OAuth client with the grant Client Credentials); `wrapkeeper demo` needs none.',
    },
  );
};

const readGateway = (env: Environment): Gateway | null => {
  const host = textOf(env, 'GENESYSCLOUD_GATEWAY_HOST');
  if (host === null) return null;
  if (!/^(?:[\w.-]+|\[?[0-9a-f:.]+\]?)$/i.test(host)) {
    throw unusable('GENESYSCLOUD_GATEWAY_HOST', host, 'a host name or address alone', {
      remedy:
        'Protocol and port have variables of their own: GENESYSCLOUD_GATEWAY_PROTOCOL and GENESYSCLOUD_GATEWAY_PORT.',
    });
  }
  const port = textOf(env, 'GENESYSCLOUD_GATEWAY_PORT');
  const number = port === null ? null : /^\d{1,5}$/.test(port) ? Number(port) : NaN;
  if (number !== null && !(number >= 1 && number <= 65_535))
    throw unusable('GENESYSCLOUD_GATEWAY_PORT', port ?? '', 'a whole number from 1 to 65535');
  const protocol = (textOf(env, 'GENESYSCLOUD_GATEWAY_PROTOCOL') ?? 'https').toLowerCase();
  if (protocol !== 'http' && protocol !== 'https')
    throw unusable('GENESYSCLOUD_GATEWAY_PROTOCOL', protocol, '`http` or `https`');
  return { host, port: number, protocol };
};

const unusable = (
  name: string,
  value: string,
  expected: string,
  details: { readonly remedy?: string } = {},
): AppError =>
  new AppError('cli.environment', `${name} is ${quote(value)}; it must be ${expected}.`, details);
