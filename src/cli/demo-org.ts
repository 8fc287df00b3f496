/** The organization of the demo: small enough to read, and as unlike the sample policies as real ones are. */
import type { SeedQueue, SimulatorSeed } from '../simulator/seed.js';

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
};
