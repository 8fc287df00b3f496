import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { watchTree } from '../../src/git/watch-tree.js';
import type { TreeWatch, WatchTreeOptions } from '../../src/git/watch-tree.js';

const hasGit = spawnSync('git', ['--version']).status === 0;
const DEBOUNCE_MS = 60;
/** Nothing takes as long; a test that waits for it fails. */
const LIMIT_MS = 10_000;

/** How often everything is mixed up. */
const ROUNDS = 4;

let base = '';
let root = '';

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'wrapkeeper-watch-')));
  root = join(base, 'tree');
  onTestFinished(() => rm(base, { recursive: true, force: true }));
  await write('wrapkeeper.yaml');
  await write('policies/billing.yaml');
});

const write = async (path: string, text = 'text\n'): Promise<void> => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};
const remove = (path: string): Promise<void> => rm(join(root, path), { recursive: true });

class Watched {
  readonly watch: TreeWatch;
  readonly #changes: Changes;

  private constructor(watch: TreeWatch, changes: Changes) {
    this.watch = watch;
    this.#changes = changes;
  }

  static async from(more: Partial<WatchTreeOptions> = {}): Promise<Watched> {
    const changes = new Changes();
    const watch = await watchTree({
      root,
      paths: () => ['wrapkeeper.yaml', 'policies'],
      debounceMs: DEBOUNCE_MS,
      onChange: () => changes.add(),
      onError: (error) => changes.errors.push(error),
      ...more,
    });
    onTestFinished(() => watch.close());
    onTestFinished(() => expect(changes.errors).toEqual([]));
    return new Watched(watch, changes);
  }

  get count(): number {
    return this.#changes.count;
  }

  /** Does something, and waits until it is said to look again after that. */
  async sees(does: () => Promise<unknown>): Promise<void> {
    await does();
    await this.#changes.next(this.#changes.count);
    // Calls that came of the same are let out, so that they are not taken for the next one.
    await this.#changes.silence();
  }
}

class Changes {
  count = 0;
  readonly errors: Error[] = [];
  #waiting: (() => void)[] = [];

