/** Faults become diagnostics: the exact place, the value, what belongs there instead. */
import { isMap, isScalar, isSeq } from 'yaml';
import type { z } from 'zod';
import { problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { closestName, quote } from '../domain/text.js';
import {
  describeOptions,
  keysOf,
  mapsWith,
  optionsBelow,
  optionsOf,
  secretAt,
  secretOf,
} from './expected.js';
import type { Option, Path } from './expected.js';
import type { Fault } from './faults.js';
import { keyPlaceOf, nodeAt, placeOf } from './locate.js';
import type { YamlDocument } from './yaml.js';

/** Puts a fault into words. */
export const explainFault = (
  fault: Fault,
  document: YamlDocument,
  schema: z.core.$ZodType,
): Diagnostic => {
  const root = optionsOf(schema);
  const { path } = fault;
  if (secretAt(root, path) === 'reference') return explainReference(path, document, root);
  const node = path.length === 0 ? document.root : nodeAt(document.root, path);
  const options = optionsBelow(root, path);
  if (secretOf(options) === 'references' && isScalar(node) && node.value !== null) {
    return explainReference(path, document, root);
  }
  if (fault.kind === 'unknown-key') return explainUnknownKey(path, document, root);
  if (fault.oneOf !== null) {
    return problem({
      code: 'schema.missing-key',
      message: `${subject(path)} needs at least one of ${codeList(fault.oneOf)}.`,
      remedy: 'Add one of the keys.',
      span: placeOf(document, path),
    });
  }
  if (node === null) {
    return problem({
      code: 'schema.missing-key',
      message: `The key \`${String(path.at(-1))}\` is missing in ${within(path)}: ${describeOptions(options)}.`,
      remedy: `Add \`${String(path.at(-1))}\`.`,
      span: placeOf(document, path.slice(0, -1)),
    });
  }
  const value = isScalar(node) ? node.value : isMap(node) ? {} : [];
  return problem({
    code: fits(value, options) ? 'schema.invalid-value' : 'schema.wrong-type',
    message: `${subject(path)} is ${secretOf(options) === null ? describeValue(node) : 'something else'}; expected is ${describeOptions(options)}.`,
    remedy: suggest(value, options),
    span: placeOf(document, path),
  });
};

/** A secret that is no reference: its place is told, and nothing of what stands there. */
const explainReference = (
  path: Path,
  document: YamlDocument,
  root: readonly Option[],
): Diagnostic => {
  const depth = path.findIndex(
    (_key, index) => secretAt(root, path.slice(0, index + 1)) === 'reference',
  );
  const reference = depth === -1 ? path : path.slice(0, depth + 1);
  const what = depth === -1 ? 'a list of references' : 'a reference';
  return problem({
    code: 'settings.literal-secret',
    message: `${subject(reference)} must be ${what}, \`{ env: NAME }\` or \`{ file: PATH }\`; a secret itself never stands in the settings.`,
    remedy:
      'Put it into an environment variable or a file. Treat what stands here as known to others.',
    span: placeOf(document, reference),
  });
};

const explainUnknownKey = (
  path: Path,
  document: YamlDocument,
  root: readonly Option[],
): Diagnostic => {
  const key = String(path.at(-1));
  const keys = keysOf(optionsBelow(root, path.slice(0, -1)));
  const closest = closestName(key, keys);
  return problem({
    code: 'schema.unknown-key',
    message: `${quote(key)} is no key of ${within(path)}.`,
    remedy:
      closest === null
        ? (whereElse(key, root) ?? `The keys are ${codeList(keys)}.`)
        : `Did you mean \`${closest}\`?`,
    span: keyPlaceOf(document, path),
  });
};

/** A key of another map is not misspelt: most often its line is indented like the wrong neighbour. */
const whereElse = (key: string, root: readonly Option[]): string | null => {
  const homes = mapsWith(root, key).map((path) => within([...path, key]));
  return homes.length === 0 || homes.length > HOMES
    ? null
    : `It is a key of ${homes.join(' and ')}: check its indentation.`;
};

/** A key of more maps than that tells nobody where it belongs. */
const HOMES = 2;

/** Whether a value is of a type that may stand there, so that only its content is wrong. */
const fits = (value: unknown, options: readonly Option[]): boolean => {
  const type = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  return options.some(
    ({
      schema: {
        _zod: { def },
      },
    }) => type === (TYPES[def.type] ?? def.type),
  );
};

/** The forms of which a text is. */
const TYPES: Readonly<Record<string, string>> = { enum: 'string', literal: 'string' };

const YAML_1_1_BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['yes', 'on', 'y'].map((text) => [text, true] as const),
  ...['no', 'off', 'n'].map((text) => [text, false] as const),
]);

const suggest = (value: unknown, options: readonly Option[]): string | null => {
  const types = options.map(({ schema }) => schema._zod.def.type);
  if (typeof value === 'string') {
    const closest = closestName(value, options.flatMap(wordsOf));
    if (closest !== null) return `Did you mean \`${closest}\`?`;
    const boolean = YAML_1_1_BOOLEANS.get(value.toLowerCase());
    if (types.includes('boolean') && boolean !== undefined) return `Write \`${String(boolean)}\`.`;
    if (types.includes('array')) return 'Write a list: `[…]`, or a dash before each item.';
    if (keysOf(options).includes('name') && !fits(value, options)) return `Write \`name: …\`.`;
  }
  if (value === null && types.includes('array'))
    return 'Write `[]` for an empty list, or delete the key.';
  return null;
};

const wordsOf = ({
  schema: {
    _zod: { def },
  },
}: Option): readonly string[] => {
  if (def.type === 'enum') return Object.values(def.entries).map(String);
  return def.type === 'literal' ? def.values.map(String) : [];
};

const describeValue = (node: unknown): string => {
  if (isMap(node)) return 'a map';
  if (isSeq(node)) return node.items.length === 0 ? 'an empty list' : 'a list';
  if (!isScalar(node) || node.value === null) return 'empty';
  if (node.value === '') return 'an empty text';
  // A signing key in a place where nobody expects one is still one.
  if (typeof node.value === 'string' && node.value.includes('whsec_')) return 'something else';
  return typeof node.value === 'string'
    ? quote(node.value)
    : `the ${typeof node.value} ${node.source ?? ''}`;
};

/** A path as people read it: `spec.wrapupCodes.codes[2]`. */
const pathText = (path: Path): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`,
    '',
  );

const subject = (path: Path): string =>
  path.length === 0 ? 'The document' : `\`${pathText(path)}\``;
const within = (path: Path): string =>
  path.length <= 1 ? 'the document' : `\`${pathText(path.slice(0, -1))}\``;
const codeList = (keys: readonly string[]): string => keys.map((key) => `\`${key}\``).join(', ');
