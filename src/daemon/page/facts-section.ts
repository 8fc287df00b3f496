/** The rest: what waits for delivery, and the facts that somebody asks for once in a while. */
import type { DaemonStatus, SinkStatus } from '../status.js';
import type { Markup } from './markup.js';
import { markup, nameMarkup } from './markup.js';
import { triggerWords } from './runs-section.js';
import { revisionMarkup } from './source-notices.js';
import { tableMarkup } from './table.js';
import { dueOr, timeMarkup, timeOr } from './time.js';

/** The section of the webhooks. */
export const sinksMarkup = ({
  sinks,
  at,
}: DaemonStatus): Markup => markup`<section id="sinks" aria-labelledby="sinks-head" tabindex="-1">
<h2 id="sinks-head">Webhooks</h2>
${
  sinks.length === 0
    ? markup`<p>None is set up.</p>`
    : tableMarkup<SinkStatus>({
        caption: 'Events that were not delivered yet',
        columns: [
          { head: 'Sink', isName: true, cell: ({ name }) => nameMarkup(name) },
          { head: 'Waiting', cell: ({ undelivered }) => markup`${undelivered}` },
          {
            head: 'Oldest',
            cell: ({ oldestAt }) => (oldestAt === null ? null : timeMarkup(oldestAt, at)),
          },
          { head: 'Given up', cell: ({ givenUp }) => markup`${givenUp}` },
          {
            head: 'State',
            cell: ({ isDisabled }) =>
              markup`${isDisabled ? 'disabled by the receiver' : 'takes events'}`,
          },
        ],
        rows: sinks,
        keyOf: ({ name }) => name,
      })
}
</section>
`;

/** The section of the facts. */
export const factsMarkup = (status: DaemonStatus): Markup => {
  const { source, detection, lastPass, at } = status;
  const facts: readonly (readonly [string, Markup])[] = [
    [
      'Mode',
      status.mode === 'enforce'
        ? markup`enforce: what differs is corrected`
        : markup`report: what differs is told, and nothing is written`,
    ],
    [
      'Organization',
      status.organization === null
        ? markup`not known yet`
        : markup`${nameMarkup(status.organization.name)} <code>${status.organization.id}</code>`,
    ],
    ['Region', markup`${status.region}`],
    [
      'Source',
      markup`<code>${source.location}</code>${source.branch === null ? null : markup`, branch <code>${source.branch}</code>`}`,
    ],
    [
      'Enforced policies',
      source.accepted === null
        ? markup`none`
        : markup`${revisionMarkup(source.accepted)}, accepted ${timeMarkup(source.accepted.at, at)}`,
    ],
    [
      'Newest policies',
      source.seen === null
        ? markup`not seen yet`
        : source.seen.digest === source.accepted?.digest
          ? markup`the same`
          : revisionMarkup(source.seen),
    ],
    [
      'Drift is found by',
      detection.by === 'audits'
        ? detection.cursor === null
          ? markup`the audit log, not read yet`
          : markup`the audit log, read up to ${timeMarkup(detection.cursor, at)}`
        : markup`full reads`,
    ],
    ['Last full read', timeOr(detection.lastSweepAt, at, 'none')],
    ['Oldest knowledge', timeOr(detection.oldestReadAt, at, 'none')],
    [
      'Last pass',
      lastPass === null
        ? markup`none`
        : markup`${timeMarkup(lastPass.endedAt, at)}, set off by ${triggerWords(lastPass.trigger)}, ${lastPass.extent === 'all' ? 'everything was read' : 'only what had changed was read'}, run <code>${lastPass.run}</code>`,
    ],
    ['Last success', timeOr(status.lastSuccessAt, at, 'none')],
    [
      'Next pass',
      status.isRunning ? markup`one is running` : dueOr(status.nextPassAt, at, 'none planned'),
    ],
    ['Running since', timeMarkup(status.startedAt, at)],
    ['Version', markup`<code>${status.tool}</code>`],
  ];
  return markup`<section id="facts" aria-labelledby="facts-head" tabindex="-1">
<h2 id="facts-head">Facts</h2>
<dl class="facts">${facts.map(
    ([term, words]) => markup`<div data-key="${term}"><dt>${term}</dt><dd>${words}</dd></div>
`,
  )}</dl>
</section>
`;
};
