/** The parts that the data of events are made of, as a receiver finds them. */
import { z } from 'zod';

type Shape = Readonly<Record<string, z.ZodType>>;

/** A map. Receivers must bear keys that they do not know: later versions may add some. */
export const part = <Fields extends Shape>(description: string, fields: Fields) =>
  z.object(fields).meta({ description });
export const text = (description: string) => z.string().meta({ description });
export const textOrNull = (description: string) => z.string().nullable().meta({ description });
export const whole = (description: string) => z.int().meta({ description });
export const wholeOrNull = (description: string) => z.int().nullable().meta({ description });
export const flag = (description: string) => z.boolean().meta({ description });
export const choice = <const Values extends readonly [string, ...string[]]>(
  description: string,
  values: Values,
) => z.enum(values).meta({ description });
export const instant = (description: string) =>
  z.iso.datetime({ offset: true }).meta({ description });
/** The same fields, or null. */
export const orNull = <Schema extends z.ZodType>(description: string, schema: Schema) =>
  schema.nullable().meta({ description });

type Shortened<Key extends string, Item extends z.ZodType> = z.ZodObject<
  { count: z.ZodInt; left_out: z.ZodInt } & { [Name in Key]: z.ZodArray<Item> }
>;

/** A list that may be too long for an event: then its first items stand under a key, and how many are left out. */
const listOf = <const Key extends string, Item extends z.ZodType>(
  description: string,
  key: Key,
  item: Item,
) =>
  z
    .union([
      z.array(item).meta({ description: 'All of them.' }),
      part('Shortened: all of them stand in the journal.', {
        count: whole('How many there are.'),
        [key]: z.array(item).meta({ description: 'The first of them.' }),
        left_out: whole('How many do not stand here.'),
      }) as unknown as Shortened<Key, Item>,
    ])
    .meta({ description });

const bypass = {
  self_assignment: flag('Self assignment.'),
  supervisor_assignment: flag('Assignment by a supervisor.'),
  agent_assignment: flag('Assignment by an agent.'),
  transfer: flag('Transfer.'),
  wrapup: flag('Wrap-up.'),
  post_call_work: flag('Post-call work.'),
};

const requirement = part('Its row of the requirement matrix.', {
  required: flag('Whether an interaction must end with a code.'),
  bypass: part('What may do without one.', bypass),
});

const work = {
  prompt: textOrNull(
    "The platform's value of `acwSettings.wrapupPrompt`; null where there is none.",
  ),
  timeout_ms: wholeOrNull('The timer, in milliseconds; null without one.'),
};

const code = part('A wrap-up code.', {
  id: textOrNull('Its id; null while the catalog has still to create it.'),
  name: text('Its name.'),
  requirement: orNull(
    'Its row of the requirement matrix; only behind a gateway, and null where it was not understood.',
    requirement,
  ).optional(),
});

export const snapshot = part('A queue as it was read.', {
  after_call_work: orNull('After-call work; null where nobody had to know.', part('', work)),
  wrapup_codes: orNull(
    'The codes of the queue; null where nobody had to know.',
    listOf('The codes of the queue.', 'codes', code),
  ),
});

export const change = part('What the policies would change.', {
  after_call_work: part('Stands only where it would be changed.', {
    from: part('As it was read.', work),
    to: part('As the policies want it.', work),
  }).optional(),
  wrapup_codes: part('Stands only where codes would be changed.', {
    add: listOf('The codes that would be added.', 'codes', code),
    update: listOf('The codes whose row would be changed; behind a gateway alone.', 'codes', code),
    remove: listOf('The codes that would be removed.', 'codes', code),
    unchanged: whole('How many codes would stay as they are.'),
  }).optional(),
});

export const policies = listOf(
  'The policies that want it so.',
  'policies',
  part('A policy.', {
    name: text('Its name.'),
    file: text('Its file, relative to the repository.'),
    line: whole('The line in that file.'),
  }),
);

export const changedBy = z
  .union([
    part('Somebody is known.', {
      by: choice('`exact`: nobody else changed it in that time; `window`: others may have.', [
        'exact',
        'window',
      ]),
      kind: choice('A person, or an OAuth client.', ['user', 'client']),
      id: text('The id of the user or the client.'),
      name: textOrNull('The name, where it is known.'),
      at: text("When, by the platform's clock."),
      action: text("The platform's word for what was done."),
    }),
    part('Nobody is known.', {
      by: z.literal('unknown').meta({ description: 'Nobody knows.' }),
      why: textOrNull('Why nobody knows.'),
    }),
  ])
  .meta({ description: 'Who changed the queue from outside, as the audit log tells.' });

export const steps = listOf(
  'The writes that were sent, in order.',
  'steps',
  part('A write.', {
    action: choice('What it was.', [
      'create-code',
      'rename-code',
      'add-codes',
      'set-after-call-work',
      'remove-code',
      'put-codes',
    ]),
    detail: text('Names of codes, or the new prompt; for people.'),
    result: choice('`unknown`: no answer came, and reading could not settle it.', [
      'applied',
      'failed',
      'unknown',
    ]),
    correlation_id: textOrNull("The platform's id of the request."),
  }),
);

export const guards = listOf(
  'Every guard, and what it said.',
  'guards',
  part('A guard.', {
    measure: text('What it measures.'),
    actual: whole('How much it is.'),
    of: wholeOrNull('Of how many; null where the limit is a number.'),
    limit: text('The limit, for people.'),
    verdict: choice('What it said.', ['pass', 'refuse', 'allowed']),
    worst: z
      .array(
        part('A queue.', { queue: text('Its name.'), count: whole('How much of it is there.') }),
      )
      .meta({ description: 'The queues that weigh most.' }),
  }),
);

export const evidence = part('What the verdict rests on.', {
  read: choice('What reading showed once it stayed the same.', [
    'after',
    'before',
    'between',
    'other',
    'gone',
    'unread',
  ]),
  read_at: text('When it was read.'),
  audit: choice('What the audit log showed since.', [
    'ours',
    'others',
    'none',
    'unavailable',
    'not-asked',
  ]),
  words: text('The same, for people.'),
});
