/** The rules of the settings that no form can express. */
import { problem } from '../domain/diagnostics.js';
import type { Diagnostic, SourceSpan } from '../domain/diagnostics.js';
import { parseDuration } from '../domain/duration.js';
import { normaliseName, quote } from '../domain/text.js';
import type { Path } from './expected.js';
import { nodeAt, placeOf } from './locate.js';
import { ended } from './period-rules.js';
import { repeated } from './rule.js';
import { everOpens, isSchedule, isTimeZone } from './schedule.js';
import type { WrittenSettings } from './settings-schema.js';
import type { YamlDocument } from './yaml.js';

/** What the rules ask of the world. */
export interface SettingsContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether this runs where CI=true. */
  readonly ci: boolean;
}

interface SettingsInput extends SettingsContext {
  /** Where a value stands; null without a document. */
  readonly place: (path: Path) => SourceSpan | null;
  /** Whether the document says anything there, right or wrong. */
  readonly says: (path: Path) => boolean;
}

type SettingsRule = (written: WrittenSettings, input: SettingsInput) => readonly Diagnostic[];

/** Holds settings against every rule; without a document, nothing has a place. */
export const checkSettings = (
  written: WrittenSettings,
  context: SettingsContext,
  document: YamlDocument | null,
): readonly Diagnostic[] => {
  const input: SettingsInput = {
    ...context,
    place: (path) => (document === null ? null : placeOf(document, path)),
    says: (path) => document !== null && nodeAt(document.root, path) !== null,
  };
  return RULES.flatMap((rule) => rule(written, input));
};

/** Where nobody watches, credentials of another organization must not be enough to write to it. */
const organizationInCi: SettingsRule = (_written, { ci, says, place }) =>
  !ci || says(['organization'])
    ? []
    : [
        problem({
          code: 'settings.organization-required',
          message: 'CI=true, and the settings name no organization.',
          remedy: 'Add `organization: { id: … }` to wrapkeeper.yaml.',
          span: place([]),
        }),
      ];

/** A sink is known by its name. */
const distinctSinks: SettingsRule = ({ webhooks }, { place }) =>
  repeated(
    webhooks.map(({ name }, index) => ({
      name: normaliseName(name),
      span: place(['webhooks', index, 'name']),
    })),
    ({ name }) => name,
    ({ name, span }, first) =>
      problem({
        code: 'settings.duplicate-sink',
        message: `Two webhooks are named ${quote(name)}.`,
        remedy: 'Rename one.',
        span,
        related:
          first.span === null ? [] : [{ message: 'The name stands here first', span: first.span }],
      }),
  );

/** Events name queues and people: they go out encrypted, unless the receiver is on this machine or network. */
const sinkAddresses: SettingsRule = ({ webhooks }, { place }) =>
  webhooks.flatMap(({ url, allowPrivateNetwork }, index): readonly Diagnostic[] => {
    const span = place(['webhooks', index, 'url']);
    const where = `\`webhooks[${index}].url\``;
    const parsed = URL.canParse(url) ? new URL(url) : null;
    if (parsed === null) {
      return [
        problem({
          code: 'schema.invalid-value',
          message: `${where} is no address.`,
          remedy: 'Write one such as https://reporting.example.com/hooks.',
          span,
        }),
      ];
    }
    if (parsed.username !== '' || parsed.password !== '') {
      return [
        problem({
          code: 'settings.literal-secret',
          message: `${where} holds a user name or a password.`,
          remedy:
            'Take it out: events are signed with `secrets`. Treat what stands here as known to others.',
          span,
        }),
      ];
    }
    if (parsed.protocol === 'https:' || allowPrivateNetwork) return [];
    return [
      problem({
        code: 'settings.insecure-url',
        message: `${where} is plain http.`,
        remedy:
          'Use https, or say `allowPrivateNetwork: true` for a receiver on this machine or network.',
        span,
      }),
    ];
  });

type WrittenWindow = WrittenSettings['changeWindows'][number];

const WINDOW_CHECKS: readonly {
  readonly key: keyof WrittenWindow;
  readonly isRight: (window: WrittenWindow) => boolean;
  readonly message: (window: WrittenWindow) => string;
  readonly remedy: string;
}[] = [
  {
    key: 'schedule',
    isRight: ({ schedule }) => isSchedule(schedule),
    message: ({ schedule }) => `${quote(schedule)} is no cron expression.`,
    remedy: 'Write five fields: minute, hour, day, month, day of the week, such as "0 2 * * *".',
  },
  {
    key: 'schedule',
    isRight: ({ schedule }) => !isSchedule(schedule) || everOpens(schedule),
    message: ({ schedule }) => `${quote(schedule)} never opens: no year has such a day.`,
    remedy: 'Mend the day or the month.',
  },
  {
    key: 'duration',
    isRight: ({ duration }) => parseDuration(duration) !== 0,
    message: ({ duration }) => `A window of ${duration} is never open.`,
    remedy: 'Write how long it stays open, such as 3h.',
  },
  {
    key: 'timeZone',
    isRight: ({ timeZone }) => isTimeZone(timeZone),
    message: ({ timeZone }) => `${quote(timeZone)} is no time zone.`,
    remedy: 'Write an IANA time zone such as Europe/Dublin.',
  },
];

/** A window that cannot be read, or never opens, would be open or closed at the wrong time. */
const changeWindows: SettingsRule = (written, { place }) =>
  written.changeWindows.flatMap((window, index) =>
    WINDOW_CHECKS.filter(({ isRight }) => !isRight(window)).map(({ key, message, remedy }) =>
      problem({
        code: 'settings.invalid-schedule',
        message: message(window),
        remedy,
        span: place(['changeWindows', index, key]),
      }),
    ),
  );

/** There is one journal. */
const oneJournal: SettingsRule = ({ journal }, { place }) =>
  journal.folder === undefined || journal.branch === undefined
    ? []
    : [
        problem({
          code: 'schema.invalid-value',
          message: '`journal` names a folder and a branch.',
          remedy:
            'Keep one: a folder on machines that keep their disk, a branch for runners that do not.',
          span: place(['journal']),
        }),
      ];

/** A suspension ends by itself. */
const endedSuspension: SettingsRule = ({ suspend }, { now, place }) =>
  ended(now, suspend && Date.parse(suspend.until), () => ({
    what: 'The suspension of the organization',
    remedy: 'Delete `suspend`.',
    span: place(['suspend', 'until']),
  }));

const RULES: readonly SettingsRule[] = [
  organizationInCi,
  distinctSinks,
  sinkAddresses,
  changeWindows,
  oneJournal,
  endedSuspension,
];
