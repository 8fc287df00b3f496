import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openFileBranch } from '../../src/git/file-branch.js';
import type { BranchChange, FileBranch, FileBranchOptions } from '../../src/git/file-branch.js';
import { ManualClock } from '../support/manual-clock.js';
import { serveGit } from './http-remote.js';
import type { HttpRemote } from './http-remote.js';

const BRANCH = 'wrapkeeper-journal';
const hasGit = spawnSync('git', ['--version']).status === 0;

let base = '';
let repository = '';
let remote = '';
let home: Record<string, string | undefined> = {};
let opened: FileBranch[] = [];

const gitIn = (folder: string, args: readonly string[], input?: string | Buffer): string =>
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args], {
    cwd: folder,
    env: home,
    encoding: 'utf8',
    ...(input === undefined ? {} : { input }),
    stdio: ['pipe', 'pipe', 'pipe'],
  }).trim();
const git = (...args: string[]): string => gitIn(repository, args);
const atRemote = (...args: string[]): string => gitIn(remote, args);
const tip = (): string => atRemote('rev-parse', BRANCH);
const count = (): string => atRemote('rev-list', '--count', BRANCH);
const atTip = (name: string): Buffer =>
  execFileSync('git', ['cat-file', 'blob', `${BRANCH}:${name}`], { cwd: remote, env: home });

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'wrapkeeper-file-branch-'));
  repository = join(base, 'work', 'tree');
  remote = join(base, 'remote.git');
  home = { PATH: process.env['PATH'], HOME: base, GIT_CONFIG_NOSYSTEM: '1' };
  await mkdir(repository, { recursive: true });
  await mkdir(join(base, 'tmp'));
  vi.stubEnv('TMPDIR', join(base, 'tmp'));
  gitIn(base, ['init', '--quiet', '--bare', remote]);
  git('init', '--quiet', '--initial-branch=main');
  git('remote', 'add', 'origin', `file://${remote}`);
  await writeFile(join(repository, 'wrapkeeper.yaml'), 'kind: Settings\n');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Settings');
  opened = [];
});
afterEach(async () => {
  for (const branch of opened) await branch.close();
  vi.unstubAllEnvs();
  await rm(base, { recursive: true, force: true });
});

const open = async (more: Partial<FileBranchOptions> = {}): Promise<FileBranch> => {
  const branch = await openFileBranch({
    repository,
    branch: BRANCH,
    isOurs: (names) => names.some((name) => name.endsWith('.jsonl')),
    clock: new ManualClock(),
    env: home,
    ...more,
  });
  opened.push(branch);
  return branch;
};

/** A folder with these files, and the change that publishes them. */
const change = async (
  files: Readonly<Record<string, string | Buffer>>,
  removed: readonly string[] = [],
): Promise<BranchChange> => {
  const folder = await mkdtemp(join(base, 'folder-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return { folder, changed: Object.keys(files), removed, message: 'Run 7' };
};

const bringAll = async (branch: FileBranch): Promise<Record<string, string>> => {
  const folder = await mkdtemp(join(base, 'brought-'));
  await branch.bring(branch.files, folder);
  const names = await readdir(folder);
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const),
    ),
  );
};

/** Publishes as another run would. */
const publishElsewhere = async (files: Readonly<Record<string, string>>): Promise<void> => {
  const other = await open();
  await other.publish(await change(files));
};

/** Everything below a folder, with times: whatever is touched shows. */
const everythingIn = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true });
  return Promise.all(
    entries.sort().map(async (entry) => {
      const { mtimeMs, size } = await lstat(join(folder, entry));
      return `${entry} ${size} ${mtimeMs}`;
    }),
  );
};

/** What is here of the repository of a branch that was opened. */
const fetched = async (): Promise<{ readonly commits: string; readonly objects: string }> => {
  const [folder = ''] = await readdir(join(base, 'tmp'));
  const place = join(base, 'tmp', folder, 'repository');
  const ids = gitIn(place, [
    'cat-file',
    '--batch-all-objects',
    '--unordered',
    '--batch-check=%(objecttype)',
  ]).split('\n');
  return {
    commits: gitIn(place, ['rev-list', '--count', '--all']),
    objects: ids.sort().join(' '),
  };
};

