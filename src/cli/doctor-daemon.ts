/**
 * What `doctor` finds about running a daemon with these settings. Nothing is sent; the address is taken for a
 * moment, at another port.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { canBeToken } from '../daemon/http/bearer.js';
import { isLoopback, listenFailure, parseListen } from '../daemon/http/listen.js';
import { checksOf } from '../domain/check.js';
import type { Check } from '../domain/check.js';
import { formatDuration } from '../domain/duration.js';
import { AppError } from '../domain/errors.js';
import type { Secret } from '../domain/secret.js';
import { parseSettings } from '../policy/parse-settings.js';
import type { DaemonSettings, SecretReference, Settings } from '../policy/settings.js';
import { count } from '../report/words.js';
import { readSigningKey } from '../webhooks/sign.js';
import { resolveSecret } from './secrets.js';
import type { SecretPlaces } from './secrets.js';

const { ok, warning, failure, skipped, error: errorCheck } = checksOf('daemon');

export interface DaemonAsked {
  readonly settings: Settings;
  readonly places: SecretPlaces;
  /** What was found about asking the audit log; null where the organization could not be asked. */
  readonly audits: Check | null;
}

/** One check for each thing that only a daemon needs. Settings that say nothing of one are none of its business. */
export const checkDaemon = async ({
  settings,
  places,
  audits,
}: DaemonAsked): Promise<readonly Check[]> => {
  const { daemon, journal, api, limits } = settings;
  if (!meansDaemon(daemon))
    return [
      skipped(
        'daemon',
        'branch' in journal.store
          ? `the settings say nothing of one, and it would refuse their journal on the branch ${journal.store.branch}`
          : `the settings say nothing of one: it would show itself at ${daemon.listen}, and take no requests in`,
      ),
    ];
  return [
    checkStore(journal.store),
    await checkListen(daemon),
    await checkShared('api token', daemon.apiToken, places, {
      without: 'nobody can ask for a pass, or let a refused plan through, by POST /api/reconcile',
      judge: judgeToken,
    }),
    await checkShared('git secret', daemon.gitSecret, places, {
      without: 'POST /webhooks/git is closed, and pushes are seen at the next interval',
      judge: judgeText,
    }),
    await checkInbound(daemon.inboundSecrets, places),
    checkDetection(audits, { daemon, api, limits }),
  ];
};

/** Whether somebody wrote anything about a daemon: then it is meant to run. */
const meansDaemon = (daemon: DaemonSettings): boolean => {
  const { settings } = parseSettings(null, { now: 0, ci: false });
  return JSON.stringify(daemon) !== JSON.stringify(settings.daemon);
};

const checkStore = (store: Settings['journal']['store']): Check =>
  'folder' in store
    ? ok('journal of it', `in the folder ${store.folder}, which has to be on a disk that stays`)
    : failure(
        'journal of it',
        'daemon.journal-branch',
        `the settings keep it on the branch ${store.branch}: a daemon refuses to start with that`,
      );

const checkListen = async ({ listen, apiToken }: DaemonSettings): Promise<Check> => {
  const name = 'listen';
  let address: string;
  try {
    address = await ownAddress(listen);
  } catch (error) {
    if (error instanceof AppError) return errorCheck(name, error);
    throw error;
  }
  if (isLoopback(address)) return ok(name, `${listen}, for this machine alone`);
  const shown = `${listen} can be reached from other machines: names of queues and people are shown to whoever gets there, without TLS`;
  return apiToken === null
    ? warning(
        name,
        `${shown}; no token is named`,
        'Listen on 127.0.0.1 behind a proxy with TLS and a login; or name `daemon.apiToken`, and let the network decide who gets there.',
      )
    : ok(name, `${shown}; a pass is asked for with the token`);
};

/** The address that a server gets there. @throws AppError `daemon.listen` */
const ownAddress = async (listen: string): Promise<string> => {
  const asked = parseListen(listen);
  const server = createServer();
  try {
    // A daemon that runs holds the port itself: any other one tells as much of the address.
    server.listen(0, asked.host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).address;
  } catch (error) {
    throw listenFailure(error, asked);
  } finally {
    server.close();
  }
};

/** Characters, below which a text can be guessed. */
const SHORT = 20;

type Judge = (name: string, secret: Secret) => Check | null;

/** Both sides have the same text. */
const judgeText: Judge = (name, secret) => {
  const text = secret.reveal();
  const remedy =
    'Make one, such as the output of `openssl rand -hex 32`, and give it to both sides.';
  if (text !== text.trim())
    return warning(name, 'it begins or ends with blanks, which are a part of it', remedy);
  return text.length < SHORT
    ? warning(name, `it has fewer than ${SHORT} characters, and can be guessed`, remedy)
    : null;
};

const judgeToken: Judge = (name, secret) =>
  canBeToken(secret)
    ? judgeText(name, secret)
    : failure(
        name,
        'daemon.bad-token',
        'it holds characters that no bearer token can have: nobody is let in with it',
      );

const checkShared = async (
  name: string,
  reference: SecretReference | null,
  places: SecretPlaces,
  { without, judge }: { readonly without: string; readonly judge: Judge },
): Promise<Check> => {
  if (reference === null) return skipped(name, `the settings name none: ${without}`);
  try {
    const secret = await resolveSecret(reference, places);
    return judge(name, secret) ?? ok(name, 'it can be read, and is long enough');
  } catch (error) {
    if (error instanceof AppError) return errorCheck(name, error);
    throw error;
  }
};

const checkInbound = async (
  references: readonly SecretReference[],
  places: SecretPlaces,
): Promise<Check> => {
  const name = 'inbound secrets';
  if (references.length === 0)
    return skipped(name, 'the settings name none: POST /webhooks/enforcement-sync is closed');
  for (const [index, reference] of references.entries()) {
    try {
      const read = readSigningKey(await resolveSecret(reference, places));
      if (read.kind === 'bad')
        return failure(
          name,
          'webhook.bad-secret',
          `number ${index + 1} ${read.why}: nothing is taken in with it`,
          'Put `whsec_` and the base64 of 24 to 64 random bytes into the variable or file that `daemon.inboundSecrets` names.',
        );
    } catch (error) {
      if (error instanceof AppError) return errorCheck(name, error);
      throw error;
    }
  }
  return ok(name, `${count(references.length, 'secret')} to take events in with`);
};

/** How drift is found: what that costs, and how old it gets, hangs on one permission. */
const checkDetection = (
  audits: Check | null,
  { daemon, api, limits }: Pick<Settings, 'daemon' | 'api' | 'limits'>,
): Check => {
  const name = 'detection';
  if (audits === null) return skipped(name, 'whether the audit log can be asked is not known');
  const sweeping = `everything is read round and round, with at most a quarter of the ${limits.requestsPerMinute} requests a minute`;
  if (audits.status !== 'ok')
    return warning(
      name,
      `the audit log cannot be asked: ${sweeping}`,
      audits.remedy ?? 'Give the role of the OAuth client audits:audit:view.',
    );
  return ok(
    name,
    `the audit log is asked every ${formatDuration(daemon.intervalMs)}; ${
      api === 'public'
        ? `everything is read every ${formatDuration(daemon.sweepIntervalMs)}`
        : `rows behind a gateway may not stand there: ${sweeping}`
    }`,
  );
};
