/** What a case does: a world, a platform with its undocumented answers, and runs with what goes wrong in them. */
import * as fc from 'fast-check';
import { WRAPUP_PROMPTS } from '../../src/domain/state.js';
import type { Provenance } from '../../src/policy/model.js';
import { at } from '../support/policy-set.js';
import { worlds } from './world.js';
import type { World } from './world.js';

/** A request of the client, by what it is for. */
export type Endpoint =
  | 'login'
  | 'organization'
  | 'list-queues'
  | 'list-codes'
  | 'list-divisions'
  | 'read-queue'
  | 'read-codes'
  | 'read-code'
  | 'ask-audits'
  | 'add-codes'
  | 'set-work'
  | 'remove-code'
  | 'create-code'
  | 'rename-code';

/** Something that an administrator does; names are those that the case began with. */
export type Edit =
  | { readonly do: 'add-code' | 'remove-code'; readonly queue: string; readonly code: string }
  | { readonly do: 'set-work'; readonly queue: string; readonly prompt: string }
  | { readonly do: 'describe' | 'rename-queue' | 'delete-queue'; readonly queue: string }
  | { readonly do: 'create-code' | 'rename-code' | 'delete-code'; readonly code: string }
  /** One queue, or code, leaves at the front of the list and another comes at its end. */
  | { readonly do: 'shift-queues' | 'shift-codes' };

/** One thing that goes wrong. */
export type Fault =
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly retryAfterSeconds?: number;
      readonly when: 'before' | 'after';
    }
  | { readonly kind: 'html'; readonly status: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' | 'midway' }
  | { readonly kind: 'slow'; readonly ms: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'lag'; readonly ms: number }
  | { readonly kind: 'lag'; readonly reads: number }
  | { readonly kind: 'tear'; readonly how: 'missing' | 'duplicate' | 'total' | 'empty' }
  | { readonly kind: 'edit'; readonly edit: Edit; readonly when: 'before' | 'after' }
  /** Every token ends. */
  | { readonly kind: 'expire' }
  /** The client is gone (SIGKILL); what it had sent is taken or lost. */
  | { readonly kind: 'kill'; readonly taken: boolean }
  /** The client is asked to stop (Ctrl-C). */
  | { readonly kind: 'stop' };

/** Which requests a fault strikes: so many of these, after so many that pass. */
export interface Trouble {
  readonly on: Endpoint | 'read' | 'write' | 'any';
  /** A queue's name in the case, or null for any. */
  readonly queue: string | null;
  readonly skip: number;
  /** null: all that follow. */
  readonly times: number | null;
  readonly fault: Fault;
}

export interface HostileRun {
  /** How long after the last one, in milliseconds. */
  readonly pauseMs: number;
  /** What was edited meanwhile. */
  readonly edits: readonly Edit[];
  readonly troubles: readonly Trouble[];
}

export interface Platform {
  readonly onPresent: 'ok' | 'refuse' | 'conflict';
  readonly onAbsent: 'ok' | 'not-found';
  readonly movesDateModified: boolean;
  /** The largest page, and whether a larger one is cut down or refused. */
  readonly pages: { readonly max: number; readonly over: 'clamp' | 'refuse' };
  readonly tokenTtlSeconds: number;
  /** Per minute on queue endpoints, whichever token asks; null is none. */
  readonly queueRequestsPerOrg: number | null;
  /** Queues whose every PUT is refused because of somebody else's stale reference. */
  readonly staleQueues: readonly string[];
}

export interface Script {
  readonly world: World;
  readonly platform: Platform;
  readonly limits: { readonly requestsPerMinute: number; readonly concurrency: number };
  readonly runs: readonly HostileRun[];
}

/** How long reads are allowed to lag a write (`settleFor`), and how long they do at most, in milliseconds. */
export const SETTLE_FOR_MS = 10_000;
/** The client's own time-out, in milliseconds. */
export const TIMEOUT_MS = 30_000;

const CODES = ['A', 'B', 'C', 'D', 'E', 'F'];

const edits = (queues: readonly string[]): fc.Arbitrary<Edit> => {
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

const troubles = (queues: readonly string[]): fc.Arbitrary<readonly Trouble[]> => {
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
  );
  const place = fc.record({
    queue: fc.oneof(
      { weight: 2, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constantFrom(...queues) },
    ),
    skip: fc.oneof(fc.nat({ max: 1 }), fc.nat({ max: 7 })),
    times: fc.oneof(
      { weight: 3, arbitrary: constant(1) },
      { weight: 1, arbitrary: fc.constantFrom(2, 3) },
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
        { weight: 4, arbitrary: single.map((trouble) => [trouble]) },
        { weight: 1, arbitrary: doubt(queues) },
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

const platforms = (queues: readonly string[], isCrowded: boolean): fc.Arbitrary<Platform> =>
  fc.record({
    onPresent: fc.constantFrom('ok' as const, 'refuse' as const, 'conflict' as const),
    onAbsent: fc.constantFrom('ok' as const, 'not-found' as const),
    movesDateModified: fc.boolean(),
    pages: fc.oneof(
      { weight: 3, arbitrary: constant({ max: 500, over: 'clamp' }) },
      {
        weight: 3,
        arbitrary: fc.record({
          // A list that takes minutes to read is too old to write upon, however often it is read.
          max: isCrowded ? constant(30) : fc.constantFrom(2, 3, 4),
          over: constant('clamp'),
        }),
      },
      // 25 is the platform's default page: nothing smaller can be refused.
      {
        weight: 1,
        arbitrary: fc.record({ max: fc.constantFrom(25, 60, 499), over: constant('refuse') }),
      },
    ),
    tokenTtlSeconds: fc.constantFrom(86_400, 86_400, 70, 25),
    queueRequestsPerOrg: fc.constantFrom(null, null, null, 25, 60),
    staleQueues: fc.oneof(
      { weight: 6, arbitrary: constant([]) },
      { weight: 1, arbitrary: fc.subarray([...queues], { minLength: 1, maxLength: 1 }) },
    ),
  });

/** Cases in which anything goes wrong. */
export const scripts: fc.Arbitrary<Script> = worlds.chain((world) => {
  const queues = world.seed.queues.map(({ name }) => name);
  return fc.record({
    world: fc.constant(world),
    platform: platforms(queues, (world.seed.codes?.length ?? 0) > 100),
    limits: fc.record({
      requestsPerMinute: fc.constantFrom(300, 300, 300, 20, 7),
      concurrency: fc.constantFrom(1, 2, 8),
    }),
    runs: fc.array(
      fc.record({
        pauseMs: fc.constantFrom(0, 0, 1_000, 90_000),
        edits: fc.array(edits(queues), { maxLength: 3 }),
        troubles: troubles(queues),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  });
});

/** A script as one line of JSON: a place in a policy is written `@policy:line`. */
export const printScript = (script: Script): string =>
  JSON.stringify(script, (key, value: unknown) =>
    key === 'from' && isPlace(value) ? `@${value.policy}:${value.span.line}` : value,
  );

/** What {@link printScript} has printed. */
export const parseScript = (text: string): Script =>
  JSON.parse(text, (key, value: unknown) => {
    const [, policy, line] = (key === 'from' && PLACE.exec(String(value))) || [];
    return policy === undefined ? value : at(policy, Number(line));
  }) as Script;

const PLACE = /^@(.*):(\d+)$/;

const isPlace = (value: unknown): value is Provenance =>
  typeof value === 'object' && value !== null && 'span' in value;