  add(): void {
    this.count += 1;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async next(before: number): Promise<void> {
    while (this.count <= before) await this.#wait(LIMIT_MS, true);
  }

  /** Until nothing has come for as long as a call could be on its way. */
  async silence(): Promise<void> {
    for (let seen = -1; seen !== this.count;) {
      seen = this.count;
      await this.#wait(4 * DEBOUNCE_MS, false);
    }
  }

  #wait(ms: number, fails: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => (fails ? reject(new Error('no change was seen')) : resolve()),
        ms,
      );
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** As an editor saves: beside it, and then in its place. */
const saveAtomically = async (path: string, text: string): Promise<void> => {
  await write(`${path}.tmp`, text);
  await rename(join(root, `${path}.tmp`), join(root, path));
};

test('a file is written, added, removed, and saved in one step', async () => {
  const watched = await Watched.from();
  expect(watched.count).toBe(0);
  await watched.sees(() => write('policies/billing.yaml', 'other\n'));
  await watched.sees(() => write('policies/sales.yml'));
  await watched.sees(() => remove('policies/sales.yml'));
  for (let times = 0; times < 3; times += 1)
    await watched.sees(() => saveAtomically('policies/billing.yaml', `${times}\n`));
  await watched.sees(() => saveAtomically('wrapkeeper.yaml', 'kind: Settings\n'));
  await watched.sees(() => remove('wrapkeeper.yaml'));
  await watched.sees(() => write('wrapkeeper.yaml'));
  await watched.sees(() => write('policies/billing.yaml', 'last\n'));
});

test('folders come and go, at any depth, and are watched from then on', async () => {
  const watched = await Watched.from();
  await watched.sees(() => write('policies/deep/er/sales.yaml'));
  await watched.sees(() => write('policies/deep/er/sales.yaml', 'other\n'));
  await watched.sees(() => rename(join(root, 'policies/deep'), join(root, 'policies/v1.2')));
  await watched.sees(() => write('policies/v1.2/er/sales.yaml', 'third\n'));
  await watched.sees(() => remove('policies/v1.2'));
});

test('a folder is removed, and made again at once or later', async () => {
  const watched = await Watched.from();
  for (let times = 0; times < 3; times += 1) {
    await watched.sees(async () => {
      await remove('policies');
      await write('policies/billing.yaml', `${times}\n`);
    });
    await watched.sees(() => write('policies/billing.yaml', 'other\n'));
  }
  await watched.sees(() => remove('policies'));
  await watched.sees(() => write('policies/billing.yaml'));
  await watched.sees(() => write('policies/billing.yaml', 'other\n'));
  // Another one takes its place.
  await write('next/billing.yaml', 'next\n');
  await watched.sees(async () => {
    await rename(join(root, 'policies'), join(root, 'before'));
    await rename(join(root, 'next'), join(root, 'policies'));
  });
  await watched.sees(() => write('policies/billing.yaml', 'last\n'));
});

test('folders that do not exist yet', async () => {
  await remove('policies');
  await remove('wrapkeeper.yaml');
  const watched = await Watched.from({ paths: () => ['wrapkeeper.yaml', 'genesys/prod/policies'] });
  await watched.sees(() => mkdir(join(root, 'genesys')));
  await watched.sees(() => write('genesys/prod/policies/billing.yaml'));
  await watched.sees(() => write('genesys/prod/policies/billing.yaml', 'other\n'));
  await watched.sees(() => write('wrapkeeper.yaml'));
});

test('the whole tree is removed, and comes back', async () => {
  const watched = await Watched.from();
  await watched.sees(() => rm(root, { recursive: true }));
  await watched.sees(() => write('policies/billing.yaml'));
  await watched.sees(() => write('policies/billing.yaml', 'other\n'));
  await mkdir(join(base, 'other', 'policies'), { recursive: true });
  await watched.sees(async () => {
    await rename(root, join(base, 'before'));
    await rename(join(base, 'other'), root);
  });
  await watched.sees(() => write('policies/billing.yaml', 'last\n'));
});

test('a link for the folder, for a folder in it and for a file, all of which are led elsewhere', async () => {
  await rename(join(root, 'policies'), join(root, 'one'));
  await write('two/billing.yaml');
  await write('common/shared.yaml');
  await write('outside-of-it/x.yaml');
  await symlink('one', join(root, 'policies'));
  await symlink('../common', join(root, 'one/common'));
  await symlink('../outside-of-it/x.yaml', join(root, 'two/link.yaml'));
  await symlink('..', join(root, 'two/up'));
  await symlink('/', join(root, 'two/all'));
  const watched = await Watched.from();
  await watched.sees(() => write('one/billing.yaml', 'other\n'));
  await watched.sees(() => write('common/shared.yaml', 'other\n'));
  const lead = async (to: string): Promise<void> => {
    await symlink(to, join(root, 'policies.new'));
    await rename(join(root, 'policies.new'), join(root, 'policies'));
  };
  await watched.sees(() => lead('two'));
  await watched.sees(() => write('two/billing.yaml', 'other\n'));
  await watched.sees(() => write('outside-of-it/x.yaml', 'other\n'));
  await watched.sees(() => unlink(join(root, 'policies')));
  await watched.sees(() => symlink('one', join(root, 'policies')));
  await watched.sees(() => write('one/billing.yaml', 'last\n'));
});

test.skipIf(!hasGit)('a branch with hundreds of files is switched to, and back', async () => {
  const git = (...args: string[]): void =>
    void execFileSync(
      'git',
      ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args],
      { cwd: root, stdio: 'ignore' },
    );
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'A commit');
  git('checkout', '--quiet', '-b', 'many');
  await remove('policies/billing.yaml');
  for (let at = 0; at < 400; at += 1) await write(`policies/d${at % 20}/p${at}.yaml`);
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Many');
  const watched = await Watched.from();
  await watched.sees(async () => git('checkout', '--quiet', 'main'));
  await watched.sees(() => write('policies/billing.yaml', 'other\n'));
  git('checkout', '--quiet', '--', '.');
  await watched.sees(async () => git('checkout', '--quiet', 'many'));
  await watched.sees(() => write('policies/d19/p399.yaml', 'other\n'));
});

