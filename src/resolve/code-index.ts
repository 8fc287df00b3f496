/**
 * The codes that policies may point at: those of the organization, under the names that they will have
 * once the catalog's renames are done, and those that the catalog is about to create.
 *
 * | catalog says              | old name exists | new name exists | create | answer                       |
 * |---------------------------|-----------------|-----------------|--------|------------------------------|
 * | name                      |                 | yes             |        | it                           |
 * | name                      |                 | no              | true   | create                       |
 * | name                      |                 | no              | false  | error catalog.missing-code   |
 * | name, previously          | yes             | no              |        | rename                       |
 * | name, previously          | yes             | yes             |        | error catalog.rename-blocked |
 * | name, previously          | twice (NFC)     |                 |        | error reference.ambiguous-code |
 * | name, previously          | no              | as above        | …      | as without `previously`, and a warning where it seems misspelt |
 * | name, retired             |                 | yes             |        | unwanted wherever codes are governed |
 * | name, retired             |                 | no              |        | nothing                      |
 *
 * A name with an error is usable by no policy until the catalog is mended: what lists it is unresolved.
 */
import { compareText } from '../domain/order.js';
import type { CodeCreation, CodeRename } from '../domain/change.js';
import { problem, warning } from '../domain/diagnostics.js';
import type { Diagnostic, SourceSpan } from '../domain/diagnostics.js';
import { divisionId } from '../domain/ids.js';
import type { CodeId, DivisionId } from '../domain/ids.js';
import type { Division, LiveCode } from '../domain/state.js';
import { closestName, spellInvisible } from '../domain/text.js';
import type { CatalogCode, CodeReference, WrapupCodeCatalog } from '../policy/model.js';
import type { CodeKey, CodeLookup } from './model.js';
import { append } from './multimap.js';

/** A code that a reference resolved to. */
export interface KnownCode {
  readonly key: CodeKey;
  readonly id: CodeId | null;
  readonly name: string;
}

/** What a reference to a code turned out to be. */
export type CodeAnswer =
  | { readonly kind: 'known'; readonly code: KnownCode }
  /** Named by the catalog, which cannot provide it: nothing to list or to remove. The catalog has told why. */
  | { readonly kind: 'absent'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly diagnostic: Diagnostic };

export class CodeIndex {
  readonly create: readonly CodeCreation[];
  readonly rename: readonly CodeRename[];
  /** Retired codes that exist. */
  readonly retired: ReadonlyMap<CodeId, CatalogCode & { readonly id: CodeId }>;
  readonly diagnostics: readonly Diagnostic[];
  /** Names and ids that were looked for and not found. */
  readonly absent: CodeLookup[] = [];
  readonly #byId = new Map<string, KnownCode>();
  readonly #byName = new Map<string, KnownCode[]>();
  readonly #renamedAway = new Map<string, string>();
  /** Names of the catalog that no policy can use yet, and why. */
  readonly #unusable = new Map<string, string>();

