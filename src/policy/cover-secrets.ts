/**
 * Texts as findings may show them. A secret that somebody wrote down by mistake is not repeated, neither
 * by the finding about it nor by one about the line next to it. Where the YAML is broken nobody knows
 * what is a value, so lines are looked at, and rather too much is covered than too little.
 */

/** Says where a secret is, and is none. */
const REFERENCE = /\{\s*["']?(?:env|file)["']?\s*:[^{}]*\}|^\s*(?:-\s+)?(?:env|file)\s*:.*/g;
const KEY = /(?:secret|token|password|credential|api-?key)\w*["']?\s*:/i.source;
/**
 * What comes before a secret on its line: the key of a value that is there, the beginning of an address
 * with a user or a path, and the prefix of a signing key.
 */
const BEFORE = new RegExp(
  String.raw`${KEY}\s+(?=[^\s[\],{}|>])|${KEY}\s*[[{][\s[{,]*(?=[^\s[\],{}])|:\/\/(?=[^\s/]*@)|:\/\/[^\s/"',\]}]+\/(?=[^\s"',\]}])|whsec_`,
  'i',
);
/** A key with its value on the lines below. */
const OPENING = new RegExp(String.raw`${KEY}\s*[[|>]?[+-]?\s*$`, 'i');

/**
 * The text with everything covered that may be a secret; lines and columns stay as they are.
 *
 * @example coverSecrets('apiToken: hunter2') // 'apiToken: •••••••'
 */
export const coverSecrets = (text: string): string => {
  /** The indentation of a key whose value stands on the lines below it. */
  let below: number | null = null;
  return text
    .split('\n')
    .map((line) => {
      const indent = line.search(/\S/);
      const item = indent === below && line.startsWith('-', indent);
      if (below !== null && (indent === -1 || indent > below || item))
        return /^\s*-?\s*$/.test(withoutReferences(line)) ? line : cover(line, /^\s*(?:-\s+)?/);
      below = OPENING.test(line) ? indent : null;
      return BEFORE.test(withoutReferences(line)) ? cover(line, BEFORE) : line;
    })
    .join('\n');
};

const withoutReferences = (line: string): string =>
  line.replace(REFERENCE, (reference) => (reference.includes('whsec_') ? reference : ''));

/** Covers the rest of a line behind the first match. */
const cover = (line: string, before: RegExp): string => {
  const { 0: match, index } = before.exec(line) ?? { 0: '', index: 0 };
  const kept = index + match.length;
  return line.slice(0, kept) + line.slice(kept).replace(/\S/g, '•');
};
