import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { BranchLook, RemoteBranch } from '../../src/git/remote-branch.js';
import { serveGit } from './http-remote.js';
import { RemoteRig } from './remote-rig.js';

const hasGit = spawnSync('git', ['--version']).status === 0;

/** The kind and the commit, without the words for people. */
const seen = ({ kind, ...rest }: BranchLook): string =>
  'commit' in rest ? `${kind} ${rest.commit}` : kind;
const whyOf = (look: BranchLook): string => ('why' in look ? look.why : '');

/** Looks, and accepts what is there. */
const acceptTip = async (branch: RemoteBranch): Promise<string> => {
  const look = await branch.look();
  if (look.kind !== 'at') throw new Error(`not at a commit: ${JSON.stringify(look)}`);
  await branch.accept(look.commit);
  return look.commit;
};

describe.skipIf(!hasGit)(`a remote branch${hasGit ? '' : ' (skipped: no git)'}`, () => {
  test('says who wrote the commit at its tip, and when', async () => {
    const rig = await RemoteRig.make();
    rig.env['GIT_COMMITTER_DATE'] = '2026-11-01T12:00:00+02:00';
    const commit = await rig.push({ 'policies/sales.yaml': 'text\n' });
    const branch = await rig.open();
    expect(await branch.accepted()).toBeNull();
    expect(await branch.look()).toEqual({
      kind: 'at',
      commit,
      author: 'Jo Doe <jo@example.org>',
      committedAt: '2026-11-01T10:00:00.000Z',
    });
    expect(await branch.accepted()).toBeNull();
    expect(rig.here('rev-list', '--count', commit)).toBe('1');
    expect(rig.here('for-each-ref', '--format=%(refname)')).toBe('refs/wrapkeeper/tip');
  });

  test.each(['sha1', 'sha256'])('a fast-forward by one and by 500 commits (%s)', async (format) => {
    const rig = await RemoteRig.make(`--object-format=${format}`);
    const branch = await rig.open();
    const first = await acceptTip(branch);
    expect(rig.here('rev-parse', 'refs/wrapkeeper/accepted')).toBe(first);
    const second = await rig.push({ 'policies/sales.yaml': 'text\n' });
    expect(seen(await branch.look())).toBe(`at ${second}`);
    expect(await branch.accepted()).toBe(first);
    await branch.accept(second);
    const last = rig.pushMany(500);
    expect(seen(await branch.look())).toBe(`at ${last}`);
    expect(seen(await (await rig.open()).look())).toBe(`at ${last}`);
    expect(await branch.accepted()).toBe(second);
  });

  test('a merge of a branch that is older than what was accepted is no rewrite', async () => {
    const rig = await RemoteRig.make();
    const branch = await rig.open();
    rig.git('branch', 'side');
    await rig.push({ 'policies/sales.yaml': 'text\n' });
    await acceptTip(branch);
    rig.git('checkout', '--quiet', 'side');
    await rig.commit({ 'policies/side.yaml': 'text\n' });
    // The accepted commit is the second parent.
    rig.git('merge', '--quiet', '--no-edit', 'main');
    rig.git('push', '--quiet', 'origin', 'HEAD:main');
    expect(seen(await branch.look())).toBe(`at ${rig.head()}`);
  });

  test('rewritten, then restored, then rewritten again; a restart forgets none of it', async () => {
    const rig = await RemoteRig.make();
    await rig.push({ 'policies/billing.yaml': 'second\n' });
    let branch = await rig.open();
    const accepted = await acceptTip(branch);
    const other = await rig.rewrite();
    for (let times = 0; times < 2; times += 1) {
      const look = await branch.look();
      expect(seen(look)).toBe(`rewritten ${other}`);
      expect(whyOf(look)).toBe(
        `The branch "main" of "${rig.remote}" no longer holds the commit accepted last (${accepted.slice(0, 12)}), and stands at ${other.slice(0, 12)}: it was rewritten.`,
      );
      expect(await branch.accepted()).toBe(accepted);
      branch = await rig.open();
    }
    // More on top of the rewritten branch makes it no better.
    const more = rig.pushMany(3);
    expect(seen(await branch.look())).toBe(`rewritten ${more}`);
    rig.git('push', '--quiet', '--force', 'origin', `${accepted}:main`);
    expect(seen(await branch.look())).toBe(`at ${accepted}`);
    rig.git('reset', '--quiet', '--hard', accepted);
    const next = await rig.push({ 'policies/billing.yaml': 'third\n' });
    expect(seen(await branch.look())).toBe(`at ${next}`);
    await rig.rewrite('other\n');
    // Nothing but what was accepted counts: this is a fast-forward, too.
    expect((await branch.look()).kind).toBe('at');
  });

  test('reset to an older commit is a rewrite, and going on from there is none', async () => {
    const rig = await RemoteRig.make();
    const parent = rig.head();
    const child = await rig.push({ 'policies/sales.yaml': 'text\n' });
    const branch = await rig.open();
    await acceptTip(branch);
    rig.git('push', '--quiet', '--force', 'origin', `${parent}:main`);
    expect(seen(await branch.look())).toBe(`rewritten ${parent}`);
    await branch.follow(parent);
    expect(seen(await branch.look())).toBe(`at ${parent}`);
    await branch.accept(parent);
    rig.git('push', '--quiet', '--force', 'origin', `${child}:main`);
    expect(seen(await branch.look())).toBe(`at ${child}`);
  });

  test('a rewritten branch is taken over by who asks for that commit, over a restart too', async () => {
    const rig = await RemoteRig.make();
    await rig.push({ 'policies/billing.yaml': 'second\n' });
    const branch = await rig.open();
    const accepted = await acceptTip(branch);
    const other = await rig.rewrite();
    await branch.look();
    await branch.follow(other);
    const again = await rig.open();
    expect(seen(await again.look())).toBe(`at ${other}`);
    // Nothing is accepted before it is.
    expect(await again.accepted()).toBe(accepted);
    const more = rig.pushMany(2);
    expect(seen(await again.look())).toBe(`at ${more}`);
    rig.git('reset', '--quiet', '--hard', other);
    const third = await rig.rewrite('once more\n');
    expect(seen(await again.look())).toBe(`rewritten ${third}`);
    await again.follow(third);
    await again.look();
    await again.accept(third);
    const fourth = await rig.push({ 'policies/billing.yaml': 'fourth\n' });
    await again.look();
    await again.accept(fourth);
    // The takeover is over: what was followed then counts no more.
    rig.git('push', '--quiet', '--force', 'origin', `${third}:main`);
    expect(seen(await again.look())).toBe(`rewritten ${third}`);
    await expect(again.follow('HEAD')).rejects.toMatchObject({ code: 'source.unusable' });
  });

  test('a remote that is a shallow clone itself', async () => {
    const rig = await RemoteRig.make();
    await rig.push({ 'policies/billing.yaml': 'second\n' });
    const shallow = join(rig.base, 'shallow.git');
    rig.in(rig.base, ['clone', '--quiet', '--bare', '--depth=1', `file://${rig.remote}`, shallow]);
    const branch = await rig.open({ url: shallow });
    const accepted = await acceptTip(branch);
    const last = rig.pushMany(5);
    rig.in(shallow, ['fetch', '--quiet', `file://${rig.remote}`, '+main:main']);
    expect(seen(await branch.look())).toBe(`at ${last}`);
    rig.git('reset', '--quiet', '--hard', accepted);
    const other = await rig.rewrite();
    rig.in(shallow, ['fetch', '--quiet', '--depth=1', `file://${rig.remote}`, '+main:main']);
    expect(seen(await branch.look())).toBe(`rewritten ${other}`);
    // Here nobody can tell, and a person is asked; he gives it its history.
    rig.git('reset', '--quiet', '--hard', last);
    rig.git('push', '--quiet', '--force', 'origin', 'HEAD:main');
    rig.in(shallow, ['fetch', '--quiet', '--depth=1', `file://${rig.remote}`, '+main:main']);
    const look = await branch.look();
    expect(seen(look)).toBe(`rewritten ${last}`);
    expect(whyOf(look)).toContain('shallow clone, and may hide it');
    rig.in(shallow, ['fetch', '--quiet', '--unshallow', `file://${rig.remote}`]);
    expect(seen(await branch.look())).toBe(`at ${last}`);
  });

  test('a remote without filters is followed as well', async () => {
    const rig = await RemoteRig.make();
    rig.in(rig.remote, ['config', 'uploadpack.allowFilter', 'false']);
    const branch = await rig.open();
    await acceptTip(branch);
    const last = rig.pushMany(5);
    expect(seen(await branch.look())).toBe(`at ${last}`);
  });

  test('deleted, and made again', async () => {
    const rig = await RemoteRig.make();
    await rig.push({ 'policies/billing.yaml': 'second\n' });
    const branch = await rig.open();
    const accepted = await acceptTip(branch);
    rig.git('push', '--quiet', 'origin', `${accepted}:refs/heads/a/refs/heads/main`);
    rig.in(rig.remote, ['update-ref', '-d', 'refs/heads/main']);
    for (const one of [branch, await rig.open()])
      expect(await one.look()).toEqual({
        kind: 'deleted',
        why: `There is no branch "main" at "${rig.remote}".`,
      });
    rig.git('push', '--quiet', 'origin', 'HEAD:main');
    expect(seen(await branch.look())).toBe(`at ${accepted}`);
    rig.in(rig.remote, ['update-ref', '-d', 'refs/heads/main']);
    const other = await rig.rewrite();
    expect(seen(await branch.look())).toBe(`rewritten ${other}`);
  });

  test('a remote that is moved away, and comes back', async () => {
    const rig = await RemoteRig.make();
    const branch = await rig.open();
    const accepted = await acceptTip(branch);
    await rename(rig.remote, `${rig.remote}.away`);
    for (const one of [branch, await rig.open()]) {
      const look = await one.look();
      expect(look.kind).toBe('unreachable');
      expect(whyOf(look)).toMatch(
        /^The branch "main" of ".*" could not be fetched: fatal: .*does not appear to be a git repository/,
      );
      expect(await one.accepted()).toBe(accepted);
    }
    // What was accepted is here.
    await branch.checkOut(accepted, join(rig.base, 'files'));
    await rename(`${rig.remote}.away`, rig.remote);
    expect(seen(await branch.look())).toBe(`at ${accepted}`);
  });

  test('a branch that does not exist yet', async () => {
    const rig = await RemoteRig.make();
    const branch = await rig.open({ branch: 'production' });
    expect(await branch.look()).toMatchObject({ kind: 'deleted' });
    rig.git('push', '--quiet', 'origin', 'HEAD:production');
    expect(seen(await branch.look())).toBe(`at ${rig.head()}`);
  });

  test.each(['', '-x', '--upload-pack=id', 'a..b', 'a b', 'a/', 'x.lock', '@{-1}', 'a*'])(
    'a name that is none is refused: %s',
    async (branch) => {
      const rig = await RemoteRig.make();
      await expect(rig.open({ branch })).rejects.toMatchObject({ code: 'source.unusable' });
    },
  );

  test('no hook of the person, and no gc on the side', async () => {
    const rig = await RemoteRig.make();
    const hooks = join(rig.base, 'hooks');
    await mkdir(hooks);
    await writeFile(join(hooks, 'reference-transaction'), `#!/bin/sh\ntouch ${rig.base}/ran\n`, {
      mode: 0o755,
    });
    await writeFile(
      join(rig.base, '.gitconfig'),
      `[core]\n\thooksPath = ${hooks}\n[gc]\n\tauto = 1\n`,
    );
    await acceptTip(await rig.open());
    expect(await readdir(rig.base)).not.toContain('ran');
  });

  test('the folder does not grow with what is pushed', async () => {
    const rig = await RemoteRig.make();
    const branch = await rig.open();
    const packs: number[] = [];
    for (let at = 0; at < 26; at += 1) {
      rig.pushMany(1);
      const look = await branch.look();
      if (at % 8 === 0 && look.kind === 'at') await branch.accept(look.commit);
      const names = await readdir(join(rig.folder, 'repository', 'objects', 'pack'));
      packs.push(names.filter((name) => name.endsWith('.pack')).length);
    }
    expect(Math.max(...packs)).toBeLessThanOrEqual(21);
    // What was fetched before is gone.
    expect(rig.here('fsck').match(/dangling commit/g)?.length).toBeLessThan(20);
    const accepted = (await branch.accepted()) ?? '';
    expect(accepted).toBe(rig.git('rev-parse', 'HEAD~1'));
    await branch.checkOut(accepted, join(rig.base, 'files'));
    expect(rig.here('fsck', '--no-dangling')).toBe('');
  }, 120_000);
});

