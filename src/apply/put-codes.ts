/**
 * The codes of a queue in one atomic PUT (`wrapupcodes-put`), which replaces the whole list: a read of its
 * own comes first, however new the last one is, because what it does not show is lost.
 *
 * | the list afterwards | the PUT is sent                                                       |
 * |---------------------|-----------------------------------------------------------------------|
 * | has a code          | before after-call work: whoever must choose a code finds one          |
 * | is empty            | after it, and only while the prompt, as it is then, needs no code     |
 */
import { warning } from '../domain/diagnostics.js';
import type { Diagnostic } from '../domain/diagnostics.js';
import type { QueueId } from '../domain/ids.js';
import type { LiveCode, LiveQueueCodes } from '../domain/state.js';
import { quoteFew } from '../domain/text.js';
import { unsafeRows } from '../plan/code-rows.js';
import type { OrgWriter, RowChanges } from './ports.js';
import { howManyOf, updated } from './queue-codes.js';
import type { CodeSets, QueueCodes } from './queue-codes.js';
import { Ends } from './send-step.js';
import type { Effect, StepSender } from './send-step.js';

/** What happens to the codes of a queue, around its after-call work. */
export interface CodeSteps {
  readonly beforeWork: () => Promise<void>;
  readonly afterWork: () => Promise<void>;
}

export interface PutCodesInput {
  readonly queue: QueueId;
  readonly name: string;
  readonly sets: CodeSets;
  /** Whether the plan leaves the queue without a code. */
  readonly empties: boolean;
  readonly codes: QueueCodes;
  readonly sender: StepSender;
  readonly writer: Pick<OrgWriter, 'putCodes' | 'differingRows'>;
  /** Called before the list is emptied: throws where the prompt needs a code. */
  readonly makeSureThatNoneIsNeeded: () => Promise<void>;
  readonly tell: (finding: Diagnostic) => void;
}

/** At most one PUT, before after-call work or after it. */
export const putCodes = (input: PutCodesInput): CodeSteps => {
  let isDone = false;
  return {
    beforeWork: async () => {
      if (!input.empties) isDone = await put(input, { mayEmpty: false });
    },
    afterWork: async () => {
      if (!isDone) await put(input, { mayEmpty: true });
    },
  };
};

/** Whether it is done: sent and read back, or not needed any more. It is put off where it may not empty the list. */
const put = async (
  input: PutCodesInput,
  { mayEmpty }: { readonly mayEmpty: boolean },
): Promise<boolean> => {
  const { queue, sets, codes, sender, writer } = input;
  const before = await codes.readAfresh(sets);
  if (effectOn(before, sets) === 'whole') return true;
  const unsafe = unsafeRows(before, sets);
  if (unsafe !== null) throw new Ends('held', `unsafe: ${unsafe}`);
  if (isEmptied(before, sets)) {
    if (!mayEmpty) return false;
    await input.makeSureThatNoneIsNeeded();
  }
  const changes = rowChanges(sets);
  await sender.send({
    action: 'put-codes',
    detail: detailOf(sets),
    isFinal: true,
    readAt: () => before.readAt,
    send: () => writer.putCodes(queue, before, changes),
    look: async () => effectOn(await codes.read(), sets),
  });
  const after = await codes.readBack(sets);
  const differing = new Set(writer.differingRows(before, after, changes));
  if (differing.size > 0) input.tell(others(input, differing, [...before.codes, ...after.codes]));
  return true;
};

/** Nobody was here since the plan but for codes that are not managed, so that all of `remove` is there. */
const isEmptied = ({ codes }: LiveQueueCodes, { add, remove }: CodeSets): boolean =>
  add.length === 0 && codes.length === remove.length;

/** How much of the change a list shows. It is made whole or not at all: a part is somebody else's doing. */
const effectOn = (live: LiveQueueCodes, { add, update, remove }: CodeSets): Effect => {
  const parts: readonly Effect[] = [
    ...[...add, ...update.map(updated)].map((code) => howManyOf([code], live)),
    ...remove.map((code): Effect => (howManyOf([code], live) === 'none' ? 'whole' : 'none')),
  ];
  if (parts.every((part) => part === 'whole')) return 'whole';
  return parts.includes('whole') ? 'part' : 'none';
};

const rowChanges = ({ add, update, remove }: CodeSets): RowChanges => ({
  add: add.map(({ id, name, requirement }) => {
    if (requirement === undefined)
      throw new Error(`The code ${id} is to be added without its row.`);
    return { id, name, requirement };
  }),
  update,
  remove,
});

/** For people: `+ Escalated, ~ Resolved, - Other`. */
const detailOf = ({ add, update, remove }: CodeSets): string =>
  [
    ...add.map(({ name }) => `+ ${name}`),
    ...update.map(({ name }) => `~ ${name}`),
    ...remove.map(({ name }) => `- ${name}`),
  ].join(', ');

const others = (
  input: PutCodesInput,
  differing: ReadonlySet<string>,
  codes: readonly LiveCode[],
): Diagnostic => {
  const nameOf = new Map<string, string>(codes.map(({ id, name }) => [id, name]));
  const names = [...differing].map((id) => nameOf.get(id) ?? id);
  return warning({
    code: 'apply.readback-differs',
    message: `After the write these codes of the queue differ from what was sent: ${quoteFew(names)}.`,
    remedy: 'Somebody else may have edited the queue at the same moment: look at it.',
    queue: input.name,
  });
};
