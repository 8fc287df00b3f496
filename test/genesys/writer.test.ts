import { LosslessNumber } from 'lossless-json';
import { describe, expect, it } from 'vitest';
import { OutcomeUnknown } from '../../src/apply/ports.js';
import type { QueueDocument } from '../../src/apply/ports.js';
import { codeId, divisionId, queueId } from '../../src/domain/ids.js';
import type { CodeId, QueueId } from '../../src/domain/ids.js';
import type { Admin } from '../../src/simulator/admin.js';
import type { FaultEffect } from '../../src/simulator/faults.js';
import { contractAbsence, loadContract } from '../support/contract.js';
import { connected } from './connected.js';
import type { Connected } from './connected.js';
import { thrownBy } from './thrown.js';

const MANDATORY = { prompt: 'MANDATORY', timeoutMs: null } as const;
const TIMED = { prompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 } as const;

const seed = {
  divisions: [{ name: 'Home' }, { name: 'Retail' }],
  codes: [
    'Resolved',
    'Escalated',
    { name: 'Described', description: 'With words', division: 'Retail' },
  ],
  queues: [
    { name: 'Billing', codes: ['Resolved'], acwSettings: { wrapupPrompt: 'OPTIONAL' } },
    { name: 'Sales' },
  ],
};

const billing = ({ simulator }: Connected): QueueId =>
  queueId(simulator.state.queue('Billing').id ?? '');
const code = ({ simulator }: Connected, name: string): CodeId =>
  codeId(simulator.state.code(name).id ?? '');
const documentOf = async (org: Connected): Promise<QueueDocument> => {
  const document = await org.reader.queueDocument(billing(org));
  if (document === null) throw new Error('the queue is gone');
  return document;
};
/** A state as JSON, without the fields that any write moves. */
const settled = (document: unknown): unknown => {
  const {
    dateModified: _at,
    modifiedBy: _by,
    ...rest
  } = JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
  return rest;
};

describe('after-call work', () => {
  it('changes alone: everything else of the queue stays as it was', async () => {
    const org = await connected({ seed });
    const before = settled(org.simulator.state.queue('Billing'));
    const document = await documentOf(org);
    const { correlationId } = await org.writer.updateAfterCallWork(document, TIMED);
    expect(correlationId).toBe(org.simulator.requests.all().at(-1)?.correlationId);
    expect(settled(org.simulator.state.queue('Billing'))).toEqual({
      ...(before as object),
      acwSettings: { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 45_000 },
    });
    expect(org.writer.differingFields(document, await documentOf(org))).toEqual([]);
    expect(org.simulator.requests.effective()).toHaveLength(1);
  });

  it('has no timer beside an untimed prompt', async () => {
    const org = await connected({ seed });
    await org.writer.updateAfterCallWork(await documentOf(org), TIMED);
    await org.writer.updateAfterCallWork(await documentOf(org), MANDATORY);
    expect(org.simulator.state.queue('Billing').acwSettings).toEqual({ wrapupPrompt: 'MANDATORY' });
  });

  it('of a queue with a number that would not survive is not sent', async () => {
    const fields = { peerCount: new LosslessNumber('12345678901234567890') };
    const org = await connected({ seed: { queues: [{ name: 'Billing', fields }] } });
    const document = await documentOf(org);
    const sent = org.reader.requests().sent;
    const error = await thrownBy(() => org.writer.updateAfterCallWork(document, MANDATORY));
    expect(error.code).toBe('plan.unsafe');
    expect(error.message).toContain('the number at peerCount would not survive');
    expect(org.reader.requests().sent).toBe(sent);
  });

  it('shows an edit of somebody else between read and read-back', async () => {
    const org = await connected({ seed });
    const document = await documentOf(org);
    await org.writer.updateAfterCallWork(document, TIMED);
    org.simulator.admin.editQueue('Billing', {
      callingPartyName: 'Changed',
      scoringMethod: 'PriorityOnly',
    });
    expect(org.writer.differingFields(document, await documentOf(org))).toEqual([
      'callingPartyName',
      'scoringMethod',
    ]);
  });

  it('that is refused for a reference of somebody else names the field', async () => {
    const org = await connected({ seed });
    org.simulator.admin.setStaleReference('Billing', 'queueFlow.id');
    const document = await documentOf(org);
    const error = await thrownBy(() => org.writer.updateAfterCallWork(document, MANDATORY));
    expect(error.code).toBe('genesys.rejected');
    expect(error.message).toMatch(
      /: 400 constraint\.validation, .*field queueFlow\.id: .*Correlation id /,
    );
  });
});

