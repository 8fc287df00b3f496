import { chmod, link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPolicyFiles, readSettingsFile } from '../../src/git/policy-files.js';

let base = '';
let root = '';

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'wrapkeeper-'));
  root = join(base, 'repository');
  await mkdir(join(root, 'policies'), { recursive: true });
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

const write = async (path: string, content: string | Uint8Array): Promise<void> => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
};

const read = async (...folders: string[]) => {
  const { files, diagnostics } = await readPolicyFiles(
    root,
    folders.length > 0 ? folders : ['policies'],
  );
  return {
    paths: files.map(({ path }) => path),
    texts: files.map(({ text }) => text),
    found: diagnostics.map(({ code, span }) => `${code} ${span?.file ?? '-'}`),
    diagnostics,
  };
};

describe('policy files', () => {
  it('are all *.yaml and *.yml below the folders, sorted, with forward slashes', async () => {
    for (const path of [
      'b.yaml',
      'a.yml',
      'sub/deep/c.YAML',
      'sub/d.yaml',
      'notes.md',
      'x.yaml.bak',
      '.hidden.yaml',
      '.git/e.yaml',
    ]) {
      await write(`policies/${path}`, 'x');
    }
    await write('elsewhere/f.yaml', 'x');
    expect(await read()).toMatchObject({
      paths: [
        'policies/a.yml',
        'policies/b.yaml',
        'policies/sub/d.yaml',
        'policies/sub/deep/c.YAML',
      ],
      found: [],
    });
  });

  it('are read once, however often their folder is named', async () => {
    await write('policies/sub/a.yaml', 'x');
    expect(
      (await read('policies', 'policies/sub', './policies/', 'policies/sub/a.yaml')).paths,
    ).toEqual(['policies/sub/a.yaml']);
    expect((await read('.')).paths).toEqual(['policies/sub/a.yaml']);
  });

  it('are UTF-8, and lose their byte order mark', async () => {
    await write('policies/a.yaml', '\uFEFFname: Réclamation');
    await write('policies/latin1.yaml', Buffer.from('name: R\u00E9', 'latin1'));
    await write('policies/utf16.yaml', Buffer.from('\uFEFFname: a', 'utf16le'));
    await write('policies/utf16be.yaml', Buffer.from([0, 0x61, 0, 0x3a]));
    const { texts, found, diagnostics } = await read();
    expect(texts).toEqual(['name: Réclamation']);
    expect(found).toEqual([
      'file.not-utf8 policies/latin1.yaml',
      'file.not-utf8 policies/utf16.yaml',
      'file.not-utf8 policies/utf16be.yaml',
    ]);
    expect(diagnostics.map(({ message }) => message.includes('UTF-16'))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('are measured before they are read', async () => {
    await write('policies/a.yaml', new Uint8Array(1_048_577).fill(0x23));
    await write('policies/b.yaml', new Uint8Array(1_048_576).fill(0x23));
    const { paths, found, diagnostics } = await read();
    expect(paths).toEqual(['policies/b.yaml']);
    expect(found).toEqual(['file.too-large policies/a.yaml']);
    expect(diagnostics[0]?.message).toContain('1,048,577 bytes; the limit is 1,048,576');
  });

  it('may be linked inside the repository, and are then read once', async () => {
    await write('shared/common.yaml', 'x');
    await write('policies/a.yaml', 'x');
    await symlink('../shared', join(root, 'policies', '0-shared'));
    await symlink('a.yaml', join(root, 'policies', '0-a.yaml'));
    await symlink('../shared/common.yaml', join(root, 'policies', 'z.yaml'));
    expect(await read()).toMatchObject({
      paths: ['policies/0-shared/common.yaml', 'policies/a.yaml'],
      found: [],
    });
  });

  it('are not looked for outside of it', async () => {
    await mkdir(join(base, 'outside'));
    await writeFile(join(base, 'outside', 'secret.yaml'), 'x');
    await mkdir(join(base, 'repository-2'));
    await write('policies/a.yaml', 'x');
    await symlink('../../outside', join(root, 'policies', 'folder'));
    await symlink('../../outside/secret.yaml', join(root, 'policies', 'file.yaml'));
    await symlink('../../repository-2', join(root, 'policies', 'sibling'));
    expect(await read('policies', '../outside')).toMatchObject({
      paths: ['policies/a.yaml'],
      found: [
        'file.outside ../outside',
        'file.outside policies/file.yaml',
        'file.outside policies/folder',
        'file.outside policies/sibling',
      ],
    });
  });

  it('are found although links run in circles', async () => {
    await write('policies/sub/a.yaml', 'x');
    await symlink('..', join(root, 'policies', 'sub', 'up'));
    await symlink('.', join(root, 'policies', 'self'));
    await symlink('loop.yaml', join(root, 'policies', 'loop.yaml'));
    await symlink('nowhere.yaml', join(root, 'policies', 'broken.yaml'));
    const { paths, found, diagnostics } = await read();
    expect(paths).toEqual(['policies/sub/a.yaml']);
    expect(found).toEqual([
      'file.unreadable policies/broken.yaml',
      'file.unreadable policies/loop.yaml',
    ]);
    expect(diagnostics[1]?.message).toBe('The link leads back to itself: `policies/loop.yaml`.');
  });

  it('are ordinary files', async () => {
    await mkdir(join(root, 'policies', 'folder.yaml'));
    await write('policies/folder.yaml/a.yaml', 'x');
    await link(join(root, 'policies/folder.yaml/a.yaml'), join(root, 'policies', 'hard.yaml'));
    const server = createServer().listen(join(root, 'policies', 'socket.yaml'));
    await once(server, 'listening');
    const found = await read();
    server.close();
    expect(found).toMatchObject({
      paths: ['policies/folder.yaml/a.yaml', 'policies/hard.yaml'],
      found: ['file.unreadable policies/socket.yaml'],
    });
  });

  it.skipIf(process.getuid?.() === 0)(
    'are told where permissions forbid to read them',
    async () => {
      await write('policies/a.yaml', 'x');
      await write('policies/sub/b.yaml', 'x');
      await chmod(join(root, 'policies', 'a.yaml'), 0);
      await chmod(join(root, 'policies', 'sub'), 0);
      const { found } = await read();
      await chmod(join(root, 'policies', 'sub'), 0o700);
      expect(found).toEqual(['file.unreadable policies/sub', 'file.unreadable policies/a.yaml']);
    },
  );

  it('are missed where there are none', async () => {
    await write('policies/notes.md', 'x');
    const { found, diagnostics } = await read('policies', 'policies');
    expect(found).toEqual(['file.no-policies -']);
    expect(diagnostics[0]?.message).toContain('`policies`');
    const misspelt = await read('polices');
    expect(misspelt.found).toEqual(['file.unreadable polices']);
    expect(misspelt.diagnostics[0]?.remedy).toContain('`wrapkeeper init`');
    expect((await readPolicyFiles(join(base, 'nowhere'), ['policies'])).diagnostics).toMatchObject([
      { code: 'file.unreadable' },
    ]);
  });
});

describe('the settings file', () => {
  it('may be absent, unless it was named', async () => {
    expect(await readSettingsFile(root)).toEqual({ file: null, diagnostics: [] });
    expect(await readSettingsFile(root, 'prod.yaml')).toMatchObject({
      file: null,
      diagnostics: [{ code: 'file.unreadable', span: { file: 'prod.yaml' } }],
    });
  });

  it('is read by its usual name, or by the one that was given', async () => {
    await write('wrapkeeper.yaml', 'usual');
    await write('orgs/prod.yaml', 'prod');
    expect(await readSettingsFile(root)).toMatchObject({
      file: { path: 'wrapkeeper.yaml', text: 'usual' },
    });
    for (const path of ['orgs/prod.yaml', join(root, 'orgs', 'prod.yaml')]) {
      expect(await readSettingsFile(root, path)).toMatchObject({
        file: { path: 'orgs/prod.yaml', text: 'prod' },
      });
    }
  });

  it('is held to the same limits as policies', async () => {
    await write('wrapkeeper.yaml', new Uint8Array(1_048_577));
    await mkdir(join(root, 'folder.yaml'));
    await symlink('nowhere', join(root, 'link.yaml'));
    expect((await readSettingsFile(root)).diagnostics).toMatchObject([{ code: 'file.too-large' }]);
    expect((await readSettingsFile(root, 'folder.yaml')).diagnostics).toMatchObject([
      { code: 'file.unreadable' },
    ]);
    expect((await readSettingsFile(root, 'link.yaml')).diagnostics).toMatchObject([
      { code: 'file.unreadable' },
    ]);
  });
});