describe.skipIf(!hasGit)('a branch as a folder', () => {
  test('begins with a commit that has no parent', async () => {
    const branch = await open();
    expect(branch.files).toEqual([]);
    await branch.publish(await change({ 'a.jsonl': 'one\n', 'head.json': '{}' }));
    expect(branch.files).toEqual(['a.jsonl', 'head.json']);
    expect(atRemote('log', '--format=%an <%ae> %cn <%ce> %aI %s %P', BRANCH)).toBe(
      'wrapkeeper <wrapkeeper@localhost> wrapkeeper <wrapkeeper@localhost> 2026-11-23T09:00:00+00:00 Run 7',
    );
    expect(atRemote('for-each-ref', '--format=%(refname)')).toBe(`refs/heads/${BRANCH}`);
  });

  test('gives the next run its files', async () => {
    await publishElsewhere({ 'a.jsonl': 'one\n', 'b.jsonl': 'two\n' });
    const branch = await open();
    expect(branch.files).toEqual(['a.jsonl', 'b.jsonl']);
    expect(await bringAll(branch)).toEqual({ 'a.jsonl': 'one\n', 'b.jsonl': 'two\n' });
  });

  test('keeps what is not named, and loses what is removed', async () => {
    await publishElsewhere({ 'a.jsonl': 'one\n', 'b.jsonl': 'two\n', 'c.jsonl': 'three\n' });
    const branch = await open({ author: { name: 'Keeper', email: 'keeper@example.org' } });
    await branch.publish(await change({ 'b.jsonl': 'TWO\n' }, ['c.jsonl', 'never.jsonl']));
    expect(await bringAll(await open())).toEqual({ 'a.jsonl': 'one\n', 'b.jsonl': 'TWO\n' });
    expect(atRemote('log', '-1', '--format=%an <%ae>', BRANCH)).toBe('Keeper <keeper@example.org>');
    await branch.publish(await change({}, ['a.jsonl', 'b.jsonl']));
    expect((await open({ isOurs: () => false })).files).toEqual([]);
    expect(count()).toBe('3');
  });

  test('gets no commit where nothing changes', async () => {
    const branch = await open();
    await branch.publish(await change({}));
    expect(atRemote('for-each-ref')).toBe('');
    await branch.publish(await change({ 'a.jsonl': 'one\n' }));
    await branch.publish(await change({ 'a.jsonl': 'one\n' }, ['b.jsonl']));
    expect(count()).toBe('1');
  });

  test('has the bytes of the files, whatever git does to those of the work tree', async () => {
    const bytes = Buffer.from([...Array(256).keys(), 13, 10, 13, 10, 10, 0]);
    git('config', 'core.autocrlf', 'true');
    git('config', 'core.eol', 'crlf');
    git('config', 'filter.shout.clean', 'tr a-z A-Z');
    git('config', 'filter.shout.smudge', 'tr a-z A-Z');
    git('config', 'core.attributesFile', join(base, 'attributes'));
    git('config', 'commit.gpgSign', 'true');
    git('config', 'gpg.program', '/bin/false');
    await mkdir(join(base, '.config', 'git'), { recursive: true });
    for (const path of [
      join(base, 'attributes'),
      join(base, '.config', 'git', 'attributes'),
      join(repository, '.gitattributes'),
    ])
      await writeFile(path, '* text filter=shout ident working-tree-encoding=UTF-16\n');
    const branch = await open();
    await branch.publish(await change({ 'a.jsonl': bytes, 'b.jsonl': 'a\nb\r\n$Id$\n' }));
    expect(atTip('a.jsonl').equals(bytes)).toBe(true);
    const folder = join(base, 'brought');
    await mkdir(folder);
    await (await open()).bring(['a.jsonl', 'b.jsonl'], folder);
    expect((await readFile(join(folder, 'a.jsonl'))).equals(bytes)).toBe(true);
    expect(await readFile(join(folder, 'b.jsonl'), 'utf8')).toBe('a\nb\r\n$Id$\n');
  });

  test.each([
    ['is served in parts', 'true', 'commit tree', 'blob commit tree'],
    ['is served whole', 'false', 'blob blob commit tree', 'blob blob commit tree'],
  ])('of 10,000 commits, which %s, is fetched without its history', async (_, filter, at, then) => {
    const commits = Array.from({ length: 10_000 }, (__, n) => {
      const text = `record ${n}\n`;
      return `commit refs/heads/${BRANCH}\ncommitter a <a@b> ${n + 1} +0000\ndata 1\nx\nM 644 inline a.jsonl\ndata ${text.length}\n${text}\nM 644 inline b.jsonl\ndata ${text.length + 1}\n-${text}\n`;
    });
    gitIn(remote, ['fast-import', '--quiet'], commits.join(''));
    atRemote('config', 'uploadpack.allowFilter', filter);
    const branch = await open();
    expect(await fetched()).toEqual({ commits: '1', objects: at });
    const folder = join(base, 'brought');
    await mkdir(folder);
    await branch.bring(['b.jsonl'], folder);
    expect(await readFile(join(folder, 'b.jsonl'), 'utf8')).toBe('-record 9999\n');
    expect(await fetched()).toEqual({ commits: '1', objects: then });
    await branch.publish(await change({ 'c.jsonl': 'new\n' }));
    expect(count()).toBe('10001');
    expect(await bringAll(await open())).toMatchObject({ 'a.jsonl': 'record 9999\n' });
  });

  test('leaves the repository of the person as it is', async () => {
    const before = await everythingIn(repository);
    const status = git('--no-optional-locks', 'status', '--porcelain=2', '--branch');
    const branch = await open();
    await branch.publish(await change({ 'a.jsonl': 'one\n' }));
    await branch.hasMoved();
    await bringAll(branch);
    const folders = await readdir(join(base, 'tmp'));
    expect(folders).toHaveLength(1);
    expect((await lstat(join(base, 'tmp', folders[0] ?? ''))).mode & 0o777).toBe(0o700);
    await branch.close();
    expect(await everythingIn(repository)).toEqual(before);
    expect(git('--no-optional-locks', 'status', '--porcelain=2', '--branch')).toBe(status);
    expect(git('rev-parse', '--is-shallow-repository')).toBe('false');
    expect(await readdir(join(base, 'tmp'))).toEqual([]);
  });

  test('runs no hook of the person', async () => {
    const hooks = join(base, 'hooks');
    await mkdir(hooks);
    for (const name of ['pre-push', 'reference-transaction', 'post-index-change', 'commit-msg']) {
      await writeFile(join(hooks, name), `#!/bin/sh\ntouch ${join(base, 'ran')}\nexit 1\n`);
      await chmod(join(hooks, name), 0o755);
    }
    gitIn(base, ['config', '--global', 'core.hooksPath', hooks]);
    gitIn(base, ['config', '--global', 'push.gpgSign', 'true']);
    git('config', 'core.hooksPath', hooks);
    await (await open()).publish(await change({ 'a.jsonl': 'one\n' }));
    expect(count()).toBe('1');
    expect(await readdir(base)).not.toContain('ran');
  });

  test('is found by an address that is relative to the work tree', async () => {
    git('remote', 'set-url', 'origin', '../../remote.git');
    await mkdir(join(repository, 'below'));
    const branch = await open({ repository: join(repository, 'below') });
    await branch.publish(await change({ 'a.jsonl': 'one\n' }));
    expect(count()).toBe('1');
  });
});

