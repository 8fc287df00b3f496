/** What `doctor` finds on this machine and in the files of the repository. */
import { checksOf } from '../domain/check.js';
import type { Check } from '../domain/check.js';
import { hasErrors } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { SETTINGS_FILE } from '../git/policy-files.js';
import { describeGit } from '../git/describe.js';
import { count } from '../report/words.js';
import type { Workspace } from './workspace.js';

const NODE = { least: [20, 19] } as const;
const GIT = { least: [2, 32] } as const;

/** Whether a version (`22.3.0`) is at least another. */
const isAtLeast = (version: string, [major, minor]: readonly [number, number]): boolean => {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
};

/** Node and git, and the repository that the files lie in. */
export const checkMachine = async (
  { root, settings }: Pick<Workspace, 'root' | 'settings'>,
  nodeVersion: string,
): Promise<readonly Check[]> => {
  const { ok, warning, failure } = checksOf('machine');
  const git = await describeGit(root);
  const needsGit = 'branch' in settings.journal.store;
  const isOld = git.version !== null && !isAtLeast(git.version, GIT.least);
  return [
    isAtLeast(nodeVersion, NODE.least)
      ? ok('Node.js', nodeVersion)
      : failure('Node.js', 'doctor.node-too-old', `${nodeVersion}; 20.19 or later is needed`),
    git.version === null || isOld
      ? needsGit
        ? failure('git', 'doctor.git-missing', gitTrouble(git.version))
        : warning(
            'git',
            `${gitTrouble(git.version)}: plans do not tell their commit, and no branch can be followed`,
            'Install git 2.32 or later.',
          )
      : ok('git', git.version),
    git.isRepository
      ? ok(
          'repository',
          [
            git.branch === null ? 'no branch is checked out' : `branch ${git.branch}`,
            git.origin === null ? 'no remote `origin`' : `origin ${git.origin}`,
          ].join(', '),
        )
      : warning(
          'repository',
          'the folder lies in no git repository: nobody can tell which change of a policy did what',
          'Keep the policies in a git repository: `git init`.',
        ),
  ];
};

const gitTrouble = (version: string | null): string =>
  version === null ? 'git cannot be run' : `git ${version} is older than 2.32`;

/** What only stops those who write from CI is told with the organization. */
const ELSEWHERE = 'settings.organization-required';

/** What is wrong with the settings, and not with where they are used. */
export const settingsFaults = ({
  diagnostics,
  paths,
}: Pick<Workspace, 'diagnostics' | 'paths'>): readonly Diagnostic[] =>
  diagnostics.filter(
    ({ code, span }) =>
      code !== ELSEWHERE && (code.startsWith('settings.') || span?.file === paths[0]),
  );

/** The settings and the policies, as `validate` sees them. */
export const checkFiles = (workspace: Workspace): readonly Check[] => {
  const { settingsFile, diagnostics, policySet } = workspace;
  const { ok } = checksOf('files');
  const ofSettings = settingsFaults(workspace);
  const ofPolicies = diagnostics.filter(
    (finding) => finding.code !== ELSEWHERE && !ofSettings.includes(finding),
  );
  const { policies, catalogs, allowances } = policySet;
  const named = [
    count(policies.length, 'policy', 'policies'),
    ...(catalogs.length === 0 ? [] : [count(catalogs.length, 'catalog')]),
    ...(allowances.length === 0 ? [] : [count(allowances.length, 'allowance')]),
  ].join(', ');
  return [
    hasFindings(ofSettings)
      ? findingsCheck('settings', ofSettings)
      : ok(
          'settings',
          settingsFile === null ? `no ${SETTINGS_FILE}: the defaults hold` : settingsFile.path,
        ),
    hasFindings(ofPolicies) ? findingsCheck('policies', ofPolicies) : ok('policies', named),
  ];
};

const hasFindings = (findings: readonly Diagnostic[]): boolean => findings.length > 0;

/** The worst finding speaks for all. */
const findingsCheck = (name: string, findings: readonly Diagnostic[]): Check => {
  const { failure, warning } = checksOf('files');
  const isBroken = hasErrors(findings);
  const counted = findings.filter(({ severity }) => !isBroken || severity === 'error');
  const [first] = counted;
  if (first === undefined) throw new Error('there is no finding');
  const place = first.span === null ? '' : `${first.span.file}:${first.span.line}: `;
  const message = `${count(counted.length, isBroken ? 'error' : 'warning')}${counted.length === 1 ? '' : ', the first'}: ${place}${first.message}`;
  const remedy = '`wrapkeeper validate` shows all, with what to do about each.';
  return isBroken ? failure(name, first.code, message, remedy) : warning(name, message, remedy);
};
