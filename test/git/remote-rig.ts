/** A bare remote, a person who pushes to it, and a folder in which a daemon follows it. Gone after the test. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openRemoteBranch } from '../../src/git/remote-branch.js';
import type { RemoteBranch, RemoteBranchOptions } from '../../src/git/remote-branch.js';
import { ManualClock } from '../support/manual-clock.js';

export class RemoteRig {
  readonly base: string;
  readonly remote: string;
  /** The person's work tree. */
  readonly work: string;
  /** The daemon's folder. */
  readonly folder: string;
  readonly env: Record<string, string | undefined>;
  readonly clock = new ManualClock();

  private constructor(base: string) {
    this.base = base;
    this.remote = join(base, 'remote.git');
    this.work = join(base, 'work');
    this.folder = join(base, 'daemon', 'source');
    this.env = { PATH: process.env['PATH'], HOME: base, GIT_CONFIG_NOSYSTEM: '1' };
  }

  /** With one commit on `main`. */
  static async make(...format: readonly string[]): Promise<RemoteRig> {
    const base = await mkdtemp(join(tmpdir(), 'wrapkeeper-remote-'));
    onTestFinished(() => rm(base, { recursive: true, force: true }));
    const rig = new RemoteRig(base);
    await mkdir(rig.work);
    rig.makeRemote(...format);
    rig.git('init', '--quiet', '--initial-branch=main', ...format);
    rig.git('config', 'user.name', 'Jo Doe');
    rig.git('config', 'user.email', 'jo@example.org');
    rig.git('remote', 'add', 'origin', rig.remote);
    await rig.push({ 'policies/billing.yaml': 'first\n' });
    return rig;
  }

  makeRemote(...format: readonly string[]): void {
    this.in(this.base, [
      'init',
      '--quiet',
      '--bare',
      '--initial-branch=main',
      ...format,
      this.remote,
    ]);
    // As on the servers that people use.
    this.in(this.remote, ['config', 'uploadpack.allowFilter', 'true']);
  }

  in(folder: string, args: readonly string[], input?: string | Buffer): string {
    return execFileSync('git', [...args], {
      cwd: folder,
      env: this.env,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(input === undefined ? {} : { input }),
    }).trim();
  }

  git(...args: readonly string[]): string {
    return this.in(this.work, args);
  }

  /** What git says in the daemon's repository. */
  here(...args: readonly string[]): string {
    return this.in(join(this.folder, 'repository'), args);
  }

  async commit(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.work, path)), { recursive: true });
      await writeFile(join(this.work, path), text);
    }
    this.git('add', '--all');
    this.git('commit', '--quiet', '--message', 'Policies');
    return this.head();
  }

  async push(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
    const commit = await this.commit(files);
    this.git('push', '--quiet', '--force', 'origin', 'HEAD:main');
    return commit;
  }

  /** A person rewrites the branch from its parent on. */
  async rewrite(text = 'rewritten\n'): Promise<string> {
    this.git('reset', '--quiet', '--hard', 'HEAD~1');
    return this.push({ 'policies/billing.yaml': text });
  }

  head(): string {
    return this.git('rev-parse', 'HEAD');
  }

  /** Many commits at once, on top of the branch, as `git fast-import` makes them; pushed. */
  pushMany(count: number): string {
    const commits = Array.from(
      { length: count },
      (_, at) =>
        `commit refs/heads/main\ncommitter Jo Doe <jo@example.org> ${1_700_000_000 + at} +0000\ndata 2\nA\n${at === 0 ? `from ${this.head()}\n` : ''}M 644 inline policies/billing.yaml\ndata ${String(at).length}\n${at}\n\n`,
    );
    this.in(this.work, ['fast-import', '--quiet', '--force'], commits.join(''));
    this.git('reset', '--quiet', '--hard', 'main');
    this.git('push', '--quiet', 'origin', 'main');
    return this.head();
  }

  open(more: Partial<RemoteBranchOptions> = {}): Promise<RemoteBranch> {
    return openRemoteBranch({
      url: this.remote,
      branch: 'main',
      folder: this.folder,
      verifyCommits: 'off',
      clock: this.clock,
      env: this.env,
      timeLimitMs: 30_000,
      ...more,
    });
  }
}
