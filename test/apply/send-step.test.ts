import { describe, expect, it } from 'vitest';
import { OutcomeUnknown } from '../../src/apply/ports.js';
import { Ends, StepSender } from '../../src/apply/send-step.js';
import type { Effect } from '../../src/apply/send-step.js';
import type { DiagnosticCode } from '../../src/domain/codes.js';
import { AppError } from '../../src/domain/errors.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryOrg } from '../support/memory-org.js';

const lost = (): Error => new OutcomeUnknown('No answer came', 'lost-1');
const refused = (code: DiagnosticCode): Error =>
  new AppError(code, 'Refused.', { correlationId: 'refused-1' });
const unreadable = (): never => {
  throw new AppError('genesys.unavailable', 'Cannot be read.');
};

const CLOSED = { by: 'window', reason: 'no change window is open', until: null } as const;

const send = async (
  answer: Error | null,
  look: Effect | (() => Effect),
  { aborted = false, before = false, closed = false } = {},
) => {
  const controller = new AbortController();
  let isOpen = true;
  const { writer } = new MemoryOrg({ queues: [] }, new FakeClock());
  const context = {
    writer,
    clock: new FakeClock(),
    settleForMs: 10_000,
    signal: controller.signal,
  };
  const sender = new StepSender(context, { closed: () => (isOpen ? null : CLOSED) });
  const write = (failure: Error | null) =>
    sender.send({
      action: 'remove-code',
      detail: 'Test',
      send: () =>
        failure === null ? Promise.resolve({ correlationId: 'ok-1' }) : Promise.reject(failure),
      look: () => Promise.resolve().then(() => (typeof look === 'string' ? look : look())),
    });
  if (before) await write(null);
  if (aborted) controller.abort();
  isOpen = !closed;
  const error = await write(answer).then(
    () => null,
    (thrown: unknown) => thrown as Error,
  );
  return {
    step:
      sender.steps
        .slice(before ? 1 : 0)
        .map(({ result, correlationId }) => [result, correlationId])[0] ?? null,
    ends:
      error instanceof Ends
        ? `${error.outcome}: ${error.message}`
        : error instanceof Error
          ? error.message
          : null,
  };
};

describe('a write', () => {
  it.each<
    [
      string,
      Error | null,
      Effect | (() => Effect),
      readonly [string, string | null] | null,
      string | null,
    ]
  >([
    ['is accepted', null, unreadable, ['applied', 'ok-1'], null],
    ['gets no answer, and took effect', lost(), 'whole', ['applied', 'lost-1'], null],
    [
      'gets no answer, and took effect in part',
      lost(),
      'part',
      ['unknown', 'lost-1'],
      'failed: No answer came; reading shows that it took effect in part',
    ],
    [
      'gets no answer, and took no effect',
      lost(),
      'none',
      ['failed', 'lost-1'],
      'failed: No answer came; reading shows that it did not take effect',
    ],
    [
      'gets no answer, and cannot be read',
      lost(),
      unreadable,
      ['unknown', 'lost-1'],
      'failed: No answer came; whether it took effect could not be read',
    ],
    ['is refused as in place', refused('genesys.conflict'), 'whole', null, null],
    ['is refused as gone', refused('genesys.not-found'), 'whole', null, null],
    ['is refused as wrong, and is there', refused('genesys.rejected'), 'whole', null, null],
    [
      'is refused, and is not there',
      refused('genesys.rejected'),
      'none',
      ['failed', 'refused-1'],
      'Refused.',
    ],
    [
      'is refused, and is there in part',
      refused('genesys.rejected'),
      'part',
      ['failed', 'refused-1'],
      'Refused.',
    ],
    [
      'is refused, and cannot be read',
      refused('genesys.not-found'),
      unreadable,
      ['failed', 'refused-1'],
      'Refused.',
    ],
    [
      'is not permitted, and nobody looks',
      refused('genesys.forbidden'),
      'whole',
      ['failed', 'refused-1'],
      'Refused.',
    ],
    [
      'is stopped before it is sent',
      refused('cli.interrupted'),
      'none',
      null,
      'not-attempted: the run was stopped',
    ],
    [
      'meets a bug of ours',
      new TypeError('x is undefined'),
      'none',
      ['unknown', null],
      'x is undefined',
    ],
  ])('%s', async (_what, answer, look, step, ends) => {
    expect(await send(answer, look)).toEqual({ step, ends });
  });

  it('is not sent once the run is stopped', async () => {
    expect(await send(null, 'none', { aborted: true })).toEqual({
      step: null,
      ends: 'not-attempted: the run was stopped',
    });
    expect(await send(null, 'none', { aborted: true, before: true })).toEqual({
      step: null,
      ends: 'failed: the run was stopped',
    });
  });

  it('whose answer is lost is waited for while reads may lag', async () => {
    let looks = 0;
    expect(await send(lost(), () => (++looks < 4 ? 'none' : 'whole'))).toEqual({
      step: ['applied', 'lost-1'],
      ends: null,
    });
    expect(looks).toBe(4);
  });
});
