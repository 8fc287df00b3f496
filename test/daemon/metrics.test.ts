import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { DaemonMetrics } from '../../src/daemon/metrics.js';
import type { ObservedPass } from '../../src/daemon/metrics.js';
import type { DaemonStatus } from '../../src/daemon/status.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { SampleView, STATUS } from './sample-view.js';

const metricsOf = (view = new SampleView()) =>
  new DaemonMetrics({ view, clock: new FakeClock(), node: 'v20.19.0' });

/** The sample of that name and labels, as it stands in the text. */
const valueOf = (text: string, sample: string): number | null => {
  const line = text.split('\n').find((each) => each.startsWith(`${sample} `));
  return line === undefined ? null : Number(line.slice(sample.length + 1));
};

const samplesOf = (text: string, family: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith(`${family}{`) || line.startsWith(`${family} `));

const PASS: ObservedPass['pass'] = {
  outcome: 'applied',
  trigger: 'interval',
  startedAt: '2026-11-23T09:00:00.000Z',
  endedAt: '2026-11-23T09:00:04.000Z',
  requests: { sent: 20, retried: 2, throttled: 1 },
};

/** As the table of the page and the text have it alike. */
interface Row {
  readonly name: string;
  readonly type: string;
  readonly labels: string;
  readonly meaning: string;
}

const rowsOfText = (text: string): readonly Row[] =>
  [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)].map(
    ([, name = '', meaning = '', type = '']) => {
      const labels = [
        ...text.matchAll(new RegExp(`^${name}(?:_bucket)?\\{(.*)\\} `, 'gm')),
      ].flatMap(([, inner = '']) => [...inner.matchAll(/(\w+)="/g)].map(([, label = '']) => label));
      return {
        name,
        type,
        labels: [...new Set(labels)].filter((label) => label !== 'le').join(', '),
        meaning,
      };
    },
  );

test('the page tells of every metric, and of no other', async () => {
  const metrics = metricsOf();
  metrics.observePass({ pass: PASS, corrections: [], queueFailures: 0 });
  const page = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\S+)` +\| (\w+) +\| (.*?) *\| (.*?) *\|$/gm)].map(
    ([, name = '', type = '', labels = '', meaning = '']) => ({
      name,
      type,
      labels: labels.replaceAll('`', ''),
      meaning: meaning.replaceAll('`', ''),
    }),
  );
  const byName = (a: Row, b: Row): number => (a.name < b.name ? -1 : 1);
  expect(rows.toSorted(byName)).toEqual([...rowsOfText(await metrics.render())].sort(byName));
});

test('a pass is counted once, with what it did', async () => {
  const metrics = metricsOf();
  metrics.observePass({
    pass: PASS,
    corrections: [
      { cause: 'drift', driftedAt: NOW - 90_000, detectedAt: NOW - 30_000, correctedAt: NOW },
      { cause: 'drift', driftedAt: null, detectedAt: NOW - 30_000, correctedAt: NOW },
      { cause: 'policy', driftedAt: null, detectedAt: NOW + 5_000, correctedAt: NOW },
    ],
    queueFailures: 2,
  });
  metrics.observePass({
    pass: { ...PASS, outcome: 'nothing', requests: { sent: 3, retried: 0, throttled: 0 } },
    corrections: [],
    queueFailures: 0,
  });
  const text = await metrics.render();
  const expected = {
    'wrapkeeper_passes_total{outcome="applied",trigger="interval"}': 1,
    'wrapkeeper_passes_total{outcome="nothing",trigger="interval"}': 1,
    wrapkeeper_noop_passes_total: 1,
    wrapkeeper_pass_duration_seconds_sum: 8,
    wrapkeeper_pass_duration_seconds_count: 2,
    'wrapkeeper_corrections_total{cause="drift"}': 2,
    'wrapkeeper_corrections_total{cause="policy"}': 1,
    'wrapkeeper_corrections_total{cause="unknown"}': 0,
    'wrapkeeper_time_to_repair_seconds_sum{cause="drift"}': 120,
    'wrapkeeper_time_to_repair_seconds_bucket{le="30",cause="drift"}': 1,
    'wrapkeeper_time_to_repair_seconds_count{cause="unknown"}': 0,
    // Clocks that disagree.
    'wrapkeeper_time_to_repair_seconds_sum{cause="policy"}': 0,
    wrapkeeper_queue_failures_total: 2,
    wrapkeeper_requests_total: 23,
    wrapkeeper_requests_retried_total: 2,
    wrapkeeper_requests_throttled_total: 1,
  };
  const found = Object.fromEntries(
    Object.keys(expected).map((sample) => [sample, valueOf(text, sample)]),
  );
  expect(found).toEqual(expected);
});

