/** Where a daemon's policies come from: a folder that people work in. A branch of a remote stands in `branch-source.ts`. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../domain/clock.js';
import type { PolicySource, PolicyState, SourceLook } from '../daemon/policies.js';
import type { Revision } from '../daemon/status.js';
import { commitAuthorOf, readSource } from '../git/source.js';
import { digestOf } from '../plan/digest.js';
import type { SourceFile } from '../policy/source.js';
import { keepAccepted, recallAccepted } from './accepted-policies.js';
import type { Session } from './session.js';
import { judgeWorkspace, readWorkspaceFiles } from './workspace.js';
import type { Workspace, WorkspaceFiles } from './workspace.js';

/** A state of the policies with the files it was read from: what is kept when it is accepted. */
export interface ReadState extends PolicyState {
  readonly files: WorkspaceFiles;
  readonly workspace: Workspace;
}

/** Reads states and keeps the accepted one; for both kinds of sources. */
export class PolicyReader {
  readonly #session: Session;
  readonly #acceptedPath: string;
  /** What was read last: files that did not change are not parsed again. */
  #last: ReadState | null = null;

  constructor(session: Session, acceptedPath: string) {
    this.#session = session;
    this.#acceptedPath = acceptedPath;
  }

  /** What was read last: the settings file and the policies folders. Null before the first time. */
  get paths(): readonly string[] | null {
    return this.#last?.workspace.paths ?? null;
  }

  /** What stands in a folder, as the state of a commit. */
  async read(
    root: string,
    config: string | undefined,
    commitOf: (paths: readonly string[]) => Promise<Pick<Revision, 'commit' | 'dirty'>>,
    authorOf: (commit: string) => Promise<string | null>,
  ): Promise<ReadState> {
    const { io, sources } = this.#session;
    const files = await readWorkspaceFiles(root, config, io);
    const digest = digestOfFiles(files);
    const workspace =
      this.#last?.revision.digest === digest
        ? this.#last.workspace
        : judgeWorkspace(files, { io, sources });
    const { commit, dirty } = await commitOf(workspace.paths);
    const last = this.#last;
    const author =
      commit === null
        ? null
        : last?.revision.commit === commit
          ? last.author
          : await authorOf(commit);
    const { settings, policySet, diagnostics } = workspace;
    this.#last = {
      revision: { digest, commit, dirty },
      author,
      settings,
      policySet,
      diagnostics,
      files,
      workspace,
    };
    return this.#last;
  }

  async accepted(
    root: string,
  ): Promise<{ readonly state: PolicyState; readonly at: string } | null> {
    const kept = await recallAccepted(this.#acceptedPath, root);
    if (kept === null) return null;
    const { at, revision, author, files } = kept;
    const workspace = judgeWorkspace(files, this.#session);
    const { settings, policySet, diagnostics } = workspace;
    return {
      at,
      state: { revision, author, settings, policySet, diagnostics, files, workspace } as ReadState,
    };
  }

  async accept(state: PolicyState, at: string): Promise<void> {
    const { revision, author, files } = state as ReadState;
    await keepAccepted(this.#acceptedPath, { at, revision, author, files });
  }
}

/** A folder. */
export const folderSource = (
  root: string,
  config: string | undefined,
  reader: PolicyReader,
  clock: Clock,
): PolicySource => ({
  kind: 'folder',
  location: root,
  branch: null,
  look: async (): Promise<SourceLook> => {
    if (!(await isFolder(root)))
      return { kind: 'unreachable', message: 'The folder is not there.' };
    if (await staysInMotion(root, clock))
      return { kind: 'unreachable', message: 'git is writing the folder at this moment.' };
    const state = await reader.read(
      root,
      config,
      (paths) => readSource(root, paths),
      (commit) => commitAuthorOf(root, commit),
    );
    return { kind: 'seen', state };
  },
  accepted: () => reader.accepted(root),
  accept: (state, at) => reader.accept(state, at),
});

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** While git writes a work tree it holds this lock: half of a branch is no state of it. */
const isInMotion = (root: string, now: number): Promise<boolean> =>
  stat(join(root, '.git', 'index.lock')).then(
    ({ mtimeMs }) => Math.abs(now - mtimeMs) < LOCK_LEFT_BEHIND_MS,
    () => false,
  );

/** Waits for git, but not for long. */
const staysInMotion = async (root: string, clock: Clock): Promise<boolean> => {
  for (let waits = 0; await isInMotion(root, clock.now()); waits += 1) {
    if (waits === MOST_WAITS) return true;
    await clock.sleep(WAIT_MS);
  }
  return false;
};

const WAIT_MS = 250;
const MOST_WAITS = 20;
/** A lock that is older was left behind. */
const LOCK_LEFT_BEHIND_MS = 60_000;

const digestOfFiles = ({ settings, policies }: WorkspaceFiles): string =>
  digestOf({
    settings: settings.file === null ? null : linesOf(settings.file),
    policies: policies.files.map(linesOf),
    // What cannot be read is a state, too.
    unread: [...settings.diagnostics, ...policies.diagnostics].map(({ message }) => message),
  });

const linesOf = ({ path, text }: SourceFile): readonly string[] => [path, text];
