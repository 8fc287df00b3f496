/** Parts of an organization as they are read, in few words. */
import { codeId, divisionId, queueId } from '../../src/domain/ids.js';
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

export const liveCodes = (...names: readonly string[]): LiveQueueCodes => ({
  codes: names.map((name) => liveCode(name)),
  readAt: NOW,
  pages: 1,
});
