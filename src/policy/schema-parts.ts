/**
 * The building blocks of what people write. Each carries the words that messages use for it; the
 * descriptions and examples reach the editor through the JSON Schema.
 */
import { z } from 'zod';
import { DURATION, parseDuration } from '../domain/duration.js';
import { UUID } from '../domain/ids.js';

/** What messages and checks need to know about a place, apart from its form. */
export interface Expectation {
  /** What belongs there: "a duration such as 45s". */
  readonly noun: string;
  /** A text that people choose: a `name` tells things apart, `prose` is only read. */
  readonly text?: 'name' | 'prose';
  /** What stands there may be secret: no message repeats it. */
  readonly secret?: 'reference' | 'url';
}

/** The expectations of the schemas below, by schema. */
export const expectations = z.registry<Expectation>();

interface About {
  readonly description: string;
  readonly examples?: readonly unknown[];
  readonly [keyword: string]: unknown;
}

const expecting = <Schema extends z.ZodType>(
  schema: Schema,
  expectation: Expectation,
  about: About,
): Schema => {
  const known = schema.meta({ ...about });
  expectations.add(known, expectation);
  return known;
};

/** A text with a form: editors show the noun where the pattern does not match. */
const withForm = <Schema extends z.ZodType>(
  schema: Schema,
  noun: string,
  description: string,
  examples: readonly string[],
): Schema =>
  expecting(
    schema,
    { noun },
    {
      description,
      ...(examples.length > 0 && { examples }),
      patternErrorMessage: `Write ${noun}.`,
    },
  );

/** The name of something: identity, so that traps of YAML and of typography are looked for. */
export const name = (description: string, ...examples: string[]) =>
  expecting(
    z.string().min(1),
    { noun: 'a text', text: 'name' },
    { description, ...(examples.length > 0 && { examples }) },
  );

/** A text for people. */
export const prose = (description: string, ...examples: string[]) =>
  expecting(
    z.string().min(1),
    { noun: 'a text', text: 'prose' },
    { description, ...(examples.length > 0 && { examples }) },
  );

/** A text of another form, such as a path or an address. */
export const formed = (noun: string, pattern: RegExp, description: string, ...examples: string[]) =>
  withForm(z.string().regex(pattern), noun, description, examples);

/** An id of the platform. */
export const uuid = (of: string) =>
  formed(
    'an id such as 7fb334b0-0e9e-11e4-9191-0800200c9a66',
    UUID,
    `The id of the ${of}, as the address bar of the admin UI shows it.`,
  );

/** `<integer>(ms|s|m|h|d)`. */
export const duration = (description: string, ...examples: string[]) =>
  withForm(
    z
      .string()
      .regex(DURATION)
      .refine((text) => parseDuration(text) !== null),
    `a duration such as ${examples[0] ?? '45s'} (a whole number and ms, s, m, h or d)`,
    description,
    examples,
  );

/** An instant with its offset. */
export const instant = (description: string, ...examples: string[]) =>
  withForm(
    z.iso.datetime({ offset: true }),
    'an instant with its offset such as 2026-12-31T18:00:00Z or 2026-12-31T19:00:00+01:00',
    description,
    examples,
  );

/** A whole number, not less than a bound. */
export const count = (description: string, least: number) =>
  expecting(z.int().min(least), { noun: `a whole number, ${least} or more` }, { description });

/** A whole number without bounds. */
export const integer = (description: string) =>
  expecting(z.int(), { noun: 'a whole number' }, { description });

/** A share from 0 to 100. */
export const percentage = (description: string) =>
  expecting(z.number().min(0).max(100), { noun: 'a number from 0 to 100' }, { description });

/** Exactly this word. */
export const word = <const Word extends string>(description: string, value: Word) =>
  expecting(z.literal(value), { noun: `the word \`${value}\`` }, { description });

/** `true` or `false`. */
export const flag = (description: string) =>
  expecting(z.boolean(), { noun: '`true` or `false`' }, { description });

/** One of a few words. What each means, in the admin UI's own labels where it has them, is part of the description. */
export const choice = <const Words extends readonly [string, ...string[]]>(
  description: string,
  words: Words,
  meanings?: Readonly<Record<Words[number], string>>,
) => {
  const explained = words.flatMap((value) => (meanings ? [meanings[value as Words[number]]] : []));
  const list = explained.map((meaning, index) => `\`${words[index] ?? ''}\`: ${meaning}`);
  return expecting(
    z.enum(words),
    { noun: `one of ${words.join(', ')}` },
    {
      description: [description, ...list].join(' '),
      ...(explained.length > 0 && { enumDescriptions: explained }),
    },
  );
};

/** A map with these keys and no others. */
export const map = <Shape extends z.core.$ZodLooseShape>(
  description: string,
  shape: Shape,
  about: Omit<About, 'description'> = {},
) => expecting(z.strictObject(shape), { noun: 'a map' }, { description, ...about });

/** A map that needs at least one of some optional keys. */
export const mapWithOneOf = <Shape extends z.core.$ZodLooseShape>(
  description: string,
  keys: readonly (keyof Shape & string)[],
  shape: Shape,
) =>
  expecting(
    z
      .strictObject(shape)
      .refine((value) => keys.some((key) => value[key as keyof typeof value] !== undefined), {
        params: { oneOf: keys },
      }),
    { noun: 'a map' },
    { description, anyOf: keys.map((key) => ({ required: [key] })) },
  );

/** A list. */
export const list = <Item extends z.ZodType>(description: string, item: Item) =>
  expecting(z.array(item), { noun: 'a list' }, { description });

/** A list that must not be empty. */
export const filledList = <Item extends z.ZodType>(description: string, item: Item) =>
  expecting(z.array(item).min(1), { noun: 'a list of at least one' }, { description });
