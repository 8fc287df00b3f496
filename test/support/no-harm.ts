import { expect } from 'vitest';
import { isMandatory } from '../../src/domain/state.js';
import type { MemoryOrg, QueueSnapshot } from './memory-org.js';

/** live ⊇ (before ∩ after) at every write, and no MANDATORY* queue is left without a code. */
export const expectNoHarm = ({
  org,
  before,
}: {
  readonly org: MemoryOrg;
  readonly before: ReadonlyMap<string, QueueSnapshot>;
}): void => {
  const after = org.snapshots();
  for (const write of org.writes) {
    if (write.queue === null || write.after === null || !write.effect) continue;
    const { queue } = write;
    const kept = (before.get(queue)?.codes ?? []).filter((code) =>
      after.get(queue)?.codes.includes(code),
    );
    expect(write.after.codes).toEqual(expect.arrayContaining(kept));
    expect(isMandatory(write.after.prompt) && write.after.codes.length === 0).toBe(false);
  }
};
