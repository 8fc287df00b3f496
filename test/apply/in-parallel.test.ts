import { describe, expect, it } from 'vitest';
import { inParallel } from '../../src/apply/in-parallel.js';

/** Works that end when they are told to, in whatever order. */
const works = () => {
  const begun: number[] = [];
  const ends = new Map<
    number,
    { resolve: (result: string) => void; reject: (error: Error) => void }
  >();
  return {
    begun,
    begin: (item: number): Promise<string> => {
      begun.push(item);
      return new Promise((resolve, reject) => ends.set(item, { resolve, reject }));
    },
    end: async (item: number): Promise<void> => {
      ends.get(item)?.resolve(`result ${item}`);
      await new Promise(setImmediate);
    },
    fail: async (item: number): Promise<void> => {
      ends.get(item)?.reject(new Error(`item ${item}`));
      await new Promise(setImmediate);
    },
  };
};

describe('inParallel', () => {
  it('works on so many at a time, and keeps the order of the results', async () => {
    const { begun, begin, end } = works();
    const results = inParallel(2, [1, 2, 3], begin);
    expect(begun).toEqual([1, 2]);
    await end(2);
    expect(begun).toEqual([1, 2, 3]);
    await end(3);
    await end(1);
    await expect(results).resolves.toEqual(['result 1', 'result 2', 'result 3']);
  });

  it('begins no other once one has failed', async () => {
    const { begun, begin, end, fail } = works();
    const results = inParallel(2, [1, 2, 3, 4], begin);
    const failed = expect(results).rejects.toThrow('item 1');
    await fail(1);
    await failed;
    await end(2);
    expect(begun).toEqual([1, 2]);
  });

  it.each([0, 0.5, 1.5])('works on one at a time where the width is %d', async (width) => {
    const { begun, begin, end } = works();
    const results = inParallel(width, [1, 2], begin);
    expect(begun).toEqual([1]);
    await end(1);
    await end(2);
    await expect(results).resolves.toHaveLength(2);
  });

  it('has nothing to do for nothing', async () => {
    await expect(inParallel(8, [], works().begin)).resolves.toEqual([]);
  });
});
