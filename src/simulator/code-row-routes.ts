/** The opt-in contract `wrapupcodes-put`: all codes of a queue with their flags, read and replaced in one step. */
import { DEFAULT_FLAGS, replaceCodes, type AssignmentRules } from './assignment-changes.js';
import { wrapupCode } from './code-changes.js';
import { PlatformError } from './errors.js';
import type { CodeFlags, Org } from './org.js';
import { requireId } from './paging.js';
import { queueOfPath } from './queue-routes.js';
import { bodyObject, type Exchange, type Route } from './routing.js';

/** One code on a queue, as the contract writes it. */
export interface CodeRow extends CodeFlags {
  readonly wrapupCodeId: string;
}

const PATH = '/api/v2/routing/queues/{queueId}/wrapupcodes';
const MAX_ROWS = 50;
const FLAGS = Object.keys(DEFAULT_FLAGS) as (keyof CodeFlags)[];

/** `GET` all rows, `PUT` all rows. The public way of adding and removing is not offered beside it. */
export const codeRowRoutes = (org: Org, rules: AssignmentRules): Route[] => [
  {
    method: 'GET',
    path: PATH,
    access: ['routing:queue:view'],
    handle: (exchange) => ({ body: rowsOf(queueOfPath(exchange, 'routing:queue:view').codes) }),
  },
  {
    method: 'PUT',
    path: PATH,
    access: ['routing:queue:edit'],
    handle: (exchange) => {
      const { id } = queueOfPath(exchange, 'routing:queue:edit');
      return {
        body: rowsOf(org.apply(exchange.actor, replaceCodes(id, parseRows(exchange), rules))),
      };
    },
  },
];

const rowsOf = (codes: ReadonlyMap<string, CodeFlags>): CodeRow[] =>
  [...codes].map(([wrapupCodeId, flags]) => ({ wrapupCodeId, ...flags }));

const parseRows = ({ body, view }: Exchange): ReadonlyMap<string, CodeFlags> => {
  if (!Array.isArray(body) || body.length > MAX_ROWS) {
    throw new PlatformError('bad.request', { reason: `send an array of at most ${MAX_ROWS} rows` });
  }
  const rows = body.map(bodyObject).map((row) => {
    const id = requireId(row['wrapupCodeId']);
    wrapupCode(view, id);
    return [id, parseFlags(row)] as const;
  });
  const codes = new Map(rows);
  if (codes.size < rows.length) {
    throw new PlatformError('bad.request', { reason: 'a wrap-up code stands in two rows' });
  }
  return codes;
};

const parseFlags = (row: Readonly<Record<string, unknown>>): CodeFlags => {
  const flags = FLAGS.map((flag) => [flag, row[flag] ?? false] as const);
  const wrong = flags.find(([, value]) => typeof value !== 'boolean');
  if (wrong !== undefined) {
    throw new PlatformError('invalid.value', {
      value: JSON.stringify(wrong[1]),
      field: wrong[0],
      allowed: 'true, false',
    });
  }
  return Object.fromEntries(flags) as unknown as CodeFlags;
};
