/** A release as people get it: packed by npm, unpacked somewhere else. `init` pins workflows to its commit. */
import { execFile } from 'node:child_process';
import { access, cp, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { lintWorkflow } from '../support/workflows.js';
import { repository } from './cli.js';

const here = fileURLToPath(new URL('../../', import.meta.url));
const call = promisify(execFile);
/** It packs, which builds. */
const LONG_MS = 240_000;

/** This package as it lies here, uncommitted changes included, in a repository of its own. */
class Source {
  readonly folder: string;
  readonly home: string;

  private constructor(home: string) {
    this.home = home;
    this.folder = join(home, 'source');
  }

  static async make(): Promise<Source> {
    const source = new Source(await repository({ npmrc: '' }));
    const { stdout } = await call('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
      cwd: here,
      maxBuffer: 16 * 1024 * 1024,
    });
    for (const path of stdout.split('\0').filter((name) => /^(?!test\/|bench\/)./.test(name))) {
      const to = join(source.folder, path);
      await mkdir(dirname(to), { recursive: true });
      await cp(join(here, path), to).catch((error: unknown) => {
        // Deleted, and not yet committed.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      });
    }
    await symlink(join(here, 'node_modules'), join(source.folder, 'node_modules'));
    await writeFile(join(source.folder, '.gitignore'), 'node_modules\ndist/\n');
    await source.run('git', 'init', '--quiet');
    await source.run('git', 'add', '--all');
    await source.run('git', 'commit', '--quiet', '--message', 'Release');
    return source;
  }

  /** What a program prints in the folder, with nothing of this machine but its PATH. */
  async run(program: string, ...args: readonly string[]): Promise<string> {
    const who = { NAME: 'Jo Doe', EMAIL: 'jo@example.org' };
    const { stdout } = await call(program, args, {
      cwd: this.folder,
      env: {
        PATH: process.env['PATH'],
        HOME: this.home,
        GIT_CONFIG_NOSYSTEM: '1',
        ...Object.fromEntries(
          ['AUTHOR', 'COMMITTER'].flatMap((role) =>
            Object.entries(who).map(([key, value]) => [`GIT_${role}_${key}`, value]),
          ),
        ),
        npm_config_cache: join(this.home, 'cache'),
        npm_config_userconfig: join(this.home, 'npmrc'),
        npm_config_update_notifier: 'false',
        npm_config_offline: 'true',
      },
    });
    return stdout;
  }

  /** The files of the package that npm makes, unpacked; what they depend on is linked. */
  async pack(): Promise<string> {
    const out = join(this.home, `out-${(await readdir(this.home)).length}`);
    await mkdir(out);
    await this.run('npm', 'pack', '--silent', '--pack-destination', out);
    const [tarball = ''] = await readdir(out);
    await this.run('tar', '-xzf', join(out, tarball), '-C', out);
    await symlink(join(here, 'node_modules'), join(out, 'package/node_modules'));
    return join(out, 'package');
  }

  /** The workflow that plans, as the `init` of an unpacked package writes it, and what it says is left to do. */
  async init(unpacked: string): Promise<{ readonly workflow: string; readonly printed: string }> {
    const cwd = await repository({});
    const main = join(unpacked, 'dist/cli/main.js');
    const printed = await this.run(process.execPath, main, '-C', cwd, 'init', '--yes');
    const workflow = await readFile(join(cwd, '.github/workflows/wrapkeeper-plan.yml'), 'utf8');
    return { workflow, printed };
  }
}

/** Whether a file is there. */
const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

test(
  'knows its commit where all was committed, and only then',
  async () => {
    const source = await Source.make();
    const commit = (await source.run('git', 'rev-parse', 'HEAD')).trim();
    const { version } = JSON.parse(await readFile(join(here, 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    const released = await source.init(await source.pack());
    expect(released.workflow).toContain(`uses: wrapkeeper/wrapkeeper@${commit} # v${version}\n`);
    expect(await lintWorkflow(released.workflow)).toEqual([]);
    expect(released.printed).not.toContain('zeros');
    // The checkout that was packed is none: it goes on without the packed one's commit.
    expect(await isThere(join(source.folder, 'dist/cli/main.js'))).toBe(true);
    expect(await isThere(join(source.folder, 'dist/release.json'))).toBe(false);

    await writeFile(join(source.folder, 'src/uncommitted.ts'), 'export const change = 1;\n');
    await source.run('npm', 'run', '--silent', 'prepack');
    expect(await isThere(join(source.folder, 'dist/release.json'))).toBe(false);
    await expect(source.run('npm', 'publish', '--dry-run')).rejects.toMatchObject({
      stderr: expect.stringContaining('Nothing is published: something is not committed') as string,
    });
  },
  LONG_MS,
);

test('what another version has left behind is no commit of this one', async () => {
  const cwd = await repository({
    'dist/release.json': JSON.stringify({ version: '0.0.1', commit: 'a'.repeat(40) }),
    'package.json': JSON.stringify({ type: 'module', version: '0.0.2' }),
  });
  for (const file of ['release.js', 'version.js'])
    await cp(join(here, 'dist/cli', file), join(cwd, 'dist/cli', file));
  await symlink(join(here, 'node_modules'), join(cwd, 'node_modules'));
  const script = `import { readRelease } from './dist/cli/release.js';
    console.log(JSON.stringify([await readRelease('0.0.2'), await readRelease('0.0.1')]))`;
  const { stdout } = await call(process.execPath, ['--input-type=module', '-e', script], { cwd });
  expect(JSON.parse(stdout)).toEqual([null, { version: '0.0.1', commit: 'a'.repeat(40) }]);
});
