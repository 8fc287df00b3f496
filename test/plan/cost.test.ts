import { describe, expect, it } from 'vitest';
import type { QueueChange } from '../../src/domain/change.js';
import { codeId, queueId } from '../../src/domain/ids.js';
import { requirementOf } from '../../src/domain/requirement.js';
import type { WrapupPrompt } from '../../src/domain/state.js';
import { estimateCost, queueCost } from '../../src/plan/cost.js';

interface Work {
  readonly add?: number;
  readonly remove?: number;
  readonly unchanged?: number;
  readonly prompt?: WrapupPrompt;
}

const change = ({ add, remove, unchanged = 0, prompt }: Work): QueueChange => {
  const codes = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ id: codeId(`c${index}`), name: `c${index}` }));
  return {
    id: queueId('q'),
    name: 'q',
    division: 'Home',
    policies: [],
    liveDigest: 'sha256:0',
    cause: 'unknown',
    ...(prompt !== undefined && {
      afterCallWork: {
        from: { prompt: 'OPTIONAL', timeoutMs: null },
        to: { prompt, timeoutMs: null },
      },
    }),
    ...((add !== undefined || remove !== undefined) && {
      wrapupCodes: { add: codes(add ?? 0), remove: codes(remove ?? 0), unchanged },
    }),
  };
};

describe('queueCost', () => {
  it.each<[string, Work, number]>([
    ['a read, a PUT, a read back', { prompt: 'AGENT_REQUESTED' }, 3],
    ['the same for MANDATORY', { prompt: 'MANDATORY' }, 3],
    ['a POST and a read back', { add: 1, unchanged: 4 }, 2],
    ['a POST for a hundred', { add: 100 }, 2],
    ['two POSTs and two pages', { add: 101 }, 4],
    ['a read, a DELETE, a read back', { remove: 1, unchanged: 4 }, 3],
    ['a DELETE each', { remove: 3, unchanged: 4 }, 5],
    ['pages before and after', { remove: 3, unchanged: 99 }, 6],
    ['a POST, a read, a DELETE, a read back', { add: 1, remove: 1, unchanged: 1 }, 4],
    ['everything', { add: 1, remove: 1, unchanged: 1, prompt: 'OPTIONAL' }, 7],
    ['a look at the prompt before the last code goes', { remove: 1 }, 4],
    ['no such look where the prompt is just set', { remove: 1, prompt: 'OPTIONAL' }, 6],
    ['a look at the first codes before a prompt needs one', { add: 1, prompt: 'MANDATORY' }, 6],
    ['no such look where others were there', { add: 1, unchanged: 1, prompt: 'MANDATORY' }, 5],
  ])('%s', (_what, work, requests) => {
    expect(queueCost(change(work))).toBe(requests);
  });
});

describe('queueCost of a list that is replaced', () => {
  const row = requirementOf(() => false);
  const replaced = (work: Work, updates = 0): QueueChange => {
    const { wrapupCodes, ...rest } = change({ add: 0, ...work });
    const update = Array.from({ length: updates }, (_, index) => ({
      id: codeId(`u${index}`),
      name: `u${index}`,
      from: row,
      to: row,
    }));
    return wrapupCodes === undefined ? rest : { ...rest, wrapupCodes: { ...wrapupCodes, update } };
  };

  it.each<[string, QueueChange, number]>([
    ['a read, a PUT, a read back', replaced({ add: 1 }), 3],
    ['the same for rows alone', replaced({}, 4), 3],
    ['the same for all at once', replaced({ add: 9, remove: 9, unchanged: 9 }, 9), 3],
    ['and the three of after-call work', replaced({ add: 1, prompt: 'MANDATORY' }), 6],
    ['a look at the prompt before the list is emptied', replaced({ remove: 2 }), 4],
    ['no such look where the prompt is just set', replaced({ remove: 2, prompt: 'OPTIONAL' }), 6],
    ['no such look where a code stays with another row', replaced({ remove: 2 }, 1), 3],
  ])('%s', (_what, work, requests) => {
    expect(queueCost(work)).toBe(requests);
  });
});

describe('estimateCost', () => {
  const limits = { requestsPerMinute: 300, concurrency: 8 };
  const nothing = { create: [], rename: [] };

  it('adds reads, catalog and queues', () => {
    const catalog = {
      create: [{ name: 'N', description: null, divisionId: null }],
      rename: [{ id: codeId('c'), from: 'O', to: 'P' }],
    };
    expect(
      estimateCost({
        reads: 5,
        catalog,
        changes: [change({ add: 1 })],
        asked: 3,
        audits: 4,
        limits,
      }).requests,
    ).toBe(5 + 1 + 2 + 2 + 3 + 4);
  });

  it.each([
    // requests, seconds
    [0, 0],
    [8, 1],
    [300, 6],
    [301, 60],
    [900, 120],
    [901, 180],
  ])('%d requests take about %d s', (reads, seconds) => {
    expect(
      estimateCost({ reads, catalog: nothing, changes: [], asked: 0, audits: 0, limits }),
    ).toEqual({
      requests: reads,
      estimatedSeconds: seconds,
    });
  });
});
