/** Every command: what it is called, what it takes, and which file runs it, loaded only then. */
import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../domain/duration.js';
import type { ExitCode } from '../domain/codes.js';
import type { Anchor } from '../domain/audit.js';
import type { ApplyOptions } from './apply.js';
import type { AuditListOptions } from './audit-query.js';
import type { AuditReplayOptions } from './audit-replay.js';
import type { AuditUndoOptions } from './audit-undo.js';
import type { AuditVerifyOptions } from './audit-verify.js';
import type { DaemonOptions } from './daemon.js';
import type { PlanOptions } from './plan.js';
import type { SchemaOptions } from './schema.js';
import type { Format, LogLevel, Session } from './session.js';
import type { SimulatorOptions } from './simulator.js';

/** Commands that are about one thing: the first word of their names. */
export interface CommandGroup {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly description: string;
}

export interface CommandSpec {
  /** One word, or two: that of its group comes first. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly description: string;
  /** The first is the default. */
  readonly formats: readonly Format[];
  readonly arguments?: readonly (readonly [name: string, about: string])[];
  readonly options: readonly Option[];
  /** What is logged where nobody says it; `warn` otherwise. */
  readonly logLevel?: LogLevel;
  /** Whether a signal is how it ends: it goes on to its end, and its own exit code counts. */
  readonly drains?: boolean;
  readonly run: (session: Session, options: unknown) => Promise<ExitCode>;
}

const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };

const digest = (text: string): string => {
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return text;
  throw new InvalidArgumentError(
    'It must be a whole digest, as a plan shows it: sha256: and 64 hexadecimal digits.',
  );
};

const anchor = (text: string): Anchor => {
  const [, seq, digits = ''] = /^(?:(\d{1,15}):)?(?:sha256:)?([0-9a-f]{12,64})…?$/.exec(text) ?? [];
  if (digits !== '') return { seq: seq === undefined ? null : Number(seq), digits };
  throw new InvalidArgumentError(
    'It must be a hash as a report shows it: sha256: and 64 hexadecimal digits, or the first 12 or more of them; the number of its record and a colon may stand before it.',
  );
};

const duration = (text: string): number => {
  const ms = parseDuration(text);
  if (ms !== null && ms >= 100) return ms;
  throw new InvalidArgumentError('It must be a duration of at least 100ms, such as 60s or 5m.');
};

const address = (text: string): string => {
  if (/^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):\d{1,5}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be an address and a port, such as 127.0.0.1:8080.');
};

const commitId = (text: string): string => {
  if (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text)) return text;
  throw new InvalidArgumentError('It must be the whole id of a commit.');
};

const several = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  text,
];

const region = (): Option =>
  new Option('--region <region>', 'where the organization is: us-east-1, mypurecloud.ie …');
const queue = (): Option =>
  new Option(
    '--queue <pattern>',
    'only queues of this name; `*` stands for any characters; may be given several times',
  ).argParser(several);

const base = (about: string): Option =>
  new Option('--base <ref>', `${about}; a commit, branch or tag`);

