/** The rows of `wrapupcodes-put`: read and replaced over HTTP, against the simulator and what it does not do. */
import { onTestFinished, describe, expect, it } from 'vitest';
import { OutcomeUnknown } from '../../src/apply/ports.js';
import type { RowChanges } from '../../src/apply/ports.js';
import { codeId, queueId } from '../../src/domain/ids.js';
import type { CodeId, QueueId } from '../../src/domain/ids.js';
import { requirementOf } from '../../src/domain/requirement.js';
import type { RequirementFlag } from '../../src/domain/requirement.js';
import { Secret } from '../../src/domain/secret.js';
import { connect } from '../../src/genesys/client.js';
import type { Admin } from '../../src/simulator/admin.js';
import type { FaultEffect } from '../../src/simulator/faults.js';
import { FakeClock } from '../support/fake-clock.js';
import { requirement } from '../support/policy-set.js';
import { connected } from './connected.js';
import type { Connected } from './connected.js';
import { startStub } from './stub-server.js';
import type { Reply } from './stub-server.js';
import { thrownBy } from './thrown.js';
import { ROW_OFF as OFF } from '../support/rows.js';

const api = 'wrapupcodes-put';
const ROWS = '/api/v2/routing/queues/{queueId}/wrapupcodes';
const OPEN = requirement(false);
const NOTHING: RowChanges = { add: [], update: [], remove: [] };

const gateway = (): Promise<Connected> =>
  connected(
    {
      api,
      seed: {
        codes: ['Resolved', 'Escalated', 'Other'],
        queues: [{ name: 'Billing', codes: ['Resolved', 'Other'] }, { name: 'Sales' }],
      },
    },
    { api },
  );
const billing = ({ simulator }: Connected): QueueId =>
  queueId(simulator.state.queue('Billing').id ?? '');
const code = ({ simulator }: Connected, name: string): { id: CodeId; name: string } => ({
  id: codeId(simulator.state.code(name).id ?? ''),
  name,
});
const flagsOf = ({ simulator }: Connected, name: string) =>
  simulator.state.flagsOf('Billing')[name];

describe('reading', () => {
  it('gives every code its row, in one request whatever their number, and the names of the catalog', async () => {
    const org = await gateway();
    org.simulator.admin.setCodeFlags('Billing', 'Other', { isRequired: true, allowTransfer: true });
    await org.reader.listCodes();
    const { sent } = org.reader.requests();
    const { codes, pages, readAt, rows } = await org.reader.queueCodes(billing(org));
    expect(codes).toEqual([
      { ...code(org, 'Resolved'), requirement: OPEN },
      { ...code(org, 'Other'), requirement: requirement(true, { transfer: true }) },
    ]);
    expect({ pages, readAt, unsafe: rows?.unsafe }).toEqual({
      pages: 1,
      readAt: org.clock.now(),
      unsafe: null,
    });
    expect(org.reader.requests().sent).toBe(sent + 1);
    expect(org.simulator.requests.all().at(-1)).toMatchObject({ method: 'GET', route: ROWS });
  });

  it('calls a code that no list has shown by its id', async () => {
    const org = await gateway();
    const { id } = code(org, 'Resolved');
    const { codes } = await org.reader.queueCodes(billing(org));
    expect(codes[0]).toEqual({ id, name: id, requirement: OPEN });
  });

  it('learns a name that was asked for by itself', async () => {
    const org = await gateway();
    await org.reader.findCodes({ name: 'Resolved' });
    const { codes } = await org.reader.queueCodes(billing(org));
    expect(codes[0]?.name).toBe('Resolved');
  });

  it('of a queue that is gone says so', async () => {
    const org = await gateway();
    const queue = billing(org);
    org.simulator.admin.deleteQueue('Billing');
    expect((await thrownBy(() => org.reader.queueCodes(queue))).code).toBe('genesys.not-found');
  });

  it('finds no rows in the pages of the public API', async () => {
    const org = await connected({ seed: { queues: [{ name: 'Billing' }] } }, { api });
    const error = await thrownBy(() => org.reader.queueCodes(billing(org)));
    expect(error.code).toBe('genesys.not-genesys');
    expect(error.message).toContain('is no array of rows');
    expect(error.diagnostics[0]?.remedy).toContain('`api: public`');
  });
});

