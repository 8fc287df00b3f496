import { expect, it } from 'vitest';
import { codeId } from '../../src/domain/ids.js';
import { heldBy, leftOut } from '../../src/plan/row-words.js';
import { NOW } from '../support/fake-clock.js';

it.each([
  [null, 'held by window: no change window is open'],
  [NOW, 'held by window until 2026-11-23T09:00:00Z: no change window is open'],
  [
    '2026-11-24T02:00:00.000Z',
    'held by window until 2026-11-24T02:00:00Z: no change window is open',
  ],
])('a hold says until when (%s)', (until, text) => {
  expect(heldBy({ by: 'window', reason: 'no change window is open', until: until as null })).toBe(
    text,
  );
});

it('what is left out is told with its content', () => {
  const codes = (...names: string[]) => names.map((name) => ({ id: codeId(name), name }));
  expect(
    leftOut({
      afterCallWork: {
        from: { prompt: null, timeoutMs: null },
        to: { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 },
      },
      wrapupCodes: { add: codes('A', 'B', 'C', 'D'), remove: codes('X'), unchanged: 0 },
    }),
  ).toBe(
    'left out: after-call work not set → MANDATORY_TIMEOUT 45s; add "A", "B", "C" and 1 more; remove "X"',
  );
});
