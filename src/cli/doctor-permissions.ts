/** Which permissions the credentials have, found out by using them: reads alone. */
import { checksOf } from '../domain/check.js';
import type { Check } from '../domain/check.js';
import { AppError } from '../domain/errors.js';
import type { Division, LiveCode, LiveQueue, Organization } from '../domain/state.js';
import { quoteFew } from '../domain/text.js';
import { confirmAbsences } from '../apply/read-org.js';
import type { Listing } from '../apply/ports.js';
import type { ReadingConnection } from '../genesys/client.js';
import { count } from '../report/words.js';
import { resolveDesired } from '../resolve/resolve.js';
import type { OrgAsked } from './doctor-org.js';

const { ok, warning, failure, skipped, error: errorCheck } = checksOf('permissions');

/** What was read, or why not. */
type Read<Value> = { readonly value: Value } | { readonly error: AppError };

const attempt = async <Value>(read: () => Promise<Value>): Promise<Read<Value>> => {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof AppError && error.code !== 'cli.interrupted') return { error };
    throw error;
  }
};

/** Uses every permission that a read needs, once; each answers for itself. */
export const checkPermissions = async (
  { reader, probes }: ReadingConnection,
  { workspace, session }: OrgAsked,
  organization: Organization,
): Promise<readonly Check[]> => {
  const { settings, policySet } = workspace;
  const [queues, codes, divisions] = await Promise.all([
    attempt(() => reader.listQueues()),
    attempt(() => reader.listCodes()),
    attempt(() => reader.listDivisions()),
  ]);
  const [queue] = 'value' in queues ? queues.value.items : [];
  const onQueue = async (
    name: string,
    use: (queue: LiveQueue) => Promise<unknown>,
    found: string,
    /** What is missed without it; null: it is needed. */
    missed: string | null,
  ): Promise<Check> => {
    if (queue === undefined) return skipped(name, 'no queue is visible that could be asked about');
    const read = await attempt(() => use(queue));
    if ('value' in read) return ok(name, found);
    return missed === null ? errorCheck(name, read.error) : without(name, read.error, missed);
  };
  const audits = await attempt(() => probes.audits());
  return [
    'value' in queues ? visibleQueues(queues.value) : errorCheck('queues', queues.error),
    'value' in codes ? visibleCodes(codes.value) : errorCheck('wrap-up codes', codes.error),
    await onQueue(
      'codes of queues',
      ({ id }) => reader.queueCodes(id),
      settings.api === 'public' ? 'can be read' : 'can be read, with their rows, from the gateway',
      null,
    ),
    'value' in divisions
      ? visibleDivisions(divisions.value, 'value' in queues ? queues.value.items : [])
      : without(
          'divisions',
          divisions.error,
          'policies can name only divisions that have visible queues',
        ),
    ...(policiesAreBroken(workspace)
      ? [skipped('references', 'the policies have errors')]
      : 'value' in queues && 'value' in codes
        ? [
            await checkReferences({
              reader,
              lists: {
                organization,
                queues: queues.value.items,
                queuesReadAt: queues.value.readAt,
                codes: codes.value.items,
                divisions:
                  'value' in divisions
                    ? divisions.value.items
                    : queues.value.items.map(({ division }) => division),
                pages: { queues: queues.value.pages, codes: codes.value.pages },
              },
              policySet,
              settings,
              now: session.io.clock.now(),
            }),
          ]
        : []),
    'value' in audits
      ? ok(
          'audits',
          audits.value === 'realtime'
            ? 'the audit log answers at once (audits:audit:view)'
            : 'the audit log answers by queries that run for a while; realtime is not served (audits:audit:view)',
        )
      : without(
          'audits',
          audits.error,
          'nobody is told who changed a queue, and a daemon reads everything at each sweep',
        ),
    await onQueue(
      'observations',
      ({ id }) => probes.observations(id),
      'how busy a queue is can be asked (analytics:queueObservation:view)',
      settings.activity.onBusy === 'hold' ? null : '`activity.onBusy: hold` would hold every queue',
    ),
    await onQueue(
      'aggregates',
      ({ id }) => probes.aggregates(id),
      'how interactions ended can be asked (analytics:conversationAggregate:view)',
      '`compliance` cannot tell how interactions ended',
    ),
    ...unprovable(policySet.catalogs),
  ];
};

