/** Organizations and policies as they could meet: overlapping, at odds, in report mode, suspended, ended. */
import * as fc from 'fast-check';
import { WRAPUP_PROMPTS } from '../../src/domain/state.js';
import type { PolicySet, QueuePolicy, WrapupCodeCatalog } from '../../src/policy/model.js';
import { NOW } from './fake-clock.js';
import type { OrgSeed, QueueSeed } from './memory-org.js';
import { nameOf, uuid } from './memory-org.js';
import { catalog, policy, policySet } from './policy-set.js';
import type { CodesSpec, PolicySpec } from './policy-set.js';

export interface World {
  readonly seed: OrgSeed;
  readonly set: PolicySet;
}

/** Codes that exist from the start. */
const CODES = ['A', 'B', 'C', 'D', 'E', 'F'];
/** Codes that only a catalog can bring about. */
const NEW_CODES = ['N', 'O'];
const QUEUES = ['Billing DE', 'Billing EN', 'Sales DE', 'Sales EN', 'Support', 'Test*'];
const DIVISIONS = ['Home', 'Retail'];

/** This once in a while, and nothing mostly. */
const rarely = <Value>(arbitrary: fc.Arbitrary<Value>, weight = 6): fc.Arbitrary<Value | null> =>
  fc.oneof({ weight, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

const some = <Item>(items: readonly Item[], maxLength = items.length): fc.Arbitrary<Item[]> =>
  fc.subarray([...items], { maxLength });

const queueSeed = (name: string): fc.Arbitrary<QueueSeed> =>
  fc.record({
    id: fc.constant(uuid(1, QUEUES.indexOf(name) + 1)),
    name: fc.constant(name),
    division: fc.constantFrom(...DIVISIONS),
    prompt: fc.constantFrom(...WRAPUP_PROMPTS, null),
    timeoutMs: fc.constantFrom(null, 0, 9_000, 30_000, 4_000_000),
    codes: some(CODES),
    unsafeNumber: rarely(fc.constant('/outboundId'), 15),
  });

/** One to six queues, in any order. */
const orgSeed: fc.Arbitrary<OrgSeed> = fc
  .shuffledSubarray(QUEUES, { minLength: 1 })
  .chain((names) => fc.tuple(...names.map(queueSeed)))
  .map((queues) => ({
    codes: CODES.map((name, index) => ({ name, id: uuid(2, index + 1) })),
    divisions: DIVISIONS,
    queues,
  }));

const SUSPENDED = { reason: 'Audit week', by: 'j.doe', until: NOW + 3_600_000 };

const work: fc.Arbitrary<PolicySpec['work']> = fc.oneof(
  fc.constantFrom(
    undefined,
    undefined,
    'OPTIONAL',
    'MANDATORY',
    'MANDATORY_TIMEOUT',
    'AGENT_REQUESTED',
  ),
  fc.tuple(
    fc.constantFrom('MANDATORY_TIMEOUT' as const, 'MANDATORY_FORCED_TIMEOUT' as const),
    fc.constantFrom(9_000, 45_000),
  ),
);

/** Mostly codes that can be used, and rarely one that cannot. */
const codesSpec = (usable: readonly string[]): fc.Arbitrary<CodesSpec> =>
  fc
    .record({
      unlisted: fc.constantFrom('remove' as const, 'keep' as const),
      codes: fc.oneof(
        { weight: 6, arbitrary: fc.subarray([...usable], { minLength: 1 }) },
        { weight: 1, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.constant(undefined) },
      ),
      strange: rarely(fc.constantFrom('E', 'N', 'D2', 'Nope'), 20),
      forbidden: fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: some(usable, 2) },
      ),
      required: rarely(fc.constantFrom('A', 'B')),
      allowEmpty: fc.boolean(),
    })
    .map(({ codes, strange, required, ...rest }) => ({
      ...rest,
      ...(codes !== undefined && {
        codes: [...new Set([...codes, ...(strange === null ? [] : [strange])])].map((name) => ({
          name,
          required: name === required,
        })),
      }),
    }));

const selectors = fc.oneof(
  { weight: 4, arbitrary: fc.constant(['*']) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ['Billing *'],
      ['* EN'],
      ['Sales *', '* DE'],
      [{ division: 'Retail' }],
      [{ name: '* DE', division: 'Home' }],
    ),
  },
  // Queues that may not be there.
  { weight: 1, arbitrary: fc.constantFrom(['Support'], ['Test\\*']) },
);

const PERIODS = [
  { from: NOW + 1, until: null, afterwards: 'remove' },
  { from: NOW - 5, until: NOW + 5, afterwards: 'remove' },
  { from: null, until: NOW - 1, afterwards: 'remove' },
  { from: null, until: NOW - 1, afterwards: 'remove' },
  { from: null, until: NOW - 1, afterwards: 'keep' },
] as const;

