/** Codes that are probably renamed by hand: one is created where another goes. */
import type { CatalogChanges, QueueChange } from '../domain/change.js';
import { warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';

/** A code that goes from so many queues, all those that get another one which is to be created. */
export interface ProbableRename {
  readonly from: string;
  readonly to: string;
  readonly queues: number;
}

/** A code that appears on queues where another disappears is probably the same one under a new name. */
export const findProbableRenames = (
  catalog: CatalogChanges,
  queues: readonly QueueChange[],
): readonly ProbableRename[] =>
  catalog.create.flatMap(({ name }) => {
    const on = queues.filter(({ wrapupCodes }) =>
      wrapupCodes?.add.some((code) => code.id === null && code.name === name),
    );
    const removed = new Map<string, number>();
    for (const { wrapupCodes } of on) {
      for (const code of wrapupCodes?.remove ?? [])
        removed.set(code.name, (removed.get(code.name) ?? 0) + 1);
    }
    return [...removed]
      .filter(([, count]) => count === on.length)
      .map(([from]) => ({ from, to: name, queues: on.length }));
  });

/** The warning about one. */
export const probablyRenamed = ({ from, to, queues }: ProbableRename): Diagnostic =>
  warning({
    code: 'catalog.probable-rename',
    message: `"${to}" is created and "${from}" removed on the same ${queues === 1 ? 'queue' : `${queues} queues`}: probably a rename.`,
    remedy: `If it is one, write \`previously: "${from}"\` in the catalog: the code keeps its id and its history.`,
  });