describe.skipIf(!hasGit)('of two writers', () => {
  test.each([
    ['where the branch is new', false],
    ['where it is there', true],
  ])('the second is refused, %s', async (_, exists) => {
    if (exists) await publishElsewhere({ 'a.jsonl': 'one\n' });
    const [first, second] = [await open(), await open()];
    expect(await second.hasMoved()).toBe(false);
    await first.publish(await change({ 'a.jsonl': 'first\n' }));
    const won = tip();
    for (let time = 0; time < 2; time += 1)
      await expect(second.publish(await change({ 'a.jsonl': 'second\n' }))).rejects.toMatchObject({
        code: 'journal.branch-moved',
        exitCode: 1,
      });
    expect(tip()).toBe(won);
    expect([await first.hasMoved(), await second.hasMoved()]).toEqual([false, true]);
    for (const branch of [await open(), await open()])
      expect(await bringAll(branch)).toEqual({ 'a.jsonl': 'first\n' });
    await first.publish(await change({ 'b.jsonl': 'more\n' }));
    expect(await bringAll(await open())).toEqual({ 'a.jsonl': 'first\n', 'b.jsonl': 'more\n' });
  });

  test('at the same moment, one is let through', async () => {
    await publishElsewhere({ 'a.jsonl': 'one\n' });
    const branches = await Promise.all(['x', 'y', 'z'].map(async () => open()));
    const changes = await Promise.all(['x', 'y', 'z'].map((who) => change({ 'a.jsonl': who })));
    const results = await Promise.allSettled(
      branches.map((branch, index) => branch.publish(changes[index] as BranchChange)),
    );
    const lost = results.filter((result) => result.status === 'rejected');
    expect(lost.map(({ reason }) => (reason as { code: string }).code)).toEqual([
      'journal.branch-moved',
      'journal.branch-moved',
    ]);
    expect(count()).toBe('2');
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    expect(atTip('a.jsonl').toString()).toBe(['x', 'y', 'z'][winner]);
  });

  test('one who set the branch back is told, and what we have is there again', async () => {
    const branch = await open();
    await branch.publish(await change({ 'a.jsonl': 'one\n' }));
    const first = tip();
    await branch.publish(await change({ 'a.jsonl': 'two\n' }));
    atRemote('update-ref', `refs/heads/${BRANCH}`, first);
    expect(await branch.hasMoved()).toBe(true);
    await branch.publish(await change({ 'b.jsonl': 'three\n' }));
    expect(await bringAll(await open())).toEqual({ 'a.jsonl': 'two\n', 'b.jsonl': 'three\n' });
  });

  test('a lock that another one holds is his, too', async () => {
    const branch = await open();
    await branch.publish(await change({ 'a.jsonl': 'one\n' }));
    await writeFile(join(remote, 'refs', 'heads', `${BRANCH}.lock`), '');
    const two = await change({ 'a.jsonl': 'two\n' });
    await expect(branch.publish(two)).rejects.toMatchObject({ code: 'journal.branch-moved' });
    await rm(join(remote, 'refs', 'heads', `${BRANCH}.lock`));
    await branch.publish({ ...two, changed: [] });
    expect(atTip('a.jsonl').toString()).toBe('two\n');
  });
});

