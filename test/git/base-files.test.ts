/** The files of another commit, as a reader of policies finds them. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withBaseFiles } from '../../src/git/base-files.js';
import type { BaseRequest } from '../../src/git/base-files.js';
import { Remote } from '../e2e/clones.js';
import type { FakeClock } from '../support/fake-clock.js';

const FILES = { 'wrapkeeper.yaml': 'kind: Settings', 'policies/billing.yaml': 'kind: QueuePolicy' };

const request = (remote: Remote, root: string, ref: string): BaseRequest => ({
  root,
  config: undefined,
  ref,
  env: {
    PATH: process.env['PATH'],
    HOME: remote.base,
    GIT_DIR: '/nowhere',
    GIT_INDEX_FILE: '/none',
  },
  clock: { now: () => 0, sleep: () => new Promise(() => undefined) } satisfies Pick<
    FakeClock,
    'now' | 'sleep'
  >,
  signal: new AbortController().signal,
});

/** A clone on a commit that comes after the one on the remote's main. */
const cloned = async (files: Readonly<Record<string, string>> = FILES) => {
  const remote = await Remote.with(files);
  const clone = remote.clone();
  remote.in(clone, 'switch', '--quiet', '--create', 'mine');
  await remote.commit(
    clone,
    { 'policies/billing.yaml': 'kind: Other', 'policies/more.yaml': '' },
    'mine',
  );
  return { remote, clone, commit: remote.git('rev-parse', 'main') };
};

describe('what is a base', () => {
  test.each([
    ['a branch', 'main'],
    ['a tag with a message', 'v1'],
    ['a commit', 'COMMIT'],
    ['the part of one', 'SHORT'],
    ['an ancestor', 'HEAD~1'],
    ['another way to say so', 'HEAD^1'],
    ['a branch that only the remote has', 'release'],
    ['a branch of the remote by its whole name', 'refs/remotes/origin/release'],
  ])('%s', async (_, name) => {
    const { remote, clone, commit } = await cloned();
    remote.git('branch', 'release', 'main');
    remote.in(clone, 'fetch', '--quiet', 'origin');
    remote.in(clone, 'tag', '--annotate', '--message', 'One', 'v1', 'main');
    const ref = name.replace('COMMIT', commit).replace('SHORT', commit.slice(0, 10));
    const before = await remote.stateOf(clone);
    const found = await withBaseFiles(request(remote, clone, ref), async (files) => ({
      ...files,
      policies: await readdir(join(files.root ?? '', 'policies')),
      text: await readFile(join(files.root ?? '', 'policies/billing.yaml'), 'utf8'),
    }));
    expect(found).toMatchObject({
      commit,
      diverged: false,
      unusable: null,
      policies: ['billing.yaml'],
      text: 'kind: QueuePolicy',
    });
    await expect(readdir(found.root ?? '')).rejects.toThrow('ENOENT');
    expect(await remote.stateOf(clone)).toEqual(before);
  });

  test.each([
    '--upload-pack=x',
    '-h',
    ':/Policies',
    ':policies',
    '^main',
    'main..mine',
    'main...mine',
    'a b',
    '',
    'm*',
    'ma\u202ein',
    'x'.repeat(251),
  ])('not %j', async (ref) => {
    const { remote, clone } = await cloned();
    await expect(
      withBaseFiles(request(remote, clone, ref), () => Promise.resolve()),
    ).rejects.toMatchObject({ code: 'cli.usage' });
  });

  test.each(['nowhere', 'main:policies', '0'.repeat(40), 'HEAD~7', 'main^{tree}'])(
    'not %j, which names no commit',
    async (ref) => {
      const { remote, clone } = await cloned();
      await expect(
        withBaseFiles(request(remote, clone, ref), () => Promise.resolve()),
      ).rejects.toMatchObject({ code: 'plan.base-unknown' });
    },
  );
});

test('a folder that the commit does not have is empty', async () => {
  const { remote, clone } = await cloned({ 'README.md': '' });
  const root = await withBaseFiles(request(remote, join(clone, 'policies'), 'main'), (files) =>
    Promise.resolve(files.root),
  );
  expect(root).toBeNull();
});

test('it goes away where whoever reads it fails', async () => {
  const { remote, clone } = await cloned();
  let root = '';
  await expect(
    withBaseFiles(request(remote, clone, 'main'), (files) => {
      root = files.root ?? '';
      return Promise.reject(new Error('no'));
    }),
  ).rejects.toThrow('no');
  await expect(readdir(root)).rejects.toThrow('ENOENT');
});

test('a folder of a repository has its own files alone, and settings above it are those of the commit', async () => {
  const { remote, clone } = await cloned({
    'prod.yaml': 'old',
    'org/policies/billing.yaml': 'kind: QueuePolicy',
    'policies/else.yaml': '',
  });
  const inside = request(remote, join(clone, 'org'), 'main');
  expect(
    await withBaseFiles(inside, ({ root }) => readdir(root ?? '', { recursive: true })),
  ).toEqual(['policies', 'policies/billing.yaml']);
  await remote.commit(clone, { 'prod.yaml': 'new' }, 'mine');
  const text = await withBaseFiles({ ...inside, config: join(clone, 'prod.yaml') }, ({ config }) =>
    readFile(config ?? '', 'utf8'),
  );
  expect(text).toBe('old');
});