test('events of other systems are counted by what they say', async () => {
  const metrics = metricsOf();
  metrics.observeExternal(true);
  metrics.observeExternal(true);
  const text = await metrics.render();
  expect(valueOf(text, 'wrapkeeper_external_events_total{compliance_met="true"}')).toBe(2);
  expect(valueOf(text, 'wrapkeeper_external_events_total{compliance_met="false"}')).toBe(0);
});

test('what is read off the status', async () => {
  const text = await metricsOf().render();
  const expected = {
    'wrapkeeper_build_info{version="0.1.0",node="v20.19.0"}': 1,
    wrapkeeper_ready: 1,
    'wrapkeeper_mode{mode="enforce"}': 1,
    'wrapkeeper_mode{mode="report"}': 0,
    wrapkeeper_last_pass_timestamp_seconds: Date.parse('2026-11-23T08:59:02.500Z') / 1_000,
    'wrapkeeper_queues{state="in-sync"}': 2,
    'wrapkeeper_queues{state="failing"}': 1,
    'wrapkeeper_oldest_drift_age_seconds{state="drifting"}': 120,
    'wrapkeeper_oldest_drift_age_seconds{state="held"}': 1_800,
    'wrapkeeper_events_undelivered{sink="reporting"}': 3,
    'wrapkeeper_events_given_up{sink="reporting"}': 1,
    wrapkeeper_oldest_undelivered_age_seconds: 600,
    wrapkeeper_drift_missed_by_audits_total: 2,
    'wrapkeeper_detection{by="audits"}': 1,
    'wrapkeeper_detection{by="sweeps"}': 0,
    'wrapkeeper_source_state{state="following"}': 1,
    'wrapkeeper_source_state{state="refused"}': 0,
    wrapkeeper_refused_plan: 0,
    wrapkeeper_accepted_timestamp_seconds: Date.parse('2026-11-23T08:00:02.000Z') / 1_000,
  };
  const found = Object.fromEntries(
    Object.keys(expected).map((sample) => [sample, valueOf(text, sample)]),
  );
  expect(found).toEqual(expected);
});

test('a second look shows what is there now, and counts nothing twice', async () => {
  const view = new SampleView();
  const metrics = metricsOf(view);
  await metrics.render();
  const fresh: DaemonStatus = {
    ...STATUS,
    mode: 'report',
    lastPass: null,
    lastSuccessAt: null,
    source: {
      ...STATUS.source,
      state: 'refused',
      accepted: null,
      refusal: { digest: `sha256:${'2'.repeat(64)}`, guards: [] },
    },
    sinks: STATUS.sinks.slice(1),
  };
  view.said = fresh;
  const text = await metrics.render();
  expect(valueOf(text, 'wrapkeeper_drift_missed_by_audits_total')).toBe(2);
  expect(samplesOf(text, 'wrapkeeper_events_undelivered')).toEqual([
    'wrapkeeper_events_undelivered{sink="archive"} 0',
  ]);
  expect(valueOf(text, 'wrapkeeper_source_state{state="following"}')).toBe(0);
  expect(valueOf(text, 'wrapkeeper_source_state{state="refused"}')).toBe(1);
  expect(valueOf(text, 'wrapkeeper_refused_plan')).toBe(1);
  expect(valueOf(text, 'wrapkeeper_last_success_timestamp_seconds')).toBe(0);
  expect(valueOf(text, 'wrapkeeper_accepted_timestamp_seconds')).toBe(0);
});

test('many sinks make no more labels than fifty, and one for the rest', async () => {
  const view = new SampleView();
  view.said = {
    ...STATUS,
    sinks: Array.from({ length: 60 }, (_, index) => ({
      name: `sink "${index}"\n`,
      undelivered: 1,
      givenUp: 0,
      isDisabled: false,
      oldestAt: null,
    })),
  };
  const text = await metricsOf(view).render();
  expect(samplesOf(text, 'wrapkeeper_events_undelivered')).toHaveLength(51);
  expect(valueOf(text, 'wrapkeeper_events_undelivered{sink="(others)"}')).toBe(10);
  expect(text).toContain('{sink="sink \\"0\\"\\n"} 1');
});

test('no name of a queue, a policy or an organization is told', async () => {
  const text = await metricsOf().render();
  expect(text).not.toMatch(/billing|onerror|8f1c0c1e|00000000-/i);
});

test('nothing is left running by it', async () => {
  const before = process.getActiveResourcesInfo().toSorted();
  const metrics = metricsOf();
  await metrics.render();
  expect(process.getActiveResourcesInfo().toSorted()).toEqual(before);
});
