/** The events of a run on their way to the webhooks of the settings. */
import { asWarning, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError } from '../domain/errors.js';
import type { JournalEntry } from '../domain/journal.js';
import { quote } from '../domain/text.js';
import type { Journal } from '../journal/journal.js';
import type { Webhook } from '../policy/settings.js';
import type { Deliveries } from '../webhooks/deliver.js';
import type { Left } from '../webhooks/sink-worker.js';
import type { Io } from './io.js';
import { resolveWebhooks } from './secrets.js';
import type { ReadyWebhook } from './secrets.js';
import type { Workspace } from './workspace.js';

export interface Delivery {
  /** The journal has something new. The first time, delivering begins. */
  readonly notify: () => void;
  /** Whether anybody waits for an event. */
  readonly isAwaited: () => boolean;
  /** Goes on until nothing is due, or for so long at most. Throws nothing. */
  readonly drain: (withinMs: number) => Promise<void>;
  /** What is left per sink, since it was drained. */
  readonly left: () => readonly Left[];
  readonly stop: () => Promise<void>;
  /** Begins nothing more, and stops once what is under way has ended, or after so long. */
  readonly finish: (withinMs: number) => Promise<void>;
  /** What was found on the way. */
  readonly findings: readonly Diagnostic[];
}

/**
 * Keeps events for the sinks of the settings from here on, and readies their delivery. Nothing that goes
 * wrong here changes the outcome of a run.
 *
 * @throws AppError `journal.*`
 */
export const openDelivery = async (
  { settings, root }: Pick<Workspace, 'settings' | 'root'>,
  { clock, random, env, signal }: Pick<Io, 'clock' | 'random' | 'env' | 'signal'>,
  journal: Journal,
): Promise<Delivery> => {
  await journal.append(sinkChanges(settings.webhooks, journal));
  if (settings.webhooks.length === 0) return NO_DELIVERY;
  const resolved = await resolveWebhooks(settings.webhooks, { env, root });
  // Loaded only where there is somebody to deliver to.
  const { Deliveries } = await import('../webhooks/deliver.js');
  const { ready, unusable } = await usable(resolved.ready);
  const stop = new AbortController();
  let deliveries: Deliveries | null = null;
  let running: Promise<Error | null> | null = null;
  let left: readonly Left[] = [];

  const open = (): Deliveries | null => {
    const { organizationId } = journal.state;
    if (organizationId === null) return null;
    deliveries ??= new Deliveries({
      sinks: ready,
      organizationId,
      clock,
      random,
      outbox: {
        state: () => journal.state.outbox,
        read: (seq) => journal.read(seq),
        append: async (entry) => void (await journal.append([entry], { lazy: true })),
      },
    });
    return deliveries;
  };

  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };

  return {
    findings: [...resolved.findings, ...unusable],
    notify: () => {
      if (open() === null || stop.signal.aborted) return;
      running ??= deliveries?.run(stop.signal) ?? null;
      deliveries?.notify();
    },
    isAwaited: () => [...journal.state.outbox.values()].some(({ pending }) => pending.size > 0),
    drain: async (withinMs) => {
      left = (await open()?.drain({ until: clock.now() + withinMs, signal })) ?? [];
    },
    left: () => left,
    stop: end,
    finish: async (withinMs) => {
      deliveries?.close();
      const done = new AbortController();
      await Promise.race([running, clock.sleep(withinMs, done.signal)]);
      done.abort();
      await end();
    },
  };
};

const NO_DELIVERY: Delivery = {
  notify: () => undefined,
  isAwaited: () => false,
  drain: () => Promise.resolve(),
  left: () => [],
  stop: () => Promise.resolve(),
  finish: () => Promise.resolve(),
  findings: [],
};

/** Secrets that cannot sign are told, and their sinks left alone. */
const usable = async (
  sinks: readonly ReadyWebhook[],
): Promise<{
  readonly ready: readonly ReadyWebhook[];
  readonly unusable: readonly Diagnostic[];
}> => {
  const { signerOf } = await import('../webhooks/sign.js');
  const ready: ReadyWebhook[] = [];
  const unusable: Diagnostic[] = [];
  for (const sink of sinks) {
    try {
      signerOf(sink.name, sink.secrets);
      ready.push(sink);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      unusable.push(...error.diagnostics.map(asWarning));
    }
  }
  return { ready, unusable };
};

/** Sinks that came, went, or want other events. */
const sinkChanges = (webhooks: readonly Webhook[], { state }: Journal): readonly JournalEntry[] => [
  ...[...state.outbox.values()].flatMap(({ name, pending, givenUp }): readonly JournalEntry[] =>
    webhooks.some((webhook) => webhook.name === name)
      ? []
      : [{ kind: 'sink.removed', sink: name, undelivered: pending.size + givenUp.size }],
  ),
  ...webhooks.flatMap(({ name, events }): readonly JournalEntry[] =>
    isSame(state.outbox.get(name)?.events, events)
      ? []
      : [{ kind: 'sink.added', sink: name, events }],
  ),
];

const isSame = (a: readonly string[] | undefined, b: readonly string[]): boolean =>
  a !== undefined && a.length === b.length && a.every((type, index) => type === b[index]);

/** What a person should know about events that did not arrive. */
export const toldOf = (left: readonly Left[]): readonly Diagnostic[] =>
  left.flatMap(({ sink, undelivered, why }) =>
    undelivered === 0
      ? []
      : [
          warning({
            code: 'webhook.undelivered',
            message: `${undelivered === 1 ? 'An event waits' : `${undelivered} events wait`} for the webhook ${quote(sink)}${why === null ? '' : `: ${why}`}.`,
          }),
        ],
  );
