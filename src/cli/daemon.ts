/** `wrapkeeper daemon`: puts the daemon together, and lets it run until it is stopped. */
import { Daemon } from '../daemon/daemon.js';
import type { DaemonLog, DaemonParts } from '../daemon/parts.js';
import type { PolicySource, PolicyState } from '../daemon/policies.js';
import { EXIT } from '../domain/codes.js';
import type { ExitCode } from '../domain/codes.js';
import { hasErrors, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import { AppError, invalidInput } from '../domain/errors.js';
import { recentRecords } from '../journal/recent.js';
import { NOT_SHARED, runJournalOf } from '../journal/run-journal.js';
import type { Settings } from '../policy/settings.js';
import { openDaemonConnection } from './daemon-connection.js';
import { DaemonDelivery } from './daemon-delivery.js';
import { ServerSecrets, serveDaemon } from './daemon-server.js';
import { openDaemonSource } from './daemon-source.js';
import { holdJournal } from './held-journal.js';
import type { HeldJournal } from './held-journal.js';
import { openLog } from './log.js';
import { planKeyOf } from './plan-store.js';
import { describeRun } from './run-about.js';
import type { ReadState } from './policy-source.js';
import type { Session } from './session.js';
import { followSignals } from './stop.js';

export interface DaemonOptions {
  readonly repo?: string;
  readonly branch?: string;
  readonly interval?: number;
  readonly mode: 'enforce' | 'report';
  readonly listen?: string;
  readonly adopt?: string;
  readonly region?: string;
}

/** So long a pass that is under way may go on once somebody wants it to stop. */
const DRAIN_MS = 30_000;
/** And so long events may be delivered then. */
const DELIVER_MS = 10_000;

export const runDaemon = async (session: Session, options: DaemonOptions): Promise<ExitCode> => {
  const { io } = session;
  const log = await daemonLog(session);
  const opened = await openDaemonSource(session, options);
  const { source, root } = opened;
  const first = await firstUsable(source);
  const { settings } = first;
  const held = await holdWhenFree({ root, settings }, session, log);
  const stopping = followSignals([io.signal, held.lost]);
  const hard = new AbortController();
  const delivery = new DaemonDelivery(root, io, held.journal);
  const secrets = new ServerSecrets({ env: io.env, root });
  try {
    // Before anything was accepted, the very first pass is to be told of, and whoever is to let it through to be let in.
    if ((await source.accepted()) === null)
      for (const { message } of [
        ...(await delivery.use(settings)),
        ...(await secrets.use(settings.daemon)),
      ])
        log('warn', message);
    const parts: DaemonParts = {
      tool: `wrapkeeper/${session.version}`,
      mode: options.mode,
      intervalMs: options.interval ?? null,
      source,
      connect: (asked) =>
        openDaemonConnection(session, {
          settings: asked,
          region: options.region ?? null,
          signal: hard.signal,
          beforeWrite: held.mustBeHeld,
          mayWrite: options.mode === 'enforce',
        }),
      journalWith: (onAppend) =>
        runJournalOf(held.journal, NOT_SHARED, (entries) => {
          onAppend(entries);
          delivery.notify();
        }),
      recent: () => recentRecords(held.folder),
      sinks: () => delivery.sinks(),
      onAccepted: async (state) => [
        ...held.diagnostics,
        ...(await delivery.use(state.settings)),
        ...(await secrets.use(state.settings.daemon)),
        ...restartNeeded(settings, state.settings),
      ],
      about: async (state, trigger, overrides) => ({
        ...(await describeRun(
          session,
          (state as ReadState).workspace,
          { commit: null },
          'daemon',
          overrides,
        )),
        trigger,
        commitAuthor: state.author,
      }),
      planKey: planKeyOf(io.env),
      clock: io.clock,
      random: io.random,
      newId: io.newId,
      log,
    };
    const daemon = new Daemon(parts);
    const server = await serveDaemon(session, daemon, {
      listen: options.listen ?? settings.daemon.listen,
      branch: source.branch,
      secrets,
      log,
    });
    const watching = await opened.watch(
      () => daemon.ask('files'),
      ({ message }) => log('warn', `not everything can be watched: ${message}`),
    );
    const forgetReload = io.onReload?.(() => daemon.ask('settings'));
    const draining = new AbortController();
    const onStop = (): void => {
      log('info', 'stopping: queues that are being written finish their step');
      void io.clock.sleep(DRAIN_MS, draining.signal).then(() => {
        if (!draining.signal.aborted) hard.abort(stopping.signal.reason);
      });
    };
    stopping.signal.addEventListener('abort', onStop, { once: true });
    try {
      await daemon.run(stopping.signal);
    } finally {
      draining.abort();
      forgetReload?.();
      await watching.close();
      await server.close();
    }
    if (held.lost.aborted) throw held.lost.reason;
    return EXIT.done;
  } finally {
    stopping.letGo();
    await delivery.end(DELIVER_MS);
    await held.close();
    log('info', 'stopped');
  }
};

/** What the journal and the server need to know before the first pass: settings that were accepted, or can be. */
const firstUsable = async (source: PolicySource): Promise<PolicyState> => {
  const accepted = await source.accepted();
  if (accepted !== null) return accepted.state;
  const look = await source.look();
  if (look.kind !== 'seen')
    throw new AppError(
      'daemon.nothing-to-enforce',
      `There are no policies to begin with (the source is ${look.kind}). ${look.message}`,
    );
  const { diagnostics } = look.state;
  if (hasErrors(diagnostics)) throw invalidInput(diagnostics);
  return look.state;
};

/** Somebody else may be writing at this moment, or the last daemon was killed: then its lease ends by itself. */
const holdWhenFree = async (
  workspace: { readonly root: string; readonly settings: Settings },
  { io }: Session,
  log: DaemonLog,
): Promise<HeldJournal> => {
  if ('branch' in workspace.settings.journal.store)
    throw new AppError(
      'daemon.journal-branch',
      `The settings keep the journal on the branch ${workspace.settings.journal.store.branch}: that is for runs whose machine keeps nothing.`,
    );
  for (let tries = 0; ; tries += 1) {
    try {
      return await holdJournal(workspace, io, `daemon-${io.newId()}`);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'lease.held' || io.signal.aborted)
        throw error;
      if (tries === 0) log('warn', `${error.message} It is tried again every few seconds.`);
      await io.clock.sleep(LEASE_WAIT_MS, io.signal);
    }
  }
};

const LEASE_WAIT_MS = 5_000;

/** Settings that were read when the daemon started. */
const restartNeeded = (started: Settings, now: Settings): readonly Diagnostic[] => {
  const changed = [
    ...(started.daemon.listen === now.daemon.listen ? [] : ['daemon.listen']),
    ...(JSON.stringify(started.journal) === JSON.stringify(now.journal) ? [] : ['journal']),
  ];
  return changed.map((key) =>
    warning({
      code: 'daemon.restart-needed',
      message: `\`${key}\` of the settings has changed; the daemon goes on with what it was when it started.`,
    }),
  );
};

const daemonLog = async (session: Session): Promise<DaemonLog> => {
  const log = await openLog(session);
  return (level, message, about = {}) => log[level](about, message);
};
