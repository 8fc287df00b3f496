import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readPolicyFiles, readSettingsFile } from '../../src/git/policy-files.js';
import { parseSettings } from '../../src/policy/parse-settings.js';
import { validatePolicies } from '../../src/policy/rules.js';
import { NOW } from './written.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('the sample policies', () => {
  it('are valid, without a warning', async () => {
    const read = await readPolicyFiles(ROOT, ['policies']);
    expect(read.diagnostics).toEqual([]);
    const { set, diagnostics } = validatePolicies(read.files, { now: NOW, api: 'public' });
    expect(diagnostics).toEqual([]);
    expect(set.policies.map(({ name }) => name)).toEqual(['base', 'billing', 'support']);
    expect(set.policies.map(({ enforcement }) => enforcement)).toEqual([
      'enforce',
      'enforce',
      'report',
    ]);
    expect(set.catalogs).toMatchObject([{ create: true }]);
  });

  it('name their schema for editors', async () => {
    const { files } = await readPolicyFiles(ROOT, ['policies']);
    for (const { text } of files) {
      expect(text).toMatch(
        /^# yaml-language-server: \$schema=\.\.\/schemas\/policy\.schema\.json\n/,
      );
    }
  });

  it('come with settings', async () => {
    const { file } = await readSettingsFile(ROOT);
    const { settings, diagnostics } = parseSettings(file, { now: NOW, ci: false });
    expect(diagnostics).toEqual([]);
    expect(settings).toMatchObject({ region: 'us-east-1', policies: ['policies'] });
  });
});
