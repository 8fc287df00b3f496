/** What a daemon tells Prometheus. `docs/metrics.md` is the table of it. */
import { Counter, Histogram, Registry } from 'prom-client';
import type { Cause } from '../domain/change.js';
import type { Clock } from '../domain/clock.js';
import { registerStateGauges } from './state-gauges.js';
import type { PassStatus } from './status.js';
import type { DaemonView } from './view.js';

/** A queue that was corrected. All instants are in milliseconds since the epoch. */
export interface ObservedCorrection {
  readonly cause: Cause;
  /** When it was changed, as the audit log says; null where nobody knows. */
  readonly driftedAt: number | null;
  /** When the difference was found. */
  readonly detectedAt: number;
  readonly correctedAt: number;
}

/** A pass that has ended, and what became of its queues. */
export interface ObservedPass {
  readonly pass: Pick<PassStatus, 'outcome' | 'trigger' | 'startedAt' | 'endedAt' | 'requests'>;
  readonly corrections: readonly ObservedCorrection[];
  /** How many queues it tried to correct and could not. */
  readonly queueFailures: number;
}

/** What is looked at whenever somebody asks for the metrics. */
export interface MetricsSource {
  readonly view: Pick<DaemonView, 'status' | 'queues'>;
  readonly clock: Pick<Clock, 'now'>;
  /** `process.version` */
  readonly node: string;
}

const CAUSES = ['policy', 'drift', 'unknown'] as const satisfies readonly Cause[];
const PASS_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800];
const REPAIR_SECONDS = [1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 21_600, 86_400];

/** Counts what a daemon does, and shows how it stands. In a registry of its own: a process can have several. */
export class DaemonMetrics {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;
  readonly #registry = new Registry();
  readonly #source: MetricsSource;
  readonly #showState = registerStateGauges(this.#registry);

  readonly #passes = this.#counter('wrapkeeper_passes_total', 'Passes that have ended.', [
    'outcome',
    'trigger',
  ]);
  readonly #noops = this.#counter(
    'wrapkeeper_noop_passes_total',
    'Passes that found nothing to do.',
  );
  readonly #passSeconds = new Histogram({
    name: 'wrapkeeper_pass_duration_seconds',
    help: 'How long passes took.',
    buckets: PASS_SECONDS,
    registers: [this.#registry],
  });
  readonly #corrections = this.#counter(
    'wrapkeeper_corrections_total',
    'Queues that were corrected, by why they differed.',
    ['cause'],
  );
  readonly #repairSeconds = new Histogram({
    name: 'wrapkeeper_time_to_repair_seconds',
    help: 'From the change that the audit log shows, else from when it was found, to the correction.',
    labelNames: ['cause'],
    buckets: REPAIR_SECONDS,
    registers: [this.#registry],
  });
  readonly #queueFailures = this.#counter(
    'wrapkeeper_queue_failures_total',
    'Attempts to correct a queue that failed.',
  );
  readonly #sent = this.#counter(
    'wrapkeeper_requests_total',
    'Requests to Genesys Cloud, attempts that were repeated included.',
  );
  readonly #retried = this.#counter(
    'wrapkeeper_requests_retried_total',
    'Requests to Genesys Cloud that were repeated.',
  );
  readonly #throttled = this.#counter(
    'wrapkeeper_requests_throttled_total',
    'Answers of Genesys Cloud that asked to slow down (429).',
  );
  readonly #external = this.#counter(
    'wrapkeeper_external_events_total',
    'Enforcement events that other systems sent, each counted once.',
    ['compliance_met'],
  );

  constructor(source: MetricsSource) {
    this.#source = source;
    // What never happened yet is 0 and not unknown: rates begin with the first time.
    for (const cause of CAUSES) {
      this.#corrections.inc({ cause }, 0);
      this.#repairSeconds.zero({ cause });
    }
    for (const met of ['true', 'false']) this.#external.inc({ compliance_met: met }, 0);
  }

  /** A pass has ended, however. Call it once for each. */
  observePass({ pass, corrections, queueFailures }: ObservedPass): void {
    const { outcome, trigger, requests } = pass;
    this.#passes.inc({ outcome, trigger });
    if (outcome === 'nothing') this.#noops.inc();
    this.#passSeconds.observe(seconds(Date.parse(pass.endedAt) - Date.parse(pass.startedAt)));
    for (const { cause, driftedAt, detectedAt, correctedAt } of corrections) {
      this.#corrections.inc({ cause });
      this.#repairSeconds.observe({ cause }, seconds(correctedAt - (driftedAt ?? detectedAt)));
    }
    this.#queueFailures.inc(queueFailures);
    this.#sent.inc(requests.sent);
    this.#retried.inc(requests.retried);
    this.#throttled.inc(requests.throttled);
  }

  /** Another system's event was taken in. One that came again is not to be counted again. */
  observeExternal(complianceMet: boolean): void {
    this.#external.inc({ compliance_met: String(complianceMet) });
  }

  /** The text for Prometheus, as things stand now. */
  async render(): Promise<string> {
    const { view, clock, node } = this.#source;
    this.#showState({ status: view.status(), queues: view.queues(), now: clock.now(), node });
    return this.#registry.metrics();
  }

  #counter<Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }
}

/** A duration in milliseconds as seconds; clocks that disagree make none below zero. */
const seconds = (ms: number): number => Math.max(0, ms) / 1_000;