/** Not needed for everything: what fails is told with what it costs. */
const without = (name: string, error: AppError, missed: string): Check => ({
  ...errorCheck(name, error, 'warning'),
  message: `${error.message.replace(/\.$/, '')}. Without it ${missed}.`,
});

const visibleQueues = ({ items }: Listing<LiveQueue>): Check => {
  if (items.length === 0)
    return warning(
      'queues',
      'none is visible, though they may be listed',
      'Give the role of the OAuth client the divisions of the queues.',
    );
  return ok('queues', `${count(items.length, 'queue')} visible (routing:queue:view)`);
};

const visibleCodes = ({ items }: Listing<LiveCode>): Check =>
  items.length === 0
    ? warning(
        'wrap-up codes',
        'none is visible, though they may be listed',
        'Give the role of the OAuth client the divisions of the codes, or let a catalog create them.',
      )
    : ok('wrap-up codes', `${count(items.length, 'code')} visible (routing:wrapupCode:view)`);

const visibleDivisions = ({ items }: Listing<Division>, queues: readonly LiveQueue[]): Check => {
  const inUse = new Set(queues.map(({ division }) => division.id));
  const empty = items.filter(({ id }) => !inUse.has(id)).map(({ name }) => name);
  const rest =
    empty.length === 0 ? '' : `; no queue is visible in ${quoteFew(empty)}: is one missing there?`;
  return ok('divisions', `${count(items.length, 'division')} readable${rest}`);
};

/** What is told of a broken policy would only be half of it. */
const policiesAreBroken = ({ diagnostics }: OrgAsked['workspace']): boolean =>
  diagnostics.some(
    ({ code, severity }) => severity === 'error' && code !== 'settings.organization-required',
  );

/** Whether what the policies name is there: what `plan` would stop at. */
const checkReferences = async ({
  reader,
  lists,
  policySet,
  settings,
  now,
}: {
  readonly reader: ReadingConnection['reader'];
  readonly lists: Parameters<typeof confirmAbsences>[1];
} & Pick<OrgAsked['workspace'], 'policySet' | 'settings'> & {
    readonly now: number;
  }): Promise<Check> => {
  const resolve = (inventory: typeof lists) =>
    resolveDesired({ policySet, inventory, settings, now });
  const first = resolve(lists);
  const corrected = await attempt(() => confirmAbsences(reader, lists, first.absent));
  if ('error' in corrected) return errorCheck('references', corrected.error);
  const desired = corrected.value === null ? first : resolve(corrected.value);
  const errors = desired.diagnostics.filter(({ severity }) => severity === 'error');
  const [worst] = errors;
  if (worst === undefined)
    return ok('references', `all are found; ${count(desired.queues.length, 'queue')} governed`);
  const place = worst.span === null ? '' : `${worst.span.file}:${worst.span.line}: `;
  return failure(
    'references',
    worst.code,
    `${count(errors.length, 'error')}${errors.length === 1 ? '' : ', the first'}: ${place}${worst.message}`,
    errors.length === 1 ? worst.remedy : '`wrapkeeper plan` shows all, with what to do about each.',
  );
};

const unprovable = (catalogs: OrgAsked['workspace']['policySet']['catalogs']): readonly Check[] => {
  const entries = catalogs.flatMap(({ codes }) => codes);
  return [
    writing('change queues', 'routing:queue:edit', '`apply` needs it'),
    writing(
      'create codes',
      'routing:wrapupCode:add',
      catalogs.some(({ create }) => create)
        ? 'the catalog creates codes, and needs it'
        : 'no catalog creates codes',
    ),
    writing(
      'rename codes',
      'routing:wrapupCode:edit',
      entries.some(({ previously }) => previously !== null)
        ? 'the catalog renames codes, and needs it'
        : 'no catalog renames codes',
    ),
  ];
};

const writing = (name: string, permission: string, need: string): Check =>
  skipped(name, `${permission} is not provable without a write; ${need}`);
