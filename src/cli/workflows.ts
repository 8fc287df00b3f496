/**
 * The workflows for GitHub: a plan for every pull request, an apply of what was merged, drift on a schedule. `init`
 * writes them, and docs/workflows and the workflows of this project are made by the same functions.
 */
import type { Release } from './release.js';
import {
  concurrencyGroup,
  inQuotes,
  literally,
  sourcePatterns,
  workflowNames,
  WORKFLOWS,
  WRITER_ID,
  WRITER_SECRET,
} from './workflow-names.js';
import type { SettingsPlace, WorkflowName } from './workflow-names.js';

export interface WorkflowFacts extends SettingsPlace {
  /** null where it is not known yet. */
  readonly organizationId: string | null;
  /** The folders of the policies, from the folder of the settings. */
  readonly policies: readonly string[];
  /** The release of the Action, null where nobody knows it; or the Action of the very checkout, in this project. */
  readonly action: { readonly release: Release | null } | 'checkout';
}

/** A workflow, and where it stands: below `.github/workflows/`, or among those to copy. */
export interface WorkflowFile {
  readonly file: string;
  readonly about: string;
  readonly text: string;
}

/** All three, in the order in which people read them. */
export const workflowFiles = (facts: WorkflowFacts): readonly WorkflowFile[] =>
  WORKFLOWS.map((workflow) => {
    const { about, write } = KINDS[workflow];
    return { file: workflowNames(facts).file(workflow), about, text: write(facts) };
  });

/** Pinned to a commit, since a tag can be moved. */
const CHECKOUT = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1';
const UNKNOWN_COMMIT = `${'0'.repeat(40)} # the commit of the release that you use`;

/** The variable of this project's repository without which its samples are validated, and no more. */
const ENABLED = "vars.WRAPKEEPER_ENABLED == 'true'";

/** Shows what a pull request would change. */
const planWorkflow = (
  facts: WorkflowFacts,
): string => `# Every pull request shows what it would change. Forks get no secrets: their policies are validated.${samples(
  facts,
  'are validated alone',
)}
name: ${workflowNames(facts).titled('Wrapkeeper plan')}
on:
  pull_request: # without \`paths\`: a required check that does not run would block the pull request
  merge_group:

permissions: {}

# A newer commit makes an older plan pointless.
concurrency:
  group: ${groupOf(facts)}-plan-\${{ github.ref }}
  cancel-in-progress: true

jobs:
  plan:${nameOfJob(facts, 'plan')}
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    permissions:
      contents: read
      pull-requests: write # the comment
    steps:
      - uses: ${CHECKOUT}
        with:
          fetch-depth: 0 # the base is compared with
          persist-credentials: false
      - uses: ${usesOf(facts)}
        with:
          command: ${facts.action === 'checkout' ? `\${{ ${ENABLED} && 'plan' || 'validate' }}` : 'plan'}${where(facts)}
        env:
          # An OAuth client that may only read: whoever may push a branch can use these secrets.
          ${WRITER_ID}: \${{ secrets.${workflowNames(facts).readerId} }}
          ${WRITER_SECRET}: \${{ secrets.${workflowNames(facts).readerSecret} }}
`;

/** Applies what was merged. */
const applyWorkflow = (
  facts: WorkflowFacts,
): string => `# What was reviewed is applied once it is merged. By hand, and behind the protection of the environment, a plan is
# applied that changed meanwhile: by its digest. With a daemon, delete this file.${samples(facts, 'are not applied')}
name: ${workflowNames(facts).titled('Wrapkeeper apply')}
on:
  push:
    branches: [main]
    paths: [${sourcePatterns(facts, facts.policies).map(inQuotes).join(', ')}]
  workflow_dispatch:
    inputs:
      accept-digest:
        description: The digest of the plan to apply, sha256:… (empty - whatever is to be done now)
        type: string

permissions: {}

# One group for each organization, for all that writes to it. What is being written is never cut off.
concurrency:
  group: ${groupOf(facts)}
  cancel-in-progress: false

jobs:
  apply:${nameOfJob(facts, 'apply')}
    if: ${onMain(facts)}
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    # Holds the OAuth client that may edit. Let it take deployments from main alone; reviewers that it asks for are
    # asked before every apply.
    environment: ${workflowNames(facts).environment}
    permissions:
      contents: write # the branch of the journal
      pull-requests: read # what was reviewed
    steps:
      - uses: ${CHECKOUT}
        with:
          fetch-depth: 0 # the state before the push is compared with
      - uses: ${usesOf(facts)}
        with:
          command: apply${where(facts)}
          accept-digest: \${{ inputs.accept-digest }}
${WRITER}`;

