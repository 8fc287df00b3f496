/** The queues: those first that are not as the policies want them, the others behind a click. */
import { HOLDS } from '../../domain/change.js';
import { count } from '../../report/words.js';
import { QUEUE_STATES } from '../status.js';
import type { DaemonStatus, QueueState, QueueStatus } from '../status.js';
import type { PageFilter } from './filter.js';
import { filterQueues, isFiltering } from './filter.js';
import { governedQueues, UNWANTED_STATES } from './headline.js';
import type { Markup } from './markup.js';
import { joined, markup, nameMarkup, namesMarkup } from './markup.js';
import { correctionMarkup, HOLD_WORDS, STATE_WORDS, withCode } from './queue-words.js';
import type { Column } from './table.js';
import { tableMarkup } from './table.js';
import { timeMarkup, timeOr } from './time.js';

/** How many queues of either kind a page shows: what a phone can hold, and load every 15 s. */
const MOST_UNWANTED = 200;
const MOST_IN_SYNC = 100;

/** The section of the queues, as far as the filter lets them through. */
export const queuesMarkup = (
  status: DaemonStatus,
  queues: readonly QueueStatus[],
  filter: PageFilter,
): Markup => {
  const found = filterQueues(queues, filter);
  return markup`<section id="queues" aria-labelledby="queues-head" tabindex="-1">
<h2 id="queues-head">Queues</h2>
${countsMarkup(status, filter)}
${governedQueues(status) === 0 ? null : formMarkup(filter)}
${isFiltering(filter) ? foundMarkup(found.length, filter) : null}
${unwantedMarkup(
  UNWANTED_STATES.flatMap((wanted) => found.filter(({ state }) => state === wanted)),
  status.at,
)}
${inSyncMarkup(
  found.filter(({ state }) => state === 'in-sync'),
  status.at,
  isFiltering(filter),
)}
</section>
`;
};

/** How many there are in each state, each a way to see them alone. */
const countsMarkup = (status: DaemonStatus, filter: PageFilter): Markup | null => {
  if (governedQueues(status) === 0)
    return markup`<p>${status.lastPass === null ? 'None was read yet.' : 'No policy governs a queue.'}</p>`;
  const link = (state: QueueState): Markup =>
    markup`<li data-key="${state}"><a href="/?state=${state}#queues"${filter.state === state ? markup` aria-current="true"` : null}>${stateMarkup(state, `${status.queues[state]} ${STATE_WORDS[state].toLowerCase()}`)}</a></li>`;
  // Where all are in sync the headline says so, and how many.
  if (status.queues['in-sync'] === governedQueues(status)) return null;
  const shown = [...UNWANTED_STATES, 'in-sync' as const].filter(
    (state) => status.queues[state] > 0,
  );
  return markup`<ul class="counts" aria-label="Queues by state">${shown.map(link)}</ul>`;
};

const formMarkup = ({ text, state }: PageFilter): Markup =>
  markup`<form role="search" method="get" action="/#queues" data-keep>
<p><label for="q">Queue, division or policy</label><input type="search" id="q" name="q" value="${text}" maxlength="200" autocomplete="off" spellcheck="false"></p>
<p><label for="state">State</label><select id="state" name="state"><option value="">Any</option>${QUEUE_STATES.toReversed().map(
    (one) =>
      markup`<option value="${one}"${one === state ? markup` selected` : null}>${STATE_WORDS[one]}</option>`,
  )}</select></p>
<p><button type="submit">Show</button></p>
</form>`;

const foundMarkup = (number: number, { text, state }: PageFilter): Markup => {
  const about = [
    ...(text === '' ? [] : [markup`with “${nameMarkup(text)}”`]),
    ...(state === null ? [] : [markup`in state “${STATE_WORDS[state]}”`]),
  ];
  return markup`<p>${number === 0 ? 'No queue' : count(number, 'queue')} ${joined(about, markup` `)}. <a href="/#queues">Show all queues</a></p>`;
};

/** A state in words, with a mark whose shape says the same. */
const stateMarkup = (state: QueueState, words: string): Markup =>
  markup`<span class="state state-${state}">${words}</span>`;

const queueName = (queue: QueueStatus): Markup =>
  markup`${nameMarkup(queue.name)} <span class="quiet">${nameMarkup(queue.division)}</span>`;

const POLICIES: Column<QueueStatus> = {
  head: 'Policies',
  cell: ({ policies }) => namesMarkup(policies),
};

const lastCorrection = (at: string): Column<QueueStatus> => ({
  head: 'Last correction',
  nothing: 'none known',
  cell: ({ lastCorrection: last }) => (last === null ? null : correctionMarkup(last, at)),
});

const unwantedColumns = (at: string): readonly Column<QueueStatus>[] => [
  { head: 'Queue', isName: true, cell: queueName },
  { head: 'State', cell: ({ state }) => stateMarkup(state, STATE_WORDS[state]) },
  {
    head: 'Why',
    cell: ({ reason, heldBy }) =>
      markup`${reason ?? 'Not known.'}${heldBy === null ? null : markup` <span class="quiet">(hold: ${heldBy})</span>`}`,
  },
  { head: 'Since', cell: ({ since }) => timeMarkup(since, at) },
  {
    head: 'Until',
    nothing: 'not known',
    cell: ({ state, until }) =>
      until === null
        ? null
        : markup`${state === 'failing' ? markup`tried again ` : null}${timeMarkup(until, at)}`,
  },
  POLICIES,
  lastCorrection(at),
];

const unwantedMarkup = (queues: readonly QueueStatus[], at: string): Markup | null => {
  if (queues.length === 0) return null;
  const shown = queues.slice(0, MOST_UNWANTED);
  return markup`${tableMarkup({
    caption: 'Queues that are not as the policies want them',
    columns: unwantedColumns(at),
    rows: shown,
    keyOf: ({ id }) => id,
  })}${leftOutMarkup(queues.length - shown.length)}${holdsMarkup(shown)}`;
};

const leftOutMarkup = (number: number): Markup | null =>
  number === 0
    ? null
    : markup`<p>${number} more ${number === 1 ? 'is' : 'are'} not shown. Narrow the list with the filter above.</p>
`;

/** What the holds mean that occur, told once and not in every row. */
const holdsMarkup = (queues: readonly QueueStatus[]): Markup | null => {
  const occurring = HOLDS.filter((hold) => queues.some(({ heldBy }) => heldBy === hold));
  if (occurring.length === 0) return null;
  return markup`<h3>What the holds mean</h3>
<dl class="terms">${occurring.map(
    (hold) =>
      markup`<div data-key="${hold}"><dt>${hold}</dt><dd>${withCode(HOLD_WORDS[hold])}</dd></div>`,
  )}</dl>
`;
};

const inSyncMarkup = (
  queues: readonly QueueStatus[],
  at: string,
  isOpen: boolean,
): Markup | null => {
  if (queues.length === 0) return null;
  const shown = queues.slice(0, MOST_IN_SYNC);
  return markup`<details data-key="in-sync"${isOpen ? markup` open` : null}><summary>${count(queues.length, 'queue')} in sync</summary>
${tableMarkup({
  caption: 'Queues that are as the policies want them',
  columns: [
    { head: 'Queue', isName: true, cell: queueName },
    { head: 'Since', cell: ({ since }) => timeOr(since, at, 'not known') },
    POLICIES,
    lastCorrection(at),
  ],
  rows: shown,
  keyOf: ({ id }) => id,
})}${leftOutMarkup(queues.length - shown.length)}</details>
`;
};
