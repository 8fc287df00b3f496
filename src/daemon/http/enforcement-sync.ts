/** `POST /webhooks/enforcement-sync`: what other systems say they have enforced. It is kept, and never acted upon. */
import { z } from 'zod';
import { AppError } from '../../domain/errors.js';
import type { ReceivedEvent } from '../view.js';
import { parseJson } from './body.js';
import { readWhole } from './exchange.js';
import type { Handler } from './exchange.js';
import { parseFields } from './fields.js';
import type { DaemonServerOptions } from './options.js';
import { Refusal } from './refusal.js';
import { json } from './reply.js';
import { requireSigned } from './signatures.js';

const MAX_EVENT_BYTES = 1024 * 1024;
/** The most of what we do not know that is kept in the journal, as JSON. */
const MAX_DETAIL_BYTES = 64 * 1024;

/** A text that need not be there; an empty one says nothing either. */
const maybeText = (most: number) => {
  const error = `must be a text of at most ${most} characters`;
  return z.string({ error }).max(most, { error }).nullish();
};
const QUEUE_ID = { error: 'must be a text of 1 to 200 characters' };

/** What we know of an event is held to its form; whatever else stands beside it is kept as it is. */
const eventSchema = z.looseObject(
  {
    queue_id: z.string(QUEUE_ID).min(1, QUEUE_ID).max(200, QUEUE_ID),
    queue_name: maybeText(1_000),
    timestamp: z.iso
      .datetime({
        offset: true,
        error: 'must be an instant with an offset, such as 2026-11-23T09:00:00Z',
      })
      .nullish(),
    compliance_met: z.boolean({ error: 'must be true or false' }),
    audit_log: maybeText(10_000),
  },
  { error: 'must be a map' },
);

/**
 * Reads an event that came signed.
 *
 * @throws Refusal 400 that names every wrong field
 */
const readEvent = (webhookId: string, body: unknown): ReceivedEvent => {
  const { queue_id, queue_name, timestamp, compliance_met, audit_log, ...details } = parseFields(
    eventSchema,
    body,
  );
  const bytes = Buffer.byteLength(JSON.stringify(details));
  if (bytes > MAX_DETAIL_BYTES) {
    throw new Refusal(
      400,
      'http.bad-value',
      `What the event says beyond the fields that are known is ${bytes} bytes long, and ${MAX_DETAIL_BYTES} are kept.`,
    );
  }
  return {
    webhookId,
    queueId: queue_id,
    queueName: orNull(queue_name),
    doneAt: typeof timestamp === 'string' ? Date.parse(timestamp) : null,
    complianceMet: compliance_met,
    auditLog: orNull(audit_log),
    details,
  };
};

const orNull = (text: string | null | undefined): string | null =>
  text === undefined || text === '' ? null : text;

/** Handles `POST /webhooks/enforcement-sync`. */
export const enforcementSync =
  ({ view, secrets, clock }: Pick<DaemonServerOptions, 'view' | 'secrets' | 'clock'>): Handler =>
  async (exchange) => {
    const body = await readWhole(exchange, MAX_EVENT_BYTES);
    const id = requireSigned(exchange.headers, body, secrets().inbound, clock.now());
    const event = readEvent(id, parseJson(body));
    try {
      return json(200, await view.receive(event));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw new Refusal(
        503,
        'http.not-kept',
        'The event could not be kept.',
        { 'retry-after': '60' },
        error,
      );
    }
  };
