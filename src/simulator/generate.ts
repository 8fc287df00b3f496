/** A seed of any size, with the names that real organizations have: umlauts, other scripts, long dashes. */
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

const DIVISIONS = ['Home', 'Retail', 'Enterprise', 'Öffentlicher Sektor', '日本'];

/** Families of queues, the division they belong to, and the lines in each. */
const FAMILIES: readonly { name: string; division: string; lines: readonly string[] }[] = [
  { name: 'Billing', division: 'Retail', lines: ['EN', 'DE', 'FR', 'ES', 'IT', 'NL', 'PL'] },
  { name: 'Sales', division: 'Retail', lines: ['EN', 'DE', 'FR', 'Outlet', 'Partner'] },
  { name: 'Support', division: 'Enterprise', lines: ['EN', 'DE', 'PT', 'Netz', 'Cloud'] },
  {
    name: 'Störungen',
    division: 'Öffentlicher Sektor',
    lines: ['Strom', 'Gas', 'Wärme', 'Straße'],
  },
  { name: 'Réclamations', division: 'Enterprise', lines: ['Particuliers', 'Professionnels'] },
  { name: 'お問い合わせ', division: '日本', lines: ['請求', '解約', '技術', '配送'] },
  { name: '客服', division: 'Enterprise', lines: ['中文', '粵語'] },
  { name: 'Retention', division: 'Retail', lines: ['EN', 'DE', 'Kündigung'] },
  { name: 'Back office', division: 'Home', lines: ['Mail', 'Claims', 'Øresund'] },
];

const VARIANTS = ['', 'Chat', 'E-mail', 'Callback', 'Tier 2', 'Weekend', 'Premium', 'Sandbox'];

const CODE_NAMES = [
  'Resolved',
  'Escalated',
  'Call back',
  'Follow-up required',
  'Wrong number',
  'No answer',
  'Sale – interested',
  'Sale – refused',
  'Sale – call back',
  'Billing question',
  'Refund granted',
  'Address changed',
  'Rückruf vereinbart',
  'Störung gemeldet',
  'Gekündigt',
  'Réclamation traitée',
  'Información',
  '解決済み',
  '折り返し電話',
  '已解決',
];
const TOPICS = ['Invoice', 'Delivery', 'Contract', 'Technical', 'Zähler', 'Compte', '製品'];
const OUTCOMES = ['answered', 'forwarded', 'pending', 'declined', 'duplicate', 'abgebrochen'];

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
  const made = Array.from({ length: queues }, (_, index) => makeQueue(random, index, names));
  return {
    organization: { name: `Example Contact Centre ${seed}` },
    divisions: DIVISIONS.map((name, index) => ({ name, home: index === 0 })),
    codes: [DEFAULT_CODE, ...names.map((name) => makeCode(random, name))],
    queues: made,
    interactions: made.flatMap((queue) => makeInteractions(random, queue)),
  };
};

const codeName = (index: number): string => {
  const named = CODE_NAMES[index];
  if (named !== undefined) return named;
  const rest = index - CODE_NAMES.length;
  const round = Math.floor(rest / (TOPICS.length * OUTCOMES.length));
  return [
    TOPICS[rest % TOPICS.length],
    '–',
    OUTCOMES[Math.floor(rest / TOPICS.length) % OUTCOMES.length],
    ...(round === 0 ? [] : [round + 1]),
  ].join(' ');
};

const queueName = (index: number): { name: string; division: string } => {
  const family = FAMILIES[index % FAMILIES.length]!;
  const rank = Math.floor(index / FAMILIES.length);
  const variant = Math.floor(rank / family.lines.length);
  const round = Math.floor(variant / VARIANTS.length);
  const parts = [
    family.name,
    family.lines[rank % family.lines.length],
    VARIANTS[variant % VARIANTS.length],
    round === 0 ? '' : round + 1,
  ];
  return { name: parts.filter((part) => part !== '').join(' '), division: family.division };
};

const makeCode = (random: Random, name: string): SeedCode => ({
  name,
  division: random() < 0.8 ? '*' : pick(random, DIVISIONS),
  ...(random() < 0.5 ? { description: `Choose when: ${name}` } : {}),
});

/** After-call work as it is found live, old values that no write may send included. */
const ACW: readonly NonNullable<SeedQueue['acwSettings']>[] = [
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

const makeQueue = (random: Random, index: number, codes: readonly string[]): SeedQueue => {
  const open = random() < 0.3;
  return {
    ...queueName(index),
    acwSettings: pick(random, ACW),
    codes: random() < 0.05 ? [] : sample(random, codes, between(random, 3, 12)),
    activity: {
      interacting: open ? between(random, 0, 6) : 0,
      waiting: open ? between(random, 0, 3) : 0,
      onQueueUsers: between(random, 0, 12),
    },
  };
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
