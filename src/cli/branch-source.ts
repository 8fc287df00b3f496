/** A branch of a remote, as a daemon follows it. */
import { join } from 'node:path';
import type { PolicySource, SourceLook } from '../daemon/policies.js';
import { AppError } from '../domain/errors.js';
import { openRemoteBranch } from '../git/remote-branch.js';
import type { RemoteBranch } from '../git/remote-branch.js';
import type { Settings } from '../policy/settings.js';
import type { PolicyReader, ReadState } from './policy-source.js';
import type { Session } from './session.js';

/** A remote that does not answer is no reason to wait for long: there is another look in a minute. */
const GIT_ANSWERS_WITHIN_MS = 60_000;

export interface BranchSourceOptions {
  readonly url: string;
  readonly branch: string;
  /** Where the copy of the branch and its files are kept. Absolute. */
  readonly folder: string;
  /** `--config`, relative to the repository, or null. */
  readonly config: string | null;
  /** A commit from which on a rewritten branch is to be followed, or null. */
  readonly adopt: string | null;
  readonly reader: PolicyReader;
}

/**
 * Prepares to follow it. Whether commits must be signed is what the settings that were accepted last say: whoever
 * can push cannot switch it off.
 *
 * @throws AppError `source.unusable`
 */
export const branchSource = async (
  { io }: Session,
  { url, branch, folder, config, adopt, reader }: BranchSourceOptions,
): Promise<PolicySource> => {
  const files = join(folder, 'files');
  const named = config === null ? [] : [config];
  let verifies: Settings['daemon']['verifyCommits'] =
    (await reader.accepted(files))?.state.settings.daemon.verifyCommits ?? 'off';
  const open = async (): Promise<RemoteBranch> =>
    openRemoteBranch({
      url,
      branch,
      folder: join(folder, 'repository'),
      verifyCommits: verifies,
      lastAccepted: (await reader.accepted(files))?.state.revision.commit ?? null,
      clock: io.clock,
      env: io.env,
      timeLimitMs: GIT_ANSWERS_WITHIN_MS,
      signal: io.signal,
    });
  let remote = await open();
  if (adopt !== null) await remote.follow(adopt);
  let checkedOut: string | null = null;

  const read = async (commit: string, author: string | null): Promise<ReadState> => {
    if (checkedOut !== commit) {
      await remote.checkOut(commit, files, named);
      checkedOut = commit;
    }
    return reader.read(
      files,
      config === null ? undefined : join(files, config),
      () => Promise.resolve({ commit, dirty: false }),
      () => Promise.resolve(author),
    );
  };

  return {
    kind: 'remote',
    location: remote.location,
    branch,
    look: async (): Promise<SourceLook> => {
      const look = await remote.look();
      if (look.kind !== 'at') {
        const remedy =
          look.kind === 'rewritten'
            ? ` Restore the branch, or start the daemon with --adopt ${look.commit} to follow it from there.`
            : '';
        return { kind: look.kind, message: `${look.why}${remedy}` };
      }
      try {
        return { kind: 'seen', state: await read(look.commit, look.author) };
      } catch (error) {
        if (!(error instanceof AppError) || error.code === 'cli.interrupted') throw error;
        checkedOut = null;
        return { kind: 'unreachable', message: error.message };
      }
    },
    accepted: () => reader.accepted(files),
    accept: async (state, at) => {
      await reader.accept(state, at);
      if (state.revision.commit !== null) await remote.accept(state.revision.commit);
      if (state.settings.daemon.verifyCommits === verifies) return;
      verifies = state.settings.daemon.verifyCommits;
      remote = await open();
    },
  };
};
