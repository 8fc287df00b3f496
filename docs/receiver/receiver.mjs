/**
 * A receiver of Wrapkeeper's events: plain Node and the package `standardwebhooks`.
 *
 *   npm install standardwebhooks
 *   WEBHOOK_SECRET=whsec_… PORT=8088 node receiver.mjs
 *
 * It prints a line of JSON for each event that it handles. What it knows, it forgets when it ends: keep ids and
 * sequences in your database, in the same transaction as what you do with an event.
 */
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const MAX_BYTES = 64 * 1024;
const webhook = new Webhook(process.env.WEBHOOK_SECRET ?? '');

/** Ids that were handled. Keep them for 30 days: an event can come again for 15, and whenever somebody asks. */
const handled = new Set();
/** The greatest sequence that was handled, by queue. */
const latest = new Map();

const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

const handle = ({ id, type, data }) => {
  const { queue_id: queue, sequence, audit_log: says } = data;
  // Retries and replays may come after what happened later: never let an old state overwrite a new one.
  const isLate = queue !== undefined && sequence < (latest.get(queue) ?? 0);
  if (queue !== undefined && !isLate) latest.set(queue, sequence);
  print({ id, type, isLate, says });
};

/** The bytes as they came, or null where there are too many. */
const read = async (request) => {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** The status to answer with. What it takes in is handled after the answer: fifteen seconds are all that there is. */
const receive = async (request) => {
  if (request.method !== 'POST') return 405;
  const body = await read(request);
  if (body === null) return 413;
  let event;
  try {
    // The signature is of the raw body. Looks at the time as well: within five minutes of ours.
    event = webhook.verify(body, request.headers);
  } catch {
    return 401;
  }
  if (!handled.has(event.id)) setImmediate(handle, event);
  handled.add(event.id);
  return 204;
};

const server = createServer((request, response) => {
  receive(request).then(
    (status) => response.writeHead(status).end(),
    () => response.destroy(),
  );
});

server.listen(Number(process.env.PORT ?? 8088), process.env.HOST ?? '127.0.0.1', () => {
  print({ listening: server.address().port });
});
