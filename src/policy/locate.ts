/** Finds the place of a value or a key in the text by its path in the data. */
import { isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Node, Pair, Range } from 'yaml';
import type { SourceSpan } from '../domain/diagnostics.js';
import type { Path } from './expected.js';
import type { YamlDocument } from './yaml.js';

/** How a key is called in data: its text as it was written, so that `404:` is no number. */
export const keyText = (key: unknown): string | null => {
  if (!isScalar(key)) return null;
  return typeof key.value === 'string' ? key.value : (key.source ?? '');
};

/** The keys and values that a path leads over, as far as the text goes. */
export const nodesAlong = (root: Node, path: Path): readonly unknown[] => {
  const nodes: unknown[] = [];
  let node: unknown = root;
  for (const step of path) {
    if (isSeq(node)) node = node.items[step as number];
    else {
      const pair = pairAt(node, step);
      nodes.push(pair?.key);
      node = pair?.value;
    }
    nodes.push(node);
  }
  return nodes;
};

/** The node at a path, or null where the text says nothing there. */
export const nodeAt = (root: Node, path: Path): Node | null => {
  const node = path.length === 0 ? root : nodesAlong(root, path).at(-1);
  return isNode(node) ? node : null;
};

const pairAt = (node: unknown, key: string | number | undefined): Pair | null =>
  isMap(node) ? (node.items.find((pair) => keyText(pair.key) === key) ?? null) : null;

/** The place of what stands at the path; where nothing does, of the innermost value around it. */
export const placeOf = (document: YamlDocument, path: Path): SourceSpan => {
  let innermost: Node = document.root;
  let node: unknown = innermost;
  for (const step of path) {
    node = isSeq(node) ? node.items[step as number] : pairAt(node, step)?.value;
    if (isNode(node) && node.range) innermost = node;
  }
  const { range } = innermost;
  return range ? document.spanOf(range[0], endOf(document.text, range)) : document.spanOf(0, 0);
};

/** Where a value ends: the line breaks after a block are no part of it. */
const endOf = (text: string, [start, valueEnd]: Range): number => {
  let end = valueEnd;
  while (end > start && /\s/.test(text.charAt(end - 1))) end -= 1;
  return end;
};

/** The place of the key at the end of the path, or of the value where it stands in a list. */
export const keyPlaceOf = (document: YamlDocument, path: Path): SourceSpan => {
  const parent = path.length === 0 ? null : nodeAt(document.root, path.slice(0, -1));
  const key = pairAt(parent, path.at(-1))?.key;
  return isNode(key) && key.range
    ? document.spanOf(key.range[0], key.range[1])
    : placeOf(document, path);
};
