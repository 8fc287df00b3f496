/** Runs the core once, in a process that does nothing else, and prints what it took. */
import { performance } from 'node:perf_hooks';
import { detectDrift, queuesWhoseCodesMatter } from '../src/diff/detect-drift.js';
import { buildPlan } from '../src/plan/build-plan.js';
import { parseSettings } from '../src/policy/parse-settings.js';
import { validatePolicies } from '../src/policy/rules.js';
import { resolveDesired } from '../src/resolve/resolve.js';
import { liveState } from './live-state.js';
import { policyFiles } from './policies.js';

/** What one run of the core took. */
export interface CoreRun {
  readonly ms: number;
  /** The peak of the whole process: Node, policies and live state included. */
  readonly peakBytes: number;
  /** Sets of policies that govern a queue: each is merged once. */
  readonly merges: number;
  readonly queuesChanged: number;
}

const run = (queues: number, everyNth: number): CoreRun => {
  const now = Date.parse('2026-11-01T00:00:00Z');
  const { settings } = parseSettings(null, { now, ci: false });
  const { set: policySet } = validatePolicies(policyFiles(queues), { now, api: settings.api });
  const { inventory, codes } = liveState(queues, everyNth);
  // What making the organization left behind is not the core's.
  globalThis.gc?.();
  const startedAt = performance.now();

  const desired = resolveDesired({ policySet, inventory, settings, now });
  const asked = queuesWhoseCodesMatter(desired);
  const drifts = detectDrift(desired, codes);
  const plan = buildPlan({
    organization: inventory.organization,
    region: 'us-east-1',
    source: { commit: null, dirty: false },
    tool: 'wrapkeeper',
    policySet,
    settings,
    desired,
    drifts,
    diagnostics: desired.diagnostics,
    selects: () => true,
    reads: asked.length,
    now,
  });

  return {
    ms: performance.now() - startedAt,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    merges: new Set(desired.queues.map(({ policies }) => policies)).size,
    queuesChanged: plan.summary.queuesChanged,
  };
};

const [queues, everyNth] = process.argv.slice(2).map(Number);
process.stdout.write(JSON.stringify(run(queues ?? 0, everyNth ?? 1)));
