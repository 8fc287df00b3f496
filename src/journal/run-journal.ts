/** A journal as the pass sees it. */
import type { RunJournal } from '../apply/ports.js';
import type { JournalEntry } from '../domain/journal.js';
import type { Journal } from './journal.js';

/** How a journal is shared with others; a folder is not. */
export interface Sharing {
  readonly isShared: boolean;
  readonly publish: () => Promise<void>;
}

export const NOT_SHARED: Sharing = { isShared: false, publish: () => Promise.resolve() };

/** `onAppend` is called after something was appended, with that. */
export const runJournalOf = (
  journal: Journal,
  { isShared, publish }: Sharing = NOT_SHARED,
  onAppend: (entries: readonly JournalEntry[]) => void = () => undefined,
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
  append: async (entries) => {
    // Where others keep it, safe is what they have; the folder of a run goes with its machine.
    const numbers = await journal.append(entries, { lazy: isShared });
    onAppend(entries);
    return numbers;
  },
});
