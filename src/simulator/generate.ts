/** A seed of any size: families of queues with rules of their own, and some queues that have drifted from them. */
import { codeName, DIVISIONS, FAMILIES, queueName, type Family } from './example-names.js';
import { between, pick, sample, seededRandom, type Random } from './random.js';
import type { SeedCode, SeedInteraction, SeedQueue, SimulatorSeed } from './seed.js';

/** How large an organization to make. The same numbers make the same organization. */
export interface SimulatorSize {
  readonly queues: number;
  /** Default 40. */
  readonly codes?: number;
  /** Default 1. */
  readonly seed?: number;
}

/** The platform's own code: every organization has it, under this id. */
const DEFAULT_CODE = {
  id: '7fb334b0-0e9e-11e4-9191-0800200c9a66',
  name: 'Default Wrap-up Code',
  division: '*',
} satisfies SeedCode;

const DAY_MS = 86_400_000;

/** Makes a seed of this size. */
export const generateSeed = ({ queues, codes = 40, seed = 1 }: SimulatorSize): SimulatorSeed => {
  const random = seededRandom(seed);
  const names = Array.from({ length: codes }, (_, index) => codeName(index));
  const rules = FAMILIES.map((family) => makeRules(random, family, names));
  const made = Array.from({ length: queues }, (_, index) =>
    makeQueue(random, index, rules[index % rules.length]!, names),
  );
  return {
    organization: { name: `Example Contact Centre ${seed}` },
    divisions: DIVISIONS.map((name, index) => ({ name, home: index === 0 })),
    codes: [DEFAULT_CODE, ...names.map((name) => makeCode(random, name))],
    queues: made,
    interactions: made.flatMap((queue) => makeInteractions(random, queue)),
  };
};

const makeCode = (random: Random, name: string): SeedCode => ({
  name,
  division: random() < 0.8 ? '*' : pick(random, DIVISIONS),
  ...(random() < 0.5 ? { description: `Choose when: ${name}` } : {}),
});

interface Rules {
  readonly acwSettings: NonNullable<SeedQueue['acwSettings']>;
  readonly codes: readonly string[];
}

/** What the queues of a family are meant to have. */
const makeRules = (random: Random, family: Family, codes: readonly string[]): Rules => ({
  acwSettings: pick(random, RULED_ACW),
  codes: [
    ...new Set([
      ...codes.filter((name) => family.codes.includes(name)),
      ...sample(random, codes, between(random, 2, 8)),
    ]),
  ],
});

const RULED_ACW: readonly Rules['acwSettings'][] = [
  { wrapupPrompt: 'OPTIONAL' },
  { wrapupPrompt: 'MANDATORY' },
  { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 30_000 },
  { wrapupPrompt: 'AGENT_REQUESTED', timeoutMs: 120_000 },
];

/** After-call work as it is found live, old values that no write may send included. */
const ACW: readonly Rules['acwSettings'][] = [
  { wrapupPrompt: 'OPTIONAL' },
  { wrapupPrompt: 'OPTIONAL' },
  { wrapupPrompt: 'MANDATORY' },
  { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 30_000 },
  { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 300_000 },
  { wrapupPrompt: 'MANDATORY_FORCED_TIMEOUT', timeoutMs: 60_000 },
  { wrapupPrompt: 'AGENT_REQUESTED', timeoutMs: 120_000 },
  { wrapupPrompt: 'OPTIONAL', timeoutMs: 0 },
  { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 7_200_000 },
];

/** Most queues are as their family is meant to be. Some have been changed by hand over the years. */
const makeQueue = (
  random: Random,
  index: number,
  rules: Rules,
  codes: readonly string[],
): SeedQueue => {
  const open = random() < 0.3;
  return {
    ...queueName(index),
    acwSettings: random() < 0.06 ? pick(random, ACW) : rules.acwSettings,
    codes: makeCodes(random, rules, codes),
    activity: {
      interacting: open ? between(random, 0, 6) : 0,
      waiting: open ? between(random, 0, 3) : 0,
      onQueueUsers: between(random, 0, 12),
    },
  };
};

const makeCodes = (random: Random, rules: Rules, codes: readonly string[]): string[] => {
  const odd = random();
  if (odd < 0.03) return rules.codes.filter((_, index) => index > 0);
  if (odd < 0.06) return [...new Set([...rules.codes, pick(random, codes)])];
  return odd < 0.07 ? [] : [...rules.codes];
};

/** Media types of queues whose name says nothing else; most take calls. */
const MEDIA = ['voice', 'voice', 'voice', 'callback', 'message'] as const;

const makeInteractions = (random: Random, { name, codes = [] }: SeedQueue): SeedInteraction[] => {
  const endings = [
    ...sample(random, codes, 3),
    'ININ-WRAP-UP-TIMEOUT',
    'ININ-WRAP-UP-SKIPPED',
    null,
    ...(random() < 0.1 ? ['ININ-WRAP-UP-DELETED'] : []),
    ...(random() < 0.1 ? ['ININ-OUTBOUND-BUSY', DEFAULT_CODE.name] : []),
  ];
  return endings.map((code) => ({
    queue: name,
    code,
    count: between(random, 1, 80),
    acwMs: between(random, 2, 90) * 1000,
    agoMs: between(random, 0, 7 * DAY_MS),
    mediaType: mediaOf(name) ?? pick(random, MEDIA),
  }));
};

const mediaOf = (queue: string) =>
  / Chat\b/.test(queue) ? 'chat' : / E-mail\b/.test(queue) ? 'email' : null;
