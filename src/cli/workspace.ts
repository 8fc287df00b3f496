/** The repository that a command works on: its settings and policies, and everything wrong with them. */
import { join, relative, resolve } from 'node:path';
import { byPlace, hasErrors, problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { invalidInput } from '../domain/errors.js';
import { readPolicyFiles, readSettingsFile, SETTINGS_FILE } from '../git/policy-files.js';
import type { PolicyFiles } from '../git/policy-files.js';
import { coverSecrets } from '../policy/cover-secrets.js';
import type { PolicySet } from '../policy/model.js';
import { parseSettings } from '../policy/parse-settings.js';
import { validatePolicies } from '../policy/rules.js';
import type { Settings } from '../policy/settings.js';
import type { SourceFile } from '../policy/source.js';
import type { Io } from './io.js';
import { findMisnamed, findRoot } from './root.js';
import type { Session } from './session.js';

export interface Workspace {
  /** Where the paths of the settings and of all findings begin. Absolute. */
  readonly root: string;
  /** What was read, relative to the root: the settings file and the policies folders. */
  readonly paths: readonly string[];
  readonly settings: Settings;
  readonly settingsFile: SourceFile | null;
  readonly policySet: PolicySet;
  /** Everything that was found, errors included, sorted by place. */
  readonly diagnostics: readonly Diagnostic[];
  readonly files: number;
  readonly documents: number;
}

/** Reads settings and policies. What is wrong with them is in the result; nothing is thrown. */
export const readWorkspace = async (session: Session): Promise<Workspace> => {
  const root = await findRoot(session.folder);
  const config = session.config === null ? undefined : resolve(session.folder, session.config);
  return readWorkspaceAt(root, config, session);
};

/**
 * A workspace to plan from.
 *
 * @throws AppError of the first error, with all findings
 */
export const loadWorkspace = async (session: Session): Promise<Workspace> => {
  const workspace = await readWorkspace(session);
  if (hasErrors(workspace.diagnostics)) throw invalidInput(workspace.diagnostics);
  return workspace;
};

/**
 * The settings alone, for commands that ask nothing of the policies: what is wrong with those does not stop them.
 *
 * @throws AppError of the first error in the settings
 */
export const loadSettings = async ({
  folder,
  config,
  io,
  sources,
}: Session): Promise<Pick<Workspace, 'root' | 'settings'>> => {
  const root = await findRoot(folder);
  const path = config === null ? undefined : resolve(folder, config);
  const { file, diagnostics } = await readSettingsFile(root, path);
  if (file !== null) sources.set(file.path, coverSecrets(file.text));
  // Which organization it is only counts for those who write to one.
  const parsed = parseSettings(file, { now: io.clock.now(), ci: false });
  const found = [
    ...(path === undefined ? await misnamed(root) : []),
    ...(diagnostics.length > 0 ? diagnostics : parsed.diagnostics),
  ];
  if (hasErrors(found)) throw invalidInput(found);
  return { root, settings: parsed.settings };
};

/** What was read from a root, before anybody looked into it. */
export interface WorkspaceFiles {
  readonly root: string;
  /** Where the settings are, or would be. Absolute. */
  readonly settingsPath: string;
  readonly settings: Awaited<ReturnType<typeof readSettingsFile>>;
  readonly policies: PolicyFiles;
}

type Reading = Pick<Io, 'clock' | 'env'>;

/** As {@link readWorkspace}, from this root, and with these settings in place of the root's own. */
export const readWorkspaceAt = async (
  root: string,
  config: string | undefined,
  { io, sources }: { readonly io: Reading; readonly sources: Session['sources'] },
): Promise<Workspace> =>
  judgeWorkspace(await readWorkspaceFiles(root, config, io), {
    io,
    sources,
    findings: config === undefined ? await misnamed(root) : [],
  });

/** Reads the files of a root, and looks into the settings only for where the policies are. */
export const readWorkspaceFiles = async (
  root: string,
  config: string | undefined,
  io: Reading,
): Promise<WorkspaceFiles> => {
  const settings = await readSettingsFile(root, config);
  const { policies } = parseSettings(settings.file, { now: io.clock.now(), ci: false }).settings;
  return {
    root,
    settingsPath: config ?? join(root, SETTINGS_FILE),
    settings,
    policies: await readPolicyFiles(root, policies),
  };
};

/** Everything that files say, and everything wrong with them. */
export const judgeWorkspace = (
  { root, settingsPath, settings: settingsRead, policies: policiesRead }: WorkspaceFiles,
  {
    io,
    sources,
    findings = [],
  }: {
    readonly io: Reading;
    readonly sources: Session['sources'];
    readonly findings?: readonly Diagnostic[];
  },
): Workspace => {
  const now = io.clock.now();
  const parsed = parseSettings(settingsRead.file, { now, ci: io.env['CI'] === 'true' });
  const { settings } = parsed;
  const { set, diagnostics } = validatePolicies(policiesRead.files, { now, api: settings.api });

  const settingsFiles = settingsRead.file === null ? [] : [settingsRead.file];
  const files = [...settingsFiles, ...policiesRead.files];
  for (const { path, text } of files) sources.set(path, coverSecrets(text));
  const documents = set.policies.length + set.catalogs.length + set.allowances.length;
  return {
    root,
    paths: [relative(root, settingsPath), ...settings.policies],
    settings,
    settingsFile: settingsRead.file,
    policySet: set,
    diagnostics: [
      ...findings,
      ...settingsRead.diagnostics,
      ...(settingsRead.diagnostics.length > 0 ? [] : parsed.diagnostics),
      ...policiesRead.diagnostics,
      ...diagnostics,
    ].sort(byPlace),
    files: files.length,
    documents: documents + settingsFiles.length,
  };
};

const misnamed = async (root: string): Promise<readonly Diagnostic[]> => {
  const name = await findMisnamed(root);
  if (name === null) return [];
  return [
    problem({
      code: 'settings.misnamed',
      message: `\`${name}\` is not read: the settings are called \`${SETTINGS_FILE}\`.`,
      remedy: `Rename it, or name it with --config ${name}.`,
    }),
  ];
};
