import { describe, expect, it } from 'vitest';
import type { AfterCallWorkChange } from '../../src/domain/change.js';
import {
  afterCallWorkText,
  count,
  cut,
  instant,
  nameTokens,
  shortDigest,
  waiting,
} from '../../src/report/words.js';

describe('count', () => {
  it.each([
    [0, '0 queues'],
    [1, '1 queue'],
    [2, '2 queues'],
  ])('%d', (number, expected) => {
    expect(count(number, 'queue')).toBe(expected);
  });
});

describe('waiting', () => {
  it.each([
    [0, '0 s'],
    [6.2, '7 s'],
    [119, '119 s'],
    [121, '3 min'],
    [7_200, '2 h'],
    [90_000, '25 h'],
  ])('%d seconds: %s', (seconds, expected) => {
    expect(waiting(seconds)).toBe(expected);
  });
});

describe('instant', () => {
  it.each([
    ['2026-12-31T18:00:00.000Z', '2026-12-31 18:00 UTC'],
    ['2026-12-31T18:00:07Z', '2026-12-31 18:00:07 UTC'],
    ['2026-12-31T18:00:00+02:00', '2026-12-31 16:00 UTC'],
    ['soon\n', 'soon<U+000A LINE FEED>'],
  ])('%j: %s', (iso, expected) => {
    expect(instant(iso)).toBe(expected);
  });
});

describe('shortDigest', () => {
  it.each([
    ['sha256:3fa9c2b14e0757e8', 'sha256:3fa9c2b14e07…'],
    ['hmac-sha256:3fa9c2b14e0757e8', 'hmac-sha256:3fa9c2b14e07…'],
    ['sha256:3fa9', 'sha256:3fa9'],
  ])('%s: %s', (digest, expected) => {
    expect(shortDigest(digest)).toBe(expected);
  });
});

describe('afterCallWorkText', () => {
  const change = (
    from: AfterCallWorkChange['from'],
    to: AfterCallWorkChange['to'],
  ): AfterCallWorkChange => ({ from, to });
  it.each([
    [
      'OPTIONAL → MANDATORY_TIMEOUT, 45s',
      change(
        { prompt: 'OPTIONAL', timeoutMs: null },
        { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 },
      ),
    ],
    [
      'MANDATORY_TIMEOUT, 30s → 45s',
      change(
        { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 30_000 },
        { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 },
      ),
    ],
    [
      'AGENT_REQUESTED, 2m → OPTIONAL',
      change(
        { prompt: 'AGENT_REQUESTED', timeoutMs: 120_000 },
        { prompt: 'OPTIONAL', timeoutMs: null },
      ),
    ],
    [
      'OPTIONAL → MANDATORY',
      change({ prompt: 'OPTIONAL', timeoutMs: 15_000 }, { prompt: 'MANDATORY', timeoutMs: null }),
    ],
    [
      'MANDATORY_TIMEOUT, 0s → 1500ms',
      change(
        { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 0 },
        { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 1_500 },
      ),
    ],
    [
      'MANDATORY_TIMEOUT, no timer → 1h',
      change(
        { prompt: 'MANDATORY_TIMEOUT', timeoutMs: null },
        { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 3_600_000 },
      ),
    ],
    [
      'no prompt → MANDATORY',
      change({ prompt: null, timeoutMs: null }, { prompt: 'MANDATORY', timeoutMs: null }),
    ],
    [
      'NEW<U+000A LINE FEED>ONE → OPTIONAL',
      change({ prompt: 'NEW\nONE', timeoutMs: null }, { prompt: 'OPTIONAL', timeoutMs: null }),
    ],
  ])('%s', (expected, value) => {
    expect(afterCallWorkText(value)).toBe(expected);
  });
});

describe('cut', () => {
  it('shows one more rather than counting it', () => {
    expect(cut(['a', 'b', 'c'], 2)).toEqual({ shown: ['a', 'b', 'c'], more: 0 });
    expect(cut(['a', 'b', 'c', 'd'], 2)).toEqual({ shown: ['a', 'b'], more: 2 });
  });
});

describe('nameTokens', () => {
  it('quotes a name that could be taken for two', () => {
    expect(nameTokens(['A', 'B, C', 'D'], 5)).toEqual(['A,', '"B, C",', 'D']);
    expect(nameTokens(['B, C'], 5)).toEqual(['B, C']);
  });

  it('counts what it leaves out', () => {
    expect(nameTokens(['A', 'B', 'C', 'D'], 2)).toEqual(['A,', 'B', 'and 2 more']);
  });
});
