/** The writing port on the SDK. */
import type { Models } from 'purecloud-platform-client-v2';
import { OutcomeUnknown } from '../apply/ports.js';
import type { OrgWriter, WriteReceipt } from '../apply/ports.js';
import { AppError } from '../domain/errors.js';
import type { QueueId } from '../domain/ids.js';
import type { CodeRows, LiveQueueCodes } from '../domain/state.js';
import { correlationIdOf, platformCodeOf } from './errors.js';
import { isObject, lossyNumbers, textOf } from './json.js';
import { liveCode } from './live-state.js';
import { lossyIn } from './paging.js';
import { bodyOf, differingRows, ROWS_PATH } from './code-rows.js';
import { differingFields, putBody } from './queue-document.js';
import { inScope } from './scope.js';
import { answerOf } from './sdk.js';
import type { SdkAnswer, SdkApis } from './sdk.js';

/** The most codes that the contract takes in one POST. */
const MAX_CODES = 100;

/** A writer. Every call but `renameCode` is one request; that one reads the code first. */
export const createWriter = ({ routing, call }: SdkApis): OrgWriter => ({
  createCode: async ({ name, description, divisionId }) => {
    const answer = await answerOf(
      routing.postRoutingWrapupcodes({
        name,
        ...(description === null ? {} : { description }),
        ...(divisionId === null ? {} : { division: { id: divisionId } }),
      }),
    ).catch((error: unknown) => {
      throw platformCodeOf(error) === 'duplicate.name' ? nameTaken(name, error as AppError) : error;
    });
    const receipt = receiptOf(answer);
    if (textOf(answer.body, 'id') === null) {
      throw new OutcomeUnknown(
        `The answer does not show the new code "${name}".`,
        receipt.correlationId,
      );
    }
    return { ...receipt, code: liveCode(answer.body) };
  },

  renameCode: async ({ id, from, to }) => {
    const { body, text } = await answerOf(routing.getRoutingWrapupcode(id));
    const name = textOf(body, 'name') ?? '';
    if (name.normalize('NFC') !== from.normalize('NFC')) {
      throw new AppError(
        'plan.outdated',
        `The wrap-up code "${from}" (${id}) is called "${name}" by now; it was not renamed.`,
      );
    }
    refuseLossy(lossyIn(lossyNumbers(text), []), `The wrap-up code "${from}"`);
    const { id: _id, selfUri: _selfUri, ...writable } = isObject(body) ? body : {};
    return receiptOf(await answerOf(routing.putRoutingWrapupcode(id, { ...writable, name: to })));
  },

  addCodes: async (queue, codes) => {
    if (codes.length < 1 || codes.length > MAX_CODES)
      throw new RangeError(`1 to ${MAX_CODES} codes a request, not ${codes.length}`);
    return receiptOf(
      await answerOf(
        routing.postRoutingQueueWrapupcodes(
          queue,
          codes.map((id) => ({ id })),
        ),
      ),
    );
  },

  removeCode: async (queue, code) =>
    receiptOf(await answerOf(routing.deleteRoutingQueueWrapupcode(queue, code))),

  putCodes: async (queue, before, changes) => {
    const rows = rowsOf(before);
    refuseUnsafe(rows, queue);
    return receiptOf(
      await answerOf(call('PUT', ROWS_PATH, { queueId: queue }, bodyOf(rows, changes))),
    );
  },

  differingRows: (before, after, changes) => differingRows(rowsOf(before), rowsOf(after), changes),

  updateAfterCallWork: async ({ queue, raw }, to) => {
    refuseLossy(queue.unsafeNumber, `The queue "${queue.name}"`);
    const body = putBody(raw, to) as unknown as Models.QueueRequest;
    return receiptOf(await answerOf(routing.putRoutingQueue(queue.id, body)));
  },

  differingFields,
  withLastCheck: (lastCheck, write) => inScope({ lastCheck }, write),
});

const receiptOf = ({ headers, body }: SdkAnswer): WriteReceipt => ({
  correlationId: correlationIdOf(headers, body),
});

const rowsOf = ({ rows }: LiveQueueCodes): CodeRows => {
  if (rows === undefined)
    throw new Error('only a list that was read with its rows can be replaced');
  return rows;
};

const refuseUnsafe = ({ unsafe }: CodeRows, queue: QueueId): void => {
  if (unsafe === null) return;
  throw new AppError(
    'plan.unsafe',
    `The wrap-up codes of the queue ${queue} were not written: ${unsafe}.`,
  );
};

/** Nobody creates a code that the list shows: so its division is out of sight. */
const nameTaken = (name: string, refusal: AppError): AppError =>
  new AppError(
    'genesys.code-invisible',
    `The wrap-up code "${name}" cannot be created: its name is taken by a code that these credentials cannot see. ${refusal.message}`,
    { correlationId: refusal.correlationId, cause: refusal },
  );

const refuseLossy = (path: string | null, what: string): void => {
  if (path === null) return;
  throw new AppError(
    'plan.unsafe',
    `${what} was not written: the number at ${path} would not survive being read and sent back.`,
  );
};
