import { describe, expect, it } from 'vitest';
import { isLegalTimeout, isMandatory, isTimed, WRAPUP_PROMPTS } from '../../src/domain/state.js';

describe('the platform’s five prompts', () => {
  it.each([
    // prompt, timed, mandatory
    ['OPTIONAL', false, false],
    ['MANDATORY', false, true],
    ['MANDATORY_TIMEOUT', true, true],
    ['MANDATORY_FORCED_TIMEOUT', true, true],
    ['AGENT_REQUESTED', true, false],
  ] as const)('%s: timed %s, mandatory %s', (prompt, timed, mandatory) => {
    expect(isTimed(prompt)).toBe(timed);
    expect(isMandatory(prompt)).toBe(mandatory);
  });

  it('are all of them', () => {
    expect(WRAPUP_PROMPTS).toHaveLength(5);
  });

  it('leave a queue without a prompt, or with one of tomorrow, untimed', () => {
    for (const prompt of [null, 'SOMETHING_NEW']) expect(isTimed(prompt)).toBe(false);
    expect(isMandatory(null)).toBe(false);
  });

  it('count as mandatory by their first word, so that a new one is not taken for harmless', () => {
    expect(isMandatory('MANDATORY_OF_TOMORROW')).toBe(true);
  });
});

describe('a timer', () => {
  it.each([
    [null, false],
    [0, false],
    [999, false],
    [1_000, true],
    [1_000.5, false],
    [3_600_000, true],
    [3_600_001, false],
    [Number.NaN, false],
  ])('of %s ms may be written: %s', (timeoutMs, legal) => {
    expect(isLegalTimeout(timeoutMs)).toBe(legal);
  });
});
