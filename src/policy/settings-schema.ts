/** What people write in `wrapkeeper.yaml`. The normalised form is in `settings.ts`. */
import { z } from 'zod';
import { EVENT_TYPES } from '../domain/journal.js';
import {
  choice,
  count,
  duration,
  expectations,
  filledList,
  flag,
  formed,
  list,
  map,
  name,
  percentage,
  uuid,
} from './schema-parts.js';
import { header, queueSelector, suspension } from './schema-shared.js';

const secret = (description: string) => {
  const reference = z
    .union([
      map('From the environment.', {
        env: formed(
          'the name of an environment variable',
          /^(?!whsec_)[A-Za-z_][A-Za-z0-9_]*$/,
          'The name of an environment variable.',
          'WRAPKEEPER_WEBHOOK_SECRET',
        ),
      }),
      map('From a file.', {
        file: formed(
          'a path',
          /^(?!whsec_).+$/,
          'The path of a file that holds nothing else.',
          '/run/secrets/webhook',
        ),
      }),
    ])
    .meta({
      description: `${description} A reference, \`{ env: NAME }\` or \`{ file: PATH }\`; never the secret itself.`,
    });
  expectations.add(reference, {
    noun: 'a reference, `{ env: NAME }` or `{ file: PATH }`',
    secret: 'reference',
  });
  return reference;
};

const url = (() => {
  const schema = z
    .string()
    .regex(/^https?:\/\/[^\s/]/)
    .meta({
      description:
        'Where events are posted: `https://…`; with `allowPrivateNetwork` also `http://…`.',
      format: 'uri',
      examples: ['https://reporting.example.com/hooks'],
    });
  expectations.add(schema, {
    noun: 'an address such as https://reporting.example.com/hooks',
    secret: 'url',
  });
  return schema;
})();

const percentGuard = (description: string, percent: number, most: number, floor: number) =>
  map(description, {
    percent: percentage('The largest share, in percent.').default(percent),
    count: count('The largest number.', 0).default(most),
    floor: count('Up to this number the share is not looked at.', 0).default(floor),
  }).prefault({});

const guards = map(
  'Refuse a plan that does too much, before the first write. The stricter of percent and count holds.',
  {
    queuesChanged: percentGuard(
      'Queues that lose a code or change their prompt, of all governed ones.',
      30,
      100,
      5,
    ),
    codesRemoved: percentGuard('Codes removed, of those read on governed queues.', 25, 200, 3),
    codesRemovedPerQueue: map('Codes removed from one queue, of those it has.', {
      percent: percentage('The largest share, in percent.').default(50),
      floor: count('Up to this number the share is not looked at.', 0).default(3),
    }).prefault({}),
    codesPerQueue: count(
      'Codes on one queue afterwards. Refuses only plans that raise a queue above it.',
      1,
    ).default(50),
  },
).prefault({});

const changeWindow = map('When changes may be made, or may not.', {
  kind: choice(
    'Deny wins. A queue for which any allow window holds is closed outside of those.',
    ['allow', 'deny'],
    {
      allow: 'Changes may be made within.',
      deny: 'No changes may be made within.',
    },
  ),
  schedule: formed(
    'a cron expression of five fields such as "0 2 * * *"',
    /^\S+(\s+\S+){4}$/,
    'When it opens: a cron expression of five fields.',
    '0 2 * * *',
  ),
  duration: duration('How long it stays open.', '3h'),
  timeZone: formed(
    'an IANA time zone such as Europe/Dublin',
    /^\S+$/,
    'The time zone of the schedule.',
    'Europe/Dublin',
  ),
  queues: list('The queues it holds for. Left out: all.', queueSelector).default([]),
});