describe('codes on a queue', () => {
  it('are added together and removed one by one', async () => {
    const org = await connected({ seed });
    await org.writer.addCodes(billing(org), [code(org, 'Escalated'), code(org, 'Described')]);
    expect(org.simulator.state.codesOf('Billing')).toEqual(['Described', 'Escalated', 'Resolved']);
    await org.writer.removeCode(billing(org), code(org, 'Resolved'));
    expect(org.simulator.state.codesOf('Billing')).toEqual(['Described', 'Escalated']);
    expect(org.reader.requests()).toEqual({ sent: 2, retried: 0, throttled: 0 });
  });

  it('are added 1 to 100 at a time', async () => {
    const org = await connected({ seed });
    const tooMany = Array.from({ length: 101 }, () => code(org, 'Resolved'));
    await expect(org.writer.addCodes(billing(org), tooMany)).rejects.toThrow(
      '1 to 100 codes a request, not 101',
    );
    await expect(org.writer.addCodes(billing(org), [])).rejects.toThrow(RangeError);
    expect(org.reader.requests().sent).toBe(0);
  });

  it('may be refused because the queue is gone', async () => {
    const org = await connected({ seed });
    const queue = billing(org);
    org.simulator.admin.deleteQueue('Billing');
    await expect(org.writer.removeCode(queue, code(org, 'Resolved'))).rejects.toMatchObject({
      code: 'genesys.not-found',
    });
  });
});

describe('codes of the organization', () => {
  it('are created with what the catalog says', async () => {
    const org = await connected({ seed });
    const retail = org.simulator.state.code('Described').division?.id ?? '';
    const created = await org.writer.createCode({
      name: 'Call back',
      description: 'Later',
      divisionId: divisionId(retail),
    });
    expect(created.code).toEqual({
      id: org.simulator.state.code('Call back').id,
      name: 'Call back',
    });
    expect(created.correlationId).not.toBeNull();
    expect(org.simulator.state.code('Call back')).toMatchObject({
      description: 'Later',
      division: { name: 'Retail' },
    });
    await org.writer.createCode({
      name: 'Everywhere',
      description: null,
      divisionId: divisionId('*'),
    });
    expect(org.simulator.state.code('Everywhere').division?.id).toBe('*');
    await org.writer.createCode({ name: 'Plain', description: null, divisionId: null });
    expect(org.simulator.state.code('Plain').division?.name).toBe('Home');
  });

  it('that exist out of sight cannot be created, and that is told', async () => {
    const grants = [{ permissions: '*' as const, divisions: ['Home'] }];
    const org = await connected({ seed, clients: [{ id: 'demo', secret: 'demo', grants }] });
    expect(await org.reader.findCodes({ name: 'Described' })).toEqual([]);
    const error = await thrownBy(() =>
      org.writer.createCode({ name: 'Described', description: null, divisionId: null }),
    );
    expect(error).toMatchObject({
      code: 'genesys.code-invisible',
      correlationId: expect.any(String) as string,
    });
    expect(error.message).toContain(
      'its name is taken by a code that these credentials cannot see',
    );
  });

  it('are renamed and keep everything else', async () => {
    const org = await connected({ seed });
    const before = org.simulator.state.code('Described');
    const id = codeId(before.id ?? '');
    await org.writer.renameCode({ id, from: 'Described', to: 'Told' });
    expect(settled(org.simulator.state.code('Told'))).toEqual({
      ...(settled(before) as object),
      name: 'Told',
    });
    expect(org.reader.requests().sent).toBe(2);
  });

  it('are not renamed when somebody else has done so', async () => {
    const org = await connected({ seed });
    const id = code(org, 'Resolved');
    org.simulator.admin.renameCode('Resolved', 'Solved');
    const error = await thrownBy(() => org.writer.renameCode({ id, from: 'Resolved', to: 'Done' }));
    expect(error.code).toBe('plan.outdated');
    expect(error.message).toContain('is called "Solved" by now');
    expect(org.simulator.state.code('Solved').id).toBe(id);
  });
});

