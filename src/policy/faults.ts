/** What zod found wrong, taken apart: one fault at one path. */
import type { z } from 'zod';
import { closestName } from '../domain/text.js';
import { keysOf, optionsBelow, optionsOf } from './expected.js';
import type { Path } from './expected.js';

/** One fault at one path: unions resolved, lists of unknown keys taken apart. */
export interface Fault {
  readonly path: Path;
  readonly kind: 'unknown-key' | 'value';
  /** The keys of which one is needed, where none is there. */
  readonly oneOf: readonly string[] | null;
}

/** Takes zod's issues apart into single faults, in the order that zod found them. */
export const faultsOf = (issues: readonly z.core.$ZodIssue[], base: Path = []): readonly Fault[] =>
  issues.flatMap((issue): readonly Fault[] => {
    const path = [...base, ...(issue.path as Path)];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...path, key], kind: 'unknown-key', oneOf: null }));
    }
    if (issue.code === 'invalid_union') {
      const branch = nearestBranch(issue.errors);
      if (branch !== null) return faultsOf(branch, path);
    }
    const oneOf: unknown = issue.code === 'custom' ? issue.params?.['oneOf'] : undefined;
    return [{ path, kind: 'value', oneOf: Array.isArray(oneOf) ? oneOf : null }];
  });

/** Leaves out keys that are missing because they are misspelt: the misspelt one is told. */
export const withoutConsequences = (
  faults: readonly Fault[],
  schema: z.core.$ZodType,
): readonly Fault[] => {
  const root = optionsOf(schema);
  const meant = new Set(
    faults.flatMap(({ kind, path }) => {
      const map = path.slice(0, -1);
      const key =
        kind === 'unknown-key'
          ? closestName(String(path.at(-1)), keysOf(optionsBelow(root, map)))
          : null;
      return key === null ? [] : [[...map, key].join('\u0000')];
    }),
  );
  return faults.filter(({ kind, path, oneOf }) => {
    const wanted = oneOf === null ? [path] : oneOf.map((key) => [...path, key]);
    return kind === 'unknown-key' || !wanted.some((key) => meant.has(key.join('\u0000')));
  });
};

/** The branch of a union that was meant: the first whose type fits; null where none does. */
const nearestBranch = (
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | null =>
  branches.find((issues) =>
    issues.every(
      ({ code, path }) => path.length > 0 || (code !== 'invalid_type' && code !== 'invalid_value'),
    ),
  ) ?? null;
