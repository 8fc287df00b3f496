/** What is the matter with the repository, where something is, and the ways on. */
import type { GuardVerdict } from '../../domain/change.js';
import { guardSentence, guardsToTell, worstOf } from '../../report/plan-words.js';
import type { DaemonStatus, SourceState, SourceStatus } from '../status.js';
import type { Markup } from './markup.js';
import { joined, markup, nameMarkup } from './markup.js';
import type { Notice } from './notice.js';
import { commandMarkup, findingsMarkup } from './notice.js';
import { timeMarkup } from './time.js';

const TITLES = {
  broken: 'The newest policies are invalid',
  refused: 'A guard refuses the newest policies',
  unreachable: 'The repository cannot be reached',
  rewritten: 'The branch was rewritten',
  deleted: 'The branch is not there any more',
  unsigned: 'The newest commit has no good signature',
} as const satisfies Record<Exclude<SourceState, 'following' | 'waiting'>, string>;

/** So long a remote may be away before a person is asked for. */
const PATIENCE_MS = 10 * 60_000;

/** What there is to tell of the source: nothing while it is followed. */
export const sourceNotices = ({ source, at }: DaemonStatus): readonly Notice[] => {
  const { state } = source;
  if (state === 'following' || state === 'waiting') return [];
  const age = new Date(at).getTime() - new Date(source.since).getTime();
  return [
    {
      key: `source-${state}`,
      level: state === 'unreachable' && age < PATIENCE_MS ? 'know' : 'act',
      title: TITLES[state],
      body: markup`<p>${source.message}</p>
${findingsMarkup(source.diagnostics)}
${source.refusal === null ? null : refusalMarkup(source.refusal, at)}
<p class="quiet">Since ${timeMarkup(source.since, at)}: ${seenMarkup(source)}. ${goesOn(source, at)}</p>`,
    },
  ];
};

const seenMarkup = ({ location, branch, seen }: SourceStatus): Markup => {
  const where = markup`<code>${location}</code>${branch === null ? null : markup`, branch <code>${branch}</code>`}`;
  return seen === null ? where : markup`${where}, ${revisionMarkup(seen)}`;
};

const goesOn = ({ accepted }: SourceStatus, at: string): Markup =>
  accepted === null
    ? markup`No policies were accepted before, and nothing is enforced.`
    : markup`The policies accepted ${timeMarkup(accepted.at, at)} go on: ${revisionMarkup(accepted)}.`;

/** A state of the policies, as people know it again. */
export const revisionMarkup = ({
  commit,
  digest,
  dirty,
}: {
  readonly commit: string | null;
  readonly digest: string;
  readonly dirty: boolean;
}): Markup =>
  commit === null
    ? markup`files of digest <code title="${digest}">${digest.slice(0, 19)}</code>`
    : markup`commit <code title="${commit}">${commit.slice(0, 12)}</code>${dirty ? markup` with uncommitted changes` : null}`;

/** What a plain word of a shell is; nothing else is put into a command that people paste. */
const DIGEST = /^[a-z0-9-]{1,20}:[0-9a-f]{1,128}$/;

const refusalMarkup = (
  { digest, guards }: NonNullable<SourceStatus['refusal']>,
  at: string,
): Markup => {
  const told = guardsToTell(guards);
  return markup`<ul>
${told.map((guard) => markup`<li>${guardSentence(guard)}${worstMarkup(guard)}</li>\n`)}</ul>
<p>If this is not meant, revert the change. If it is meant, either of two ways lets it through:</p>
<h4>An allowance, reviewed in a pull request</h4>
<p>Put this among the policies. It lifts the named limits up to these numbers, and ends by itself.</p>
${commandMarkup(allowanceLines(guards, at))}
<h4>This plan alone, now</h4>
${
  DIGEST.test(digest)
    ? markup`<p>Set <code>TOKEN</code> to the daemon’s API token (<code>daemon.apiToken</code>) and <code>DAEMON</code> to the address of this page, such as <code>http://127.0.0.1:8080</code>.</p>
${commandMarkup([
  'curl -X POST "$DAEMON/api/reconcile" \\',
  '  -H "Authorization: Bearer $TOKEN" \\',
  "  -H 'Content-Type: application/json' \\",
  `  -d '{"accept":"${digest}"}'`,
])}`
    : markup`<p>Ask <code>POST /api/reconcile</code> to accept the digest <code>${digest}</code>.</p>`
}`;
};

const worstMarkup = (guard: GuardVerdict): Markup | null => {
  const worst = worstOf(guard);
  return worst.length === 0
    ? null
    : markup` Most: ${joined(
        worst.map(({ queue, count }) => markup`${nameMarkup(queue)} (${count})`),
        markup`, `,
      )}.`;
};

/** The measures that an allowance can name. */
const MEASURES = ['queuesChanged', 'codesRemoved', 'codesRemovedPerQueue', 'codesPerQueue'];

const WEEK_MS = 7 * 86_400_000;

const allowanceLines = (guards: readonly GuardVerdict[], at: string): readonly string[] => [
  'apiVersion: wrapkeeper/v1',
  'kind: GuardAllowance',
  'metadata: { name: FILL-IN }',
  'spec:',
  ...guards
    .filter(({ verdict, measure }) => verdict === 'refuse' && MEASURES.includes(measure))
    .map(({ measure, actual }) => `  ${measure}: ${actual}`),
  '  reason: FILL IN',
  `  until: ${new Date(Date.parse(at) + WEEK_MS).toISOString().replace(/\.\d+Z$/, 'Z')}`,
];
