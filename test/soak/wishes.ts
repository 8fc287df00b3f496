/** The organization of the soak, and what its people want of it, as files of a repository. */
import type { SimulatorSeed } from '../../src/simulator/seed.js';
import { uuidOf } from '../../src/simulator/random.js';

const ORGANIZATION = uuidOf('soak');
const FAMILIES = ['Billing', 'Sales', 'Support'] as const;
export type Family = (typeof FAMILIES)[number];
export const FAMILY_NAMES: readonly Family[] = FAMILIES;

export const CODES = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'];
/** Codes that the catalog creates when somebody wants them. */
export const NEW_CODES = ['N1', 'N2', 'N3'];
export const GOVERNED = [
  ...['1', '2', '3', '4', '5'].map((number) => `Billing ${number}`),
  ...['1', '2', '3', '4'].map((number) => `Sales ${number}`),
  ...['1', '2', '3'].map((number) => `Support ${number}`),
];
/** No policy has ever named these. */
export const UNGOVERNED = ['Wild 1', 'Wild 2', 'Wild 3'];

/** What one revision wants of a family of queues. */
export interface FamilyWish {
  readonly codes: readonly string[];
  readonly timeoutS: number;
}

/** What one revision wants. */
export interface Wish {
  readonly families: Readonly<Record<Family, FamilyWish>>;
  readonly requestsPerMinute: number;
  /** Whether it allows removals of any number. */
  readonly allows: boolean;
}

export const FIRST_WISH: Wish = {
  families: {
    Billing: { codes: ['A', 'B', 'C', 'D'], timeoutS: 45 },
    Sales: { codes: ['A', 'C', 'E', 'G'], timeoutS: 30 },
    Support: { codes: ['B', 'D', 'F', 'H'], timeoutS: 60 },
  },
  requestsPerMinute: 120,
  allows: false,
};

export const familyOf = (queue: string): Family | null =>
  FAMILIES.find((family) => queue.startsWith(`${family} `)) ?? null;

export const seedOfOrg = (): SimulatorSeed => ({
  organization: { id: ORGANIZATION, name: 'Soak' },
  divisions: [{ name: 'Home', home: true }],
  codes: CODES,
  queues: [...GOVERNED, ...UNGOVERNED].map((name) => ({
    name,
    division: 'Home',
    codes: ['A', 'B', 'C', 'D'],
    acwSettings: { wrapupPrompt: 'OPTIONAL' },
  })),
});

/** Names of the variables in which secrets stand. */
export const SECRETS = {
  HOOK: `whsec_${Buffer.from('the secret of the receiver').toString('base64')}`,
  INBOUND: `whsec_${Buffer.from('the secret of other systems').toString('base64')}`,
  API_TOKEN: 'the-token-of-the-soak',
  GIT_SECRET: 'the-secret-of-the-soak',
};

/** The files of a revision. */
export const filesOf = (
  wish: Wish,
  { receiver }: { readonly receiver: string },
): Readonly<Record<string, string>> => ({
  'wrapkeeper.yaml': `apiVersion: wrapkeeper/v1
kind: Settings
organization: { id: ${ORGANIZATION} }
limits: { requestsPerMinute: ${wish.requestsPerMinute}, concurrency: 4 }
guards:
  queuesChanged: { percent: 80, count: 100, floor: 5 }
  codesRemoved: { percent: 50, count: 200, floor: 3 }
settleFor: 10s
webhooks:
  - { name: reporting, url: "${receiver}", secrets: [{ env: HOOK }], allowPrivateNetwork: true }
daemon:
  interval: 60s
  sweepInterval: 20m
  apiToken: { env: API_TOKEN }
  gitSecret: { env: GIT_SECRET }
  inboundSecrets: [{ env: INBOUND }]
  flap: { reversals: 2, within: 4m }
`,
  ...Object.fromEntries(
    Object.entries(wish.families).map(([family, { codes, timeoutS }]) => [
      `policies/${family.toLowerCase()}.yaml`,
      `apiVersion: wrapkeeper/v1
kind: QueuePolicy
metadata: { name: ${family.toLowerCase()}, owner: soak }
spec:
  queues:
    include: [{ name: "${family} *" }]
  afterCallWork: { prompt: MANDATORY_TIMEOUT, timeout: ${timeoutS}s }
  wrapupCodes: { unlisted: remove, codes: [${codes.join(', ')}] }
`,
    ]),
  ),
  ...(newCodesOf(wish).length === 0
    ? {}
    : {
        'policies/catalog.yaml': `apiVersion: wrapkeeper/v1
kind: WrapupCodeCatalog
metadata: { name: catalog }
spec: { create: true, codes: [${newCodesOf(wish)
          .map((name) => `{ name: ${name}, division: "*" }`)
          .join(', ')}] }
`,
      }),
  ...(wish.allows
    ? {
        'policies/allowance.yaml': `apiVersion: wrapkeeper/v1
kind: GuardAllowance
metadata: { name: soak }
spec: { queuesChanged: 100, codesRemoved: 500, codesRemovedPerQueue: 50, reason: The soak wants it, until: 2027-06-30T00:00:00Z }
`,
      }
    : {}),
});

/** The codes that a catalog has to create for it. */
const newCodesOf = ({ families }: Wish): readonly string[] => {
  const wanted = new Set(Object.values(families).flatMap(({ codes }) => codes));
  return NEW_CODES.filter((code) => wanted.has(code));
};
