/** What is left to do after `init`, in sentences. */
import { SETTINGS_FILE } from '../git/policy-files.js';
import { pilotFile } from './init-files.js';
import type { InitFacts, InitFile } from './init-files.js';
import { workflowNames, WORKFLOWS, WRITER_ID, WRITER_SECRET } from './workflow-names.js';

interface Surroundings {
  readonly hasPolicies: boolean;
  /** Whether workflows can work with the settings: runners of GitHub keep no folder. */
  readonly suitsRunners: boolean;
  /** The files that were written just now. */
  readonly created: readonly InitFile[];
}

export const nextSteps = (
  facts: InitFacts,
  { hasPolicies, suitsRunners, created }: Surroundings,
): readonly string[] => [
  ...(facts.organization === null
    ? [`Name the organization in ${SETTINGS_FILE}: where CI=true, nothing is planned without it.`]
    : []),
  hasPolicies
    ? '`wrapkeeper plan` shows what the policies would change.'
    : `\`wrapkeeper import\` writes down what the queues are like today; or begin with ${pilotFile(facts)}, and see \`wrapkeeper plan\`.`,
  ...(facts.github ? stepsOnGitHub(facts, created) : []),
  ...(suitsRunners
    ? []
    : [
        `To let GitHub plan and apply, set \`journal: { branch: ${workflowNames(facts).journalBranch} }\` in ${SETTINGS_FILE}, and run \`wrapkeeper init\` again.`,
      ]),
];

const stepsOnGitHub = (facts: InitFacts, created: readonly InitFile[]): readonly string[] => {
  const { file, titled, environment, readerId, readerSecret } = workflowNames(facts);
  const wrote = (name: string): boolean => created.some(({ path }) => path.endsWith(`/${name}`));
  return [
    ...(facts.release === null && WORKFLOWS.some((workflow) => wrote(file(workflow)))
      ? [
          'In the workflows, put the commit of the release of Wrapkeeper that you use in place of the zeros: what you run here is no release, and knows of none.',
        ]
      : []),
    `On GitHub, give the repository the secrets ${readerId} and ${readerSecret}, of an OAuth client that may only read: pull requests are planned with it.`,
    `Make an environment \`${environment}\` that takes deployments from main alone, with the secrets ${WRITER_ID} and ${WRITER_SECRET}, of an OAuth client that may edit.`,
    `Protect main: require the check \`${titled('plan')}\`, and a review from code owners.`,
    ...(facts.owners.length === 0 && wrote('CODEOWNERS')
      ? ['Name these owners in .github/CODEOWNERS.']
      : []),
  ];
};
