/** A journal as the pass sees it. */
import type { RunJournal } from '../apply/ports.js';
import type { Journal } from './journal.js';

/** How a journal is shared with others; a folder is not. */
export interface Sharing {
  readonly wantsAllIntents: boolean;
  readonly publish: () => Promise<void>;
}

const NOT_SHARED: Sharing = { wantsAllIntents: false, publish: () => Promise.resolve() };

export const runJournalOf = (
  journal: Journal,
  { wantsAllIntents, publish }: Sharing = NOT_SHARED,
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
  append: (entries) => journal.append(entries),
});
