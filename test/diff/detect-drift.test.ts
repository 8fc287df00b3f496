import { describe, expect, it } from 'vitest';
import {
  detectDrift,
  queuesToConfirm,
  queuesWhoseCodesMatter,
} from '../../src/diff/detect-drift.js';
import type { QueueId } from '../../src/domain/ids.js';
import type { LiveQueueCodes } from '../../src/domain/state.js';
import type { PolicySet } from '../../src/policy/model.js';
import type { DesiredState } from '../../src/resolve/model.js';
import { resolveDesired } from '../../src/resolve/resolve.js';
import { NOW } from '../support/fake-clock.js';
import { division, liveCode, liveCodes, liveQueue } from '../support/live.js';
import { policy, policySet, settings } from '../support/policy-set.js';
import type { PolicySpec } from '../support/policy-set.js';

const desiredOf = (set: PolicySet, queue = liveQueue('Billing')): DesiredState =>
  resolveDesired({
    policySet: set,
    inventory: {
      queues: [queue],
      codes: ['A', 'B'].map((name) => liveCode(name)),
      divisions: [division('Home')],
    },
    settings: settings(),
    now: NOW,
  });

const codesOf = (
  desired: DesiredState,
  codes: LiveQueueCodes,
): ReadonlyMap<QueueId, LiveQueueCodes> =>
  new Map(desired.queues.map(({ queue }) => [queue.id, codes]));

describe('queuesWhoseCodesMatter', () => {
  it.each<[string, PolicySpec, Parameters<typeof liveQueue>[1], boolean]>([
    ['codes are managed', { codes: { codes: ['A'] } }, {}, true],
    ['codes are managed by a report', { enforcement: 'report', codes: { codes: ['A'] } }, {}, true],
    ['codes are unmanaged', { work: 'OPTIONAL' }, { prompt: 'MANDATORY' }, false],
    ['the plan makes it MANDATORY', { work: 'MANDATORY' }, {}, true],
    ['it is MANDATORY already', { work: 'MANDATORY' }, { prompt: 'MANDATORY' }, false],
    ['a report would make it MANDATORY', { enforcement: 'report', work: 'MANDATORY' }, {}, false],
    [
      'it cannot be made MANDATORY_TIMEOUT without a timer',
      { work: 'MANDATORY_TIMEOUT' },
      {},
      false,
    ],
  ])('%s', (_what, spec, live, matter) => {
    const desired = desiredOf(policySet(policy('p', spec)), liveQueue('Billing', live));
    expect(queuesWhoseCodesMatter(desired)).toHaveLength(matter ? 1 : 0);
  });
});

describe('detectDrift', () => {
  it('compares with the enforced merge and with the full one', () => {
    const desired = desiredOf(
      policySet(
        policy('base', { work: 'MANDATORY', codes: { codes: ['A'] } }),
        policy('pilot', {
          priority: 1,
          enforcement: 'report',
          work: ['MANDATORY_TIMEOUT', 9_000],
          codes: { codes: ['B'] },
        }),
      ),
    );
    const [drift] = detectDrift(desired, codesOf(desired, liveCodes('X')));
    expect(drift?.enforced.afterCallWork?.change.to).toEqual({
      prompt: 'MANDATORY',
      timeoutMs: null,
    });
    expect(drift?.full.afterCallWork?.change.to).toEqual({
      prompt: 'MANDATORY_TIMEOUT',
      timeoutMs: 9_000,
    });
    expect(drift?.enforced.wrapupCodes?.add.map(({ name }) => name)).toEqual(['A']);
    expect(drift?.full.wrapupCodes?.add.map(({ name }) => name)).toEqual(['A', 'B']);
  });

  it('does the work once where no policy reports', () => {
    const desired = desiredOf(policySet(policy('base', { codes: { codes: ['A'] } })));
    const [drift] = detectDrift(desired, codesOf(desired, liveCodes('A')));
    expect(drift?.full).toBe(drift?.enforced);
    expect(drift?.enforced).toEqual({ afterCallWork: null, wrapupCodes: null });
  });

  it('takes codes that nobody read for a bug, and not for an empty list', () => {
    const desired = desiredOf(policySet(policy('base', { codes: { codes: ['A'] } })));
    expect(() => detectDrift(desired, new Map())).toThrow('were not read');
  });
});

describe('queuesToConfirm', () => {
  it.each([
    // pages, live, asked again
    [1, [], false],
    [2, [], true],
    [2, ['A'], false],
    [2, ['A', 'X'], false], // a removal rests on a presence
  ])('a list of %d pages with %j: %s', (pages, live, again) => {
    const desired = desiredOf(policySet(policy('base', { codes: { codes: ['A'] } })));
    const drifts = detectDrift(desired, codesOf(desired, { ...liveCodes(...live), pages }));
    expect(queuesToConfirm(drifts)).toHaveLength(again ? 1 : 0);
  });
});