describe.skipIf(!hasGit)('a remote', () => {
  test('that is away for a while gets everything when it is back', async () => {
    const branch = await open();
    await branch.publish(await change({ 'a.jsonl': 'one\n' }));
    await rename(remote, `${remote}.away`);
    const first = await change({ 'a.jsonl': 'one\ntwo\n', 'b.jsonl': 'b\n' });
    await expect(branch.publish(first)).rejects.toMatchObject({
      code: 'journal.branch-unreachable',
      exitCode: 1,
      message: expect.stringMatching(/could not be pushed: fatal: .*does not appear to be a git/),
    });
    await expect(branch.hasMoved()).rejects.toMatchObject({ code: 'journal.branch-unreachable' });
    await expect(open()).rejects.toMatchObject({ code: 'journal.branch-unreachable' });
    await rename(`${remote}.away`, remote);
    // The files of the change that failed go with the next, without being named again.
    await branch.publish({ ...first, changed: ['b.jsonl'] });
    expect(await bringAll(await open())).toEqual({ 'a.jsonl': 'one\ntwo\n', 'b.jsonl': 'b\n' });
    expect(count()).toBe('2');
  });

  test('is not believed to have taken what a killed process was to push', async () => {
    const bin = join(base, 'bin');
    await mkdir(bin);
    const real = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
    await writeFile(
      join(bin, 'git'),
      `#!/bin/sh\n[ "$1" = push ] && kill -9 $$\nexec ${real} "$@"\n`,
    );
    await chmod(join(bin, 'git'), 0o755);
    const branch = await open({ env: { ...home, PATH: `${bin}:${home['PATH']}` } });
    const one = await change({ 'a.jsonl': 'one\n' });
    await expect(branch.publish(one)).rejects.toMatchObject({ code: 'journal.branch-unreachable' });
    await rm(join(bin, 'git'));
    await branch.publish(one);
    expect(count()).toBe('1');
  });

  test('whose hook says no is told in its words, and not taken for a writer', async () => {
    await publishElsewhere({ 'a.jsonl': 'one\n' });
    const hook = join(remote, 'hooks', 'pre-receive');
    await writeFile(hook, '#!/bin/sh\necho Only humans may push here.\nexit 1\n');
    await chmod(hook, 0o755);
    const branch = await open();
    for (let time = 0; time < 2; time += 1)
      await expect(branch.publish(await change({ 'a.jsonl': 'two\n' }))).rejects.toMatchObject({
        code: 'journal.branch-unusable',
        message:
          'A rule of the remote forbids to push to the branch "wrapkeeper-journal" of "origin": pre-receive hook declined (remote: Only humans may push here.)',
      });
    await rm(hook);
    await branch.publish(await change({ 'a.jsonl': 'two\n' }));
    expect(count()).toBe('2');
  });

  test('that is not named, in a repository that is none, or a name that is none', async () => {
    const refused = (more: Partial<FileBranchOptions>) =>
      open(more).then(
        () => 'opened',
        (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
      );
    expect(await refused({ remote: 'upstream' })).toMatch(
      /^journal.branch-unusable: .* has no remote "upstream"/,
    );
    expect(await refused({ repository: base })).toMatch(
      /^journal.branch-unusable: .*not a git repository/,
    );
    expect(await refused({ repository: remote })).toMatch(/^journal.branch-unusable: .*work tree/);
    expect(await refused({ repository: join(base, 'nowhere') })).toMatch(
      /^journal.branch-unusable: .*does not exist/,
    );
    expect(await refused({ env: { ...home, PATH: base } })).toMatch(
      /^journal.branch-unusable: .*ENOENT/,
    );
    for (const branch of ['--force', 'a..b', 'a b', '/a', 'a.lock', 'a~1', '', 'a\nb', '+a:b'])
      expect(await refused({ branch })).toMatch(/^journal.branch-unusable: .*cannot be a name/);
    expect(await refused({ branch: 'journals/prod' })).toBe('opened');
    expect(await readdir(join(base, 'tmp'))).toHaveLength(1);
    vi.stubEnv('TMPDIR', join(base, 'nowhere'));
    expect(await refused({})).toMatch(/^journal.branch-unusable: No folder can be made in/);
  });
});

describe.skipIf(!hasGit)('what somebody else put on the branch', () => {
  test('is left alone where none of it is ours', async () => {
    git('push', '--quiet', 'origin', 'main');
    await expect(open({ branch: 'main' })).rejects.toMatchObject({
      code: 'journal.branch-unusable',
      message:
        'the branch "main" of "origin" holds something else than a journal ("wrapkeeper.yaml"): it is left alone.',
    });
    expect(await readdir(join(base, 'tmp'))).toEqual([]);
  });

  test('leads nowhere out of the folder, and stays', async () => {
    const blob = gitIn(remote, ['hash-object', '-w', '--stdin'], 'evil\n');
    const id = Buffer.from(blob, 'hex');
    const entry = (mode: string, name: string): Buffer =>
      Buffer.concat([
        Buffer.from(`${mode} ${name}\0`),
        mode === '160000' ? Buffer.alloc(20, 1) : id,
      ]);
    const subtree = gitIn(remote, ['mktree'], `100644 blob ${blob}\tinner.jsonl\n`);
    const tree = gitIn(
      remote,
      ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'],
      Buffer.concat([
        entry('100644', '../../x'),
        entry('100644', '..'),
        entry('100644', '.git'),
        entry('100644', '.hidden'),
        entry('100644', 'ok.jsonl'),
        entry('100755', 'program.jsonl'),
        entry('120000', 'link.jsonl'),
        entry('160000', 'module.jsonl'),
        entry('100644', 'é.jsonl'),
        Buffer.concat([Buffer.from('40000 sub\0'), Buffer.from(subtree, 'hex')]),
      ]),
    );
    atRemote(
      'update-ref',
      `refs/heads/${BRANCH}`,
      gitIn(remote, ['commit-tree', tree, '-m', 'Evil']),
    );
    const branch = await open();
    expect(branch.files).toEqual(['ok.jsonl']);
    expect(await bringAll(branch)).toEqual({ 'ok.jsonl': 'evil\n' });
    await expect(branch.bring(['../../x'], base)).rejects.toThrow('no file of the branch');
    await expect(branch.publish(await change({}, ['../x']))).rejects.toThrow('is no name');
    await branch.publish(await change({ 'link.jsonl': 'a file\n' }));
    expect(atRemote('ls-tree', '--format=%(objectmode) %(path)', BRANCH).split('\n')).toEqual([
      '100644 .hidden',
      '100644 link.jsonl',
      '160000 module.jsonl',
      '100644 ok.jsonl',
      '100755 program.jsonl',
      '040000 sub',
      '100644 "\\303\\251.jsonl"',
    ]);
    expect(atTip('link.jsonl').toString()).toBe('a file\n');
  });

  test('is not written through a link that waits in the folder', async () => {
    await publishElsewhere({ 'a.jsonl': 'one\n' });
    await writeFile(join(base, 'target'), 'mine');
    const folder = join(base, 'folder');
    await mkdir(folder);
    await symlink(join(base, 'target'), join(folder, 'a.jsonl'));
    await (await open()).bring(['a.jsonl'], folder);
    expect(await readFile(join(base, 'target'), 'utf8')).toBe('mine');
    expect(await readFile(join(folder, 'a.jsonl'), 'utf8')).toBe('one\n');
  });

  test('is refused where it is larger than 64 MiB', async () => {
    await publishElsewhere({ 'a.jsonl': 'one\n', 'huge.jsonl': '' });
    const branch = await open();
    const huge = await change({});
    await writeFile(join(huge.folder, 'huge.jsonl'), Buffer.alloc(64 * 1024 * 1024 + 1));
    await branch.publish({ ...huge, changed: ['huge.jsonl'] });
    const next = await open();
    await expect(next.bring(['huge.jsonl'], base)).rejects.toMatchObject({
      code: 'journal.branch-unusable',
      message:
        '"huge.jsonl" on the branch "wrapkeeper-journal" of "origin" has 67108865 bytes; the limit is 67108864.',
    });
    expect(await readdir(base)).not.toContain('huge.jsonl');
    await next.bring(['a.jsonl'], base);
  });
});

describe.skipIf(!hasGit)('over a network', () => {
  let network: HttpRemote;
  beforeEach(async () => {
    atRemote('config', 'http.receivepack', 'true');
    atRemote('config', 'uploadpack.allowFilter', 'true');
    network = await serveGit(base);
    git('remote', 'set-url', 'origin', network.url());
  });
  afterEach(() => network.close());

  const SETTINGS_OF_A_HEADER: Readonly<
    Record<string, (key: string, value: string) => Promise<Record<string, string>>>
  > = {
    // As actions/checkout keeps them: in a file of its own, included for this repository.
    'in a file that is included': async (key, value) => {
      const included = join(base, 'credentials.config');
      gitIn(base, ['config', '--file', included, key, value]);
      git('config', `includeIf.gitdir:${join(repository, '.git')}.path`, included);
      return {};
    },
    'of the person': async (key, value) => {
      gitIn(base, ['config', '--file', join(base, '.gitconfig'), key, value]);
      return {};
    },
    'in the environment': async (key, value) => ({
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: key,
      GIT_CONFIG_VALUE_0: value,
    }),
  };

  test.each(Object.entries(SETTINGS_OF_A_HEADER))(
    'credentials %s are used, and no argument shows them',
    async (_, keep) => {
      const secret = createHash('sha256').update(base).digest('hex');
      const env = await keep(`http.${network.url()}.extraHeader`, `AUTHORIZATION: basic ${secret}`);
      const recorder = join(base, 'bin');
      await mkdir(recorder);
      const real = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
      await writeFile(
        join(recorder, 'git'),
        `#!/bin/sh\necho "$@" >> ${join(base, 'arguments')}\nexec ${real} "$@"\n`,
      );
      await chmod(join(recorder, 'git'), 0o755);
      const branch = await open({ env: { ...home, ...env, PATH: `${recorder}:${home['PATH']}` } });
      await branch.publish(await change({ 'a.jsonl': 'one\n' }));
      await bringAll(branch);
      expect(count()).toBe('1');
      expect(network.authorizations.length).toBeGreaterThan(2);
      // Once: servers refuse a header that comes twice.
      expect(new Set(network.authorizations)).toEqual(new Set([`basic ${secret}`]));
      const recorded = await readFile(join(base, 'arguments'), 'utf8');
      expect(recorded).toMatch(/^fetch /m);
      expect(recorded).toMatch(/^push /m);
      expect(recorded).not.toContain(secret);
      expect(recorded).not.toContain('http:');
    },
  );

  test('whatever a host is called, its settings are taken', async () => {
    for (const host of ['alias', 'pager'])
      git('config', `http.https://${host}.example.org/.extraheader`, 'X: y');
    git('config', 'credential.helper', 'store');
    git('config', 'url.https://example.org/.insteadOf', 'nowhere:');
    git('config', 'http.sslVerify', 'false');
    expect((await open()).files).toEqual([]);
  });

  test('a push whose answer is lost has arrived, and is found to have', async () => {
    await publishElsewhere({ 'a.jsonl': 'one\n' });
    const branch = await open();
    network.fates.push('lose');
    const two = await change({ 'a.jsonl': 'two\n' });
    await expect(branch.publish(two)).rejects.toMatchObject({ code: 'journal.branch-unreachable' });
    expect(count()).toBe('2');
    expect(await branch.hasMoved()).toBe(false);
    await branch.publish(two);
    expect(count()).toBe('2');
    await branch.publish(await change({ 'a.jsonl': 'three\n' }));
    expect(count()).toBe('3');
  });

  test('a push that arrives after the next one was made is our own', async () => {
    await publishElsewhere({ 'a.jsonl': 'one\n' });
    const branch = await open();
    network.fates.push('delay');
    const two = await change({ 'a.jsonl': 'two\n' });
    await expect(branch.publish(two)).rejects.toMatchObject({ code: 'journal.branch-unreachable' });
    expect(count()).toBe('1');
    await branch.publish(await change({ 'a.jsonl': 'two\n', 'b.jsonl': 'three\n' }));
    expect(await bringAll(await open())).toEqual({ 'a.jsonl': 'two\n', 'b.jsonl': 'three\n' });
    expect(count()).toBe('3');
  });

  test('a push that was lost, and another writer after it, is another writer', async () => {
    const branch = await open();
    network.fates.push('lose');
    const one = await change({ 'a.jsonl': 'one\n' });
    await expect(branch.publish(one)).rejects.toMatchObject({ code: 'journal.branch-unreachable' });
    await publishElsewhere({ 'b.jsonl': 'other\n' });
    await expect(branch.publish(one)).rejects.toMatchObject({ code: 'journal.branch-moved' });
    expect(await bringAll(await open())).toEqual({ 'a.jsonl': 'one\n', 'b.jsonl': 'other\n' });
  });

  test('a remote that never answers is waited for half a minute', async () => {
    const clock = new ManualClock();
    network.allRequests = 'hang';
    const opening = open({ clock });
    await network.hanging;
    clock.advance(29_999);
    clock.advance(1);
    await expect(opening).rejects.toMatchObject({
      code: 'journal.branch-unreachable',
      message:
        'the branch "wrapkeeper-journal" of "origin" could not be fetched: no answer within 30 s',
    });
    expect(clock.sleeping).toBe(0);
    expect(await readdir(join(base, 'tmp'))).toEqual([]);
  });

  test('a signal ends the waiting', async () => {
    const stop = new AbortController();
    const clock = new ManualClock();
    network.allRequests = 'hang';
    const opening = open({ clock, signal: stop.signal });
    await network.hanging;
    stop.abort();
    await expect(opening).rejects.toMatchObject({ code: 'cli.interrupted' });
    expect(clock.sleeping).toBe(0);
    expect(await readdir(join(base, 'tmp'))).toEqual([]);
  });

  test('nobody is asked for a password, and none is shown', async () => {
    git('remote', 'set-url', 'origin', network.url('user:hunter2').replace('remote', 'absent'));
    await expect(open()).rejects.toMatchObject({
      code: 'journal.branch-unreachable',
      message: expect.not.stringContaining('hunter2'),
    });
    git('remote', 'set-url', 'origin', network.url());
    network.allRequests = 'forbid';
    await expect(open()).rejects.toMatchObject({
      code: 'journal.branch-unreachable',
      message: expect.stringMatching(/could not read Username for .*terminal prompts disabled/),
    });
  });
});
