/** What `init` writes into a repository, apart from the workflows. */
import { policyJsonSchema, settingsJsonSchema } from '../policy/json-schema.js';
import { renderJson } from '../report/json.js';
import { schemaLine } from '../report/policy-yaml.js';
import { codeOwnersText, protectedPaths } from './code-owners.js';
import type { Release } from './release.js';
import { inQuotes, workflowNames } from './workflow-names.js';
import { workflowFiles } from './workflows.js';

/** What is known of a repository, by questions, flags and settings that are there already. */
export interface InitFacts {
  /** The release that this package is, or null: what the workflows use. */
  readonly release: Release | null;
  /** From the top of the repository of git to here, with forward slashes; empty where it is the top, or there is none. */
  readonly folder: string;
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
  /** From the folder of the settings, with forward slashes. */
  readonly path: string;
  readonly about: string;
  readonly text: string;
  /** Where else a file counts as this one. */
  readonly otherwise?: readonly string[];
  /** What belongs into the file, should it be there already: how it is known, and what to add without it. */
  readonly wants?: { readonly pattern: RegExp; readonly advice: string };
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
    wants: { pattern: /\.wrapkeeper\b/, advice: 'add `.wrapkeeper/` to it' },
  },
  ...(facts.github ? githubFiles(facts) : []),
];

/** GitHub looks for them at the top of a repository alone, wherever the settings are. */
const githubFiles = (facts: InitFacts): readonly InitFile[] => {
  const { folder, policies, organization } = facts;
  const top = folder === '' ? '' : '../'.repeat(folder.split('/').length);
  const action = { release: facts.release };
  const organizationId = organization?.id ?? null;
  const paths = protectedPaths(facts);
  return [
    ...workflowFiles({ folder, policies, organizationId, action }).map(({ file, about, text }) => ({
      path: `${top}.github/workflows/${file}`,
      about,
      text,
    })),
    {
      path: `${top}.github/CODEOWNERS`,
      about: 'who reviews settings and allowances',
      text: codeOwnersText(facts),
      // The first that GitHub finds counts, and the others do not.
      otherwise: [`${top}CODEOWNERS`, `${top}docs/CODEOWNERS`],
      wants: {
        pattern: lineOf(paths[0]),
        advice: `add owners of ${paths.map((path) => `\`${path}\``).join(', ')} to it`,
      },
    },
  ];
};

/** A line about a path, also where it waits for an owner behind a `#`. */
const lineOf = (path: string): RegExp =>
  new RegExp(`^(?:# *)?${path.replaceAll(/[.*]/g, String.raw`\$&`)}\\s`, 'm');

const settingsText = ({
  organization,
  region,
  policies,
  github,
  folder,
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
journal: { branch: ${workflowNames({ folder }).journalBranch} }`
    : `# What was intended and what happened. On runners that keep no disk: { branch: ${workflowNames({ folder }).journalBranch} }
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
