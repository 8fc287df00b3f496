/** What needs a person, and what is worth knowing, apart from the queues. */
import { count } from '../../report/words.js';
import type { DaemonStatus, SinkStatus } from '../status.js';
import type { Markup } from './markup.js';
import { markup, nameMarkup } from './markup.js';
import type { Notice } from './notice.js';
import { findingsMarkup } from './notice.js';
import { sourceNotices } from './source-notices.js';
import { dueOr, timeMarkup, timeOr } from './time.js';

/** Everything that there is to tell, what needs a person first. */
export const noticesOf = (status: DaemonStatus): readonly Notice[] => {
  const all = [
    ...passNotices(status),
    ...sourceNotices(status),
    ...status.sinks.flatMap((sink) => sinkNotices(sink, status.at)),
    ...findingNotices(status),
    ...detectionNotices(status),
  ];
  return [
    ...all.filter(({ level }) => level === 'act'),
    ...all.filter(({ level }) => level === 'know'),
  ];
};

const passNotices = ({
  consecutiveFailures: failures,
  lastPass,
  lastSuccessAt,
  nextPassAt,
  at,
}: DaemonStatus): readonly Notice[] =>
  failures === 0
    ? []
    : [
        {
          key: 'passes',
          level: 'act',
          title:
            failures === 1 ? 'Why the last pass failed' : `Why the last ${failures} passes failed`,
          body: markup`${lastPass === null || lastPass.problem === null ? null : findingsMarkup([lastPass.problem])}
<p class="quiet">Last success: ${timeOr(lastSuccessAt, at, 'none since the start')}. Next try: ${dueOr(nextPassAt, at, 'not planned')}.</p>`,
        },
      ];

/** An event that waits for less has hardly been tried. */
const DELIVERY_MS = 5 * 60_000;

/** The command that sends events again; only a plain word is put into what people paste. */
const replayMarkup = (name: string): Markup =>
  markup`<code>wrapkeeper audit replay --sink ${/^[\w.-]+$/.test(name) ? name : 'NAME'}</code>`;

const sinkNotices = (sink: SinkStatus, at: string): readonly Notice[] => {
  const waiting =
    sink.oldestAt === null
      ? null
      : markup` ${count(sink.undelivered, 'event')} ${sink.undelivered === 1 ? 'waits' : 'wait'}, the oldest since ${timeMarkup(sink.oldestAt, at)}.`;
  const named = (level: Notice['level'], title: string, rest: Notice['body']): Notice => ({
    key: `sink-${sink.name}`,
    level,
    title,
    body: markup`<p>Sink ${nameMarkup(sink.name)}: ${rest}${waiting}</p>`,
  });
  if (sink.isDisabled)
    return [
      named(
        'act',
        'A webhook asked for no more events',
        markup`it answered 410 and is sent nothing until ${replayMarkup(sink.name)} is run, with the daemon stopped.`,
      ),
    ];
  if (sink.givenUp > 0)
    return [
      named(
        'act',
        'Events could not be delivered',
        markup`${count(sink.givenUp, 'event')} given up after many days. Mend the receiver, stop the daemon, run ${replayMarkup(sink.name)}, and start it again.`,
      ),
    ];
  const age =
    sink.oldestAt === null ? 0 : new Date(at).getTime() - new Date(sink.oldestAt).getTime();
  return age < DELIVERY_MS
    ? []
    : [named('know', 'A webhook does not take events', markup`they are sent again by themselves.`)];
};

const findingNotices = ({ diagnostics }: DaemonStatus): readonly Notice[] => {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
  return [
    ...(errors.length === 0
      ? []
      : [
          {
            key: 'errors',
            level: 'act',
            title: `${count(errors.length, 'error')} in policies or settings`,
            body: findingsMarkup(errors),
          } as const,
        ]),
    ...(warnings.length === 0
      ? []
      : [
          {
            key: 'warnings',
            level: 'know',
            title: count(warnings.length, 'warning'),
            body: findingsMarkup(warnings),
          } as const,
        ]),
  ];
};

const detectionNotices = ({ detection, at }: DaemonStatus): readonly Notice[] => [
  ...(detection.by === 'audits'
    ? []
    : [
        {
          key: 'sweeps',
          level: 'know',
          title: 'Drift is found by reading every queue',
          body: markup`<p>${detection.why ?? 'The audit log is not used.'}</p>
<p>A change that somebody makes is found later than with the audit log, and costs more requests. Everything was read last: ${timeOr(detection.lastSweepAt, at, 'never')}.</p>`,
        } as const,
      ]),
  ...(detection.missedByAudits === 0
    ? []
    : [
        {
          key: 'missed',
          level: 'know',
          title: 'The audit log does not show everything',
          body: markup`<p>Since the start, full reads have found drift on ${count(detection.missedByAudits, 'queue')} that the audit log had not shown.</p>`,
        } as const,
      ]),
];
