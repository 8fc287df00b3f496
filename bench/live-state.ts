/** An organization as reading leaves it in memory: every object and every text is one of its own. */
import { createHash } from 'node:crypto';
import { codeId, divisionId, organizationId, queueId } from '../src/domain/ids.js';
import type { QueueId } from '../src/domain/ids.js';
import type { Inventory, LiveCode, LiveQueue, LiveQueueCodes } from '../src/domain/state.js';
import {
  CODE_NAMES,
  codesOf,
  division,
  DIVISIONS,
  queueName,
  subjectsOf,
  workSeconds,
} from './policies.js';

export interface LiveState {
  readonly inventory: Inventory;
  readonly codes: ReadonlyMap<QueueId, LiveQueueCodes>;
}

/**
 * So many queues with 50 codes each, as the policies want them, but for every n-th: it lost a code, got a
 * strange one, and has another prompt.
 */
export const liveState = (queues: number, everyNth: number): LiveState => {
  const indices = Array.from({ length: queues }, (_, index) => index);
  const hasDrifted = (index: number): boolean => index % everyNth === 0;
  return {
    inventory: {
      organization: { id: organizationId(uuid('organization')), name: 'Example Contact Centre' },
      queues: indices.map((index) => asRead(liveQueue(index, hasDrifted(index)))),
      queuesReadAt: 0,
      codes: asRead([...CATALOG.values()]),
      divisions: indices.slice(0, DIVISIONS).map(liveDivision),
    },
    codes: new Map(
      indices.map((index) => [
        queueId(uuid(queueName(index))),
        { codes: asRead(liveCodes(index, hasDrifted(index))), readAt: 0, pages: 1 },
      ]),
    ),
  };
};

/** A copy that shares nothing with others, not even the texts. */
const asRead = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

/** Scattered as real ids are, so that sorting them is real work. */
const uuid = (name: string): string =>
  createHash('sha256')
    .update(name)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

const CATALOG: ReadonlyMap<string, LiveCode> = new Map(
  CODE_NAMES.map((name) => [name, { id: codeId(uuid(name)), name }]),
);

const liveDivision = (index: number): LiveQueue['division'] => ({
  id: divisionId(uuid(division(index))),
  name: division(index),
});

const liveQueue = (index: number, hasDrifted: boolean): LiveQueue => ({
  id: queueId(uuid(queueName(index))),
  name: queueName(index),
  division: liveDivision(index),
  afterCallWork: hasDrifted
    ? { prompt: 'OPTIONAL', timeoutMs: null }
    : { prompt: 'MANDATORY_TIMEOUT', timeoutMs: workSeconds(index) * 1000 },
  enabled: true,
  unsafeNumber: null,
});

const liveCodes = (index: number, hasDrifted: boolean): readonly LiveCode[] => {
  const { service, language, tier } = subjectsOf(index);
  const wanted = [
    ...codesOf('Everywhere', 10),
    ...codesOf(service, 20),
    ...codesOf(language, 10),
    ...codesOf(tier, 10),
  ];
  return (hasDrifted ? [...wanted.slice(1), 'Test'] : wanted).flatMap(
    (name) => CATALOG.get(name) ?? [],
  );
};
