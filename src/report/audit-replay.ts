/** What became of events that were to be sent again. */
import { PLAN_FORMAT } from '../domain/change.js';
import type { DiagnosticJson } from '../domain/change.js';
import { joinBlocks, wrapProse } from './layout.js';
import type { TextOptions } from './layout.js';
import { findingBlocks } from './text-diagnostics.js';
import { count } from './words.js';

export interface ReplayedSink {
  readonly sink: string;
  /** Events that arrived. */
  readonly sent: number;
  readonly undelivered: number;
  /** For people; null where nothing is left, or nobody knows. */
  readonly why: string | null;
}

export const replayJson = (
  sinks: readonly ReplayedSink[],
  diagnostics: readonly DiagnosticJson[],
): unknown => ({ kind: 'AuditReplay', formatVersion: PLAN_FORMAT, sinks, diagnostics });

export const renderReplayText = (
  sinks: readonly ReplayedSink[],
  diagnostics: readonly DiagnosticJson[],
  options: TextOptions,
): string =>
  joinBlocks([
    sinks.flatMap((sink) => wrapProse(sentence(sink), options.width, '', '  ')),
    ...findingBlocks(diagnostics, options),
  ]);

const sentence = ({ sink, sent, undelivered, why }: ReplayedSink): string => {
  const name = `"${sink}"`;
  if (sent + undelivered === 0) return `${name}: nothing to send.`;
  const arrived = `${name}: ${count(sent, 'event')} sent`;
  if (undelivered === 0) return `${arrived}.`;
  return `${arrived}, ${undelivered} left${why === null ? '' : `: ${why}`}. The next run tries again.`;
};
