import { describe, expect, it } from 'vitest';
import { FlapWatch } from '../../src/daemon/flap.js';
import { Attempts } from '../../src/daemon/attempts.js';
import { NOW } from '../support/fake-clock.js';
import { BILLING, corrected, settled } from '../support/records.js';

const HOUR = 3_600_000;
const RULE = { reversals: 3, withinMs: HOUR };
const fromDrift = corrected({ cause: 'drift' });

const after = (minutes: readonly number[], entry = fromDrift): FlapWatch => {
  const watch = new FlapWatch(RULE);
  for (const minute of minutes) watch.follow(entry, NOW + minute * 60_000);
  return watch;
};

describe('another writer who keeps changing a queue back', () => {
  it('is stopped after as many corrections as the rule says, and with its words', () => {
    expect(after([0, 1]).reasonFor(BILLING.id, NOW + 120_000)).toBeNull();
    expect(after([0, 1, 2]).reasonFor(BILLING.id, NOW + 180_000)).toContain(
      'it was corrected 3 times within 1h, and drifted again',
    );
  });

  it('is none where the corrections are far apart', () => {
    expect(after([0, 45, 90]).reasonFor(BILLING.id, NOW + 91 * 60_000)).toBeNull();
  });

  it('is held until something clears it, however long that takes', () => {
    const watch = after([0, 1, 2]);
    expect(watch.reasonFor(BILLING.id, NOW + 180_000)).not.toBeNull();
    expect(watch.reasonFor(BILLING.id, NOW + 48 * HOUR)).not.toBeNull();
    expect(watch.held).toBe(1);
    watch.clear();
    expect(watch.reasonFor(BILLING.id, NOW + 180_000)).toBeNull();
  });

  it.each([
    ['a policy that changed', corrected({ cause: 'policy' })],
    ['a cause that nobody knows', corrected({ cause: 'unknown' })],
    ['a correction that failed', corrected({ cause: 'drift', outcome: 'failed' })],
    ['nothing that was written', corrected({ cause: 'drift', steps: [] })],
    ['what a later run settled', settled({})],
  ])('is not seen in %s', (_, entry) => {
    const watch = new FlapWatch(RULE);
    for (const minute of [0, 1, 2, 3]) watch.follow(entry, NOW + minute * 60_000);
    expect(watch.reasonFor(BILLING.id, NOW + 240_000)).toBeNull();
  });

  it('counts by the rule that holds now', () => {
    const watch = after([0, 1]);
    watch.rule = { reversals: 2, withinMs: HOUR };
    expect(watch.reasonFor(BILLING.id, NOW + 120_000)).not.toBeNull();
  });

  it('forgets what is too old to count', () => {
    const watch = after([0, 1]);
    watch.tidy(NOW + 2 * HOUR);
    watch.rule = { reversals: 1, withinMs: 100 * HOUR };
    expect(watch.reasonFor(BILLING.id, NOW + 2 * HOUR)).toBeNull();
  });
});

describe('queues whose correction failed', () => {
  const { id } = BILLING;

  it('wait for longer each time, and an hour at most', () => {
    const attempts = new Attempts();
    const waits = Array.from({ length: 9 }, () => {
      attempts.failed(id, 60_000, NOW);
      return (attempts.waitsUntil(id, NOW) ?? NOW) - NOW;
    });
    expect(waits.map((ms) => ms / 60_000)).toEqual([2, 4, 8, 16, 32, 60, 60, 60, 60]);
  });

  it('are tried again in time, and at once when somebody clears them', () => {
    const attempts = new Attempts();
    attempts.failed(id, 60_000, NOW);
    expect(attempts.waitsUntil(id, NOW + 119_999)).toBe(NOW + 120_000);
    expect(attempts.waitsUntil(id, NOW + 120_000)).toBeNull();
    attempts.clear();
    expect(attempts.waitsUntil(id, NOW)).toBeNull();
  });

  it('begin anew after a success', () => {
    const attempts = new Attempts();
    attempts.failed(id, 60_000, NOW);
    attempts.failed(id, 60_000, NOW);
    attempts.succeeded(id);
    attempts.failed(id, 60_000, NOW);
    expect(attempts.waitsUntil(id, NOW)).toBe(NOW + 120_000);
  });

  it('do not wait for a clock that was set back', () => {
    const attempts = new Attempts();
    attempts.failed(id, 60_000, NOW);
    expect(attempts.waitsUntil(id, NOW - 86_400_000)).toBeNull();
  });

  it('are forgotten when nobody governs them any more', () => {
    const attempts = new Attempts();
    attempts.failed(id, 60_000, NOW);
    attempts.keepOnly(new Set());
    expect(attempts.waitsUntil(id, NOW)).toBeNull();
  });
});
