import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApplyReport } from '../../src/domain/change.js';
import { widthOf } from '../../src/report/layout.js';
import { renderReportText } from '../../src/report/text-report.js';
import { expectFile } from '../support/expected.js';
import { queueRow, report, step } from '../support/plans.js';
import { partialReport, refusedReport } from '../support/reports.js';
import { hostileName } from '../support/texts.js';

const PLAIN = { width: 80, color: false };

const lastLine = (value: ApplyReport): string =>
  renderReportText(value, { width: 500, color: false }).trimEnd().split('\n').at(-1) ?? '';

describe('renderReportText', () => {
  it.each([80, 200])('shows a partial apply in %d columns', (width) => {
    const text = renderReportText(partialReport(), { width, color: false });
    expectFile(text, `./expected/report-partial-${width}.txt`, import.meta.url);
    for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  it('shows what a guard refused', () => {
    expectFile(
      renderReportText(refusedReport(), PLAIN),
      './expected/report-refused.txt',
      import.meta.url,
    );
  });

  it('differs in colour alone when colour is asked for', () => {
    const colored = renderReportText(partialReport(), { width: 80, color: true });
    expect(colored).toContain('\u001b[31mFailed\u001b[39m: Billing DE\n');
    expect(stripVTControlCharacters(colored)).toBe(renderReportText(partialReport(), PLAIN));
  });

  it('does not repeat findings that were told with the plan', () => {
    const finding = (message: string) =>
      ({
        code: 'plan.unsafe',
        severity: 'warning',
        message,
        remedy: null,
        file: null,
        line: null,
        column: null,
        queue: null,
      }) as const;
    const text = renderReportText(report({ diagnostics: [finding('old'), finding('new')] }), {
      ...PLAIN,
      told: [finding('old')],
    });
    expect(text).not.toContain('old');
    expect(text).toContain('  new\n');
  });

  const done = queueRow('A');
  const failed = queueRow('B', { outcome: 'failed', reason: 'no' });
  const stale = queueRow('C', { outcome: 'stale' });
  const held = queueRow('D', { outcome: 'held', reason: 'held by busy: 3' });
  const same = queueRow('E', { outcome: 'in-sync' });
  const created = {
    id: null,
    name: 'X',
    action: 'create',
    outcome: 'applied',
    reason: null,
    correlationId: null,
  } as const;
  it.each<readonly [string, ApplyReport]>([
    ['Applied: 1 queue changed; 34 requests (0 retried, 0 throttled).', report({ queues: [done] })],
    [
      'Applied: 3 queues changed, 1 held, 1 in sync, 1 code created; 34 requests (0 retried, 0 throttled).',
      report({ queues: [done, done, done, held, same], catalog: [created] }),
    ],
    [
      'Applied: 1 code created; 1 request (1 retried, 0 throttled).',
      report({ catalog: [created], requests: { sent: 1, retried: 1, throttled: 0 } }),
    ],
    [
      'Applied in part: 1 queue changed, 1 failed, 1 stale; 34 requests (0 retried, 0 throttled).',
      report({ outcome: 'partial', queues: [done, failed, stale] }),
    ],
    [
      'Failed, nothing was changed: 1 queue failed; 34 requests (0 retried, 0 throttled).',
      report({ outcome: 'failed', queues: [failed] }),
    ],
    [
      'Stale, nothing was changed: 2 queues stale; 34 requests (0 retried, 0 throttled).',
      report({ outcome: 'stale', queues: [stale, stale] }),
    ],
    [
      'Nothing written: 1 queue held; 34 requests (0 retried, 0 throttled).',
      report({ outcome: 'held', queues: [held] }),
    ],
    ['Nothing to do; 34 requests (0 retried, 0 throttled).', report({ outcome: 'nothing' })],
  ])('ends with: %s', (expected, value) => {
    expect(lastLine(value)).toBe(expected);
  });

  it('says how to go on where a queue moved, unless a finding does', () => {
    const again = 'Plan again: what is left to do stands in a new plan.';
    const text = (more: Partial<ApplyReport>): string =>
      renderReportText(report({ outcome: 'partial', ...more }), PLAIN);
    expect(text({ queues: [done, stale] })).toContain(`\n${again}\n`);
    expect(text({ queues: [done, failed] })).not.toContain(again);
    const notReviewed = {
      code: 'plan.not-reviewed',
      severity: 'error',
      message: 'It is another one.',
      remedy: 'Look at it.',
      file: null,
      line: null,
      column: null,
      queue: null,
    } as const;
    expect(text({ queues: [stale], diagnostics: [notReviewed] })).not.toContain(again);
  });

  it('prints no control character and no runner command, whatever names and reasons hold', () => {
    fc.assert(
      fc.property(hostileName(), (name) => {
        const text = renderReportText(
          report({
            run: name,
            queues: [
              queueRow(name, {
                outcome: 'failed',
                reason: name,
                steps: [step('add-codes', name), step('remove-code', name, 'failed')],
                correlationId: name,
              }),
            ],
            catalog: [
              {
                id: null,
                name,
                action: 'create',
                outcome: 'failed',
                reason: name,
                correlationId: name,
              },
            ],
          }),
          { width: 40, color: false },
        );
        expect(text).not.toMatch(/(?!\n|[\u200C\u200D])[\p{Cc}\p{Cf}]/u);
        expect(text).not.toMatch(/^\s*::/m);
        expect(text).not.toContain('##[');
      }),
    );
  });
});
