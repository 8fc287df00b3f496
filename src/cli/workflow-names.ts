/**
 * What the workflows of one organization are called, and what they call: two organizations in one repository
 * share none of it. A name is taken from the folder of the settings, and plain where they lie at the top.
 */
import { posix } from 'node:path';
import { SETTINGS_FILE } from '../git/policy-files.js';

/** Where settings lie. */
export interface SettingsPlace {
  /** From the top of the repository, with forward slashes; empty where it is the top. */
  readonly folder: string;
}

/** What belongs to one organization alone. */
export interface WorkflowNames {
  /** The file of a workflow, without its folder. */
  readonly file: (workflow: WorkflowName) => string;
  /** What a workflow, its job and its check are called, with the organization where that is needed. */
  readonly titled: (title: string) => string;
  /** The environment of GitHub with the OAuth client that may edit. */
  readonly environment: string;
  /** The secrets of the repository, of the client that may only read. */
  readonly readerId: string;
  readonly readerSecret: string;
  readonly journalBranch: string;
}

/** The workflows, in the order in which people read them. */
export const WORKFLOWS = ['plan', 'apply', 'drift'] as const;
export type WorkflowName = (typeof WORKFLOWS)[number];

/** The secrets of the environment: the names that the command line reads. */
export const WRITER_ID = 'GENESYSCLOUD_OAUTHCLIENT_ID';
export const WRITER_SECRET = 'GENESYSCLOUD_OAUTHCLIENT_SECRET';

export const workflowNames = ({ folder }: SettingsPlace): WorkflowNames => {
  const name = folder === '' ? null : slugOf(folder);
  const suffix = name === null ? '' : `-${name}`;
  const ofSecret = suffix.toUpperCase().replaceAll('-', '_');
  return {
    file: (workflow) => `wrapkeeper${suffix}-${workflow}.yml`,
    titled: (title) => (name === null ? title : `${title} (${name})`),
    environment: name === null ? 'production' : `wrapkeeper-${name}`,
    readerId: `GENESYSCLOUD_READER_ID${ofSecret}`,
    readerSecret: `GENESYSCLOUD_READER_SECRET${ofSecret}`,
    journalBranch: `wrapkeeper-journal${suffix}`,
  };
};

/** All that writes to one organization waits for its turn in this group. */
export const concurrencyGroup = (organizationId: string | null, place: SettingsPlace): string => {
  const { folder } = place;
  return `wrapkeeper-${organizationId ?? (folder === '' ? 'production' : slugOf(folder))}`;
};

/** A folder as a name of files, branches and environments; never empty. */
const slugOf = (folder: string): string =>
  folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '') || 'folder';

/** Patterns for whatever a plan is made of, from the top of the repository. */
export const sourcePatterns = (
  { folder }: SettingsPlace,
  policies: readonly string[],
): string[] => [
  ...new Set([
    ...policyFolders({ folder }, policies).map((path) => `${patternOf(path)}**`),
    patternOf(posix.join(folder, SETTINGS_FILE)),
  ]),
];

/**
 * The folders of the policies from the top of the repository, each with a slash at its end unless it is the top
 * itself. What leads out of the folder of the settings is refused elsewhere, and left out here.
 */
export const policyFolders = (
  { folder }: SettingsPlace,
  policies: readonly string[],
): readonly string[] =>
  policies
    .map((path) => posix.normalize(`${path}/`))
    .filter((path) => !posix.isAbsolute(path) && !path.startsWith('../'))
    .map((path) => posix.join(folder, path))
    .map((path) => (path === './' ? '' : path));

/**
 * A path for GitHub's filters and CODEOWNERS. Whatever these could take for something else stands as `*`: they
 * match a file too many rather than one too few.
 */
export const patternOf = (path: string): string =>
  path.replaceAll(/[^\p{L}\p{M}\p{N}._/-]+/gu, '*');

/** A text for YAML that nothing reads as anything else, and in which all can be seen. */
export const inQuotes = (text: string): string =>
  UNSEEN.test(text)
    ? JSON.stringify(text).replaceAll(
        new RegExp(UNSEEN, 'gu'),
        (one) => `\\U${(one.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`,
      )
    : `'${text.replaceAll("'", "''")}'`;

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** A text in which a workflow finds no expression. */
export const literally = (text: string): string => text.replaceAll('${{', "${{ '${{' }}");