/** Corrects drift on a schedule. */
const driftWorkflow = (
  facts: WorkflowFacts,
): string => `# Drift is corrected every hour. With a daemon, delete this file. To be told of drift instead, in one issue that is
# closed once all is well: let \`command\` be \`plan\`, the permissions \`contents: read\` and \`issues: write\`, take the two
# secrets of the workflow that plans, and leave \`environment\` out.${samples(facts, 'are not applied')}
name: ${workflowNames(facts).titled('Wrapkeeper drift')}
on:
  schedule:
    - cron: '17 * * * *'
  workflow_dispatch:

permissions: {}

# The same group as in the workflow that applies.
concurrency:
  group: ${groupOf(facts)}
  cancel-in-progress: false

jobs:
  drift:${nameOfJob(facts, 'drift')}
    if: ${onMain(facts)}
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    # Where this environment asks for reviewers, every scheduled run waits for them: then give this job an environment
    # of its own that asks for none, with the same two secrets, for main alone.
    environment: ${workflowNames(facts).environment}
    permissions:
      contents: write # the branch of the journal
    steps:
      - uses: ${CHECKOUT}
        with:
          fetch-depth: 0 # whether a newer commit was applied is seen by it
      - uses: ${usesOf(facts)}
        with:
          command: apply${where(facts)}
${WRITER}`;

const KINDS: Readonly<
  Record<WorkflowName, { readonly about: string; readonly write: (facts: WorkflowFacts) => string }>
> = {
  plan: { about: 'a plan for every pull request', write: planWorkflow },
  apply: { about: 'an apply of what was merged', write: applyWorkflow },
  drift: { about: 'corrects drift every hour', write: driftWorkflow },
};

const WRITER = `        env:
          ${WRITER_ID}: \${{ secrets.${WRITER_ID} }}
          ${WRITER_SECRET}: \${{ secrets.${WRITER_SECRET} }}
`;

const groupOf = (facts: WorkflowFacts): string => concurrencyGroup(facts.organizationId, facts);

const usesOf = ({ action }: WorkflowFacts): string => {
  if (action === 'checkout') return './';
  const { release } = action;
  return `wrapkeeper/wrapkeeper@${release === null ? UNKNOWN_COMMIT : `${release.commit} # v${release.version}`}`;
};

/** Schedules and hands start workflows of other branches, too; the environment would refuse them later. */
const onMain = ({ action }: WorkflowFacts): string =>
  `github.ref == 'refs/heads/main'${action === 'checkout' ? ` && ${ENABLED}` : ''}`;

/** A check is required by the name of its job: two organizations need two. */
const nameOfJob = (facts: WorkflowFacts, job: string): string =>
  facts.folder === '' ? '' : `\n    name: ${workflowNames(facts).titled(job)}`;

const where = ({ folder }: WorkflowFacts): string =>
  folder === '' ? '' : `\n          working-directory: ${inQuotes(literally(folder))}`;

const samples = ({ action }: WorkflowFacts, what: string): string =>
  action === 'checkout'
    ? `
#
# Here the policies are samples with no contact centre behind them: they ${what}. Whoever has one sets
# things up as docs/github.md says, and the variable WRAPKEEPER_ENABLED of the repository to \`true\`.`
    : '';
