/** The workflows that `init` writes: a plan for every pull request, an apply on merge, drift on a schedule. */

/**
 * Actions of others by the commit of a release, since a tag can be moved. Ours by its version: the commit of a
 * release is not known to the release itself.
 */
const CHECKOUT = 'actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0';
const wrapkeeper = (version: string): string => `wrapkeeper/wrapkeeper@v${version}`;

/** The GitHub environment that holds the OAuth client which may edit. */
export const ENVIRONMENT = 'wrapkeeper';

export interface WorkflowFacts {
  /** Of this package. */
  readonly version: string;
  /** null where it is not known yet. */
  readonly organizationId: string | null;
  /** The folders of the policies. */
  readonly policies: readonly string[];
}

/** One writer an organization: whatever applies to it waits for its turn in this group. */
const groupOf = ({ organizationId }: WorkflowFacts): string =>
  `wrapkeeper-${organizationId ?? 'organization'}`;

const CREDENTIALS = `        env:
          GENESYSCLOUD_OAUTHCLIENT_ID: \${{ secrets.GENESYSCLOUD_OAUTHCLIENT_ID }}
          GENESYSCLOUD_OAUTHCLIENT_SECRET: \${{ secrets.GENESYSCLOUD_OAUTHCLIENT_SECRET }}
`;

/** Validates every pull request, and says in a comment what it would change. */
export const planWorkflow = (
  facts: WorkflowFacts,
): string => `# Checks every pull request, and says in a comment what it would change.
name: Wrapkeeper plan
on:
  pull_request:

permissions: {}

concurrency:
  group: ${groupOf(facts)}-plan-\${{ github.event.pull_request.number }}
  cancel-in-progress: true

jobs:
  # Needs no credentials: pull requests from forks are checked like all others.
  validate:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: read
    steps:
      - uses: ${CHECKOUT}
        with:
          persist-credentials: false
      - uses: ${wrapkeeper(facts.version)} # better: the commit of that release
        with:
          command: validate

  plan:
    needs: validate
    # Forks get no secrets.
    if: github.event.pull_request.head.repo.full_name == github.repository
    runs-on: ubuntu-latest
    timeout-minutes: 60
    permissions:
      contents: read
      pull-requests: write # the comment
    steps:
      - uses: ${CHECKOUT}
        with:
          fetch-depth: 0 # what this branch changes is told apart from what has drifted anyway
          persist-credentials: false
      - uses: ${wrapkeeper(facts.version)} # better: the commit of that release
        with:
          command: plan
          comment: true
        # Secrets of the repository: whoever can push a branch can use them. Their OAuth client may
        # read, and nothing else.
${CREDENTIALS}`;

/** Applies what was merged. */
export const applyWorkflow = (
  facts: WorkflowFacts,
): string => `# Applies what was merged to main: what the last comment on the pull request showed, or nothing.
name: Wrapkeeper apply
on:
  push:
    branches: [main]
    paths: [${['wrapkeeper.yaml', ...facts.policies.map(below)].map(inQuotes).join(', ')}]
  workflow_dispatch:
    inputs:
      accept-digest:
        description: The digest of a plan that nobody has reviewed, or that a guard refused
        type: string

permissions: {}

# One writer an organization. What is being written is never cut off.
concurrency:
  group: ${groupOf(facts)}
  cancel-in-progress: false

jobs:
  apply:
    if: github.ref == 'refs/heads/main'
    runs-on: ubuntu-latest
    timeout-minutes: 120
    # Holds the OAuth client that may edit, under the same names as the one of the repository. Let it
    # take deployments from main alone; reviewers that it asks for are asked before every apply.
    environment: ${ENVIRONMENT}
    permissions:
      contents: write # the branch of the journal
      pull-requests: read # the plan that was reviewed
    steps:
      - uses: ${CHECKOUT}
        with:
          fetch-depth: 0
      - uses: ${wrapkeeper(facts.version)} # better: the commit of that release
        with:
          command: apply
          require-reviewed-plan: true
          accept-digest: \${{ inputs.accept-digest }}
${CREDENTIALS}`;

/** Corrects drift on a schedule. */
export const driftWorkflow = (
  facts: WorkflowFacts,
): string => `# Corrects what somebody has changed by hand, as the policies on main demand. Policies with
# \`enforcement: report\` are reported, and nothing is written for them.
name: Wrapkeeper drift
on:
  schedule:
    - cron: '17 * * * *'
  workflow_dispatch:

permissions: {}

concurrency:
  group: ${groupOf(facts)}
  cancel-in-progress: false

jobs:
  correct:
    if: github.ref == 'refs/heads/main'
    runs-on: ubuntu-latest
    timeout-minutes: 120
    # Where this environment asks for reviewers, the schedule waits for them every time: then give
    # this job an environment of its own, with the same two secrets, that asks for none.
    environment: ${ENVIRONMENT}
    permissions:
      contents: write # the branch of the journal
    steps:
      - uses: ${CHECKOUT}
        with:
          fetch-depth: 0
      - uses: ${wrapkeeper(facts.version)} # better: the commit of that release
        with:
          command: apply
          require-reviewed-plan: false
${CREDENTIALS}`;

/** Everything in a folder, however its path is written. */
const below = (folder: string): string => {
  const path = folder.replace(/^(\.\/)+|\/+$/g, '');
  return path === '.' || path === '' ? '**' : `${path}/**`;
};

/** A text for YAML that nothing reads as anything else. */
export const inQuotes = (text: string): string => `'${text.replaceAll("'", "''")}'`;
