/** `POST /api/reconcile`: somebody with the token asks for a pass now. */
import { z } from 'zod';
import { requireOwnOrigin, requireToken } from './bearer.js';
import { parseJson } from './body.js';
import { readWhole } from './exchange.js';
import type { Handler } from './exchange.js';
import { parseFields } from './fields.js';
import type { DaemonServerOptions } from './options.js';
import { json } from './reply.js';

const MAX_REQUEST_BYTES = 4 * 1024;
const DIGEST = 'must be the digest of a plan, `sha256:` and 64 hexadecimal digits';

const requestSchema = z.strictObject(
  {
    accept: z
      .string({ error: DIGEST })
      .regex(/^sha256:[0-9a-f]{64}$/, { error: DIGEST })
      .nullish(),
  },
  { error: 'must be a map' },
);

/** Handles `POST /api/reconcile`. */
export const reconcile =
  ({ view, secrets }: Pick<DaemonServerOptions, 'view' | 'secrets'>): Handler =>
  async (exchange) => {
    requireOwnOrigin(exchange.headers);
    requireToken(exchange.headers, secrets().apiToken);
    const body = await readWhole(exchange, MAX_REQUEST_BYTES);
    const { accept } = body.length === 0 ? {} : parseFields(requestSchema, parseJson(body));
    view.request({ accept: accept ?? null });
    return json(202, { requested: true });
  };
