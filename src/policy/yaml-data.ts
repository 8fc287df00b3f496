/**
 * A YAML document becomes plain data, in one walk beside the schema that it is held against. What YAML
 * can do and policies must not (aliases, tags, keys twice) and the traps of texts are found on the way.
 */
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Node, YAMLMap } from 'yaml';
import type { z } from 'zod';
import { problem } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { findInvisible, quote, spellCharacter } from '../domain/text.js';
import { keysOf, optionsAt, optionsOf, secretOf, textOf } from './expected.js';
import type { Option, Path } from './expected.js';
import { keyText } from './locate.js';
import { findSplitText, findTextTrap } from './text-traps.js';
import type { Trap } from './text-traps.js';
import type { YamlDocument } from './yaml.js';

export interface YamlData {
  readonly data: unknown;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether something was said already about this path or one around it. */
  readonly told: (path: Path) => boolean;
}

/** Turns nodes into data. Texts that fell into a trap are given as they were meant. */
export const toData = (document: YamlDocument, schema: z.core.$ZodType): YamlData => {
  const diagnostics: Diagnostic[] = [];
  const toldPaths = new Set<string>();
  const { text, spanOf } = document;

  const tell = (path: Path, { start, end, ...finding }: Trap): void => {
    diagnostics.push(problem({ ...finding, span: spanOf(start, end) }));
    toldPaths.add(pathKey(path));
  };

  const convert = (
    node: unknown,
    options: readonly Option[],
    path: Path,
    hidden: boolean,
  ): unknown => {
    const written = node as Node | null;
    if (!written?.range) return null;
    const [start, end] = written.range;
    if (isAlias(written)) {
      const line = /^[^\r\n,\]}]*/.exec(text.slice(start, start + 200))?.[0].trimEnd() ?? '';
      tell(path, aliasTrap(hidden ? '*…' : line, start, line.length));
      return line;
    }
    for (const property of propertiesOf(written, text, hidden)) tell(path, property);
    const below = (value: unknown, key: string | number): unknown => {
      const expected = optionsAt(options, key);
      return convert(value, expected, [...path, key], hidden || secretOf(expected) !== null);
    };
    if (isSeq(written)) return written.items.map(below);
    const kind = textOf(options);
    if (isMap(written)) {
      const split = kind === null ? null : findSplitText(written, keysOf(options), text);
      if (split === null) return convertMap(written, path, below);
      tell(path, split);
      return text.slice(split.start, split.end);
    }
    if (!isScalar(written)) return null;
    const trap =
      kind === null || toldPaths.has(pathKey(path)) ? null : findTextTrap(written, kind, text);
    if (trap === null) return written.value;
    tell(path, trap);
    return typeof written.value === 'string' ? written.value : text.slice(start, end);
  };

  const convertMap = (
    node: YAMLMap,
    path: Path,
    below: (value: unknown, key: string) => unknown,
  ): unknown => {
    const data: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    const places = new Map<string, { readonly start: number; readonly end: number }>();
    for (const { key, value } of node.items) {
      const [start = 0, end = start] = (key as Node | null)?.range ?? [];
      const name = keyText(key);
      for (const property of propertiesOf(key as Node | null, text, true))
        tell([...path, name ?? ''], property);
      const trap = keyTrap(key, name, start, end);
      const first = name === null ? undefined : places.get(name);
      if (trap !== null) tell(name === null || name === '<<' ? path : [...path, name], trap);
      if (first !== undefined && trap === null) {
        diagnostics.push(
          problem({
            code: 'yaml.duplicate-key',
            message: `The key ${quote(name ?? '')} stands twice in one map, and only one could count.`,
            remedy: 'Keep one of them.',
            span: spanOf(start, end),
            related: [{ message: 'It stands here first', span: spanOf(first.start, first.end) }],
          }),
        );
      }
      if (name === null || first !== undefined || (name === '<<' && trap !== null)) continue;
      places.set(name, { start, end });
      data[name] = below(value, name);
    }
    return data;
  };

  const data = convert(document.root, optionsOf(schema), [], false);
  return {
    data,
    diagnostics,
    told: (path) =>
      toldPaths.size > 0 &&
      path.some((_key, index) => toldPaths.has(pathKey(path.slice(0, index + 1)))),
  };
};

const pathKey = (path: Path): string => path.join('\u0000');

const aliasTrap = (raw: string, start: number, length: number): Trap => ({
  code: 'yaml.alias',
  message: `YAML reads ${quote(raw)} as an alias.`,
  remedy: `A name or pattern that begins with a star needs quotes: '${raw.replaceAll("'", "''")}'. Policies use no aliases: write out what one stands for.`,
  start,
  end: start + Math.max(length, 1),
});

/** An anchor or a tag in front of a node. Offsets are searched backwards from where the node begins. */
const propertiesOf = (node: Node | null, text: string, hidden: boolean): readonly Trap[] => {
  if (!node?.range) return [];
  const [start] = node.range;
  const property = (
    sign: string,
  ): { readonly raw: string; readonly start: number; readonly end: number } => {
    const last = Math.max(text.lastIndexOf(sign, start), 0);
    const at =
      last - (/[^\s[{,]*$/.exec(text.slice(Math.max(0, last - 100), last))?.[0].length ?? 0);
    const line = /^[^\r\n]*/.exec(text.slice(at, at + 200))?.[0].trimEnd() ?? '';
    return { raw: hidden ? `${sign}…` : line, start: at, end: at + Math.max(line.length, 1) };
  };
  const found: Trap[] = [];
  if ('anchor' in node && node.anchor !== undefined) {
    const { raw, ...place } = property('&');
    found.push({
      code: 'yaml.alias',
      message: `YAML reads the beginning of ${quote(raw)} as an anchor.`,
      remedy:
        'A text that begins with `&` needs quotes. Policies use no anchors: write the values out.',
      ...place,
    });
  }
  if (node.tag !== undefined) {
    const { raw, ...place } = property('!');
    found.push({
      code: 'yaml.tag',
      message: `YAML reads the beginning of ${quote(raw)} as a tag.`,
      remedy: 'Put the text in quotes, without the tag.',
      ...place,
    });
  }
  return found;
};

const keyTrap = (key: unknown, name: string | null, start: number, end: number): Trap | null => {
  if (name === null) {
    return {
      code: isAlias(key) ? 'yaml.alias' : 'yaml.syntax',
      message: isAlias(key)
        ? 'YAML reads a key that begins with `*` as an alias.'
        : 'A key must be a text.',
      remedy: 'Use the keys of the reference.',
      start,
      end,
    };
  }
  if (name === '<<') {
    return {
      code: 'yaml.alias',
      message: '`<<` merges another map into this one; policies use no merge keys.',
      remedy: 'Write the values out.',
      start,
      end,
    };
  }
  const invisible = findInvisible(name);
  return invisible === null
    ? null
    : {
        code: 'yaml.invisible',
        message: `The key ${quote(name)} holds ${spellCharacter(invisible.character)}.`,
        remedy: 'Delete the character.',
        start,
        end,
      };
};
