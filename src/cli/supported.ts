/** What settings may ask for, and this version cannot do yet. */
import { warning } from '../domain/diagnostics.js';
import type { Diagnostic, SourceSpan } from '../domain/diagnostics.js';
import type { Settings } from '../policy/settings.js';
import { spansIn } from '../policy/source.js';
import type { SourceFile } from '../policy/source.js';

interface Feature {
  /** The key of the settings, at the start of a line. */
  readonly key: string;
  readonly asked: (settings: Settings) => boolean;
  /** What this version does in its place. */
  readonly lacks: string;
}

/** Without these a record is missing, and nothing else: it is told. */
const RECORDS: readonly Feature[] = [
  {
    key: 'webhooks',
    asked: ({ webhooks }) => webhooks.length > 0,
    lacks: 'sends no events',
  },
];

/** Findings for every key of the settings that this version does not honour. */
export const findUnsupported = (
  settings: Settings,
  file: SourceFile | null,
): readonly Diagnostic[] =>
  RECORDS.filter(({ asked }) => asked(settings)).map(({ key, lacks }) =>
    warning({
      code: 'settings.not-supported',
      message: `The settings have \`${key}\`, but this version ${lacks} yet.`,
      remedy: 'Nothing else changes by it. It begins to count with a version that has it.',
      span: placeOf(key, file),
    }),
  );

const placeOf = (key: string, file: SourceFile | null): SourceSpan | null => {
  const at = file === null ? -1 : file.text.search(new RegExp(`^${key}\\b`, 'm'));
  return file === null || at === -1 ? null : spansIn(file)(at, at + key.length);
};