test('what is none of it is not told', async () => {
  await write('.git/index');
  await write('.wrapkeeper/journal.jsonl');
  const watched = await Watched.from({
    paths: () => ['wrapkeeper.yaml', 'policies', '.git', '.wrapkeeper/x', '../y'],
  });
  const changes = [
    'policies/README.md',
    'policies/.hidden.yaml',
    'README.md',
    'other.yaml',
    'src/x.yaml',
    '.git/index',
    '.git/x.yaml',
    '.wrapkeeper/journal.jsonl',
    '.wrapkeeper/x/y.yaml',
  ];
  for (const path of changes) await write(path, 'other\n');
  await remove('policies/README.md');
  // What comes last is told, and so would be all that was before.
  await watched.sees(() => write('policies/billing.yaml', 'other\n'));
  expect(watched.count).toBe(1);
});

test('many changes are told once, and a stream of them now and then', async () => {
  const watched = await Watched.from();
  await watched.sees(async () => {
    for (let at = 0; at < 50; at += 1) await write(`policies/p${at}.yaml`);
  });
  expect(watched.count).toBeLessThanOrEqual(2);
  await watched.watch.close();
  const patient = await Watched.from({ debounceMs: 200 });
  const began = Date.now();
  while (patient.count === 0 && Date.now() - began < LIMIT_MS) {
    await write('policies/billing.yaml', `${Date.now()}\n`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  // It is not waited for ever until it is quiet.
  expect(patient.count).toBe(1);
});

test('after whatever happened at once, the next change is seen', async () => {
  const watched = await Watched.from();
  // Always the same: what fails once fails again.
  let state = 42;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const anyPath = (): string =>
    ['policies', 'policies/a', 'policies/a/b', 'policies/c'][random(4)] ?? 'policies';
  const acts: readonly (() => Promise<unknown>)[] = [
    () => write(`${anyPath()}/p${random(3)}.yaml`, `${random(99)}\n`),
    () => remove(anyPath()),
    () => rename(join(root, anyPath()), join(root, anyPath())),
    () => rename(join(root, 'policies'), join(root, 'elsewhere')),
    () => rename(join(root, 'elsewhere'), join(root, 'policies')),
    () => symlink(random(2) === 0 ? '../elsewhere' : '..', join(root, 'policies/c')),
    () => new Promise((resolve) => setTimeout(resolve, random(2 * DEBOUNCE_MS))),
  ];
  for (let round = 0; round < ROUNDS; round += 1) {
    await watched.sees(async () => {
      for (let times = random(40); times > 0; times -= 1)
        await acts[random(acts.length)]?.().catch(() => undefined);
      await remove('policies').catch(() => undefined);
      await write('policies/a/b/p0.yaml', `${round}\n`);
    });
    await watched.sees(() => write('policies/a/b/p0.yaml', 'other\n'));
  }
});

test('other folders may be named later', async () => {
  await write('more/sales.yaml');
  let paths = ['wrapkeeper.yaml', 'policies'];
  const watched = await Watched.from({ paths: () => paths });
  await watched.watch.rewatch();
  paths = ['wrapkeeper.yaml', 'more'];
  // What was changed before it was watched is seen, too.
  await watched.sees(() => watched.watch.rewatch());
  await watched.sees(() => write('more/sales.yaml', 'other\n'));
  const before = watched.count;
  await watched.watch.rewatch();
  await write('policies/billing.yaml', 'other\n');
  await watched.sees(() => write('more/sales.yaml', 'third\n'));
  expect(watched.count).toBe(before + 1);
});

test('once it is closed nothing is told, and nothing keeps the process alive', async () => {
  const watched = await Watched.from();
  await write('policies/billing.yaml', 'other\n');
  await watched.watch.close();
  await watched.watch.close();
  await watched.watch.rewatch();
  const before = watched.count;
  await write('policies/billing.yaml', 'third\n');
  const other = await Watched.from();
  await other.sees(() => write('policies/billing.yaml', 'fourth\n'));
  expect(watched.count).toBe(before);
  await other.watch.close();
  // Handles are let go with the next turn of the loop.
  await expect
    .poll(() => process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap'))
    .toEqual([]);
});
