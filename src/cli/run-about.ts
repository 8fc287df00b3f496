/** What the journal is to keep of a run, besides what it did. */
import { hostname, userInfo } from 'node:os';
import type { RunAbout } from '../apply/ledger-entries.js';
import { checkedOutBranch, commitAuthorOf } from '../git/source.js';
import type { Source } from '../git/source.js';
import { digestOf } from '../plan/digest.js';
import { clientIdOf } from './environment.js';
import { readRunFacts } from './run-facts.js';
import type { Session } from './session.js';
import type { Workspace } from './workspace.js';

/** Why the run was started, by whom, and what was allowed for once. */
export const describeRun = async (
  { io }: Pick<Session, 'io'>,
  { root, settings, policySet }: Workspace,
  { commit }: Pick<Source, 'commit'>,
  command: string,
  overrides: RunAbout['overrides'],
): Promise<RunAbout> => {
  const facts = await readRunFacts({
    env: io.env,
    user: userOf(),
    host: hostname(),
    oauthClientId: clientIdOf(io.env),
  });
  return {
    command,
    ...facts,
    branch: facts.branch ?? (commit === null ? null : await checkedOutBranch(root)),
    commitAuthor: commit === null ? null : await commitAuthorOf(root, commit),
    settingsDigest: digestOf(settings),
    allowances: policySet.allowances
      .filter(({ until }) => until > io.clock.now())
      .map(({ name, reason, until, allows }) => ({
        name,
        reason,
        until: new Date(until).toISOString(),
        measures: allows as Readonly<Record<string, number>>,
      })),
    overrides,
  };
};

/** Who runs the process; null where the system knows no name for it. */
const userOf = (): string | null => {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
};
