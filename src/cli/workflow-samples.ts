/** The workflows that stand in this repository: those to copy, and those that it runs itself. */
import { workflowFiles } from './workflows.js';
import type { WorkflowFacts } from './workflows.js';

/** What `init` knows in an empty folder: nothing. */
const UNKNOWN: WorkflowFacts = {
  organizationId: null,
  folder: '',
  policies: ['policies'],
  action: { release: null },
};

/** The texts as they must be committed, by their paths. */
export const generatedWorkflows = (): Readonly<Record<string, string>> =>
  Object.fromEntries([
    ...workflowFiles(UNKNOWN).map(({ file, text }) => [`docs/workflows/${file}`, text]),
    ...workflowFiles({ ...UNKNOWN, action: 'checkout' }).map(({ file, text }) => [
      `.github/workflows/${file}`,
      text,
    ]),
  ]) as Readonly<Record<string, string>>;
