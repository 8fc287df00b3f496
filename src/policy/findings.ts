/** Findings in an order that people can follow, and no more of them than people can read. */
import { byPlace, hasErrors, problem, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';

/** How many findings of one file are shown; the rest are counted. */
export const MAX_FINDINGS = 100;

/** Sorts findings by place and cuts those of each file to the limit. `untold` were not even put into words. */
export const presentFindings = (
  findings: readonly Diagnostic[],
  untold: ReadonlyMap<string, number> = new Map(),
): readonly Diagnostic[] => {
  const byFile = new Map<string, Diagnostic[]>();
  for (const finding of findings) {
    const file = finding.span?.file ?? '';
    const all = byFile.get(file);
    if (all === undefined) byFile.set(file, [finding]);
    else all.push(finding);
  }
  // Findings without a place come last, as `byPlace` has it.
  const files = [...byFile].sort(([a], [b]) => (a === '' || (b !== '' && a > b) ? 1 : -1));
  return files.flatMap(([file, all]) => {
    const sorted = all.slice().sort(byPlace);
    const rest = sorted.slice(MAX_FINDINGS);
    const more = rest.length + (untold.get(file) ?? 0);
    return more === 0
      ? sorted
      : [...sorted.slice(0, MAX_FINDINGS), moreFindings(more, sorted, rest)];
  });
};

const moreFindings = (
  count: number,
  all: readonly Diagnostic[],
  rest: readonly Diagnostic[],
): Diagnostic => {
  const last = all[Math.min(all.length, MAX_FINDINGS) - 1]?.span ?? null;
  const make = hasErrors(rest) || rest.length < count ? problem : warning;
  return make({
    code: 'file.more-findings',
    message: `${count.toLocaleString('en-US')} more findings in this file are not shown.`,
    remedy: 'Mend the first ones, and look again.',
    span: last,
  });
};
