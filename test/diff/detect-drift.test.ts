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
import { division, liveCode, liveCodes, liveQueue, liveRows } from '../support/live.js';
import { catalog, policy, policySet, requirement, settings } from '../support/policy-set.js';
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
  const base = policy('base', { work: 'MANDATORY', codes: { codes: ['A'] } });
  const drift = (set: PolicySet, ...live: readonly string[]) => {
    const desired = desiredOf(set);
    const [found] = detectDrift(desired, codesOf(desired, liveCodes(...live)));
    return found as NonNullable<typeof found>;
  };

  it('shows of the rows that a report wants only what goes beyond the enforced ones', () => {
    const row = (name: string, required: boolean) => ({ name, required });
    const enforcing = policy('enforcing', { codes: { codes: [row('A', true), row('B', false)] } });
    const pilot = policy('pilot', {
      priority: 1,
      enforcement: 'report',
      codes: { codes: [row('A', true), row('B', true)] },
    });
    const desired = desiredOf(policySet(enforcing, pilot));
    const live = liveRows({ A: requirement(false), X: requirement(false) });
    const [found] = detectDrift(desired, codesOf(desired, live));
    expect(found?.enforced.wrapupCodes).toMatchObject({
      add: [{ name: 'B', requirement: { required: false } }],
      update: [{ name: 'A', to: { required: true } }],
      remove: [{ name: 'X' }],
    });
    expect(found?.beyond.wrapupCodes).toMatchObject({
      add: [],
      update: [{ name: 'B', from: { required: false }, to: { required: true } }],
      remove: [],
      unchanged: 1,
    });
  });

  it('compares the enforced merge with the queue, and the full one with what comes of it', () => {
    const pilot = policy('pilot', {
      priority: 1,
      enforcement: 'report',
      work: ['MANDATORY_TIMEOUT', 9_000],
      codes: { codes: ['B'], forbidden: ['A'] },
    });
    const { enforced, beyond } = drift(policySet(base, pilot), 'X');
    expect(enforced.afterCallWork?.change).toEqual({
      from: { prompt: 'OPTIONAL', timeoutMs: null },
      to: { prompt: 'MANDATORY', timeoutMs: null },
    });
    expect(enforced.wrapupCodes).toMatchObject({ add: [{ name: 'A' }], remove: [{ name: 'X' }] });
    expect(beyond.afterCallWork?.change).toEqual({
      from: { prompt: 'MANDATORY', timeoutMs: null },
      to: { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 9_000 },
    });
    expect(beyond.wrapupCodes).toMatchObject({
      add: [{ name: 'B' }],
      remove: [{ name: 'A' }],
      unchanged: 0,
    });
  });

  it('finds nothing beyond where a report wants what is enforced anyway', () => {
    const same = policy('pilot', {
      priority: 1,
      enforcement: 'report',
      work: 'MANDATORY',
      codes: { codes: ['A'] },
    });
    expect(drift(policySet(base, same), 'X').beyond).toEqual({
      afterCallWork: null,
      wrapupCodes: null,
    });
  });

  it('mentions a code once that is created for the enforced change', () => {
    const created = (name: string, enforcement: 'enforce' | 'report') =>
      policy(name, { enforcement, codes: { codes: ['N', 'B'] } });
    const set = policySet(created('base', 'enforce'), created('pilot', 'report'), catalog(['N']));
    const { enforced, beyond } = drift(set, 'B');
    expect(enforced.wrapupCodes?.add).toEqual([{ id: null, name: 'N' }]);
    expect(beyond.wrapupCodes).toBeNull();
  });

  it('does not count on a prompt that has no legal timer', () => {
    const timed = policy('base', { work: 'MANDATORY_TIMEOUT' });
    const pilot = policy('pilot', { priority: 1, enforcement: 'report', work: 'MANDATORY' });
    expect(drift(policySet(timed, pilot)).beyond.afterCallWork?.change.from.prompt).toBe(
      'OPTIONAL',
    );
  });

  it('finds nothing where no policy reports and all is well', () => {
    const nothing = { afterCallWork: null, wrapupCodes: null };
    const { enforced, beyond } = drift(policySet(policy('base', { codes: { codes: ['A'] } })), 'A');
    expect([enforced, beyond]).toEqual([nothing, nothing]);
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