const journal = map(
  'The append-only record of what was intended and what happened.',
  {
    folder: formed(
      'a path',
      /^.+$/,
      'Where it is kept, on machines that keep their disk. `.wrapkeeper` unless a branch is named.',
      '.wrapkeeper',
    ).optional(),
    branch: formed(
      'the name of a branch',
      /^\S+$/,
      'The branch it is pushed to, for runners that keep nothing.',
      'wrapkeeper-journal',
    ).optional(),
    keep: formed(
      '`forever`, or a duration such as 730d',
      /^(forever|\d{1,15}(ms|s|m|h|d))$/,
      'How long records are kept: `forever` or a duration.',
      'forever',
      '730d',
    ).default('forever'),
  },
  { not: { required: ['folder', 'branch'] } },
).prefault({});

const webhook = map('A receiver of signed events.', {
  name: name('A sink is known by its name.', 'reporting'),
  url,
  secrets: filledList(
    'Secrets of the form `whsec_…`. Every one signs, so that keys can rotate.',
    secret('A signing secret.'),
  ),
  events: filledList(
    'The events to send; `*` stands for all.',
    choice('A type of event.', ['*', ...EVENT_TYPES]),
  ).default(['*']),
  allowPrivateNetwork: flag(
    'Whether the receiver may be on this machine or network; plain http is then accepted.',
  ).default(false),
});

const daemon = map('How `wrapkeeper daemon` runs.', {
  interval: duration('How often it looks for changes.', '60s').default('60s'),
  sweepInterval: duration('How often it reads everything.', '6h').default('6h'),
  verifyCommits: choice('Whether only signed commits are taken.', ['off', 'signed']).default('off'),
  listen: formed(
    'an address and port such as 127.0.0.1:8080',
    /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):\d{1,5}$/,
    'The address and port of its HTTP server.',
    '127.0.0.1:8080',
  ).default('127.0.0.1:8080'),
  apiToken: secret('The bearer token of `POST /api/reconcile`.').optional(),
  gitSecret: secret('The secret of `POST /webhooks/git`.').optional(),
  inboundSecrets: list(
    'The secrets of `POST /webhooks/enforcement-sync`.',
    secret('A signing secret.'),
  ).default([]),
  flap: map('When another writer who keeps changing a queue back makes it hold the queue.', {
    reversals: count('How many reversals …', 1).default(3),
    within: duration('… within how long.', '1h').default('1h'),
  }).prefault({}),
}).prefault({});

/** `kind: Settings` */
export const settingsSchema = map('How Wrapkeeper runs in this repository.', {
  ...header('Settings'),
  organization: map(
    'The organization to write to; every other is refused before any write. Required where CI=true.',
    { id: uuid('organization') },
  ).optional(),
  region: formed(
    'a region such as us-east-1, or its domain',
    /^[a-z0-9]+([.-][a-z0-9]+)+$/,
    'A region such as us-east-1, or its domain such as mypurecloud.ie.',
    'us-east-1',
    'mypurecloud.ie',
  ).optional(),
  policies: filledList(
    'The folders that hold the policies.',
    formed('a path', /^.+$/, 'A folder, relative to the repository.', 'policies'),
  ).default(['policies']),
  api: choice('How requirements and codes are written.', ['public', 'wrapupcodes-put'], {
    public: 'The public API of Genesys Cloud.',
    'wrapupcodes-put': 'A gateway that offers PUT …/wrapupcodes with flags for each code.',
  }).default('public'),
  suspend: suspension('the whole organization').optional(),
  limits: map('How fast requests are sent. Organizations differ.', {
    requestsPerMinute: count('Requests in any 60 s.', 1).default(300),
    concurrency: count('Requests at one time.', 1).default(8),
  }).prefault({}),
  guards,
  activity: map('What happens to a queue that is busy.', {
    maxInteracting: count('Above so many interactions a queue is busy.', 0).default(0),
    onBusy: choice('What to do then.', ['hold', 'ignore'], {
      hold: 'Its change is held.',
      ignore: 'It is changed all the same.',
    }).default('ignore'),
  }).prefault({}),
  changeWindows: list('When changes may be made. None: always.', changeWindow).default([]),
  journal,
  settleFor: duration('How long reads may lag behind a write.', '10s').default('10s'),
  webhooks: list('Receivers of signed events.', webhook).default([]),
  daemon,
});

export type WrittenSettings = z.output<typeof settingsSchema>;
