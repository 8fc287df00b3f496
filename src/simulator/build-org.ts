/** From a seed to the first state of an organization: names become ids, queues get all their fields. */
import type { Models } from 'purecloud-platform-client-v2';
import { DEFAULT_FLAGS } from './assignment-changes.js';
import { ALL_DIVISIONS } from './code-changes.js';
import type { InteractionGroup, OrgState, QueueDocument, QueueRecord } from './org.js';
import { withOwnRule } from './queue-document.js';
import { uuidOf } from './random.js';
import type { SeedCode, SeedInteraction, SeedQueue, SimulatorSeed } from './seed.js';
import { seededFields } from './seeded-fields.js';

/** When everything of a seed was created. */
export const SEEDED_AT = '2025-01-15T09:00:00.000Z';
const DEFAULT_ORGANIZATION = 'Example Contact Centre';

/** Builds the state; `now` is the instant that `agoMs` of interactions counts from. Throws an Error for a name that nothing has. */
export const buildOrg = (seed: SimulatorSeed, now: number): OrgState => {
  const organizationName = seed.organization?.name ?? DEFAULT_ORGANIZATION;
  const organizationId = seed.organization?.id ?? uuidOf('organization', organizationName);
  const author = uuidOf(organizationId, 'user', 'founder');
  const divisions = byName(
    'division',
    (seed.divisions ?? [{ name: 'Home' }]).map((division, index, all) => {
      const id = division.id ?? uuidOf(organizationId, 'division', division.name);
      const homeIndex = Math.max(
        0,
        all.findIndex((each) => each.home === true),
      );
      return {
        id,
        name: division.name,
        description: '',
        homeDivision: index === homeIndex,
        selfUri: `/api/v2/authorization/divisions/${id}`,
      };
    }),
  );
  const home = [...divisions.values()].find((division) => division.homeDivision)!;
  const divisionNamed = (name: string | undefined): Models.Division => {
    const division = name === undefined ? home : found(divisions, 'division', name);
    return { id: division.id, name: division.name, selfUri: division.selfUri };
  };

  const toCode = (given: SeedCode): Models.WrapupCode => {
    const code = typeof given === 'string' ? { name: given } : given;
    const id = code.id ?? uuidOf(organizationId, 'code', code.name);
    return {
      id,
      name: code.name,
      division: code.division === '*' ? ALL_DIVISIONS : divisionNamed(code.division),
      ...(code.description === undefined ? {} : { description: code.description }),
      dateCreated: SEEDED_AT,
      dateModified: SEEDED_AT,
      createdBy: author,
      modifiedBy: author,
      selfUri: `/api/v2/routing/wrapupcodes/${id}`,
    };
  };
  const codes = byName('wrap-up code', (seed.codes ?? []).map(toCode));

  const toQueue = (given: SeedQueue): QueueRecord & { readonly name: string } => {
    const id = given.id ?? uuidOf(organizationId, 'queue', given.name);
    const document: QueueDocument = {
      id,
      name: given.name,
      ...seededFields({ ...given, id }),
      ...(given.acwSettings === undefined
        ? {}
        : { acwSettings: given.acwSettings as Models.AcwSettings }),
      division: divisionNamed(given.division),
      dateCreated: SEEDED_AT,
      dateModified: SEEDED_AT,
      createdBy: author,
      modifiedBy: author,
      selfUri: `/api/v2/routing/queues/${id}`,
      ...given.fields,
    };
    const present = Object.entries(document).filter(([, value]) => value !== null);
    return {
      name: given.name,
      document: withOwnRule(Object.fromEntries(present)),
      codes: new Map(
        (given.codes ?? []).map((name) => [
          found(codes, 'wrap-up code', name).id ?? '',
          DEFAULT_FLAGS,
        ]),
      ),
      enabled: given.enabled ?? true,
      staleReference: given.staleReference ?? null,
      activity: {
        interacting: given.activity?.interacting ?? 0,
        waiting: given.activity?.waiting ?? 0,
        onQueueUsers: given.activity?.onQueueUsers ?? 0,
      },
    };
  };
  const queues = byName('queue', (seed.queues ?? []).map(toQueue));

  const toInteractions = (given: SeedInteraction): InteractionGroup => ({
    queueId: found(queues, 'queue', given.queue).document.id ?? '',
    wrapUpCode:
      given.code === null || given.code.startsWith('ININ-')
        ? given.code
        : (found(codes, 'wrap-up code', given.code).id ?? ''),
    mediaType: given.mediaType ?? 'voice',
    count: given.count ?? 1,
    acwMs: given.acwMs ?? 20_000,
    at: given.at === undefined ? now - (given.agoMs ?? 3_600_000) : Date.parse(given.at),
  });

  return {
    organization: {
      id: organizationId,
      name: organizationName,
      defaultLanguage: 'en-US',
      defaultCountryCode: 'US',
      thirdPartyOrgName: organizationName.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
      domain: 'example.org',
      version: 1,
      state: 'active',
      voicemailEnabled: false,
      productPlatform: 'PureCloud',
      features: {},
      selfUri: `/api/v2/organizations/${organizationId}`,
    },
    divisions: byId([...divisions.values()], (division) => division.id),
    codes: byId([...codes.values()], (code) => code.id),
    queues: byId(
      [...queues.values()].map(({ name: _name, ...record }) => record),
      ({ document }) => document.id,
    ),
    interactions: (seed.interactions ?? []).map(toInteractions),
  };
};

const byName = <Item extends { readonly name: string }>(
  kind: string,
  items: readonly Item[],
): ReadonlyMap<string, Item> => {
  const named = new Map<string, Item>();
  for (const item of items) {
    if (named.has(item.name)) throw new Error(`The seed has two of one ${kind}: ${item.name}`);
    named.set(item.name, item);
  }
  return named;
};

const byId = <Item>(
  items: readonly Item[],
  idOf: (item: Item) => string | undefined,
): ReadonlyMap<string, Item> => new Map(items.map((item) => [idOf(item) ?? '', item]));

const found = <Item>(items: ReadonlyMap<string, Item>, kind: string, name: string): Item => {
  const item = items.get(name);
  if (item === undefined)
    throw new Error(`The seed names a ${kind} that it does not have: ${name}`);
  return item;
};
