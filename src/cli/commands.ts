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
import type { ComplianceOptions } from './compliance-options.js';
import type { CoverageOptions } from './coverage.js';
import type { DaemonOptions } from './daemon.js';
import type { DoctorOptions } from './doctor.js';
import type { ExplainOptions } from './explain.js';
import type { ImportOptions } from './import.js';
import type { InitOptions } from './init.js';
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

/** A command line as a person would write it, and what it is for. */
export interface Example {
  /** Without the program's name, quoted as a shell wants it. */
  readonly line: string;
  readonly about: string;
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
  /** At least one; the simplest comes first. */
  readonly examples: readonly [Example, ...Example[]];
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

const percentage = (text: string): number => {
  const number = /^\d{1,3}(?:\.\d{1,2})?$/.test(text) ? Number(text) : NaN;
  if (number <= 100) return number;
  throw new InvalidArgumentError('It must be a number from 0 to 100, such as 95 or 99.5.');
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
    name: 'init',
    summary: 'begin: settings, a first policy that only reports, workflows',
    description:
      'Writes settings, a first policy with `enforcement: report`, JSON Schemas for editors, .gitignore, and for GitHub workflows and CODEOWNERS. Asks on a terminal. Files that are there already stay as they are.',
    formats: ['text', 'json'],
    options: [
      new Option('--yes', 'do not ask: take the defaults of all that is not said'),
      region(),
      new Option(
        '--organization <id>',
        'the only organization that is written to; default: the one that the credentials belong to',
      ),
      new Option('--queue <pattern>', 'the queues of the first policy; default: Pilot *'),
      new Option(
        '--owner <owner>',
        'who reviews settings and allowances, such as @acme/contact-centre; may be given several times',
      ).argParser(several),
      new Option('--no-github', 'no workflows and no CODEOWNERS; the journal stays in a folder'),
    ],
    examples: [
      { line: 'init', about: 'ask for what cannot be guessed' },
      { line: 'init --yes --no-github', about: 'on this machine alone' },
      { line: 'init --yes --owner @acme/contact-centre', about: 'with owners for settings' },
    ],
    run: async (session, options) =>
      (await import('./init.js')).runInit(session, options as InitOptions),
  },
  {
    name: 'import',
    summary: 'write the live queues down as policies that plan to nothing',
    description:
      'Reads the queues and writes them down as policies, one file a division, with `enforcement: report`: a plan right after it is empty. Queues that a policy governs already are left to it. Never overwrites a file. Cannot write to the organization.',
    formats: ['text', 'json'],
    options: [
      queue(),
      new Option(
        '--division <pattern>',
        'only queues of this division; `*` as above; may be given several times',
      ).argParser(several),
      new Option(
        '--out <folder>',
        'where the files are written; default: the first folder of `policies`',
      ),
      region(),
    ],
    examples: [
      { line: 'import', about: 'every queue that no policy governs' },
      { line: 'import --division Retail', about: 'one division, to begin with' },
      { line: 'import --queue "Billing *" --out policies/billing', about: 'some, elsewhere' },
    ],
    run: async (session, options) =>
      (await import('./import.js')).runImport(session, options as ImportOptions),
  },
  {
    name: 'validate',
    summary: 'check policies and settings, offline',
    description:
      'Checks policies and settings and shows every problem at once. Needs no network and no credentials.',
    formats: ['text', 'json', 'github', 'sarif'],
    options: [],
    examples: [
      { line: 'validate', about: 'the files of this folder' },
      { line: '-C policies-repo validate --format github', about: 'annotations on a pull request' },
      { line: 'validate --format sarif > findings.sarif', about: 'for code scanning' },
    ],
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
    examples: [
      { line: 'plan', about: 'what an apply would do now' },
      { line: 'plan --queue "Billing *" --queue "Sales EN"', about: 'some queues alone' },
      { line: 'plan --out plan.json', about: 'save it, for review and `apply plan.json`' },
      { line: 'plan --detailed-exitcode', about: 'exit with 2 where there is drift, for scripts' },
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
    examples: [
      { line: 'apply', about: 'show the plan, ask, and apply it' },
      { line: 'apply plan.json', about: 'exactly the plan that was saved' },
      { line: 'apply --auto-approve --format json', about: 'where nobody can be asked' },
      {
        line: 'apply --ignore-window --reason "INC-4711: codes are missing"',
        about: 'outside of the change windows, for a reason',
      },
    ],
    run: async (session, options) =>
      (await import('./apply.js')).runApply(session, options as ApplyOptions),
  },
  {
    name: 'compliance',
    summary: 'show how interactions really ended, queue by queue',
    description:
      'Counts how the interactions of the governed queues ended (with an allowed code, with another, without one) and holds that against what the policies require. Cannot write.',
    formats: ['text', 'json', 'markdown'],
    options: [
      new Option(
        '--since <when>',
        'from here on: an instant with offset, a date (UTC), or so long ago, such as 30d; default: the last 7 whole days (UTC)',
      ),
      new Option('--until <when>', 'up to here; of a date, its whole day'),
      new Option(
        '--interval <duration>',
        'so long, up to --until or now; of days, the last whole ones (UTC), such as 7d',
      )
        .argParser(duration)
        .conflicts('since'),
      queue(),
      new Option(
        '--division <pattern>',
        'only queues of this division; `*` stands for any characters; may be given several times',
      ).argParser(several),
      region(),
      new Option(
        '--fail-under <percent>',
        'exit with 1 where surely less of the interactions of a queue ended as the policies ask',
      ).argParser(percentage),
    ],
    examples: [
      { line: 'compliance', about: 'the last seven whole days' },
      { line: 'compliance --interval 30d --division Retail', about: 'a month of a division' },
      { line: 'compliance --fail-under 95 --format json', about: 'exit with 1 where it is worse' },
    ],
    run: async (session, options) =>
      (await import('./compliance.js')).runCompliance(session, options as ComplianceOptions),
  },
  {
    name: 'explain',
    summary: 'tell why a queue is wanted as it is, line by line',
    description:
      'Shows each value that policies want of one queue with the policy, file and line it comes from, what was overridden, what is live, and what would change or is held. Cannot write.',
    formats: ['text', 'json'],
    arguments: [['<queue>', 'the name of a queue, whole and in its case, or its id']],
    options: [region()],
    examples: [
      { line: 'explain "Billing EN"', about: 'by name' },
      { line: 'explain 5c3f7e2a-1d0b-4c7e-9a51-0c2d8e6f4b7a', about: 'by id' },
      { line: 'explain "Billing EN" --format json', about: 'for another program' },
    ],
    run: async (session, options) =>
      (await import('./explain.js')).runExplain(session, options as ExplainOptions),
  },
  {
    name: 'coverage',
    summary: 'show what policies do not reach',
    description:
      'Shows queues under no policy, policies that match nothing, codes that are used nowhere or listed by no policy, and retired codes that are still on queues which no policy corrects. Reads the codes of queues, one request each, where an answer needs them. Cannot write.',
    formats: ['text', 'json'],
    options: [
      queue(),
      new Option(
        '--division <name>',
        'only queues of this division; may be given several times',
      ).argParser(several),
      new Option('--lists-only', 'read no codes of queues: a handful of requests, fewer answers'),
      region(),
    ],
    examples: [
      { line: 'coverage', about: 'the whole organization' },
      { line: 'coverage --lists-only', about: 'a first look at a big organization' },
      {
        line: 'coverage --division Retail --format json',
        about: 'one division, for another program',
      },
    ],
    run: async (session, options) =>
      (await import('./coverage.js')).runCoverage(session, options as CoverageOptions),
  },
  {
    name: 'doctor',
    summary: 'check whether everything is in place to run',
    description:
      'Checks files, credentials, organization, clock, permissions, limits, webhooks, journal and what a daemon needs one by one, goes on after a failure, and says what to do about each. Sends no write and no event.',
    formats: ['text', 'json'],
    options: [region()],
    examples: [
      { line: 'doctor', about: 'before the first plan, or when something fails' },
      { line: 'doctor --region eu-central-1', about: 'with another region' },
      { line: 'doctor --format json', about: 'for a support ticket: no secret is in it' },
    ],
    run: async (session, options) =>
      (await import('./doctor.js')).runDoctor(session, options as DoctorOptions),
  },
  {
    name: 'audit list',
    summary: 'list what the journal tells',
    description:
      'Lists what runs have changed, could not change, or found, oldest first, with who set them off, and whether the events of it were delivered; and what other systems told a daemon, as such.',
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
        'a type of event, such as queue.failed, drift.detected or code.*; run.started; external, which other systems told; or a kind of record by its whole name, such as queue.intent; may be given several times',
      ).argParser(several),
      new Option('--run <id>', 'one run, by its id or the beginning of it'),
      new Option('--undelivered', 'only what a webhook has not got, with why'),
      new Option(
        '--limit <number>',
        'so many, the newest; default: 50 as text, else all',
      ).argParser(wholeNumber(1, 999_999_999)),
    ],
    examples: [
      { line: 'audit list --since 7d', about: 'the last week' },
      {
        line: 'audit list --queue "Billing *" --format csv > changes.csv',
        about: 'for a spreadsheet',
      },
      { line: 'audit list --undelivered', about: 'what a webhook has not got, and why' },
      { line: 'audit list --type external', about: 'what other systems say they enforced' },
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
    examples: [
      { line: 'audit verify', about: 'the whole chain' },
      {
        line: 'audit verify --expect 318:sha256:3fa9c2b14e07',
        about: 'against the hash of an older report',
      },
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
    examples: [
      { line: 'audit replay', about: 'everything that is undelivered, at once' },
      {
        line: 'audit replay --since 2026-11-01 --sink reporting',
        about: 'a time again, for one webhook',
      },
      { line: 'audit replay evt_3fa9c2b14e07', about: 'one event again' },
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
    examples: [
      { line: 'audit undo 3fa9c2 --out undo.json', about: 'the inverse of a run, for review' },
      { line: 'apply undo.json', about: 'and apply it' },
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
    examples: [
      { line: 'daemon', about: 'watch this folder, correct drift' },
      { line: 'daemon --mode report --interval 5m', about: 'look, and only report' },
      {
        line: 'daemon --repo https://git.example.com/policies.git --branch main',
        about: 'follow a branch',
      },
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
    examples: [
      { line: 'simulator', about: 'the organization of the sample policies' },
      { line: 'simulator --queues 500 --port 8090', about: 'a larger one, on a fixed port' },
      { line: 'simulator --latency 200 --requests-per-minute 60', about: 'slow, and strict' },
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
    examples: [{ line: 'demo', about: 'plan, apply, drift and correction in a few seconds' }],
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
    examples: [
      { line: 'schema policy > policy.schema.json', about: 'for an editor' },
      { line: 'schema --format json', about: 'all of them in one object' },
    ],
    run: async (session, options) =>
      (await import('./schema.js')).runSchema(session, options as SchemaOptions),
  },
];