const policySpec = (usable: readonly string[]): fc.Arbitrary<PolicySpec> =>
  fc
    .record({
      // Mostly different ones: equals are soon at odds.
      priority: fc.integer({ min: -4, max: 12 }),
      combine: fc.constantFrom(
        'merge' as const,
        'merge' as const,
        'merge' as const,
        'replace' as const,
      ),
      enforcement: fc.constantFrom(
        'enforce' as const,
        'enforce' as const,
        'enforce' as const,
        'report' as const,
      ),
      suspend: rarely(fc.constant(SUSPENDED)),
      active: rarely(fc.constantFrom(...PERIODS), 4),
      include: selectors,
      exclude: rarely(selectors, 4),
      work,
      codes: fc.oneof(
        { weight: 4, arbitrary: codesSpec(usable) },
        { weight: 1, arbitrary: fc.constant(undefined) },
      ),
      unmanaged: rarely(fc.constantFrom('work' as const, 'codes' as const), 3),
    })
    .map(({ unmanaged, work: prompt, codes: rule, exclude, ...rest }) => {
      const handsOff = rest.combine === 'replace' ? unmanaged : null;
      return {
        ...rest,
        exclude: exclude ?? [],
        ...(prompt !== undefined && { work: prompt }),
        ...(rule !== undefined && { codes: rule }),
        ...(handsOff === 'work' && { work: 'unmanaged' as const }),
        ...(handsOff === 'codes' && { codes: 'unmanaged' as const }),
      };
    });

/** Creates, renames and retires codes: a catalog, and the names that policies can then use. */
const catalogs: fc.Arbitrary<{
  readonly catalog: WrapupCodeCatalog | null;
  readonly usable: readonly string[];
}> = fc
  .record({
    present: fc.boolean(),
    create: fc.constantFrom(true, true, true, false),
    created: some(NEW_CODES),
    renamed: fc.boolean(),
    retired: some(['E', 'F']),
  })
  .map(({ present, create, created, renamed, retired }) => {
    if (!present) return { catalog: null, usable: CODES };
    const usable = CODES.filter((name) => !retired.includes(name) && !(renamed && name === 'D'));
    return {
      catalog: catalog(
        [
          ...(create ? created : []).map((name) => ({ name })),
          ...retired.map((name) => ({ name, retired: true })),
          ...(renamed ? [{ name: 'D2', previously: 'D' }] : []),
        ],
        { create },
      ),
      usable: [...usable, ...(create ? created : []), ...(renamed ? ['D2'] : [])],
    };
  });

/** Policies that may contradict one another, and now and then name what does not exist. */
const policies: fc.Arbitrary<PolicySet> = catalogs.chain(({ catalog: listed, usable }) =>
  fc
    .array(policySpec(usable), { minLength: 1, maxLength: 5 })
    .map((specs) =>
      policySet(
        ...specs.map((spec, index) => policy(`p${index}`, spec)),
        ...(listed === null ? [] : [listed]),
      ),
    ),
);

export const world: fc.Arbitrary<World> = fc.record({ seed: orgSeed, set: policies });

/** A world behind a gateway: codes have rows, some other ones than policies want, and queues may be disabled. */
export const gatewayWorld: fc.Arbitrary<World> = fc
  .tuple(world, fc.infiniteStream(fc.nat({ max: 5 })))
  .map(([{ seed, set }, dice]) => {
    const roll = (): number => dice.next().value;
    return {
      set,
      seed: {
        ...seed,
        api: 'wrapupcodes-put',
        queues: seed.queues.map((queue) => ({
          ...queue,
          enabled: roll() > 0,
          codes: (queue.codes ?? []).map((code) => ({
            name: nameOf(code),
            required: roll() === 0,
            bypass: { transfer: roll() === 0 },
          })),
        })),
      },
    };
  });

/** Whether an instant lies in a policy's period, or after it where its codes are to be removed. */
export const phaseOf = ({ active }: QueuePolicy): 'absent' | 'active' | 'ended' => {
  if (active === null) return 'active';
  if (active.from !== null && active.from > NOW) return 'absent';
  if (active.until === null || active.until > NOW) return 'active';
  return active.afterwards === 'remove' ? 'ended' : 'absent';
};

/** Selection as a person would do it: an oracle for the tests, one queue at a time. */
export const governs = (
  { include, exclude }: QueuePolicy,
  queue: { readonly name: string; readonly division: string },
): boolean => {
  const matches = ({ name, division }: QueuePolicy['include'][number]): boolean => {
    if (division !== null && division !== queue.division) return false;
    if (name === null) return true;
    if (name.startsWith('*')) return queue.name.endsWith(name.slice(1));
    if (name.endsWith('\\*')) return queue.name === `${name.slice(0, -2)}*`;
    return name.endsWith('*') ? queue.name.startsWith(name.slice(0, -1)) : queue.name === name;
  };
  return include.some(matches) && !exclude.some(matches);
};
