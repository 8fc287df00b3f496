/** The committed bundle: what the sources make, whole, and with its licences. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

test('dist-action is what `npm run build:action` makes of the sources, to the byte', async () => {
  const out = await mkdtemp(join(tmpdir(), 'wrapkeeper-bundle-'));
  onTestFinished(() => rm(out, { recursive: true, force: true }));
  await run(process.execPath, [join(root, 'scripts/build-action.mjs'), '--out', out], {
    cwd: root,
  });
  for (const name of ['index.js', 'licenses.txt']) {
    const [committed, fresh] = await Promise.all([
      readFile(join(root, 'dist-action', name)),
      readFile(join(out, name)),
    ]);
    expect(committed.equals(fresh), `${name} is stale: run \`npm run build:action\``).toBe(true);
  }
});

test('the bundle stays under four megabytes', async () => {
  expect((await stat(join(root, 'dist-action/index.js'))).size).toBeLessThan(4_000_000);
});

test('every licence that asks to be kept is there', async () => {
  const licences = await readFile(join(root, 'dist-action/licenses.txt'), 'utf8');
  const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const bundle = await readFile(join(root, 'dist-action/index.js'), 'utf8');
  for (const name of Object.keys(dependencies).filter((each) =>
    bundle.includes(`node_modules/${each}/`),
  )) {
    expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'));
  }
  expect(licences).toContain('purecloud-platform-client-v2');
});
