/** The governed queues and how their interactions ended, as one report: the worst queue first. */
import { byName } from '../domain/order.js';
import type {
  ComplianceReport,
  NamedQueue,
  QueueCompliance,
  QueueEndings,
} from '../domain/compliance.js';
import { problem, warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { QueueId } from '../domain/ids.js';
import type { LiveCode } from '../domain/state.js';
import type { Settings } from '../policy/settings.js';
import type { DesiredQueue } from '../resolve/model.js';
import { addMedia, addNumbers, judgeEndings, requirementOfQueue } from './judge-endings.js';

export interface ComplianceInput {
  /** The governed queues that the report is to be about. */
  readonly queues: readonly DesiredQueue[];
  /** Of every queue that {@link queuesWithEndings} names. */
  readonly endings: ReadonlyMap<QueueId, QueueEndings>;
  readonly codes: readonly LiveCode[];
  readonly api: Settings['api'];
  /** `--fail-under`, or null. */
  readonly failUnder: number | null;
}

export type JudgedCompliance = Pick<
  ComplianceReport,
  'total' | 'media' | 'queues' | 'unread' | 'unmanaged' | 'failUnder'
> & { readonly diagnostics: readonly Diagnostic[] };

/** Queues whose endings can be held against something: those whose codes a policy manages, in report mode too. */
export const queuesWithEndings = (queues: readonly DesiredQueue[]): readonly QueueId[] =>
  queues.filter(({ full }) => full.wrapupCodes !== null).map(({ queue }) => queue.id);

/**
 * Judges every queue by what all its policies say together, those in report mode included: a report is what
 * they are there for. A queue whose endings were not asked for is a bug of the caller.
 */
export const judgeCompliance = (input: ComplianceInput): JudgedCompliance => {
  const { failUnder } = input;
  const names = new Map<string, string>(input.codes.map(({ id, name }) => [id, name]));
  const queues: QueueCompliance[] = [];
  const unread: ComplianceReport['unread'][number][] = [];
  const unmanaged: NamedQueue[] = [];
  for (const desired of input.queues) {
    const { queue, full, policies } = desired;
    const named = { id: queue.id, name: queue.name };
    const codes = full.wrapupCodes;
    if (codes === null) {
      unmanaged.push(named);
      continue;
    }
    const read = input.endings.get(queue.id);
    if (read === undefined) throw new Error(`The endings of queue ${queue.id} were not read.`);
    if (read.kind === 'unread') {
      const { reason, correlationId } = read;
      unread.push({ ...named, reason, correlationId });
      continue;
    }
    const requirement = requirementOfQueue(full, input.api);
    queues.push({
      ...named,
      division: queue.division.name,
      policies,
      requirement,
      prompt: {
        desired: full.afterCallWork?.prompt ?? null,
        live: queue.afterCallWork.prompt,
      },
      ...judgeEndings(read.endings, { codes, requirement, names }),
    });
  }
  queues.sort(worstFirst);
  const under = failUnder === null ? [] : queues.filter((queue) => isUnder(queue, failUnder));
  return {
    total: addNumbers(queues),
    media: addMedia(queues.flatMap(({ media }) => media)),
    queues,
    unread: unread.sort(byName),
    unmanaged: unmanaged.sort(byName),
    failUnder:
      failUnder === null
        ? null
        : { percent: failUnder, queues: under.map(({ id, name }) => ({ id, name })) },
    diagnostics: [
      ...queues.filter(isNotEnforced).map(notEnforced),
      ...under.map(({ name }) =>
        problem({
          code: 'compliance.under',
          message: `Surely less than ${failUnder ?? 0} % of the interactions ended as the policies ask.`,
          remedy: 'Look at which codes were used, or lower --fail-under.',
          queue: name,
        }),
      ),
    ],
  };
};

/** By what is surely as it should be, then by what ended with an allowed code. Nothing ended: nothing to see. */
const worstFirst = (a: QueueCompliance, b: QueueCompliance): number =>
  Number(a.total === 0) - Number(b.total === 0) ||
  shareOf(a.met.least, a) - shareOf(b.met.least, b) ||
  shareOf(a.endings.allowed, a) - shareOf(b.endings.allowed, b) ||
  b.total - a.total ||
  byName(a, b);

const shareOf = (part: number, { total }: QueueCompliance): number =>
  total === 0 ? 1 : part / total;

/** Judged by what it is at best, and by the exact numbers: rounded ones could hide it. */
const isUnder = ({ total, met }: QueueCompliance, percent: number): boolean =>
  total > 0 && met.most * 100 < percent * total;

const isNotEnforced = ({ requirement, prompt }: QueueCompliance): boolean =>
  requirement.requiredIs === 'enforced' && prompt.live !== 'MANDATORY';

const notEnforced = ({ name }: QueueCompliance): Diagnostic =>
  warning({
    code: 'compliance.not-enforced',
    message:
      'A code is required, and the live prompt is not MANDATORY, which the policies ask for to enforce it.',
    remedy:
      '`plan` shows the drift, and whether anything holds it; `apply` corrects what nothing holds.',
    queue: name,
  });
