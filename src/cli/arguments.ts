/** The command line's grammar. Nothing is loaded here that a command needs to run. */
import { Command, CommanderError, Option } from 'commander';
import { AppError } from '../domain/errors.js';
import type { ExitCode } from '../domain/codes.js';
import { COMMANDS, GROUPS } from './commands.js';
import type { CommandGroup, CommandSpec, Example } from './commands.js';
import { LOG_LEVELS } from './session.js';
import type { Format, LogLevel, Session } from './session.js';

/** What may be said with every command. */
export interface GlobalOptions {
  readonly directory: string | null;
  readonly config: string | null;
  readonly format: Format;
  readonly color: boolean;
  readonly logLevel: LogLevel;
}

/** A text to print, or a command to run. */
export type Parsed =
  | { readonly kind: 'help'; readonly text: string }
  | {
      readonly kind: 'command';
      readonly options: GlobalOptions;
      /** Whether a signal is how it ends. */
      readonly drains: boolean;
      readonly run: (session: Session) => Promise<ExitCode>;
    };

interface Surroundings {
  readonly version: string;
  /** Columns for the help text. */
  readonly width: number;
}

/**
 * Reads the arguments.
 *
 * @throws AppError `cli.usage`, with the nearest command or option where one is near
 */
export const parseArguments = (argv: readonly string[], surroundings: Surroundings): Parsed => {
  let printed = '';
  let parsed: Parsed | null = null;
  const program = new Command('wrapkeeper')
    .description(
      'Keeps the wrap-up rules of Genesys Cloud queues equal to YAML policies in a git repository.',
    )
    .version(`wrapkeeper ${surroundings.version}`, '--version', 'print the version')
    .helpOption('--help', 'print what a command does and takes')
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => (printed += text),
      writeErr: () => undefined,
      getOutHelpWidth: () => surroundings.width,
      getOutHasColors: () => false,
    });
  for (const option of globalOptions()) program.addOption(option);
  program.addHelpText('after', AFTER_HELP);
  for (const spec of COMMANDS) {
    addCommand(parentOf(spec, program), spec, (options) => {
      const global = globalsOf(program, spec);
      parsed = {
        kind: 'command',
        options: global,
        drains: spec.drains === true,
        run: (session) => spec.run(session, options),
      };
    });
  }
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'help', text: printed };
    throw usageError(error, argv);
  }
  if (parsed === null) throw new Error('no command was chosen');
  return parsed;
};

/** The little that must be known even where the rest cannot be understood: how to tell it. */
export const peekArguments = (
  argv: readonly string[],
): Pick<GlobalOptions, 'format' | 'color' | 'logLevel'> => {
  const valueOf = (flag: string): string | undefined => {
    const at = argv.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
    return argv[at] === flag ? argv[at + 1] : argv[at]?.slice(flag.length + 1);
  };
  return {
    format: valueOf('--format') === 'json' ? 'json' : 'text',
    color: !argv.includes('--no-color'),
    logLevel: LOG_LEVELS.find((level) => level === valueOf('--log-level')) ?? 'warn',
  };
};

const globalOptions = (): readonly Option[] => [
  new Option('-C <folder>', 'work in this folder'),
  new Option('--config <file>', 'settings, instead of the nearest wrapkeeper.yaml'),
  new Option(
    '--format <format>',
    'how the result is printed: text, json, or what the command offers besides',
  ).default('text'),
  new Option('--no-color', 'no colour, even on a terminal'),
  new Option('--log-level <level>', 'what is logged on stderr').choices(LOG_LEVELS).default('warn'),
];

const AFTER_HELP = `
Environment:
  GENESYSCLOUD_OAUTHCLIENT_ID      an OAuth client with the grant
  GENESYSCLOUD_OAUTHCLIENT_SECRET  Client Credentials
  GENESYSCLOUD_ACCESS_TOKEN        or a token, in place of these two
  GENESYSCLOUD_REGION              such as us-east-1 or mypurecloud.ie
  GENESYSCLOUD_GATEWAY_HOST        a host that takes all requests; also _PORT
                                   and _PROTOCOL
  WRAPKEEPER_PLAN_KEY              seals saved plans, so that a forgery is told
  NO_COLOR, FORCE_COLOR            whether there is colour

Exit codes:
  0    done, or nothing to do
  1    an error, wrong usage included
  2    plan --detailed-exitcode: there is something to do, or held
  3    applied in part
  4    refused by a guard
  5    the plan is stale, spent, edited, or made for somewhere else
  6    invalid policies or settings, unresolved references included
  130  stopped by SIGINT (143: by SIGTERM)

New here? wrapkeeper demo`;

