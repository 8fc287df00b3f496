/** What a workflow asks of the Action: the keys of its `with:`, as `action.yml` declares them. */
import { AppError } from '../domain/errors.js';
import { Secret } from '../domain/secret.js';
import { quote } from '../domain/text.js';
import type { Environment } from '../cli/io.js';

/** Every input. `action.yml` declares the same ones; a test compares them. */
export const INPUTS = [
  'command',
  'working-directory',
  'settings',
  'plan-file',
  'base',
  'comment',
  'issue',
  'require-reviewed-plan',
  'accept-digest',
  'github-token',
] as const;
export type InputName = (typeof INPUTS)[number];

const COMMANDS = ['validate', 'plan', 'apply'] as const;
const COMMENTS = ['auto', 'always', 'never'] as const;
const ISSUES = ['auto', 'never'] as const;

/** The inputs, understood. */
export interface Inputs {
  readonly command: (typeof COMMANDS)[number];
  /** Relative to the workspace, or absolute. */
  readonly workingDirectory: string;
  readonly settings: string | null;
  readonly planFile: string | null;
  readonly base: string | null;
  readonly comment: (typeof COMMENTS)[number];
  readonly issue: (typeof ISSUES)[number];
  /** null: where a comment of ours stands on the pull request. */
  readonly requireReviewedPlan: boolean | null;
  readonly acceptDigest: string | null;
  readonly token: Secret | null;
}

/**
 * Reads the inputs as a runner hands them over: `INPUT_` and the name in capitals, hyphens kept.
 *
 * @throws AppError `action.input`
 */
export const readInputs = (env: Environment): Inputs => {
  const text = (name: InputName): string | null => inputIn(env, name);
  const choice = <Choice extends string>(
    name: InputName,
    choices: readonly Choice[],
    otherwise: Choice | null,
  ): Choice => {
    const written = text(name) ?? otherwise;
    const chosen = choices.find((one) => one === written);
    if (chosen !== undefined) return chosen;
    throw wrong(name, written, `one of ${choices.map((one) => `\`${one}\``).join(', ')}`);
  };
  const required = text('require-reviewed-plan');
  const accept = text('accept-digest');
  if (required !== null && required !== 'true' && required !== 'false')
    throw wrong('require-reviewed-plan', required, '`true` or `false`');
  if (accept !== null && !/^sha256:[0-9a-f]{64}$/.test(accept))
    throw wrong('accept-digest', accept, 'a whole digest: sha256: and 64 hexadecimal digits');
  const token = text('github-token');
  return {
    command: choice('command', COMMANDS, null),
    workingDirectory: text('working-directory') ?? '.',
    settings: text('settings'),
    planFile: text('plan-file'),
    base: text('base'),
    comment: choice('comment', COMMENTS, 'auto'),
    issue: choice('issue', ISSUES, 'auto'),
    requireReviewedPlan: required === null ? null : required === 'true',
    acceptDigest: accept,
    token: token === null ? null : new Secret(token),
  };
};

/** What was written for an input, without the spaces around it; null where nothing was. */
export const inputIn = (env: Environment, name: InputName): string | null =>
  env[`INPUT_${name.toUpperCase()}`]?.trim() || null;

/** The environment for everything else: inputs are the Action's own, the token among them. */
export const withoutInputs = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('INPUT_')));

const wrong = (name: InputName, written: string | null, expected: string): AppError =>
  new AppError(
    'action.input',
    written === null
      ? `The input \`${name}\` is missing; it must be ${expected}.`
      : `The input \`${name}\` is ${quote(written)}; it must be ${expected}.`,
  );
