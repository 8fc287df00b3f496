/** Which queues the change windows hold for: their entries mean what those of a policy's `include` mean. */
import type { Diagnostic } from '../domain/diagnostics.js';
import type { Division } from '../domain/state.js';
import type { ChangeWindow } from '../policy/settings.js';
import type { QueueLookup, SelectedWindow } from './model.js';
import type { QueueIndex } from './queue-index.js';
import { selectQueues } from './select.js';

export interface WindowSelection {
  readonly windows: readonly SelectedWindow[];
  readonly diagnostics: readonly Diagnostic[];
  readonly absent: readonly QueueLookup[];
}

/** Selects the queues of every window, once a pass. A window without entries holds for all. */
export const selectWindows = (
  windows: readonly ChangeWindow[],
  index: QueueIndex,
  divisions: readonly Division[],
): WindowSelection => {
  const selected = windows.map((window) => ({
    window,
    ...selectQueues({ include: window.queues, exclude: [] }, index, divisions),
  }));
  return {
    windows: selected.map(({ window, queues, inDoubt }) => ({
      ...window,
      queues: window.queues.length === 0 ? 'all' : new Set([...queues].map(({ id }) => id)),
      inDoubt: inDoubt.include,
    })),
    diagnostics: selected.flatMap(({ diagnostics }) => diagnostics),
    absent: selected.flatMap(({ absent }) => absent),
  };
};
