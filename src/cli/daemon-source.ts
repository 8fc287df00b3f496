/** What a daemon follows: a folder, or a branch of a remote. */
import { join, resolve } from 'node:path';
import type { PolicySource } from '../daemon/policies.js';
import type { DaemonOptions } from './daemon.js';
import { folderSource, PolicyReader } from './policy-source.js';
import { findRoot } from './root.js';
import type { Session } from './session.js';

export interface OpenedSource {
  readonly source: PolicySource;
  /** Where the daemon keeps its journal and its state, and where paths of secrets begin. */
  readonly root: string;
  /** Calls back when something may have changed. */
  readonly watch: (onChange: () => void) => Promise<{ readonly close: () => Promise<void> }>;
}

/** What a daemon keeps of its own, beside the journal. */
const STATE_FOLDER = join('.wrapkeeper', 'daemon');

export const openDaemonSource = async (
  session: Session,
  { repo }: DaemonOptions,
): Promise<OpenedSource> => {
  const folder = resolve(session.folder, repo ?? '.');
  const root = await findRoot(folder);
  const config = session.config === null ? undefined : resolve(session.folder, session.config);
  const reader = new PolicyReader(session, join(root, STATE_FOLDER, 'accepted.json'));
  return {
    source: folderSource(root, config, reader, session.io.clock),
    root,
    watch: () => Promise.resolve({ close: () => Promise.resolve() }),
  };
};
