/** Preloaded by `node --import`: writes the URL of every module that is imported into the file MODULES_FILE. */
import { appendFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';

if (process.env.MODULES_FILE !== undefined) {
  const file = process.env.MODULES_FILE;
  register(import.meta.url, { data: file });
  // What CommonJS modules require of each other passes no hook, but stays in their cache.
  process.on('exit', () => {
    const required = Object.keys(createRequire(import.meta.url).cache);
    appendFileSync(file, required.map((path) => `file://${path}\n`).join(''));
  });
}

let file;

export const initialize = (given) => {
  file = given;
};

export const resolve = async (specifier, context, next) => {
  const resolved = await next(specifier, context);
  if (file !== undefined) appendFileSync(file, `${resolved.url}\n`);
  return resolved;
};
