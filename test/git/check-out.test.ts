import { spawnSync } from 'node:child_process';
import {
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPolicyFiles, readSettingsFile } from '../../src/git/policy-files.js';
import type { RemoteBranch } from '../../src/git/remote-branch.js';
import { selectFiles } from '../../src/git/commit-files.js';
import { RemoteRig } from './remote-rig.js';

const hasGit = spawnSync('git', ['--version']).status === 0;

const takeOut = async (rig: RemoteRig, branch: RemoteBranch, named?: string[]): Promise<string> => {
  const look = await branch.look();
  if (look.kind !== 'at') throw new Error(`not at a commit: ${JSON.stringify(look)}`);
  const into = join(rig.base, 'daemon', 'files');
  await branch.checkOut(look.commit, into, named);
  return into;
};

/** Every file and link below a folder, links with where they lead. */
const everythingIn = async (folder: string): Promise<readonly string[]> => {
  const found: string[] = [];
  const visit = async (inside: string): Promise<void> => {
    for (const entry of await readdir(join(folder, inside), { withFileTypes: true })) {
      const path = join(inside, entry.name);
      if (entry.isSymbolicLink()) found.push(`${path} -> ${await readlink(join(folder, path))}`);
      else if (entry.isDirectory()) await visit(path);
      else found.push(path);
    }
  };
  await visit('');
  return found.sort();
};

/** Pushes a tree that no work tree would give. */
const pushTree = (
  rig: RemoteRig,
  entries: readonly (readonly [mode: string, path: string, text: string])[],
): void => {
  const commits = [
    'commit refs/heads/odd\ncommitter Jo Doe <jo@example.org> 1700000000 +0000\ndata 2\nA\n',
    ...entries.map(
      ([mode, path, text]) =>
        `M ${mode} inline "${path}"\ndata ${Buffer.byteLength(text)}\n${text}\n`,
    ),
  ];
  rig.in(rig.work, ['fast-import', '--quiet', '--force'], commits.join(''));
  rig.git('push', '--quiet', '--force', 'origin', 'odd:main');
};

