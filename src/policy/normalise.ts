/** What was written becomes what the core uses: defaults filled in, texts in NFC, instants and durations in milliseconds. */
import { parseDuration } from '../domain/duration.js';
import { requirementOf } from '../domain/requirement.js';
import type { Bypass, Requirement } from '../domain/requirement.js';
import { normaliseName } from '../domain/text.js';
import { GUARD_MEASURES } from './model.js';
import type {
  AfterCallWorkRule,
  CodeReference,
  GuardAllowance,
  ListedCode,
  Provenance,
  QueuePolicy,
  QueueSelector,
  Suspension,
  Unmanaged,
  WrapupCodeCatalog,
  WrapupCodesRule,
} from './model.js';
import type { Path } from './expected.js';
import type { WrittenAllowance, WrittenCatalog, WrittenQueuePolicy } from './schema.js';
import type { WrittenSelector } from './schema-shared.js';

/** Says where the value at a path comes from. */
export type Origin = (path: Path) => Provenance;

const NOTHING_REQUIRED: Requirement = requirementOf(() => false);

const nameOrNull = (text: string | undefined): string | null =>
  text === undefined ? null : normaliseName(text);
const idOrNull = (text: string | undefined): string | null => text?.toLowerCase() ?? null;
const instantOrNull = (text: string | undefined): number | null =>
  text === undefined ? null : Date.parse(text);

/** Milliseconds of a duration that the schema has accepted. */
export const toMs = (text: string): number => parseDuration(text) ?? 0;

/** A suspension with its instant in milliseconds. */
export const toSuspension = (
  written: { reason: string; by: string; until: string } | undefined,
): Suspension | null =>
  written === undefined
    ? null
    : { reason: written.reason, by: written.by, until: Date.parse(written.until) };

/** Selectors with the place of each. */
export const toSelectors = (
  written: readonly WrittenSelector[] | undefined,
  path: Path,
  origin: Origin,
): readonly QueueSelector[] =>
  (written ?? []).map((entry, index) => ({
    name: nameOrNull(entry.name),
    id: idOrNull(entry.id),
    division: nameOrNull(entry.division),
    from: origin([...path, index]),
  }));

/** `kind: QueuePolicy` */
export const toQueuePolicy = (
  { metadata, spec }: WrittenQueuePolicy,
  origin: Origin,
): QueuePolicy => ({
  kind: 'QueuePolicy',
  name: normaliseName(metadata.name),
  owner: metadata.owner ?? null,
  description: metadata.description ?? null,
  priority: spec.priority,
  combine: spec.combine,
  enforcement: spec.enforcement,
  suspend: toSuspension(spec.suspend),
  active: spec.active
    ? {
        from: instantOrNull(spec.active.from),
        until: instantOrNull(spec.active.until),
        afterwards: spec.active.afterwards,
      }
    : null,
  include: toSelectors(spec.queues.include, ['spec', 'queues', 'include'], origin),
  exclude: toSelectors(spec.queues.exclude, ['spec', 'queues', 'exclude'], origin),
  afterCallWork: toAfterCallWork(spec.afterCallWork, origin),
  wrapupCodes: toWrapupCodes(spec.wrapupCodes, origin),
  from: origin(['metadata', 'name']),
});

const toAfterCallWork = (
  written: WrittenQueuePolicy['spec']['afterCallWork'],
  origin: Origin,
): AfterCallWorkRule | Unmanaged | null => {
  if (written === undefined) return null;
  const from = origin(['spec', 'afterCallWork']);
  if (written === 'unmanaged') return { unmanaged: true, from };
  return {
    prompt: written.prompt,
    timeoutMs: written.timeout === undefined ? null : toMs(written.timeout),
    from,
  };
};

const toWrapupCodes = (
  written: WrittenQueuePolicy['spec']['wrapupCodes'],
  origin: Origin,
): WrapupCodesRule | Unmanaged | null => {
  if (written === undefined) return null;
  const path = ['spec', 'wrapupCodes'];
  const from = origin(path);
  if (written === 'unmanaged') return { unmanaged: true, from };
  const defaults = toRequirement(NOTHING_REQUIRED, written);
  return {
    unlisted: written.unlisted,
    codes: (written.codes ?? []).map((code, index): ListedCode => ({
      ...toReference(code, origin([...path, 'codes', index])),
      requirement: typeof code === 'string' ? defaults : toRequirement(defaults, code),
    })),
    codesWritten: written.codes !== undefined,
    forbidden: (written.forbidden ?? []).map((code, index) =>
      toReference(code, origin([...path, 'forbidden', index])),
    ),
    allowEmpty: written.allowEmpty,
    from,
  };
};

const toRequirement = (
  defaults: Requirement,
  written: {
    readonly required?: boolean | undefined;
    readonly bypass?: WrittenBypass | undefined;
  },
): Requirement => ({
  required: written.required ?? defaults.required,
  bypass: toBypass(defaults.bypass, written.bypass),
});

type WrittenBypass = { readonly [Flag in keyof Bypass]?: boolean | undefined };

const toBypass = (defaults: Bypass, written: WrittenBypass | undefined): Bypass => ({
  selfAssignment: written?.selfAssignment ?? defaults.selfAssignment,
  supervisorAssignment: written?.supervisorAssignment ?? defaults.supervisorAssignment,
  agentAssignment: written?.agentAssignment ?? defaults.agentAssignment,
  transfer: written?.transfer ?? defaults.transfer,
  wrapup: written?.wrapup ?? defaults.wrapup,
  postCallWork: written?.postCallWork ?? defaults.postCallWork,
});

const toReference = (
  written: string | { readonly name?: string | undefined; readonly id?: string | undefined },
  from: Provenance,
): CodeReference =>
  typeof written === 'string'
    ? { name: normaliseName(written), id: null, from }
    : { name: nameOrNull(written.name), id: idOrNull(written.id), from };

/** `kind: WrapupCodeCatalog` */
export const toCatalog = (
  { metadata, spec }: WrittenCatalog,
  origin: Origin,
): WrapupCodeCatalog => ({
  kind: 'WrapupCodeCatalog',
  name: normaliseName(metadata.name),
  create: spec.create,
  codes: spec.codes.map((code, index) => ({
    name: normaliseName(code.name),
    description: code.description ?? null,
    division: nameOrNull(code.division),
    previously: nameOrNull(code.previously),
    retired: code.retired,
    create: spec.create && !code.retired,
    from: origin(['spec', 'codes', index]),
  })),
  from: origin(['metadata', 'name']),
});

/** `kind: GuardAllowance` */
export const toAllowance = (
  { metadata, spec }: WrittenAllowance,
  origin: Origin,
): GuardAllowance => ({
  kind: 'GuardAllowance',
  name: normaliseName(metadata.name),
  allows: Object.fromEntries(
    GUARD_MEASURES.flatMap((measure) =>
      spec[measure] === undefined ? [] : [[measure, spec[measure]]],
    ),
  ),
  reason: spec.reason,
  until: Date.parse(spec.until),
  from: origin(['metadata', 'name']),
});
