/** Which queues the page shows: a text and a state, both from its address. */
import { normaliseName } from '../../domain/text.js';
import { QUEUE_STATES } from '../status.js';
import type { QueueState, QueueStatus } from '../status.js';

/** What a reader asked for; an empty text and no state show everything. */
export interface PageFilter {
  readonly text: string;
  readonly state: QueueState | null;
}

/** Everything is shown. */
export const NO_FILTER: PageFilter = { text: '', state: null };

const LONGEST_TEXT = 200;

/** The filter in the query of the page's address (`?q=…&state=…`); what is not understood filters nothing. */
export const parseFilter = (query: URLSearchParams): PageFilter => ({
  text: (query.get('q') ?? '').trim().slice(0, LONGEST_TEXT),
  state: QUEUE_STATES.find((state) => state === query.get('state')) ?? null,
});

/** Whether something may be left out. */
export const isFiltering = ({ text, state }: PageFilter): boolean => text !== '' || state !== null;

const fold = (text: string): string => normaliseName(text).toLowerCase();

/** The queues whose name, id, division or policies contain the text, whatever its case, and that are in the state. */
export const filterQueues = (
  queues: readonly QueueStatus[],
  { text, state }: PageFilter,
): readonly QueueStatus[] => {
  const wanted = fold(text);
  return queues.filter(
    (queue) =>
      (state === null || queue.state === state) &&
      (wanted === '' ||
        [queue.name, queue.id, queue.division, ...queue.policies].some((part) =>
          fold(part).includes(wanted),
        )),
  );
};
