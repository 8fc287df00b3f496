/** The organization of the demo: small enough to read, and as unlike the sample policies as real ones are. */
import type { SeedInteraction, SeedQueue, SimulatorSeed } from '../simulator/seed.js';

const COMMON = ['Resolved', 'Escalated', 'Callback', 'Wrong number'];

/** Queues of one family that are alike. */
const family = (
  name: string,
  lines: readonly string[],
  codes: readonly string[],
  wrapupPrompt = 'MANDATORY',
): readonly SeedQueue[] =>
  lines.map((line) => ({
    name: `${name} ${line}`,
    division: 'Retail',
    codes: [...codes],
    acwSettings: { wrapupPrompt },
  }));

const HOUR_MS = 3_600_000;

/** How the interactions of three weeks ended on some of these queues: here and there without a code. */
const ended = (
  queue: string,
  ...endings: readonly (readonly [code: string | null, count: number])[]
): readonly SeedInteraction[] =>
  endings.flatMap(([code, count], at) =>
    [30, 200, 400].map((hours, round) => ({
      queue,
      code,
      count: count + round,
      mediaType: queue.startsWith('Support') ? ('message' as const) : ('voice' as const),
      agoMs: (hours + at) * HOUR_MS,
    })),
  );

export const DEMO_SEED: SimulatorSeed = {
  organization: { name: 'Example Contact Centre' },
  divisions: [{ name: 'Home', home: true }, { name: 'Retail' }],
  codes: [...COMMON, 'Sale closed', 'Transferred', 'Known issue', 'Other', 'Test'].map((name) => ({
    name,
    division: '*',
  })),
  queues: [
    ...family('Billing', ['EN', 'DE', 'FR'], ['Resolved', 'Callback'], 'OPTIONAL'),
    ...family('Claims', ['EN', 'DE'], COMMON),
    ...family('Orders', ['EN', 'DE', 'FR', 'NL'], COMMON),
    ...family('Orders', ['Sandbox'], ['Test'], 'OPTIONAL'),
    ...family('Retention', ['EN', 'DE'], [...COMMON, 'Transferred']),
    ...family('Sales', ['EN', 'DE', 'FR'], ['Resolved', 'Escalated', 'Callback', 'Sale closed']),
    ...family('Sales', ['Outlet'], [...COMMON, 'Sale closed', 'Test']),
    ...family('Support', ['EN', 'DE', 'FR'], COMMON),
  ],
  interactions: [
    ...ended('Billing EN', ['Resolved', 61], ['ININ-WRAP-UP-TIMEOUT', 22], ['Callback', 9]),
    ...ended('Billing DE', ['Resolved', 48], ['ININ-WRAP-UP-SKIPPED', 7], [null, 4]),
    ...ended('Orders EN', ['Resolved', 130], ['Escalated', 12], ['Wrong number', 6]),
    ...ended('Orders Sandbox', ['Test', 3]),
    ...ended('Sales Outlet', ['Sale closed', 25], ['Test', 2], ['ININ-WRAP-UP-TIMEOUT', 5]),
    ...ended('Support EN', ['Resolved', 88], ['Escalated', 31], ['ININ-WRAP-UP-TIMEOUT', 14]),
    ...ended('Support DE', ['Resolved', 70], ['Callback', 5], [null, 2]),
  ],
};
