import { describe, expect, it } from 'vitest';
import { renderReportMarkdown } from '../../src/report/markdown-report.js';
import { expectFile } from '../support/expected.js';
import { queueRow, report } from '../support/plans.js';
import { partialReport, refusedReport } from '../support/reports.js';

describe('renderReportMarkdown', () => {
  it('shows a partial apply', () => {
    expectFile(
      renderReportMarkdown(partialReport()),
      './expected/report-partial.md',
      import.meta.url,
    );
  });

  it('shows what a guard refused', () => {
    expectFile(
      renderReportMarkdown(refusedReport()),
      './expected/report-refused.md',
      import.meta.url,
    );
  });

  it('names the head of the journal whole', () => {
    expect(
      renderReportMarkdown(
        report({ queues: [queueRow('A')], journal: { seq: 7, hash: 'sha256:abc' } }),
      ),
    ).toContain('journal record 7, head sha256&#58;abc');
  });
});
