import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../../src/policy/generated.js';

const committed = (path: string): Promise<string> =>
  readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('generated files', () => {
  it.each(Object.entries(generatedFiles()))(
    '%s is what `npm run generate` writes',
    async (path, text) => {
      expect(await committed(path)).toBe(text);
    },
  );

  it('are the same each time', () => {
    expect(generatedFiles()).toEqual(generatedFiles());
  });

  it('list every key once, with its default', () => {
    const page = generatedFiles()['docs/reference/settings.md'] ?? '';
    expect(page).toContain('| `limits.requestsPerMinute` | whole number from 1 | `300` |');
    expect(page).toContain('| `organization.id` | text | required |');
    const keys = [...page.matchAll(/^\| `([\w.[\]]+)` \|/gm)].map(([, key]) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('list every code with an anchor and its exit code', () => {
    const page = generatedFiles()['docs/errors.md'] ?? '';
    expect(page).toMatch(/<a id="yaml\.alias"><\/a>`yaml\.alias` \| .+ \| .+ \| 6 \|/);
    expect(page).toMatch(/`apply\.refused-by-guard` \| .+ \| 4 \|/);
  });
});
