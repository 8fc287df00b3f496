/** A repository with policies on a bare remote, and clones of it, as runners have them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { JournalRecord } from '../../src/domain/journal.js';

export const BRANCH = 'wrapkeeper-journal';

const MAX_BYTES = 64 * 1024 * 1024;
const SEGMENT = /^journal\.\d{12}\.jsonl$/;

/** A bare repository that refuses force, and everything around it. Gone after the test. */
export class Remote {
  readonly base: string;
  /** Where it lies while it can be reached. */
  readonly path: string;
  readonly #env: Readonly<Record<string, string>>;
  #clones = 0;

  private constructor(base: string) {
    this.base = base;
    this.path = join(base, 'remote.git');
    this.#env = { PATH: process.env['PATH'] ?? '', HOME: base, GIT_CONFIG_NOSYSTEM: '1' };
  }

  /** With these files on its branch `main`. */
  static async with(files: Readonly<Record<string, string>>): Promise<Remote> {
    const base = await mkdtemp(join(tmpdir(), 'wrapkeeper-clones-'));
    onTestFinished(() => rm(base, { recursive: true, force: true }));
    const remote = new Remote(base);
    await mkdir(remote.temporary);
    remote.in(base, 'init', '--quiet', '--bare', '--initial-branch=main', remote.path);
    remote.git('config', 'receive.denyNonFastForwards', 'true');
    remote.git('config', 'receive.denyDeletes', 'true');
    // As on the servers that people use.
    remote.git('config', 'uploadpack.allowFilter', 'true');
    remote.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
    const seed = remote.clone();
    await remote.commit(seed, files);
    return remote;
  }

  /** For TMPDIR: what a run leaves behind shows here. */
  get temporary(): string {
    return join(this.base, 'tmp');
  }

  /** What git prints in a folder. */
  in(folder: string, ...args: readonly string[]): string {
    return this.#run(folder, args, '');
  }

  /** What git prints in the bare repository. */
  git(...args: readonly string[]): string {
    return this.#run(this.path, args, '');
  }

  /** The same, with something to read for it. */
  feed(input: string, ...args: readonly string[]): string {
    return this.#run(this.path, args, input);
  }

  #run(cwd: string, args: readonly string[], input: string): string {
    const who = ['-c', 'user.name=Jo Doe', '-c', 'user.email=jo@example.org'];
    return execFileSync('git', [...who, ...args], {
      cwd,
      input,
      env: this.#env,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: MAX_BYTES,
    }).trimEnd();
  }

  /** A fresh clone over file://, as `actions/checkout` makes one where told so. */
  clone(...options: readonly string[]): string {
    this.#clones += 1;
    const folder = join(this.base, `clone-${this.#clones}`);
    this.in(this.base, 'clone', '--quiet', ...options, `file://${this.path}`, folder);
    return folder;
  }

  /** Commits files in a clone, and pushes. */
  async commit(
    clone: string,
    files: Readonly<Record<string, string>>,
    branch = 'main',
  ): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(clone, path)), { recursive: true });
      await writeFile(join(clone, path), text);
    }
    this.in(clone, 'add', '--all');
    this.in(clone, 'commit', '--quiet', '--message', 'Policies');
    this.in(clone, 'push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
  }

  has(branch: string): boolean {
    return this.git('branch', '--list', branch) !== '';
  }

  /** The names of the files of the journal's branch. */
  names(at = BRANCH): readonly string[] {
    return this.git('ls-tree', '--name-only', at).split('\n');
  }

  /** How many commits the journal's branch has. */
  commits(): number {
    return Number(this.git('rev-list', '--count', BRANCH));
  }

  /** All records on the journal's branch, or at one of its commits. */
  records(at = BRANCH): readonly JournalRecord[] {
    return this.names(at)
      .filter((name) => SEGMENT.test(name))
      .flatMap((name) => this.git('cat-file', 'blob', `${at}:${name}`).split('\n'))
      .map((line) => JSON.parse(line) as JournalRecord);
  }

  /** The files of the journal's branch, taken out into a folder. */
  async takeOut(): Promise<string> {
    const folder = await mkdtemp(join(this.base, 'out-'));
    for (const name of this.names())
      await writeFile(
        join(folder, name),
        execFileSync('git', ['cat-file', 'blob', `${BRANCH}:${name}`], {
          cwd: this.path,
          env: this.#env,
          maxBuffer: MAX_BYTES,
        }),
      );
    return folder;
  }

  /** All that must stay as it is in a person's clone. */
  async stateOf(clone: string): Promise<unknown> {
    return {
      status: this.in(clone, 'status', '--porcelain', '--branch'),
      head: this.in(clone, 'rev-parse', 'HEAD'),
      refs: this.in(clone, 'for-each-ref'),
      objects: this.in(clone, 'count-objects', '--verbose'),
      isShallow: this.in(clone, 'rev-parse', '--is-shallow-repository'),
      config: readFileSync(join(clone, '.git', 'config'), 'utf8'),
      index: readFileSync(join(clone, '.git', 'index')).toString('base64'),
      files: (await readdir(clone)).sort(),
    };
  }
}