describe.skipIf(!hasGit)('the files of a commit', () => {
  test('are those of YAML, those that are named, and nothing else', async () => {
    const rig = await RemoteRig.make();
    await rig.push({
      'wrapkeeper.yaml': 'kind: Settings\n',
      'settings.txt': 'kind: Settings\n',
      'policies/deep/er/sales.YML': 'sales\n',
      'policies/-x.yaml': '$Format:%H$\n',
      'policies/with space and ü.yaml': 'ü\r\n',
      'policies/bytes.yaml': Buffer.from([0, 255, 13, 10]),
      'policies/empty.yaml': '',
      'policies/README.md': 'text\n',
      'node_modules/x/index.js': 'text\n',
      '.gitattributes': '*.yaml filter=evil export-ignore export-subst\n',
    });
    const branch = await rig.open();
    const into = await takeOut(rig, branch, ['settings.txt']);
    expect(await everythingIn(await realpath(into))).toEqual(
      [
        'policies/-x.yaml',
        'policies/billing.yaml',
        'policies/bytes.yaml',
        'policies/deep/er/sales.YML',
        'policies/empty.yaml',
        'policies/with space and ü.yaml',
        'settings.txt',
        'wrapkeeper.yaml',
      ].sort(),
    );
    expect(await readFile(join(into, 'policies/with space and ü.yaml'), 'utf8')).toBe('ü\r\n');
    expect([...(await readFile(join(into, 'policies/bytes.yaml')))]).toEqual([0, 255, 13, 10]);
    expect(await readFile(join(into, 'policies/-x.yaml'), 'utf8')).toBe('$Format:%H$\n');
  });

  test('replace those before in one step, which stay once more for who reads them', async () => {
    const rig = await RemoteRig.make();
    const branch = await rig.open();
    const into = await takeOut(rig, branch);
    const first = await realpath(into);
    const done = new AbortController();
    const seen = new Set<string>();
    const reading = (async () => {
      while (!done.signal.aborted)
        seen.add(await readFile(join(into, 'policies/billing.yaml'), 'utf8'));
    })();
    await rig.push({ 'policies/billing.yaml': 'second\n' });
    await takeOut(rig, branch);
    expect(await readFile(join(first, 'policies/billing.yaml'), 'utf8')).toBe('first\n');
    const second = rig.head();
    await takeOut(rig, branch);
    for (let times = 0; times < 20; times += 1) await branch.checkOut(second, into);
    done.abort();
    await reading;
    expect([...seen].filter((text) => text !== 'first\n' && text !== 'second\n')).toEqual([]);
    // What a killed process has left goes, too.
    await mkdir(`${into}.commit-abc123`);
    await symlink('nowhere', `${into}.commit-abc123.link`);
    await rig.push({ 'policies/billing.yaml': 'third\n' });
    await takeOut(rig, branch);
    expect(await readFile(join(into, 'policies/billing.yaml'), 'utf8')).toBe('third\n');
    expect(
      (await readdir(join(rig.base, 'daemon'))).filter((name) => name.startsWith('files')),
    ).toHaveLength(3);
  });

  test('what lies there and is none of ours is left alone', async () => {
    const rig = await RemoteRig.make();
    const into = join(rig.base, 'daemon', 'files');
    await mkdir(into, { recursive: true });
    await writeFile(join(into, 'mine'), '');
    const branch = await rig.open();
    await expect(takeOut(rig, branch)).rejects.toMatchObject({ code: 'source.unusable' });
    expect(await readdir(into)).toEqual(['mine']);
  });

  test('a commit that is not here is told', async () => {
    const rig = await RemoteRig.make();
    const branch = await rig.open();
    await branch.look();
    for (const commit of ['0'.repeat(40), 'HEAD', '--help'])
      await expect(branch.checkOut(commit, join(rig.base, 'x'))).rejects.toMatchObject({
        code: 'source.unusable',
      });
    await expect(branch.accept('0'.repeat(40))).rejects.toMatchObject({ code: 'source.unusable' });
    expect(await branch.accepted()).toBeNull();
    expect((await branch.look()).kind).toBe('at');
  });

  test('links stay inside, and one that leads out is an error to who reads it', async () => {
    const rig = await RemoteRig.make();
    const secret = join(rig.base, 'secret.yaml');
    await writeFile(secret, 'secret\n');
    pushTree(rig, [
      ['100644', 'genesys/policies/billing.yaml', 'billing\n'],
      ['120000', 'policies', 'genesys/policies'],
      ['120000', 'genesys/policies/also.yaml', 'billing.yaml'],
      ['120000', 'genesys/policies/passwd.yaml', '/etc/passwd'],
      ['120000', 'genesys/policies/up.yaml', '../../../../secret.yaml'],
      ['120000', 'genesys/policies/out', '../../..'],
      // Each of the two stays inside by its letters; together they lead out.
      ['120000', 'a/b/c/root', '../../..'],
      ['120000', 'genesys/policies/both.yaml', '../../a/b/c/root/../../../secret.yaml'],
      ['120000', 'genesys/policies/loop.yaml', 'loop.yaml'],
      ['120000', 'wrapkeeper.yaml', secret],
    ]);
    const branch = await rig.open();
    const into = await takeOut(rig, branch);
    expect(await everythingIn(await realpath(into))).toEqual(
      [
        'a/b/c/root -> ../../..',
        'genesys/policies/also.yaml -> billing.yaml',
        'genesys/policies/billing.yaml',
        ...['both', 'loop', 'passwd', 'up'].map(
          (name) => `genesys/policies/${name}.yaml -> leads-out-of-the-repository`,
        ),
        'policies -> genesys/policies',
        'wrapkeeper.yaml -> leads-out-of-the-repository',
      ].sort(),
    );
    const { files, diagnostics } = await readPolicyFiles(into, ['policies']);
    expect(files.map(({ text }) => text)).toEqual(['billing\n']);
    expect(diagnostics.map(({ code, span }) => `${code} ${span?.file}`)).toEqual(
      ['both', 'loop', 'passwd', 'up'].map((name) => `file.unreadable policies/${name}.yaml`),
    );
    expect((await readSettingsFile(into)).diagnostics).toHaveLength(1);
  });

  test('a file that is too large has its size, and no text', async () => {
    const rig = await RemoteRig.make();
    const size = 100 * 1024 * 1024;
    await writeFile(join(rig.work, 'huge.yaml'), '');
    await truncate(join(rig.work, 'huge.yaml'), size);
    await rig.push({});
    const branch = await rig.open();
    const into = await takeOut(rig, branch);
    const found = await stat(join(into, 'huge.yaml'));
    expect(found.size).toBe(size);
    expect(found.blocks).toBeLessThan(100);
    const { diagnostics } = await readPolicyFiles(into, ['.']);
    expect(diagnostics.map(({ code }) => code)).toEqual(['file.too-large']);
  });

  test('a submodule is none of them', async () => {
    const rig = await RemoteRig.make();
    rig.git('update-index', '--add', '--cacheinfo', `160000,${rig.head()},policies/sub`);
    await writeFile(
      join(rig.work, '.gitmodules'),
      '[submodule "x"]\n\tpath = policies/sub\n\turl = ext::touch x\n',
    );
    await mkdir(join(rig.work, 'policies/sub'));
    rig.git('commit', '--quiet', '--message', 'Submodule');
    rig.git('push', '--quiet', 'origin', 'HEAD:main');
    const into = await takeOut(rig, await rig.open());
    expect(await everythingIn(await realpath(into))).toEqual(['policies/billing.yaml']);
  });
});

const ID = '5'.repeat(40);

test.each([
  '../x.yaml',
  'a/../../x.yaml',
  './x.yaml',
  'a//x.yaml',
  '/x.yaml',
  '.git/x.yaml',
  'a/.GIT/x.yaml',
  'git~1/x.yaml',
  '.git. ./x.yaml',
  '.g\u200Cit/x.yaml',
  '.git::$INDEX_ALLOCATION/x.yaml',
  'a\\..\\x.yaml',
])('a name that leads elsewhere is left out: %s', (path) => {
  expect(selectFiles(`100644 blob ${ID}\t${path}\0`, [path])).toEqual([]);
});

test.each(['.github/x.yaml', 'a.git/x.yaml', '-x.yaml', 'a\nb.yaml', '.genesys/..x.yml'])(
  'a name that is only odd is taken: %s',
  (path) => {
    expect(selectFiles(`100644 blob ${ID}\t${path}\0`, [])).toEqual([
      { path, id: ID, kind: 'file' },
    ]);
  },
);
