/**
 * The records of a journal as other programs read them: `schemas/journal.schema.json` is made from this. The
 * types of `domain/journal.ts` say the same; a test holds them against each other. Nothing is parsed with it:
 * the chain vouches for what stands in a journal.
 */
import { z } from 'zod';
import { EVENT_TYPES, JOURNAL_FORMAT } from '../domain/journal.js';
import type { JournalEntry } from '../domain/journal.js';
import { jsonSchemaOf } from '../policy/json-schema.js';
import type { JsonSchema } from '../policy/json-schema.js';
import {
  change,
  changedBy,
  choice,
  evidence,
  flag,
  instant,
  instantOrNull,
  list,
  orNull,
  part,
  queue,
  snapshot,
  steps,
  text,
  textOrNull,
  whole,
  wholeOrNull,
} from './record-parts.js';

/** What the journal adds to every record. */
const stamp = {
  v: z.literal(JOURNAL_FORMAT).meta({ description: 'The format of the journal.' }),
  seq: whole('The number of the record: from 1, without gaps.'),
  at: instant('When it was written, by the clock of the machine.'),
  prev: text('`sha256:` and the hash of the line before, its line break left out.'),
};

const record = <const Kind extends JournalEntry['kind'], Fields extends z.core.$ZodShape>(
  kind: Kind,
  description: string,
  fields: Fields,
) =>
  z
    .object({
      ...stamp,
      kind: z.literal(kind).meta({ description: 'What kind of record it is.' }),
      ...fields,
    })
    .meta({ description });

const run = text('The id of the run that wrote it.');
const planDigest = text('The digest of the plan.');
const commit = textOrNull('The commit of the policies; null where they are in none.');
const commitAuthor = textOrNull('`Name <address>` of its author, or null.');
const desired = text('The digest of what the policies want of the queue.');
const sequence = whole('Counts the events of this queue from 1.');
const outcome = choice('How it ended.', [
  'applied',
  'in-sync',
  'failed',
  'stale',
  'held',
  'not-attempted',
]);
const reason = textOrNull('Why.');
const correlationId = textOrNull("The platform's id of the request that failed.");
const compliant = flag('Whether a read after the write showed all that the policies want.');
const before = snapshot;
const after = orNull('As it was read after the last write; null where it was not.', snapshot);
const settledOf = text('The run that had the intent.');

const origin = {
  cause: choice('Why the queue differs: the policies changed, or somebody changed the queue.', [
    'policy',
    'drift',
    'unknown',
  ]),
  policies: list(
    'Where in the policies the change comes from.',
    part('A place.', {
      name: text('The name of the policy.'),
      file: text('Its file, relative to the repository.'),
      line: whole('The line.'),
    }),
  ),
  planDigest,
  commit,
  commitAuthor,
  undoes: textOrNull('The run that is undone by it; null: none is.'),
};

const ofCode = {
  run,
  action: choice('What is done to the code.', ['create', 'rename']),
  code: part('The code.', {
    id: textOrNull('Its id; null while there is none.'),
    name: text('Its name afterwards.'),
    from: textOrNull('Its name before; null where it is created.'),
  }),
  planDigest,
  commit,
  commitAuthor,
};

