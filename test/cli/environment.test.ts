import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readAccount } from '../../src/cli/environment.js';
import type { Environment } from '../../src/cli/io.js';
import { AppError } from '../../src/domain/errors.js';

const NOWHERE = { flag: null, settings: null };
const CLIENT = {
  GENESYSCLOUD_OAUTHCLIENT_ID: 'the-id',
  GENESYSCLOUD_OAUTHCLIENT_SECRET: 'canary-secret',
};

const failure = (env: Environment): AppError => {
  try {
    readAccount(env, NOWHERE);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('an AppError was expected');
};

const revealed = (env: Environment): unknown => {
  const { credentials } = readAccount(env, NOWHERE);
  return 'accessToken' in credentials
    ? [credentials.accessToken.reveal()]
    : [credentials.clientId, credentials.clientSecret.reveal()];
};

describe('credentials', () => {
  test.each<[string, Environment, readonly string[]]>([
    ["the names of Genesys' Terraform users", CLIENT, ['the-id', 'canary-secret']],
    [
      'the names of older tools',
      { GENESYS_CLIENT_ID: 'i', GENESYS_CLIENT_SECRET: 's' },
      ['i', 's'],
    ],
    [
      'the former win',
      { ...CLIENT, GENESYS_CLIENT_ID: 'i', GENESYS_CLIENT_SECRET: 's' },
      ['the-id', 'canary-secret'],
    ],
    [
      'empty variables count as unset',
      {
        GENESYSCLOUD_OAUTHCLIENT_ID: '',
        GENESYSCLOUD_OAUTHCLIENT_SECRET: ' ',
        GENESYS_CLIENT_ID: 'i',
        GENESYS_CLIENT_SECRET: 's',
      },
      ['i', 's'],
    ],
    ['a token wins over a client', { ...CLIENT, GENESYSCLOUD_ACCESS_TOKEN: 't' }, ['t']],
    ['line ends of a file are cut', { GENESYSCLOUD_ACCESS_TOKEN: 't\n' }, ['t']],
  ])('%s', (_, env, expected) => {
    expect(revealed(env)).toEqual(expected);
  });

  test.each<[string, Environment, string]>([
    ['none', {}, 'There are no credentials in the environment.'],
    [
      'none but empty ones',
      { GENESYSCLOUD_OAUTHCLIENT_ID: '', GENESYSCLOUD_OAUTHCLIENT_SECRET: '' },
      'There are no credentials in the environment: GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET are empty.',
    ],
    [
      'an id alone',
      { GENESYSCLOUD_OAUTHCLIENT_ID: 'the-id' },
      'GENESYSCLOUD_OAUTHCLIENT_ID is set, but GENESYSCLOUD_OAUTHCLIENT_SECRET is not set.',
    ],
    [
      'a secret alone',
      { GENESYS_CLIENT_ID: '', GENESYS_CLIENT_SECRET: 'canary-secret' },
      'GENESYS_CLIENT_SECRET is set, but GENESYS_CLIENT_ID is empty.',
    ],
  ])('%s: refused, told which', (_, env, message) => {
    const error = failure(env);
    expect(error.code).toBe('genesys.no-credentials');
    expect(error.message).toBe(message);
    expect(error.exitCode).toBe(1);
    expect(inspect(error, { depth: null })).not.toContain('canary');
  });

  test('no inspection of an account shows a secret', () => {
    const account = readAccount({ ...CLIENT }, NOWHERE);
    expect(inspect(account, { depth: null })).not.toContain('canary');
    expect(JSON.stringify(account)).not.toContain('canary');
  });
});

describe('region', () => {
  const region = (env: Environment, flag: string | null, settings: string | null): string =>
    readAccount({ ...CLIENT, ...env }, { flag, settings }).region;

  test('flag, then environment, then settings, then the default', () => {
    const env = { GENESYSCLOUD_REGION: 'from-environment' };
    expect(region(env, 'from-flag', 'from-settings')).toBe('from-flag');
    expect(region(env, null, 'from-settings')).toBe('from-environment');
    expect(region({}, null, 'from-settings')).toBe('from-settings');
    expect(region({ GENESYSCLOUD_REGION: '' }, null, null)).toBe('us-east-1');
  });
});

describe('gateway', () => {
  const gateway = (env: Environment) => readAccount({ ...CLIENT, ...env }, NOWHERE).gateway;

  test('host, port and protocol', () => {
    expect(gateway({})).toBeNull();
    expect(gateway({ GENESYSCLOUD_GATEWAY_PORT: '80' })).toBeNull();
    expect(gateway({ GENESYSCLOUD_GATEWAY_HOST: 'proxy.example.org' })).toEqual({
      host: 'proxy.example.org',
      port: null,
      protocol: 'https',
    });
    expect(
      gateway({
        GENESYSCLOUD_GATEWAY_HOST: '::1',
        GENESYSCLOUD_GATEWAY_PORT: '8080',
        GENESYSCLOUD_GATEWAY_PROTOCOL: 'HTTP',
      }),
    ).toEqual({ host: '::1', port: 8080, protocol: 'http' });
  });

  test.each([
    ['HOST', 'http://localhost:8080', 'a host name or address alone'],
    ['HOST', 'localhost/api', 'a host name or address alone'],
    ['PORT', 'http', 'a whole number from 1 to 65535'],
    ['PORT', '0', 'a whole number from 1 to 65535'],
    ['PORT', '65536', 'a whole number from 1 to 65535'],
    ['PORT', '-1', 'a whole number from 1 to 65535'],
    ['PROTOCOL', 'ftp', '`http` or `https`'],
  ])('GENESYSCLOUD_GATEWAY_%s=%s is refused', (name, value, expected) => {
    const error = failure({
      ...CLIENT,
      GENESYSCLOUD_GATEWAY_HOST: 'localhost',
      [`GENESYSCLOUD_GATEWAY_${name}`]: value,
    });
    expect(error.code).toBe('cli.environment');
    expect(error.message).toBe(
      `GENESYSCLOUD_GATEWAY_${name} is "${value}"; it must be ${expected}.`,
    );
  });
});
