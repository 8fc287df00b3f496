/** Benchmark: how many requests each kind of work takes, beside what the vendor's Terraform provider sends. */
import { AS_IT_IS, CODES, NEW_CODE, repositoryOf, runCommand, seedOf } from './simulator.js';
import { withSimulator } from './simulator.js';
import type { CommandRun, Wish } from './simulator.js';
import { whole } from './section.js';
import type { Section } from './section.js';

const QUEUES = 200;
const REMOVED = 3;
const LIMITS = { requestsPerMinute: 1_000_000, concurrency: 8 };
/** What the provider asks to refresh one queue when it ignores members; by default it is 4 to 6. */
const PROVIDER_REFRESH = 2;

/** Work on a queue, with the requests that the provider's source sends for it. */
const WORK: readonly { readonly what: string; readonly wish: Wish; readonly provider: number }[] = [
  { what: 'add a code', wish: { ...AS_IT_IS, codes: [...CODES, NEW_CODE] }, provider: 6 },
  {
    what: `remove ${REMOVED} codes`,
    wish: { ...AS_IT_IS, codes: CODES.slice(REMOVED) },
    provider: 5 + REMOVED,
  },
  { what: 'change after-call work', wish: { ...AS_IT_IS, prompt: 'MANDATORY' }, provider: 4 },
];

/** Does the work on every queue of an organization, so that the share of each can be told from that of all. */
export const benchSpending = async (): Promise<Section> => {
  const look = await count('plan', AS_IT_IS);
  const asked = (endpoint: string): number => look.counts[endpoint] ?? 0;
  const refresh = asked('GET /api/v2/routing/queues/{queueId}/wrapupcodes') / QUEUES;
  const rows = [
    ['a run: log in', whole(asked('POST /oauth/token')), '11'],
    [`a run: look at ${QUEUES} queues`, whole(look.total), whole(2 + PROVIDER_REFRESH * QUEUES)],
  ];
  for (const { what, wish, provider } of WORK) {
    const { total } = await count('apply', wish);
    const work = (total - look.total) / QUEUES;
    rows.push([`a queue: ${what}`, `${work} + ${refresh}`, `${provider} + ${PROVIDER_REFRESH}`]);
  }
  return {
    title: 'Requests',
    text: `Counted by the simulator's log, for ${QUEUES} queues that all need the same; the last number of a sum is the next look at the queue. Ours include reading back what was written. The vendor's figures are for its Terraform provider \`genesyscloud\` 1.84.1, read from its source, with members ignored (by default it sends 4 to 6 requests where 2 are counted here); it has no bulk read, writes the whole queue to add a code, and removes codes before it adds others.`,
    columns: ['work', 'Wrapkeeper', "the vendor's provider"],
    rows,
    targets: [],
  };
};

const count = (command: 'plan' | 'apply', wish: Wish): Promise<CommandRun> =>
  withSimulator(
    { seed: seedOf(QUEUES), limits: { perToken: null, perClient: null } },
    (simulator) => runCommand(command, repositoryOf(wish, LIMITS), simulator),
  );
