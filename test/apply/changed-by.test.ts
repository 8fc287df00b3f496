import { expect, it } from 'vitest';
import { toChangedBy } from '../../src/apply/changed-by.js';
import type { LastChange } from '../../src/apply/ports.js';
import type { ChangedBy } from '../../src/domain/journal.js';
import { NOW } from '../support/fake-clock.js';

it.each<[LastChange, ChangedBy]>([
  [
    {
      by: 'exact',
      author: { kind: 'user', id: 'u-1', name: 'Ada Admin', isOurs: false },
      at: NOW,
      action: 'Update',
    },
    {
      by: 'exact',
      kind: 'user',
      id: 'u-1',
      name: 'Ada Admin',
      at: '2026-11-23T09:00:00.000Z',
      action: 'Update',
    },
  ],
  [
    {
      by: 'window',
      author: { kind: 'client', id: 'c-1', name: null, isOurs: true },
      at: NOW,
      action: 'WrapupCodeAdd',
    },
    {
      by: 'window',
      kind: 'client',
      id: 'c-1',
      name: null,
      at: '2026-11-23T09:00:00.000Z',
      action: 'WrapupCodeAdd',
    },
  ],
  [
    { by: 'unknown', why: 'nobody answered' },
    { by: 'unknown', why: 'nobody answered' },
  ],
  [
    { by: 'unknown', why: null },
    { by: 'unknown', why: null },
  ],
])('who changed a queue is kept as data (%#)', (change, expected) => {
  expect(toChangedBy(change)).toEqual(expected);
});