/** Where a command stands: the program, or its group, which is made for the first of its commands. */
const parentOf = ({ name }: CommandSpec, program: Command): Command => {
  const group = GROUPS.find((each) => name.startsWith(`${each.name} `));
  if (group === undefined) return program;
  return (
    program.commands.find((command) => command.name() === group.name) ?? addGroup(program, group)
  );
};

const addGroup = (program: Command, { name, summary, description }: CommandGroup): Command =>
  program
    .command(name)
    .usage('[options] <command>')
    .summary(summary)
    .description(description)
    .helpCommand(false);

const addCommand = (
  parent: Command,
  spec: CommandSpec,
  chosen: (options: Readonly<Record<string, unknown>>) => void,
): void => {
  const [name = ''] = spec.name.split(' ').slice(-1);
  const command = parent.command(name).summary(spec.summary).description(spec.description);
  for (const [argument, about] of spec.arguments ?? []) command.argument(argument, about);
  for (const option of spec.options) command.addOption(option);
  command.addHelpText(
    'after',
    `\nFormats: ${spec.formats.join(', ')}\n\n${exampleText(spec.examples)}`,
  );
  command.action(() => chosen({ ...command.opts(), arguments: command.processedArgs }));
};

/** Commands to copy stand whole in a line of their own; a comment fits beside the short ones. */
const exampleText = (examples: readonly Example[]): string => {
  const lines = examples.map(({ line }) => `  wrapkeeper ${line}`);
  const widest = Math.max(...lines.map(({ length }) => length));
  const fits = examples.every(({ about }) => widest + 4 + about.length <= EXAMPLE_WIDTH);
  const shown = examples.map(({ about }, index) => {
    const line = lines[index] ?? '';
    return fits ? `${line.padEnd(widest)}  # ${about}` : `  # ${about}\n${line}`;
  });
  return `Examples:\n${shown.join('\n')}`;
};

/** Not the terminal's: what is copied from a narrow one must not be broken either. */
const EXAMPLE_WIDTH = 80;

const globalsOf = (program: Command, spec: CommandSpec): GlobalOptions => {
  const { name, formats } = spec;
  const { C, config, format, color, logLevel } = program.opts<{
    C?: string;
    config?: string;
    format: string;
    color: boolean;
    logLevel: LogLevel;
  }>();
  const known = formats.find((each) => each === format);
  if (known === undefined) {
    throw new AppError('cli.usage', `\`wrapkeeper ${name}\` has no format \`${format}\`.`, {
      remedy: `Use --format with one of ${formats.join(', ')}.`,
    });
  }
  const isSaidLevel = program.getOptionValueSource('logLevel') !== 'default';
  return {
    directory: C ?? null,
    config: config ?? null,
    format: known,
    color,
    logLevel: isSaidLevel ? logLevel : (spec.logLevel ?? logLevel),
  };
};

const usageError = ({ code, message }: CommanderError, argv: readonly string[]): AppError => {
  const said = (name: string): boolean => isSaid(name, argv);
  const command = COMMANDS.find(({ name }) => said(name)) ?? GROUPS.find(({ name }) => said(name));
  const remedy = `See \`wrapkeeper ${command === undefined ? '' : `${command.name} `}--help\`.`;
  if (code === 'commander.help') return new AppError('cli.usage', missing(command), { remedy });
  const [sentence = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const near = suggestion === undefined ? '' : `; ${suggestion.replace(/^\(D(.*)\)$/, 'd$1')}`;
  const end = near === '' && !sentence.endsWith('.') ? '.' : '';
  return new AppError(
    'cli.usage',
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}${near}${end}`,
    { remedy },
  );
};

/** Whether all words of a command stand in the arguments, one after the other, whatever stands between. */
const isSaid = (name: string, argv: readonly string[]): boolean => {
  let at = -1;
  return name.split(' ').every((word) => {
    at = argv.indexOf(word, at + 1);
    return at !== -1;
  });
};

const missing = (group: CommandGroup | undefined): string => {
  if (group === undefined) return 'No command was given.';
  const names = COMMANDS.filter(({ name }) => name.startsWith(`${group.name} `));
  return `\`wrapkeeper ${group.name}\` wants to know what to do: ${names.map(({ name }) => `\`${name}\``).join(', ')}.`;
};
