/** The people who write policies: a clone of the remote, what they push, and what each of their commits means. */
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { filesOf, FIRST_WISH, SECRETS } from './wishes.js';
import type { Wish } from './wishes.js';

const run = promisify(execFile);

/** What may be done with a commit. */
export interface Revision {
  readonly commit: string;
  /** null: it is broken, and says nothing. */
  readonly wish: Wish | null;
  /**
   * `valid`: it may be enforced. `guarded`: once somebody lets its plan through. `never`: it is broken, or stands
   * on a branch that was rewritten.
   */
  readonly may: 'valid' | 'guarded' | 'never';
}

export class Authors {
  /** The bare repository, where it lies while it can be reached. */
  readonly remote: string;
  readonly revisions = new Map<string, Revision>();
  readonly #base: string;
  readonly #receiver: string;
  readonly #env: Readonly<Record<string, string>>;
  #head: Revision | null = null;
  /** What the last good commit wants. */
  #wish: Wish = FIRST_WISH;
  pushes = 0;

  private constructor(base: string, receiver: string) {
    this.#base = base;
    this.#receiver = receiver;
    this.remote = join(base, 'remote.git');
    this.#env = { PATH: process.env['PATH'] ?? '', HOME: base, GIT_CONFIG_NOSYSTEM: '1' };
  }

  /** A remote whose branch `main` holds the first wish. */
  static async begin(base: string, receiver: string): Promise<Authors> {
    const authors = new Authors(base, receiver);
    await authors.#git(base, 'init', '--quiet', '--bare', '--initial-branch=main', authors.remote);
    await authors.#git(authors.remote, 'config', 'uploadpack.allowFilter', 'true');
    await authors.#git(authors.remote, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    await authors.#git(base, 'clone', '--quiet', `file://${authors.remote}`, authors.clone);
    await authors.#git(authors.clone, 'checkout', '--quiet', '-B', 'main');
    // Two, so that the last one can be taken back at any time.
    await authors.wants(FIRST_WISH);
    await authors.wants(FIRST_WISH);
    return authors;
  }

  get clone(): string {
    return join(this.#base, 'clone');
  }

  get wish(): Wish {
    return this.#wish;
  }

  get head(): Revision {
    if (this.#head === null) throw new Error('nothing was committed yet');
    return this.#head;
  }

  /** Commits and pushes what is wanted from now on. */
  async wants(wish: Wish, may: 'valid' | 'guarded' = 'valid'): Promise<Revision> {
    const revision = await this.#commit(filesOf(wish, { receiver: this.#receiver }), { wish, may });
    if (may === 'valid') this.#wish = wish;
    await this.#push();
    return revision;
  }

  /** Commits and pushes something that is no policy. */
  async breaks(): Promise<Revision> {
    const files = filesOf(this.#wish, { receiver: this.#receiver });
    const broken = { ...files, 'policies/sales.yaml': 'kind: QueuePolicy\nspec: [unfinished\n' };
    const revision = await this.#commit(broken, { wish: null, may: 'never' });
    await this.#push();
    return revision;
  }

  /** Puts another commit in the place of the last one, with force, and gives back how to put the last one back. */
  async rewrites(wish: Wish): Promise<() => Promise<void>> {
    const lost = this.head;
    await this.#git(this.clone, 'reset', '--quiet', '--hard', 'HEAD~1');
    await this.#commit(filesOf(wish, { receiver: this.#receiver }), { wish, may: 'never' });
    await this.#push('--force');
    return async () => {
      await this.#git(this.clone, 'reset', '--quiet', '--hard', lost.commit);
      this.#head = lost;
      await this.#push('--force');
    };
  }

  /** Takes the remote away, and gives back how to bring it back. */
  async hides(): Promise<() => Promise<void>> {
    await rename(this.remote, `${this.remote}.gone`);
    return () => rename(`${this.remote}.gone`, this.remote);
  }

  async #commit(
    files: Readonly<Record<string, string>>,
    about: Omit<Revision, 'commit'>,
  ): Promise<Revision> {
    await rm(join(this.clone, 'policies'), { recursive: true, force: true });
    for (const [path, text] of Object.entries({ ...files, README: `${this.revisions.size}\n` })) {
      await mkdir(dirname(join(this.clone, path)), { recursive: true });
      await writeFile(join(this.clone, path), text);
    }
    await this.#git(this.clone, 'add', '--all');
    await this.#git(this.clone, 'commit', '--quiet', '--message', 'Policies');
    const commit = await this.#git(this.clone, 'rev-parse', 'HEAD');
    const revision = { commit, ...about };
    this.revisions.set(commit, revision);
    this.#head = revision;
    return revision;
  }

  async #push(...options: readonly string[]): Promise<void> {
    await this.#git(this.clone, 'push', '--quiet', ...options, 'origin', 'HEAD:refs/heads/main');
    this.pushes += 1;
  }

  async #git(cwd: string, ...args: readonly string[]): Promise<string> {
    const who = ['-c', 'user.name=Jo Doe', '-c', 'user.email=jo@example.org'];
    const { stdout } = await run('git', [...who, ...args], { cwd, env: this.#env });
    return stdout.trimEnd();
  }
}

/** What GitHub sends after a push. */
export const announcement = (): {
  readonly body: string;
  readonly headers: Record<string, string>;
} => {
  const body = JSON.stringify({ ref: 'refs/heads/main' });
  const hmac = createHmac('sha256', SECRETS.GIT_SECRET).update(body).digest('hex');
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-hub-signature-256': `sha256=${hmac}`,
    },
  };
};
