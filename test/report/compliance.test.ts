import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metText, percentText } from '../../src/report/compliance-words.js';
import { widthOf } from '../../src/report/layout.js';
import { renderComplianceMarkdown } from '../../src/report/markdown-compliance.js';
import { renderComplianceText } from '../../src/report/text-compliance.js';
import { asked, complianceReport, fullCompliance, judgedQueue } from '../support/compliance.js';
import { expectFile } from '../support/expected.js';
import { hostileName } from '../support/texts.js';

const FREE = asked('MANDATORY');
const text = (report = fullCompliance(), width = 80, color = false) =>
  renderComplianceText(report, { width, color });

describe('a compliance report', () => {
  it.each([80, 200])('as text in %d columns', (width) => {
    const shown = text(fullCompliance(), width);
    expectFile(shown, `./expected/compliance-${width}.txt`, import.meta.url);
    for (const line of shown.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  it('as Markdown', () => {
    expectFile(
      renderComplianceMarkdown(fullCompliance()),
      './expected/compliance.md',
      import.meta.url,
    );
  });

  it('differs in colour alone when colour is asked for', () => {
    const colored = text(fullCompliance(), 80, true);
    expect(colored).toContain('\u001b[33m');
    expect(stripVTControlCharacters(colored)).toBe(text());
  });

  it.each([text, renderComplianceMarkdown])(
    'in which nothing ended says so, and no more',
    (render) => {
      const shown = render(complianceReport([judgedQueue('Night EN', FREE)]));
      expect(shown.replaceAll('&#46;', '.')).toContain('No interaction ended in 1 queue.');
      expect(shown).not.toMatch(/NaN|Allowed|%/);
    },
  );

  it.each([text, renderComplianceMarkdown])('without any queue is one too', (render) => {
    const shown = render(complianceReport([]));
    expect(shown.replaceAll('&#46;', '.')).toContain('No interaction ended in 0 queues.');
  });

  it('shows the worst of many, and says that there are more', () => {
    const many = Array.from({ length: 500 }, (_, at) =>
      judgedQueue(`Queue ${at}`, FREE, ['resolved', at + 1], ['other', 500 - at]),
    );
    const shown = text(complianceReport(many));
    expect(shown).toContain('Queue 39 ');
    expect(shown).not.toContain('Queue 40 ');
    expect(shown).toContain('and 460 more queues, none worse than 8.0%');
    expect(renderComplianceMarkdown(complianceReport(many)).length).toBeLessThan(65_000);
  });

  it('lets no name steer a terminal or break out of its place', () => {
    fc.assert(
      fc.property(hostileName(), (name) => {
        const report = complianceReport([
          judgedQueue(name, FREE, ['other', 1, name], [name, 2]),
          judgedQueue(name, FREE),
        ]);
        const shown = text({
          ...report,
          unread: [{ id: 'u', name, reason: name, correlationId: name }],
          unmanaged: [{ id: 'm', name }],
        });
        expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e\u200b]/u);
        const page = renderComplianceMarkdown(report);
        expect(page).not.toMatch(/<!--|(?<!&#\d*)@/);
      }),
    );
  });
});

describe('a percentage', () => {
  it.each([
    [0, 7, '0%'],
    [7, 7, '100%'],
    [1, 3, '33.3%'],
    [1, 100_000, '0.1%'],
    [99_999, 100_000, '99.9%'],
  ])('%d of %d is %s', (part, whole, shown) => {
    expect(percentText(part, whole)).toBe(shown);
  });

  it('that is not known exactly is a range', () => {
    const requirement = asked('MANDATORY', 'required', 'transfer');
    expect(metText(judgedQueue('a', requirement, ['resolved', 1], [null, 3]))).toBe(
      '25.0% to 100%',
    );
    expect(metText(judgedQueue('a', requirement, ['resolved', 1], ['other', 3]))).toBe('25.0%');
  });
});
