/** The last passes that left a record, the newest first. */
import { count } from '../../report/words.js';
import { TRIGGERS } from '../status.js';
import type { DaemonStatus, RunStatus, Trigger } from '../status.js';
import type { Markup } from './markup.js';
import { joined, markup } from './markup.js';
import { tableMarkup } from './table.js';
import { exactTimeMarkup, spanWords, timeMarkup } from './time.js';

/** How many runs the page shows. */
const MOST_RUNS = 20;

/** The section of the runs. */
export const runsMarkup = (status: DaemonStatus, runs: readonly RunStatus[]): Markup => {
  const shown = runs.slice(0, MOST_RUNS);
  return markup`<section id="runs" aria-labelledby="runs-head" tabindex="-1">
<h2 id="runs-head">Last runs</h2>
${
  shown.length === 0
    ? markup`<p>No run has left a record yet. A pass that finds nothing to do leaves none.</p>`
    : tableMarkup({
        caption: 'Runs that left a record in the journal',
        columns: [
          {
            head: 'Started',
            isName: true,
            cell: ({ startedAt }) =>
              markup`${exactTimeMarkup(startedAt)} <span class="quiet">${timeMarkup(startedAt, status.at)}</span>`,
          },
          { head: 'Outcome', cell: outcomeMarkup },
          { head: 'Queues', cell: ({ summary }) => markup`${summaryWords(summary)}` },
          { head: 'Set off by', cell: ({ trigger }) => markup`${triggerWords(trigger)}` },
          {
            head: 'Commit',
            cell: ({ commit }) =>
              commit === null
                ? null
                : markup`<code title="${commit}">${commit.slice(0, 12)}</code>`,
          },
          {
            head: 'Took',
            cell: (run) =>
              markup`${spanWords(Math.max(0, new Date(run.endedAt).getTime() - new Date(run.startedAt).getTime()))}, ${count(run.requests.sent, 'request')}`,
          },
          { head: 'Run', cell: ({ run }) => markup`<code>${run}</code>` },
        ],
        rows: shown,
        keyOf: ({ run }) => run,
      })
}
${runs.length > shown.length ? markup`<p>Older ones: <code>GET /api/runs</code> and <code>wrapkeeper audit list</code>.</p>` : null}
</section>
`;
};

const TRIGGER_WORDS = {
  start: 'the start',
  interval: 'the timer',
  sweep: 'a full read',
  files: 'changed files',
  push: 'a push',
  settings: 'changed settings',
  request: 'a request',
} as const satisfies Record<Trigger, string>;

/** What set a pass off, in words; a word that is not ours stays as it is. */
export const triggerWords = (trigger: string): string => {
  const known = TRIGGERS.find((one) => one === trigger);
  return known === undefined ? trigger : TRIGGER_WORDS[known];
};

const OUTCOMES = {
  applied: 'applied',
  nothing: 'nothing to do',
  held: 'held',
  partial: 'applied in part',
  failed: 'failed',
  refused: 'refused by a guard',
  stale: 'out of date before it began',
  error: 'error',
} as const satisfies Record<RunStatus['outcome'], string>;

const outcomeMarkup = ({ outcome, problem }: RunStatus): Markup =>
  joined(
    [markup`${OUTCOMES[outcome]}`, ...(problem === null ? [] : [markup`${problem}`])],
    markup`: `,
  );

const summaryWords = (summary: RunStatus['summary']): string => {
  if (summary === null) return 'none';
  const parts = [
    [summary.applied, 'corrected'],
    [summary.failed, 'failed'],
    [summary.stale, 'out of date'],
    [summary.notAttempted, 'not attempted'],
    [summary.held, 'held'],
    [summary.inSync, 'in sync'],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return told.length === 0 ? 'none' : told.join(', ');
};
