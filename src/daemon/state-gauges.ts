/** The metrics that are read off a daemon, and its process, whenever somebody asks. */
import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { DaemonStatus, QueueStatus, SinkStatus } from './status.js';
import { QUEUE_STATES, SOURCE_STATES } from './status.js';

/** What is looked at. */
export interface Seen {
  readonly status: DaemonStatus;
  readonly queues: readonly QueueStatus[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** `process.version` */
  readonly node: string;
}

type Sample = readonly [value: number, labels?: Readonly<Record<string, string>>];

interface Family {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** A counter is counted elsewhere, and told as it stands. */
  readonly type?: 'counter';
  readonly read: (seen: Seen) => readonly Sample[];
}

/** Sinks beyond so many are told together: labels must not grow without end. */
const MOST_SINKS = 50;
const OTHER_SINKS = '(others)';

/** One 1 among zeros: of a closed set, the one that holds. */
const oneOf = <Value extends string>(
  label: string,
  values: readonly Value[],
  current: Value,
): readonly Sample[] => values.map((value) => [value === current ? 1 : 0, { [label]: value }]);

const instant = (iso: string | null | undefined): number =>
  typeof iso === 'string' ? Date.parse(iso) / 1_000 : 0;

/** Seconds since an instant; 0 where there is none. */
const ageOf = (iso: string | null, now: number): number =>
  iso === null ? 0 : Math.max(0, now - Date.parse(iso)) / 1_000;

const earliest = (instants: readonly (string | null)[]): string | null =>
  instants.reduce<string | null>(
    (first, at) =>
      at !== null && (first === null || Date.parse(at) < Date.parse(first)) ? at : first,
    null,
  );

const bySink =
  (count: (sink: SinkStatus) => number) =>
  ({ status: { sinks } }: Seen): readonly Sample[] => {
    const others = sinks.slice(MOST_SINKS);
    return [
      ...sinks.slice(0, MOST_SINKS).map((sink): Sample => [count(sink), { sink: sink.name }]),
      ...(others.length === 0
        ? []
        : [[others.reduce((sum, sink) => sum + count(sink), 0), { sink: OTHER_SINKS }] as const]),
    ];
  };

const FAMILIES: readonly Family[] = [
  {
    name: 'wrapkeeper_build_info',
    help: 'Always 1: the versions of Wrapkeeper and of Node.',
    labels: ['version', 'node'],
    read: ({ status, node }) => [[1, { version: status.tool.split('/').at(-1) ?? '', node }]],
  },
  {
    name: 'wrapkeeper_ready',
    help: '1 where it is ready, as /readyz says.',
    read: ({ status }) => [[Number(status.ready)]],
  },
  {
    name: 'wrapkeeper_mode',
    help: '1 for the mode that it runs in: enforce, or report.',
    labels: ['mode'],
    read: ({ status }) => oneOf('mode', ['enforce', 'report'], status.mode),
  },
  {
    name: 'wrapkeeper_last_pass_timestamp_seconds',
    help: 'When the last pass ended, whatever became of it; 0 before the first.',
    read: ({ status }) => [[instant(status.lastPass?.endedAt)]],
  },
  {
    name: 'wrapkeeper_last_success_timestamp_seconds',
    help: 'When the last pass ended that did not fail; 0 before the first.',
    read: ({ status }) => [[instant(status.lastSuccessAt)]],
  },
  {
    name: 'wrapkeeper_consecutive_failed_passes',
    help: 'Passes that failed since the last one that did not.',
    read: ({ status }) => [[status.consecutiveFailures]],
  },
  {
    name: 'wrapkeeper_queues',
    help: 'Governed queues, by state.',
    labels: ['state'],
    read: ({ status }) => QUEUE_STATES.map((state) => [status.queues[state], { state }]),
  },
  {
    name: 'wrapkeeper_oldest_drift_age_seconds',
    help: 'For how long a queue has been in this state that is not in sync, the longest of them; 0 without one.',
    labels: ['state'],
    read: ({ queues, now }) =>
      QUEUE_STATES.filter((state) => state !== 'in-sync').map((state) => {
        const those = queues.filter((queue) => queue.state === state);
        return [ageOf(earliest(those.map(({ since }) => since)), now), { state }];
      }),
  },
  {
    name: 'wrapkeeper_events_undelivered',
    help: 'Events that wait for a sink.',
    labels: ['sink'],
    read: bySink(({ undelivered }) => undelivered),
  },
  {
    name: 'wrapkeeper_events_given_up',
    help: 'Events that a sink did not take for many days; they can be replayed.',
    labels: ['sink'],
    read: bySink(({ givenUp }) => givenUp),
  },
  {
    name: 'wrapkeeper_oldest_undelivered_age_seconds',
    help: 'The age of the oldest event that waits for any sink; 0 without one.',
    read: ({ status, now }) => [
      [ageOf(earliest(status.sinks.map(({ oldestAt }) => oldestAt)), now)],
    ],
  },
  {
    name: 'wrapkeeper_detection',
    help: '1 for the way in which drift is found: audits, or sweeps.',
    labels: ['by'],
    read: ({ status }) => oneOf('by', ['audits', 'sweeps'], status.detection.by),
  },
  {
    name: 'wrapkeeper_drift_missed_by_audits_total',
    help: 'Drift that a sweep has found and the audit log had not shown.',
    type: 'counter',
    read: ({ status }) => [[status.detection.missedByAudits]],
  },
  {
    name: 'wrapkeeper_source_state',
    help: '1 for the state of the source of the policies.',
    labels: ['state'],
    read: ({ status }) => oneOf('state', SOURCE_STATES, status.source.state),
  },
  {
    name: 'wrapkeeper_refused_plan',
    help: '1 while a guard refuses a plan.',
    read: ({ status }) => [[Number(status.source.refusal !== null)]],
  },
  {
    name: 'wrapkeeper_accepted_timestamp_seconds',
    help: 'When the policies in force were accepted; 0 where none are.',
    read: ({ status }) => [[instant(status.source.accepted?.at)]],
  },
  // The process, under the names that dashboards know. prom-client's own collection would add timers and observers that
  // nothing ends.
  {
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time.',
    type: 'counter',
    read: () => {
      const { user, system } = process.cpuUsage();
      return [[(user + system) / 1_000_000]];
    },
  },
  {
    name: 'process_start_time_seconds',
    help: 'When the process was started.',
    read: () => [[performance.timeOrigin / 1_000]],
  },
  {
    name: 'process_resident_memory_bytes',
    help: 'Resident memory.',
    read: () => [[process.memoryUsage.rss()]],
  },
  {
    name: 'nodejs_heap_size_used_bytes',
    help: 'The part of the heap that is in use.',
    read: () => [[process.memoryUsage().heapUsed]],
  },
  {
    name: 'nodejs_external_memory_bytes',
    help: 'Memory outside the heap that objects hold.',
    read: () => [[process.memoryUsage().external]],
  },
  {
    name: 'nodejs_active_resources_total',
    help: 'Timers, sockets, watchers and the like that are open.',
    read: () => [[process.getActiveResourcesInfo().length]],
  },
];

/** Adds these metrics to a registry; what is returned sets them. */
export const registerStateGauges = (registry: Registry): ((seen: Seen) => void) => {
  const setters = FAMILIES.map(({ name, help, labels = [], type, read }) => {
    const options = { name, help, labelNames: labels, registers: [registry] };
    const metric = type === 'counter' ? new Counter(options) : new Gauge(options);
    return (seen: Seen): void => {
      // Labels that are not there any more go away.
      metric.reset();
      for (const [value, values = {}] of read(seen)) metric.inc(values, value);
    };
  });
  return (seen) => setters.forEach((set) => set(seen));
};
