/** Organizations with everything that real ones have and no language likes: traps of YAML, twins, odd timers. */
import * as fc from 'fast-check';
import { WRAPUP_PROMPTS } from '../../src/domain/state.js';
import type { OrgSeed, QueueSeed } from './memory-org.js';
import { uuid } from './memory-org.js';

/** Names that YAML, patterns or people read as something else. */
const TRAPS = [
  'yes',
  'No',
  'null',
  '~',
  '1e3',
  '0x1F',
  '12:30:45',
  '2026-11-24',
  '',
  ': #',
  'Sale: closed',
  'a # b',
  '#1',
  '- item',
  '? key',
  '*',
  'Test*',
  '\\*',
  'a\\*b',
  'back\\slash',
  '&anchor',
  '!tag',
  '%directive',
  '@at',
  '`tick`',
  '"double"',
  "'single'",
  `both ' and "`,
  `'\\"`,
  '{ flow }',
  '[ list ]',
  '| literal',
  '> folded',
  '---',
  '...',
  '<<',
  '😀 emoji',
  '👩‍💻',
  'Zu\u0308rich',
  'Zürich',
  '日本語',
  'مرحبا',
  'no\u00A0break',
  'zero\u200Bwidth',
  ' leading',
  'trailing ',
  'line\nbreak',
  'tab\there',
  '\u202Ereversed',
  'half\uD83D',
  'Con',
  'x'.repeat(200),
] as const;

const name: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...TRAPS) },
  { weight: 3, arbitrary: fc.constantFrom('Billing DE', 'Billing EN', 'Sales', 'Support') },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
);

const queue = (
  number: number,
  divisions: readonly string[],
  codes: readonly string[],
): fc.Arbitrary<QueueSeed> =>
  fc.record({
    id: fc.constant(uuid(1, number)),
    name,
    division: fc.constantFrom(...divisions),
    prompt: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...WRAPUP_PROMPTS) },
      { weight: 1, arbitrary: fc.constantFrom(null, 'MANDATORY_SOMETIME', 'NEW: # one') },
    ),
    timeoutMs: fc.constantFrom(null, 0, 999, 1_000, 1_500, 30_000, 3_600_000, 4_000_000),
    codes: fc.subarray([...codes], { maxLength: Math.min(4, codes.length) }),
  });

/** One to nine queues in up to three divisions; names of queues and divisions may stand twice. */
export const wildOrg: fc.Arbitrary<OrgSeed> = fc
  .record({
    divisions: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
    names: fc.uniqueArray(name, { maxLength: 6 }),
    size: fc.integer({ min: 1, max: 9 }),
  })
  .chain(({ divisions, names, size }) =>
    fc.record({
      divisions: fc.constant(divisions),
      codes: fc.constant(names.map((code, at) => ({ name: code, id: uuid(2, at + 1) }))),
      queues: fc.tuple(...Array.from({ length: size }, (_, at) => queue(at + 1, divisions, names))),
    }),
  );

/** The same behind a gateway, where codes have rows. */
export const wildGateway: fc.Arbitrary<OrgSeed> = fc
  .tuple(wildOrg, fc.infiniteStream(fc.nat({ max: 3 })))
  .map(([seed, dice]) => {
    const roll = (): boolean => dice.next().value === 0;
    return {
      ...seed,
      api: 'wrapupcodes-put',
      queues: seed.queues.map((each) => ({
        ...each,
        codes: (each.codes ?? []).map((code) => ({
          name: typeof code === 'string' ? code : code.name,
          required: roll(),
          bypass: { transfer: roll(), wrapup: roll() },
        })),
      })),
    };
  });
