import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/** Rewrites expected files instead of comparing with them; the difference is then read in git. */
export const UPDATE = process.env['WRAPKEEPER_UPDATE_EXPECTED'] === '1';

/** Compares a text with the file at `path`, relative to the test: `expectFile(text, './expected/plan.txt', import.meta.url)`. */
export const expectFile = (text: string, path: string, from: string): void => {
  const file = fileURLToPath(new URL(path, from));
  if (UPDATE) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
};
