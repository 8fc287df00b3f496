/** Policies of every kind that people write, overlapping on purpose, and the names that they speak of. */
import { stringify } from 'yaml';
import type { SourceFile } from '../src/policy/source.js';

export const DIVISIONS = 8;
const SERVICES = 40;
const TIERS = 4;
const LANGUAGES = ['DE', 'EN', 'ES', 'FI', 'FR', 'IT', 'JA', 'NL', 'PL', 'PT', 'SV', 'ZH'];

/** `count` names of codes of one subject: what a service, a language, a tier lists. */
export const codesOf = (subject: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${subject}: outcome ${index + 1}`);

const service = (index: number): string => `Service ${pad((index % SERVICES) + 1, 2)}`;
const tier = (index: number): string => `Tier ${(index % TIERS) + 1}`;
const language = (index: number): string => LANGUAGES[index % LANGUAGES.length] ?? '';
export const division = (index: number): string => `Division ${(index % DIVISIONS) + 1}`;

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** Which subjects the queue at this index belongs to. Its service decides its division, and three languages. */
export const subjectsOf = (index: number) => {
  const round = Math.floor(index / SERVICES);
  return {
    service: service(index),
    tier: tier(round),
    language: language(index + (round % 3) * 5),
  } as const;
};

/** `Service 07 00046 Tier 2 DE`: prefixes, infixes and suffixes each select by another part. */
export const queueName = (index: number): string => {
  const subjects = subjectsOf(index);
  return `${subjects.service} ${pad(index, 5)} ${subjects.tier} ${subjects.language}`;
};

/** Every code of the organization. The last one is strange to all policies but those that forbid it. */
export const CODE_NAMES: readonly string[] = [
  ...codesOf('Everywhere', 10),
  ...Array.from({ length: SERVICES }, (_, index) => codesOf(service(index), 20)).flat(),
  ...LANGUAGES.flatMap((name) => codesOf(name, 10)),
  ...Array.from({ length: TIERS }, (_, index) => codesOf(tier(index), 10)).flat(),
  ...codesOf('Trial', 3),
  'Test',
];

/** What the policy of its service wants of a queue, above all others. */
export const workSeconds = (index: number): number => 20 + (index % SERVICES);

type Spec = Readonly<Record<string, unknown>>;

const timed = (seconds: number): Spec => ({
  afterCallWork: { prompt: 'MANDATORY_TIMEOUT', timeout: `${seconds}s` },
});
const listing = (codes: readonly string[], unlisted: 'keep' | 'remove' = 'keep'): Spec => ({
  wrapupCodes: { unlisted, codes },
});
const including = (...include: readonly Spec[]): Spec => ({ queues: { include } });

/** How many of each kind, and what the one at this index says of an organization with so many queues. */
const KINDS: readonly (readonly [
  name: string,
  count: number,
  spec: (index: number, queues: number) => Spec,
])[] = [
  [
    'everywhere',
    1,
    () => ({
      ...including({ name: '*' }),
      ...timed(60),
      ...listing(codesOf('Everywhere', 10), 'remove'),
    }),
  ],
  [
    'prefix',
    SERVICES,
    (index) => ({
      priority: 40,
      ...including({ name: `${service(index)} *` }),
      ...timed(workSeconds(index)),
      ...listing(codesOf(service(index), 20)),
    }),
  ],
  [
    'suffix',
    LANGUAGES.length,
    (index) => ({
      priority: 10,
      ...including({ name: `* ${language(index)}` }),
      ...listing(codesOf(language(index), 10)),
    }),
  ],
  [
    'infix',
    TIERS,
    (index) => ({
      priority: 20,
      ...including({ name: `* ${tier(index)} *` }),
      ...listing(codesOf(tier(index), 10)),
    }),
  ],
  [
    'division',
    DIVISIONS,
    (index) => ({
      priority: 5,
      ...including({ division: division(index) }),
      ...timed(100 + index),
    }),
  ],
  [
    'division-and-suffix',
    16,
    (index) => ({
      priority: 6 + index,
      ...including({ division: division(index), name: `* ${language(index)}` }),
      ...timed(200 + index),
    }),
  ],
  [
    'names',
    60,
    (index, queues) => ({
      priority: 100 + index,
      ...including(
        ...Array.from({ length: 5 }, (_, nth) => ({
          name: queueName((index * 61 + nth * 17) % queues),
        })),
      ),
      ...listing(codesOf('Everywhere', 5)),
    }),
  ],
  [
    'exclude',
    20,
    (index) => ({
      priority: 1,
      queues: {
        include: [{ name: `${service(index)} *` }],
        exclude: [{ name: `* ${language(index)}` }],
      },
      ...listing(codesOf(service(index), 5)),
    }),
  ],
  [
    'forbidden',
    19,
    (index) => ({
      priority: 2,
      ...including({ name: `${service(index + 20)} *` }),
      wrapupCodes: { unlisted: 'keep', codes: [], allowEmpty: true, forbidden: ['Test'] },
    }),
  ],
  [
    'report',
    20,
    (index) => ({
      priority: 50 + index,
      enforcement: 'report',
      ...including({ name: `${service(index * 2)} * ${tier(index)} ${language(index * 2)}` }),
      ...timed(400 + index),
      ...listing(codesOf('Trial', 3)),
    }),
  ],
];

/** Two hundred policies for an organization of so many queues, one file each. */
export const policyFiles = (queues: number): readonly SourceFile[] =>
  KINDS.flatMap(([kind, count, spec]) =>
    Array.from({ length: count }, (_, index) => {
      const name = `${kind}-${pad(index + 1, 3)}`;
      return policyFile(name, spec(index, queues));
    }),
  );

/** So many policies of one kind, each for queues of its own. */
export const teamPolicyFiles = (count: number): readonly SourceFile[] =>
  Array.from({ length: count }, (_, index) =>
    policyFile(`team-${pad(index + 1, 4)}`, {
      ...including({ name: `Team ${pad(index + 1, 4)} *` }),
      ...timed(20 + (index % 40)),
      ...listing(codesOf(service(index), 10), 'remove'),
    }),
  );

/** One policy as a file. */
export const policyFile = (name: string, spec: Spec): SourceFile => ({
  path: `policies/${name}.yaml`,
  text: stringify({
    apiVersion: 'wrapkeeper/v1',
    kind: 'QueuePolicy',
    metadata: { name, owner: 'contact-centre-ops' },
    spec,
  }),
});
