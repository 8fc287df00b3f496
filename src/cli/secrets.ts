/** The secrets that settings refer to: from the environment or a file, read when they are needed. */
import { resolve } from 'node:path';
import { asWarning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import { Secret } from '../domain/secret.js';
import { quote } from '../domain/text.js';
import type { SecretReference, Webhook } from '../policy/settings.js';
import { readBounded } from './bounded-file.js';
import type { FileText } from './bounded-file.js';
import type { Environment } from './io.js';

/** Where references lead. */
export interface SecretPlaces {
  readonly env: Environment;
  /** The root of the repository: there the paths of files begin. */
  readonly root: string;
}

/** A webhook that can be signed for. */
export type ReadyWebhook = Omit<Webhook, 'secrets'> & { readonly secrets: readonly Secret[] };

const MAX_SECRET_BYTES = 64 * 1024;

/**
 * Reads a secret. The line break that editors and `echo` leave at its end is no part of it; everything else
 * is, blanks included. Messages name the variable or the path, never what was found there.
 *
 * @throws AppError `secret.missing` where it is not there, or holds nothing but blanks; `secret.unreadable`
 */
export const resolveSecret = async (
  reference: SecretReference,
  places: SecretPlaces,
): Promise<Secret> => {
  const [name, read] =
    'env' in reference
      ? [`The variable ${reference.env}`, readVariable(places.env, reference.env)]
      : [
          `The file ${quote(reference.file)}`,
          await readBounded(resolve(places.root, reference.file), MAX_SECRET_BYTES),
        ];
  const unlike = (what: string): string => `${name}, which should hold a secret, ${what}.`;
  if (read.kind === 'absent') throw new AppError('secret.missing', unlike('is not there'));
  if (read.kind === 'unreadable')
    throw new AppError('secret.unreadable', unlike(`cannot be used: ${read.why}`));
  const text = read.text.replace(/\r?\n$/, '');
  if (text.trim() === '') throw new AppError('secret.missing', unlike('is empty'));
  return new Secret(text);
};

/** What every object inherits is no variable. */
const readVariable = (env: Environment, name: string): FileText => {
  const text = Object.hasOwn(env, name) ? env[name] : undefined;
  return text === undefined ? { kind: 'absent' } : { kind: 'read', text };
};

/** The webhooks whose secrets could be read, and a warning for each of the others. */
export interface ResolvedWebhooks {
  readonly ready: readonly ReadyWebhook[];
  readonly findings: readonly Diagnostic[];
}

/** Reads the secrets of webhooks. One that cannot be signed for is of no harm to the others. */
export const resolveWebhooks = async (
  webhooks: readonly Webhook[],
  places: SecretPlaces,
): Promise<ResolvedWebhooks> => {
  const findings: Diagnostic[] = [];
  const ready: ReadyWebhook[] = [];
  for (const { secrets: references, ...webhook } of webhooks) {
    try {
      const secrets: Secret[] = [];
      for (const reference of references) secrets.push(await resolveSecret(reference, places));
      ready.push({ ...webhook, secrets });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const message = `The webhook ${quote(webhook.name)} cannot be signed for, and its events wait in the journal. ${error.message}`;
      findings.push(...error.diagnostics.map((finding) => asWarning({ ...finding, message })));
    }
  }
  return { ready, findings };
};
