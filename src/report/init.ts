/** What `init` has written, what it has left as it was, and what is left to do. */
import type { DiagnosticJson, PLAN_FORMAT } from '../domain/change.js';
import { joinBlocks, widthOf, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { painter } from './paint.js';
import { findingBlocks } from './text-diagnostics.js';
import { visible } from './visible.js';

/** The result of `init`. Paths are relative to the folder. */
export interface InitReport {
  readonly kind: 'Init';
  readonly formatVersion: typeof PLAN_FORMAT;
  /** Where the files were written. Absolute. */
  readonly folder: string;
  /** null where nobody knows it yet. */
  readonly organization: { readonly id: string; readonly name: string | null } | null;
  readonly created: readonly { readonly path: string; readonly about: string }[];
  /** Files that were there already and stay as they were; `advice`: what somebody should do to them, or null. */
  readonly kept: readonly { readonly path: string; readonly advice: string | null }[];
  /** What is left to do, in sentences. */
  readonly next: readonly string[];
  readonly diagnostics: readonly DiagnosticJson[];
}

/** The report for people. */
export const renderInitText = (report: InitReport, options: TextOptions): string => {
  const { created, kept, next, organization, diagnostics } = report;
  const paint = painter(options.color);
  const widest = Math.max(0, ...[...created, ...kept].map(({ path }) => widthOf(visible(path))));
  const row = (sign: string, path: string, about: string): string[] => {
    const head = `${sign} ${visible(path)}${' '.repeat(widest - widthOf(visible(path)))}  `;
    const [first = head.trimEnd(), ...rest] = wrapProse(
      about,
      options.width,
      head,
      ' '.repeat(widthOf(head)),
    );
    return [sign === '+' ? paint('add', first) : first, ...rest];
  };
  return joinBlocks([
    organization === null || organization.name === null
      ? []
      : [paint('heading', `Settings for ${visible(organization.name)}, ${organization.id}`)],
    [
      ...created.flatMap(({ path, about }) => row('+', path, about)),
      ...kept.flatMap(({ path, advice }) => row('=', path, advice ?? 'is there already')),
    ],
    ...findingBlocks(diagnostics, options),
    created.length === 0 ? ['Everything is there already; nothing was written.'] : [],
    next.length === 0
      ? []
      : ['Next:', ...next.flatMap((step) => wrapProse(step, options.width, '- ', '  '))],
  ]);
};
