/** The events as a receiver finds them: CloudEvents 1.0 in structured JSON, with one form of `data` for each type. */
import { z } from 'zod';
import type { EventType } from '../domain/journal.js';
import { jsonSchemaOf } from '../policy/json-schema.js';
import type { JsonSchema } from '../policy/json-schema.js';
import {
  change,
  changedBy,
  choice,
  evidence,
  flag,
  guards,
  instant,
  orNull,
  part,
  policies,
  snapshot,
  steps,
  text,
  textOrNull,
  whole,
  wholeOrNull,
} from './event-parts.js';

const common = {
  event_id: text('The same as `id` of the event and as the header `webhook-id`.'),
  timestamp: instant('When it was written into the journal.'),
  audit_log: text(
    'What happened, in one sentence for people. Its words may change: do not parse it.',
  ),
  run: text('The run that tells it.'),
  plan_digest: text('The digest of the plan.'),
  journal: part('The record of the journal that the event is of.', {
    seq: whole('Its number.'),
    hash: text('Its hash: an anchor against which the journal can be checked.'),
  }),
};

const commits = {
  commit: textOrNull('The commit of the policies.'),
  commit_author: textOrNull('Its author.'),
};

/** Only in records that settle what an earlier run left open. */
const settling = {
  verdict: choice('What was judged to have become of the change.', [
    'applied',
    'partial',
    'not-applied',
    'unknown',
  ]).optional(),
  evidence: evidence.optional(),
  settles: part('The intent that was left open.', {
    run: text('The run that had it.'),
    intent: whole('The number of its record.'),
    corrects: wholeOrNull('The number of the record whose verdict this one corrects.'),
  }).optional(),
};

const ofQueue = {
  ...common,
  ...commits,
  queue_id: text('The id of the queue.'),
  queue_name: text('Its name.'),
  division: text('The name of its division.'),
  sequence: whole('Counts the events of this queue from 1: the greater is the later one.'),
  compliance_met: flag('Whether a read after the write showed all that the policies want.'),
  cause: choice('Why it differed: the policies changed, or somebody changed the queue.', [
    'policy',
    'drift',
    'unknown',
  ]),
  policies,
  before: snapshot,
  changed_by: changedBy,
};

const written = {
  ...ofQueue,
  latency_ms: wholeOrNull('From the first request for this queue to the last, in milliseconds.'),
  after: orNull('The queue as it was read after the last write; null where it was not.', snapshot),
  ...settling,
};

const OUTCOMES = ['applied', 'in-sync', 'failed', 'stale', 'held', 'not-attempted'] as const;

const unfinished = {
  ...written,
  outcome: orNull(
    'How the queue ended; null where the run ended before it could tell.',
    z.enum(OUTCOMES),
  ),
  reason: textOrNull('Why.'),
  steps: orNull('The writes that were sent; null where nobody knows.', steps),
  correlation_id: textOrNull("The platform's id of the request that failed."),
};

const ofCode = {
  ...common,
  ...commits,
  code_id: textOrNull('The id of the code.'),
  code_name: text('Its name now.'),
  previous_name: textOrNull('The name before; null where it was created.'),
  ...settling,
};

const summary = part('How many queues ended how.', {
  applied: whole('Written.'),
  in_sync: whole('Found as wanted.'),
  failed: whole('Failed.'),
  stale: whole('Changed by somebody else meanwhile.'),
  held: whole('Held.'),
  not_attempted: whole('Not attempted.'),
});

const requests = part('The requests of the run.', {
  sent: whole('Sent, all together.'),
  retried: whole('Sent again.'),
  throttled: whole('Refused by the rate limit.'),
});

const DATA = {
  'wrapkeeper.queue.corrected': part(
    'A queue was brought back to what the policies want.',
    written,
  ),
  'wrapkeeper.queue.failed': part('A queue was not corrected, or only in part.', unfinished),
  'wrapkeeper.queue.unknown': part(
    'Whether a write to a queue took effect could not be found out.',
    unfinished,
  ),
  'wrapkeeper.code.created': part('A wrap-up code was created.', ofCode),
  'wrapkeeper.code.renamed': part('A wrap-up code was renamed.', ofCode),
  'wrapkeeper.drift.detected': part('A queue differs, and policies say that it is only told.', {
    ...ofQueue,
    change,
    reason: text('Why it is not written.'),
  }),
  'wrapkeeper.run.completed': part('A run has ended.', {
    ...common,
    outcome: choice('How.', [
      'applied',
      'nothing',
      'held',
      'partial',
      'failed',
      'refused',
      'stale',
    ]),
    summary,
    requests,
  }),
  'wrapkeeper.run.refused': part('The guards refused a run before its first write.', {
    ...common,
    outcome: choice('Always `refused`.', ['refused']),
    guards,
  }),
} as const satisfies Record<EventType, z.ZodType>;

/** What `data` of each type holds. */
export type EventData = { readonly [Type in EventType]: z.infer<(typeof DATA)[Type]> };

const envelope = <Type extends EventType>(type: Type) =>
  part(`The event \`${type}\`.`, {
    specversion: z.literal('1.0').meta({ description: 'The version of CloudEvents.' }),
    id: text('The same over all attempts and replays: tell duplicates by it.'),
    source: text('`urn:wrapkeeper:organization:` and the id of the Genesys Cloud organization.'),
    type: z.literal(type).meta({ description: 'What happened.' }),
    subject: text('The id of the queue, the id (or else the name) of the code, or the run.'),
    time: instant('When it was written into the journal.'),
    datacontenttype: z.literal('application/json').meta({ description: 'Of `data`.' }),
    data: DATA[type],
  });

/** Every event, told apart by `type`. */
export const eventSchema = z.discriminatedUnion('type', [
  envelope('wrapkeeper.queue.corrected'),
  envelope('wrapkeeper.queue.failed'),
  envelope('wrapkeeper.queue.unknown'),
  envelope('wrapkeeper.code.created'),
  envelope('wrapkeeper.code.renamed'),
  envelope('wrapkeeper.drift.detected'),
  envelope('wrapkeeper.run.completed'),
  envelope('wrapkeeper.run.refused'),
]);

/** An event as it is sent: CloudEvents 1.0 with `data` as its type says. */
export interface CloudEvent<Type extends EventType = EventType> {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: Type;
  readonly subject: string;
  /** ISO 8601. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: EventData[Type];
}

/** Of the body of every request to a sink: `schemas/event.schema.json`. */
export const eventJsonSchema = (): JsonSchema => jsonSchemaOf(eventSchema, 'Wrapkeeper events');

/** The text of `schemas/event.schema.json`; the same on every machine. */
export const generatedEventSchema = (): string => `${JSON.stringify(eventJsonSchema(), null, 2)}\n`;
