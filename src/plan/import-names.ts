/** Names of files and policies, made from the names of divisions and queues. */

/** What Windows takes for a device, whatever follows the dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)$/;
const MOST_CHARACTERS = 48;

/**
 * A name in small letters, digits and dashes, as files are called: accents are left out, letters of other
 * scripts stay. May be empty.
 *
 * @example slug('Öffentlicher Sektor') // 'offentlicher-sektor'
 */
export const slug = (name: string): string => {
  const letters = name
    .normalize('NFKD')
    // Latin accents, and two letters of Korean that cannot be seen.
    .replace(/[\u0300-\u036F\u115F\u1160]/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-');
  return Array.from(letters)
    .slice(0, MOST_CHARACTERS)
    .join('')
    .replace(/^[-\p{M}]+|-+$/gu, '');
};

/** The slug of a division's name, as its file is called. */
export const fileSlug = (division: string): string => {
  const name = slug(division);
  return name === '' || DEVICE.test(name) ? ['division', name].filter(Boolean).join('-') : name;
};

/**
 * The words that all of these names begin with.
 *
 * @example commonWords(['Billing DE', 'Billing EN']) // 'Billing'
 */
export const commonWords = (names: readonly string[]): string => {
  const [first = '', ...others] = names;
  let words = first.split(' ');
  for (const other of others) {
    const theirs = other.split(' ');
    const differs = words.findIndex((word, at) => word !== theirs[at]);
    if (differs !== -1) words = words.slice(0, differs);
  }
  return words.join(' ');
};

/** Gives out names, each once: who comes second gets a number. */
export class DistinctNames {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  take(name: string): string {
    let free = name;
    for (let number = 2; this.#taken.has(free); number += 1) free = `${name}-${number}`;
    this.#taken.add(free);
    return free;
  }
}
