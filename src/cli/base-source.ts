/** `--base`: the policies and settings that a branch is compared with. What is wrong with them stops nobody. */
import { resolve } from 'node:path';
import { warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { quote } from '../domain/text.js';
import { withBaseFiles } from '../git/base-files.js';
import type { BaseFiles } from '../git/base-files.js';
import type { BasePolicies } from '../plan/compare-base.js';
import { parseSettings } from '../policy/parse-settings.js';
import type { Session } from './session.js';
import { readWorkspaceAt } from './workspace.js';
import type { Workspace } from './workspace.js';

/** A base, and what a person should know of it. */
export interface ReadBase {
  readonly base: BasePolicies;
  /** Warnings. */
  readonly findings: readonly Diagnostic[];
}

type Reader = Pick<Session, 'io' | 'config' | 'folder'>;

/**
 * Reads the base from git, judged as of now.
 *
 * @throws AppError as {@link withBaseFiles}, but for what is wrong with the policies themselves
 */
export const readBase = async (
  { io, config, folder }: Reader,
  { root }: Pick<Workspace, 'root'>,
  ref: string,
): Promise<ReadBase> => {
  const request = {
    root,
    config: config === null ? undefined : resolve(folder, config),
    ref,
    env: io.env,
    clock: io.clock,
    signal: io.signal,
  };
  return withBaseFiles(request, (files) => judgeBase(ref, files, io.clock.now()));
};

/** What the files of a base say, judged at an instant (milliseconds since the epoch). */
export const judgeBase = async (ref: string, files: BaseFiles, now: number): Promise<ReadBase> => {
  const { commit, diverged, unusable } = files;
  const { fault, ...read } = unusable === null ? await judge(files, now) : unread(unusable);
  return {
    base: { ref, commit, ...read },
    findings: [
      ...(fault === null ? [] : [broken(ref, commit, fault)]),
      ...(diverged === true ? [divergedFrom(ref)] : []),
    ],
  };
};

interface Judged extends Pick<BasePolicies, 'policySet' | 'settings'> {
  /** What is wrong, in a sentence. */
  readonly fault: string | null;
}

const unread = (fault: string): Judged => ({ policySet: null, settings: null, fault });

const judge = async (files: BaseFiles, now: number): Promise<Judged> => {
  const io = { clock: { now: () => now, sleep: () => Promise.resolve() }, env: {} };
  if (files.root === null) {
    // There are no policies yet: nothing is governed.
    const { settings } = parseSettings(null, { now, ci: false });
    return { policySet: { policies: [], catalogs: [], allowances: [] }, settings, fault: null };
  }
  // Texts of the base are shown to nobody: in a snippet they would look like those of the branch.
  const read = await readWorkspaceAt(files.root, files.config, { io, sources: new Map() });
  const { policySet, settings } = read;
  const errors = read.diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined || hasNoPolicies(read)) return { policySet, settings, fault: null };
  // Settings that are not valid are the defaults, which nobody has written.
  const areSettingsValid = errors.every(({ span }) => span?.file !== read.paths[0]);
  const place = first.span === null ? '' : `${first.span.file}:${first.span.line}: `;
  return {
    policySet: null,
    settings: areSettingsValid ? settings : null,
    fault: `${errors.length === 1 ? 'There is one error' : `There are ${errors.length} errors, the first`}: ${place}${first.message}`,
  };
};

/** A folder in which nobody has written a policy yet is no error of the base. */
const hasNoPolicies = ({ files, settingsFile, settings, diagnostics }: Workspace): boolean =>
  files === (settingsFile === null ? 0 : 1) &&
  diagnostics.every(
    ({ severity, code, span }) =>
      severity === 'warning' ||
      code === 'file.no-policies' ||
      (code === 'file.unreadable' && settings.policies.includes(span?.file ?? '')),
  );

const broken = (ref: string, commit: string, fault: string): Diagnostic =>
  warning({
    code: 'plan.base-broken',
    message: `The policies at ${quote(ref)} (${commit.slice(0, 12)}) cannot be used; all that this plan does counts as changed by the branch. ${fault}`,
    remedy: 'Mend them there; of this branch they say nothing.',
  });

const divergedFrom = (ref: string): Diagnostic =>
  warning({
    code: 'plan.base-diverged',
    message: `${quote(ref)} has commits that this branch lacks: what they changed looks as if the branch took it back.`,
    remedy: `Merge ${ref} into the branch, or name the commit that the branch began at.`,
  });