describe('replacing', () => {
  it.each<[RequirementFlag, keyof typeof OFF]>([
    ['required', 'isRequired'],
    ['selfAssignment', 'allowSelfAssignment'],
    ['supervisorAssignment', 'allowSupervisorAssignment'],
    ['agentAssignment', 'allowAgentAssignment'],
    ['transfer', 'allowTransfer'],
    ['wrapup', 'allowWrapup'],
    ['postCallWork', 'allowPostCallWork'],
  ])('%s is %s, there and back', async (flag, field) => {
    const org = await gateway();
    const row = requirementOf((name) => name === flag);
    const before = await org.reader.queueCodes(billing(org));
    await org.writer.putCodes(billing(org), before, {
      ...NOTHING,
      add: [{ ...code(org, 'Escalated'), requirement: row }],
    });
    expect(flagsOf(org, 'Escalated')).toEqual({ ...OFF, [field]: true });
    const { codes } = await org.reader.queueCodes(billing(org));
    expect(codes.at(-1)?.requirement).toEqual(row);
  });

  it('adds, changes and removes in one request, and keeps what else was read', async () => {
    const org = await gateway();
    org.simulator.admin.addCode('Billing', 'Escalated');
    org.simulator.admin.setCodeFlags('Billing', 'Escalated', { allowWrapup: true });
    const before = await org.reader.queueCodes(billing(org));
    const receipt = await org.writer.putCodes(billing(org), before, {
      add: [],
      update: [{ ...code(org, 'Resolved'), from: OPEN, to: requirement(true) }],
      remove: [code(org, 'Other')],
    });
    expect(org.simulator.state.flagsOf('Billing')).toEqual({
      Resolved: { ...OFF, isRequired: true },
      Escalated: { ...OFF, allowWrapup: true },
    });
    const written = org.simulator.requests.effective();
    expect(written.map(({ method, route }) => `${method} ${route}`)).toEqual([`PUT ${ROWS}`]);
    expect(receipt.correlationId).toBe(written[0]?.correlationId);
  });

  it('can empty the list', async () => {
    const org = await gateway();
    const before = await org.reader.queueCodes(billing(org));
    await org.writer.putCodes(billing(org), before, { ...NOTHING, remove: before.codes });
    expect(org.simulator.state.codesOf('Billing')).toEqual([]);
  });

  it('shows an edit of somebody else between read and read-back, by the codes that nobody meant', async () => {
    const org = await gateway();
    const before = await org.reader.queueCodes(billing(org));
    const changes = { ...NOTHING, add: [{ ...code(org, 'Escalated'), requirement: OPEN }] };
    await org.writer.putCodes(billing(org), before, changes);
    const after = await org.reader.queueCodes(billing(org));
    expect(org.writer.differingRows(before, after, changes)).toEqual([]);
    org.simulator.admin.setCodeFlags('Billing', 'Resolved', { allowWrapup: true });
    org.simulator.admin.removeCode('Billing', 'Other');
    const edited = await org.reader.queueCodes(billing(org));
    expect(org.writer.differingRows(before, edited, changes)).toEqual([
      code(org, 'Resolved').id,
      code(org, 'Other').id,
    ]);
  });

  it('needs a list that was read with its rows', async () => {
    const org = await gateway();
    const { rows: _rows, ...bare } = await org.reader.queueCodes(billing(org));
    await expect(org.writer.putCodes(billing(org), bare, NOTHING)).rejects.toThrow('with its rows');
  });
});

describe('a PUT without a sure answer', () => {
  it.each<[string, FaultEffect<Admin>, boolean]>([
    ['a 503 before it took effect', { kind: 'error', status: 503, when: 'before' }, false],
    ['a 500 after it took effect', { kind: 'error', status: 500, when: 'after' }, true],
    ['a connection cut before', { kind: 'cut', when: 'before' }, false],
    ['a connection cut after', { kind: 'cut', when: 'after' }, true],
  ])('is sent once, and not known: %s', async (_name, effect, tookEffect) => {
    const org = await gateway();
    const before = await org.reader.queueCodes(billing(org));
    const { sent } = org.reader.requests();
    org.simulator.faults.add({ match: { method: 'PUT', path: ROWS }, effect });
    const error = await org.writer
      .putCodes(billing(org), before, { ...NOTHING, remove: before.codes })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OutcomeUnknown);
    expect(org.simulator.state.codesOf('Billing').length === 0).toBe(tookEffect);
    expect(org.reader.requests()).toEqual({ sent: sent + 1, retried: 0, throttled: 0 });
  });

  it('is repeated after 429', async () => {
    const org = await gateway();
    const before = await org.reader.queueCodes(billing(org));
    org.simulator.faults.add({
      match: { method: 'PUT', path: ROWS },
      times: 2,
      effect: { kind: 'error', status: 429, retryAfterSeconds: 9 },
    });
    await org.writer.putCodes(billing(org), before, { ...NOTHING, remove: before.codes });
    expect(org.reader.requests()).toMatchObject({ retried: 2, throttled: 2 });
    expect(org.simulator.requests.effective()).toHaveLength(1);
  });

  it.each([
    [400, 'genesys.rejected'],
    [409, 'genesys.conflict'],
  ])('is refused by %i, and not repeated', async (status, expected) => {
    const org = await gateway();
    const before = await org.reader.queueCodes(billing(org));
    const { sent } = org.reader.requests();
    org.simulator.faults.add({
      match: { method: 'PUT', path: ROWS },
      effect: { kind: 'error', status },
    });
    const error = await thrownBy(() => org.writer.putCodes(billing(org), before, NOTHING));
    expect(error.code).toBe(expected);
    expect(org.reader.requests().sent).toBe(sent + 1);
  });
});

