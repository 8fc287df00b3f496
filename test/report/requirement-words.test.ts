import { describe, expect, it } from 'vitest';
import { rowChangeText, rowText } from '../../src/report/requirement-words.js';
import { requirement } from '../support/policy-set.js';

describe('rowText', () => {
  it.each([
    ['', requirement(false)],
    ['required', requirement(true)],
    ['may be bypassed by wrap-up', requirement(false, { wrapup: true })],
    [
      'required; may be bypassed by self-assignment, supervisor assignment, agent assignment, transfer, wrap-up, post-call work',
      requirement(true, {
        postCallWork: true,
        wrapup: true,
        transfer: true,
        agentAssignment: true,
        supervisorAssignment: true,
        selfAssignment: true,
      }),
    ],
  ])('%j', (text, row) => {
    expect(rowText(row)).toBe(text);
  });
});

describe('rowChangeText', () => {
  it.each([
    ['now required', requirement(false), requirement(true)],
    ['no longer required', requirement(true), requirement(false)],
    [
      'may now be bypassed by transfer; may no longer be bypassed by self-assignment, wrap-up',
      requirement(true, { selfAssignment: true, wrapup: true, postCallWork: true }),
      requirement(true, { transfer: true, postCallWork: true }),
    ],
    ['not understood → required', null, requirement(true)],
    ['not understood → not required', null, requirement(false)],
  ])('%j', (text, from, to) => {
    expect(rowChangeText(from, to)).toBe(text);
  });
});
