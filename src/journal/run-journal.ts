/** A journal as the pass sees it. */
import type { RunJournal } from '../apply/ports.js';
import type { Journal } from './journal.js';

/** How a journal is shared with others; a folder is not. */
export interface Sharing {
  readonly isShared: boolean;
  readonly publish: () => Promise<void>;
}

const NOT_SHARED: Sharing = { isShared: false, publish: () => Promise.resolve() };

export const runJournalOf = (
  journal: Journal,
  { isShared, publish }: Sharing = NOT_SHARED,
): RunJournal => ({
  wantsAllIntents: isShared,
  publish,
  get organizationId() {
    return journal.state.organizationId;
  },
  get head() {
    return journal.state.head;
  },
  get openIntents() {
    return journal.state.intents;
  },
  get doubts() {
    return journal.state.doubts;
  },
  queue: (id) => journal.state.queue(id),
  // Where others keep it, safe is what they have; the folder of a run goes with its machine.
  append: (entries) => journal.append(entries, { lazy: isShared }),
});