describe.skipIf(!hasGit)('after a crash', () => {
  const leave: Readonly<Record<string, (rig: RemoteRig, repository: string) => Promise<unknown>>> =
    {
      'locks, and half a pack': async (rig, repository) => {
        await writeFile(join(repository, 'refs/wrapkeeper/tip.lock'), '');
        await writeFile(join(repository, 'shallow.lock'), '');
        await writeFile(join(repository, 'packed-refs.lock'), '');
        await writeFile(join(repository, 'objects/pack/tmp_pack_x'), 'half');
        await writeFile(join(rig.folder, 'history.lock'), '');
      },
      'no repository': (_, repository) => rm(repository, { recursive: true }),
      'an empty folder': async (_, repository) => {
        await rm(repository, { recursive: true });
        await mkdir(repository);
      },
      'no HEAD': (_, repository) => writeFile(join(repository, 'HEAD'), ''),
      'a pack without its end': async (_, repository) => {
        const folder = join(repository, 'objects/pack');
        for (const name of await readdir(folder))
          if (name.endsWith('.pack')) {
            await rm(join(folder, name), { force: true });
            await writeFile(join(folder, name), 'PACK');
          }
      },
      'a ref without its id': (_, repository) =>
        writeFile(join(repository, 'refs/wrapkeeper/tip'), ''),
      'a move half done': async (rig, repository) => {
        await rename(repository, join(rig.folder, 'repository.old'));
        await mkdir(join(rig.folder, 'repository.new'));
      },
      'a broken history': async (rig) => {
        await rm(join(rig.folder, 'history', 'objects'), { recursive: true, force: true });
        await mkdir(join(rig.folder, 'history'), { recursive: true });
      },
    };

  test.each(Object.keys(leave))('%s', async (what) => {
    const rig = await RemoteRig.make();
    await rig.push({ 'policies/billing.yaml': 'second\n' });
    const accepted = await acceptTip(await rig.open());
    const repository = join(rig.folder, 'repository');
    const { ino } = await stat(repository);
    await leave[what]?.(rig, repository);
    const branch = await rig.open();
    expect(await branch.accepted()).toBe(accepted);
    expect(seen(await branch.look())).toBe(`at ${accepted}`);
    await branch.checkOut(accepted, join(rig.base, 'files'));
    const next = rig.pushMany(3);
    expect(seen(await branch.look())).toBe(`at ${next}`);
    // What can be mended is.
    if (/^(?:locks|a move|a broken)/.test(what)) expect((await stat(repository)).ino).toBe(ino);
    expect(rig.here('rev-parse', 'refs/wrapkeeper/accepted')).toBe(accepted);
    await branch.checkOut(next, join(rig.base, 'files'));
    expect(await readFile(join(rig.base, 'files', 'policies', 'billing.yaml'), 'utf8')).toBe('2');
    expect(rig.here('fsck', '--no-dangling')).toBe('');
    expect(await readdir(join(repository, 'objects', 'pack'))).not.toContain('tmp_pack_x');
    const other = await rig
      .rewrite()
      .then(() => rig.git('reset', '--quiet', '--hard', 'HEAD~3'))
      .then(() => rig.rewrite());
    expect(seen(await branch.look())).toBe(`rewritten ${other}`);
    expect(await branch.accepted()).toBe(accepted);
  });

  test('files that are gone from the middle are fetched again by the next look', async () => {
    const rig = await RemoteRig.make();
    const branch = await rig.open();
    const accepted = await acceptTip(branch);
    const pack = join(rig.folder, 'repository', 'objects', 'pack');
    await rm(pack, { recursive: true });
    await mkdir(pack);
    await expect(branch.checkOut(accepted, join(rig.base, 'files'))).rejects.toMatchObject({
      code: 'source.unusable',
    });
    expect(seen(await branch.look())).toBe(`at ${accepted}`);
    await branch.checkOut(accepted, join(rig.base, 'files'));
  });

  test('without its folder it knows what its owner remembers', async () => {
    const rig = await RemoteRig.make();
    await rig.push({ 'policies/billing.yaml': 'second\n' });
    const accepted = await acceptTip(await rig.open());
    await rm(rig.folder, { recursive: true });
    const next = rig.pushMany(2);
    const branch = await rig.open({ lastAccepted: accepted });
    expect(await branch.accepted()).toBe(accepted);
    expect(seen(await branch.look())).toBe(`at ${next}`);
    await branch.checkOut(accepted, join(rig.base, 'files'));
    rig.git('reset', '--quiet', '--hard', accepted);
    const other = await rig.rewrite();
    expect(seen(await branch.look())).toBe(`rewritten ${other}`);
    // What the folder remembers is newer than what its owner does.
    await branch.follow(other);
    await branch.look();
    await branch.accept(other);
    expect(await (await rig.open({ lastAccepted: accepted })).accepted()).toBe(other);
  });

  test('a folder that cannot be written is told', async () => {
    const rig = await RemoteRig.make();
    await writeFile(join(rig.base, 'daemon'), '');
    await expect(rig.open()).rejects.toMatchObject({ code: 'source.unusable' });
  });
});