describe('a write without a sure answer', () => {
  const troubles: readonly (readonly [string, FaultEffect<Admin>, boolean])[] = [
    ['a 503 before it took effect', { kind: 'error', status: 503, when: 'before' }, false],
    ['a 503 after it took effect', { kind: 'error', status: 503, when: 'after' }, true],
    ['a 408', { kind: 'error', status: 408, when: 'before' }, false],
    ['a connection cut before', { kind: 'cut', when: 'before' }, false],
    ['a connection cut after', { kind: 'cut', when: 'after' }, true],
    ['an answer cut in the middle', { kind: 'cut', when: 'midway' }, true],
    ['a page of HTML after', { kind: 'html', when: 'after' }, true],
  ];

  it.each(troubles)('is sent once, and not known: %s', async (_name, effect, tookEffect) => {
    const org = await connected({ seed });
    org.simulator.faults.add({
      match: { method: 'POST', path: '/api/v2/routing/queues/{queueId}/wrapupcodes' },
      effect,
    });
    const error = await org.writer
      .addCodes(billing(org), [code(org, 'Escalated')])
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OutcomeUnknown);
    expect(org.simulator.state.codesOf('Billing').includes('Escalated')).toBe(tookEffect);
    expect(org.reader.requests()).toEqual({ sent: 1, retried: 0, throttled: 0 });
    const logged = org.simulator.requests.all().at(-1);
    if (logged?.status !== null && effect.kind === 'error') {
      expect((error as OutcomeUnknown).correlationId).toBe(logged?.correlationId);
    }
  });
});

describe('a write that was not taken', () => {
  it('is repeated after 429', async () => {
    const org = await connected({ seed });
    const startedAt = org.clock.now();
    org.simulator.faults.add({
      match: { method: 'PUT' },
      times: 2,
      effect: { kind: 'error', status: 429, retryAfterSeconds: 9 },
    });
    await org.writer.updateAfterCallWork(await documentOf(org), MANDATORY);
    expect(org.clock.now() - startedAt).toBeGreaterThanOrEqual(18_000);
    expect(org.reader.requests()).toEqual({ sent: 4, retried: 2, throttled: 2 });
    expect(org.simulator.requests.effective()).toHaveLength(1);
  });

  it('is a conflict after 409, and not repeated', async () => {
    const org = await connected({ seed });
    org.simulator.faults.add({ match: { method: 'PUT' }, effect: { kind: 'error', status: 409 } });
    const document = await documentOf(org);
    const error = await thrownBy(() => org.writer.updateAfterCallWork(document, MANDATORY));
    expect(error.code).toBe('genesys.conflict');
    expect(org.reader.requests()).toEqual({ sent: 2, retried: 0, throttled: 0 });
  });

  it('for want of a permission names it', async () => {
    const grants = [
      { permissions: ['routing:queue:view', 'routing:wrapupCode:view'], divisions: '*' as const },
    ];
    const org = await connected({ seed, clients: [{ id: 'demo', secret: 'demo', grants }] });
    const error = await thrownBy(() => org.writer.addCodes(billing(org), [code(org, 'Escalated')]));
    expect(error.message).toContain('without the permission routing:queue:edit');
  });
});

describe.skipIf(contractAbsence !== null)(
  `the vendor's contract (${contractAbsence ?? 'present'})`,
  () => {
    it('allows everything that is sent', async () => {
      const org = await connected({ seed, pageCaps: { queueCodes: { max: 1, over: 'clamp' } } });
      const { reader, writer } = org;
      await reader.organization();
      await Promise.all([reader.listQueues(), reader.listCodes(), reader.listDivisions()]);
      await reader.findQueues({ id: billing(org) });
      await reader.findQueues({ name: 'Billing' });
      await reader.findCodes({ id: code(org, 'Resolved') });
      await reader.findCodes({ name: 'Resolved' });
      const { code: created } = await writer.createCode({
        name: 'New',
        description: 'D',
        divisionId: divisionId('*'),
      });
      await writer.renameCode({ id: created.id, from: 'New', to: 'Newer' });
      await writer.addCodes(billing(org), [created.id]);
      await reader.queueCodes(billing(org));
      await writer.updateAfterCallWork(await documentOf(org), TIMED);
      await writer.removeCode(billing(org), created.id);
      const contract = loadContract();
      const logged = org.simulator.requests.all().filter(({ route }) => route !== '/oauth/token');
      expect(logged.length).toBe(org.reader.requests().sent);
      expect(logged.flatMap((entry) => contract.violations(entry))).toEqual([]);
    });
  },
);
