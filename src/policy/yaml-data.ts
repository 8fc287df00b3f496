/**
 * A YAML document becomes plain data, in one walk beside the schema that it is held against. What YAML
 * can do and policies must not (aliases, tags, keys twice) and the traps of texts are found on the way.
 */
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Node, YAMLMap } from 'yaml';
import type { z } from 'zod';
import { problem } from '../domain/diagnostics.js';
import type { Diagnostic, SourceSpan } from '../domain/diagnostics.js';
import { findInvisible, quote, spellCharacter } from '../domain/text.js';
import { keysOf, optionsAt, optionsOf, secretOf, textOf } from './expected.js';
import type { Option, Path } from './expected.js';
import { keyText, nodesAlong } from './locate.js';
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
  const told = new Set<unknown>();
  const { text, spanOf } = document;

  const tell = (about: unknown, { start, end, ...finding }: Trap): void => {
    diagnostics.push(problem({ ...finding, span: spanOf(start, end) }));
    told.add(about);
  };

  const convert = (node: unknown, options: readonly Option[], hidden: boolean): unknown => {
    const written = node as Node | null;
    if (!written?.range) return null;
    const [start, end] = written.range;
    if (isAlias(written)) {
      const line = /^[^\r\n,\]}]*/.exec(text.slice(start, start + 200))?.[0].trimEnd() ?? '';
      tell(written, aliasTrap(hidden ? '*…' : line, start, line.length));
      return line;
    }
    for (const property of propertiesOf(written, text, hidden)) tell(written, property);
    const below = (value: unknown, key: string | number): unknown => {
      const expected = optionsAt(options, key);
      return convert(value, expected, hidden || secretOf(expected) !== null);
    };
    if (isSeq(written)) return written.items.map(below);
    const kind = textOf(options);
    if (isMap(written)) {
      const split = kind === null ? null : findSplitText(written, keysOf(options), text);
      if (split === null) return convertMap(written, below);
      tell(written, split);
      return text.slice(split.start, split.end);
    }
    if (!isScalar(written)) return null;
    const trap = kind === null || told.has(written) ? null : findTextTrap(written, kind, text);
    if (trap === null) return written.value;
    tell(written, trap);
    return typeof written.value === 'string' ? written.value : text.slice(start, end);
  };

  const convertMap = (map: YAMLMap, below: (value: unknown, key: string) => unknown): unknown => {
    // Without a prototype `__proto__` is a key like any other.
    const data = Object.create(null) as Record<string, unknown>;
    const keys = new Map<string, Node>();
    for (const pair of map.items) {
      const key = pair.key as Node;
      const name = keyText(key);
      for (const property of propertiesOf(key, text, true)) tell(key, property);
      const trap = keyTrap(key, name);
      if (trap !== null) tell(name === null || name === '<<' ? map : key, trap);
      if (name === null || (name === '<<' && trap !== null)) continue;
      const first = keys.get(name);
      if (first === undefined) {
        keys.set(name, key);
        data[name] = below(pair.value, name);
      } else if (trap === null) diagnostics.push(duplicateKey(name, placeOf(key), placeOf(first)));
    }
    return data;
  };

  const placeOf = ({ range }: Node): SourceSpan => spanOf(range?.[0] ?? 0, range?.[1] ?? 0);

  const data = convert(document.root, optionsOf(schema), false);
  return {
    data,
    diagnostics,
    told: (path) => told.size > 0 && nodesAlong(document.root, path).some((node) => told.has(node)),
  };
};

const duplicateKey = (name: string, span: SourceSpan, first: SourceSpan): Diagnostic =>
  problem({
    code: 'yaml.duplicate-key',
    message: `The key ${quote(name)} stands twice in one map, and only one could count.`,
    remedy: 'Keep one of them.',
    span,
    related: [{ message: 'It stands here first', span: first }],
  });

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

const keyTrap = (key: Node, name: string | null): Trap | null => {
  const [start, end] = key.range ?? [0, 0];
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