describe('rows that say more, or less, than the contract', () => {
  const QUEUE = queueId('11111111-1111-4111-8111-111111111111');

  /** A gateway that answers reads of rows with this text, and keeps the bodies of writes. */
  const answering = async (text: string) => {
    const stub = await startStub(({ url, method }): Reply => {
      if (url.startsWith('/oauth'))
        return { json: { access_token: 't', token_type: 'bearer', expires_in: 9_000 } };
      return method === 'PUT'
        ? { json: [] }
        : { text, headers: { 'content-type': 'application/json' } };
    });
    const connection = await connect({
      credentials: { clientId: 'c', clientSecret: new Secret('s') },
      gateway: { host: '127.0.0.1', port: stub.port, protocol: 'http' },
      limits: { requestsPerMinute: 300, concurrency: 8 },
      clock: new FakeClock(),
      random: () => 0.5,
      environment: {},
      api,
    });
    onTestFinished(() => connection.close());
    const bodies = (): readonly unknown[] =>
      stub.requests
        .filter(({ method }) => method === 'PUT')
        .map(({ body }): unknown => JSON.parse(body));
    return { ...connection, bodies };
  };

  it('leaves out a flag: it is off', async () => {
    const { reader } = await answering(
      '[{"wrapupCodeId":"a","isRequired":true,"allowWrapup":null}]',
    );
    const { codes, rows } = await reader.queueCodes(QUEUE);
    expect(codes).toEqual([{ id: 'a', name: 'a', requirement: requirement(true) }]);
    expect(rows?.unsafe).toBeNull();
  });

  it('has a flag that is no boolean: the row is not understood, and goes back as it came', async () => {
    const { reader, writer, bodies } = await answering(
      '[{"wrapupCodeId":"a","allowWrapup":"maybe"},{"wrapupCodeId":"b"}]',
    );
    const before = await reader.queueCodes(QUEUE);
    expect(before.codes.map(({ requirement: row }) => row)).toEqual([null, OPEN]);
    expect(before.rows?.unsafe).toBeNull();
    await writer.putCodes(QUEUE, before, { ...NOTHING, remove: [{ id: codeId('b'), name: 'b' }] });
    expect(bodies()).toEqual([[{ wrapupCodeId: 'a', allowWrapup: 'maybe' }]]);
  });

  it('has fields that nobody knows: they go back as they came, beside the flags that change', async () => {
    const { reader, writer, bodies } = await answering(
      '[{"wrapupCodeId":"a","isRequired":true,"order":2,"nested":{"x":[null]}},{"wrapupCodeId":"b","order":1,"__proto__":{"y":1}}]',
    );
    const before = await reader.queueCodes(QUEUE);
    await writer.putCodes(QUEUE, before, {
      ...NOTHING,
      update: [{ id: codeId('a'), name: 'a', from: requirement(true), to: OPEN }],
      add: [{ id: codeId('c'), name: 'c', requirement: requirement(true) }],
    });
    expect(JSON.stringify(bodies())).toBe(
      JSON.stringify([
        [
          {
            wrapupCodeId: 'a',
            isRequired: false,
            order: 2,
            nested: { x: [null] },
            ...noFlag('isRequired'),
          },
          JSON.parse('{"wrapupCodeId":"b","order":1,"__proto__":{"y":1}}'),
          { wrapupCodeId: 'c', ...OFF, isRequired: true },
        ],
      ]),
    );
  });

  it.each([
    [
      'a row without an id',
      '[{"wrapupCodeId":"a"},{"isRequired":true}]',
      'row 2 of its wrap-up codes has no `wrapupCodeId`',
    ],
    ['something that is no row', '[7]', 'row 1 of its wrap-up codes has no `wrapupCodeId`'],
    [
      'a code in two rows',
      '[{"wrapupCodeId":"a"},{"wrapupCodeId":"a","isRequired":true}]',
      'its wrap-up code "a" stands in two rows',
    ],
    [
      'a number that a double does not hold',
      '[{"wrapupCodeId":"a","nested":{"order":12345678901234567890}}]',
      'the field nested.order in row 1 of its wrap-up codes holds a number that would not survive being read and written back',
    ],
  ])('has %s: the list is read, and never written', async (_what, text, unsafe) => {
    const { reader, writer, bodies } = await answering(text);
    const before = await reader.queueCodes(QUEUE);
    expect(before.rows?.unsafe).toBe(unsafe);
    expect(before.codes.map(({ id }) => id)).toEqual(text === '[7]' ? [] : ['a']);
    const error = await thrownBy(() => writer.putCodes(QUEUE, before, NOTHING));
    expect(error.code).toBe('plan.unsafe');
    expect(error.message).toContain(unsafe);
    expect(bodies()).toEqual([]);
  });
});

/** All flags off but one, which stands elsewhere, in the order in which they are written. */
const noFlag = (without: string): object =>
  Object.fromEntries(Object.entries(OFF).filter(([flag]) => flag !== without));
