import { describe, expect, it } from 'vitest';
import { QueueIndex } from '../../src/resolve/queue-index.js';
import { selectQueues } from '../../src/resolve/select.js';
import type { Selection } from '../../src/resolve/select.js';
import { division, liveQueue } from '../support/live.js';
import { selector } from '../support/policy-set.js';

const QUEUES = [
  liveQueue('Billing', { id: 'q1', division: 'Retail' }),
  liveQueue('Billing EN', { id: 'q2', division: 'Retail' }),
  liveQueue('Billing EN Sandbox', { id: 'q3' }),
  liveQueue('R\u00E9clamations', { id: 'q4' }),
  liveQueue('Re\u0301clamations 2', { id: 'q5' }),
  liveQueue('Wrong\u00A0number', { id: 'q6' }),
  liveQueue('5* Hotels', { id: 'q7' }),
];
const DIVISIONS = [division('Home'), division('Retail'), division('Empty')];

type Entry = Parameters<typeof selector>[1];

const select = (include: readonly Entry[], exclude: readonly Entry[] = []): Selection =>
  selectQueues(
    {
      include: include.map((entry, index) => selector('p', entry, 10 + index)),
      exclude: exclude.map((entry, index) => selector('p', entry, 20 + index)),
    },
    new QueueIndex(QUEUES),
    DIVISIONS,
  );

const ids = ({ queues }: Selection): readonly string[] => [...queues].map(({ id }) => id).sort();

describe('selectQueues', () => {
  it.each<[string, Entry, readonly string[]]>([
    ['a name', 'Billing', ['q1']],
    ['a pattern', 'Billing *', ['q2', 'q3']],
    ['a star escaped', '5\\* Hotels', ['q7']],
    ['an id', { id: 'q3' }, ['q3']],
    ['an id and its name', { id: 'q3', name: 'Billing EN Sandbox' }, ['q3']],
    ['an id and a pattern', { id: 'q3', name: 'Billing *' }, ['q3']],
    ['a division', { division: 'Retail' }, ['q1', 'q2']],
    ['a pattern in a division', { name: 'Billing *', division: 'Retail' }, ['q2']],
    ['a name in its division', { name: 'Billing', division: 'Retail' }, ['q1']],
    ['a composed name', 'R\u00E9clamations', ['q4']],
    ['a name that is live decomposed', 'R\u00E9clamations 2', ['q5']],
    ['a prefix that is live in both forms', 'R\u00E9clam*', ['q4', 'q5']],
  ])('takes %s', (_what, entry, expected) => {
    const selection = select([entry]);
    expect(ids(selection)).toEqual(expected);
    expect(selection.diagnostics).toEqual([]);
    expect(selection.absent).toEqual([]);
  });

  it.each<[string, Entry, string, RegExp, string | null]>([
    [
      'a name that nothing has',
      'Biling',
      'reference.unknown-queue',
      /"Biling"/,
      'Did you mean "Billing"?',
    ],
    ['other case', 'billing en', 'reference.unknown-queue', /"billing en"/, '"Billing EN"'],
    [
      'a space for a no-break space',
      'Wrong number',
      'reference.unknown-queue',
      /"Wrong number"/,
      'Wrong<U+00A0 NO-BREAK SPACE>number',
    ],
    [
      'a name like no other',
      'Complaints',
      'reference.unknown-queue',
      /"Complaints"/,
      'may read the division',
    ],
    ['an id that nothing has', { id: 'q0' }, 'reference.unknown-queue', /id q0/, null],
    [
      'an id and its old name',
      { id: 'q2', name: 'Billing GB' },
      'reference.renamed',
      /q2 is named "Billing EN"/,
      'name: "Billing EN"',
    ],
    [
      'an id in another division',
      { id: 'q3', division: 'Retail' },
      'reference.unknown-queue',
      /in the division "Home", not in "Retail"/,
      null,
    ],
    [
      'a name in another division',
      { name: 'Billing', division: 'Home' },
      'reference.unknown-queue',
      /in the division "Retail", not in "Home"/,
      null,
    ],
    [
      'a division that nothing has',
      { division: 'Retial' },
      'reference.unknown-division',
      /"Retial"/,
      'Did you mean "Retail"?',
    ],
    [
      'a pattern in a division that nothing has',
      { name: '*', division: 'Nowhere' },
      'reference.unknown-division',
      /"Nowhere"/,
      null,
    ],
  ])('calls %s an error, in include and in exclude', (_what, entry, code, message, remedy) => {
    for (const selection of [select([entry]), select(['Billing'], [entry])]) {
      expect(selection.diagnostics).toHaveLength(1);
      const [found] = selection.diagnostics;
      expect(found).toMatchObject({ code, severity: 'error' });
      expect(found?.message).toMatch(message);
      if (remedy !== null) expect(found?.remedy).toContain(remedy);
      expect(found?.span?.file).toBe('policies/p.yaml');
    }
  });

  it.each<[string, Entry]>([
    ['a pattern', 'Sales *'],
    ['a known division', { division: 'Empty' }],
    ['a pattern in a known division', { name: 'Billing *', division: 'Empty' }],
  ])('warns of %s that matches nothing', (_what, entry) => {
    for (const selection of [select([entry]), select(['Billing'], [entry])]) {
      expect(selection.diagnostics).toMatchObject([
        { code: 'policy.selects-nothing', severity: 'warning' },
      ]);
      expect(selection.inDoubt).toEqual({ include: false, exclude: false });
    }
  });

  it('lets exclude win', () => {
    expect(ids(select(['Billing*'], ['* Sandbox']))).toEqual(['q1', 'q2']);
    expect(ids(select(['Billing*', { id: 'q3' }], [{ id: 'q3' }]))).toEqual(['q1', 'q2']);
  });

  it('remembers what a list of several pages may have hidden', () => {
    expect(select([{ id: 'q0' }, 'Biling', 'Sales *'], ['Gone']).absent).toEqual([
      { id: 'q0' },
      { name: 'Biling' },
      { name: 'Gone' },
    ]);
  });

  it('is in doubt where an entry is not understood', () => {
    expect(select(['Biling']).inDoubt).toEqual({ include: true, exclude: false });
    expect(select(['Billing'], ['Gone']).inDoubt).toEqual({ include: false, exclude: true });
    expect(select(['Billing'], [{ division: 'Nowhere' }]).inDoubt).toEqual({
      include: false,
      exclude: true,
    });
  });

  it('names the queues that were meant under another name or division', () => {
    const meant = ({ misnamed }: Selection): readonly string[] =>
      [...misnamed.keys()].map(({ id }) => id);
    expect(meant(select([{ id: 'q2', name: 'Old name' }]))).toEqual(['q2']);
    expect(meant(select([{ id: 'q3', division: 'Retail' }]))).toEqual(['q3']);
    expect(meant(select([{ name: 'Billing', division: 'Home' }]))).toEqual(['q1']);
    expect(meant(select(['Biling', { id: 'q0' }]))).toEqual([]);
    expect(meant(select(['Billing'], [{ id: 'q2', name: 'Old name' }]))).toEqual([]);
  });
});
