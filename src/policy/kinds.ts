/** What a document is: its `kind` and `apiVersion`, looked at before anything else of it. */
import { isMap, isScalar } from 'yaml';
import { problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { closestName, quote } from '../domain/text.js';
import { nodeAt, placeOf } from './locate.js';
import { POLICY_SCHEMAS } from './schema.js';
import { API_VERSION } from './schema-shared.js';
import type { YamlDocument } from './yaml.js';

const POLICY_KINDS = Object.keys(POLICY_SCHEMAS) as readonly (keyof typeof POLICY_SCHEMAS)[];
const SETTINGS_KINDS = ['Settings'] as const;

type Identified<Kind extends string> =
  | { readonly kind: Kind; readonly diagnostic: null }
  | { readonly kind: null; readonly diagnostic: Diagnostic };

/** The kind of a document in a policies folder, or why it does not belong there. */
export const identifyPolicy = (document: YamlDocument): Identified<keyof typeof POLICY_SCHEMAS> =>
  identify(document, POLICY_KINDS, (kind) =>
    kind === 'Settings'
      ? 'Settings do not belong into a policies folder: move them to wrapkeeper.yaml at the root of the repository.'
      : null,
  );

/** The kind of the document in `wrapkeeper.yaml`, or why it does not belong there. */
export const identifySettings = (document: YamlDocument): Identified<'Settings'> =>
  identify(document, SETTINGS_KINDS, (kind) =>
    Object.hasOwn(POLICY_SCHEMAS, kind)
      ? `A ${kind} does not belong into the settings: move it to a file in the policies folder.`
      : null,
  );

const identify = <Kind extends string>(
  document: YamlDocument,
  kinds: readonly Kind[],
  misplaced: (kind: string) => string | null,
): Identified<Kind> => {
  const refuse = (
    code: Diagnostic['code'],
    message: string,
    remedy: string,
    key?: string,
  ): Identified<Kind> => ({
    kind: null,
    diagnostic: problem({
      code,
      message,
      remedy,
      span: placeOf(document, key === undefined ? [] : [key]),
    }),
  });
  if (!isMap(document.root)) {
    return refuse(
      'schema.wrong-type',
      'A document is a map; this is none.',
      `Begin with \`apiVersion: ${API_VERSION}\` and \`kind:\`.`,
    );
  }
  const kind = textAt(document, 'kind');
  const version = textAt(document, 'apiVersion');
  if (kind === null) {
    return refuse(
      'schema.missing-key',
      'The key `kind` is missing in the document.',
      `Add \`kind: ${kinds.join('` or `kind: ')}\`.`,
    );
  }
  const known = kinds.find((candidate) => candidate === kind);
  if (known === undefined) {
    const elsewhere = kind === '' ? null : misplaced(kind);
    const closest = closestName(kind, kinds);
    return elsewhere !== null
      ? refuse(
          'schema.unknown-kind',
          `\`kind: ${kind}\` stands in the wrong file.`,
          elsewhere,
          'kind',
        )
      : refuse(
          'schema.unknown-kind',
          kind === '' ? '`kind` must be a word.' : `${quote(kind)} is no kind of document.`,
          closest === null ? `The kinds are ${kinds.join(', ')}.` : `Did you mean \`${closest}\`?`,
          'kind',
        );
  }
  if (version !== null && version !== API_VERSION) {
    return refuse(
      'schema.unknown-kind',
      `This version of Wrapkeeper does not know the language ${quote(version)}.`,
      `Write \`apiVersion: ${API_VERSION}\`.`,
      'apiVersion',
    );
  }
  return { kind: known, diagnostic: null };
};

const textAt = (document: YamlDocument, key: string): string | null => {
  const node = nodeAt(document.root, [key]);
  if (node === null) return null;
  if (!isScalar(node)) return '';
  return typeof node.value === 'string' ? node.value : (node.source ?? '');
};
