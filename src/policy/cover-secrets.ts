/**
 * Texts as findings may show them. A secret that somebody wrote down by mistake is not repeated, neither
 * by the finding about it nor by one about the line next to it. Where the YAML is broken nobody knows
 * what is a value, so the text itself is looked at; too much is covered rather than too little.
 */

const KEY = /[\w-]*(?:secret|token|password|credential|api-?key)[\w-]*["']?\s*:(?:[ \t]+|$)/i.source;
const MAP = /\{[^}]*\}?/.source;
const QUOTED = /"(?:\\.|[^"\\])*"?|'(?:''|[^'])*'?/.source;

/** A value behind such a key: to the end of the line, or within a map to its next key. */
const BLOCK_VALUE = new RegExp(String.raw`(${KEY})(\[[^\]]*\]?|${MAP}|${QUOTED}|.+)`, 'gi');
const FLOW_VALUE = new RegExp(String.raw`(${KEY})(\[[^\]]*\]?|${MAP}|${QUOTED}|[^,}]+)`, 'gi');
/** A key with its value on the lines below. */
const OPENING = new RegExp(String.raw`${KEY}[[|>]?[+-]?\s*$`, 'i');
const ITEM = new RegExp(String.raw`${MAP}|${QUOTED}|[^\s[\],][^,\]]*`, 'g');
/** Says where a secret is, and is none. */
const REFERENCE = /^\s*(?:-\s+)?\{?\s*["']?(?:env|file)["']?\s*:/;
/** The user, the password, the path and the query of an address. */
const ADDRESS = /(?<=:\/\/)[^\s/"'@]+@|(?<=:\/\/[^\s/"']+\/)[^\s"',\]}]+/g;
const SIGNING_KEY = /whsec_[^\s"',\]}]*/g;

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
      const inside =
        below !== null &&
        (indent === -1 || indent > below || (indent === below && line.startsWith('-', indent)));
      if (inside) return coverLine(line);
      below = OPENING.test(line) ? indent : null;
      return below === null ? coverValues(line) : line;
    })
    .join('\n');
};

const coverLine = (line: string): string =>
  line.replace(/^(\s*(?:-\s+)?)(.*)$/, (_, before: string, value: string) => before + coverItems(value));

const coverValues = (line: string): string =>
  line
    .replace(
      /^[^{]*:\s/.test(line) && !/\{.*(?:secret|token|password|credential|api-?key)/i.test(line)
        ? BLOCK_VALUE
        : FLOW_VALUE,
      (_, key: string, value: string) => key + coverItems(value),
    )
    .replace(ADDRESS, cover)
    .replace(SIGNING_KEY, cover);

const coverItems = (value: string): string =>
  value.replace(ITEM, (item) => (REFERENCE.test(item) ? item.replace(SIGNING_KEY, cover) : cover(item)));

const cover = (text: string): string => text.replace(/[^\s[\]{},"'|>]/g, '•');
