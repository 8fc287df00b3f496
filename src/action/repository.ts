/** What the Action knows of the checked-out repository before any command runs; all of it offline. */
import { resolve } from 'node:path';
import { findRoot } from '../cli/root.js';
import { readWorkspaceAt } from '../cli/workspace.js';
import type { Workspace } from '../cli/workspace.js';
import { changedLines } from '../git/changed-lines.js';
import type { Plan } from '../domain/change.js';
import type { TouchedLine } from './annotations.js';
import { prefixOf } from './annotations.js';
import type { Place } from './command.js';
import type { Inputs } from './inputs.js';
import type { World } from './world.js';

/** The repository of policies that the run works on. */
export interface Repository extends Place {
  /** Where the paths of findings begin. Absolute. */
  readonly root: string;
  /** From the workspace to the root, with a slash at its end; empty where they are the same. */
  readonly prefix: string;
  readonly workspace: Workspace;
}

/** Reads it. What is wrong with it is told by the command that is run, and not here. */
export const openRepository = async (
  world: World,
  { workingDirectory, settings }: Pick<Inputs, 'workingDirectory' | 'settings'>,
): Promise<Repository> => {
  const top = world.env['GITHUB_WORKSPACE'] || world.cwd;
  const folder = resolve(top, workingDirectory);
  const root = await findRoot(folder);
  const config = settings === null ? undefined : resolve(folder, settings);
  return {
    folder,
    settings,
    root,
    prefix: prefixOf(top, root),
    workspace: await readWorkspaceAt(root, config, { io: world, sources: new Map() }),
  };
};

/** For each policy that a change since `base` has touched, the first line of it that it touched. */
export const touchedLines = async (
  { root, prefix, workspace }: Repository,
  plan: Plan | null,
  env: World['env'],
): Promise<readonly TouchedLine[]> => {
  const since = plan?.base?.commit;
  if (since === undefined) return [];
  const changed = new Map(
    (await changedLines(root, since, env)).map(({ file, lines }) => [file, lines]),
  );
  const { policies } = workspace.policySet;
  return policies.flatMap(({ name, from: { span } }) => {
    const end = Math.min(
      ...policies
        .map((other) => other.from.span)
        .filter(({ file, line }) => file === span.file && line > span.line)
        .map(({ line }) => line),
    );
    const lines = changed.get(`${prefix}${span.file}`) ?? [];
    const line = lines.find((one) => one >= span.line && one < end);
    return line === undefined ? [] : [{ policy: name, file: span.file, line }];
  });
};
