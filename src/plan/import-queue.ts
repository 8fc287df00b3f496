/**
 * What the policy language can say of one queue as it is, and what it cannot.
 *
 * | the live queue                                        | what is written                                   |
 * |-------------------------------------------------------|---------------------------------------------------|
 * | a name that means it alone                            | the name, its stars escaped                       |
 * | a name that stands in another division, too           | name and division                                 |
 * | a name that stands twice in its division              | name and id                                       |
 * | a name with a character that cannot be seen           | id                                                |
 * | one of the platform's five prompts                    | the prompt                                        |
 * | a timed prompt with a legal timer                     | the timer                                         |
 * | a timed prompt with no timer, or an illegal one       | no timer: what the queue has stays                |
 * | no prompt, or one that nobody knows                   | no after-call work                                |
 * | codes                                                 | each by its name, or by id where that is not sure |
 * | no code under a prompt that needs none                | an empty list, `allowEmpty: true`                 |
 * | no code under MANDATORY*                              | no codes: the language refuses it                 |
 * | a code that is retired, or that nobody can see        | no codes: listing it would be an error            |
 * | rows that are not understood (`wrapupcodes-put`)      | no codes                                          |
 */
import { formatDuration } from '../domain/duration.js';
import { UUID } from '../domain/ids.js';
import type { CodeId } from '../domain/ids.js';
import type { Requirement } from '../domain/requirement.js';
import {
  isLegalTimeout,
  isMandatory,
  isTimed,
  TIMEOUT_MS,
  WRAPUP_PROMPTS,
} from '../domain/state.js';
import type {
  AfterCallWork,
  Division,
  LiveAfterCallWork,
  LiveQueue,
  LiveQueueCodes,
  QueueCode,
} from '../domain/state.js';
import { normaliseName, quote, spellInvisible } from '../domain/text.js';
import type { Provenance, QueueSelector } from '../policy/model.js';
import type { CodeIndex } from '../resolve/code-index.js';
import { escapePattern } from '../resolve/pattern.js';
import type { QueueIndex } from '../resolve/queue-index.js';
import { selectQueues } from '../resolve/select.js';

/** How a queue is selected: the shortest entry that means it and no other. */
export type ImportedSelector = Pick<QueueSelector, 'name' | 'id' | 'division'>;

/** How a code is listed: by its name, or by its id where the name alone is not sure. */
export interface ImportedCode {
  readonly name: string | null;
  readonly id: CodeId | null;
  /** What it is called, for people. */
  readonly label: string;
  /** Its row of the requirement matrix, where the API tells one. */
  readonly requirement: Requirement | null;
}

/** A part of a queue that is not managed. */
export type ImportedPart = 'queue' | 'afterCallWork' | 'timeout' | 'wrapupCodes';

/** A part of a queue that the language cannot express, and why: part of a sentence. */
export interface Gap {
  readonly part: ImportedPart;
  readonly reason: string;
}

/** What can be written of a queue. */
export interface ExpressedQueue {
  readonly queue: LiveQueue;
  /** null where no entry means it and no other. */
  readonly selector: ImportedSelector | null;
  readonly afterCallWork: AfterCallWork | null;
  readonly wrapupCodes: readonly ImportedCode[] | null;
  readonly gaps: readonly Gap[];
}

/** Where names are looked up. */
export interface Names {
  readonly queues: QueueIndex;
  readonly divisions: readonly Division[];
  readonly codeOf: (code: CodeId, name: string) => CodeName;
}

/** How a code is referred to, or why it cannot be. */
type CodeName = Omit<ImportedCode, 'requirement'> | { readonly reason: string };

/** References of no file: what is looked up here was written by nobody. */
const NOWHERE: Provenance = {
  policy: '',
  span: { file: '', line: 1, column: 1, endLine: 1, endColumn: 1 },
};

/** Says what can be written of a queue as it was read. */
export const expressQueue = (
  queue: LiveQueue,
  codes: LiveQueueCodes,
  names: Names,
): ExpressedQueue => {
  const selector = selectorOf(queue, names);
  if (selector === null) {
    const gap = {
      part: 'queue',
      reason: 'no name, division or id means this queue alone',
    } as const;
    return { queue, selector, afterCallWork: null, wrapupCodes: null, gaps: [gap] };
  }
  const work = expressWork(queue.afterCallWork);
  const listed = expressCodes(queue, codes, names);
  return {
    queue,
    selector,
    afterCallWork: work.afterCallWork,
    wrapupCodes: 'reason' in listed ? null : listed.codes,
    gaps: [
      ...work.gaps,
      ...('reason' in listed ? [{ part: 'wrapupCodes' as const, reason: listed.reason }] : []),
    ],
  };
};

