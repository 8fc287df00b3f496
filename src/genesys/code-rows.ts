/**
 * The rows of `wrapupcodes-put`: all codes of a queue in one array, each with its flags. Here, and nowhere
 * else, the words of that contract meet those of the policies.
 */
import { isDeepStrictEqual } from 'node:util';
import type { RowChanges } from '../apply/ports.js';
import { AppError } from '../domain/errors.js';
import { codeId } from '../domain/ids.js';
import type { CodeId, QueueId } from '../domain/ids.js';
import { flagOf, REQUIREMENT_FLAGS, requirementOf } from '../domain/requirement.js';
import type { Requirement, RequirementFlag } from '../domain/requirement.js';
import type { CodeRows, LiveQueueCodes, QueueCode } from '../domain/state.js';
import { quote } from '../domain/text.js';
import { isObject, lossyNumbers, textOf } from './json.js';
import type { JsonObject } from './json.js';
import type { SdkAnswer } from './sdk.js';

/** Where the rows of a queue are read and replaced. */
export const ROWS_PATH = '/api/v2/routing/queues/{queueId}/wrapupcodes';

const FLAGS: Readonly<Record<RequirementFlag, string>> = {
  required: 'isRequired',
  selfAssignment: 'allowSelfAssignment',
  supervisorAssignment: 'allowSupervisorAssignment',
  agentAssignment: 'allowAgentAssignment',
  transfer: 'allowTransfer',
  wrapup: 'allowWrapup',
  postCallWork: 'allowPostCallWork',
};

/**
 * The codes of a queue out of its rows, which know ids alone; `nameOf` gives the names. What a row says
 * that nobody understands is kept as it is; what could not be sent back as it is makes the list unsafe.
 *
 * @throws AppError `genesys.not-genesys` where the answer is no array of rows
 */
export const readRows = (
  { body, text }: SdkAnswer,
  queue: QueueId,
  nameOf: (id: CodeId) => string,
): Pick<LiveQueueCodes, 'codes' | 'pages'> & { readonly rows: CodeRows } => {
  if (!Array.isArray(body))
    throw new AppError(
      'genesys.not-genesys',
      `The answer for the wrap-up codes of the queue ${queue} is no array of rows, as \`api: wrapupcodes-put\` has it.`,
      { remedy: 'Where no gateway offers that contract, use `api: public`.' },
    );
  const raw: readonly unknown[] = body;
  const codes = new Map<CodeId, QueueCode>();
  const faults: string[] = [];
  for (const [index, row] of raw.entries()) {
    const id = idOf(row);
    if (id === null) faults.push(`row ${index + 1} of its wrap-up codes has no \`wrapupCodeId\``);
    else if (codes.has(id)) faults.push(`its wrap-up code ${quote(nameOf(id))} stands in two rows`);
    else codes.set(id, { id, name: nameOf(id), requirement: requirementIn(row) });
  }
  for (const [index, ...field] of lossyNumbers(text))
    faults.push(
      `the field ${field.join('.')} in row ${Number(index) + 1} of its wrap-up codes holds a number that would not survive being read and written back`,
    );
  return { codes: [...codes.values()], pages: 1, rows: { raw, unsafe: faults[0] ?? null } };
};

/** The body that replaces a list: the rows as they were read, with these changes. */
export const bodyOf = (
  { raw }: CodeRows,
  { add, update, remove }: RowChanges,
): readonly unknown[] => {
  const removed = new Set(remove.map(({ id }) => id));
  const changed = new Map(update.map(({ id, to }) => [id, to]));
  const kept = raw.flatMap((row) => {
    const id = idOf(row);
    if (id !== null && removed.has(id)) return [];
    const to = id === null ? undefined : changed.get(id);
    return [to === undefined || !isObject(row) ? row : { ...row, ...flagsOf(to) }];
  });
  return [
    ...kept,
    ...add.map(({ id, requirement }) => ({ wrapupCodeId: id, ...flagsOf(requirement) })),
  ];
};

/** Codes that nobody meant to change, and whose rows are other ones than before; in the order of the lists. */
export const differingRows = (
  before: CodeRows,
  after: CodeRows,
  { add, update, remove }: RowChanges,
): readonly CodeId[] => {
  const meant = new Set<string | null>([...add, ...update, ...remove].map(({ id }) => id));
  const rowsOf = ({ raw }: CodeRows): ReadonlyMap<CodeId, unknown> =>
    new Map(
      raw.flatMap((row) => {
        const id = idOf(row);
        return id === null || meant.has(id) ? [] : [[id, row] as const];
      }),
    );
  const [was, is] = [rowsOf(before), rowsOf(after)];
  return [...new Set([...was.keys(), ...is.keys()])].filter(
    (id) => !isDeepStrictEqual(was.get(id), is.get(id)),
  );
};

const idOf = (row: unknown): CodeId | null => {
  const id = textOf(row, 'wrapupCodeId');
  return id === null || id === '' ? null : codeId(id);
};

/** A flag that a row leaves out is off; with one that is no boolean the row is not understood. */
const requirementIn = (row: unknown): Requirement | null => {
  const flags = new Map<RequirementFlag, unknown>(
    REQUIREMENT_FLAGS.map((flag) => [flag, own(row, FLAGS[flag]) ?? false]),
  );
  return [...flags.values()].every((value) => typeof value === 'boolean')
    ? requirementOf((flag) => flags.get(flag) === true)
    : null;
};

const own = (row: unknown, key: string): unknown =>
  isObject(row) && Object.hasOwn(row, key) ? row[key] : undefined;

const flagsOf = (requirement: Requirement): JsonObject =>
  Object.fromEntries(REQUIREMENT_FLAGS.map((flag) => [FLAGS[flag], flagOf(requirement, flag)]));
