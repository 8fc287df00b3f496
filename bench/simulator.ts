/** The organization that requests are counted on, and the simulator that has it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SourceFile } from '../src/policy/source.js';
import type { SimulatorOptions } from '../src/simulator/options.js';
import { policyFile } from './policies.js';
import { runNode, withFolder, WRAPKEEPER } from './run.js';
import type { Asked, Listening } from './simulator-process.js';

const PROCESS = fileURLToPath(new URL('simulator-process.js', import.meta.url));

export interface SimulatorProcess extends Listening {
  /** What was asked since the last call. */
  asked(): Promise<Asked>;
}

/** Starts a simulator for `use`, and ends it afterwards. */
export const withSimulator = async <Result>(
  options: SimulatorOptions,
  use: (simulator: SimulatorProcess) => Promise<Result>,
): Promise<Result> => {
  const child = fork(PROCESS);
  try {
    child.send(options);
    const [listening] = (await once(child, 'message')) as [Listening];
    return await use({
      ...listening,
      asked: async () => {
        const answer = once(child, 'message') as Promise<[Asked]>;
        child.send('asked');
        return (await answer)[0];
      },
    });
  } finally {
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
  }
};

/** Codes that every queue has at first. */
export const CODES: readonly string[] = [
  'Resolved',
  'Escalated',
  'Call back',
  'Refund',
  'Complaint',
];
/** One that none has. */
export const NEW_CODE = 'Follow-up';

/** So many queues alike. */
export const seedOf = (queues: number): NonNullable<SimulatorOptions['seed']> => ({
  codes: [...CODES, NEW_CODE],
  queues: Array.from({ length: queues }, (_, index) => ({
    name: `${index % 4 === 0 ? 'Billing' : 'Sales'} ${index}`,
    codes: [...CODES],
    acwSettings: { wrapupPrompt: 'OPTIONAL' },
  })),
});

/** What all queues are to have, and what the quarter of them whose name begins with `Billing` is to have besides. */
export interface Wish {
  readonly codes: readonly string[];
  readonly billing: readonly string[];
  readonly prompt: 'OPTIONAL' | 'MANDATORY';
}

/** Nothing to do. */
export const AS_IT_IS: Wish = { codes: CODES, billing: [], prompt: 'OPTIONAL' };

/** A repository that wishes this, in the limits given; its guards let everything pass. */
export const repositoryOf = (
  { codes, billing, prompt }: Wish,
  limits: { readonly requestsPerMinute: number; readonly concurrency: number },
): readonly SourceFile[] => [
  policyFile('all', {
    queues: { include: [{ name: '*' }] },
    afterCallWork: { prompt },
    wrapupCodes: { unlisted: 'remove', codes },
  }),
  ...(billing.length === 0
    ? []
    : [
        policyFile('billing', {
          queues: { include: [{ name: 'Billing *' }] },
          wrapupCodes: { unlisted: 'keep', codes: billing },
        }),
      ]),
  {
    path: 'wrapkeeper.yaml',
    text: JSON.stringify({
      apiVersion: 'wrapkeeper/v1',
      kind: 'Settings',
      limits,
      guards: {
        queuesChanged: { percent: 100, count: 1_000_000 },
        codesRemoved: { percent: 100, count: 1_000_000 },
        codesRemovedPerQueue: { percent: 100 },
      },
    }),
  },
];

/** What a command took, and what it asked. */
export interface CommandRun extends Asked {
  readonly ms: number;
}

/** Plans or applies these files against a simulator. */
export const runCommand = async (
  command: 'plan' | 'apply',
  files: readonly SourceFile[],
  simulator: SimulatorProcess,
): Promise<CommandRun> =>
  withFolder(files, async (cwd) => {
    await simulator.asked();
    const { ms } = await runNode(
      [WRAPKEEPER, command, ...(command === 'apply' ? ['--auto-approve'] : []), '--format', 'json'],
      {
        cwd,
        env: {
          GENESYSCLOUD_OAUTHCLIENT_ID: simulator.clientId,
          GENESYSCLOUD_OAUTHCLIENT_SECRET: simulator.clientSecret,
          GENESYSCLOUD_GATEWAY_PROTOCOL: 'http',
          GENESYSCLOUD_GATEWAY_HOST: simulator.host,
          GENESYSCLOUD_GATEWAY_PORT: String(simulator.port),
        },
      },
    );
    return { ...(await simulator.asked()), ms };
  });
