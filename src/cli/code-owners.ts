/** CODEOWNERS: who reviews what loosens the guards, and where the secrets are used. */
import { posix } from 'node:path';
import { SETTINGS_FILE } from '../git/policy-files.js';
import { patternOf, policyFolders } from './workflow-names.js';
import type { SettingsPlace } from './workflow-names.js';

interface OwnedFacts extends SettingsPlace {
  /** The folders of the policies, from the folder of the settings. */
  readonly policies: readonly string[];
  /** `@team` or an e-mail address; may be none yet. */
  readonly owners: readonly string[];
}

type Paths = readonly [settings: string, ...others: string[]];

/** What needs an owner, from the top of the repository; the settings first. */
export const protectedPaths = ({ folder, policies }: Omit<OwnedFacts, 'owners'>): Paths => [
  `/${patternOf(posix.join(folder, SETTINGS_FILE))}`,
  ...policyFolders({ folder }, policies).map((path) => `/${patternOf(path)}allowances/`),
  '/.github/',
];

/** The whole file. Without owners its lines wait behind a `#`. */
export const codeOwnersText = (facts: OwnedFacts): string => {
  const { owners } = facts;
  const people = owners.length === 0 ? '@your-organization/your-team' : owners.join(' ');
  const paths = protectedPaths(facts);
  const width = Math.max(...paths.map(({ length }) => length));
  const lines = paths.map(
    (path) => `${owners.length === 0 ? '# ' : ''}${path.padEnd(width)} ${people}`,
  );
  return `# Who reviews what loosens the guards: settings, allowances, and the workflows with the secrets. Let the rules of
# the branch main require a review from code owners.
#
# A GuardAllowance counts in whichever file of the policies it stands. Keep them in the folder that stands here; one
# that is added elsewhere is marked in the comment on its pull request, and asks no owner.
${owners.length === 0 ? '# Name a team, and take the # before the paths away: GitHub ignores owners that do not exist.\n' : ''}${lines.join('\n')}
`;
};
