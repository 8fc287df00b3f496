import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepAccepted, recallAccepted } from '../../src/cli/accepted-policies.js';
import type { AcceptedFiles } from '../../src/cli/accepted-policies.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wrapkeeper-accepted-'));
  path = join(folder, 'deep', 'accepted.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const accepted = (commit: string): AcceptedFiles => ({
  at: '2026-11-23T09:00:00.000Z',
  revision: { digest: 'sha256:1', commit, dirty: false },
  author: 'Jo Doe <jo@example.org>',
  files: {
    root: '/somewhere/else',
    settingsPath: '/somewhere/else/wrapkeeper.yaml',
    settings: { file: { path: 'wrapkeeper.yaml', text: 'kind: Settings\n' }, diagnostics: [] },
    policies: {
      files: [{ path: 'policies/ä.yaml', text: 'kind: QueuePolicy # ü\n' }],
      diagnostics: [],
    },
  },
});

describe('the policies accepted last', () => {
  it('are recalled as they were kept, for the root of now', async () => {
    expect(await recallAccepted(path, '/root')).toBeNull();
    await keepAccepted(path, accepted('c1'));
    const recalled = await recallAccepted(path, '/root');
    expect(recalled).toMatchObject({
      revision: { commit: 'c1' },
      author: 'Jo Doe <jo@example.org>',
      files: {
        root: '/root',
        settings: { file: { text: 'kind: Settings\n' } },
        policies: { files: [{ path: 'policies/ä.yaml', text: 'kind: QueuePolicy # ü\n' }] },
      },
    });
  });

  it('replace those before, and leave nothing beside them', async () => {
    await keepAccepted(path, accepted('c1'));
    await keepAccepted(path, accepted('c2'));
    expect((await recallAccepted(path, '/root'))?.revision.commit).toBe('c2');
    expect(await readdir(join(folder, 'deep'))).toEqual(['accepted.json']);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, 40)],
    ['empty', () => ''],
    ['of another format', (text: string) => text.replace('"format":1', '"format":2')],
    ['no object', () => 'null'],
  ])('that are %s are told, and not taken for none', async (_, spoil) => {
    await keepAccepted(path, accepted('c1'));
    await writeFile(path, spoil(await readFile(path, 'utf8')));
    await expect(recallAccepted(path, '/root')).rejects.toMatchObject({ code: 'daemon.state' });
  });

  it('that cannot be kept are told', async () => {
    await writeFile(join(folder, 'deep'), 'a file');
    await expect(keepAccepted(path, accepted('c1'))).rejects.toMatchObject({
      code: 'daemon.state',
    });
  });
});
