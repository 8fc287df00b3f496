/** `POST /webhooks/git`: GitHub says that something was pushed. It is a reason to look, and nothing of it is believed. */
import type { Handler } from './exchange.js';
import { parseJson } from './body.js';
import type { DaemonServerOptions } from './options.js';
import { Refusal } from './refusal.js';
import { json } from './reply.js';
import { checkGitHubSignature } from './signatures.js';

/** GitHub sends no more (https://docs.github.com/webhooks/webhook-events-and-payloads). */
const MAX_PUSH_BYTES = 25 * 1024 * 1024;
/** Of a larger one only the signature is looked at: that a push was made is enough to look again. */
const KEPT_BYTES = 1024 * 1024;

/** Handles `POST /webhooks/git`. */
export const gitPush =
  ({ view, secrets, branch }: Pick<DaemonServerOptions, 'view' | 'secrets' | 'branch'>): Handler =>
  async (exchange) => {
    const { headers } = exchange;
    const { hmac, check } = checkGitHubSignature(headers, secrets().gitSecret);
    let kept: Buffer[] | null = [];
    let bytes = 0;
    await exchange.read(MAX_PUSH_BYTES, (chunk) => {
      hmac.update(chunk);
      bytes += chunk.length;
      if (bytes > KEPT_BYTES) kept = null;
      kept?.push(chunk);
    });
    check();
    if (headers['x-github-event'] !== 'push') return json(200, { requested: false });
    const ref = kept === null ? null : refOf(Buffer.concat(kept), headers['content-type'] ?? '');
    const followed = branch();
    const concerns = ref === null || followed === null || ref === `refs/heads/${followed}`;
    if (!concerns) return json(200, { requested: false });
    view.pushed();
    return json(202, { requested: true });
  };

/** What was pushed; null where the body does not say. */
const refOf = (body: Buffer, type: string): string | null => {
  const payload = parseJson(payloadOf(body, type));
  const ref = typeof payload === 'object' && payload !== null && 'ref' in payload && payload.ref;
  return typeof ref === 'string' ? ref : null;
};

/** GitHub sends JSON, or a form that holds it in one field, as the webhook is set up. */
const payloadOf = (body: Buffer, type: string): Buffer => {
  if (/^application\/json\s*(;|$)/i.test(type)) return body;
  if (/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type))
    return Buffer.from(new URLSearchParams(body.toString('utf8')).get('payload') ?? '');
  throw new Refusal(
    415,
    'http.content-type',
    'The body is neither application/json nor application/x-www-form-urlencoded.',
  );
};
