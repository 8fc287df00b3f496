import { readFileSync } from 'node:fs';

/** The root of the installed package, where `schemas/` and `policies/` lie. */
export const PACKAGE_ROOT = new URL('../../', import.meta.url);

/** The version of this package. */
export const readVersion = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('package.json', PACKAGE_ROOT), 'utf8'));
  const { version } = manifest as { readonly version: string };
  return version;
};
