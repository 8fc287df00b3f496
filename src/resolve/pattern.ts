/**
 * Names of queues with stars. A pattern is cut at its stars into literal parts, which are then looked
 * for from left to right: linear in the name, however many stars a person writes.
 */

/** A compiled name: `*` any run of characters, `\*` a star. */
export interface NamePattern {
  /** The text without escapes when there is no star in it; null for a real pattern. */
  readonly literal: string | null;
  /** What every matching name begins with. */
  readonly prefix: string;
  matches(name: string): boolean;
}

/**
 * Compiles what stands in `name:` of a selector. Both sides are expected in NFC; case counts.
 *
 * @example compilePattern('Billing *').matches('Billing EN') // true
 */
export const compilePattern = (source: string): NamePattern => {
  const parts = literalParts(source);
  const prefix = parts[0] ?? '';
  if (parts.length === 1) {
    return { literal: prefix, prefix, matches: (name) => name === prefix };
  }
  const suffix = parts.at(-1) ?? '';
  const middle = parts.slice(1, -1);
  const matches = (name: string): boolean => {
    if (name.length < prefix.length + suffix.length) return false;
    if (!name.startsWith(prefix) || !name.endsWith(suffix)) return false;
    const end = name.length - suffix.length;
    let from = prefix.length;
    for (const part of middle) {
      const at = name.indexOf(part, from);
      if (at === -1 || at + part.length > end) return false;
      from = at + part.length;
    }
    return true;
  };
  return { literal: null, prefix, matches };
};

/** Cuts at the stars; an escaped star stays a letter. */
const literalParts = (source: string): readonly string[] =>
  source.split(/(?<!\\)\*/u).map((part) => part.replaceAll('\\*', '*'));

/** Writes a literal name so that it selects itself: its stars escaped. */
export const escapePattern = (name: string): string => name.replaceAll('*', '\\*');
