/** Storms: what may go wrong with the requests of one run, and what others may do meanwhile. */
import * as fc from 'fast-check';
import { WRAPUP_PROMPTS } from '../../src/domain/state.js';
import type { Edit, Fault, Trouble } from './script.js';

const CODES = ['A', 'B', 'C', 'D', 'E', 'F'];

/** What an administrator may do meanwhile, or callers. */
export const edits = (queues: readonly string[]): fc.Arbitrary<Edit> => {
  const queue = fc.constantFrom(...queues);
  const code = fc.constantFrom(...CODES);
  return fc.oneof(
    fc.record({ do: fc.constant('describe' as const), queue }),
    fc.record({ do: fc.constantFrom('add-code' as const, 'remove-code' as const), queue, code }),
    fc.record({
      do: fc.constant('set-work' as const),
      queue,
      prompt: fc.constantFrom(...WRAPUP_PROMPTS),
    }),
    fc.record({ do: fc.constantFrom('rename-queue' as const, 'delete-queue' as const), queue }),
    fc.record({ do: fc.constant('call' as const), queue, interacting: fc.constantFrom(0, 1, 3) }),
    fc.record({ do: fc.constantFrom('shift-queues' as const, 'shift-codes' as const) }),
    fc.record({
      do: fc.constantFrom('create-code' as const, 'rename-code' as const, 'delete-code' as const),
      code: fc.constantFrom(...CODES, 'N', 'O', 'D2'),
    }),
  );
};

const BEFORE_OR_AFTER = fc.constantFrom('before' as const, 'after' as const);
const constant = <const Value>(value: Value): fc.Arbitrary<Value> => fc.constant(value);

/** What may happen to a read: it is sent again. */
const readTrouble = fc.record({
  on: fc.constantFrom(
    'read' as const,
    'list-queues' as const,
    'list-codes' as const,
    'read-queue' as const,
    'read-codes' as const,
    'login' as const,
    'organization' as const,
    'observe' as const,
  ),
  fault: fc.oneof(
    fc.record({
      kind: constant('error'),
      status: fc.constantFrom(500, 503, 504, 408),
      when: BEFORE_OR_AFTER,
    }),
    fc.record({ kind: constant('cut'), when: fc.constantFrom('before', 'after', 'midway') }),
    fc.record({ kind: constant('html'), status: constant(502), when: BEFORE_OR_AFTER }),
  ),
});

/** What may happen to a write: only reading tells what became of it. */
const writeTrouble = fc.record({
  on: fc.constantFrom(
    'write' as const,
    'add-codes' as const,
    'set-work' as const,
    'remove-code' as const,
    'create-code' as const,
    'rename-code' as const,
  ),
  fault: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: constant('error'),
        status: fc.constantFrom(500, 503, 504, 408),
        when: BEFORE_OR_AFTER,
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: constant('cut'),
        when: fc.constantFrom('before', 'after', 'midway'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: constant('html'),
        status: fc.constantFrom(200, 502),
        when: BEFORE_OR_AFTER,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: constant('error'),
        status: fc.constantFrom(400, 403, 409),
        when: constant('before'),
      }),
    },
  ),
});

const anyTrouble = fc.record({
  on: fc.constantFrom('any' as const, 'read' as const, 'write' as const, 'set-work' as const),
  fault: fc.oneof(
    fc.record({
      kind: constant('error'),
      status: constant(429),
      retryAfterSeconds: fc.constantFrom(1, 7, 40, 75),
      when: constant('before'),
    }),
    // The longest are over the time-out: a write then takes effect after its client gave up.
    fc.record({
      kind: constant('slow'),
      ms: fc.constantFrom(300, 6_000, 25_000, 31_000, 34_000),
      when: BEFORE_OR_AFTER,
    }),
    fc.record({ kind: constant('expire') }),
  ),
});

const tearTrouble = fc.record({
  on: fc.constantFrom('list-queues' as const, 'list-codes' as const, 'read-codes' as const),
  fault: fc.record({
    kind: constant('tear'),
    how: fc.constantFrom('missing', 'duplicate', 'total', 'empty'),
  }),
});

/** A write has to wait, while reads grow old and windows close. */
const waitTrouble = fc.record({
  on: fc.constantFrom('add-codes' as const, 'set-work' as const, 'create-code' as const),
  fault: fc.record({
    kind: constant('error'),
    status: constant(429),
    retryAfterSeconds: fc.constantFrom(20, 40, 75),
    when: constant('before'),
  }),
});

/** Nobody tells what goes on in a queue: that is an answer, too. */
const untoldTrouble = fc.record({
  on: constant('observe'),
  fault: fc.record({
    kind: constant('error'),
    status: constant(403),
    when: constant('before'),
  }),
});

const lagTrouble = fc.record({
  on: fc.constantFrom('read' as const, 'read-codes' as const, 'read-queue' as const),
  fault: fc.oneof(
    fc.record({ kind: constant('lag'), ms: fc.constantFrom(500, 2_000, 4_000) }),
    fc.record({ kind: constant('lag'), reads: fc.integer({ min: 1, max: 3 }) }),
  ),
});

const endTrouble = fc.record({
  on: fc.constantFrom('write' as const, 'any' as const, 'set-work' as const, 'read-codes' as const),
  fault: fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: constant('kill'), taken: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: constant('stop') }) },
  ),
});

