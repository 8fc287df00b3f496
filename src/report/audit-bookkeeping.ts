/** What the records say that are not listed unless somebody asks for their kind. */
import type {
  CodeIntent,
  DeliveryAttempted,
  InSync,
  JournalEntry,
  LeaseTaken,
  PlanSpent,
  QueueIntent,
  Redelivery,
  Repaired,
  SinkAdded,
  SinkRemoved,
} from '../domain/journal.js';
import { piece } from '../domain/text.js';
import { count, instant, shortDigest } from './words.js';

/** Records behind the events: what was begun, remembered, and sent. */
export type Bookkeeping =
  | QueueIntent
  | CodeIntent
  | InSync
  | PlanSpent
  | LeaseTaken
  | SinkAdded
  | SinkRemoved
  | DeliveryAttempted
  | Redelivery
  | Repaired;

/** One sentence for each. */
export const bookkeepingSentence = (record: Bookkeeping): string => {
  switch (record.kind) {
    case 'queue.intent':
      return `${piece(record.queue.name)}: a change was about to begin: ${changeWords(record)}. What became of it stands in a later record.`;
    case 'code.intent': {
      const { action, code } = record;
      const what = action === 'create' ? 'created' : `renamed from ${piece(code.from ?? '')}`;
      return `The wrap-up code ${piece(code.name)} was about to be ${what}. What became of it stands in a later record.`;
    }
    case 'in-sync':
      return `${count(record.queues.length, 'queue')}: seen as the policies want, and not seen so before.`;
    case 'plan.spent':
      return `A saved plan was applied to its end, and is refused from here on (${piece(shortDigest(record.seal))}).`;
    case 'lease':
      return record.until === null
        ? `${piece(record.holder)} gave the right to write back.`
        : `${piece(record.holder)} took the right to write until ${instant(record.until)}.`;
    case 'sink.added':
      return `From here on events are kept for the webhook ${piece(record.sink)}: ${piece(record.events.join(', '))}.`;
    case 'sink.removed':
      return `The settings do not name the webhook ${piece(record.sink)} any more; ${count(record.undelivered, 'event')} had not arrived there.`;
    case 'delivery':
      return `The event of record ${record.of} was sent to ${piece(record.sink)}, attempt ${record.attempt}: ${record.result}${record.why === null ? '' : ` (${piece(record.why)})`}.`;
    case 'redelivery':
      return `Somebody asked for ${count(record.events.length, 'event')} to be sent to ${piece(record.sink)} again.`;
    case 'repaired':
      return `A last line that was cut off was taken away: ${count(record.lostBytes, 'byte')}, ${piece(shortDigest(record.lostHash))}.`;
    default:
      return unknownKind(record);
  }
};

/** Written by a later version. */
const unknownKind = ({ kind }: JournalEntry): string => `A record of the kind ${piece(kind)}.`;

const changeWords = ({ change: { afterCallWork, wrapupCodes } }: QueueIntent): string => {
  const { add = [], update = [], remove = [] } = wrapupCodes ?? {};
  const codes = [
    ['added', add],
    ['changed', update],
    ['removed', remove],
  ] as const;
  return [
    ...(afterCallWork === undefined ? [] : ['after-call work']),
    ...codes.flatMap(([word, some]) =>
      some.length === 0 ? [] : [`${count(some.length, 'code')} to be ${word}`],
    ),
  ].join(', ');
};
