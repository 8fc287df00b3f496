/** JSON as the platform sends it, and the numbers in it that JavaScript cannot hold. */
import { compareNumber, isLosslessNumber, parse as parseLossless } from 'lossless-json';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a parsed value is an object with keys. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value of an object's own key where it is a text, else null. */
export const textOf = (value: unknown, key: string): string | null => {
  const found = isObject(value) && Object.hasOwn(value, key) ? value[key] : null;
  return typeof found === 'string' ? found : null;
};

/** The value of an object's own key where it is a number, else null. */
export const numberOf = (value: unknown, key: string): number | null => {
  const found = isObject(value) && Object.hasOwn(value, key) ? value[key] : null;
  return typeof found === 'number' ? found : null;
};

/** The value of an object's own key where it is an array, else an empty one. */
export const arrayOf = (value: unknown, key: string): readonly unknown[] => {
  const found = isObject(value) && Object.hasOwn(value, key) ? value[key] : null;
  return Array.isArray(found) ? found : [];
};

/** A number with an exponent, or with so many digits that a double may not hold it. */
const SUSPICIOUS = /[:[,]\s*-?(?=[\d.]*[eE]|[\d.]{16})\d/;

/**
 * The paths of all numbers that would come out of a double with another value. Ordinary pages cost one
 * run of a regular expression; only a text with a suspicious number is parsed a second time.
 *
 * @example lossyNumbers('{"a":[1.5,12345678901234567890]}') // [['a', '1']]
 */
export const lossyNumbers = (text: string): readonly (readonly string[])[] => {
  if (!SUSPICIOUS.test(text)) return [];
  // Of a key that stands twice JSON.parse keeps the last, and so must we.
  const document = parseLossless(text, undefined, { onDuplicateKey: ({ newValue }) => newValue });
  const found: (readonly string[])[] = [];
  collect(document, [], found);
  return found;
};

const collect = (value: unknown, path: readonly string[], found: (readonly string[])[]): void => {
  if (isLosslessNumber(value)) {
    if (!survives(value.toString())) found.push(path);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) collect(child, [...path, key], found);
  }
};

const survives = (digits: string): boolean => {
  const number = Number(digits);
  return Number.isFinite(number) && compareNumber(digits, String(number)) === 0;
};