const editTrouble = (queues: readonly string[]) =>
  fc.record({
    on: fc.constantFrom(
      'any' as const,
      'write' as const,
      'read-queue' as const,
      'read-codes' as const,
      'set-work' as const,
      'list-queues' as const,
      'list-codes' as const,
      'remove-code' as const,
    ),
    fault: fc.record({ kind: constant('edit'), edit: edits(queues), when: BEFORE_OR_AFTER }),
  });

/** Somebody edits the very queue that was written, before it is read back. */
const cross = (queues: readonly string[]): fc.Arbitrary<readonly Trouble[]> =>
  fc.constantFrom(...queues).map((queue) => [
    {
      on: 'set-work',
      queue,
      skip: 0,
      times: 1,
      fault: { kind: 'edit', edit: { do: 'describe', queue }, when: 'after' },
    },
  ]);

/** What goes wrong in one run. */
export const troubles = (queues: readonly string[]): fc.Arbitrary<readonly Trouble[]> => {
  const struck = fc.oneof<fc.Arbitrary<Pick<Trouble, 'on' | 'fault'>>[]>(
    readTrouble as fc.Arbitrary<Pick<Trouble, 'on' | 'fault'>>,
    writeTrouble as fc.Arbitrary<Pick<Trouble, 'on' | 'fault'>>,
    writeTrouble as fc.Arbitrary<Pick<Trouble, 'on' | 'fault'>>,
    anyTrouble as fc.Arbitrary<Pick<Trouble, 'on' | 'fault'>>,
    editTrouble(queues) as fc.Arbitrary<Pick<Trouble, 'on' | 'fault'>>,
    editTrouble(queues) as fc.Arbitrary<Pick<Trouble, 'on' | 'fault'>>,
    tearTrouble as fc.Arbitrary<Pick<Trouble, 'on' | 'fault'>>,
    lagTrouble as fc.Arbitrary<Pick<Trouble, 'on' | 'fault'>>,
    endTrouble as fc.Arbitrary<Pick<Trouble, 'on' | 'fault'>>,
    untoldTrouble as fc.Arbitrary<Pick<Trouble, 'on' | 'fault'>>,
    waitTrouble as fc.Arbitrary<Pick<Trouble, 'on' | 'fault'>>,
  );
  const place = fc.record({
    queue: fc.oneof(
      { weight: 2, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constantFrom(...queues) },
    ),
    skip: fc.oneof(fc.nat({ max: 1 }), fc.nat({ max: 7 })),
    times: fc.oneof(
      { weight: 12, arbitrary: constant(1) },
      { weight: 4, arbitrary: fc.constantFrom(2, 3) },
      // As often as a read is tried, and more: a pass that cannot be read ends.
      { weight: 1, arbitrary: constant(8) },
    ),
    lasting: fc.boolean(),
  });
  const single = fc
    .tuple(struck, place)
    .map(([{ on, fault }, { queue, skip, times, lasting }]) => ({
      on,
      queue: QUEUE_ENDPOINTS.has(on) ? queue : null,
      skip,
      // What lasts may last: reads that lag, and a slow platform.
      times: lasting && (fault.kind === 'lag' || isBearable(fault)) ? null : times,
      fault,
    }));
  return fc
    .array(
      fc.oneof(
        { weight: 8, arbitrary: single.map((trouble) => [trouble]) },
        { weight: 2, arbitrary: doubt(queues) },
        { weight: 1, arbitrary: cross(queues) },
      ),
      { maxLength: 6 },
    )
    .map((found) => found.flat());
};

/** A write whose answer is lost, and trouble with the reads that are to settle it. */
const doubt = (queues: readonly string[]): fc.Arbitrary<readonly Trouble[]> =>
  fc
    .record({
      queue: fc.constantFrom(...queues),
      on: fc.constantFrom('add-codes' as const, 'set-work' as const, 'remove-code' as const),
      lost: fc.oneof<fc.Arbitrary<Fault>[]>(
        fc.record({ kind: constant('cut'), when: fc.constantFrom('before', 'after') }),
        fc.record({
          kind: constant('slow'),
          ms: fc.constantFrom(31_000, 34_000),
          when: BEFORE_OR_AFTER,
        }),
      ),
      after: fc.array(
        fc.record({
          skip: fc.nat({ max: 2 }),
          times: fc.integer({ min: 1, max: 3 }),
          fault: fc.oneof<fc.Arbitrary<Fault>[]>(
            fc.record({ kind: constant('lag'), ms: fc.constantFrom(500, 4_000) }),
            fc.record({
              kind: constant('slow'),
              ms: fc.constantFrom(6_000, 25_000, 31_000),
              when: BEFORE_OR_AFTER,
            }),
            fc.record({ kind: constant('error'), status: constant(503), when: constant('before') }),
            fc.record({ kind: constant('edit'), edit: edits(queues), when: BEFORE_OR_AFTER }),
            fc.record({ kind: constant('kill'), taken: fc.boolean() }),
          ),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    })
    .map(({ queue, on, lost, after }) => {
      const looks = on === 'set-work' ? ('read-queue' as const) : ('read-codes' as const);
      return [
        { on, queue, skip: 0, times: 1, fault: lost },
        // The first read of the queue is not to settle anything.
        ...after.map((trouble) => ({ ...trouble, on: looks, queue, skip: trouble.skip + 1 })),
      ];
    });

const isBearable = (fault: Fault): boolean => fault.kind === 'slow' && fault.ms <= 6_000;

/** Requests that are about one queue. */
const QUEUE_ENDPOINTS: ReadonlySet<Trouble['on']> = new Set<Trouble['on']>([
  'read-queue',
  'read-codes',
  'add-codes',
  'set-work',
  'remove-code',
  'read',
  'write',
  'any',
]);
