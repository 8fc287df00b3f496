/** The status page: whether everything is all right, what needs a person, and then the rest. */
import { cut } from '../../domain/text.js';
import type { DaemonStatus, QueueStatus, RunStatus } from '../status.js';
import { factsMarkup, sinksMarkup } from './facts-section.js';
import type { PageFilter } from './filter.js';
import { NO_FILTER } from './filter.js';
import type { Verdict } from './headline.js';
import {
  governedQueues,
  headlineOf,
  queuesSentence,
  VERDICT_WORDS,
  verdictOf,
} from './headline.js';
import type { Markup } from './markup.js';
import { joined, markup, nameMarkup } from './markup.js';
import type { Notice } from './notice.js';
import { noticesOf } from './notices.js';
import { queuesMarkup } from './queues-section.js';
import { runsMarkup } from './runs-section.js';
import { dueOr, exactTimeMarkup, timeOr } from './time.js';

/** What the page is made of; `status.at` is its now. */
export interface StatusPageInput {
  readonly status: DaemonStatus;
  /** Sorted by name. */
  readonly queues: readonly QueueStatus[];
  /** The newest first. */
  readonly runs: readonly RunStatus[];
  /** Which queues are shown; all where nothing is said. */
  readonly filter?: PageFilter;
}

/**
 * The whole document. It needs `/page.css` and `/page.js` ({@link PAGE_STYLE}, {@link PAGE_SCRIPT}) from where it comes
 * and nothing else, holds neither style nor script, and works without the script.
 */
export const renderStatusPage = ({
  status,
  queues,
  runs,
  filter = NO_FILTER,
}: StatusPageInput): string => {
  const notices = noticesOf(status);
  const verdict = verdictOf(
    status,
    notices.map(({ level }) => level),
  );
  const headline = headlineOf(status);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${cut(headline, 80)} – Wrapkeeper</title>
<link rel="icon" id="icon" href="${ICONS[verdict]}">
<link rel="stylesheet" href="/page.css">
<script src="/page.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the state of the queues</a>
<p id="told" class="unseen" role="status" data-keep></p>
${headerMarkup(status)}
<main id="main" tabindex="-1">
<p id="silence" class="silence" data-keep hidden></p>
<div class="verdict verdict-${verdict}">
<p class="word">${VERDICT_WORDS[verdict]}</p>
<h1 id="headline">${status.ready ? clausesMarkup(headline) : headline}</h1>
${ledeMarkup(status, headline)}
</div>
${noticesMarkup(
  'act',
  'What needs a person',
  notices.filter(({ level }) => level === 'act'),
)}
${queuesMarkup(status, queues, filter)}
${noticesMarkup(
  'know',
  'Worth knowing',
  notices.filter(({ level }) => level === 'know'),
)}
${runsMarkup(status, runs)}
${sinksMarkup(status)}
${factsMarkup(status)}
</main>
</body>
</html>
`.html;
};

/** A mark in the tab of the browser, whose shape says what its colour says. */
const icon = (shape: string): string =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${shape}</svg>`)}`;

const ICONS = {
  well: icon('<circle cx="8" cy="8" r="6" fill="#2e8b57"/>'),
  look: icon('<path d="M8 1l7 7-7 7-7-7z" fill="#c98a00"/>'),
  act: icon('<path d="M8 1l7.5 14H.5z" fill="#d1332e"/>'),
  starting: icon('<circle cx="8" cy="8" r="5" fill="none" stroke="#7a828a" stroke-width="3"/>'),
} as const satisfies Record<Verdict, string>;

/** A sentence of ours that breaks between its clauses first. */
const clausesMarkup = (sentence: string): Markup =>
  joined(
    sentence.split(/(?<=,) /).map((clause) => markup`<span class="clause">${clause}</span>`),
    markup` `,
  );

const headerMarkup = ({ organization, region, mode, at }: DaemonStatus): Markup => markup`<header>
<p class="place"><strong>Wrapkeeper</strong> ${organization === null ? null : nameMarkup(organization.name)} <span class="quiet">${region}</span>${mode === 'report' ? markup` <span class="mode">report mode</span>` : null}</p>
<p class="fresh quiet"><span>As of ${exactTimeMarkup(at)}</span> <button type="button" id="pause" data-keep hidden>Pause</button></p>
<noscript data-keep><p class="quiet">Without its script this page does not renew itself: <a href="/">look again</a>.</p></noscript>
</header>`;

const ledeMarkup = (status: DaemonStatus, headline: string): Markup => {
  const { at, lastSuccessAt, nextPassAt, isRunning, mode, queues } = status;
  const all = governedQueues(status);
  const inSync = queues['in-sync'];
  const about = queuesSentence(status);
  return markup`${mode === 'report' ? markup`<p><strong>Report mode: nothing is written.</strong> What differs from the policies is told, and stays as it is.</p>` : null}
${about === headline ? null : markup`<p>${all === 0 ? about : `As last read, ${about.charAt(0).toLowerCase()}${about.slice(1)}`}</p>`}
${all === 0 || inSync === all ? null : markup`<p>${inSync} of ${all} are as the policies want them.</p>`}
<p class="quiet">Last good pass: ${timeOr(lastSuccessAt, at, 'none yet')}. ${isRunning ? markup`A pass is running.` : markup`Next: ${dueOr(nextPassAt, at, 'not planned')}.`}</p>`;
};

const noticesMarkup = (
  level: Notice['level'],
  title: string,
  notices: readonly Notice[],
): Markup | null =>
  notices.length === 0
    ? null
    : markup`<section id="${level}" aria-labelledby="${level}-head" tabindex="-1" data-key="${level}">
<h2 id="${level}-head">${title}</h2>
${notices.map(
  (notice) => markup`<article data-key="${notice.key}">
<h3>${notice.title}</h3>
${notice.body}
</article>
`,
)}</section>`;
