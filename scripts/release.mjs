/**
 * Writes `dist/release.json`, by which a packed release knows the commit that it was made of: `init` pins workflows to
 * it. npm runs it before it packs, and with `--remove` afterwards: a checkout is no release. Where something is not
 * committed there is no such commit: then `npm pack` packs without the file, and `npm publish` ends here.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';

const root = new URL('../', import.meta.url);
const file = new URL('dist/release.json', root);

const git = (...args) =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** Why there is no commit to name, part of a sentence; null where there is one. */
const whyNoCommit = () => {
  try {
    if (git('rev-parse', '--show-prefix').trim() !== '') return 'this is no repository of its own';
    return git('status', '--porcelain').trim() === '' ? null : 'something is not committed';
  } catch {
    return 'git knows no commit here';
  }
};

await rm(file, { force: true });
if (!process.argv.includes('--remove')) {
  const why = whyNoCommit();
  if (why === null) {
    const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
    const commit = git('rev-parse', 'HEAD').trim();
    await mkdir(new URL('./', file), { recursive: true });
    await writeFile(file, `${JSON.stringify({ version, commit })}\n`);
  } else if (process.env['npm_command'] === 'publish') {
    process.stderr.write(
      `Nothing is published: ${why}, and the release could not name its commit.\n`,
    );
    process.exitCode = 1;
  } else {
    process.stderr.write(`Packed without dist/release.json: ${why}.\n`);
  }
}
