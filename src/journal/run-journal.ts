/** A journal as the pass sees it. */
import type { RunJournal } from '../apply/ports.js';
import type { Journal } from './journal.js';

/** How a journal is shared with others; a folder is not. */
export interface Sharing {
  readonly wantsAllIntents: boolean;
  readonly publish: () => Promise<void>;
}

export const NOT_SHARED: Sharing = { wantsAllIntents: false, publish: () => Promise.resolve() };

/** `onAppend` is called after something was appended. */
export const runJournalOf = (
  journal: Journal,
  { wantsAllIntents, publish }: Sharing = NOT_SHARED,
  onAppend: () => void = () => undefined,
): RunJournal => ({
  wantsAllIntents,
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
    const numbers = await journal.append(entries);
    onAppend();
    return numbers;
  },
});
