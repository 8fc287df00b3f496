/** The parts that records are made of, as they stand in the file, in words for people. */
import { z } from 'zod';
import { WRAPUP_PROMPTS } from '../domain/state.js';

/** A map. Readers must bear keys that they do not know: later versions may add some. */
export const part = <Fields extends Readonly<Record<string, z.ZodType>>>(
  description: string,
  fields: Fields,
) => z.object(fields).meta({ description });
export const text = (description: string) => z.string().meta({ description });
export const textOrNull = (description: string) => z.string().nullable().meta({ description });
export const whole = (description: string) => z.int().meta({ description });
export const wholeOrNull = (description: string) => z.int().nullable().meta({ description });
export const flag = (description: string) => z.boolean().meta({ description });
export const instant = (description: string) =>
  z.iso.datetime({ offset: true }).meta({ description });
export const instantOrNull = (description: string) =>
  z.iso.datetime({ offset: true }).nullable().meta({ description });
export const choice = <const Values extends readonly [string, ...string[]]>(
  description: string,
  values: Values,
) => z.enum(values).meta({ description });
export const list = <Item extends z.ZodType>(description: string, item: Item) =>
  z.array(item).meta({ description });
export const orNull = <Schema extends z.ZodType>(description: string, schema: Schema) =>
  schema.nullable().meta({ description });
/** The key may be missing. */
const maybe = <Schema extends z.ZodType>(schema: Schema) => schema.optional();

const bypass = part('Who or what may close an interaction without one of the codes.', {
  selfAssignment: flag('Self assignment.'),
  supervisorAssignment: flag('Assignment by a supervisor.'),
  agentAssignment: flag('Assignment by an agent.'),
  transfer: flag('Transfer.'),
  wrapup: flag('Wrap-up.'),
  postCallWork: flag('Post-call work.'),
});

const requirement = part('A row of the requirement matrix.', {
  required: flag('Whether an interaction must end with one of the codes.'),
  bypass,
});

const codeName = text('The name of the code.');
const codeId = text('The id of the code.');
const prompt = textOrNull('`acwSettings.wrapupPrompt` as it was read; null where there is none.');
const timeoutMs = wholeOrNull('The timer, in milliseconds; null without one.');

export const queue = part('The queue, with the name that it had then.', {
  id: text('Its id: it stays the same when the queue is renamed.'),
  name: text('Its name.'),
  division: text('The name of its division.'),
});

export const snapshot = part('What policies manage of a queue, as it was read.', {
  afterCallWork: orNull(
    'After-call work; null where nobody had to know.',
    part('After-call work.', { prompt, timeoutMs }),
  ),
  wrapupCodes: orNull(
    'The codes on the queue; null where nobody had to know.',
    list(
      'The codes on the queue.',
      part('A code on the queue.', {
        id: codeId,
        name: codeName,
        requirement: maybe(
          orNull(
            'Its row of the requirement matrix, behind a gateway alone; null where it was not understood.',
            requirement,
          ),
        ),
      }),
    ),
  ),
});

/** Its sections stand only where they change. */
export const change = part('What is changed of a queue.', {
  afterCallWork: maybe(
    part('After-call work, before and after.', {
      from: part('As it was read.', { prompt, timeoutMs }),
      to: part('As it is to be.', {
        prompt: choice("One of the platform's prompts.", WRAPUP_PROMPTS),
        timeoutMs,
      }),
    }),
  ),
  wrapupCodes: maybe(
    part('The codes of the queue.', {
      add: list(
        'Codes that it gets.',
        part('A code.', {
          id: textOrNull('Its id; null while the catalog has still to create it.'),
          name: codeName,
          requirement: maybe(requirement),
        }),
      ),
      update: maybe(
        list(
          'Codes that get another row of the requirement matrix; behind a gateway alone.',
          part('A code.', {
            id: codeId,
            name: codeName,
            from: orNull('The row as it was read; null where it was not understood.', requirement),
            to: requirement,
          }),
        ),
      ),
      remove: list('Codes that it loses.', part('A code.', { id: codeId, name: codeName })),
      unchanged: whole('How many codes it keeps as they are.'),
    }),
  ),
});

export const steps = list(
  'The writes that were sent, in order.',
  part('A write.', {
    action: choice('What it was to do.', [
      'create-code',
      'rename-code',
      'add-codes',
      'set-after-call-work',
      'remove-code',
      'put-codes',
    ]),
    detail: text('Names of codes, or the new prompt; for people.'),
    result: choice(
      'What became of it; `unknown`: no answer came, and reading could not settle it.',
      ['applied', 'failed', 'unknown'],
    ),
    correlationId: textOrNull("The platform's id of the request."),
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
      at: text("When, ISO 8601, by the platform's clock."),
      action: text("The platform's word for it, such as `WrapupCodeAdd`."),
    }),
    part('Nobody is known.', {
      by: z.literal('unknown').meta({ description: 'Nobody is known.' }),
      why: textOrNull('Why nobody is; null where nobody was asked.'),
    }),
  ])
  .meta({ description: 'Who changed the queue before, as the audit log of the platform tells.' });

export const evidence = part('What the verdict rests on.', {
  read: choice('What reading showed, once it stayed the same for `settleFor`.', [
    'after',
    'before',
    'between',
    'other',
    'gone',
    'unread',
  ]),
  readAt: instant('When it was read.'),
  audit: choice('What the audit log showed since the intent.', [
    'ours',
    'others',
    'none',
    'unavailable',
    'not-asked',
  ]),
  words: text('The same for people.'),
});