const runStarted = record('run.started', 'A run begins: everything that will be asked about it.', {
  run,
  command: text('The command.'),
  tool: text('`wrapkeeper/` and the version.'),
  trigger: text('`manual`, or the event that set it off: `push`, `schedule` …'),
  actor: textOrNull('Who set it off.'),
  url: textOrNull('The page of the run.'),
  host: textOrNull('The machine.'),
  oauthClientId: textOrNull('The OAuth client that writes.'),
  pullRequest: orNull(
    'The pull request that was merged; null where there is none.',
    part('The pull request.', {
      number: whole('Its number.'),
      title: textOrNull('Its title.'),
      author: textOrNull('Who opened it.'),
      mergedBy: textOrNull('Who merged it.'),
      approvedBy: list('Who approved it.', z.string()),
    }),
  ),
  branch: textOrNull('The branch that it works on, where that is known.'),
  organization: part('The organization.', { id: text('Its id.'), name: text('Its name.') }),
  region: text('Its region.'),
  api: choice('The contract that codes are written with.', ['public', 'wrapupcodes-put']),
  plan: part('The plan.', {
    digest: text('Its digest.'),
    saved: textOrNull('The seal of the plan file that is applied, or null.'),
    undoes: textOrNull('The run that it undoes, or null.'),
  }),
  source: part('Where the policies come from.', {
    commit,
    dirty: flag('Whether they were changed after that commit.'),
    policiesDigest: text('The digest of the policies.'),
    author: textOrNull('`Name <address>` of the author of the commit, or null.'),
  }),
  settingsDigest: text('The digest of the settings.'),
  allowances: list(
    'What let guards pass.',
    part('An allowance.', {
      name: text('Its name.'),
      reason: text('Why.'),
      until: instant('When it ends.'),
      measures: z.record(z.string(), z.number()).meta({ description: 'Up to which numbers.' }),
    }),
  ),
  overrides: part('What was lifted for this run.', {
    accept: textOrNull('The digest of the plan for which the guards were lifted, or null.'),
    ignoreWindows: textOrNull('Why the change windows were ignored, or null.'),
  }),
});

const queueIntent = record('queue.intent', 'A queue is about to be written.', {
  run,
  queue,
  ...origin,
  liveDigest: text('The digest of what was read of it.'),
  desired,
  change,
  isWhole: flag('Whether the change removes all drift: nothing of the queue is held.'),
  before,
});

const queueOutcome = record('queue.outcome', 'What became of a queue.', {
  run,
  queue,
  ...origin,
  intent: wholeOrNull('The number of its intent; null where it failed before one.'),
  sequence,
  desired,
  outcome,
  steps,
  reason,
  latencyMs: wholeOrNull('From its first request to its last, in milliseconds; null without one.'),
  correlationId,
  before,
  after,
  compliant,
  changedBy,
});

const queueSettled = record(
  'queue.settled',
  'A later run has found out what became of an intent without an outcome; or a still later read has.',
  {
    run,
    queue,
    ...origin,
    intent: whole('The number of the intent.'),
    of: settledOf,
    sequence,
    desired,
    change,
    verdict: choice('What was judged to have become of it.', [
      'applied',
      'partial',
      'not-applied',
      'unknown',
    ]),
    evidence,
    corrects: wholeOrNull('The number of the verdict that a later read contradicts, or null.'),
    before,
    after,
    compliant,
  },
);

const codeIntent = record('code.intent', 'A code is about to be created or renamed.', ofCode);

const codeOutcome = record('code.outcome', 'What became of a code.', {
  ...ofCode,
  intent: whole('The number of its intent.'),
  outcome,
  isKnown: flag('False where it could not be found out whether the write took effect.'),
  reason,
  correlationId,
});

const codeSettled = record(
  'code.settled',
  'A later run has found out what became of the intent of a code.',
  {
    ...ofCode,
    intent: whole('The number of the intent.'),
    of: settledOf,
    verdict: choice('What was judged to have become of it.', ['applied', 'not-applied', 'unknown']),
    evidence,
  },
);

const driftDetected = record(
  'drift.detected',
  'A queue differs, and policies say that it is only told.',
  {
    run,
    queue,
    ...origin,
    sequence,
    drift: text('The digest of the drift: the same one is told once.'),
    change,
    reason: text('Why it is not written.'),
    before,
    changedBy,
  },
);

const inSync = record(
  'in-sync',
  'Queues that were seen as the policies want them, and were not seen so before.',
  {
    run,
    queues: list('The queues.', part('A queue.', { id: text('Its id.'), desired })),
  },
);

const runCompleted = record('run.completed', 'A run has ended.', {
  run,
  planDigest,
  outcome: choice('How.', ['applied', 'nothing', 'held', 'partial', 'failed', 'refused', 'stale']),
  summary: part('How many queues ended how.', {
    applied: whole('Written.'),
    inSync: whole('Found as wanted.'),
    failed: whole('Failed.'),
    stale: whole('Changed by somebody else meanwhile.'),
    held: whole('Held.'),
    notAttempted: whole('Not attempted.'),
  }),
  requests: part('Its requests to the platform.', {
    sent: whole('Sent, all together.'),
    retried: whole('Sent again.'),
    throttled: whole('Refused by the rate limit.'),
  }),
});

