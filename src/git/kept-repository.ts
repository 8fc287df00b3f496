/**
 * A bare repository of our own that is kept over restarts. Of each commit it holds the files and no history, so
 * that an ordinary `git gc` can throw away all that is not followed any more. Whatever state a killed process or a
 * broken disk leaves it in, the next look makes it usable, or makes another one.
 */
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { REMOTE } from './remote-git.js';
import type { RemoteGit, RepositoryGit } from './remote-git.js';
import { GitFailure } from './run-git.js';
import { NoAnswer } from './time-limit.js';

/** The commit at the tip of the remote, when it was fetched last. */
const TIP_REF = 'refs/wrapkeeper/tip';
/** The commit whose policies are enforced: its files stay here. */
const ACCEPTED_REF = 'refs/wrapkeeper/accepted';

/** Every fetch leaves one. */
const MAX_PACKS = 20;

export class KeptRepository {
  readonly #folder: string;
  readonly #branch: string;
  /** Something failed in it, or nobody has looked yet. */
  #isClean = false;
  /** It cannot be relied on: the next one to fetch makes another. */
  #isSuspect = false;

  constructor(folder: string, branch: string) {
    this.#folder = folder;
    this.#branch = branch;
  }

  in(git: RemoteGit): RepositoryGit {
    return git.in(join(this.#folder, 'repository'));
  }

  /** What was read of it made no sense. */
  suspect(): void {
    this.#isSuspect = true;
  }

  /**
   * Gets a commit that the remote has just shown, unless it is here.
   *
   * @param accepted is looked for, too, where the repository has to be made anew
   * @returns the commit at the tip now: it may have moved meanwhile
   * @throws GitFailure; AppError `cli.interrupted`
   */
  async bring(git: RemoteGit, advertised: string, accepted: string | null): Promise<string> {
    await this.#clean();
    if (!this.#isSuspect && (await this.#exists())) {
      const here = this.in(git);
      try {
        if ((await refsOf(here)).get(TIP_REF) === advertised) return advertised;
        const tip = await this.#fetch(here);
        await this.#tidy(here);
        return tip;
      } catch (error) {
        this.#isClean = false;
        // The remote has answered a moment ago: perhaps it is the repository that fails.
        if (!(error instanceof GitFailure) || error instanceof NoAnswer) throw error;
      }
    }
    return this.#make(git, advertised, accepted);
  }

  /**
   * Keeps the files of a commit that is here, whatever the remote does.
   *
   * @throws GitFailure where it is not here
   */
  async keep(git: RemoteGit, commit: string): Promise<void> {
    await this.#clean();
    await point(this.in(git), commit);
  }

  /** The commit that is kept, or null where none is, or nobody can tell. */
  async kept(git: RemoteGit): Promise<string | null> {
    await this.#clean();
    if (!(await this.#exists())) return null;
    try {
      return (await refsOf(this.in(git))).get(ACCEPTED_REF) ?? null;
    } catch (error) {
      if (error instanceof GitFailure) return null;
      throw error;
    }
  }

  async #fetch(here: RepositoryGit): Promise<string> {
    await here.speak(shallowFetch(REMOTE, `+refs/heads/${this.#branch}:${TIP_REF}`));
    return (await here.run(['rev-parse', '--verify', TIP_REF])).trim();
  }

  /** The other one goes when this one has what it needs. */
  async #make(git: RemoteGit, advertised: string, accepted: string | null): Promise<string> {
    const path = join(this.#folder, 'repository.new');
    await rm(path, { recursive: true, force: true });
    const made = git.in(path);
    await initialize(made, advertised);
    const tip = await this.#fetch(made);
    if (accepted !== null) await carryOver(this.in(git), made, accepted);
    const repository = join(this.#folder, 'repository');
    const old = join(this.#folder, 'repository.old');
    if (await this.#exists()) await rename(repository, old);
    await rename(path, repository);
    await rm(old, { recursive: true, force: true });
    this.#isSuspect = false;
    return tip;
  }

  /** Drops what neither ref holds. */
  async #tidy(here: RepositoryGit): Promise<void> {
    const packs = (await readdir(join(here.path, 'objects', 'pack'))).filter((name) =>
      name.endsWith('.pack'),
    );
    if (packs.length > MAX_PACKS)
      // Nobody else writes here, so that nothing needs to be left alone for a while.
      await here.run(['gc', '--quiet', '--prune=now']);
  }

  /** Takes away what a killed process has left: half a pack, a lock that nobody holds, half a move. */
  async #clean(): Promise<void> {
    if (this.#isClean) return;
    const repository = join(this.#folder, 'repository');
    const old = join(this.#folder, 'repository.old');
    if (!(await this.#exists())) await rename(old, repository).catch(() => undefined);
    await rm(old, { recursive: true, force: true });
    await rm(join(this.#folder, 'repository.new'), { recursive: true, force: true });
    await removeLeftovers(repository);
    this.#isClean = true;
  }

  async #exists(): Promise<boolean> {
    return (await stat(join(this.#folder, 'repository')).catch(() => null)) !== null;
  }
}

/**
 * Makes an empty bare repository, for ids as long as this one. Without a template there are no hooks.
 *
 * @throws GitFailure
 */
export const initialize = async (made: RepositoryGit, id: string): Promise<void> => {
  const format = id.length === 64 ? 'sha256' : 'sha1';
  await made.run(['init', '--quiet', '--bare', '--template=', `--object-format=${format}`]);
};

/**
 * Removes the locks and the half packs below a repository.
 *
 * @throws an error of the file system, other than that it does not exist
 */
export const removeLeftovers = async (repository: string): Promise<void> => {
  const names = await readdir(repository, { recursive: true }).catch(() => []);
  for (const name of names)
    if (/\.lock$|(?:^|[/\\])tmp_[^/\\]+$/.test(name))
      await rm(join(repository, name), { recursive: true, force: true });
};

/** The files of a commit, and no history. */
const shallowFetch = (from: string, refspec: string): readonly string[] => [
  'fetch',
  '--quiet',
  '--depth=1',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
  '--update-shallow',
  from,
  refspec,
];

const refsOf = async (here: RepositoryGit): Promise<ReadonlyMap<string, string>> => {
  const list = await here.run(['for-each-ref', '--format=%(refname) %(objectname)']);
  return new Map(
    list
      .split('\n')
      .filter((line) => line !== '')
      .map((line): [string, string] => {
        const [name = '', id = ''] = line.split(' ');
        return [name, id];
      }),
  );
};

/** Nothing but zeros would remove the ref. */
const point = async (here: RepositoryGit, commit: string): Promise<void> => {
  await here.run(['rev-parse', '--verify', '--quiet', `${commit}^{commit}`]);
  await here.run(['update-ref', ACCEPTED_REF, commit]);
};

/** From a repository that may be broken, or from the remote, which need not show it. Where neither has it, it is lost. */
const carryOver = async (from: RepositoryGit, to: RepositoryGit, commit: string): Promise<void> => {
  const ways = [
    () => point(to, commit),
    () => to.speak(shallowFetch(from.path, `${ACCEPTED_REF}:${ACCEPTED_REF}`)),
    () => to.speak(shallowFetch(REMOTE, `${commit}:${ACCEPTED_REF}`)),
  ];
  for (const way of ways)
    try {
      await way();
      return;
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
    }
};