export const GROUPS: readonly CommandGroup[] = [
  {
    name: 'audit',
    summary: 'look into the journal: what was changed, when, why, by whom',
    description:
      'Looks into the journal that every apply writes: what was changed, when, why and by whom.',
  },
];

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'validate',
    summary: 'check policies and settings, offline',
    description:
      'Checks policies and settings and shows every problem at once. Needs no network and no credentials.',
    formats: ['text', 'json', 'github', 'sarif'],
    options: [],
    run: async (session) => (await import('./validate.js')).runValidate(session),
  },
  {
    name: 'plan',
    summary: 'show what an apply would do',
    description:
      'Reads the queues, compares them with the policies and shows what an apply would do. Cannot write.',
    formats: ['text', 'json', 'markdown'],
    options: [
      queue(),
      region(),
      new Option('--out <file>', 'save the plan, to apply exactly this one later'),
      base('tell what this branch changes apart from what was pending without it'),
      new Option('--detailed-exitcode', 'exit with 2 where there is anything to do, or held'),
    ],
    run: async (session, options) =>
      (await import('./plan.js')).runPlan(session, options as PlanOptions),
  },
  {
    name: 'apply',
    summary: 'make the queues what the policies say',
    description:
      'Plans, shows the plan, asks, and applies it; or applies exactly the plan that was saved. Prints what really happened.',
    formats: ['text', 'json'],
    arguments: [['[planfile]', 'a plan that `plan --out` has saved; nobody is asked again']],
    options: [
      queue(),
      region(),
      new Option('--auto-approve', 'do not ask'),
      new Option('--out <file>', 'save the plan too, before anything is written'),
      new Option(
        '--accept <digest>',
        'lift the guards for the plan with this digest, and no other',
      ).argParser(digest),
      base('with --reviewed: write only what this branch changes'),
      new Option(
        '--reviewed <digest>',
        'the `base.digest` of the plan that was reviewed: it must still be the same; nobody is asked again',
      ).argParser(digest),
      new Option('--ignore-window', 'write although no change window is open; needs --reason'),
      new Option('--reason <text>', 'why the change windows are ignored; the report tells it'),
    ],
    run: async (session, options) =>
      (await import('./apply.js')).runApply(session, options as ApplyOptions),
  },
  {
    name: 'audit list',
    summary: 'list what the journal tells',
    description:
      'Lists what runs have changed, could not change, or found, oldest first, with who set them off, and whether the events of it were delivered.',
    formats: ['text', 'json', 'csv'],
    options: [
      new Option(
        '--since <when>',
        'from here on: an instant with offset, a date (UTC), or so long ago, such as 7d',
      ),
      new Option('--until <when>', 'up to here; of a date, its whole day'),
      new Option(
        '--queue <pattern>',
        'a queue by its id, or by any name that it ever had; `*` stands for any characters; may be given several times',
      ).argParser(several),
      new Option(
        '--type <pattern>',
        'a type of event, such as queue.failed or code.*; or run.started; may be given several times',
      ).argParser(several),
      new Option('--run <id>', 'one run, by its id or the beginning of it'),
      new Option('--undelivered', 'only what a webhook has not got, with why'),
      new Option(
        '--limit <number>',
        'so many, the newest; default: 50 as text, else all',
      ).argParser(wholeNumber(1, 999_999_999)),
    ],
    run: async (session, options) =>
      (await import('./audit-list.js')).runAuditList(session, options as AuditListOptions),
  },
  {
    name: 'audit verify',
    summary: 'check that the journal is what was written',
    description:
      'Checks the chain of hashes from the first record of the journal to the last. Writes nothing.',
    formats: ['text', 'json'],
    options: [
      new Option(
        '--expect <hash>',
        'a hash that was kept elsewhere (report, job summary, event) must be in it: sha256:…, or SEQ:sha256:…, or its first 12 digits',
      ).argParser(anchor),
    ],
    run: async (session, options) =>
      (await import('./audit-verify.js')).runAuditVerify(session, options as AuditVerifyOptions),
  },
  {
    name: 'audit replay',
    summary: 'send events to webhooks again, now',
    description:
      'Sends every event that was not delivered, those that were given up included; or the events with these ids, or of a time, once more, under the ids that they had.',
    formats: ['text', 'json'],
    arguments: [['[ids...]', 'ids of events, as `audit list` shows them (evt_…)']],
    options: [
      new Option('--since <when>', 'all events since then: an instant, a date, or so long ago'),
      new Option(
        '--sink <name>',
        'only to this webhook, though it was disabled; may be given several times',
      ).argParser(several),
    ],
    run: async (session, options) =>
      (await import('./audit-replay.js')).runAuditReplay(session, options as AuditReplayOptions),
  },
  {
    name: 'audit undo',
    summary: 'make the inverse plan of a run',
    description:
      'Makes a plan that takes back what a run has changed, for queues that are still as it left them, where no policy wants it. `apply` applies it. Cannot write.',
    formats: ['text', 'json'],
    arguments: [['<run>', 'the id of a run, or the beginning of it, as `audit list` shows it']],
    options: [
      new Option('--out <file>', 'where the plan is saved').makeOptionMandatory(),
      region(),
    ],
    run: async (session, options) =>
      (await import('./audit-undo.js')).runAuditUndo(session, options as AuditUndoOptions),
  },
  {
    name: 'daemon',
    summary: 'watch repository and organization, and correct drift until it is stopped',
    description:
      'Watches a folder or a branch and the organization, and keeps the queues as the policies say until it is stopped.',
    formats: ['text'],
    logLevel: 'info',
    drains: true,
    options: [
      new Option(
        '--repo <place>',
        'a folder, which is watched, or the address of a git repository, of which a branch is followed',
      ),
      new Option(
        '--branch <name>',
        'the branch that is followed; of a folder: its files are, without this',
      ),
      new Option(
        '--interval <duration>',
        'how often it looks, such as 60s, in place of the settings',
      ).argParser(duration),
      new Option('--mode <mode>', 'whether it corrects, or only reports')
        .choices(['enforce', 'report'])
        .default('enforce'),
      new Option(
        '--listen <address>',
        'where its HTTP server listens, in place of the settings',
      ).argParser(address),
      new Option(
        '--adopt <commit>',
        'follow a branch that was rewritten from this commit on',
      ).argParser(commitId),
      region(),
    ],
    run: async (session, options) =>
      (await import('./daemon.js')).runDaemon(session, options as DaemonOptions),
  },
  {
    name: 'simulator',
    summary: 'run a Genesys Cloud of your own',
    description:
      'Answers as Genesys Cloud does, on this machine, until it is stopped. Nothing leaves the machine.',
    formats: ['text', 'json'],
    options: [
      new Option('--port <number>', 'listen here; 0 is any free port')
        .argParser(wholeNumber(0, 65_535))
        .default(0),
      new Option('--queues <number>', 'make up an organization of so many queues')
        .argParser(wholeNumber(0, 20_000))
        .conflicts('seed'),
      new Option(
        '--seed <file>',
        'an organization as JSON; default: the one of the sample policies',
      ),
      new Option(
        '--api <contract>',
        'for the codes of queues: the public one, or that of a gateway',
      )
        .choices(['public', 'wrapupcodes-put'])
        .default('public'),
      new Option('--latency <ms>', 'let every answer wait so many milliseconds').argParser(
        wholeNumber(0, 60_000),
      ),
      new Option('--requests-per-minute <number>', 'the rate limit of a token').argParser(
        wholeNumber(1, 1_000_000),
      ),
    ],
    run: async (session, options) =>
      (await import('./simulator.js')).runSimulator(session, options as SimulatorOptions),
  },
  {
    name: 'demo',
    summary: 'see the whole story in a few seconds; needs no credentials',
    description:
      'Plans, applies, lets somebody change a queue by hand and corrects it, against a simulated Genesys Cloud.',
    formats: ['text', 'json'],
    options: [],
    run: async (session) => (await import('./demo.js')).runDemo(session),
  },
  {
    name: 'schema',
    summary: 'print the JSON Schemas of policies, settings, journal and events',
    description:
      'Prints the JSON Schema of policies, of settings, of the records of the journal or of events, or all of them in one object.',
    formats: ['text', 'json'],
    arguments: [['[which]', 'policy, settings, journal or event']],
    options: [],
    run: async (session, options) =>
      (await import('./schema.js')).runSchema(session, options as SchemaOptions),
  },
];
