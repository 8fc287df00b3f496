/** What people read on GitHub of a plan: the comment on a pull request, the issue about drift. */
import type { Plan } from '../domain/change.js';
import type { Secret } from '../domain/secret.js';
import { oneLine } from '../domain/text.js';
import { setsOutToWrite } from '../plan/forecast.js';
import { assemble, code } from '../report/markdown.js';
import { isIdle } from '../report/plan-words.js';
import { visible } from '../report/visible.js';
import { count } from '../report/words.js';
import { failureBlocks, isPlanCut, page, renderPlanPage } from './blocks.js';
import type { Ending } from './ending.js';
import { mark, MARKER_LENGTH } from './marker.js';
import { ownPart } from './outputs.js';

/** What GitHub takes for a comment or an issue, in characters. */
const BODY_LIMIT = 65_536;
/** For what stands around a plan: its marker, and the lines below it. */
const AROUND = MARKER_LENGTH + 1_500;

/** What a comment is about. */
export interface CommentSubject {
  readonly organization: string;
  /** The newest commit of the pull request. */
  readonly head: string;
  /** The page of this run, or null. */
  readonly run: string | null;
  /** With which it is sealed, or null. */
  readonly key: Secret | null;
}

/**
 * The comment on a pull request, its marker included. What is cut short, or could not be planned, has no digest
 * that could be taken for reviewed.
 */
export const renderComment = (
  ended: Ending,
  { organization, head, run, key }: CommentSubject,
): string => {
  const { plan } = ended;
  const limit = BODY_LIMIT - AROUND;
  const isPlanned = plan !== null && ended.failure === null;
  const isCut = isPlanned && isPlanCut(plan, limit);
  const text = isPlanned
    ? renderPlanPage(plan, limit)
    : assemble(
        [
          ...failureBlocks(ended),
          `Nothing was planned for the organization ${code(organization)}.`,
        ],
        limit,
      );
  const base = plan?.base;
  const reviewed = isCut || !isPlanned ? null : (base?.digest ?? null);
  const where = run === null ? 'the job summary' : `[the job summary](${run})`;
  const body = page(
    text.trimEnd(),
    isCut
      ? `**This comment is cut.** All of it stands in ${where}. Nothing is applied from a cut comment: after the merge, run the workflow by hand with \`accept-digest\`.`
      : '',
    `<sub>Planned for ${code(head.slice(0, 7))}${base === undefined ? '' : ` against ${code(base.commit.slice(0, 7))}`}; more in ${where}.${reviewed === null || plan === null ? '' : ` ${outlook(plan)}`}</sub>`,
  );
  return mark({ kind: 'plan', organization, head, reviewed, cut: isCut }, body, key);
};

/** What becomes of a change once it is merged. */
const outlook = (plan: Plan): string => {
  const own = ownPart(plan);
  if (!setsOutToWrite(own)) return 'After the merge nothing of it is to be written.';
  return own.guards.some(({ verdict }) => verdict === 'refuse')
    ? 'After the merge a guard refuses this: make it smaller, or add a GuardAllowance to the same pull request.'
    : 'After the merge this is applied, and nothing else, if it is still the same.';
};

/** GitHub takes 256 characters for a title. */
const LONGEST_NAME = 150;

/** An issue about drift, its marker included. */
export const renderIssue = (
  plan: Plan,
  { run }: Pick<CommentSubject, 'run'>,
): { readonly title: string; readonly body: string; readonly isWell: boolean } => {
  const { organization } = plan;
  const where = run === null ? '' : `<sub>[This run](${run}) found it.</sub>`;
  const isWell = isIdle(plan);
  const text = page(
    isWell
      ? 'All queues match the policies again.'
      : `${foundSentence(plan)} This issue is updated by every scheduled run, and closed once all is well.`,
    renderPlanPage(plan, BODY_LIMIT - AROUND).trimEnd(),
    where,
  );
  return {
    title: `Wrapkeeper: queues of ${visible(oneLine(organization.name, LONGEST_NAME))} differ from the policies`,
    body: mark(
      { kind: 'drift', organization: organization.id, head: null, reviewed: null, cut: false },
      text,
      // Nothing is applied because of an issue.
      null,
    ),
    isWell,
  };
};

const foundSentence = ({ queues, held, catalog }: Plan): string => {
  const differing = new Set([...queues, ...held].map(({ id }) => id)).size;
  const codes = catalog.create.length + catalog.rename.length;
  return differing === 0
    ? `The scheduled run found ${count(codes, 'code')} to create or rename.`
    : `The scheduled run found ${count(differing, 'queue')} that ${differing === 1 ? 'differs' : 'differ'} from the policies.`;
};
