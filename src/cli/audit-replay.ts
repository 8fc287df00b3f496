/** `wrapkeeper audit replay`: sends events (again), now. Writes nothing to the organization. */
import { eventIdOf } from '../domain/audit.js';
import { EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import { diagnosticJson } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import { outgoingEventOf } from '../domain/journal.js';
import type { OutgoingEvent } from '../domain/journal.js';
import type { SinkState } from '../domain/outbox.js';
import { closestName, quote } from '../domain/text.js';
import { queryJournal } from '../journal/query.js';
import type { Webhook } from '../policy/settings.js';
import { renderReplayText, replayJson } from '../report/audit-replay.js';
import type { ReplayedSink } from '../report/audit-replay.js';
import { failureWith, renderJson } from '../report/json.js';
import { auditQueryOf } from './audit-query.js';
import { openDelivery, toldOf } from './delivery.js';
import type { Delivery } from './delivery.js';
import { holdJournal } from './held-journal.js';
import type { HeldJournal } from './held-journal.js';
import type { Session } from './session.js';
import { loadSettings } from './workspace.js';

export interface AuditReplayOptions {
  readonly arguments: readonly [ids: readonly string[]];
  readonly since?: string;
  readonly sink?: readonly string[];
}

/** It goes on as long as something arrives in such a time. */
const PATIENCE_MS = 15_000;

export const runAuditReplay = async (
  session: Session,
  options: AuditReplayOptions,
): Promise<ExitCode> => {
  const { io, screen, format } = session;
  const place = await loadSettings(session);
  const wanted = sinksOf(place.settings.webhooks, options.sink ?? []);
  const held = await holdJournal(place, io, io.newId(), 'all');
  let sinks: readonly ReplayedSink[];
  let delivery: Delivery;
  try {
    delivery = await openDelivery(place, io, held.journal);
    const chosen = await choose(session, held, options);
    const asked = await ask(held, wanted, chosen);
    await held.share();
    await deliver(held, delivery);
    sinks = asked.map((sink) => resultOf(held, delivery, sink));
    await delivery.stop();
  } finally {
    await held.close();
  }
  const left = sinks.filter(({ undelivered }) => undelivered > 0);
  const found = [...held.diagnostics, ...delivery.findings];
  const told = found.map(diagnosticJson);
  const result = replayJson(sinks, told);
  await screen.print(
    format === 'json'
      ? renderJson(
          left.length === 0 ? result : failureWith([...toldOf(left), ...found], { replay: result }),
        )
      : renderReplayText(sinks, told, screen.out),
  );
  return left.length === 0 ? EXIT.done : EXIT.error;
};

/** The names of the sinks that are meant: all, or these. */
const sinksOf = (webhooks: readonly Webhook[], names: readonly string[]): ReadonlySet<string> => {
  const known = new Set(webhooks.map(({ name }) => name));
  if (known.size === 0) throw new AppError('webhook.none', 'The settings name no webhooks.');
  const strange = names.find((name) => !known.has(name));
  if (strange === undefined) return names.length === 0 ? known : new Set(names);
  const near = closestName(strange, known);
  throw new AppError('cli.usage', `--sink ${quote(strange)} is no webhook of the settings.`, {
    remedy:
      near === null
        ? `They name ${[...known].map(quote).join(', ')}.`
        : `Did you mean ${quote(near)}?`,
  });
};

/** Events that were asked for by id or time; null: whatever was not delivered. */
const choose = async (
  { format, io }: Session,
  { folder }: HeldJournal,
  { arguments: [ids], since }: AuditReplayOptions,
): Promise<readonly OutgoingEvent[] | null> => {
  if (ids.length === 0 && since === undefined) return null;
  const query = auditQueryOf(since === undefined ? {} : { since }, format, io.clock.now());
  const missing = new Set(ids);
  const chosen: OutgoingEvent[] = [];
  for await (const listed of await queryJournal(folder, { ...query, limit: null })) {
    if (listed.kind !== 'row') continue;
    const event = outgoingEventOf(listed.record);
    const id = eventIdOf(listed.hash);
    if (event === null || (ids.length > 0 && !ids.includes(id))) continue;
    missing.delete(id);
    chosen.push(event);
  }
  const [unknown] = missing;
  if (unknown === undefined) return chosen;
  throw new AppError(
    'audit.unknown-event',
    `The journal knows no event ${quote(unknown)}${since === undefined ? '' : ` since ${quote(since)}`}.`,
  );
};

interface Asked {
  readonly sink: string;
  readonly events: readonly OutgoingEvent[];
}

/** Writes down that they are to be sent again; what a sink never asked for, it does not get. */
const ask = async (
  { journal }: HeldJournal,
  wanted: ReadonlySet<string>,
  chosen: readonly OutgoingEvent[] | null,
): Promise<readonly Asked[]> => {
  const asked = [...journal.state.outbox.values()]
    .filter(({ name }) => wanted.has(name))
    .map((sink): Asked => ({ sink: sink.name, events: eventsFor(sink, chosen) }));
  await journal.append(
    asked.flatMap(({ sink, events }) =>
      events.length === 0 ? [] : [{ kind: 'redelivery', sink, events }],
    ),
  );
  return asked;
};

const eventsFor = (
  { events: types, pending, givenUp }: SinkState,
  chosen: readonly OutgoingEvent[] | null,
): readonly OutgoingEvent[] =>
  (chosen ?? [...givenUp.values(), ...pending.all()])
    .filter(({ type }) => types.includes('*') || types.includes(type))
    .map(({ seq, type, subject, run }) => ({ seq, type, subject, run }))
    .sort((a, b) => a.seq - b.seq);

const deliver = async ({ journal }: HeldJournal, delivery: Delivery): Promise<void> => {
  const waiting = (): number =>
    [...journal.state.outbox.values()].reduce((sum, { pending }) => sum + pending.size, 0);
  for (let before = waiting(); before > 0; before = waiting()) {
    await delivery.drain(PATIENCE_MS);
    if (waiting() >= before) return;
  }
};

const resultOf = (
  { journal }: HeldJournal,
  delivery: Delivery,
  { sink, events }: Asked,
): ReplayedSink => {
  const pending = journal.state.outbox.get(sink)?.pending;
  const undelivered = events.filter(({ seq }) => pending?.get(seq) !== undefined).length;
  const why = delivery.left().find((left) => left.sink === sink)?.why ?? null;
  return {
    sink,
    sent: events.length - undelivered,
    undelivered,
    why: undelivered === 0 ? null : why,
  };
};
