/** Which release this package is, where it is one: what `scripts/release.mjs` writes while it is packed. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { PACKAGE_ROOT } from './version.js';

/** A release of this package. */
export interface Release {
  readonly version: string;
  /** The commit that it was made of, its full id. */
  readonly commit: string;
}

const RELEASE = z.strictObject({ version: z.string(), commit: z.string().regex(/^[0-9a-f]{40}$/) });

/**
 * The release with this version, or null: a checkout is none, and what was left behind by another version
 * counts for nothing.
 */
export const readRelease = async (version: string): Promise<Release | null> => {
  try {
    const text = await readFile(new URL('dist/release.json', PACKAGE_ROOT), 'utf8');
    const release = RELEASE.parse(JSON.parse(text));
    return release.version === version ? release : null;
  } catch {
    return null;
  }
};