/** Whether a name can be written so that whoever reads it sees all of it. */
const isLegible = (name: string): boolean => name !== '' && spellInvisible(name) === name;

/** Ids are compared as they are, and read from policies in small letters. */
const isWritable = (id: string): boolean => UUID.test(id) && id === id.toLowerCase();

const selectorOf = (
  { id, name, division }: LiveQueue,
  { queues, divisions }: Names,
): ImportedSelector | null => {
  const pattern = isLegible(name) ? escapePattern(normaliseName(name)) : null;
  const where = isLegible(division.name) ? normaliseName(division.name) : null;
  const candidates: readonly (ImportedSelector | false)[] = [
    pattern !== null && { name: pattern, id: null, division: null },
    pattern !== null && where !== null && { name: pattern, id: null, division: where },
    isWritable(id) && { name: pattern, id, division: null },
  ];
  const means = (candidate: ImportedSelector): boolean => {
    const include = [{ ...candidate, from: NOWHERE }];
    const { queues: found } = selectQueues({ include, exclude: [] }, queues, divisions);
    return found.size === 1 && [...found][0]?.id === id;
  };
  return candidates.find((candidate) => candidate !== false && means(candidate)) || null;
};

const expressWork = ({
  prompt,
  timeoutMs,
}: LiveAfterCallWork): {
  readonly afterCallWork: AfterCallWork | null;
  readonly gaps: readonly Gap[];
} => {
  const known = WRAPUP_PROMPTS.find((each) => each === prompt);
  if (known === undefined) {
    const reason =
      prompt === null
        ? 'the queue has no prompt'
        : `the prompt ${quote(prompt)} is none that the language knows`;
    return { afterCallWork: null, gaps: [{ part: 'afterCallWork', reason }] };
  }
  if (!isTimed(known)) return { afterCallWork: { prompt: known, timeoutMs: null }, gaps: [] };
  if (isLegalTimeout(timeoutMs)) return { afterCallWork: { prompt: known, timeoutMs }, gaps: [] };
  const reason =
    timeoutMs === null
      ? `${known} has no timer`
      : `${formatDuration(timeoutMs)} is outside what the platform accepts, ${formatDuration(TIMEOUT_MS.min)} to 60m`;
  return {
    afterCallWork: { prompt: known, timeoutMs: null },
    gaps: [{ part: 'timeout', reason }],
  };
};

const expressCodes = (
  { afterCallWork: { prompt } }: LiveQueue,
  { codes, rows }: LiveQueueCodes,
  { codeOf }: Names,
): { readonly codes: readonly ImportedCode[] } | { readonly reason: string } => {
  if (rows !== undefined && rows.unsafe !== null) return { reason: rows.unsafe };
  if (codes.length === 0 && isMandatory(prompt))
    return { reason: `${prompt ?? ''} needs a code to choose, and the queue has none` };
  const listed: ImportedCode[] = [];
  for (const code of codes) {
    const name = codeOf(code.id, code.name);
    if ('reason' in name) return name;
    const requirement = rowOf(code);
    if (requirement === 'strange')
      return { reason: `the row of ${quote(code.name)} has a flag that is neither true nor false` };
    listed.push({ ...name, requirement });
  }
  return { codes: listed.sort(byLabel) };
};

const rowOf = ({ requirement }: QueueCode): Requirement | null | 'strange' =>
  requirement === undefined ? null : (requirement ?? 'strange');

/** The same on every machine, whatever order the platform lists them in. */
const byLabel = (a: ImportedCode, b: ImportedCode): number =>
  a.label < b.label ? -1 : a.label > b.label ? 1 : (a.id ?? '') < (b.id ?? '') ? -1 : 1;

/** Looks codes up as a policy would, each once. */
export const codeNames = (index: CodeIndex): Names['codeOf'] => {
  const known = new Map<CodeId, CodeName>();
  return (id, name) => {
    const answer = known.get(id) ?? nameCode(index, id, name);
    known.set(id, answer);
    return answer;
  };
};

const nameCode = (index: CodeIndex, id: CodeId, seen: string): CodeName => {
  const answer = index.find({ id, name: null, from: NOWHERE });
  if (answer.kind !== 'known') {
    return {
      reason: `${quote(seen)} is not among the codes of the organization that these credentials see`,
    };
  }
  if (index.retired.has(id)) return { reason: `the catalog retires ${quote(answer.code.name)}` };
  const name = normaliseName(answer.code.name);
  if (isLegible(name)) {
    const named = index.find({ id: null, name, from: NOWHERE });
    if (named.kind === 'known' && named.code.id === id) return { name, id: null, label: name };
  }
  return isWritable(id)
    ? { name: null, id, label: name }
    : { reason: `neither a name nor an id means ${quote(name)} alone` };
};
