/** Policy files become a policy set. Everything wrong with them is told at once; nothing is thrown. */
import { byPlace, hasErrors } from '../domain/diagnostics.js';
import type { Diagnostic, SourceSpan } from '../domain/diagnostics.js';
import { readDocument } from './document.js';
import type { ReadDocument } from './document.js';
import type { Path } from './expected.js';
import { identifyPolicy } from './kinds.js';
import { placeOf } from './locate.js';
import type { GuardAllowance, PolicySet, QueuePolicy, WrapupCodeCatalog } from './model.js';
import { toAllowance, toCatalog, toQueuePolicy } from './normalise.js';
import type { Origin } from './normalise.js';
import { POLICY_SCHEMAS } from './schema.js';
import type { SourceFile } from './source.js';
import { readYaml } from './yaml.js';
import type { YamlDocument } from './yaml.js';

export interface ParsedPolicies {
  /** The documents without a fault. */
  readonly set: PolicySet;
  /** These, and what could be saved of the others: for rules that find faults in what is there. */
  readonly drafts: PolicySet;
  /** Whether every document is in `set`: only then can rules speak of what is missing. */
  readonly complete: boolean;
  /** Where a value of one of these documents stands in its file; where nothing was written, around it. */
  readonly placeOf: (policy: Policy, path: Path) => SourceSpan;
  readonly diagnostics: readonly Diagnostic[];
  /** How many findings of a file were not even put into words, by its path. */
  readonly untold: ReadonlyMap<string, number>;
}

/** Any document of a policy set. */
export type Policy = QueuePolicy | WrapupCodeCatalog | GuardAllowance;

interface ParsedDocument {
  readonly document: YamlDocument;
  readonly policy: Policy | null;
  readonly whole: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly untold: number;
}

/**
 * Reads policy files. The order of the files does not matter: the result is sorted by path and place.
 *
 * @example parsePolicies([{ path: 'policies/billing.yaml', text }]).set.policies
 */
export const parsePolicies = (files: readonly SourceFile[]): ParsedPolicies => {
  const read = files
    .slice()
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map(parseFile);
  const parsed = read.flatMap((file) => file.documents);
  const diagnostics = read.flatMap((file) => file.diagnostics);
  const untold = new Map(read.map((file) => [file.path, file.untold]));
  const documents = new Map(parsed.map(({ policy, document }) => [policy, document]));
  return {
    set: toSet(parsed.filter(({ whole }) => whole)),
    drafts: toSet(parsed),
    complete: !hasErrors(diagnostics),
    placeOf: (policy, path) => {
      const document = documents.get(policy);
      return document === undefined ? policy.from.span : placeOf(document, path);
    },
    diagnostics: diagnostics.sort(byPlace),
    untold,
  };
};

interface ParsedFile {
  readonly path: string;
  readonly documents: readonly ParsedDocument[];
  readonly diagnostics: readonly Diagnostic[];
  readonly untold: number;
}

const parseFile = (file: SourceFile): ParsedFile => {
  const yaml = readYaml(file);
  const documents = yaml.documents.map(parseDocument);
  return {
    path: file.path,
    documents,
    diagnostics: [...yaml.diagnostics, ...documents.flatMap((document) => document.diagnostics)],
    untold: documents.reduce((sum, document) => sum + document.untold, 0),
  };
};

const toSet = (documents: readonly ParsedDocument[]): PolicySet => {
  const all = documents.flatMap(({ policy }) => policy ?? []);
  return {
    policies: all.filter((policy) => policy.kind === 'QueuePolicy'),
    catalogs: all.filter((policy) => policy.kind === 'WrapupCodeCatalog'),
    allowances: all.filter((policy) => policy.kind === 'GuardAllowance'),
  };
};

const parseDocument = (document: YamlDocument): ParsedDocument => {
  const { kind, diagnostic } = identifyPolicy(document);
  return kind === null
    ? { document, policy: null, whole: false, diagnostics: [diagnostic], untold: 0 }
    : READERS[kind](document);
};

const normalised = <Written extends { readonly metadata: { readonly name: string } }>(
  document: YamlDocument,
  { written, ...read }: ReadDocument<Written>,
  normalise: (written: Written, origin: Origin) => Policy,
): ParsedDocument => {
  if (written === null) return { ...read, document, policy: null };
  const { name } = written.metadata;
  return {
    ...read,
    document,
    policy: normalise(written, (path) => ({
      policy: name.normalize('NFC'),
      span: placeOf(document, path),
    })),
  };
};

const READERS = {
  QueuePolicy: (document) =>
    normalised(document, readDocument(document, POLICY_SCHEMAS.QueuePolicy), toQueuePolicy),
  WrapupCodeCatalog: (document) =>
    normalised(document, readDocument(document, POLICY_SCHEMAS.WrapupCodeCatalog), toCatalog),
  GuardAllowance: (document) =>
    normalised(document, readDocument(document, POLICY_SCHEMAS.GuardAllowance), toAllowance),
} as const satisfies Record<
  keyof typeof POLICY_SCHEMAS,
  (document: YamlDocument) => ParsedDocument
>;
