import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { commitAuthorOf, readSource } from '../../src/git/source.js';

const PATHS = ['wrapkeeper.yaml', 'policies'];
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wrapkeeper-source-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const git = (...args: string[]): string =>
  execFileSync(
    'git',
    [
      '-c',
      'user.name=Test',
      '-c',
      'user.email=test@example.org',
      '-c',
      'commit.gpgsign=false',
      ...args,
    ],
    { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  ).trim();

const write = async (path: string, text = 'text\n'): Promise<void> => {
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeFile(join(folder, path), text);
};

const commitAll = (): string => {
  git('add', '--all');
  git('commit', '--quiet', '--message', 'A commit');
  return git('rev-parse', 'HEAD');
};

const hasGit = spawnSync('git', ['--version']).status === 0;

describe.skipIf(!hasGit)(
  `in a work tree${hasGit ? '' : ' (skipped: there is no git here)'}`,
  () => {
    beforeEach(() => void git('init', '--quiet'));

    test('a clean one has its commit', async () => {
      await write('policies/billing.yaml');
      const commit = commitAll();
      expect(await readSource(folder, PATHS)).toEqual({ commit, dirty: false });
    });

    test.each([
      ['an edited policy', 'policies/billing.yaml', true],
      ['a policy that git does not know yet', 'policies/new/sales.yaml', true],
      ['settings that git does not know yet', 'wrapkeeper.yaml', true],
      ['a file that no policy is', 'plan.json', false],
    ])('%s', async (_, path, dirty) => {
      await write('policies/billing.yaml');
      const commit = commitAll();
      await write(path, 'other\n');
      expect(await readSource(folder, PATHS)).toEqual({ commit, dirty });
    });

    test('a deleted policy makes it dirty', async () => {
      await write('policies/billing.yaml');
      const commit = commitAll();
      await rm(join(folder, 'policies'), { recursive: true });
      expect(await readSource(folder, PATHS)).toEqual({ commit, dirty: true });
    });

    test('before the first commit there is none', async () => {
      expect(await readSource(folder, PATHS)).toEqual({ commit: null, dirty: false });
      await write('policies/billing.yaml');
      expect(await readSource(folder, PATHS)).toEqual({ commit: null, dirty: true });
    });

    test('a folder below asks about its own paths', async () => {
      await write('genesys/policies/billing.yaml');
      const commit = commitAll();
      await write('policies/billing.yaml');
      expect(await readSource(join(folder, 'genesys'), PATHS)).toEqual({ commit, dirty: false });
      await write('genesys/policies/billing.yaml', 'other\n');
      expect(await readSource(join(folder, 'genesys'), PATHS)).toEqual({ commit, dirty: true });
    });

    test('a commit has an author', async () => {
      await write('policies/billing.yaml');
      const commit = commitAll();
      git('config', 'log.showSignature', 'true');
      git('config', 'i18n.logOutputEncoding', 'latin1');
      git('config', 'color.ui', 'always');
      expect(await commitAuthorOf(folder, commit)).toBe('Test <test@example.org>');
      await write('policies/sales.yaml');
      git('add', '--all');
      git('commit', '--quiet', '--author', 'Zoë\u00A0D <zoe@example.org>', '--message', 'A commit');
      expect(await commitAuthorOf(folder, git('rev-parse', 'HEAD'))).toBe(
        'Zoë\u00A0D <zoe@example.org>',
      );
      git('commit', '--quiet', '--amend', '--author', `${'n'.repeat(999)} <>`, '--no-edit');
      expect(await commitAuthorOf(folder, git('rev-parse', 'HEAD'))).toBe('n'.repeat(300));
    });

    test.each(['0'.repeat(40), 'HEAD', '--all', ''])('no commit, no author: %s', async (commit) => {
      await write('policies/billing.yaml');
      commitAll();
      expect(await commitAuthorOf(folder, commit)).toBeNull();
    });

    test('the index stays as it was: git refreshes nothing', async () => {
      await write('policies/billing.yaml');
      commitAll();
      // The same text with a new time: what a plain `git status` would note in the index.
      await write('policies/billing.yaml');
      const before = await stat(join(folder, '.git', 'index'), { bigint: true });
      await readSource(folder, PATHS);
      expect((await stat(join(folder, '.git', 'index'), { bigint: true })).mtimeNs).toBe(
        before.mtimeNs,
      );
    });
  },
);

test('outside a repository there is nothing to tell', async () => {
  vi.stubEnv('GIT_CEILING_DIRECTORIES', tmpdir());
  expect(await readSource(folder, PATHS)).toEqual({ commit: null, dirty: false });
  expect(await commitAuthorOf(folder, '0'.repeat(40))).toBeNull();
});

test.skipIf(!hasGit)('a bare repository has no work tree', async () => {
  git('init', '--quiet', '--bare');
  expect(await readSource(folder, PATHS)).toEqual({ commit: null, dirty: false });
});

test('without git there is nothing to tell', async () => {
  await mkdir(join(folder, '.git'));
  vi.stubEnv('PATH', folder);
  expect(await readSource(folder, PATHS)).toEqual({ commit: null, dirty: false });
  expect(await commitAuthorOf(folder, '0'.repeat(40))).toBeNull();
});
