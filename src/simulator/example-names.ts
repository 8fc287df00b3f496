/** Names as real organizations have them: umlauts, other scripts, long dashes. */

export const DIVISIONS = ['Home', 'Retail', 'Enterprise', 'Öffentlicher Sektor', '日本'];

export interface Family {
  readonly name: string;
  readonly division: string;
  readonly lines: readonly string[];
  /** Codes of its own; it has some of the others besides. */
  readonly codes: readonly string[];
}

/** Families of queues, as a contact centre names them. */
export const FAMILIES: readonly Family[] = [
  {
    name: 'Billing',
    division: 'Retail',
    lines: ['EN', 'DE', 'FR', 'ES', 'IT', 'NL', 'PL'],
    codes: ['Billing question', 'Refund granted', 'Address changed'],
  },
  {
    name: 'Sales',
    division: 'Retail',
    lines: ['EN', 'DE', 'FR', 'Outlet', 'Partner'],
    codes: ['Sale – interested', 'Sale – refused', 'Sale – call back'],
  },
  {
    name: 'Support',
    division: 'Enterprise',
    lines: ['EN', 'DE', 'PT', 'Netz', 'Cloud'],
    codes: ['Follow-up required', 'No answer'],
  },
  {
    name: 'Störungen',
    division: 'Öffentlicher Sektor',
    lines: ['Strom', 'Gas', 'Wärme', 'Straße'],
    codes: ['Störung gemeldet', 'Rückruf vereinbart'],
  },
  {
    name: 'Réclamations',
    division: 'Enterprise',
    lines: ['Particuliers', 'Professionnels'],
    codes: ['Réclamation traitée', 'Información'],
  },
  {
    name: 'お問い合わせ',
    division: '日本',
    lines: ['請求', '解約', '技術', '配送'],
    codes: ['解決済み', '折り返し電話'],
  },
  { name: '客服', division: 'Enterprise', lines: ['中文', '粵語'], codes: ['已解決'] },
  {
    name: 'Retention',
    division: 'Retail',
    lines: ['EN', 'DE', 'Kündigung'],
    codes: ['Gekündigt', 'Sale – refused'],
  },
  {
    name: 'Back office',
    division: 'Home',
    lines: ['Mail', 'Claims', 'Øresund'],
    codes: ['Wrong number', 'Address changed'],
  },
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

/** The name of a code, by its number. */
export const codeName = (index: number): string => {
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

/** The name of a queue and its division, by its number; families take turns. */
export const queueName = (index: number): { name: string; division: string } => {
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