const runRefused = record('run.refused', 'The guards refused a run before its first write.', {
  run,
  planDigest,
  guards: list(
    'Every guard, and what it said.',
    part('A guard.', {
      measure: text('What it measures.'),
      actual: whole('How much it is.'),
      of: wholeOrNull('Of how many; null where the limit is a number.'),
      limit: text('The limit, for people.'),
      verdict: choice('What it said.', ['pass', 'refuse', 'allowed']),
      worst: list(
        'The queues that weigh most.',
        part('A queue.', { queue: text('Its name.'), count: whole('How much of it is there.') }),
      ),
    }),
  ),
});

const planSpent = record(
  'plan.spent',
  'A saved plan was applied to its end, and is not applied again.',
  {
    run,
    seal: text('Its seal.'),
    expiresAt: instant('When it would have expired.'),
  },
);

const lease = record('lease', 'The right to write, where the journal is kept on a branch.', {
  run,
  until: instantOrNull('When it ends, unless it is renewed; null gives it back.'),
  holder: text('The machine of the run.'),
});

const sinkAdded = record(
  'sink.added',
  'Events are kept for a sink from here on, or by another choice.',
  {
    sink: text('The name of the sink.'),
    events: list('The types that it asks for; `*`: all.', z.string()),
  },
);

const sinkRemoved = record('sink.removed', 'The settings do not name a sink any more.', {
  sink: text('The name of the sink.'),
  undelivered: whole('How many events it has not got, and will not.'),
});

const delivery = record('delivery', 'One attempt to deliver one event to one sink.', {
  sink: text('The name of the sink.'),
  of: whole('The number of the record that the event is of.'),
  attempt: whole('Counts from 1.'),
  result: choice('What came of it; `disabled`: the receiver said that it is gone (410).', [
    'delivered',
    'failed',
    'given-up',
    'disabled',
  ]),
  status: wholeOrNull('The HTTP status of the answer; null without one.'),
  why: textOrNull('Why it failed, or null.'),
  nextAt: instantOrNull('When it may be tried again; null where it will not.'),
  restUntil: instantOrNull('Until when the sink is left alone; null where it is not.'),
});

const redelivery = record('redelivery', 'Somebody asked for events to be sent (again).', {
  sink: text('The name of the sink.'),
  events: list(
    'The events.',
    part('An event.', {
      seq: whole('The number of the record that it is of.'),
      type: choice('Its type.', EVENT_TYPES),
      subject: textOrNull('The id of the queue, or the code; null for a run.'),
      run,
    }),
  ),
});

const external = record('external', 'What another system says it has enforced.', {
  webhookId: text('The `webhook-id` that it came with.'),
  event: part('The event, completed.', {
    event_id: text('Its id.'),
    queue_id: text('The id of the queue.'),
    queue_name: textOrNull("The queue's name, where the sender says it."),
    timestamp: instant('When it was done; when it came, where the sender does not say.'),
    latency_ms: whole('From then until it came, in milliseconds.'),
    compliance_met: flag('Whether the sender found the queue as it should be.'),
    audit_log: text('What was done, in a sentence.'),
    details: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Everything else that the sender said.' }),
  }),
});

const repaired = record('repaired', 'The last line was cut off, and was taken away.', {
  lostBytes: whole('How many bytes it had.'),
  lostHash: text('`sha256:` and their hash.'),
});

/** A line of a journal. */
export const recordSchema = z.discriminatedUnion('kind', [
  runStarted,
  queueIntent,
  queueOutcome,
  queueSettled,
  codeIntent,
  codeOutcome,
  codeSettled,
  driftDetected,
  inSync,
  runCompleted,
  runRefused,
  planSpent,
  lease,
  sinkAdded,
  sinkRemoved,
  delivery,
  redelivery,
  external,
  repaired,
]);

/** Of one line of a journal: `schemas/journal.schema.json`. */
export const journalJsonSchema = (): JsonSchema =>
  jsonSchemaOf(recordSchema, 'A record of a Wrapkeeper journal: one line of journal.*.jsonl');

/** The text of `schemas/journal.schema.json`; the same on every machine. */
export const generatedJournalSchema = (): string =>
  `${JSON.stringify(journalJsonSchema(), null, 2)}\n`;
