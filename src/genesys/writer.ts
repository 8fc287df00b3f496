/** The writing port on the SDK. */
import type { Models } from 'purecloud-platform-client-v2';
import { OutcomeUnknown } from '../apply/ports.js';
import type { OrgWriter, WriteReceipt } from '../apply/ports.js';
import { AppError } from '../domain/errors.js';
import { correlationIdOf, platformCodeOf } from './errors.js';
import { isObject, lossyNumbers, textOf } from './json.js';
import { liveCode } from './live-state.js';
import { lossyIn } from './paging.js';
import { differingFields, putBody } from './queue-document.js';
import { answerOf, answerOfWrite } from './sdk.js';
import type { SdkAnswer, SdkApis } from './sdk.js';

/** The most codes that the contract takes in one POST. */
const MAX_CODES = 100;

/** A writer. Every call but `renameCode` is one request; that one reads the code first. */
export const createWriter = ({ routing }: SdkApis): OrgWriter => ({
  createCode: async ({ name, description, divisionId }, lastLook) => {
    const answer = await answerOfWrite(lastLook, () =>
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

  renameCode: async ({ id, from, to }, lastLook) => {
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
    return receiptOf(
      await answerOfWrite(lastLook, () =>
        routing.putRoutingWrapupcode(id, { ...writable, name: to }),
      ),
    );
  },

  addCodes: async (queue, codes, lastLook) => {
    if (codes.length < 1 || codes.length > MAX_CODES)
      throw new RangeError(`1 to ${MAX_CODES} codes a request, not ${codes.length}`);
    return receiptOf(
      await answerOfWrite(lastLook, () =>
        routing.postRoutingQueueWrapupcodes(
          queue,
          codes.map((id) => ({ id })),
        ),
      ),
    );
  },

  removeCode: async (queue, code, lastLook) =>
    receiptOf(
      await answerOfWrite(lastLook, () => routing.deleteRoutingQueueWrapupcode(queue, code)),
    ),

  updateAfterCallWork: async ({ queue, raw }, to, lastLook) => {
    refuseLossy(queue.unsafeNumber, `The queue "${queue.name}"`);
    const body = putBody(raw, to) as unknown as Models.QueueRequest;
    return receiptOf(await answerOfWrite(lastLook, () => routing.putRoutingQueue(queue.id, body)));
  },

  differingFields,
});

const receiptOf = ({ headers, body }: SdkAnswer): WriteReceipt => ({
  correlationId: correlationIdOf(headers, body),
});

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
