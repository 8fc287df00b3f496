import { describe, expect, test } from 'vitest';
import { periodOf } from '../../src/cli/compliance-options.js';
import type { ComplianceOptions } from '../../src/cli/compliance-options.js';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-23T15:30:00Z');
const period = (options: Pick<ComplianceOptions, 'since' | 'until' | 'interval'>) => {
  const { from, until } = periodOf(options, NOW);
  return [new Date(from).toISOString().slice(0, 16), new Date(until).toISOString().slice(0, 16)];
};

describe('the period of a report', () => {
  test.each<[Pick<ComplianceOptions, 'since' | 'until' | 'interval'>, string, string]>([
    [{}, '2026-11-16T00:00', '2026-11-23T00:00'],
    [{ interval: 48 * HOUR }, '2026-11-21T00:00', '2026-11-23T00:00'],
    [{ interval: 12 * HOUR }, '2026-11-23T03:30', '2026-11-23T15:30'],
    [{ since: '3d' }, '2026-11-20T15:30', '2026-11-23T15:30'],
    [{ since: '2026-11-20' }, '2026-11-20T00:00', '2026-11-23T15:30'],
    [{ since: '2026-11-20', until: '2026-11-21' }, '2026-11-20T00:00', '2026-11-22T00:00'],
    [
      { since: '2026-11-20T08:00:00+02:00', until: '2026-11-20T09:00:00Z' },
      '2026-11-20T06:00',
      '2026-11-20T09:00',
    ],
    [{ until: '2026-10-31' }, '2026-10-25T00:00', '2026-11-01T00:00'],
    [{ until: '2026-10-31', interval: 24 * HOUR }, '2026-10-31T00:00', '2026-11-01T00:00'],
    // What is still to come has not ended.
    [{ since: '2026-11-23', until: '2026-11-23' }, '2026-11-23T00:00', '2026-11-23T15:30'],
    [{ since: '366d' }, '2025-11-22T15:30', '2026-11-23T15:30'],
  ])('%j', (options, from, until) => {
    expect(period(options)).toEqual([from, until]);
  });

  test.each<[Pick<ComplianceOptions, 'since' | 'until' | 'interval'>, string]>([
    [{ since: '2026-11-24' }, 'Nothing is between'],
    [{ since: '2026-11-20', until: '2026-11-19' }, 'Nothing is between'],
    [{ since: '367d' }, 'span 367 days; 366 are the most'],
    [{ interval: 400 * 24 * HOUR }, 'span 400 days'],
    [{ since: 'yesterday' }, '--since "yesterday" is no time'],
    [{ until: '2026-02-30' }, '--until "2026-02-30" is no time'],
  ])('%j is wrong usage', (options, message) => {
    expect(() => period(options)).toThrow(message);
  });
});
