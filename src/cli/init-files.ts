/** What `init` writes into a repository, apart from the workflows. */
import { policyJsonSchema, settingsJsonSchema } from '../policy/json-schema.js';
import { renderJson } from '../report/json.js';
import { schemaLine } from '../report/policy-yaml.js';
import { applyWorkflow, driftWorkflow, inQuotes, planWorkflow } from './init-workflows.js';

/** What is known of a repository, by questions, flags and settings that are there already. */
export interface InitFacts {
  readonly version: string;
  /** `name` is null where somebody has given the id; all of it null where nobody knows it yet. */
  readonly organization: { readonly id: string; readonly name: string | null } | null;
  readonly region: string;
  /** The folders of the policies; the first policy goes to the first. */
  readonly policies: readonly [string, ...string[]];
  /** The queues of the first policy: a name or a pattern. */
  readonly queue: string;
  /** Whether GitHub runs it: workflows, CODEOWNERS, and a journal on a branch. */
  readonly github: boolean;
  /** Who reviews settings and allowances: `@team` or an e-mail address. */
  readonly owners: readonly string[];
}

/** A file that `init` writes unless it is there. */
export interface InitFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly about: string;
  readonly text: string;
  /** What belongs into the file, should it be there already: a text to look for, and what to add without it. */
  readonly wants?: { readonly text: string; readonly advice: string };
}

/** Where the first policy goes. */
export const pilotFile = ({ policies: [folder] }: Pick<InitFacts, 'policies'>): string =>
  `${folder.replace(/\/+$/, '')}/pilot.yaml`;

/** Everything that `init` writes, in the order in which people read it. */
export const initFiles = (facts: InitFacts): readonly InitFile[] => [
  { path: 'wrapkeeper.yaml', about: 'settings', text: settingsText(facts) },
  {
    path: pilotFile(facts),
    about: 'a first policy, which reports and writes nothing',
    text: policyText(facts),
  },
  {
    path: 'schemas/policy.schema.json',
    about: 'by which editors complete and check policies',
    text: renderJson(policyJsonSchema()),
  },
  {
    path: 'schemas/settings.schema.json',
    about: 'the same for settings',
    text: renderJson(settingsJsonSchema()),
  },
  {
    path: '.gitignore',
    about: 'keeps the journal of this machine out of git',
    text: '# Journal and state of this machine.\n.wrapkeeper/\n',
    wants: { text: '.wrapkeeper/', advice: 'add `.wrapkeeper/` to it' },
  },
  ...(facts.github ? githubFiles(facts) : []),
];

const githubFiles = (facts: InitFacts): readonly InitFile[] => {
  const workflow = { ...facts, organizationId: facts.organization?.id ?? null };
  return [
    {
      path: '.github/workflows/wrapkeeper-plan.yml',
      about: 'a plan for every pull request',
      text: planWorkflow(workflow),
    },
    {
      path: '.github/workflows/wrapkeeper-apply.yml',
      about: 'an apply of what was merged',
      text: applyWorkflow(workflow),
    },
    {
      path: '.github/workflows/wrapkeeper-drift.yml',
      about: 'corrects drift every hour',
      text: driftWorkflow(workflow),
    },
    {
      path: '.github/CODEOWNERS',
      about: 'who reviews settings and allowances',
      text: codeOwnersText(facts),
      wants: {
        text: '/wrapkeeper.yaml',
        advice: `add owners of ${protectedPaths(facts)
          .map((path) => `\`${path}\``)
          .join(', ')} to it`,
      },
    },
  ];
};

const settingsText = ({
  organization,
  region,
  policies,
  github,
}: InitFacts): string => `${schemaLine({ schema: 'schemas/settings.schema.json' })}
#
# How Wrapkeeper runs here. What is left out has a default: \`wrapkeeper schema settings\` shows all keys.
apiVersion: wrapkeeper/v1
kind: Settings

# Every other organization is refused before any write. Required where CI=true.
${
  organization === null
    ? '# organization: { id: 00000000-0000-0000-0000-000000000000 }'
    : `organization: { id: ${organization.id} }`
}

region: ${region}
policies: [${policies.map(inQuotes).join(', ')}]

# Plans that do more than this are refused before the first write, unless a GuardAllowance lets them.
guards:
  queuesChanged: { percent: 30, count: 100, floor: 5 }
  codesRemoved: { percent: 25, count: 200, floor: 3 }

${
  github
    ? `# What was intended and what happened. Runners of GitHub keep no disk: it is a branch of this
# repository. A daemon, or one machine that keeps its disk, has \`{ folder: .wrapkeeper }\` instead.
journal: { branch: wrapkeeper-journal }`
    : `# What was intended and what happened. On runners that keep no disk: { branch: wrapkeeper-journal }
journal: { folder: .wrapkeeper }`
}

# Secrets stand here by reference only, { env: NAME } or { file: PATH }.
# webhooks:
#   - name: reporting
#     url: https://reporting.example.com/hooks
#     secrets: [{ env: WRAPKEEPER_WEBHOOK_SECRET }]
`;

const policyText = (facts: InitFacts): string => `${schemaLine({
  schema: `${'../'.repeat(pilotFile(facts).split('/').length - 1)}schemas/policy.schema.json`,
})}
#
# A first policy to try things on. \`enforcement: report\` plans it and reports the difference, and
# nothing is written. \`wrapkeeper import\` writes down what all other queues are like today.
apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata:
  name: pilot
  description: Interactions of the pilot queues are wrapped up within 45 seconds.
spec:
  enforcement: report # change it to \`enforce\` once the plan says what you want
  queues:
    include:
      - name: ${inQuotes(facts.queue)} # \`*\` stands for any characters; upper and lower case differ
  afterCallWork:
    prompt: MANDATORY_TIMEOUT # "Mandatory, Time-boxed": until the timer ends or the agent finishes it earlier
    timeout: 45s
  # The codes that belong on the queues. They have to exist, or a WrapupCodeCatalog creates them.
  # wrapupCodes:
  #   unlisted: keep # \`remove\` takes off what no policy lists
  #   codes: ['Resolved', 'Escalated', 'Call back']
`;

/** What loosens the guards, and where the secrets are used. */
const protectedPaths = ({ policies: [folder] }: InitFacts): readonly string[] => [
  '/wrapkeeper.yaml',
  `/${folder.replace(/^(\.\/)+|\/+$/g, '')}/allowances/`,
  '/.github/',
];

const codeOwnersText = (facts: InitFacts): string => {
  const { owners } = facts;
  const people = owners.length === 0 ? '@your-organization/your-team' : owners.join(' ');
  const paths = protectedPaths(facts);
  const width = Math.max(...paths.map(({ length }) => length));
  const lines = paths.map(
    (path) => `${owners.length === 0 ? '# ' : ''}${path.padEnd(width)} ${people}`,
  );
  return `# Who reviews what loosens the guards: settings, allowances, and the workflows with the secrets.
# Keep every GuardAllowance in the folder that stands here, and let the rules of the branch main
# require a review from code owners.
${owners.length === 0 ? '# Name a team, and take the # away: GitHub ignores owners that do not exist.\n' : ''}${lines.join('\n')}
`;
};
