/** What `doctor` finds about webhooks. Names are looked up; nothing is sent. */
import { checksOf } from '../domain/check.js';
import type { Check } from '../domain/check.js';
import { AppError } from '../domain/errors.js';
import type { Webhook } from '../policy/settings.js';
import { count } from '../report/words.js';
import { lookAtReceiver, resolveBySystem } from '../webhooks/connect.js';
import type { Resolve } from '../webhooks/connect.js';
import { readSigningKey } from '../webhooks/sign.js';
import { resolveSecret } from './secrets.js';
import type { SecretPlaces } from './secrets.js';

const { ok, failure, skipped, error: errorCheck } = checksOf('webhooks');

/** Two checks for each: whether it can be signed for, and where it leads. */
export const checkWebhooks = async (
  webhooks: readonly Webhook[],
  places: SecretPlaces,
  resolve: Resolve = resolveBySystem,
): Promise<readonly Check[]> =>
  webhooks.length === 0
    ? [skipped('webhooks', 'the settings name none: events stay in the journal')]
    : (
        await Promise.all(
          webhooks.map(async (webhook) => [
            await checkSecrets(webhook, places),
            await checkAddress(webhook, resolve),
          ]),
        )
      ).flat();

const checkSecrets = async ({ name, secrets }: Webhook, places: SecretPlaces): Promise<Check> => {
  const title = `${name}, secret`;
  for (const [index, reference] of secrets.entries()) {
    try {
      const read = readSigningKey(await resolveSecret(reference, places));
      if (read.kind === 'bad')
        return failure(title, 'webhook.bad-secret', `number ${index + 1} ${read.why}`);
    } catch (error) {
      if (error instanceof AppError) return errorCheck(title, error);
      throw error;
    }
  }
  return ok(title, `${count(secrets.length, 'secret')} to sign with`);
};

const checkAddress = async (
  { name, url, allowPrivateNetwork }: Webhook,
  resolve: Resolve,
): Promise<Check> => {
  const title = `${name}, address`;
  const { host } = new URL(url);
  const look = await lookAtReceiver(url, { allowPrivateNetwork, resolve });
  if (look.kind === 'unresolved')
    return failure(title, 'doctor.address', `the host name cannot be resolved: ${look.why}`);
  if (look.kind === 'refused') return failure(title, 'doctor.address', look.why);
  const allowed = allowPrivateNetwork ? '; private addresses are allowed' : '';
  return ok(title, `${host} at ${look.addresses.join(', ')}${allowed}; nothing was sent`);
};
