import { describe, expect, it } from 'vitest';
import { problem } from '../../src/domain/diagnostics.js';
import { renderJson } from '../../src/report/json.js';
import { renderDiagnosticsText } from '../../src/report/text-diagnostics.js';
import { renderValidationText, validationReport } from '../../src/report/validation.js';
import { expectFile } from '../support/expected.js';
import { FINDINGS, SOURCES } from '../support/findings.js';

describe('validationReport', () => {
  it('adds the end of each place, its line and related places', () => {
    const report = validationReport({
      files: 2,
      documents: 2,
      diagnostics: FINDINGS,
      sources: SOURCES,
    });
    expectFile(renderJson(report), './expected/validation.json', import.meta.url);
  });

  it('is valid with warnings alone', () => {
    const warnings = FINDINGS.filter(({ severity }) => severity === 'warning');
    expect(
      validationReport({ files: 2, documents: 2, diagnostics: warnings, sources: SOURCES }).valid,
    ).toBe(true);
  });

  it('has no snippet where the source is not at hand', () => {
    const span = { file: 'gone.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 };
    const report = validationReport({
      files: 1,
      documents: 0,
      diagnostics: [problem({ code: 'yaml.syntax', message: 'x', span })],
      sources: new Map(),
    });
    expect(report.diagnostics[0]?.snippet).toBeNull();
  });
});

describe('renderValidationText', () => {
  const read = { files: 2, documents: 12, sources: SOURCES };
  const plain = { width: 80, color: false };

  it('says that all is well', () => {
    expect(renderValidationText({ ...read, diagnostics: [] }, plain)).toBe(
      'Valid: 12 documents in 2 files.\n',
    );
  });

  it('says so below warnings, too', () => {
    const text = renderValidationText({ ...read, diagnostics: FINDINGS.slice(3) }, plain);
    expect(text).toMatch(/\n2 warnings in 1 file\nValid: 12 documents in 2 files\.\n$/);
  });

  it('says nothing of the kind below an error', () => {
    const text = renderValidationText({ ...read, diagnostics: FINDINGS }, plain);
    expect(text).toBe(renderDiagnosticsText(FINDINGS, SOURCES, plain));
  });
});
