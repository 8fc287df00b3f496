import { describe, expect, it } from 'vitest';
import type { QueueSelector } from '../../src/policy/model.js';
import type { ChangeWindow } from '../../src/policy/settings.js';
import { QueueIndex } from '../../src/resolve/queue-index.js';
import { selectWindows } from '../../src/resolve/windows.js';
import { division, liveQueue } from '../support/live.js';
import { at } from '../support/policy-set.js';

const QUEUES = [
  liveQueue('Billing EN', { division: 'Retail' }),
  liveQueue('Billing DE'),
  liveQueue('Sales', { division: 'Retail', id: 'sales' }),
];

const entry = (rest: Partial<QueueSelector>): QueueSelector => ({
  name: null,
  id: null,
  division: null,
  ...rest,
  from: at('settings', 7),
});

const select = (...queues: readonly QueueSelector[]) => {
  const window: ChangeWindow = {
    kind: 'allow',
    schedule: '0 2 * * *',
    durationMs: 60_000,
    timeZone: 'UTC',
    queues,
  };
  const { windows, diagnostics, absent } = selectWindows([window], new QueueIndex(QUEUES), [
    division('Retail'),
    division('Home'),
  ]);
  const [selected] = windows;
  const ids = selected === undefined || selected.queues === 'all' ? 'all' : [...selected.queues];
  return {
    names: ids === 'all' ? ids : QUEUES.flatMap(({ id, name }) => (ids.includes(id) ? name : [])),
    inDoubt: selected?.inDoubt,
    codes: diagnostics.map(({ code, severity }) => `${severity} ${code}`),
    absent,
  };
};

describe('the queues of a change window', () => {
  it.each<[string, readonly QueueSelector[], 'all' | readonly string[]]>([
    ['are all where none is named', [], 'all'],
    ['are those of a pattern', [entry({ name: 'Billing *' })], ['Billing EN', 'Billing DE']],
    ['those of a division', [entry({ division: 'Retail' })], ['Billing EN', 'Sales']],
    ['those of both', [entry({ name: 'Billing *', division: 'Retail' })], ['Billing EN']],
    ['one by its id', [entry({ id: 'sales' })], ['Sales']],
    [
      'and those of several entries together',
      [entry({ id: 'sales' }), entry({ name: 'Billing DE' })],
      ['Billing DE', 'Sales'],
    ],
  ])('%s', (_what, queues, names) => {
    expect(select(...queues)).toEqual({ names, inDoubt: false, codes: [], absent: [] });
  });

  it.each<[string, QueueSelector, string]>([
    ['a name that no queue has', entry({ name: 'Billing FR' }), 'error reference.unknown-queue'],
    ['an id that no queue has', entry({ id: 'gone' }), 'error reference.unknown-queue'],
    ['an unknown division', entry({ division: 'Retial' }), 'error reference.unknown-division'],
    ['an id under another name', entry({ id: 'sales', name: 'Sale' }), 'error reference.renamed'],
  ])('are in doubt where an entry is %s: the others count', (_what, wrong, code) => {
    expect(select(wrong, entry({ name: 'Billing DE' }))).toMatchObject({
      names: ['Billing DE'],
      inDoubt: true,
      codes: [code],
    });
  });

  it('are none, and never all, where the only entry is not understood', () => {
    expect(select(entry({ name: 'Billing FR' }))).toMatchObject({
      names: [],
      inDoubt: true,
      absent: [{ name: 'Billing FR' }],
    });
  });

  it('are none, without doubt, where a pattern matches nothing', () => {
    expect(select(entry({ name: 'Support *' }))).toEqual({
      names: [],
      inDoubt: false,
      codes: ['warning policy.selects-nothing'],
      absent: [],
    });
  });
});