describe.skipIf(!hasGit)('over HTTP', () => {
  const serve = async (rig: RemoteRig) => {
    const server = await serveGit(rig.base);
    onTestFinished(() => server.close());
    return server;
  };
  const SECRET = 's3cr@t/pw';
  const USER = `jo:${encodeURIComponent(SECRET)}`;
  const LOGIN = `Basic ${Buffer.from(`jo:${SECRET}`).toString('base64')}`;
  const COVERED = /s3cr/;

  test('the login of the address is used, and shown nowhere', async () => {
    const rig = await RemoteRig.make();
    const server = await serve(rig);
    server.allRequests = 'login';
    // What git runs, and with which words, as anybody sees it who lists processes.
    const trace = join(rig.base, 'trace');
    await writeFile(
      join(rig.base, '.gitconfig'),
      `[credential]\n\thelper = "!echo username=other; echo password=other; :"\n`,
    );
    const wrapper = join(rig.base, 'bin');
    await mkdir(wrapper);
    const real = spawnSync('git', ['--exec-path'], { encoding: 'utf8' }).stdout.trim();
    await writeFile(join(wrapper, 'git'), `#!/bin/sh\nGIT_TRACE=${trace} exec ${real}/git "$@"\n`, {
      mode: 0o755,
    });
    const env = { ...rig.env, PATH: `${wrapper}:${rig.env['PATH']}` };
    const branch = await rig.open({ url: server.url(USER), env });
    expect(seen(await branch.look())).toBe(`at ${rig.head()}`);
    await acceptTip(branch);
    const next = rig.pushMany(2);
    expect(seen(await branch.look())).toBe(`at ${next}`);
    expect(new Set(server.authorizations.filter((header) => header !== ''))).toEqual(
      new Set([LOGIN]),
    );
    expect(branch.location).toBe(server.url());
    const ran = await readFile(trace, 'utf8');
    expect(ran).toMatch(/git-remote-http origin http:\/\/127/);
    expect(ran).not.toMatch(COVERED);
    for (const name of await readdir(rig.folder, { recursive: true }))
      if ((await stat(join(rig.folder, name))).isFile())
        expect(await readFile(join(rig.folder, name), 'latin1')).not.toMatch(COVERED);
  });

  test('a login that is refused is not shown, and nobody is asked for another', async () => {
    const rig = await RemoteRig.make();
    const server = await serve(rig);
    server.allRequests = 'forbid';
    for (const user of [USER, 's3cret-token', 's3cret-token:']) {
      const look = await (await rig.open({ url: server.url(user) })).look();
      expect(look.kind).toBe('unreachable');
      expect(whyOf(look)).toMatch(/Authentication failed|could not read (?:Username|Password)/);
      expect(JSON.stringify(look)).not.toMatch(COVERED);
    }
  });

  test('a helper and a header of the person are used', async () => {
    const rig = await RemoteRig.make();
    const server = await serve(rig);
    server.allRequests = 'login';
    await writeFile(
      join(rig.base, '.gitconfig'),
      `[credential]\n\thelper = "!echo username=jo; echo password=${SECRET}; :"\n`,
    );
    const branch = await rig.open({ url: server.url() });
    expect((await branch.look()).kind).toBe('at');
    await writeFile(
      join(rig.base, '.gitconfig'),
      `[http]\n\textraHeader = Authorization: ${LOGIN}\n`,
    );
    rig.pushMany(1);
    expect((await branch.look()).kind).toBe('at');
    expect(server.authorizations.at(-1)).toBe(LOGIN);
  });

  test('a remote that never answers is waited for as long as the limit', async () => {
    const rig = await RemoteRig.make();
    const server = await serve(rig);
    const branch = await rig.open({ url: server.url(), timeLimitMs: 5_000 });
    server.allRequests = 'hang';
    const looking = branch.look();
    await server.hanging;
    rig.clock.advance(5_000);
    const look = await looking;
    expect(look.kind).toBe('unreachable');
    expect(whyOf(look)).toMatch(/no answer within 5 s$/);
    server.allRequests = 'deliver';
    expect(seen(await branch.look())).toBe(`at ${rig.head()}`);
    expect(rig.clock.sleeping).toBe(0);
  });

  test('a signal ends it at once, and the next process goes on', async () => {
    const rig = await RemoteRig.make();
    const server = await serve(rig);
    const stop = new AbortController();
    const branch = await rig.open({ url: server.url(), signal: stop.signal });
    server.allRequests = 'hang';
    const looking = branch.look();
    await server.hanging;
    stop.abort();
    await expect(looking).rejects.toMatchObject({ code: 'cli.interrupted' });
    await expect(branch.look()).rejects.toMatchObject({ code: 'cli.interrupted' });
    server.allRequests = 'deliver';
    expect(seen(await (await rig.open({ url: server.url() })).look())).toBe(`at ${rig.head()}`);
  });

  test('an answer that is cut off in the middle leaves nothing that hinders', async () => {
    const rig = await RemoteRig.make();
    const server = await serve(rig);
    const branch = await rig.open({ url: server.url() });
    await acceptTip(branch);
    const next = rig.pushMany(3);
    server.allRequests = 'lose';
    expect((await branch.look()).kind).toBe('unreachable');
    server.allRequests = 'deliver';
    expect(seen(await branch.look())).toBe(`at ${next}`);
  });
});
