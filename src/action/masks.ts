/** Texts that a runner covers wherever they would be shown, whoever shows them. */
import type { Settings } from '../policy/settings.js';
import type { Environment } from '../cli/io.js';
import { workflowCommand } from '../report/github.js';
import { inputIn } from './inputs.js';

/** What the command line takes secrets from, whatever the settings say. */
const SECRETS = [
  'GENESYSCLOUD_OAUTHCLIENT_SECRET',
  'GENESYSCLOUD_ACCESS_TOKEN',
  'GENESYS_CLIENT_SECRET',
  'WRAPKEEPER_PLAN_KEY',
] as const;

/** Shorter than this a mask would cover half of the log, and is no secret. */
const SHORTEST = 4;

/** Commands that cover the token and the credentials. They come before anything else is printed. */
export const maskCredentials = (env: Environment): string =>
  masks([inputIn(env, 'github-token'), ...SECRETS.map((name) => env[name])]);

/** Commands that cover the secrets that the settings name. */
export const maskReferences = (
  { webhooks, daemon }: Pick<Settings, 'webhooks' | 'daemon'>,
  env: Environment,
): string =>
  masks(
    [
      ...webhooks.flatMap(({ secrets }) => secrets),
      ...daemon.inboundSecrets,
      daemon.apiToken,
      daemon.gitSecret,
    ].map((reference) => (reference !== null && 'env' in reference ? env[reference.env] : null)),
  );

/** Logs come in lines, and so does what is covered in them. */
const masks = (secrets: readonly (string | null | undefined)[]): string =>
  [...new Set(secrets.flatMap((secret) => (secret ?? '').split(/\r?\n/)))]
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST)
    .map((line) => workflowCommand('add-mask', {}, line))
    .join('');
