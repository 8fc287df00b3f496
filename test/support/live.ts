/** Parts of an organization as they are read, in few words. */
import { codeId, divisionId, queueId } from '../../src/domain/ids.js';
import type { Requirement } from '../../src/domain/requirement.js';
import type { Division, LiveCode, LiveQueue, LiveQueueCodes } from '../../src/domain/state.js';
import { NOW } from './fake-clock.js';

export const division = (name: string): Division => ({ id: divisionId(`id of ${name}`), name });

export const liveQueue = (
  name: string,
  rest: Partial<Omit<LiveQueue, 'division' | 'id' | 'afterCallWork'>> & {
    readonly id?: string;
    readonly division?: string;
    readonly prompt?: string | null;
    readonly timeoutMs?: number | null;
  } = {},
): LiveQueue => {
  const {
    id = `id of ${name}`,
    division: home = 'Home',
    prompt = 'OPTIONAL',
    timeoutMs = null,
  } = rest;
  return {
    id: queueId(id),
    name,
    division: division(home),
    afterCallWork: { prompt, timeoutMs },
    enabled: rest.enabled ?? true,
    unsafeNumber: rest.unsafeNumber ?? null,
  };
};

export const liveCode = (name: string, id = `id of ${name}`): LiveCode => ({
  id: codeId(id),
  name,
});

/** The codes of a queue as `wrapupcodes-put` tells them; null in place of a row that is not understood. */
export const liveRows = (
  rows: Readonly<Record<string, Requirement | null>>,
  unsafe: string | null = null,
): LiveQueueCodes => ({
  codes: Object.entries(rows).map(([name, row]) => ({ ...liveCode(name), requirement: row })),
  readAt: NOW,
  pages: 1,
  rows: { raw: Object.entries(rows), unsafe },
});

export const liveCodes = (...names: readonly string[]): LiveQueueCodes => ({
  codes: names.map((name) => liveCode(name)),
  readAt: NOW,
  pages: 1,
});
