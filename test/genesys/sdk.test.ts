import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connected } from './connected.js';

const SDK = 'purecloud-platform-client-v2';
const SOURCES = path.resolve(import.meta.dirname, '../../src/genesys');

/** Whether this process has loaded the SDK. */
const isLoaded = (): boolean => {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache).some((file) => file.includes(SDK));
};

// A home directory with settings that the SDK would look for, and stumble over.
let home = '';
const realHome = process.env['HOME'];
beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'home-'));
  mkdirSync(path.join(home, '.genesyscloudjavascript'));
  writeFileSync(path.join(home, '.genesyscloudjavascript', 'config'), 'neither INI nor {JSON');
  process.env['HOME'] = home;
});
afterAll(() => {
  process.env['HOME'] = realHome;
  rmSync(home, { recursive: true });
});

describe('the SDK', () => {
  it('is loaded by connecting, and by nothing before', async () => {
    for (const file of readdirSync(SOURCES)) {
      await import(path.join(SOURCES, file));
      const imports =
        readFileSync(path.join(SOURCES, file), 'utf8').match(/^import [^;]*;/gms) ?? [];
      const loading = imports.filter(
        (text) => text.includes(SDK) && !text.startsWith('import type'),
      );
      expect(loading).toEqual([]);
    }
    expect(isLoaded()).toBe(false);
    await connected();
    expect(isLoaded()).toBe(true);
  });

  it('reads and watches nothing in the home directory, and logs nothing', async () => {
    const printed = [
      vi.spyOn(process.stdout, 'write').mockReturnValue(true),
      vi.spyOn(process.stderr, 'write').mockReturnValue(true),
    ];
    const org = await connected();
    await org.reader.organization();
    const calls = printed.flatMap((spy) => spy.mock.calls);
    for (const spy of printed) spy.mockRestore();
    expect(calls).toEqual([]);
    const { default: sdk } = await import(SDK);
    expect(sdk.ApiClient.config).toMatchObject({
      live_reload_config: false,
      configPath: '',
      watchedConfigPath: null,
    });
    expect(sdk.ApiClient.httpClient).toBeUndefined();
    expect(org.simulator.requests.total()).toBe(1);
    expect(homedir()).toBe(home);
  });
});
