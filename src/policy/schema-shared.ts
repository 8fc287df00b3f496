/** What documents of several kinds have in common. */
import type { z } from 'zod';
import { instant, map, mapWithOneOf, name, prose, uuid, word } from './schema-parts.js';

export const API_VERSION = 'wrapkeeper/v1';

/** `apiVersion` and `kind`, which every document begins with. */
export const header = <const Kind extends string>(kind: Kind) => ({
  apiVersion: word('The version of the policy language.', API_VERSION),
  kind: word('What the document is.', kind),
});

/** What a document is called and whose it is. */
export const metadata = (example: string, unique: string) =>
  map('What the document is called and whose it is.', {
    name: name(`Unique among the ${unique} of the repository; plans and events use it.`, example),
    owner: prose(
      'The team or person to ask. Travels into plans and events.',
      'contact-centre-ops',
    ).optional(),
    description: prose('What the document is for.').optional(),
  });

/** A suspension: all three keys are required, and it ends by itself. */
export const suspension = (of: string) =>
  map(`Suspends ${of}: changes are planned and held, nothing is written. It ends by itself.`, {
    reason: prose('Why.', 'Audit week'),
    by: prose('Who decided it.', 'j.doe'),
    until: instant('When it ends.', '2026-12-31T18:00:00Z'),
  });

/** Which queues: all keys of one entry must hold. */
export const queueSelector = mapWithOneOf(
  'All keys of one entry must hold.',
  ['name', 'id', 'division'],
  {
    name: name(
      'The queue\'s "Name". `*` stands for any run of characters, `\\*` for a star. Upper and lower case differ.',
      'Billing *',
      'Support EN',
    ).optional(),
    id: uuid('queue').optional(),
    division: name('The name of the queue\'s "Division".', 'Retail').optional(),
  },
);

export type WrittenSelector = z.output<typeof queueSelector>;
