/** One YAML document held against its schema: what was meant, and everything that is wrong with it. */
import type { z } from 'zod';
import type { Diagnostic } from '../domain/diagnostics.js';
import { MAX_FINDINGS } from './findings.js';
import { faultsOf, withoutConsequences } from './faults.js';
import type { Fault } from './faults.js';
import { explainFault } from './issues.js';
import type { Path } from './expected.js';
import { toData } from './yaml-data.js';
import type { YamlDocument } from './yaml.js';

export interface ReadDocument<Written> {
  /** The document with its defaults; what could be saved of it where it has faults; null where nothing could. */
  readonly written: Written | null;
  /** Whether nothing had to be left out. */
  readonly whole: boolean;
  /** The first of them; `untold` counts the rest. */
  readonly diagnostics: readonly Diagnostic[];
  readonly untold: number;
}

/** Reads a document. Faults are cut out one by one, so that rules can still speak about the rest. */
export const readDocument = <Schema extends z.ZodType>(
  document: YamlDocument,
  schema: Schema,
): ReadDocument<z.output<Schema>> => {
  const { data, diagnostics, told } = toData(document, schema);
  const first = schema.safeParse(data);
  if (first.success)
    return { written: first.data, whole: diagnostics.length === 0, diagnostics, untold: 0 };
  const faults = faultsOf(first.error.issues);
  const news = withoutConsequences(faults, schema).filter((fault) => !told(fault.path));
  const explained = new Map(
    news
      .slice(0, MAX_FINDINGS)
      .map((fault) => explainFault(fault, document, schema))
      .map((diagnostic) => [`${diagnostic.code} ${diagnostic.message}`, diagnostic]),
  );
  return {
    written: salvage(schema, data, faults),
    whole: false,
    diagnostics: [...diagnostics, ...explained.values()],
    untold: Math.max(0, news.length - MAX_FINDINGS),
  };
};

/** Cuts the smallest map entries that hold faults until the rest is valid. */
const salvage = <Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  faults: readonly Fault[],
): z.output<Schema> | null => {
  let remaining = faults;
  while (remaining.length > 0) {
    // All are found before any is cut, or the second fault of one entry would cut what is around it.
    const entries = remaining.flatMap(({ path }) => entryAround(data, path) ?? []);
    if (entries.length === 0) return null;
    for (const { map, key } of entries) Reflect.deleteProperty(map, key);
    const result = schema.safeParse(data);
    if (result.success) return result.data;
    remaining = faultsOf(result.error.issues);
  }
  return null;
};

/** The smallest entry of a map that holds a path: items of lists stay, so that indexes go on naming the same places. */
const entryAround = (
  data: unknown,
  path: Path,
): { readonly map: object; readonly key: string } | null => {
  for (let length = path.length; length > 0; length -= 1) {
    const key = path[length - 1];
    const parent = path
      .slice(0, length - 1)
      .reduce<unknown>(
        (value, step) =>
          typeof value === 'object' && value !== null
            ? (value as Record<string, unknown>)[step]
            : undefined,
        data,
      );
    if (
      typeof key === 'string' &&
      typeof parent === 'object' &&
      parent !== null &&
      Object.hasOwn(parent, key)
    ) {
      return { map: parent, key };
    }
  }
  return null;
};
