/** Which settings differ, by the keys that people write. */
import { isDeepStrictEqual } from 'node:util';
import { formatDuration } from '../domain/duration.js';
import type { Settings } from '../policy/settings.js';

export interface SettingChange {
  /** @example 'guards.codesRemoved.percent', 'webhooks.reporting' */
  readonly key: string;
  /** Null where a value is no number or word, or was not there: nothing else is worth a line. */
  readonly from: string | null;
  readonly to: string | null;
  /** Whether it lets through what was held or refused before. */
  readonly loosens: boolean;
}

/** In the order in which settings are documented. */
export const findSettingChanges = (before: Settings, after: Settings): readonly SettingChange[] => {
  const old = byKey(before);
  const changed = byKey(after);
  return [...new Set([...old.keys(), ...changed.keys()])].flatMap((key) => {
    const [from, to] = [old.get(key), changed.get(key)];
    return isDeepStrictEqual(from, to)
      ? []
      : [{ key, from: shown(from), to: shown(to), loosens: loosens(key, from, to) }];
  });
};

/** Every setting with the finest key under which it can be written. */
const byKey = (settings: Settings): ReadonlyMap<string, unknown> => {
  const { limits, guards, activity, journal, daemon, webhooks } = settings;
  return new Map<string, unknown>([
    ['organization.id', settings.organizationId],
    ['region', settings.region],
    ['policies', settings.policies],
    ['api', settings.api],
    ['suspend', settings.suspend],
    ...under('limits', limits),
    ...Object.entries(guards).flatMap(([measure, limit]) =>
      typeof limit === 'number'
        ? [[`guards.${measure}`, limit] as const]
        : under(`guards.${measure}`, limit as object),
    ),
    ...under('activity', activity),
    ['changeWindows', withoutPlaces(settings.changeWindows)],
    ...under('journal', journal.store),
    ['journal.keep', journal.keepMs === null ? 'forever' : formatDuration(journal.keepMs)],
    ['settleFor', formatDuration(settings.settleForMs)],
    ...webhooks.map((webhook) => [`webhooks.${webhook.name}`, webhook] as const),
    ...under('daemon', daemon),
  ]);
};

/** Durations are written with their unit, and we keep them in milliseconds. */
const under = (prefix: string, values: object): readonly (readonly [string, unknown])[] =>
  Object.entries(values).map(([key, value]: [string, unknown]) =>
    key.endsWith('Ms')
      ? [`${prefix}.${key.slice(0, -2)}`, formatDuration(Number(value))]
      : [`${prefix}.${key}`, value],
  );

/** Where a window's queues are written is no part of what they are. */
const withoutPlaces = (windows: Settings['changeWindows']): unknown =>
  windows.map(({ queues, ...window }) => ({
    ...window,
    queues: queues.map(({ from: _from, ...selector }) => selector),
  }));

const shown = (value: unknown): string | null =>
  typeof value === 'number' || typeof value === 'string' ? String(value) : null;

const loosens = (key: string, from: unknown, to: unknown): boolean => {
  if (key.startsWith('guards.') || key === 'activity.maxInteracting')
    return Number(to) > Number(from);
  if (key === 'activity.onBusy') return to === 'ignore';
  if (key === 'daemon.verifyCommits') return to === 'off';
  if (key === 'organization.id') return to === null;
  if (key.startsWith('webhooks.')) return allowsPrivate(to) && !allowsPrivate(from);
  return false;
};

const allowsPrivate = (webhook: unknown): boolean =>
  typeof webhook === 'object' &&
  webhook !== null &&
  'allowPrivateNetwork' in webhook &&
  webhook.allowPrivateNetwork === true;