  constructor(
    catalogs: readonly WrapupCodeCatalog[],
    live: readonly LiveCode[],
    divisions: readonly Division[],
  ) {
    const create: CodeCreation[] = [];
    const rename: CodeRename[] = [];
    const retired = new Map<CodeId, CatalogCode & { readonly id: CodeId }>();
    const diagnostics: Diagnostic[] = [];
    const liveByName = new Map<string, LiveCode[]>();
    for (const code of live) append(liveByName, code.name.normalize('NFC'), code);
    const newNames = new Map<CodeId, string>();
    const refuse = (entry: CatalogCode, diagnostic: Diagnostic): void => {
      diagnostics.push(diagnostic);
      this.#unusable.set(entry.name, diagnostic.message);
    };

    for (const entry of catalogs.flatMap((catalog) => catalog.codes)) {
      const olds = entry.previously === null ? [] : (liveByName.get(entry.previously) ?? []);
      const present = liveByName.get(entry.name) ?? [];
      const [old, oldTwin] = olds;
      if (entry.previously !== null && old === undefined)
        this.absent.push({ name: entry.previously });
      if (present.length === 0) this.absent.push({ name: entry.name });

      if (old !== undefined && present.length > 0) {
        refuse(entry, renameBlocked(entry, old));
      } else if (old !== undefined && oldTwin !== undefined) {
        refuse(entry, ambiguous(entry.previously ?? '', olds, entry.from.span));
      } else if (old !== undefined) {
        rename.push({ id: old.id, from: old.name, to: entry.name });
        newNames.set(old.id, entry.name);
        this.#renamedAway.set(old.name.normalize('NFC'), entry.name);
      } else if (present.length === 0 && entry.retired) {
        this.#unusable.set(entry.name, `The catalog has retired "${entry.name}".`);
      } else if (present.length === 0 && entry.create) {
        const division = findDivision(entry, divisions);
        // Nobody can move a code once it is created: without its division it waits.
        if (division.kind === 'unknown') refuse(entry, division.diagnostic);
        else {
          create.push({
            name: entry.name,
            description: entry.description,
            divisionId: division.id,
          });
          diagnostics.push(...misspeltPrevious(entry, [...liveByName.keys()]));
        }
      } else if (present.length === 0) {
        refuse(entry, missingCode(entry, [...liveByName.keys()]));
      }
      if (entry.retired)
        for (const { id } of [...present, ...olds]) retired.set(id, { ...entry, id });
    }

    for (const code of live) {
      this.#learn({ key: code.id, id: code.id, name: newNames.get(code.id) ?? code.name });
    }
    for (const code of create) this.#learn({ key: `new:${code.name}`, id: null, name: code.name });

    this.create = create.sort((a, b) => compareText(a.name, b.name));
    this.rename = rename.sort((a, b) => compareText(a.from, b.from));
    this.retired = retired;
    this.diagnostics = diagnostics;
  }

