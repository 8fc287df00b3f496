/** Rules of the catalogs, which are read as one, and of policies against them. */
import { problem, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { closestName, quote } from '../domain/text.js';
import { isUnmanaged } from './model.js';
import type { CatalogCode, CodeReference, PolicySet } from './model.js';
import { repeated } from './rule.js';
import type { Rule, RuleTable } from './rule.js';

const catalogCodes = (set: PolicySet): readonly CatalogCode[] =>
  set.catalogs.flatMap(({ codes }) => codes);

/** References by name, of the lists that the policies have. */
const references = (
  set: PolicySet,
  ...lists: readonly ('codes' | 'forbidden')[]
): readonly (CodeReference & { readonly name: string })[] =>
  // Without a catalog nothing is said about any of them.
  (set.catalogs.length === 0 ? [] : set.policies).flatMap(({ wrapupCodes }) =>
    wrapupCodes === null || isUnmanaged(wrapupCodes)
      ? []
      : lists.flatMap((list) =>
          wrapupCodes[list].flatMap((code) =>
            code.name === null ? [] : [{ ...code, name: code.name }],
          ),
        ),
  );

const duplicate = (message: string, code: CatalogCode, first: CatalogCode): Diagnostic =>
  problem({
    code: 'catalog.duplicate',
    message,
    remedy: 'Keep one entry.',
    span: code.from.span,
    related: [{ message: 'The other entry', span: first.from.span }],
  });

/** Names are unique in the organization, and a code can be renamed to one name. */
const distinctEntries: Rule = {
  over: 'what is written',
  check: (set) => {
    const codes = catalogCodes(set);
    const byName = new Map(codes.map((code) => [code.name, code]));
    return [
      ...repeated(
        codes,
        ({ name }) => name,
        (code, first) =>
          duplicate(`The code ${quote(code.name)} stands twice in the catalog.`, code, first),
      ),
      ...repeated(
        codes,
        ({ previously }) => previously,
        (code, first) =>
          duplicate(
            `Two codes are both the former ${quote(code.previously ?? '')}: ${quote(first.name)} and ${quote(code.name)}.`,
            code,
            first,
          ),
      ),
      ...codes.flatMap((code) => {
        const old =
          code.previously === null || code.previously === code.name
            ? undefined
            : byName.get(code.previously);
        return old === undefined
          ? []
          : [
              duplicate(
                `The catalog renames ${quote(old.name)} to ${quote(code.name)}, and lists it too.`,
                code,
                old,
              ),
            ];
      }),
    ];
  },
};

/** A rename needs two names. */
const renames: Rule = {
  over: 'what is written',
  check: (set) =>
    catalogCodes(set).flatMap(({ name, previously, from }) =>
      previously !== name
        ? []
        : [
            problem({
              code: 'catalog.same-name',
              message: `The code ${quote(name)} says that it was named the same previously.`,
              remedy: 'Delete `previously`, or write the old name there.',
              span: from.span,
            }),
          ],
    ),
};

/** A retired code is forbidden wherever codes are governed. */
const retiredCodes: Rule = {
  over: 'what is written',
  check: (set) => {
    const retired = new Map(
      catalogCodes(set).flatMap((code) => (code.retired ? [[code.name, code]] : [])),
    );
    return references(set, 'codes').flatMap(({ name, from }) => {
      const entry = retired.get(name);
      return entry === undefined
        ? []
        : [
            problem({
              code: 'catalog.retired-listed',
              message: `The policy lists the code ${quote(name)}, which the catalog has retired.`,
              remedy: 'Delete it from the policy, or take `retired` off.',
              span: from.span,
              related: [{ message: 'It is retired here', span: entry.from.span }],
            }),
          ];
    });
  },
};

/** After a rename the old name exists no more. */
const renamedCodes: Rule = {
  over: 'what is written',
  check: (set) => {
    const renamed = new Map(
      catalogCodes(set).flatMap((code) =>
        code.previously === null || code.previously === code.name ? [] : [[code.previously, code]],
      ),
    );
    return references(set, 'codes', 'forbidden').flatMap(({ name, from }) => {
      const entry = renamed.get(name);
      return entry === undefined
        ? []
        : [
            problem({
              code: 'catalog.renamed-listed',
              message: `The policy says ${quote(name)}, which the catalog renames to ${quote(entry.name)}.`,
              remedy: `Write ${quote(entry.name)}.`,
              span: from.span,
              related: [{ message: 'It is renamed here', span: entry.from.span }],
            }),
          ];
    });
  },
};

/** With a catalog in the repository, a name that it does not know is probably misspelt. */
const knownCodes: Rule = {
  over: 'all documents',
  check: (set) => {
    const codes = catalogCodes(set);
    if (codes.length === 0) return [];
    const known = new Set(codes.flatMap(({ name, previously }) => [name, previously ?? name]));
    const current = codes.filter(({ retired }) => !retired).map(({ name }) => name);
    return references(set, 'codes').flatMap(({ name, from }) => {
      if (known.has(name)) return [];
      const closest = closestName(name, current);
      return [
        warning({
          code: 'catalog.not-listed',
          message: `The catalog does not list the code ${quote(name)}.`,
          remedy:
            closest === null
              ? 'Add it to the catalog.'
              : `Did you mean ${quote(closest)}? Otherwise add it to the catalog.`,
          span: from.span,
        }),
      ];
    });
  },
};

export const catalogRules = {
  distinctEntries,
  renames,
  retiredCodes,
  renamedCodes,
  knownCodes,
} as const satisfies RuleTable;
