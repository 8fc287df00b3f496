import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildOrg } from '../../src/simulator/build-org.js';
import { generateSeed } from '../../src/simulator/generate.js';
import type { OrgState } from '../../src/simulator/org.js';
import { parseSeed, readSeed } from '../../src/simulator/seed.js';
import { FakeClock, NOW } from '../support/fake-clock.js';
import { simulate } from './driver.js';

const plain = (state: OrgState): unknown =>
  JSON.parse(
    JSON.stringify(state, (_key, value: unknown) => (value instanceof Map ? [...value] : value)),
  );

describe('a generated org', () => {
  it('is the same for the same size and seed, and another for another seed', () => {
    const build = (seed: number) =>
      plain(buildOrg(generateSeed({ queues: 60, codes: 50, seed }), NOW));
    expect(build(7)).toEqual(build(7));
    expect(build(7)).not.toEqual(build(8));
  });

  it('answers alike, byte for byte, ids of what is created and correlation ids included', async () => {
    const talk = async (): Promise<unknown> => {
      const { simulator, call } = await simulate({ size: { queues: 5 }, clock: new FakeClock() });
      await call('GET /api/v2/routing/queues');
      await call('POST /api/v2/routing/wrapupcodes', { name: 'New' });
      await call('GET /api/v2/routing/wrapupcodes?name=New');
      return simulator.requests.all();
    };
    expect(await talk()).toEqual(await talk());
  });

  it.each([1, 25, 500, 3_000])(
    'of %i queues has so many, each with a name of its own',
    (queues) => {
      const seed = generateSeed({ queues, codes: 200 });
      expect(new Set(seed.queues?.map(({ name }) => name)).size).toBe(queues);
      expect(buildOrg(seed, NOW).queues.size).toBe(queues);
      expect(seed.codes).toHaveLength(201);
    },
  );

  it('has names in several scripts, queues without codes, and timers that no write may send', () => {
    const { queues = [] } = generateSeed({ queues: 200 });
    const names = queues.map(({ name }) => name);
    for (const script of [/^Billing EN$/, /[äöü]/, /\p{Script=Han}/u, /\p{Script=Hiragana}/u]) {
      expect(names).toContainEqual(expect.stringMatching(script));
    }
    const timers = queues.map(({ acwSettings }) => acwSettings?.timeoutMs);
    expect(timers).toEqual(expect.arrayContaining([0, 7_200_000]));
    expect(queues.some(({ codes }) => codes?.length === 0)).toBe(true);
    expect(queues.some(({ activity }) => (activity?.interacting ?? 0) > 0)).toBe(true);
  });

  it('has families of queues that are mostly alike, and a few queues that have drifted', () => {
    const { queues = [] } = generateSeed({ queues: 300 });
    const names = [...new Set(queues.map(({ name }) => name.split(' ')[0] ?? ''))];
    expect(names).toHaveLength(9);
    for (const family of names) {
      const rules = queues
        .filter(({ name }) => name.startsWith(family))
        .map(({ acwSettings, codes }) => JSON.stringify([acwSettings, codes]));
      const most = Math.max(...rules.map((rule) => rules.filter((other) => other === rule).length));
      expect(most).toBeGreaterThan(rules.length * 0.7);
      expect(most).toBeLessThan(rules.length);
    }
  });

  it('is what a simulator has unless told otherwise', async () => {
    const { simulator } = await simulate();
    expect(simulator.state.queueNames()).toHaveLength(25);
    expect(simulator.state.code('Default Wrap-up Code').id).toBe(
      '7fb334b0-0e9e-11e4-9191-0800200c9a66',
    );
  });
});

describe('a written seed', () => {
  it('keeps the ids that it gives, and derives the others from names', () => {
    const id = 'aaaaaaaa-aaaa-4aaa-aaaa-aaaaaaaaaaaa';
    const seed = { queues: [{ name: 'A', id }, { name: 'B' }] };
    const [first, second] = [...buildOrg(seed, NOW).queues.keys()];
    expect(first).toBe(id);
    const reordered = buildOrg({ queues: [{ name: 'B' }] }, NOW);
    expect([...reordered.queues.keys()]).toEqual([second]);
  });

  it('can set and take away any field of a queue', () => {
    const seed = { queues: [{ name: 'A', fields: { bullseye: null, peerId: 'x' } }] };
    const [record] = [...buildOrg(seed, NOW).queues.values()];
    expect(record?.document).not.toHaveProperty('bullseye');
    expect(record?.document).toMatchObject({ peerId: 'x', enableTranscription: true });
  });

  it.each([
    [{ queues: [{ name: 'A', codes: ['Gone'] }] }, 'wrap-up code that it does not have: Gone'],
    [{ queues: [{ name: 'A', division: 'Gone' }] }, 'division that it does not have: Gone'],
    [{ interactions: [{ queue: 'Gone', code: 'ININ-X' }] }, 'queue that it does not have: Gone'],
    [{ codes: ['A', 'A'] }, 'two of one wrap-up code: A'],
  ])('says what is wrong in %j', (seed, message) => {
    expect(() => buildOrg(seed, NOW)).toThrow(message);
  });

  it('is read from a file, large numbers whole', async () => {
    const file = path.join(tmpdir(), `wrapkeeper-seed-${process.pid}.json`);
    onTestFinished(() => rm(file));
    await writeFile(file, '{"queues":[{"name":"A","fields":{"big":12345678901234567890}}]}');
    const seed = await readSeed(file);
    const { simulator } = await simulate({ seed });
    expect(String(simulator.state.queue('A')['big'])).toBe('12345678901234567890');
  });

  it('works as the documentation shows it', async () => {
    const page = await readFile(path.resolve('docs/simulator.md'), 'utf8');
    const example = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const { simulator } = await simulate({ seed: parseSeed(JSON.parse(example)) });
    expect(simulator.state.queueNames()).toEqual(['Billing EN', 'Störungen']);
  });

  it('is checked: every mistake is told at once', () => {
    expect(() => parseSeed({ queue: [], codes: [{ nam: 'A' }] })).toThrow(
      /The simulator's seed is not valid:[\s\S]*queue/,
    );
    expect(parseSeed({ queues: [{ name: 'A' }] })).toEqual({ queues: [{ name: 'A' }] });
  });
});

describe('an administrator', () => {
  it('changes what the API then shows', async () => {
    const { simulator, call } = await simulate({
      seed: { codes: ['A'], queues: [{ name: 'Billing' }] },
    });
    const { admin, state } = simulator;
    admin.addCode('Billing', 'A');
    admin.setAcw('Billing', { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 0 });
    admin.editQueue('Billing', { bullseye: null, description: 'edited' });
    admin.renameQueue('Billing', 'Invoices');
    expect(state.codesOf('Invoices')).toEqual(['A']);
    const { body } = await call(`GET /api/v2/routing/queues/${state.queue('Invoices').id}`);
    expect(body).toMatchObject({
      name: 'Invoices',
      description: 'edited',
      acwSettings: { timeoutMs: 0 },
      modifiedBy: admin.user.id,
    });
    expect(body).not.toHaveProperty('bullseye');
    expect(() => admin.addCode('Billing', 'A')).toThrow('no queue named Billing');
    expect(() => admin.addCode('Invoices', 'B')).toThrow('no wrap-up code named B');
  });
});