  /** Resolves what a policy says to a code; an unknown one is remembered in `absent`. */
  find(reference: CodeReference): CodeAnswer {
    if (reference.id !== null) {
      const code = this.#byId.get(reference.id);
      if (code === undefined) {
        this.absent.push({ id: reference.id });
        return { kind: 'unknown', diagnostic: unknownId(reference) };
      }
      return reference.name === null || code.name.normalize('NFC') === reference.name
        ? { kind: 'known', code }
        : { kind: 'unknown', diagnostic: renamed(reference, code) };
    }
    const name = reference.name ?? '';
    const unusable = this.#unusable.get(name);
    if (unusable !== undefined) return { kind: 'absent', reason: unusable };
    const codes = this.#byName.get(name) ?? [];
    const [code] = codes;
    if (code !== undefined) {
      return codes.length === 1
        ? { kind: 'known', code }
        : { kind: 'unknown', diagnostic: ambiguous(name, codes, reference.from.span) };
    }
    this.absent.push({ name });
    return { kind: 'unknown', diagnostic: this.#unknownName(reference, name) };
  }

  #learn(code: KnownCode): void {
    if (code.id !== null) this.#byId.set(code.id, code);
    append(this.#byName, code.name.normalize('NFC'), code);
  }

  #unknownName(reference: CodeReference, name: string): Diagnostic {
    const newName = this.#renamedAway.get(name);
    const closest = newName ?? closestName(name, [...this.#byName.keys()]);
    return problem({
      code: 'reference.unknown-code',
      message:
        newName === undefined
          ? `No wrap-up code is named "${spellInvisible(name)}".`
          : `The catalog renames "${name}" to "${newName}".`,
      remedy:
        closest === null
          ? 'Check the spelling (case counts), or create the code: a WrapupCodeCatalog with `create: true` does.'
          : `Did you mean "${spellInvisible(closest)}"?`,
      span: reference.from.span,
    });
  }
}

const findDivision = (
  entry: CatalogCode,
  divisions: readonly Division[],
):
  | { readonly kind: 'known'; readonly id: DivisionId | null }
  | { readonly kind: 'unknown'; readonly diagnostic: Diagnostic } => {
  if (entry.division === null) return { kind: 'known', id: null };
  if (entry.division === '*') return { kind: 'known', id: divisionId('*') };
  const found = divisions.find((division) => division.name.normalize('NFC') === entry.division);
  if (found !== undefined) return { kind: 'known', id: found.id };
  const closest = closestName(
    entry.division,
    divisions.map((division) => division.name),
  );
  return {
    kind: 'unknown',
    diagnostic: problem({
      code: 'reference.unknown-division',
      message: `No division is named "${spellInvisible(entry.division)}", where the code "${entry.name}" is to be created.`,
      remedy:
        closest === null
          ? 'Check the spelling, or write `division: "*"` for all.'
          : `Did you mean "${closest}"?`,
      span: entry.from.span,
    }),
  };
};

const renameBlocked = (entry: CatalogCode, old: LiveCode): Diagnostic =>
  problem({
    code: 'catalog.rename-blocked',
    message: `"${old.name}" cannot be renamed to "${entry.name}": both codes exist.`,
    remedy: `Let the policies list "${entry.name}" instead of "${old.name}", then delete \`previously\` (and mark "${old.name}" as retired).`,
    span: entry.from.span,
  });

const missingCode = (entry: CatalogCode, names: readonly string[]): Diagnostic => {
  const { name, previously } = entry;
  const closest =
    closestName(name, names) ?? (previously === null ? null : closestName(previously, names));
  return problem({
    code: 'catalog.missing-code',
    message:
      previously === null
        ? `The catalog lists "${spellInvisible(name)}", which does not exist, and \`create\` is false.`
        : `Neither "${spellInvisible(name)}" exists nor "${spellInvisible(previously)}", its previous name, and \`create\` is false.`,
    remedy: `${closest === null ? 'Set' : `Did you mean "${spellInvisible(closest)}"? Otherwise set`} \`spec.create: true\`, or create the code in Genesys Cloud.`,
    span: entry.from.span,
  });
};

/** A code is about to be created, and what was to be renamed may be there under another spelling. */
const misspeltPrevious = (
  { name, previously, from }: CatalogCode,
  names: readonly string[],
): readonly Diagnostic[] => {
  const closest = previously === null ? null : closestName(previously, names);
  return closest === null
    ? []
    : [
        warning({
          code: 'catalog.probable-rename',
          message: `"${spellInvisible(name)}" is created: no code has its previous name "${spellInvisible(previously ?? '')}".`,
          remedy: `Did you mean \`previously: "${spellInvisible(closest)}"\`?`,
          span: from.span,
        }),
      ];
};

const unknownId = (reference: CodeReference): Diagnostic =>
  problem({
    code: 'reference.unknown-code',
    message: `No wrap-up code has the id ${reference.id ?? ''}${reference.name === null ? '' : ` (here called "${reference.name}")`}.`,
    remedy:
      'It may have been deleted, or belong to another organization: write the code by its name.',
    span: reference.from.span,
  });

const renamed = (reference: CodeReference, code: KnownCode): Diagnostic =>
  problem({
    code: 'reference.renamed',
    message: `The code ${code.id ?? ''} is named "${spellInvisible(code.name)}", not "${spellInvisible(reference.name ?? '')}".`,
    remedy: `If it is still the one that is meant, write \`name: "${code.name}"\`.`,
    span: reference.from.span,
  });

const ambiguous = (
  name: string,
  codes: readonly Pick<KnownCode, 'id'>[],
  span: SourceSpan,
): Diagnostic =>
  problem({
    code: 'reference.ambiguous-code',
    message: `${codes.length} codes are named "${spellInvisible(name)}": ${codes.map((code) => code.id ?? 'one to be created').join(' and ')}.`,
    remedy:
      'Give all but one another name in Genesys Cloud, or write `id:` in the policy instead of the name.',
    span,
  });
