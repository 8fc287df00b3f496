/** The states of queues, and what holds them, in words for the page. */
import type { Hold } from '../../domain/change.js';
import type { ChangedBy } from '../../domain/journal.js';
import type { Correction, QueueState } from '../status.js';
import type { Markup } from './markup.js';
import { markup, nameMarkup } from './markup.js';
import { timeMarkup } from './time.js';

/** The states as words. */
export const STATE_WORDS = {
  failing: 'Failing',
  drifting: 'Drifting',
  held: 'Held',
  'in-sync': 'In sync',
} as const satisfies Record<QueueState, string>;

/** What each kind of hold means, and how it ends. */
export const HOLD_WORDS = {
  report:
    'Its policy only reports. Nothing is written until the policy says `enforcement: enforce`.',
  suspend:
    'A policy or the whole organization is suspended. It ends by itself, or in the file that suspends it.',
  unresolved:
    'A policy names a queue, division or code that does not exist. Mend the policy, or create what it names.',
  conflict: 'Policies disagree about the queue. Mend one of them, or give it a higher priority.',
  unsafe:
    'The change would leave the queue worse off, or cannot be written exactly. The reason says what is missing.',
  window: 'It is outside the change windows. It goes on by itself when one opens.',
  busy: 'Interactions are going on in the queue. It goes on by itself when they are over.',
  disabled:
    'The queue is switched off in the organization. Switch it on, or exclude it from the policies.',
  flapping:
    'Somebody else keeps changing it back. Find and stop the other writer; a new commit or `POST /api/reconcile` then clears it.',
} as const satisfies Record<Hold, string>;

/** The words with what stands between backquotes as code. */
export const withCode = (words: string): Markup =>
  markup`${words.split('`').map((part, index) => (index % 2 === 1 ? markup`<code>${part}</code>` : plain(part)))}`;

/** Our own words, whose blanks at the ends are meant. */
const plain = (words: string): Markup => ({ kind: 'markup', html: words });

/** When a queue was corrected last, and why that was needed. */
export const correctionMarkup = (correction: Correction, at: string): Markup =>
  markup`${timeMarkup(correction.at, at)}: ${causeMarkup(correction, at)}`;

const causeMarkup = ({ cause, changedBy }: Correction, at: string): Markup => {
  if (cause === 'policy') return markup`the policies had changed`;
  if (cause === 'unknown') return markup`it was not as the policies want it`;
  return whoMarkup(changedBy, at);
};

const whoMarkup = (who: ChangedBy, at: string): Markup => {
  if (who.by === 'unknown')
    return markup`it is not known who had changed it${who.why === null ? null : markup` (${who.why})`}`;
  const name = nameMarkup(who.name ?? who.id);
  const person = who.kind === 'client' ? markup`the OAuth client ${name}` : name;
  const others = who.by === 'exact' ? null : markup` or somebody else about then`;
  return markup`${person}${others} had changed it (${who.action}, ${timeMarkup(who.at, at)})`;
};
