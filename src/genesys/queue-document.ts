/**
 * The raw document of a queue, and what of it is written back. A PUT replaces the whole queue, and fields
 * left out are reset; so all that was read goes back as it was, what this version does not know included.
 */
import { isDeepStrictEqual } from 'node:util';
import type { QueueDocument } from '../apply/ports.js';
import type { AfterCallWork } from '../domain/state.js';
import { isTimed } from '../domain/state.js';
import { arrayOf, isObject } from './json.js';
import type { JsonObject } from './json.js';

/** The fields that the contract marks as read-only: a request must not carry them. */
const READ_ONLY: ReadonlySet<string> = new Set([
  'id',
  'memberCount',
  'userMemberCount',
  'joinedMemberCount',
  'selfUri',
]);

/** What the platform moves by itself, and what we meant to change. */
const NOT_COMPARED: ReadonlySet<string> = new Set([
  ...READ_ONLY,
  'acwSettings',
  'dateModified',
  'modifiedBy',
]);

/** The body of the PUT that gives a queue this after-call work and changes nothing else. */
export const putBody = (raw: JsonObject, to: AfterCallWork): JsonObject =>
  fieldsOf({ ...writable(raw), acwSettings: acwSettings(raw['acwSettings'], to) });

/** The after-call work, beside keys of `acwSettings` that we do not know. An untimed prompt is sent without timer. */
const acwSettings = (live: unknown, to: AfterCallWork): JsonObject => {
  const { timeoutMs: _timer, ...others } = isObject(live) ? live : {};
  const timer = isTimed(to.prompt) && to.timeoutMs !== null ? { timeoutMs: to.timeoutMs } : {};
  return { ...others, wrapupPrompt: to.prompt, ...timer };
};

/** Everything that may go back. The first rule of a group routing stands for the queue itself and must not name it. */
const writable = (raw: JsonObject): JsonObject => {
  const routing = raw['conditionalGroupRouting'];
  const [first, ...others] = arrayOf(routing, 'rules');
  const fields = fieldsOf(raw, READ_ONLY);
  if (!isObject(routing) || !isObject(first)) return fields;
  return {
    ...fields,
    conditionalGroupRouting: {
      ...routing,
      rules: [fieldsOf(first, new Set(['queue'])), ...others],
    },
  };
};

/** A copy without some keys. Built from entries, so that a key `__proto__` stays an ordinary one. */
const fieldsOf = (object: JsonObject, without: ReadonlySet<string> = new Set()): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !without.has(key)));

/**
 * The names of fields that are not what they were before the write, sorted: `acwSettings`, and what the
 * platform itself moves, left out. A field that is null counts as absent, as it does for the platform.
 */
export const differingFields = (before: QueueDocument, after: QueueDocument): readonly string[] => {
  const [was, is] = [writable(before.raw), writable(after.raw)];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter(
      (key) =>
        !NOT_COMPARED.has(key) && !isDeepStrictEqual(comparable(was[key]), comparable(is[key])),
    )
    .sort();
};

/** Without nulls, and without -0, which JSON.stringify sends as 0. */
const comparable = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(comparable);
  if (value === 0) return 0;
  if (!isObject(value)) return value ?? undefined;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== null)
      .map(([key, child]) => [key, comparable(child)]),
  );
};
