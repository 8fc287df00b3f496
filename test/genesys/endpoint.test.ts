import { describe, expect, it } from 'vitest';
import { findRegion, REGIONS, resolveEndpoint } from '../../src/genesys/endpoint.js';
import { thrownBy } from './thrown.js';

describe('regions', () => {
  it('are those of the SDK', async () => {
    const { default: sdk } = await import('purecloud-platform-client-v2');
    const hosts = Object.entries(sdk.PureCloudRegionHosts);
    expect(REGIONS).toEqual(
      Object.fromEntries(hosts.map(([name, host]) => [name.replaceAll('_', '-'), host])),
    );
  });

  it.each([
    ['eu-west-1', 'eu-west-1'],
    ['eu_west_1', 'eu-west-1'],
    [' EU-West-1 ', 'eu-west-1'],
    ['mypurecloud.ie', 'eu-west-1'],
    ['https://api.mypurecloud.ie', 'eu-west-1'],
    ['https://apps.mypurecloud.com.au/directory/#/admin', 'ap-southeast-2'],
    ['login.use2.us-gov-pure.cloud', 'us-east-2'],
  ])('knows what %s means', (text, name) => {
    expect(findRegion(text)).toEqual({ name, domain: REGIONS[name] });
  });

  it('tells an unknown one with the closest name, and lists all', async () => {
    const error = await thrownBy(() => findRegion('us-east-9'));
    expect(error).toMatchObject({ code: 'genesys.unknown-region' });
    expect(error.message).toBe(
      '`us-east-9` is not a region of Genesys Cloud; did you mean `us-east-1`?',
    );
    expect(error.diagnostics[0]?.remedy).toContain('ap-south-1, ');
  });
});

describe('addresses', () => {
  it('are those of the region', () => {
    expect(resolveEndpoint({ region: 'us-west-2' })).toMatchObject({
      apiUrl: 'https://api.usw2.pure.cloud',
      loginUrl: 'https://login.usw2.pure.cloud',
    });
  });

  it.each([
    [{ host: 'localhost', port: 8443, protocol: 'https' as const }, 'https://localhost:8443'],
    [
      { host: 'gateway.example.org', port: null, protocol: 'https' as const },
      'https://gateway.example.org',
    ],
    [{ host: '::1', port: 80, protocol: 'http' as const }, 'http://[::1]:80'],
  ])('are those of a gateway, login included: %j', (gateway, url) => {
    expect(resolveEndpoint({ region: 'us-west-2', gateway })).toMatchObject({
      apiUrl: url,
      loginUrl: url,
    });
    expect(resolveEndpoint({ gateway }).apiUrl).toBe(url);
  });

  it.each(['https://gateway.example.org', 'gateway.example.org/path', 'me:secret@host', 'a b', ''])(
    'refuse `%s` as the host of a gateway',
    async (host) => {
      const gateway = { host, port: null, protocol: 'https' as const };
      const error = await thrownBy(() => resolveEndpoint({ gateway }));
      expect(error.message).toBe('The host of the gateway is not a host name.');
    },
  );

  it('need one of the two', async () => {
    const error = await thrownBy(() => resolveEndpoint({ region: null }));
    expect(error.code).toBe('genesys.unknown-region');
  });
});
