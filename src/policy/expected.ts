/** What a schema expects at a place, found by walking the schema beside the document. */
import type { z } from 'zod';
import { expectations } from './schema-parts.js';
import type { Expectation } from './schema-parts.js';

/** One form that a place may take. */
export interface Option {
  readonly schema: z.core.$ZodTypes;
  readonly expectation: Expectation | null;
}

export type Path = readonly (string | number)[];

const known = new WeakMap<z.core.$ZodType, readonly Option[]>();

/** The forms that a schema allows: wrappers taken off, unions laid flat. */
export const optionsOf = (schema: z.core.$ZodType): readonly Option[] => {
  const found = known.get(schema);
  if (found !== undefined) return found;
  const options = unwrap(schema as z.core.$ZodTypes);
  known.set(schema, options);
  return options;
};

const unwrap = (schema: z.core.$ZodTypes): readonly Option[] => {
  const expectation = expectations.get(schema as never) ?? null;
  const { def } = schema._zod;
  if (def.type === 'optional' || def.type === 'default' || def.type === 'prefault')
    return optionsOf(def.innerType);
  if (def.type !== 'union') return [{ schema, expectation }];
  const options = def.options.flatMap(optionsOf);
  return expectation === null ? options : options.map((option) => ({ ...option, expectation }));
};

const knownBelow = new WeakMap<readonly Option[], Map<string, readonly Option[]>>();

/** The forms that may stand below a key or an index. */
export const optionsAt = (options: readonly Option[], key: string | number): readonly Option[] => {
  const below = knownBelow.get(options) ?? new Map<string, readonly Option[]>();
  const step = typeof key === 'number' ? '[]' : `.${key}`;
  const found = below.get(step);
  if (found !== undefined) return found;
  const children = options.flatMap((option) => childOf(option, key));
  // Keys that the language does not have are as many as people write.
  if (children.length > 0) knownBelow.set(options, below.set(step, children));
  return children;
};

const childOf = (
  {
    schema: {
      _zod: { def },
    },
  }: Option,
  key: string | number,
): readonly Option[] => {
  if (def.type === 'array') return typeof key === 'number' ? optionsOf(def.element) : [];
  if (def.type !== 'object' || !Object.hasOwn(def.shape, key)) return [];
  const child = def.shape[key];
  return child === undefined ? [] : optionsOf(child);
};

/** The forms that may stand at a path below. */
export const optionsBelow = (options: readonly Option[], path: Path): readonly Option[] =>
  path.reduce(optionsAt, options);

/** The keys that a map may have here. */
export const keysOf = (options: readonly Option[]): readonly string[] =>
  options.flatMap(
    ({
      schema: {
        _zod: { def },
      },
    }) => (def.type === 'object' ? Object.keys(def.shape) : []),
  );

/** The maps that may have a key, by their paths; those in lists are left out, for want of an index. */
export const mapsWith = (options: readonly Option[], key: string): readonly Path[] => {
  const keys = keysOf(options);
  return [
    ...(keys.includes(key) ? [[]] : []),
    ...keys.flatMap((below) =>
      mapsWith(optionsAt(options, below), key).map((path) => [below, ...path]),
    ),
  ];
};

/** Whether a text of free choice may stand here, and of which kind. */
export const textOf = (options: readonly Option[]): 'name' | 'prose' | null =>
  options.find(({ expectation }) => expectation?.text !== undefined)?.expectation?.text ?? null;

/** What may be secret: a place for a reference to one, for a list of these, or for an address. */
export type Secrecy = NonNullable<Expectation['secret']> | 'references';

/** Whether what stands at the path, or around it, may be secret. */
export const secretAt = (options: readonly Option[], path: Path): Secrecy | null => {
  let here = options;
  let around: Secrecy | null = secretOf(here);
  for (const key of path) {
    if (around === 'reference' || around === 'url') return around;
    here = optionsAt(here, key);
    around = secretOf(here) ?? around;
  }
  return around;
};

/** Whether what stands here may be secret, so that no message repeats it. */
export const secretOf = (options: readonly Option[]): Secrecy | null => {
  for (const { schema, expectation } of options) {
    if (expectation?.secret !== undefined) return expectation.secret;
    const { def } = schema._zod;
    if (def.type === 'array' && secretOf(optionsOf(def.element)) === 'reference')
      return 'references';
  }
  return null;
};

/** What belongs here, for a message: "a text or a map with `name`, `id`". */
export const describeOptions = (options: readonly Option[]): string => {
  const nouns = options.map(({ schema, expectation }) => {
    const noun = expectation?.noun ?? 'another value';
    return noun === 'a map'
      ? `a map with ${keysOf([{ schema, expectation }])
          .map((key) => `\`${key}\``)
          .join(', ')}`
      : noun;
  });
  return [...new Set(nouns)].join(', or ');
};
