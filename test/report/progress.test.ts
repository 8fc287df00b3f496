import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { widthOf } from '../../src/report/layout.js';
import { Progress } from '../../src/report/progress.js';
import { queueRow } from '../support/plans.js';
import { hostileName } from '../support/texts.js';

describe('Progress', () => {
  it('counts, and names what was begun last', () => {
    const progress = new Progress(145);
    const [first, second] = [queueRow('Billing DE'), queueRow('Billing EN')];
    expect(progress.render(80)).toBe('applying 0/145');
    progress.started(first);
    progress.started(second);
    expect(progress.render(80)).toBe('applying 0/145 · Billing EN');
    expect(progress.finished(second)).toBe('1/145 applied Billing EN');
    expect(progress.render(80)).toBe('applying 1/145 · Billing DE');
    expect(progress.finished({ ...first, outcome: 'failed', reason: 'no answer' })).toBe(
      '2/145 failed Billing DE: no answer',
    );
    expect(progress.render(80)).toBe('applying 2/145 · 1 failed');
  });

  it('stays one line of the width, whatever the name', () => {
    fc.assert(
      fc.property(hostileName(), fc.integer({ min: 1, max: 60 }), (name, width) => {
        const progress = new Progress(2);
        const row = queueRow(name, { outcome: 'failed', reason: name });
        progress.started(row);
        const line = progress.render(width);
        expect(widthOf(line)).toBeLessThanOrEqual(width);
        for (const text of [line, progress.finished(row)])
          expect(text).not.toMatch(/(?![\u200C\u200D])[\p{Cc}\p{Cf}]/u);
      }),
    );
  });
});
